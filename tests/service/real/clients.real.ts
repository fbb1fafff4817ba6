import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";
import OpenAI, { APIError, NotFoundError } from "openai";
import { type Dialect, dialects, type FakeProvider, startFakeProvider } from "../support/fake-provider.js";
import { ADMIN_KEY, startService, type TestService } from "../support/service.js";

const WHOLE = "Alpha beta gamma delta.";
const messages = [{ role: "user" as const, content: "hi" }];

/** Clients as people have them: nothing is set but the address and the key. */
for (const dialect of dialects)
  describe(`clients of others, over a provider of the kind ${dialect}`, () => {
    let provider: FakeProvider;
    let service: TestService;
    let openai: OpenAI;
    before(async () => {
      provider = await startFakeProvider(dialect);
      service = await startService(settingsFor(dialect, provider.url));
      openai = new OpenAI({ baseURL: `${service.url}/v1`, apiKey: ADMIN_KEY, maxRetries: 0 });
    });
    after(async () => {
      await service.stop();
      await provider.stop();
    });
    beforeEach(async () => {
      provider.play("none");
      const body = { provider: "p1" };
      await service.ask("POST", "/api/v1/admin/breakers/reset", { key: ADMIN_KEY, body });
    });
    const model = () =>
      createOpenAICompatible({ name: "platform", baseURL: `${service.url}/v1`, apiKey: ADMIN_KEY }).chatModel("auto");

    it("openai: whole answers, streams, models, and errors as its own classes", async () => {
      const whole = await openai.chat.completions.create({ model: "auto", messages });
      assert.equal(whole.choices[0]?.message.content, WHOLE);
      assert.deepEqual([whole.usage?.prompt_tokens, whole.usage?.completion_tokens], [11, 4]);

      const stream = await openai.chat.completions.create({
        model: "p1/m1",
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = "";
      let finish: string | null = null;
      let tokens: number | undefined;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        finish = chunk.choices[0]?.finish_reason ?? finish;
        tokens = chunk.usage?.total_tokens ?? tokens;
      }
      assert.deepEqual([text, finish, tokens], [WHOLE, "stop", 15]);

      const names = [];
      for await (const { id } of openai.models.list()) names.push(id);
      assert.deepEqual(names, ["auto", "p1/m1", "p1/embed"]);
      await assert.rejects(openai.chat.completions.create({ model: "m9", messages }), (error) => {
        assert.ok(error instanceof NotFoundError);
        assert.equal(error.code, "model_not_found");
        return true;
      });
    });

    it("openai: its helper for streams gives the whole message, and throws for half of one", async () => {
      const final = await openai.chat.completions.stream({ model: "auto", messages }).finalChatCompletion();
      assert.equal(final.choices[0]?.message.content, WHOLE);
      for (const fault of ["cut_after_token", "reset_after_token", "silence_mid_stream"] as const) {
        provider.play(fault);
        let seen = "";
        const half = openai.chat.completions.stream({ model: "auto", messages });
        half.on("content", (piece) => {
          seen += piece;
        });
        await assert.rejects(half.finalChatCompletion(), APIError);
        assert.ok(seen.startsWith("Alpha"), fault);
      }
    });

    it("openai: tools, with arguments in pieces", async () => {
      const tools = [{ type: "function" as const, function: { name: "weather", parameters: { type: "object" } } }];
      const whole = await openai.chat.completions.create({ model: "auto", messages, tools });
      const [call] = whole.choices[0]?.message.tool_calls ?? [];
      assert.equal(whole.choices[0]?.finish_reason, "tool_calls");
      assert.ok(call?.type === "function");
      assert.deepEqual([call.function.name, JSON.parse(call.function.arguments)], ["weather", { city: "Paris" }]);
      const streamed = await openai.chat.completions.stream({ model: "auto", messages, tools }).finalChatCompletion();
      const [piecewise] = streamed.choices[0]?.message.tool_calls ?? [];
      assert.ok(piecewise?.type === "function");
      assert.deepEqual(JSON.parse(piecewise.function.arguments), { city: "Paris" });
    });

    if (dialect !== "anthropic")
      it("openai: vectors, which it asks for as base64", async () => {
        const { data } = await openai.embeddings.create({ model: "auto", input: ["one", "two"] });
        assert.deepEqual(
          data.map(({ embedding }) => embedding.length),
          [3, 3],
        );
      });

    it("the AI SDK: whole answers, streams and tools", async () => {
      assert.equal((await generateText({ model: model(), prompt: "hi" })).text, WHOLE);
      const { textStream, finishReason } = streamText({ model: model(), prompt: "hi" });
      let text = "";
      for await (const piece of textStream) text += piece;
      assert.deepEqual([text, await finishReason], [WHOLE, "stop"]);
      const asked: unknown[] = [];
      const weather = tool({
        description: "The weather of a city",
        inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
        execute: async (input) => {
          asked.push(input);
          return "rain";
        },
      });
      await generateText({ model: model(), prompt: "hi", tools: { weather }, stopWhen: stepCountIs(1) });
      assert.deepEqual(asked, [{ city: "Paris" }]);
    });

    it("the AI SDK: half a stream is an error", async () => {
      provider.play("cut_after_token");
      const errors: unknown[] = [];
      const { fullStream } = streamText({
        model: model(),
        prompt: "hi",
        maxRetries: 0,
        onError: ({ error }) => void errors.push(error),
      });
      const finishes = [];
      for await (const part of fullStream) if (part.type === "finish") finishes.push(part.finishReason);
      assert.equal(errors.length, 1);
      assert.ok(!finishes.includes("stop"));
    });
  });

function settingsFor(kind: Dialect, baseUrl: string) {
  return {
    P1_KEY: "k",
    AI_PROVIDERS_CONFIG: JSON.stringify({
      providers: [{ name: "p1", kind, baseUrl, apiKeyEnv: "P1_KEY", models: ["m1", "embed"] }],
      timeouts: { deadlineMs: 5000, firstTokenMs: 1000, idleMs: 300, retryMs: 1 },
    }),
  };
}
