/**
 * How an attempt at a provider can fail, and what that means: one row a kind. The state machine knows no other rules.
 */
interface Kind {
  /** Before anything was sent to the caller: once more at the same provider, at the next one, or nowhere. */
  readonly action: "retry" | "next" | "stop";
  /** What the breaker of this provider's model is told. */
  readonly breaker: "failure" | "limited" | "none";
  /** For people: in health, logs and the caller's error. */
  readonly says: string;
}

export const failureKinds = {
  connect_error: { action: "retry", breaker: "failure", says: "can't be reached" },
  server_error: { action: "retry", breaker: "failure", says: "failed" },
  timeout: { action: "retry", breaker: "failure", says: "took too long" },
  cut: { action: "retry", breaker: "failure", says: "broke off" },
  malformed: { action: "retry", breaker: "failure", says: "answered what can't be read" },
  /** A delay below two seconds is waited for; the breaker is open until it is over. */
  rate_limited: { action: "retry", breaker: "limited", says: "limits its callers" },
  credential: { action: "next", breaker: "none", says: "refuses the key" },
  /** A model with a larger window may take it. */
  context_length: { action: "next", breaker: "none", says: "has too small a context window" },
  /** This dialect has no words for what the caller asks. */
  unsupported: { action: "next", breaker: "none", says: "can't do what was asked" },
  refused: { action: "stop", breaker: "none", says: "refuses the request" },
  content_filter: { action: "stop", breaker: "none", says: "refuses the content" },
} as const satisfies Readonly<Record<string, Kind>>;

export type FailureKind = keyof typeof failureKinds;

export interface FailureDetails {
  /** The provider's HTTP status. */
  readonly status?: number;
  /** How long the provider asks to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** What an adapter throws. `detail` may quote the provider, and goes to the caller only where the request is at fault. */
export class ProviderFailure extends Error {
  constructor(
    readonly kind: FailureKind,
    readonly detail: string,
    readonly details: FailureDetails = {},
  ) {
    super(detail, { cause: details.cause });
    this.name = "ProviderFailure";
  }
}
