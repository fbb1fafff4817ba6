import assert from "node:assert/strict";
import fc from "fast-check";
import { openai } from "../../../../service/src/models/adapters/openai.js";
import { embeddingRequest } from "../../../../service/src/models/chat.js";
import { cutUp } from "../pieces.js";
import { asking, bodyFor, failureOf, finish, playUpstream, streamOf, text } from "./play-upstream.js";

const SSE = "text/event-stream";
const frame = (data: unknown) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const chunk = (delta: unknown, more: object = {}) =>
  frame({ id: "c1", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: null, ...more }] });
const END = chunk({}, { finish_reason: "stop" });
const DONE = frame("[DONE]");
const stream = (...frames: readonly string[]) => streamOf(openai, { type: SSE, body: frames.join("") });

const message = { role: "assistant", content: "Hello." };
const whole = (more: object = {}) => ({
  id: "c1",
  choices: [{ index: 0, message, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  ...more,
});
const chat = (body: unknown) => openai.chat(asking(), "m1", playUpstream({ body: JSON.stringify(body) }).access);

describe("the adapter of openai-compatible providers", () => {
  describe("sends", () => {
    it("a request with the provider's model and key, and all else as it came, but for nulls", async () => {
      const { access, sent } = playUpstream({ body: JSON.stringify(whole()) });
      const request = asking({ temperature: 0.5, top_p: null, stop: null, seed: 7, made_up: { a: null } });
      await openai.chat(request, "m1", access);
      assert.deepEqual(sent, [
        {
          method: "POST",
          path: "/chat/completions",
          headers: { authorization: "Bearer key-1" },
          body: {
            model: "m1",
            messages: [{ role: "user", content: "Hi" }],
            temperature: 0.5,
            seed: 7,
            made_up: { a: null },
          },
        },
      ]);
    });

    it("no key where there is none", async () => {
      const { access, sent } = playUpstream({ body: JSON.stringify(whole()), apiKey: undefined });
      await openai.chat(asking(), "m1", access);
      assert.deepEqual(sent[0]?.headers, {});
    });

    it("a stream's request with the wish for usage", async () => {
      const { access, sent } = playUpstream({ type: SSE, body: DONE });
      const request = asking({ stream: false, stream_options: { include_usage: false, include_obfuscation: false } });
      for await (const _ of openai.stream(request, "m1", access));
      assert.deepEqual(sent[0]?.body, {
        model: "m1",
        messages: [{ role: "user", content: "Hi" }],
        stream: true,
        stream_options: { include_usage: true, include_obfuscation: false },
      });
    });

    it("no stream's options with a request for a whole answer", async () => {
      const request = asking({ stream: true, stream_options: { include_usage: true } });
      assert.deepEqual(await bodyFor(openai, request), {
        model: "m1",
        messages: [{ role: "user", content: "Hi" }],
      });
    });
  });

  describe("reads a stream", () => {
    it("of tokens, a finish and usage", async () => {
      const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5, cost: 0.1 };
      const frames = [
        chunk({ role: "assistant", content: "", refusal: null }),
        chunk({ content: "Hel" }),
        chunk({ content: "lo" }),
        END,
        frame({ choices: [], usage }),
        DONE,
      ];
      assert.deepEqual(await stream(...frames), {
        events: [text("Hel"), text("lo"), finish("stop"), { type: "usage", usage }],
        failed: undefined,
      });
    });

    it("with a token and the finish in one chunk", async () => {
      const { events } = await stream(chunk({ content: "x" }, { finish_reason: "length" }), DONE);
      assert.deepEqual(events, [text("x"), finish("length")]);
    });

    it("of several choices", async () => {
      const both = frame({
        choices: [0, 1].map((index) => ({ index, delta: { content: "x" }, finish_reason: "stop" })),
      });
      const { events } = await stream(both, DONE);
      assert.deepEqual(events, [text("x"), finish("stop"), text("x", 1), finish("stop", 1)]);
    });

    it("with a provider's own fields in it, but not with empty ones", async () => {
      const { events } = await stream(
        chunk({ role: "assistant", content: null, reasoning_content: "Hm", tool_calls: [] }),
        chunk({ content: "x", reasoning_content: "" }),
        chunk({ refusal: "No" }),
        chunk(null),
        frame({ choices: [{ index: 0, content_filter_results: {} }] }),
      );
      assert.deepEqual(events, [
        { type: "delta", choice: 0, delta: { reasoning_content: "Hm" } },
        text("x"),
        { type: "delta", choice: 0, delta: { refusal: "No" } },
      ]);
    });

    it("with log probabilities", async () => {
      const logprobs = { content: [{ token: "x", logprob: -0.1 }] };
      const { events } = await stream(
        chunk({ content: "x" }, { logprobs }),
        chunk({ content: "y" }, { logprobs: null }),
      );
      assert.deepEqual(events, [{ type: "delta", choice: 0, delta: { content: "x" }, logprobs }, text("y")]);
    });

    it("of tool calls, without the nulls of some providers", async () => {
      const call = { index: 0, id: "call_1", type: "function", function: { name: "f", arguments: "" }, extra: 1 };
      const next = { index: 0, id: null, type: null, function: { name: null, arguments: "{}" } };
      const { events } = await stream(
        chunk({ role: "assistant", content: null, tool_calls: [call] }),
        chunk({ tool_calls: [next] }),
        chunk({}, { finish_reason: "tool_calls" }),
      );
      assert.deepEqual(events, [
        { type: "delta", choice: 0, delta: { tool_calls: [call] } },
        { type: "delta", choice: 0, delta: { tool_calls: [{ index: 0, function: { arguments: "{}" } }] } },
        finish("tool_calls"),
      ]);
    });

    it("to [DONE], and waits for nothing after it", async () => {
      const play = {
        type: SSE,
        body: [Buffer.from(chunk({ content: "x" }) + END + DONE + frame("junk"))],
        endless: true,
      };
      assert.deepEqual(await streamOf(openai, play), { events: [text("x"), finish("stop")], failed: undefined });
    });

    it("that ends too early, and says nothing of a finish", async () =>
      assert.deepEqual(await stream(chunk({ content: "x" }), 'data: {"choices"'), {
        events: [text("x")],
        failed: undefined,
      }));

    it("without taking an empty finish_reason for a finish", async () =>
      assert.deepEqual((await stream(chunk({ content: "x" }, { finish_reason: "" }))).events, [text("x")]));

    it("of a provider that names no content type", async () => {
      const { events } = await streamOf(openai, { type: "", body: chunk({ content: "x" }) });
      assert.deepEqual(events, [text("x")]);
    });

    it("with usage in a chunk without choices, and without usage that can't be counted", async () => {
      const { events } = await stream(
        frame({ usage: { prompt_tokens: 1, completion_tokens: 2 } }),
        frame({ choices: [], usage: { prompt_tokens: "1" } }),
        frame({ choices: [], usage: null }),
      );
      assert.deepEqual(events, [{ type: "usage", usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }]);
    });

    const faults: readonly (readonly [what: string, data: unknown, failed: string])[] = [
      ["what is no JSON", '{"choices":', "malformed: the stream has a piece that is no JSON object"],
      ["JSON that is no object", "[1]", "malformed: the stream has a piece that is no JSON object"],
      ["nothing", "", "malformed: the stream has a piece that is no JSON object"],
      ["a chunk without choices", { id: "c1" }, "malformed: a chunk's choices are no list"],
      ["choices that are no list", { choices: {}, usage: {} }, "malformed: a chunk's choices are no list"],
      ["a choice that is none", { choices: [1] }, "malformed: a chunk has a choice without an index"],
      ["a choice without an index", { choices: [{ delta: {} }] }, "malformed: a chunk has a choice without an index"],
      ["a delta that is none", { choices: [{ index: 0, delta: "x" }] }, "malformed: a chunk's delta is no object"],
      [
        "content that is no text",
        { choices: [{ index: 0, delta: { content: 1 } }] },
        "malformed: a delta's content is no text",
      ],
      [
        "a tool call without an index",
        { choices: [{ index: 0, delta: { tool_calls: [{ id: "a" }] } }] },
        "malformed: a delta's tool_calls are not as they should be",
      ],
      [
        "a tool call's arguments that are no text",
        { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: {} } }] } }] },
        "malformed: a delta's tool_calls are not as they should be",
      ],
      [
        "tool calls that are no list",
        { choices: [{ index: 0, delta: { tool_calls: "f" } }] },
        "malformed: a delta's tool_calls are not as they should be",
      ],
      [
        "a finish_reason that is no text",
        { choices: [{ index: 0, delta: {}, finish_reason: 1 }] },
        "malformed: a chunk's finish_reason is no text",
      ],
      [
        "an error",
        { error: { message: "Overloaded", type: "rate_limit_error", code: 429 } },
        "server_error: an error inside a 200: Overloaded",
      ],
      ["an error in a word", { error: "boom" }, "server_error: an error inside a 200: boom"],
      [
        "an error without words",
        { error: { code: 1 }, choices: [] },
        "server_error: an error inside a 200: without a message",
      ],
    ];
    for (const [what, data, failed] of faults)
      it(`up to ${what}`, async () =>
        assert.deepEqual(await stream(chunk({ content: "x" }), frame(data), END), { events: [text("x")], failed }));

    it("alike however it is cut, its faults too", async () => {
      const frames = fc
        .constantFrom(
          chunk({ content: "ä🦜" }),
          END,
          DONE,
          ": ping\r\n\r\n",
          frame({ choices: 1 }),
          frame({ error: "x" }),
        )
        .map((one) => Buffer.from(one));
      const noText = fc.constant(Buffer.from("data: \xff\n\n", "latin1"));
      const bodies = fc.array(fc.oneof(frames, noText), { maxLength: 6 }).map((all) => Buffer.concat(all));
      await fc.assert(
        fc.asyncProperty(
          bodies.chain((bytes) => fc.tuple(fc.constant(bytes), cutUp(bytes))),
          async ([bytes, pieces]) =>
            assert.deepEqual(
              await streamOf(openai, { type: SSE, body: pieces }),
              await streamOf(openai, { type: SSE, body: [bytes] }),
            ),
        ),
      );
    });

    it("never of a page", async () =>
      assert.deepEqual(await streamOf(openai, { type: "text/html", body: "<html>" }), {
        events: [],
        failed: "malformed: asked for a stream: got text/html, expected text/event-stream",
      }));

    it("never of a whole answer", async () =>
      assert.deepEqual(await streamOf(openai, { body: JSON.stringify(whole()) }), {
        events: [],
        failed: "malformed: asked for a stream: got application/json, expected text/event-stream",
      }));

    it("never of an error with 200", async () =>
      assert.deepEqual(await streamOf(openai, { body: '{"error":{"message":"No credit"}}' }), {
        events: [],
        failed: "server_error: an error inside a 200: No credit",
      }));
  });

  describe("reads a whole answer", () => {
    it("with its usage", async () =>
      assert.deepEqual(await chat(whole()), {
        choices: [{ index: 0, message, finish_reason: "stop" }],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      }));

    it("with what a provider adds, and without what it leaves empty", async () => {
      const calls = [{ id: "call_1", function: { name: "f", arguments: "{}" }, extra: 1 }];
      const given = { index: 1, message: { role: "assistant", tool_calls: calls, reasoning_content: "Hm" } };
      const { choices, usage } = await chat({ choices: [{ ...given, finish_reason: "tool_calls", logprobs: null }] });
      assert.deepEqual(choices, [
        {
          index: 1,
          message: {
            role: "assistant",
            content: null,
            reasoning_content: "Hm",
            tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: "{}" }, extra: 1 }],
          },
          finish_reason: "tool_calls",
          logprobs: null,
        },
      ]);
      assert.equal(usage, undefined);
    });

    const choice = (more: object) => ({ choices: [{ index: 0, message, finish_reason: "stop", ...more }] });
    const faults: readonly (readonly [what: string, body: unknown, failed: string])[] = [
      ["without choices", {}, "malformed: the answer has no choices"],
      ["with no choice", { choices: [] }, "malformed: the answer has no choices"],
      ["with a choice without an index", choice({ index: "0" }), "malformed: the answer has a choice without an index"],
      ["without a message", choice({ message: null }), "malformed: the answer has a choice without a message"],
      [
        "without a finish",
        choice({ finish_reason: null }),
        "malformed: the answer has a choice without a finish_reason",
      ],
      [
        "with content that is no text",
        choice({ message: { content: {} } }),
        "malformed: the answer's content is no text",
      ],
      [
        "with a tool call without arguments",
        choice({ message: { tool_calls: [{ id: "a", function: { name: "f" } }] } }),
        "malformed: the answer's tool_calls are not as they should be",
      ],
      ["with an error in it", { ...whole(), error: { message: "x" } }, "server_error: an error inside a 200: x"],
      ["that is no JSON object", [], "malformed: the answer is not a JSON object"],
    ];
    for (const [what, body, failed] of faults)
      it(`but none ${what}`, async () => assert.equal(await failureOf(chat(body)), failed));
  });

  describe("reads embeddings", () => {
    const request = embeddingRequest.parse({
      model: "auto",
      input: ["a", "b"],
      dimensions: 2,
      user: "u",
      encoding_format: "base64",
    });
    const embed = (body: unknown) => openai.embed(request, "m1", playUpstream({ body: JSON.stringify(body) }).access);
    const vector = (index: number, embedding: unknown) => ({ object: "embedding", index, embedding });

    it("as numbers, in the order of the texts", async () => {
      const body = JSON.stringify({ data: [vector(1, [3, 4]), vector(0, [1, 2])], usage: { prompt_tokens: 2 } });
      const { access, sent } = playUpstream({ body });
      assert.deepEqual(await openai.embed(request, "m1", access), {
        vectors: [
          [1, 2],
          [3, 4],
        ],
        tokens: 2,
      });
      assert.equal(sent[0]?.path, "/embeddings");
      assert.deepEqual(sent[0]?.body, {
        model: "m1",
        input: ["a", "b"],
        dimensions: 2,
        user: "u",
        encoding_format: "float",
      });
    });

    const faults: readonly (readonly [what: string, body: unknown, failed: string])[] = [
      ["of too few texts", { data: [vector(0, [1])] }, "malformed: expected 2 vectors, got 1"],
      ["of too many texts", { data: [0, 1, 2].map((at) => vector(at, [1])) }, "malformed: expected 2 vectors, got 3"],
      ["that are missing", {}, "malformed: expected 2 vectors, got 0"],
      [
        "of one text twice",
        { data: [vector(0, [1]), vector(0, [1])] },
        "malformed: expected vectors of numbers, all of one length",
      ],
      [
        "of several lengths",
        { data: [vector(0, [1]), vector(1, [1, 2])] },
        "malformed: expected vectors of numbers, all of one length",
      ],
      [
        "without length",
        { data: [vector(0, []), vector(1, [])] },
        "malformed: expected vectors of numbers, all of one length",
      ],
      [
        "of texts",
        { data: [vector(0, ["1"]), vector(1, [1])] },
        "malformed: expected vectors of numbers, all of one length",
      ],
      ["beside an error", { data: [], error: { message: "x" } }, "server_error: an error inside a 200: x"],
    ];
    for (const [what, body, failed] of faults)
      it(`but none ${what}`, async () => assert.equal(await failureOf(embed(body)), failed));
  });

  describe("probes", () => {
    it("the list of models", async () => {
      const { access, sent } = playUpstream({ body: '{"data":[]}' });
      await openai.probe(access);
      assert.deepEqual(sent, [{ method: "GET", path: "/models", headers: { authorization: "Bearer key-1" } }]);
    });

    it("and believes no page", async () => {
      const { access } = playUpstream({ type: "text/html", body: "<html>" });
      assert.equal(await failureOf(openai.probe(access)), "malformed: the answer is not a JSON object");
    });
  });
});
