import assert from "node:assert/strict";
import { connect } from "node:net";
import type { PooledDatabase } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { ADMIN_KEY, startService, type TestService } from "../support/service.js";
import { until } from "../support/until.js";

const key = ADMIN_KEY;
const messages = [{ role: "user", content: "hi there" }];

/** Ids and times are new each time; everything else is as it is written here, to the byte. */
const plain = (text: string): string =>
  text.replaceAll(/chatcmpl-\w{24}/g, "ID").replaceAll(/"created":\d{10}/g, '"created":0');

const chunk = (choices: string, more = ""): string =>
  `data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"echo","choices":[${choices}]${more}}\n\n`;
const delta = (value: string, finish = "null"): string => `{"index":0,"delta":${value},"finish_reason":${finish}}`;

describe("the OpenAI face", () => {
  let service: TestService;
  before(async () => {
    service = await startService({
      AI_PROVIDERS_CONFIG: JSON.stringify({
        providers: [
          {
            name: "here",
            kind: "scripted",
            models: ["echo", "embedder"],
            script: { replies: [{ when: "weather", call: { name: "weather", arguments: { city: "Paris" } } }] },
          },
        ],
        routes: { fast: [{ provider: "here", model: "echo" }] },
      }),
    });
  });
  after(() => service.stop());
  const chat = (body: object) =>
    service.ask("POST", "/v1/chat/completions", { key, body: { model: "auto", messages, ...body } });

  it("answers without a key of any provider, and says who did", async () => {
    const { status, headers, text } = await chat({});
    assert.equal(status, 200);
    assert.equal(
      plain(text),
      '{"id":"ID","object":"chat.completion","created":0,"model":"echo","choices":[{"index":0,"message":{"role":"assistant","content":"You said: hi there"},"finish_reason":"stop"}],"usage":{"prompt_tokens":2,"completion_tokens":4,"total_tokens":6}}',
    );
    assert.deepEqual(
      ["x-provider", "x-model", "x-attempts", "x-failover-from"].map((name) => headers.get(name)),
      ["here", "echo", "1", null],
    );
  });

  it("streams a role, deltas, a finish and [DONE], to the byte", async () => {
    const { headers, text } = await chat({ stream: true });
    assert.equal(headers.get("content-type"), "text/event-stream; charset=utf-8");
    assert.equal(headers.get("content-encoding"), null);
    assert.equal(
      plain(text),
      [
        chunk(delta('{"role":"assistant","content":""}')),
        ...["You ", "said: ", "hi ", "there"].map((word) => chunk(delta(`{"content":"${word}"}`))),
        chunk(delta("{}", '"stop"')),
        "data: [DONE]\n\n",
      ].join(""),
    );
  });

  it("streams usage when it is asked for, in a chunk of its own before [DONE]", async () => {
    const { text } = await chat({
      stream: true,
      stream_options: { include_usage: true },
      messages: [{ role: "user", content: "a" }],
    });
    const usage = ',"usage":null';
    assert.equal(
      plain(text),
      [
        chunk(delta('{"role":"assistant","content":""}'), usage),
        ...["You ", "said: ", "a"].map((word) => chunk(delta(`{"content":"${word}"}`), usage)),
        chunk(delta("{}", '"stop"'), usage),
        chunk("", ',"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}'),
        "data: [DONE]\n\n",
      ].join(""),
    );
  });

  it("gives as many choices as are asked for, each with its finish at the end", async () => {
    const { text } = await chat({ stream: true, n: 2 });
    const finishes = [...text.matchAll(/"index":(\d),"delta":\{\},"finish_reason":"stop"/g)].map(([, index]) => index);
    assert.deepEqual(finishes, ["0", "1"]);
    assert.equal((await chat({ n: 3 })).json.choices.length, 3);
  });

  it("calls tools, whole and streamed", async () => {
    const body = {
      messages: [{ role: "user", content: "the weather?" }],
      tools: [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }],
    };
    const [choice] = (await chat(body)).json.choices;
    assert.equal(choice.finish_reason, "tool_calls");
    assert.deepEqual(choice.message.tool_calls[0].function, { name: "weather", arguments: '{"city":"Paris"}' });
    const { text } = await chat({ ...body, stream: true });
    const pieces = [...text.matchAll(/"arguments":"((?:[^"\\]|\\.)*)"/g)].map(([, piece]) => JSON.parse(`"${piece}"`));
    assert.equal(pieces.join(""), '{"city":"Paris"}');
    assert.match(text, /"finish_reason":"tool_calls"/);
  });

  it("answers JSON where JSON is asked for", async () => {
    const { json } = await chat({ response_format: { type: "json_object" } });
    assert.deepEqual(JSON.parse(json.choices[0].message.content), { answer: "You said: hi there" });
  });

  it("gives vectors, as numbers and as the base64 that OpenAI's clients ask for", async () => {
    const ask = (more: object) =>
      service.ask("POST", "/v1/embeddings", {
        key,
        body: { model: "auto", input: ["a text", "another"], dimensions: 8, ...more },
      });
    const numbers = (await ask({})).json;
    assert.deepEqual(
      numbers.data.map(({ index, embedding }: { index: number; embedding: number[] }) => [index, embedding.length]),
      [
        [0, 8],
        [1, 8],
      ],
    );
    const [first] = (await ask({ encoding_format: "base64" })).json.data;
    const bytes = Buffer.from(first.embedding, "base64");
    assert.deepEqual(
      Array.from({ length: 8 }, (_, at) => bytes.readFloatLE(at * 4)),
      numbers.data[0].embedding.map(Math.fround),
    );
  });

  it("lists what a call may name, one by one too", async () => {
    const { json } = await service.ask("GET", "/v1/models", { key });
    assert.deepEqual(
      json.data.map(({ id, owned_by }: { id: string; owned_by: string }) => [id, owned_by]),
      [
        ["auto", "agent-platform"],
        ["route:fast", "agent-platform"],
        ["here/echo", "here"],
        ["here/embedder", "here"],
      ],
    );
    assert.equal((await service.ask("GET", "/v1/models/here%2Fecho", { key })).json.id, "here/echo");
    assert.equal((await service.ask("GET", "/v1/models/echo", { key })).status, 404);
  });

  it("knows no other model, and names the nearest", async () => {
    const { status, json, headers } = await chat({ model: "ecko" });
    assert.equal(status, 404);
    assert.deepEqual(json.error, {
      message: "there is no model 'ecko'; the nearest are here/echo, auto, here/embedder",
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    });
    assert.equal(headers.get("x-should-retry"), "false");
  });

  it("refuses what no model can do, before anything is sent", async () => {
    const { status, json } = await chat({ model: "here/embedder" });
    assert.deepEqual([status, json.code], [422, "model_unable"]);
  });

  it("says everything that is wrong with a body at once", async () => {
    const { status, json } = await chat({
      messages: [{ role: "boss", content: "x" }, { role: "user" }],
      temperature: 3,
      n: 0,
      tools: [{ type: "function", function: { name: "no spaces" } }],
    });
    assert.equal(status, 422);
    assert.deepEqual(json.errors, [
      { pointer: "/body/messages/0/role", message: "expected role system, developer, user, assistant or tool" },
      { pointer: "/body/messages/1/content", message: "expected text, or a list of parts" },
      { pointer: "/body/tools/0/function/name", message: "expected 1 to 64 letters, digits, _ and -" },
      { pointer: "/body/temperature", message: "is above 2" },
      { pointer: "/body/n", message: "is below 1" },
    ]);
  });
});

describe("a caller who does not read its stream", () => {
  it("is cut off after REQUEST_TIMEOUT, and what its call took is settled", async () => {
    const service = await startService({ REQUEST_TIMEOUT: "2000" });
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    try {
      // More than the buffers between the two take: it is echoed word by word.
      const content = `${"x".repeat(999)} `.repeat(12_000);
      const body = JSON.stringify({ model: "auto", stream: true, messages: [{ role: "user", content }] });
      const head = [`Host: x`, `Authorization: Bearer ${key}`, "Content-Type: application/json"];
      socket.on("error", () => {});
      socket.pause();
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\n${head.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      const line = () => service.log.find((text) => text.includes('"route":"/v1/chat/completions"'));
      await until(async () => line() !== undefined);
      assert.equal(JSON.parse(line() ?? "").status, 499);
      const { body: metrics } = await service.running.services.telemetry.metrics.text();
      assert.match(metrics, /llm_attempts_total\{provider="scripted",outcome="cancelled"\} 1/);
    } finally {
      socket.destroy();
      await service.stop();
    }
  });
});

describe("limits of model calls", () => {
  let database: PooledDatabase;
  before(async () => {
    database = await openInMemory();
  });
  after(() => database.close());
  const start = (settings: Readonly<Record<string, string>>) => startService(settings, database);
  const chat = (service: TestService, more: object = {}) =>
    service.ask("POST", "/v1/chat/completions", { key, body: { model: "auto", messages, ...more } });

  it("are a number of calls a minute of each caller", async () => {
    const service = await start({ LIMIT_AI: "2" });
    try {
      const statuses = [await chat(service), await chat(service), await chat(service)].map(({ status }) => status);
      assert.deepEqual(statuses, [200, 200, 429]);
      const other = await service.ask("POST", "/v1/chat/completions", {
        key: await service.keyOf("viewer"),
        body: { model: "auto", messages },
      });
      assert.equal(other.status, 200);
    } finally {
      await service.stop();
    }
  });

  it("are a number of tokens too, and whoever has used them up waits", async () => {
    const service = await start({ LIMIT_AI: "1000", LIMIT_TOKENS: "10" });
    try {
      // Six tokens each: the second call begins with four left and takes them all.
      assert.equal((await chat(service)).status, 200);
      assert.equal((await chat(service, { stream: true })).status, 200);
      const { status, json, headers } = await chat(service);
      assert.deepEqual([status, json.detail], [429, "more than 10 tokens in 60 s (tokens)"]);
      assert.match(headers.get("retry-after") ?? "", /^\d+$/);
    } finally {
      await service.stop();
    }
  });

  it("are none of streams where streams are switched off", async () => {
    const service = await start({ STREAMING_ENABLED: "false" });
    try {
      assert.equal((await chat(service)).status, 200);
      const { status, json } = await chat(service, { stream: true });
      assert.deepEqual(
        [status, json.errors],
        [422, [{ pointer: "/body/stream", message: "streaming is switched off: STREAMING_ENABLED" }]],
      );
    } finally {
      await service.stop();
    }
  });
});

describe("ROLE=gateway", () => {
  it("serves model calls and nothing that agents are run by", async () => {
    const service = await startService({ ROLE: "gateway" });
    try {
      assert.equal(
        (await service.ask("POST", "/v1/chat/completions", { key, body: { model: "auto", messages } })).status,
        200,
      );
      assert.equal((await service.ask("GET", "/api/v1/templates", { key })).status, 404);
    } finally {
      await service.stop();
    }
  });
});
