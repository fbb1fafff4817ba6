import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import {
  type CallFault,
  type Dialect,
  dialects,
  type FakeProvider,
  type FakeProviderOptions,
  type FaultName,
  faults,
  startFakeProvider,
} from "./fake-provider.js";
import { until } from "./until.js";

const kinds = ["stream", "whole"] as const;
type Kind = (typeof kinds)[number];

/** What a caller without any HTTP client gets. */
interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** As the body's chunks were written. */
  readonly chunks: readonly string[];
  /** The body's proper end, the connection's end before it, or neither. */
  readonly ended: "whole" | "early" | "reset" | "open";
}

/** A caller on a bare socket. */
class Caller {
  readonly socket: Socket;
  #bytes = "";
  #ended: Heard["ended"] = "open";
  #changed: () => void = () => {};

  constructor(provider: FakeProvider, method: string, path: string, body?: unknown) {
    this.socket = connect(Number(new URL(provider.url).port), "127.0.0.1");
    this.socket.on("data", (data) => {
      this.#bytes += data.toString("latin1");
      this.#changed();
    });
    this.socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") this.#ended = "reset";
    });
    this.socket.on("close", () => {
      if (this.#ended === "open") this.#ended = "early";
      this.#changed();
    });
    const text = body === undefined ? "" : JSON.stringify(body);
    const length = Buffer.byteLength(text);
    this.socket.write(`${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${length}\r\n\r\n${text}`);
  }

  get heard(): Heard {
    return read(this.#bytes, this.#ended);
  }

  /** Until the end of the answer, of the connection, or until the head and this much of the body are there. */
  async hears(enough = Number.POSITIVE_INFINITY): Promise<Heard> {
    for (;;) {
      const heard = this.heard;
      if (heard.ended !== "open" || (heard.status > 0 && heard.body.length >= enough)) return heard;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}

function read(bytes: string, ended: Heard["ended"]): Heard {
  const [head = "", rest = ""] = split(bytes, "\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => split(line, ": ")).map(([name = "", value = ""]) => [name.toLowerCase(), value]),
  );
  const chunked = headers["transfer-encoding"] === "chunked";
  const { chunks, whole } = chunked ? chunksOf(rest) : { chunks: rest === "" ? [] : [rest], whole: false };
  const body = chunks.join("");
  const complete = chunked ? whole : headers["content-length"] === `${body.length}`;
  return { status: Number(first.split(" ")[1] ?? 0), headers, body, chunks, ended: complete ? "whole" : ended };
}

function split(text: string, at: string): readonly string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + at.length)];
}

function chunksOf(text: string): { readonly chunks: readonly string[]; readonly whole: boolean } {
  const chunks: string[] = [];
  let rest = text;
  for (;;) {
    const [size, after] = split(rest, "\r\n");
    if (size === undefined || after === undefined) return { chunks, whole: false };
    const length = Number.parseInt(size, 16);
    if (length === 0) return { chunks, whole: after === "\r\n" };
    if (after.length < length + 2) return { chunks, whole: false };
    chunks.push(after.slice(0, length));
    rest = after.slice(length + 2);
  }
}

const paths: Readonly<Record<Dialect, string>> = {
  openai: "/v1/chat/completions",
  anthropic: "/v1/messages",
  ollama: "/api/chat",
};
const messages = [{ role: "user", content: "Say it." }];
const bodies: Readonly<Record<Dialect, Readonly<Record<Kind, object>>>> = {
  openai: {
    stream: { model: "m1", messages, stream: true, stream_options: { include_usage: true } },
    whole: { model: "m1", messages },
  },
  anthropic: {
    stream: { model: "m1", max_tokens: 64, messages, stream: true },
    whole: { model: "m1", max_tokens: 64, messages },
  },
  ollama: {
    stream: { model: "m1", messages },
    whole: { model: "m1", messages, stream: false },
  },
};
const called = { name: "weather", parameters: { type: "object" } };
const tools: Readonly<Record<Dialect, object>> = {
  openai: { tools: [{ type: "function", function: called }] },
  anthropic: { tools: [{ name: "weather", input_schema: { type: "object" } }] },
  ollama: { tools: [{ type: "function", function: called }] },
};

/** The answer as the dialect's documentation has it, in the pieces that faults put in other order. */
interface Pieces {
  readonly contentType: string;
  readonly lead: readonly string[];
  readonly tokens: readonly string[];
  readonly tail: readonly string[];
  readonly done: string;
  readonly ping: string;
  readonly more: string;
  readonly malformed: string;
  readonly error: string;
  readonly lateError: string;
  /** The tail without usage. */
  readonly uncounted: string;
  /** All of it, without content. */
  readonly empty: string;
}

const words = ["Alpha", " beta", " gamma", " delta."];

const openaiUsage = (output: number) =>
  `{"prompt_tokens":11,"completion_tokens":${output},"total_tokens":${11 + output},"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`;
const openaiChunk = (choices: string, usage = "null") =>
  `data: {"id":"chatcmpl-fake","object":"chat.completion.chunk","created":1767225600,"model":"m1","service_tier":"default","system_fingerprint":"fp_fake","choices":[${choices}],"usage":${usage}}\n\n`;
const openaiDelta = (delta: string, finish = "null") =>
  openaiChunk(`{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}`);
const openaiRole = openaiDelta('{"role":"assistant","content":"","refusal":null}');
const openaiStop = openaiDelta("{}", '"stop"');
const openaiError =
  '{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}';
const openaiBegin = `{"id":"chatcmpl-fake","object":"chat.completion","created":1767225600,"model":"m1","choices":[{"index":0,"message":{"role":"assistant","content":"`;
const openaiRest = (usage: string) =>
  `","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],${usage}"service_tier":"default","system_fingerprint":"fp_fake"`;

const anthropicEvent = (type: string, rest = "") => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
const anthropicSoFar = (output: number) =>
  `"input_tokens":11,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":${output},"output_tokens_details":null,"server_tool_use":null`;
const anthropicUsage = (output: number) =>
  `,"usage":{${anthropicSoFar(output)},"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"inference_geo":null,"service_tier":"standard","speed":null}`;
const anthropicStop = (reason: string) =>
  `"stop_reason":${reason},"stop_sequence":null,"stop_details":null,"container":null`;
const anthropicMessage = `{"id":"msg_fake","type":"message","role":"assistant","model":"m1","content":[`;
const anthropicStart = (usage: string) =>
  anthropicEvent(
    "message_start",
    `,"message":${anthropicMessage}],${anthropicStop("null")},"diagnostics":null${usage}}`,
  );
const anthropicBlock = anthropicEvent(
  "content_block_start",
  `,"index":0,"content_block":{"type":"text","text":"","citations":null}`,
);
const anthropicText = (text: string) =>
  anthropicEvent("content_block_delta", `,"index":0,"delta":{"type":"text_delta","text":"${text}"}`);
const anthropicEnd = (usage: string) =>
  anthropicEvent("message_delta", `,"delta":{${anthropicStop('"end_turn"')}}${usage}`);
const anthropicPing = anthropicEvent("ping");
const anthropicDone = anthropicEvent("message_stop");
const anthropicError = '"error":{"type":"overloaded_error","message":"Overloaded"}';
const anthropicRest = (usage: string) =>
  `","citations":null}],${anthropicStop('"end_turn"')},"diagnostics":null${usage}`;

const ollamaLine = (content: string, rest: string) =>
  `{"model":"m1","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"${content}"},${rest}`;
const ollamaToken = (content: string) => `${ollamaLine(content, '"done":false}')}\n`;
const ollamaDone = (prompt: string, output: string) =>
  `"done":true,"done_reason":"stop","total_duration":40000000,"load_duration":10000000,${prompt}"prompt_eval_duration":10000000,${output}"eval_duration":20000000`;
const ollamaCounted = (output: number) => ollamaDone('"prompt_eval_count":11,', `"eval_count":${output},`);
const ollamaError = '"error":"model runner has unexpectedly stopped, check ollama server logs for details"';

const answers: Readonly<Record<Dialect, Readonly<Record<Kind, Pieces>>>> = {
  openai: {
    stream: {
      contentType: "text/event-stream; charset=utf-8",
      lead: [openaiRole],
      tokens: words.map((word) => openaiDelta(`{"content":"${word}"}`)),
      tail: [openaiStop, openaiChunk("", openaiUsage(4))],
      done: "data: [DONE]\n\n",
      ping: ": keep-alive\n\n",
      more: openaiDelta('{"content":" and"}'),
      malformed: `data: {"id":"chatcmpl-fake","object":"chat.completion.chunk","created":1767225600,"model":"m1","service_tier":"default","syste\n\n`,
      error: `data: {"error":${openaiError}}\n\n`,
      lateError: `data: {"error":${openaiError}}\n\n`,
      uncounted: openaiStop,
      empty: `${openaiRole}${openaiStop}${openaiChunk("", openaiUsage(0))}data: [DONE]\n\n`,
    },
    whole: {
      contentType: "application/json",
      lead: [],
      tokens: [`${openaiBegin}Alpha`, ...words.slice(1)],
      tail: [`${openaiRest(`"usage":${openaiUsage(4)},`)}}`],
      done: "",
      ping: "\n",
      more: " and",
      malformed: "\0",
      error: `{"error":${openaiError}}`,
      lateError: `${openaiRest(`"usage":${openaiUsage(4)},`)},"error":${openaiError}}`,
      uncounted: `${openaiRest("")}}`,
      empty: `${openaiBegin}${openaiRest(`"usage":${openaiUsage(0)},`)}}`,
    },
  },
  anthropic: {
    stream: {
      contentType: "text/event-stream; charset=utf-8",
      lead: [anthropicStart(anthropicUsage(1)), anthropicBlock, anthropicPing],
      tokens: words.map(anthropicText),
      tail: [anthropicEvent("content_block_stop", ',"index":0'), anthropicEnd(`,"usage":{${anthropicSoFar(4)}}`)],
      done: anthropicDone,
      ping: anthropicPing,
      more: anthropicText(" and"),
      malformed: `event: content_block_delta\ndata: {"type":"content_block_de\n\n`,
      error: anthropicEvent("error", `,${anthropicError},"request_id":"req_fake"`),
      lateError: anthropicEvent("error", `,${anthropicError},"request_id":"req_fake"`),
      uncounted: anthropicEvent("content_block_stop", ',"index":0') + anthropicEnd(""),
      empty: `${anthropicStart(anthropicUsage(1))}${anthropicPing}${anthropicEnd(`,"usage":{${anthropicSoFar(0)}}`)}${anthropicDone}`,
    },
    whole: {
      contentType: "application/json",
      lead: [],
      tokens: [`${anthropicMessage}{"type":"text","text":"Alpha`, ...words.slice(1)],
      tail: [`${anthropicRest(anthropicUsage(4))}}`],
      done: "",
      ping: "\n",
      more: " and",
      malformed: "\0",
      error: `{"type":"error",${anthropicError},"request_id":"req_fake"}`,
      lateError: `${anthropicRest(anthropicUsage(4))},${anthropicError}}`,
      uncounted: `${anthropicRest("")}}`,
      empty: `${anthropicMessage}],${anthropicStop('"end_turn"')},"diagnostics":null${anthropicUsage(0)}}`,
    },
  },
  ollama: {
    stream: {
      contentType: "application/x-ndjson",
      lead: [],
      tokens: words.map(ollamaToken),
      tail: [ollamaLine("", `${ollamaCounted(4)}}`)],
      done: "\n",
      ping: ollamaToken(""),
      more: ollamaToken(" and"),
      malformed: `{"model":"m1","created_at":"2026-01-01T00:00:00Z","mess\n`,
      error: `{${ollamaError}}\n`,
      lateError: `{${ollamaError}}\n`,
      uncounted: ollamaLine("", `${ollamaDone("", "")}}`),
      empty: `${ollamaLine("", `${ollamaCounted(0)}}`)}\n`,
    },
    whole: {
      contentType: "application/json",
      lead: [],
      tokens: [
        '{"model":"m1","created_at":"2026-01-01T00:00:00Z","message":{"role":"assistant","content":"Alpha',
        ...words.slice(1),
      ],
      tail: [`"},${ollamaCounted(4)}}`],
      done: "",
      ping: "\n",
      more: " and",
      malformed: "\0",
      error: `{${ollamaError}}`,
      lateError: `"},${ollamaCounted(4)},${ollamaError}}`,
      uncounted: `"},${ollamaDone("", "")}}`,
      empty: ollamaLine("", `${ollamaCounted(0)}}`),
    },
  },
};

/** What is in a 200's body, and how it ends. */
type Wire = readonly [ended: Heard["ended"], body: (pieces: Pieces) => readonly string[]];

const whole = ({ lead, tokens, tail, done }: Pieces) => [...lead, ...tokens, ...tail, done];
const wires = {
  none: ["whole", whole],
  silence_before_token: ["open", ({ lead }) => lead],
  silence_mid_stream: ["open", ({ lead, tokens }) => [...lead, ...tokens.slice(0, 2)]],
  cut_before_token: ["whole", ({ lead }) => lead],
  cut_after_token: ["whole", ({ lead, tokens }) => [...lead, ...tokens.slice(0, 1)]],
  reset_after_token: ["reset", ({ lead, tokens }) => [...lead, ...tokens.slice(0, 1)]],
  error_before_token: ["whole", ({ lead, error }) => [...lead, error]],
  error_after_token: ["whole", ({ lead, tokens, lateError }) => [...lead, ...tokens.slice(0, 1), lateError]],
  malformed_before_token: [
    "whole",
    ({ lead, tokens, tail, malformed, done }) => [...lead, malformed, ...tokens.slice(1), ...tail, done],
  ],
  malformed_after_token: [
    "whole",
    ({ lead, tokens, tail, malformed, done }) => [
      ...lead,
      ...tokens.slice(0, 1),
      malformed,
      ...tokens.slice(2),
      ...tail,
      done,
    ],
  ],
  missing_usage: [
    "whole",
    ({ lead, tokens, uncounted, done }) => [
      ...lead.map((piece) => piece.replace(anthropicUsage(1), "")),
      ...tokens,
      uncounted,
      done,
    ],
  ],
  missing_done: ["whole", ({ lead, tokens, tail }) => [...lead, ...tokens, ...tail]],
  empty_answer: ["whole", ({ empty }) => [empty]],
} as const satisfies { readonly [F in CallFault]?: Wire };

/** Status, delay headers, and what the error is to each dialect. */
const refusals = {
  status_400: [400, {}, "invalid_type", "invalid_request_error", "option temperature must be of type float32"],
  status_401: [401, {}, "invalid_api_key", "authentication_error", "unauthorized"],
  status_403: [
    403,
    {},
    "model_not_found",
    "permission_error",
    "this model requires a subscription, upgrade for access",
  ],
  status_404: [404, {}, "model_not_found", "not_found_error", "model 'm1' not found"],
  status_408: [408, {}, null, "timeout_error", "request timed out"],
  status_422: [422, {}, null, "invalid_request_error", "the request can't be processed"],
  context_length: [
    400,
    {},
    "context_length_exceeded",
    "invalid_request_error",
    "the input length exceeds the context length",
  ],
  content_filter: [400, {}, "content_filter", "invalid_request_error", "the request was refused"],
  rate_limit_header_short: [
    429,
    { "retry-after-ms": "50", "retry-after": "1" },
    "rate_limit_exceeded",
    "rate_limit_error",
    "you have reached your hourly usage limit, please upgrade to continue.",
  ],
  rate_limit_header_long: [
    429,
    { "retry-after": "7" },
    "rate_limit_exceeded",
    "rate_limit_error",
    "you have reached your hourly usage limit, please upgrade to continue.",
  ],
  rate_limit_body_long: [
    429,
    {},
    "rate_limit_exceeded",
    "rate_limit_error",
    "you have reached your hourly usage limit, please upgrade to continue. Please try again in 7s.",
  ],
  rate_limit_bare: [
    429,
    {},
    "rate_limit_exceeded",
    "rate_limit_error",
    "you have reached your hourly usage limit, please upgrade to continue.",
  ],
  status_500: [
    500,
    {},
    null,
    "api_error",
    "model runner has unexpectedly stopped, check ollama server logs for details",
  ],
  status_503: [503, {}, null, "api_error", "server busy, please try again. maximum pending requests exceeded"],
  status_529: [529, {}, null, "overloaded_error", "server busy, please try again. maximum pending requests exceeded"],
} as const satisfies { readonly [F in CallFault]?: readonly [number, object, string | null, string, string] };

interface Asking {
  readonly provider: FakeProvider;
  readonly caller: Caller;
  readonly pieces: Pieces;
  /** For messages. */
  readonly name: string;
}

/** These have a test of their own. */
const others = [
  "reset",
  "html",
  "redirect",
  "silence_before_headers",
  "pings_only",
  "one_byte",
  "never_ending",
  "refused",
  "tls_untrusted",
  "tls_to_plain",
] as const satisfies readonly FaultName[];

const keysOf = <Key extends string>(table: { readonly [K in Key]: unknown }): readonly Key[] =>
  Object.keys(table) as Key[];

describe("the fake provider", () => {
  const running: FakeProvider[] = [];
  const start = async (dialect: Dialect, options: FakeProviderOptions = {}) => {
    const provider = await startFakeProvider(dialect, options);
    running.push(provider);
    return provider;
  };
  afterEach(async () => {
    for (const provider of running.splice(0)) await provider.stop();
  });
  const ask = (provider: FakeProvider, dialect: Dialect, kind: Kind, more: object = {}) =>
    new Caller(provider, "POST", paths[dialect], { ...bodies[dialect][kind], ...more });
  const everyCall = dialects.flatMap((dialect) => kinds.map((kind) => ({ dialect, kind })));
  /** Of every dialect and kind, all at a time. */
  const forEveryCall = (fault: CallFault, look: (call: Asking) => Promise<void>) =>
    Promise.all(
      everyCall.map(async ({ dialect, kind }) => {
        const provider = await start(dialect, { fault });
        const caller = ask(provider, dialect, kind);
        await look({ provider, caller, pieces: answers[dialect][kind], name: `${fault}, ${dialect}, ${kind}` });
      }),
    );

  it("has a test for each fault", () => {
    assert.deepEqual([...faults].sort(), [...keysOf(wires), ...keysOf(refusals), ...others].sort());
  });

  for (const fault of keysOf(wires))
    it(`says what ${fault} says, to the byte`, () =>
      forEveryCall(fault, async ({ provider, caller, pieces, name }) => {
        const [ended, of]: Wire = wires[fault];
        const expected = of(pieces).join("");
        // What is over ends by itself.
        const heard = await caller.hears(ended === "open" ? expected.length : undefined);
        const { "content-type": type, connection } = heard.headers;
        assert.deepEqual(
          { status: heard.status, type, connection, body: heard.body, ended: heard.ended },
          { status: 200, type: pieces.contentType, connection: "keep-alive", body: expected, ended },
          name,
        );
        assert.equal(provider.open, ended === "open" ? 1 : 0, name);
      }));

  it("goes on being silent", async () => {
    const silent = ["silence_before_headers", "silence_before_token", "silence_mid_stream"] as const;
    await Promise.all(
      silent.map((fault) =>
        forEveryCall(fault, async ({ provider, caller, pieces, name }) => {
          await until(() => provider.open === 1);
          const expected = fault === "silence_before_headers" ? undefined : wires[fault][1](pieces).join("");
          if (expected !== undefined) await caller.hears(expected.length);
          await sleep(50);
          const { status, body, ended } = caller.heard;
          assert.deepEqual([status, body, ended], [expected === undefined ? 0 : 200, expected ?? "", "open"], name);
        }),
      ),
    );
  });

  it("refuses with the status, the headers and the words of the dialect", async () => {
    for (const dialect of dialects) {
      const provider = await start(dialect);
      for (const fault of keysOf(refusals)) {
        provider.play(fault);
        const [status, delay, code, type, message] = refusals[fault];
        for (const kind of kinds) {
          const { headers, ...heard } = await ask(provider, dialect, kind).hears();
          const { connection: _, "content-length": __, ...rest } = headers;
          assert.equal(heard.status, status);
          assert.equal(heard.ended, "whole");
          assert.deepEqual(rest, { "content-type": "application/json", ...delay });
          const body = JSON.parse(heard.body);
          if (dialect === "openai") assert.equal(body.error.code, code);
          if (dialect === "anthropic") assert.equal(body.error.type, type);
          if (dialect === "ollama") assert.deepEqual(body, { error: message });
          assert.equal(heard.body.includes("try again in 7s"), fault === "rate_limit_body_long");
        }
      }
    }
  });

  it("says what a context is too long for in the words that are known of each dialect", async () => {
    const heard: string[] = [];
    for (const dialect of dialects)
      heard.push((await ask(await start(dialect, { fault: "context_length" }), dialect, "whole").hears()).body);
    assert.deepEqual(heard, [
      `{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`,
      `{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9001 tokens > 8192 maximum"},"request_id":"req_fake"}`,
      `{"error":"the input length exceeds the context length"}`,
    ]);
  });

  it("asks for the short delay that it is given", async () => {
    const provider = await start("openai", { fault: "rate_limit_header_short", retryAfterMs: 1200 });
    const { headers } = await ask(provider, "openai", "whole").hears();
    assert.deepEqual([headers["retry-after-ms"], headers["retry-after"]], ["1200", "2"]);
  });

  it("shows a page where an answer should be", () =>
    forEveryCall("html", async ({ caller, name }) => {
      const heard = await caller.hears();
      assert.deepEqual(
        [heard.status, heard.headers["content-type"], heard.body.slice(0, 15), heard.ended],
        [200, "text/html; charset=utf-8", "<!doctype html>", "whole"],
        name,
      );
    }));

  it("sends elsewhere, and sees who goes there", async () => {
    for (const dialect of dialects) {
      const provider = await start(dialect, { fault: "redirect" });
      const heard = await ask(provider, dialect, "whole").hears();
      assert.deepEqual([heard.status, heard.headers["location"], heard.body], [302, "/elsewhere", ""]);
      assert.equal((await new Caller(provider, "GET", "/elsewhere").hears()).status, 404);
      assert.deepEqual(
        provider.calls.map(({ path }) => path),
        [paths[dialect], "/elsewhere"],
      );
    }
  });

  it("resets a connection before it says anything", () =>
    forEveryCall("reset", async ({ provider, caller, name }) => {
      const { status, ended } = await caller.hears();
      assert.deepEqual({ status, ended, calls: provider.calls.length }, { status: 0, ended: "reset", calls: 1 }, name);
    }));

  it("gives each byte a write of its own", () =>
    forEveryCall("one_byte", async ({ caller, pieces, name }) => {
      const { chunks, ended } = await caller.hears();
      assert.deepEqual([chunks, ended], [[...whole(pieces).join("")], "whole"], name);
    }));

  const begins = async (fault: CallFault, beginning: (pieces: Pieces) => string) =>
    forEveryCall(fault, async ({ caller, pieces, name }) => {
      const expected = beginning(pieces);
      const { body, ended } = await caller.hears(expected.length);
      assert.deepEqual([body.slice(0, expected.length), ended], [expected, "open"], name);
    });

  it("pings, and says no token", () => begins("pings_only", ({ lead, ping }) => lead.join("") + ping.repeat(3)));

  it("goes on for ever", () =>
    begins("never_ending", ({ lead, tokens, more }) => lead.join("") + tokens[0] + more.repeat(5)));

  it("lets what comes after a token come later than the token", async () => {
    for (const fault of ["cut_after_token", "error_after_token", "malformed_after_token", "reset_after_token"] as const)
      await forEveryCall(fault, async ({ caller, pieces: { lead, tokens }, name }) => {
        const token = lead.join("") + tokens[0];
        const { body, ended } = await caller.hears(token.length);
        assert.deepEqual([body, ended], [token, "open"], name);
      });
  });

  it("takes its time before each token", async () => {
    const provider = await start("openai", { tokenDelayMs: 10 });
    const begin = performance.now();
    await ask(provider, "openai", "stream").hears();
    // A timer of Node may be a millisecond early.
    assert.ok(performance.now() - begin >= 36);
  });

  it("calls the first tool, its arguments in pieces where the dialect has pieces", async () => {
    const heard = async (dialect: Dialect, kind: Kind) => {
      const { body } = await ask(await start(dialect), dialect, kind, tools[dialect]).hears();
      return body;
    };
    const openaiCall = (call: string) => openaiDelta(`{"tool_calls":[{"index":0,${call}}]}`);
    assert.equal(
      await heard("openai", "stream"),
      [
        openaiDelta('{"role":"assistant","content":null,"refusal":null}'),
        openaiCall('"id":"call_fake","type":"function","function":{"name":"weather","arguments":""}'),
        openaiCall('"function":{"arguments":"{\\"city\\":"}'),
        openaiCall('"function":{"arguments":"\\"Paris\\"}"}'),
        openaiDelta("{}", '"tool_calls"'),
        openaiChunk("", openaiUsage(4)),
        "data: [DONE]\n\n",
      ].join(""),
    );
    const [choice] = JSON.parse(await heard("openai", "whole")).choices;
    assert.equal(choice.finish_reason, "tool_calls");
    assert.deepEqual(choice.message, {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "call_fake", type: "function", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
      refusal: null,
      annotations: [],
    });

    const use = '{"type":"tool_use","id":"toolu_fake","caller":{"type":"direct"},"name":"weather","input":{}}';
    const json = (text: string) =>
      anthropicEvent("content_block_delta", `,"index":0,"delta":{"type":"input_json_delta","partial_json":"${text}"}`);
    assert.equal(
      await heard("anthropic", "stream"),
      [
        anthropicStart(anthropicUsage(1)),
        anthropicPing,
        anthropicEvent("content_block_start", `,"index":0,"content_block":${use}`),
        json('{\\"city\\":'),
        json('\\"Paris\\"}'),
        anthropicEvent("content_block_stop", ',"index":0'),
        anthropicEnd(`,"usage":{${anthropicSoFar(4)}}`).replace("end_turn", "tool_use"),
        anthropicDone,
      ].join(""),
    );
    const message = JSON.parse(await heard("anthropic", "whole"));
    assert.equal(message.stop_reason, "tool_use");
    assert.deepEqual(message.content, [{ ...JSON.parse(use), input: { city: "Paris" } }]);

    const call = `","tool_calls":[{"function":{"name":"weather","arguments":{"city":"Paris"}}}]},"done":false}\n`;
    const [first = "", last] = (await heard("ollama", "stream")).split(/(?<=\n)/);
    assert.equal(first, ollamaToken("").replace(/"},"done":false}\n/, call));
    assert.equal(last, `${ollamaLine("", `${ollamaCounted(4)}}`)}\n`);
    assert.deepEqual(JSON.parse(await heard("ollama", "whole")).message, JSON.parse(first).message);
  });

  it("embeds the same text as the same vector", async () => {
    const openai = await start("openai");
    const embed = async (body: object) =>
      JSON.parse((await new Caller(openai, "POST", "/v1/embeddings", { model: "e1", ...body }).hears()).body);
    const [a, b] = [
      [0.90625, 0.0625, 0.015625],
      [0.921875, 0.0625, 0.015625],
    ];
    assert.deepEqual(await embed({ input: ["a", "b"] }), {
      object: "list",
      data: [
        { object: "embedding", index: 0, embedding: a },
        { object: "embedding", index: 1, embedding: b },
      ],
      model: "e1",
      usage: { prompt_tokens: 11, total_tokens: 11 },
    });
    assert.equal((await embed({ input: "a", encoding_format: "base64" })).data[0].embedding, "AABoPwAAgD0AAIA8");

    const ollama = await start("ollama");
    const heard = await new Caller(ollama, "POST", "/api/embed", { model: "e1", input: ["a", "b"] }).hears();
    assert.deepEqual(JSON.parse(heard.body), {
      model: "e1",
      embeddings: [a, b],
      total_duration: 20_000_000,
      load_duration: 10_000_000,
      prompt_eval_count: 11,
    });
  });

  it("breaks off between two vectors", async () => {
    const vectors = ["[0.90625,0.0625,0.015625]", ",[0.921875,0.0625,0.015625]"];
    const provider = await start("ollama", { fault: "cut_after_token" });
    const heard = await new Caller(provider, "POST", "/api/embed", { model: "e1", input: ["a", "b"] }).hears();
    assert.deepEqual([heard.body, heard.ended], [`{"model":"e1","embeddings":[${vectors[0]}`, "whole"]);
  });

  it("sends usage in OpenAI's stream to those who ask only", async () => {
    const { body } = await ask(await start("openai"), "openai", "stream", { stream_options: undefined }).hears();
    assert.equal(body.includes("usage"), false);
    assert.equal(body.endsWith("data: [DONE]\n\n"), true);
  });

  it("plays its faults in order, and the last for all that follow", async () => {
    const provider = await start("openai", { fault: "status_503" });
    const statuses = async (times: number) => {
      const heard: number[] = [];
      for (let time = 0; time < times; time += 1) heard.push((await ask(provider, "openai", "whole").hears()).status);
      return heard;
    };
    assert.deepEqual(await statuses(2), [503, 503]);
    provider.play("status_500", "rate_limit_bare", "none");
    assert.deepEqual(await statuses(4), [500, 429, 200, 200]);
    provider.play();
    assert.deepEqual(await statuses(1), [200]);
  });

  it("remembers calls and probes, each with their own status", async () => {
    const probed: Readonly<Record<Dialect, string>> = {
      openai: "/v1/models",
      anthropic: "/v1/models",
      ollama: "/api/tags",
    };
    for (const dialect of dialects) {
      const provider = await start(dialect, { fault: "status_500" });
      const { pathname } = new URL(provider.url);
      assert.equal(pathname, dialect === "ollama" ? "/" : "/v1");
      const { body } = await new Caller(provider, "GET", probed[dialect]).hears();
      const { data, models } = JSON.parse(body);
      assert.equal(dialect === "ollama" ? models[0].name : data[0].id, "m1");
      provider.probeStatus = 401;
      assert.equal((await new Caller(provider, "GET", probed[dialect]).hears()).status, 401);
      assert.equal((await ask(provider, dialect, "whole").hears()).status, 500);
      assert.equal((await new Caller(provider, "POST", "/unknown", {}).hears()).status, 404);
      assert.deepEqual(
        provider.probes.map(({ path, body }) => ({ path, body })),
        [probed[dialect], probed[dialect]].map((path) => ({ path, body: undefined })),
      );
      assert.deepEqual(
        provider.calls.map(({ path, headers, body }) => ({ path, host: headers.host, body })),
        [
          { path: paths[dialect], host: "127.0.0.1", body: bodies[dialect].whole },
          { path: "/unknown", host: "127.0.0.1", body: {} },
        ],
      );
      assert.equal(provider.open, 0);
    }
  });

  const endless = [
    "silence_before_headers",
    "silence_before_token",
    "silence_mid_stream",
    "pings_only",
    "never_ending",
  ] as const satisfies readonly CallFault[];

  it("sees that a caller has left", async () => {
    await Promise.all(
      endless.map((fault) =>
        forEveryCall(fault, async ({ provider, caller }) => {
          await until(() => provider.open === 1);
          caller.socket.destroy();
          await until(() => provider.open === 0);
        }),
      ),
    );
  });

  it("leaves nothing behind when it is stopped in the middle of calls", async () => {
    const held = () =>
      process.getActiveResourcesInfo().filter((resource) => resource === "Timeout" || resource.startsWith("TCP"))
        .length;
    // Mocha's own timer begins once the test waits.
    await sleep(1);
    const before = held();
    for (const fault of [...endless, "none"] as const) {
      const provider = await startFakeProvider("openai", { fault, tokenDelayMs: fault === "none" ? 60_000 : 0 });
      const caller = ask(provider, "openai", "stream");
      await until(() => provider.open === 1);
      await provider.stop();
      assert.equal(provider.open, 0);
      assert.notEqual((await caller.hears()).ended, "open");
    }
    for (const fault of ["refused", "tls_untrusted"] as const)
      await (await startFakeProvider("openai", { fault })).stop();
    await until(() => held() <= before);
  });

  it("refuses connections at a port that nobody else can take", async () => {
    for (const dialect of dialects) {
      const provider = await start(dialect, { fault: "refused" });
      const port = Number(new URL(provider.url).port);
      await assert.rejects(once(connect(port, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
      await assert.rejects(once(createServer().listen(port, "127.0.0.1"), "listening"), { code: "EADDRINUSE" });
      assert.deepEqual(provider.calls, []);
    }
  });

  const handshake = async (provider: FakeProvider) => {
    assert.equal(new URL(provider.url).protocol, "https:");
    const socket = connectTls({ port: Number(new URL(provider.url).port), host: "127.0.0.1" });
    try {
      await once(socket, "secureConnect");
    } finally {
      socket.destroy();
    }
  };

  it("shows a certificate that nobody vouches for", async () => {
    for (const dialect of dialects)
      await assert.rejects(handshake(await start(dialect, { fault: "tls_untrusted" })), {
        code: "DEPTH_ZERO_SELF_SIGNED_CERT",
      });
  });

  it("does not understand TLS", async () => {
    for (const dialect of dialects)
      await assert.rejects(handshake(await start(dialect, { fault: "tls_to_plain" })), {
        code: "ERR_SSL_WRONG_VERSION_NUMBER",
      });
  });
});
