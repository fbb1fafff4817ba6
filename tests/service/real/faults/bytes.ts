import type { Dialect, FaultName } from "../../support/fake-provider.js";
import { type Answer, type Code, LATE, type Mode, words } from "./table.js";

/** The bytes of every answer in the matrix, written by hand. Ids and times are new each time: ID and 0. */

export interface Written {
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfter: string | null;
  /** What the openai package obeys. */
  readonly shouldRetry: string | null;
  readonly text: string;
}

export interface About {
  readonly fault: FaultName;
  readonly dialect: Dialect;
  readonly mode: Mode;
  /** Who the call could go to, in order. */
  readonly providers: readonly string[];
  readonly deadlineMs: number;
}

export function bytesOf(answer: Answer, about: About): Written {
  if (answer.kind === "problem") return problemOf(answer, about);
  const streamed = about.mode === "stream";
  return {
    status: 200,
    contentType: streamed ? "text/event-stream; charset=utf-8" : "application/json; charset=utf-8",
    retryAfter: null,
    shouldRetry: null,
    text: answer.kind === "half" ? halfOf(answer, about) : (streamed ? streamOf : completionOf)(answer, about.dialect),
  };
}

type Whole = Extract<Answer, { kind: "whole" }>;
type Half = Extract<Answer, { kind: "half" }>;
type Refusal = Extract<Answer, { kind: "problem" }>;

/** An openai-compatible provider's own details go through; the others have none. */
const usageOf = (dialect: Dialect, written: 0 | 4): string =>
  `{"prompt_tokens":11,"completion_tokens":${written},"total_tokens":${11 + written}${
    dialect === "openai"
      ? ',"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}'
      : ""
  }}`;

const chunk = (choices: string, usage = "null"): string =>
  `data: {"id":"ID","object":"chat.completion.chunk","created":0,"model":"m1","choices":[${choices}],"usage":${usage}}\n\n`;
const role = chunk('{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}');
const token = (text: string): string => chunk(`{"index":0,"delta":{"content":"${text}"},"finish_reason":null}`);
const finish = chunk('{"index":0,"delta":{},"finish_reason":"stop"}');
const done = "data: [DONE]\n\n";

const TOKENS = ["Alpha", " beta", " gamma", " delta."];

function streamOf({ says }: Whole, dialect: Dialect): string {
  const tokens = says === "nothing" ? [] : TOKENS.map(token);
  const usage = says === "all but usage" ? [] : [chunk("", usageOf(dialect, says === "nothing" ? 0 : 4))];
  return [role, ...tokens, finish, ...usage, done].join("");
}

const tokensOf = {
  Alpha: ["Alpha"],
  "Alpha beta": ["Alpha", " beta"],
  // As many as come before the deadline; `writtenOf` makes one of them.
  "Alpha and and...": ["Alpha", " and"],
} as const satisfies { readonly [S in Half["said"]]: readonly string[] };

/** No finish and no [DONE]: nobody can take it for the whole. */
function halfOf({ said, why }: Half, about: About): string {
  const [p1 = ""] = about.providers;
  const reason = why === LATE ? lateIn(about) : `${p1}/m1 ${why}`;
  const error = `{"message":"the answer is not whole: ${reason}","type":"server_error","param":null,"code":"stream_interrupted"}`;
  return [role, ...tokensOf[said].map(token), `data: {"error":${error}}\n\n`].join("");
}

const lateIn = ({ deadlineMs }: About): string => `no answer within ${deadlineMs / 1000} s`;

function completionOf({ says }: Whole, dialect: Dialect): string {
  const message = messages[dialect](says === "nothing" ? NO_TEXT[dialect] : '"Alpha beta gamma delta."');
  const usage = says === "all but usage" ? "" : `,"usage":${usageOf(dialect, says === "nothing" ? 0 : 4)}`;
  return `{"id":"ID","object":"chat.completion","created":0,"model":"m1","choices":[{"index":0,${message}}]${usage}}`;
}

/** An openai-compatible provider's own fields go through. */
const messages: Readonly<Record<Dialect, (content: string) => string>> = {
  openai: (content) =>
    `"message":{"role":"assistant","content":${content},"refusal":null,"annotations":[]},"finish_reason":"stop","logprobs":null`,
  anthropic: (content) => `"message":{"role":"assistant","content":${content}},"finish_reason":"stop"`,
  ollama: (content) => `"message":{"role":"assistant","content":${content}},"finish_reason":"stop"`,
};

/** Anthropic's answer is a list of blocks: an empty list has no text at all, and OpenAI's word for that is null. */
const NO_TEXT: Readonly<Record<Dialect, string>> = { openai: '""', anthropic: "null", ollama: '""' };

const problems: Readonly<Record<Code, readonly [status: number, title: string, type: string]>> = {
  providers_unavailable: [503, "No model's provider answers", "server_error"],
  provider_limited: [429, "The model's providers limit their callers", "rate_limit_error"],
  deadline: [504, "The answer took too long", "timeout_error"],
  provider_refused: [400, "The model's provider refuses the request", "invalid_request_error"],
  content_filter: [400, "The model's provider refuses the content", "invalid_request_error"],
  context_length_exceeded: [400, "The request is longer than any model's window", "invalid_request_error"],
  model_not_found: [404, "There is no such model", "invalid_request_error"],
};
export const statusOf = (code: Code): number => problems[code][0];

function problemOf({ code, why, retryAfter }: Refusal, about: About): Written {
  const [status, title, type] = problems[code];
  const detail = JSON.stringify(detailOf(code, why, about));
  const error = `{"message":${detail},"type":"${type}","param":null,"code":"${code}"}`;
  return {
    status,
    contentType: "application/problem+json; charset=utf-8",
    retryAfter: retryAfter === undefined ? null : String(retryAfter),
    shouldRetry: retryAfter === undefined ? "false" : null,
    text: `{"type":"/errors/${code}","title":"${title}","status":${status},"detail":${detail},"code":"${code}","requestId":"ID","errors":[],"error":${error}}`,
  };
}

/** Every provider that was asked has its reason; its own words are told where the caller is at fault, and nowhere else. */
function detailOf(code: Code, why: string, about: About): string {
  const { providers } = about;
  const [p1 = ""] = providers;
  const said = wordsOf(about);
  if (code === "deadline") return lateIn(about);
  if (code === "context_length_exceeded") return `${why}: ${providers.map((name) => `${name}/m1: ${said}`).join("; ")}`;
  if (said !== undefined) return `${p1}/m1 ${why}: ${said}`;
  return `no provider answered: ${providers.map((name) => `${name}/m1 ${why}`).join("; ")}`;
}

const wordsOf = ({ fault, dialect }: About): string | undefined =>
  fault in words ? words[fault as keyof typeof words][dialect] : undefined;

/** An answer as the table has it. */
export function writtenOf(status: number, headers: Headers, text: string): Written {
  const requestId = headers.get("x-request-id") ?? "";
  const [id = ""] = /chatcmpl-\w{24}/.exec(text) ?? [];
  const [created = ""] = /"created":\d{10}/.exec(text) ?? [];
  const and = token(" and");
  let plain = text;
  // The same in every chunk: one that differs stays as it is.
  for (const [found, name] of [
    [requestId, "ID"],
    [id, "ID"],
    [created, '"created":0'],
  ] as const)
    if (found !== "") plain = plain.replaceAll(found, name);
  while (plain.includes(and + and)) plain = plain.replaceAll(and + and, and);
  return {
    status,
    contentType: headers.get("content-type"),
    retryAfter: headers.get("retry-after"),
    shouldRetry: headers.get("x-should-retry"),
    text: plain,
  };
}
