import type { Dialect, FaultName } from "../../support/fake-provider.js";

/**
 * The fault matrix: what a caller gets, and what the service notes, for every fault that a provider can show. Written by
 * hand from the rules of the model calls (docs/faults.md), and by nothing else: no test and no command writes this file.
 */

export const modes = ["stream", "whole"] as const;
export type Mode = (typeof modes)[number];

/** The faulty provider is p1. Alone; with a p2 that is well behind it; with a p2 behind it that has the same fault. */
export const situations = ["alone", "second", "broken"] as const;
export type Situation = (typeof situations)[number];

export type Answer =
  /** 200 and all of it: the answer as it should be, without its usage, or one in which the model said nothing. */
  | { readonly kind: "whole"; readonly by: "p1" | "p2"; readonly says: "all" | "all but usage" | "nothing" }
  /** 200, these tokens, and then the frame `stream_interrupted`. */
  | { readonly kind: "half"; readonly said: "Alpha" | "Alpha beta" | "Alpha and and..."; readonly why: string }
  /** An error with its status; `retryAfter` in seconds where the same call may succeed later. */
  | { readonly kind: "problem"; readonly code: Code; readonly why: string; readonly retryAfter: number | undefined };

export type Code =
  | "providers_unavailable"
  | "provider_limited"
  | "deadline"
  | "provider_refused"
  | "content_filter"
  | "context_length_exceeded"
  | "model_not_found";

/** Failed calls of all calls that the breaker has counted, or that it is open because p1 limits its callers. */
export type Breaker = `${0 | 1 | 2} of ${0 | 1 | 2}` | "limited";

/** Tokens that the service counts for the call, question + answer; `about` where no provider said how many. */
export type Usage = "none" | "11 + 4" | "11 + 0" | "about 11 + 6" | "about 11 + 2" | "about 11 + 3" | "about 11 + more";

export type Cell = readonly [answer: Answer, attempts: number, breaker: Breaker, usage: Usage];
export type Cells = { readonly [S in Situation]: Cell };
export type ByMode = { readonly [M in Mode]: Cells };

export interface Row extends ByMode {
  /** What the provider does. */
  readonly does: string;
  /** Dialects that differ. */
  readonly except?: { readonly [D in Dialect]?: ByMode };
}

const whole = (by: "p1" | "p2"): Answer => ({ kind: "whole", by, says: "all" });
const uncounted: Answer = { kind: "whole", by: "p1", says: "all but usage" };
const nothing: Answer = { kind: "whole", by: "p1", says: "nothing" };
const half = (said: Extract<Answer, { kind: "half" }>["said"], why: string): Answer => ({ kind: "half", said, why });
const unavailable = (why: string): Answer => ({ kind: "problem", code: "providers_unavailable", why, retryAfter: 1 });
const limited = (retryAfter: number): Answer => ({
  kind: "problem",
  code: "provider_limited",
  why: "limits its callers",
  retryAfter,
});
/** Of the call, not of a provider. */
export const LATE = "no answer within the deadline";
const late: Answer = { kind: "problem", code: "deadline", why: LATE, retryAfter: 1 };
const refused = (code: Code, why: string): Answer => ({ kind: "problem", code, why, retryAfter: undefined });

/** Nothing depends on who else is there: the answer has begun, or the request is at fault. */
const wherever = (cell: Cell): Cells => ({ alone: cell, second: cell, broken: cell });
const both = (cells: Cells): ByMode => ({ stream: cells, whole: cells });

/** Connect error, 5xx, 529, 408, no first token, cut, error inside a 200: once more, then the next. */
const retried = (why: string): Cells => ({
  alone: [unavailable(why), 2, "2 of 2", "none"],
  second: [whole("p2"), 3, "2 of 2", "11 + 4"],
  broken: [unavailable(why), 4, "2 of 2", "none"],
});
/** 401, 403: the next at once, and never the provider's own status. */
const badKey: Cells = {
  alone: [unavailable("refuses the key"), 1, "0 of 0", "none"],
  second: [whole("p2"), 2, "0 of 0", "11 + 4"],
  broken: [unavailable("refuses the key"), 2, "0 of 0", "none"],
};
/** 429 with a delay of two seconds or more, or with none: the next at once; open until then. */
const limitedFor = (seconds: number): Cells => ({
  alone: [limited(seconds), 1, "limited", "none"],
  second: [whole("p2"), 2, "limited", "11 + 4"],
  broken: [limited(seconds), 2, "limited", "none"],
});
/** 400, 404, 422, content filter: nobody else is asked. */
const stopped = (code: Code, why: string): Cells => wherever([refused(code, why), 1, "0 of 0", "none"]);
/** After COMMIT: what came, an error frame, nothing else; and nobody else is asked. */
const interrupted = (why: string): Cells => wherever([half("Alpha", why), 1, "1 of 1", "about 11 + 2"]);
const fine: Cells = wherever([whole("p1"), 1, "0 of 1", "11 + 4"]);
/** One attempt that took the whole deadline. */
const tooLate: Cells = wherever([late, 1, "1 of 1", "none"]);

const UNREACHED = "can't be reached";
const FAILED = "failed";
const SLOW = "took too long";
const CUT = "broke off";
const UNREADABLE = "answered what can't be read";
const REFUSES = "refuses the request";

export const table: { readonly [F in FaultName]: Row } = {
  none: { does: "answers as it should", ...both(fine) },

  refused: { does: "nobody listens at its address", ...both(retried(UNREACHED)) },
  tls_untrusted: { does: "shows a certificate that nobody vouches for", ...both(retried(UNREACHED)) },
  tls_to_plain: { does: "speaks plain HTTP where it should speak TLS", ...both(retried(UNREACHED)) },
  reset: { does: "resets the connection when it has the request", ...both(retried(UNREACHED)) },

  status_400: { does: "400", ...both(stopped("provider_refused", REFUSES)) },
  status_401: { does: "401", ...both(badKey) },
  status_403: { does: "403", ...both(badKey) },
  status_404: { does: "404", ...both(stopped("model_not_found", REFUSES)) },
  status_408: { does: "408", ...both(retried(FAILED)) },
  status_422: { does: "422", ...both(stopped("provider_refused", REFUSES)) },
  status_500: { does: "500", ...both(retried(FAILED)) },
  status_503: { does: "503", ...both(retried(FAILED)) },
  status_529: { does: "529", ...both(retried(FAILED)) },
  redirect: { does: "302, elsewhere", ...both(retried(UNREADABLE)) },
  html: { does: "200 and a page", ...both(retried(UNREADABLE)) },

  context_length: {
    does: "400: the question is longer than the model's window",
    ...both({
      alone: [refused("context_length_exceeded", "no model has a window for this"), 1, "0 of 0", "none"],
      second: [whole("p2"), 2, "0 of 0", "11 + 4"],
      broken: [refused("context_length_exceeded", "no model has a window for this"), 2, "0 of 0", "none"],
    }),
  },
  content_filter: {
    does: "400: the content is not allowed",
    ...both(stopped("content_filter", "refuses the content")),
    // Ollama has no filter of its own, and no word for one: a 400 is a 400.
    except: { ollama: both(stopped("provider_refused", REFUSES)) },
  },

  rate_limit_header_short: {
    does: "429, again after 0.8 s by its headers",
    ...both({
      alone: [limited(1), 2, "limited", "none"],
      second: [whole("p2"), 3, "limited", "11 + 4"],
      // By the time that p2 was waited for too, p1 takes calls again.
      broken: [limited(1), 4, "0 of 0", "none"],
    }),
  },
  rate_limit_header_long: { does: "429, again after 7 s by its header", ...both(limitedFor(7)) },
  rate_limit_body_long: { does: "429, again after 7 s by its words", ...both(limitedFor(7)) },
  // As long as a breaker opens for at first.
  rate_limit_bare: { does: "429 without a delay", ...both(limitedFor(5)) },

  silence_before_headers: { does: "takes the request and says nothing", ...both(retried(SLOW)) },
  silence_before_token: { does: "200, and no token", ...both(retried(SLOW)) },
  pings_only: {
    does: "200, and pings without end",
    // A ping is no token.
    stream: retried(SLOW),
    // White space before a JSON text keeps the connection, and the answer may still come.
    whole: tooLate,
  },
  silence_mid_stream: {
    does: "two tokens, then nothing",
    stream: wherever([half("Alpha beta", SLOW), 1, "1 of 1", "about 11 + 3"]),
    whole: retried(SLOW),
  },
  never_ending: {
    does: "tokens without end",
    stream: wherever([half("Alpha and and...", LATE), 1, "1 of 1", "about 11 + more"]),
    whole: tooLate,
  },

  cut_before_token: {
    does: "200, and the body ends before a token",
    stream: retried(CUT),
    // The body ended as bodies end, and what is in it is no JSON.
    whole: retried(UNREADABLE),
  },
  cut_after_token: {
    does: "one token, and the body ends",
    stream: interrupted(CUT),
    whole: retried(UNREADABLE),
  },
  reset_after_token: {
    does: "one token, and the connection is reset",
    stream: interrupted(CUT),
    whole: retried(CUT),
  },
  error_before_token: { does: "200, and an error where the first token should be", ...both(retried(FAILED)) },
  error_after_token: {
    does: "one token, and an error inside the 200",
    stream: interrupted(FAILED),
    whole: retried(FAILED),
  },
  malformed_before_token: { does: "a broken piece in place of the first token", ...both(retried(UNREADABLE)) },
  malformed_after_token: {
    does: "a broken piece in place of the second token",
    stream: interrupted(UNREADABLE),
    whole: retried(UNREADABLE),
  },

  missing_usage: {
    does: "a whole answer without usage",
    ...both(wherever([uncounted, 1, "0 of 1", "about 11 + 6"])),
  },
  missing_done: { does: "a whole answer, without the frame that says so", ...both(fine) },
  one_byte: { does: "a whole answer, each byte by itself", ...both(fine) },
  empty_answer: { does: "a whole answer without a word", ...both(wherever([nothing, 1, "0 of 1", "11 + 0"])) },
};

/** What a provider says of a request that it refuses: the caller is at fault, and is told. */
export const words = {
  status_400: {
    openai: "Invalid type for 'temperature': expected a number.",
    anthropic: "temperature: Input should be a valid number",
    ollama: "option temperature must be of type float32",
  },
  status_404: {
    openai: "The model `m1` does not exist or you do not have access to it.",
    anthropic: "model: m1",
    ollama: "model 'm1' not found",
  },
  status_422: {
    openai: "The request can't be processed.",
    anthropic: "The request can't be processed.",
    ollama: "the request can't be processed",
  },
  context_length: {
    openai: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    anthropic: "prompt is too long: 9001 tokens > 8192 maximum",
    ollama: "the input length exceeds the context length",
  },
  content_filter: {
    openai: "The response was filtered due to the prompt triggering the content management policy.",
    anthropic: "Output blocked by content filtering policy",
    ollama: "the request was refused",
  },
} as const satisfies { readonly [F in FaultName]?: Readonly<Record<Dialect, string>> };

export const cellsOf = (fault: FaultName, dialect: Dialect): ByMode => table[fault].except?.[dialect] ?? table[fault];
