import assert from "node:assert/strict";
import fc from "fast-check";
import { anthropic } from "../../../../service/src/models/adapters/anthropic.js";
import { type ChatEvent, embeddingRequest, type ToolCallDelta, usageOf } from "../../../../service/src/models/chat.js";
import { cutUp } from "../pieces.js";
import { asking, bodyFor, failureOf, finish, playUpstream, streamOf, text } from "./play-upstream.js";

const SSE = "text/event-stream";
const frame = (data: { readonly type: string; readonly [more: string]: unknown }) =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const start = (usage: unknown) => frame({ type: "message_start", message: { type: "message", content: [], usage } });
const block = (index: number, content_block: unknown) => frame({ type: "content_block_start", index, content_block });
const delta = (index: number, given: unknown) => frame({ type: "content_block_delta", index, delta: given });
const stop = (index: number) => frame({ type: "content_block_stop", index });
const end = (stop_reason: unknown, usage: unknown) => frame({ type: "message_delta", delta: { stop_reason }, usage });
const END = frame({ type: "message_stop" });
const word = (given: string) => delta(0, { type: "text_delta", text: given });

const stream = (frames: readonly string[], request = asking()) =>
  streamOf(anthropic, { type: SSE, body: frames.join("") }, request);
const usage = (prompt: number, completion: number): ChatEvent => ({
  type: "usage",
  usage: usageOf(prompt, completion),
});
const calling = (call: ToolCallDelta): ChatEvent => ({ type: "delta", choice: 0, delta: { tool_calls: [call] } });

const whole = (more: object = {}) => ({
  type: "message",
  role: "assistant",
  content: [{ type: "text", text: "Hello." }],
  stop_reason: "end_turn",
  usage: { input_tokens: 3, output_tokens: 2 },
  ...more,
});
const chat = (body: unknown, request = asking()) =>
  anthropic.chat(request, "m1", playUpstream({ body: JSON.stringify(body) }).access);

const weather = {
  type: "function",
  function: { name: "weather", description: "Of a town", parameters: { properties: { town: { type: "string" } } } },
} as const;
const called = (args: string) => ({ id: "t1", type: "function", function: { name: "weather", arguments: args } });

describe("the adapter of Anthropic", () => {
  describe("sends", () => {
    it("the least that a request is", async () => {
      const { access, sent } = playUpstream({ body: JSON.stringify(whole()) });
      await anthropic.chat(asking(), "m1", access);
      assert.deepEqual(sent, [
        {
          method: "POST",
          path: "/messages",
          headers: { "anthropic-version": "2023-06-01", "x-api-key": "key-1" },
          body: {
            model: "m1",
            max_tokens: 4096,
            messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
            stream: false,
          },
        },
      ]);
    });

    it("a conversation in its own words", async () => {
      const image = (url: string) => ({ type: "image_url", image_url: { url } });
      const request = asking({
        messages: [
          { role: "system", content: "Be brief." },
          { role: "developer", content: [{ type: "text", text: "Be kind." }] },
          { role: "user", content: "Look:" },
          {
            role: "user",
            content: [image("data:image/PNG;charset=x;base64,AAAA"), image("https://example.com/a.png")],
          },
          { role: "assistant", content: "Let me see.", tool_calls: [called('{"town":"Graz"}'), called("")] },
          { role: "tool", tool_call_id: "t1", content: "Rain" },
          {
            role: "tool",
            tool_call_id: "t2",
            content: [{ type: "text", text: "Sun" }, image("data:image/gif;base64,BB")],
          },
          { role: "tool", tool_call_id: "t3", content: "" },
          {
            role: "user",
            content: [
              { type: "text", text: "" },
              { type: "text", text: "So?" },
            ],
          },
          { role: "assistant", content: null },
        ],
      });
      assert.deepEqual(await bodyFor(anthropic, request), {
        model: "m1",
        max_tokens: 4096,
        stream: false,
        system: "Be brief.\n\nBe kind.",
        messages: [
          {
            role: "user",
            content: [
              { type: "text", text: "Look:" },
              { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
              { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
            ],
          },
          {
            role: "assistant",
            content: [
              { type: "text", text: "Let me see." },
              { type: "tool_use", id: "t1", name: "weather", input: { town: "Graz" } },
              { type: "tool_use", id: "t1", name: "weather", input: {} },
            ],
          },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "Rain" }] },
              {
                type: "tool_result",
                tool_use_id: "t2",
                content: [
                  { type: "text", text: "Sun" },
                  { type: "image", source: { type: "base64", media_type: "image/gif", data: "BB" } },
                ],
              },
              { type: "tool_result", tool_use_id: "t3", content: [] },
              { type: "text", text: "So?" },
            ],
          },
        ],
      });
    });

    const settings: readonly (readonly [what: string, given: object, sent: object])[] = [
      ["the newer limit of tokens first", { max_tokens: 5, max_completion_tokens: 6 }, { max_tokens: 6 }],
      ["the older limit of tokens", { max_tokens: 5 }, { max_tokens: 5 }],
      ["a temperature within its scale", { temperature: 1.5, top_p: 0.5 }, { temperature: 1, top_p: 0.5 }],
      ["a low temperature as it is", { temperature: 0 }, { temperature: 0 }],
      ["where to stop", { stop: "END" }, { stop_sequences: ["END"] }],
      ["several places to stop", { stop: ["a", "b"] }, { stop_sequences: ["a", "b"] }],
      ["for whom", { user: "u1" }, { metadata: { user_id: "u1" } }],
      [
        "the schema of an answer",
        { response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } } },
        { output_config: { format: { type: "json_schema", schema: { type: "object" } } } },
      ],
      [
        "the wish for JSON in words",
        { response_format: { type: "json_object" } },
        { system: "Answer with one JSON object and nothing else: no text around it, no code fence." },
      ],
      ["nothing of a plain format", { response_format: { type: "text" }, stop: null, temperature: null }, {}],
      ["no choice without tools", { tool_choice: "auto", parallel_tool_calls: false, tools: [] }, {}],
      ["nothing that only others know", { seed: 1, made_up: 2, n: 1, logprobs: false }, {}],
    ];
    for (const [what, given, sent] of settings)
      it(what, async () =>
        assert.deepEqual(await bodyFor(anthropic, asking(given)), {
          model: "m1",
          max_tokens: 4096,
          messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
          stream: false,
          ...sent,
        }),
      );

    const tools = [
      {
        name: "weather",
        description: "Of a town",
        input_schema: { type: "object", properties: { town: { type: "string" } } },
      },
      { name: "now", input_schema: { type: "object" } },
    ];
    const choices: readonly (readonly [what: string, given: object, choice: object | undefined])[] = [
      ["that the model may choose", { tool_choice: "auto" }, undefined],
      ["that it must", { tool_choice: "required" }, { type: "any" }],
      ["that it must not", { tool_choice: "none", parallel_tool_calls: false }, { type: "none" }],
      ["which one", { tool_choice: { type: "function", function: { name: "now" } } }, { type: "tool", name: "now" }],
      ["one at a time", { parallel_tool_calls: false }, { type: "auto", disable_parallel_tool_use: true }],
      [
        "exactly one",
        { tool_choice: "required", parallel_tool_calls: false },
        { type: "any", disable_parallel_tool_use: true },
      ],
    ];
    for (const [what, given, choice] of choices)
      it(`tools, and ${what}`, async () => {
        const request = asking({ tools: [weather, { type: "function", function: { name: "now" } }], ...given });
        assert.deepEqual(await bodyFor(anthropic, request), {
          model: "m1",
          max_tokens: 4096,
          messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
          stream: false,
          tools,
          ...(choice === undefined ? {} : { tool_choice: choice }),
        });
      });

    const says = (message: object) => ({ messages: [{ role: "user", content: "Hi" }, message] });
    const image = { type: "image_url", image_url: { url: "ftp://x" } };
    const refused: readonly (readonly [what: string, given: object, failed: string])[] = [
      ["several answers", { n: 2 }, "unsupported: n: Anthropic's API gives one answer; ask 2 times"],
      ["log probabilities", { logprobs: true }, "unsupported: logprobs: Anthropic's API has none; leave it out"],
      [
        "sound",
        says({ role: "user", content: [{ type: "input_audio" }] }),
        "unsupported: messages[1].content[0]: input_audio is not in Anthropic's API; expected text or image_url",
      ],
      [
        "an image that is nowhere",
        says({ role: "user", content: [image] }),
        "refused: messages[1].content[0].image_url.url: expected an http(s) URL, or data:<type>;base64,<data>",
      ],
      [
        "an image of an assistant",
        says({ role: "assistant", content: [{ ...image, image_url: { url: "https://x" } }] }),
        "unsupported: messages[1]: Anthropic's API takes images of a user or a tool only",
      ],
      [
        "arguments that are no JSON",
        says({ role: "assistant", tool_calls: [called("{}"), called("{")] }),
        "refused: messages[1].tool_calls[1].function.arguments: are not the text of a JSON object",
      ],
      [
        "arguments that are no object",
        says({ role: "assistant", tool_calls: [called("[]")] }),
        "refused: messages[1].tool_calls[0].function.arguments: are not the text of a JSON object",
      ],
    ];
    for (const [what, given, failed] of refused)
      it(`never ${what}`, async () => {
        const { access, sent } = playUpstream({ body: JSON.stringify(whole()) });
        assert.equal(await failureOf(anthropic.chat(asking(given), "m1", access)), failed);
        assert.deepEqual(sent, []);
      });
  });

  describe("reads a stream", () => {
    it("of tokens, usage and a finish, and waits for nothing after its end", async () => {
      const body = [
        start({ input_tokens: 3, output_tokens: 1 }),
        block(0, { type: "text", text: "" }),
        frame({ type: "ping" }),
        word("Hel"),
        word("lo"),
        stop(0),
        end("end_turn", { output_tokens: 2 }),
        END,
        "data: junk\n\n",
      ].join("");
      assert.deepEqual(await streamOf(anthropic, { type: SSE, body: [Buffer.from(body)], endless: true }), {
        events: [usage(3, 0), text("Hel"), text("lo"), usage(3, 2), finish("stop")],
        failed: undefined,
      });
    });

    it("with all that was read counted, the cached part too", async () => {
      const counts = { input_tokens: 1, cache_creation_input_tokens: 10, cache_read_input_tokens: 100 };
      const { events } = await stream([start(counts), end("end_turn", { input_tokens: null, output_tokens: 5 })]);
      const details = { prompt_tokens_details: { cached_tokens: 100 } };
      assert.deepEqual(events, [
        { type: "usage", usage: { ...usageOf(111, 0), ...details } },
        { type: "usage", usage: { ...usageOf(111, 5), ...details } },
        finish("stop"),
      ]);
    });

    it("without usage", async () => {
      const { events } = await stream([start(undefined), word("x"), end("end_turn", undefined), END]);
      assert.deepEqual(events, [text("x"), finish("stop")]);
    });

    it("of thoughts", async () => {
      const { events } = await stream([
        block(0, { type: "thinking", thinking: "" }),
        delta(0, { type: "thinking_delta", thinking: "Hm" }),
        delta(0, { type: "thinking_delta", thinking: "" }),
        delta(0, { type: "signature_delta", signature: "abc" }),
      ]);
      assert.deepEqual(events, [{ type: "delta", choice: 0, delta: { reasoning_content: "Hm" } }]);
    });

    it("of tool calls, also of those without arguments", async () => {
      const { events } = await stream([
        block(0, { type: "text", text: "Well" }),
        stop(0),
        block(1, { type: "tool_use", id: "t1", name: "weather", input: {} }),
        delta(1, { type: "input_json_delta", partial_json: "" }),
        delta(1, { type: "input_json_delta", partial_json: '{"town":' }),
        delta(1, { type: "input_json_delta", partial_json: '"Graz"}' }),
        stop(1),
        block(2, { type: "tool_use", id: "t2", name: "now", input: {} }),
        stop(2),
        block(3, { type: "tool_use", id: "t3", name: "whole", input: { a: 1 } }),
        stop(3),
        block(4, { type: "server_tool_use", id: "t4", name: "web_search", input: {} }),
        delta(4, { type: "input_json_delta", partial_json: "{}" }),
        stop(4),
        end("tool_use", { output_tokens: 2 }),
        END,
      ]);
      const head = (index: number, id: string, name: string) =>
        calling({ index, id, type: "function", function: { name, arguments: "" } });
      const tail = (index: number, args: string) => calling({ index, function: { arguments: args } });
      assert.deepEqual(events, [
        text("Well"),
        head(0, "t1", "weather"),
        tail(0, '{"town":'),
        tail(0, '"Graz"}'),
        head(1, "t2", "now"),
        tail(1, "{}"),
        head(2, "t3", "whole"),
        tail(2, '{"a":1}'),
        finish("tool_calls"),
      ]);
    });

    const reasons: Readonly<Record<string, string>> = {
      end_turn: "stop",
      stop_sequence: "stop",
      pause_turn: "stop",
      max_tokens: "length",
      model_context_window_exceeded: "length",
      tool_use: "tool_calls",
      refusal: "content_filter",
      constructor: "stop",
      "of tomorrow": "stop",
    };
    for (const [reason, expected] of Object.entries(reasons))
      it(`that stops for '${reason}' as one that finishes for '${expected}'`, async () =>
        assert.deepEqual((await stream([end(reason, undefined)])).events, [finish(expected)]));

    it("past events and deltas that are not known yet", async () => {
      const { events } = await stream([
        frame({ type: "of tomorrow", delta: 1 }),
        delta(0, { type: "of tomorrow", text: 1 }),
        block(1, { type: "of tomorrow" }),
        stop(1),
        end(null, undefined),
        word("x"),
      ]);
      assert.deepEqual(events, [text("x")]);
    });

    it("that ends too early, and says nothing of a finish", async () =>
      assert.deepEqual(await stream([word("x"), END]), { events: [text("x")], failed: undefined }));

    const faults: readonly (readonly [what: string, frame: string, failed: string])[] = [
      ["what is no JSON", "data: {\n\n", "malformed: the stream has a piece that is no JSON object"],
      ["an event without a type", "event: ping\ndata: {}\n\n", "malformed: the stream has an event without a type"],
      ["a start without a message", frame({ type: "message_start" }), "malformed: message_start has no message"],
      ["a block that is none", block(1, "x"), "malformed: content_block_start has no index or no block"],
      ["a call without a name", block(1, { type: "tool_use", id: "x" }), "malformed: a tool_use has no id or name"],
      [
        "a delta without an index",
        frame({ type: "content_block_delta", delta: { type: "text_delta", text: "x" } }),
        "malformed: content_block_delta has no index or no delta",
      ],
      ["a delta without a type", delta(0, {}), "malformed: content_block_delta has no index or no delta"],
      ["text that is none", delta(0, { type: "text_delta", text: 1 }), "malformed: a block of text has none"],
      ["a thought that is none", delta(0, { type: "thinking_delta" }), "malformed: a block of thinking has none"],
      [
        "arguments of no block",
        delta(7, { type: "input_json_delta", partial_json: "{}" }),
        "malformed: a block goes on that has not begun",
      ],
      ["the end of no block", frame({ type: "content_block_stop" }), "malformed: content_block_stop has no index"],
      ["an end without a delta", frame({ type: "message_delta" }), "malformed: message_delta has no delta"],
      ["a stop_reason that is no text", end(1, undefined), "malformed: a stop_reason is no text"],
      [
        "an error",
        frame({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
        "server_error: an error inside a 200: Overloaded",
      ],
      ["an error without words", frame({ type: "error" }), "server_error: an error inside a 200: without a message"],
    ];
    for (const [what, fault, failed] of faults)
      it(`up to ${what}`, async () =>
        assert.deepEqual(await stream([word("x"), fault, END]), { events: [text("x")], failed }));

    it("alike however it is cut, its faults too", async () => {
      const frames = fc.constantFrom(
        word("ä🦜"),
        end("end_turn", undefined),
        END,
        frame({ type: "ping" }),
        "data: {\r\n\r\n",
      );
      const bodies = fc.array(frames, { maxLength: 6 }).map((all) => Buffer.from(all.join("")));
      await fc.assert(
        fc.asyncProperty(
          bodies.chain((bytes) => fc.tuple(fc.constant(bytes), cutUp(bytes))),
          async ([bytes, pieces]) =>
            assert.deepEqual(
              await streamOf(anthropic, { type: SSE, body: pieces }),
              await streamOf(anthropic, { type: SSE, body: [bytes] }),
            ),
        ),
      );
    });

    it("never of a page, a whole answer or an error with 200", async () => {
      const failed = async (type: string, body: string) => (await streamOf(anthropic, { type, body })).failed;
      const expected = "expected text/event-stream";
      assert.equal(await failed("text/html", "<html>"), `malformed: asked for a stream: got text/html, ${expected}`);
      assert.equal(
        await failed("application/json", JSON.stringify(whole())),
        `malformed: asked for a stream: got application/json, ${expected}`,
      );
      assert.equal(
        await failed("application/json", '{"type":"error","error":{"message":"x"}}'),
        "server_error: an error inside a 200: x",
      );
    });
  });

  describe("reads a whole answer", () => {
    it("with its usage", async () =>
      assert.deepEqual(await chat(whole()), {
        choices: [{ index: 0, message: { role: "assistant", content: "Hello." }, finish_reason: "stop" }],
        usage: usageOf(3, 2),
      }));

    it("of texts, thoughts and calls", async () => {
      const content = [
        { type: "thinking", thinking: "Hm", signature: "abc" },
        { type: "redacted_thinking", data: "x" },
        { type: "text", text: "One, " },
        { type: "text", text: "two." },
        { type: "tool_use", id: "t1", name: "weather", input: { town: "Graz" } },
      ];
      assert.deepEqual(await chat(whole({ content, stop_reason: "tool_use", usage: null })), {
        choices: [
          {
            index: 0,
            message: {
              role: "assistant",
              content: "One, two.",
              reasoning_content: "Hm",
              tool_calls: [{ id: "t1", type: "function", function: { name: "weather", arguments: '{"town":"Graz"}' } }],
            },
            finish_reason: "tool_calls",
          },
        ],
        usage: undefined,
      });
    });

    it("without any text", async () => {
      const { choices } = await chat(whole({ content: [], stop_reason: "refusal" }));
      assert.deepEqual(choices, [
        { index: 0, message: { role: "assistant", content: null }, finish_reason: "content_filter" },
      ]);
    });

    const faults: readonly (readonly [what: string, body: unknown, failed: string])[] = [
      ["without content", whole({ content: undefined }), "malformed: the answer has no content"],
      ["with a block that is none", whole({ content: ["x"] }), "malformed: the answer has no content"],
      ["without a stop_reason", whole({ stop_reason: null }), "malformed: the answer has no stop_reason"],
      ["with text that is none", whole({ content: [{ type: "text" }] }), "malformed: a block of text has none"],
      [
        "with a call that is none",
        whole({ content: [{ type: "tool_use", id: "t1", name: "f", input: "{}" }] }),
        "malformed: a tool_use has no id, name or input",
      ],
      ["that is an error", { type: "error", error: { message: "x" } }, "server_error: an error inside a 200: x"],
      ["that is an error without words", { type: "error" }, "server_error: an error inside a 200: without a message"],
    ];
    for (const [what, body, failed] of faults)
      it(`but none ${what}`, async () => assert.equal(await failureOf(chat(body)), failed));
  });

  describe("asked for a JSON object", () => {
    const json = asking({ response_format: { type: "json_object" } });
    const other = "malformed: asked for a JSON object: got other text";
    const answer = (given: string, more: object = {}) =>
      chat(whole({ content: [{ type: "text", text: given }], ...more }), json);
    const told = (...frames: readonly string[]) => stream([...frames, END], json);

    it("gives one", async () => {
      assert.equal((await answer(' {"a":1}\n')).choices[0]?.message.content, ' {"a":1}\n');
      assert.deepEqual(await told(word("\n"), word('{"a"'), word(":1}"), end("end_turn", undefined)), {
        events: [text("\n"), text('{"a"'), text(":1}"), finish("stop")],
        failed: undefined,
      });
    });

    it("says before the first token that it is something else", async () => {
      assert.equal(await failureOf(answer("Here it is: {}")), other);
      assert.deepEqual(await told(word("```json")), { events: [], failed: other });
    });

    it("says before the finish that it is not whole", async () => {
      assert.equal(await failureOf(answer('{"a":')), other);
      assert.equal(await failureOf(answer("")), other);
      assert.deepEqual(await told(word('{"a":'), end("end_turn", undefined)), {
        events: [text('{"a":')],
        failed: other,
      });
    });

    it("gives a part of one where the limit of tokens ends it", async () => {
      assert.equal((await answer('{"a":', { stop_reason: "max_tokens" })).choices[0]?.finish_reason, "length");
      const { events } = await told(word('{"a":'), end("max_tokens", undefined));
      assert.deepEqual(events, [text('{"a":'), finish("length")]);
    });

    it("may say something before it calls a tool", async () => {
      const request = asking({ response_format: { type: "json_object" }, tools: [weather] });
      const { events, failed } = await stream([word("Let me see."), end("tool_use", undefined), END], request);
      assert.deepEqual([events, failed], [[text("Let me see."), finish("tool_calls")], undefined]);
    });
  });

  it("has no embeddings", async () => {
    const request = embeddingRequest.parse({ model: "auto", input: "a" });
    assert.equal(
      await failureOf(anthropic.embed(request, "m1", playUpstream({ body: "{}" }).access)),
      "unsupported: Anthropic has no models for embeddings; take another provider's",
    );
  });

  it("is probed by the list of models", async () => {
    const { access, sent } = playUpstream({ body: '{"data":[]}', apiKey: undefined });
    await anthropic.probe(access);
    assert.deepEqual(sent, [{ method: "GET", path: "/models", headers: { "anthropic-version": "2023-06-01" } }]);
  });
});
