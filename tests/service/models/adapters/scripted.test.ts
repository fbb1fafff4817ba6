import assert from "node:assert/strict";
import { type Script, scriptedAdapter, scriptSchema } from "../../../../service/src/models/adapters/scripted.js";
import { type ChatEvent, embeddingRequest, usageOf } from "../../../../service/src/models/chat.js";
import { embed } from "../../../../service/src/models/embedder.js";
import { asking, failureOf, finish, playUpstream, text } from "./play-upstream.js";

/** Nothing is ever sent to it. */
const { access, sent } = playUpstream({ body: "" });
const answer = (given: object = {}, script: Script = {}) => scriptedAdapter(script).chat(asking(given), "m1", access);

async function message(given: object = {}, script: Script = {}) {
  const [choice] = (await answer(given, script)).choices;
  return choice?.message;
}

async function stream(given: object = {}, script: Script = {}): Promise<readonly (readonly ChatEvent[])[]> {
  const lists: (readonly ChatEvent[])[] = [];
  for await (const events of scriptedAdapter(script).stream(asking(given), "m1", access)) lists.push(events);
  return lists;
}

const user = (content: string) => ({ role: "user", content });
const tools = ["weather", "now"].map((name) => ({ type: "function", function: { name } }));

describe("a scripted model", () => {
  after(() => assert.deepEqual(sent, []));

  it("says what it was asked when it has no script, the same each time", async () => {
    const expected = {
      choices: [{ index: 0, message: { role: "assistant", content: "You said: Hi" }, finish_reason: "stop" }],
      usage: usageOf(1, 3),
    };
    assert.deepEqual(await answer(), expected);
    assert.deepEqual(await answer(), expected);
  });

  it("says hello to nobody", async () =>
    assert.equal((await message({ messages: [{ role: "system", content: "Be brief." }] }))?.content, "Hello."));

  it("gives the first reply that fits the last user's message", async () => {
    const script = { replies: [{ when: "rain", say: "Wet." }, { when: "sun", say: "Dry." }, { say: "What?" }] };
    const said = async (...contents: readonly string[]) =>
      (await message({ messages: contents.map(user) }, script))?.content;
    assert.equal(await said("rain", "much sun"), "Dry.");
    assert.equal(await said("rain or sun"), "Wet.");
    assert.equal(await said("snow"), "What?");
    assert.equal(
      (await message({ messages: [user("snow")] }, { replies: [{ when: "rain", say: "x" }] }))?.content,
      "You said: snow",
    );
  });

  it("calls a tool as it was told to, with a word before it or without", async () => {
    const call = { name: "weather", arguments: { town: "Graz" } };
    const made = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"town":"Graz"}' } };
    assert.deepEqual(await message({}, { replies: [{ call }] }), {
      role: "assistant",
      content: null,
      tool_calls: [made],
    });
    assert.deepEqual((await answer({}, { replies: [{ say: "Let me see.", call }] })).choices, [
      {
        index: 0,
        message: { role: "assistant", content: "Let me see.", tool_calls: [made] },
        finish_reason: "tool_calls",
      },
    ]);
  });

  it("calls the tool that it must call", async () => {
    const named = { type: "function", function: { name: "now" } };
    const called = async (tool_choice: unknown) =>
      (await message({ tools, tool_choice }))?.tool_calls?.map((call) => [call.function.name, call.function.arguments]);
    assert.deepEqual(await called("required"), [["weather", "{}"]]);
    assert.deepEqual(await called(named), [["now", "{}"]]);
    assert.equal(await called("auto"), undefined);
    assert.equal(
      await failureOf(answer({ tool_choice: named })),
      "refused: tool_choice.function.name: there is no tool 'now' in tools",
    );
  });

  it("says what a tool said, instead of calling it for ever", async () => {
    const messages = [user("rain"), { role: "tool", tool_call_id: "t1", content: "It does." }];
    const script = { replies: [{ call: { name: "weather", arguments: {} } }] };
    assert.equal(
      (await message({ messages, tools, tool_choice: "required" }, script))?.content,
      "The tool said: It does.",
    );
  });

  it("answers in JSON when it should", async () => {
    for (const response_format of [{ type: "json_object" }, { type: "json_schema", json_schema: { name: "x" } }])
      assert.equal((await message({ response_format }))?.content, '{"answer":"You said: Hi"}');
    assert.equal((await message({ response_format: { type: "text" } }))?.content, "You said: Hi");
  });

  it("gives as many answers as are asked for, all alike", async () => {
    const { choices, usage } = await answer({ n: 2 });
    assert.deepEqual(
      choices.map((choice) => [choice.index, choice.message.content]),
      [
        [0, "You said: Hi"],
        [1, "You said: Hi"],
      ],
    );
    assert.deepEqual(usage, usageOf(1, 6));
  });

  it("streams word by word, to each choice", async () => {
    assert.deepEqual(await stream(), [
      [text("You ")],
      [text("said: ")],
      [text("Hi")],
      [finish("stop"), { type: "usage", usage: usageOf(1, 3) }],
    ]);
    assert.deepEqual(await stream({ n: 2 }, { replies: [{ say: "Yes" }] }), [
      [text("Yes"), text("Yes", 1)],
      [finish("stop"), finish("stop", 1), { type: "usage", usage: usageOf(1, 2) }],
    ]);
  });

  it("streams a call whole", async () => {
    const call = { index: 0, id: "call_1", type: "function" as const, function: { name: "now", arguments: "{}" } };
    assert.deepEqual(await stream({}, { replies: [{ call: { name: "now", arguments: {} } }] }), [
      [{ type: "delta", choice: 0, delta: { tool_calls: [call] } }],
      [finish("tool_calls"), { type: "usage", usage: usageOf(1, 2) }],
    ]);
  });

  it("embeds by the offline embedder", async () => {
    const request = (more: object) => embeddingRequest.parse({ model: "auto", input: ["a b", "c"], ...more });
    const embeddings = (more: object) => scriptedAdapter({}).embed(request(more), "m1", access);
    assert.deepEqual(await embeddings({}), { vectors: [embed("a b"), embed("c")], tokens: 3 });
    assert.deepEqual(await embeddings({ dimensions: 8 }), { vectors: [embed("a b", 8), embed("c", 8)], tokens: 3 });
    assert.equal(await failureOf(embeddings({ dimensions: 1025 })), "unsupported: dimensions: 1025 is above 1024");
  });

  it("is always there", async () => assert.equal(await scriptedAdapter({}).probe(access), undefined));

  it("has a script of replies that say or call something, and nothing else", () => {
    const faultsOf = (given: unknown) =>
      (scriptSchema.safeParse(given).error?.issues ?? []).map(
        ({ path, message: says }) => `${path.join(".")}: ${says}`,
      );
    assert.deepEqual(faultsOf({}), []);
    assert.deepEqual(faultsOf({ replies: [{ when: "a", say: "b", call: { name: "c", arguments: { d: 1 } } }] }), []);
    assert.deepEqual(faultsOf({ replies: [{ when: "a" }] }), ["replies.0: expected say, call or both"]);
    assert.deepEqual(faultsOf({ replies: [{ say: "a", next: "b" }] }), ['replies.0: Unrecognized key: "next"']);
    assert.deepEqual(faultsOf({ replys: [] }), [': Unrecognized key: "replys"']);
  });
});
