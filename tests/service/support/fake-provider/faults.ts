import type { Call } from "./call.js";
import type { Answer, ErrorName, Said } from "./dialect.js";

type Step = (call: Call) => void | Promise<void>;

const PING_MS = 20;
const TOKEN_MS = 5;
const HTML = "<!doctype html><html><head><title>Welcome</title></head><body>Sign in to the network.</body></html>";

const begin: Step = (call) => call.begin(call.asked.answer.contentType);
const end: Step = (call) => call.end();
const reset: Step = (call) => call.reset();
const settle: Step = (call) => call.settle();
/** Neither says nor ends anything: it lasts until the caller, or the provider's stop, closes the connection. */
const silence: Step = () => {};

const send =
  (pieces: (answer: Answer) => readonly string[]): Step =>
  async (call) => {
    for (const piece of pieces(call.asked.answer)) await call.send(piece);
  };
const lead = send(({ lead }) => lead);
const tail = send(({ tail }) => tail);
const done = send(({ done }) => (done === "" ? [] : [done]));
const error = send(({ error }) => [error]);
const lateError = send(({ lateError }) => [lateError]);
const malformed = send(({ malformed }) => [malformed]);
const everyByte: Step = async (call) => {
  const { lead, tokens, tail, done } = call.asked.answer;
  for (const byte of Buffer.from([...lead, ...tokens, ...tail, done].join(""))) await call.send(Uint8Array.of(byte));
};

const tokens =
  (from: number, to?: number): Step =>
  async (call) => {
    for (const token of call.asked.answer.tokens.slice(from, to)) {
      await call.wait(call.pace.tokenDelayMs);
      await call.send(token);
    }
  };

const forever =
  (everyMs: number, piece: (answer: Answer) => string): Step =>
  async (call) => {
    for (;;) {
      await call.send(piece(call.asked.answer));
      await call.wait(everyMs);
    }
  };

const refusal =
  (status: number, name: ErrorName, headers: (call: Call) => Readonly<Record<string, string>> = () => ({})): Step =>
  (call) =>
    call.say(
      status,
      { "content-type": "application/json", ...headers(call) },
      JSON.stringify(call.asked.speech.error(name)),
    );

const shortDelay = ({ pace: { retryAfterMs } }: Call) => ({
  "retry-after-ms": `${retryAfterMs}`,
  "retry-after": `${Math.ceil(retryAfterMs / 1000)}`,
});

/** What is done on a connection that stands, step by step. */
const faultsOfCalls = {
  none: [begin, lead, tokens(0), tail, done, end],
  reset: [reset],
  status_400: [refusal(400, "badRequest")],
  status_401: [refusal(401, "badKey")],
  status_403: [refusal(403, "forbidden")],
  status_404: [refusal(404, "notFound")],
  status_408: [refusal(408, "timeout")],
  status_422: [refusal(422, "invalid")],
  context_length: [refusal(400, "contextLength")],
  content_filter: [refusal(400, "contentFilter")],
  rate_limit_header_short: [refusal(429, "rateLimit", shortDelay)],
  rate_limit_header_long: [refusal(429, "rateLimit", () => ({ "retry-after": "7" }))],
  rate_limit_body_long: [refusal(429, "rateLimitWithDelay")],
  rate_limit_bare: [refusal(429, "rateLimit")],
  status_500: [refusal(500, "internal")],
  status_503: [refusal(503, "unavailable")],
  status_529: [refusal(529, "overloaded")],
  html: [(call) => call.say(200, { "content-type": "text/html; charset=utf-8" }, HTML)],
  redirect: [(call) => call.say(302, { location: "/elsewhere" }, "")],
  silence_before_headers: [silence],
  silence_before_token: [begin, lead, silence],
  pings_only: [begin, lead, forever(PING_MS, ({ ping }) => ping)],
  silence_mid_stream: [begin, lead, tokens(0, 2), silence],
  cut_before_token: [begin, lead, end],
  cut_after_token: [begin, lead, tokens(0, 1), settle, end],
  reset_after_token: [begin, lead, tokens(0, 1), settle, reset],
  error_before_token: [begin, lead, error, end],
  error_after_token: [begin, lead, tokens(0, 1), settle, lateError, end],
  // The rest comes as if nothing were: what skips the piece takes an answer with a hole for a whole one.
  malformed_before_token: [begin, lead, malformed, tokens(1), tail, done, end],
  malformed_after_token: [begin, lead, tokens(0, 1), settle, malformed, tokens(2), tail, done, end],
  missing_usage: [begin, lead, tokens(0), tail, done, end],
  missing_done: [begin, lead, tokens(0), tail, end],
  one_byte: [begin, everyByte, end],
  never_ending: [begin, lead, tokens(0, 1), forever(TOKEN_MS, ({ more }) => more)],
  empty_answer: [begin, lead, tokens(0), tail, done, end],
} as const satisfies Readonly<Record<string, readonly Step[]>>;

export type CallFault = keyof typeof faultsOfCalls;
export const callFaults = Object.keys(faultsOfCalls) as readonly CallFault[];

const parts: { readonly [F in CallFault]?: Said } = {
  missing_usage: { usage: false, content: true },
  empty_answer: { usage: true, content: false },
};
export const saidWith = (fault: CallFault): Said => parts[fault] ?? { usage: true, content: true };

/** Does to a call what the fault says, to its end or until the caller is gone. */
export async function perform(fault: CallFault, call: Call): Promise<void> {
  try {
    for (const step of faultsOfCalls[fault]) await step(call);
  } catch (error) {
    if (!call.gone) throw error;
  }
}
