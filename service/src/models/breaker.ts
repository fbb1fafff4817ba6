import { add, type Slots, sum } from "./sliding-window.js";

/**
 * One breaker, as functions of what it was and of the time. It stands between the calls and one model of one provider:
 * closed it lets them through and counts, open it keeps them away, half-open it lets one after the other try.
 * `breaker-scripts.ts` says the same to Redis, in the same words.
 */

export const breakerDefaults = {
  /** What is counted while closed. */
  windowMs: 30_000,
  /** Of fewer calls in the window the ratio says nothing. */
  minCalls: 5,
  /** This part of the window's calls failed: open. */
  ratio: 0.5,
  /** So many failed one after the other: open. */
  inARow: 5,
  /** Open for so long at first, and twice as long each time that a probe failed. */
  openMs: 5000,
  maxOpenMs: 60_000,
  /** So many probes succeeded: closed. */
  successes: 2,
  /** A probe whose owner died is given up after this: longer than a call may take, or two would probe at once. */
  leaseMs: 65_000,
} as const;

export type BreakerSettings = { readonly [K in keyof typeof breakerDefaults]: number };

export interface BreakerState {
  /** Calls while closed, and the failures among them. Lua has no empty list, so it is not there where nothing is counted. */
  readonly slots?: Slots | undefined;
  readonly inARow: number;
  /** How long it was opened for the last time; 0 while it is closed. */
  readonly openMs: number;
  /** Then it is half-open. */
  readonly openUntil: number;
  /** Of probes. */
  readonly successes: number;
  readonly probe?: { readonly token: string; readonly ends: number } | undefined;
  /** The provider wants no calls before. */
  readonly limitedUntil: number;
}

export const newBreaker: BreakerState = {
  inARow: 0,
  openMs: 0,
  openUntil: 0,
  successes: 0,
  limitedUntil: 0,
};

export type Admission =
  /** `probe` is the lease of the one call that may try while the breaker is half-open. */
  | { readonly admitted: true; readonly probe: string | undefined }
  | { readonly admitted: false; readonly limited: boolean; readonly retryAfterMs: number };

export type BreakerOutcome =
  | { readonly outcome: "success" | "failure" | "none" }
  /** `undefined` where the provider did not say for how long. */
  | { readonly outcome: "limited"; readonly forMs: number | undefined };

export interface BreakerView {
  readonly phase: "closed" | "half-open" | "open";
  readonly limited: boolean;
  /** 0 where a call would be admitted. */
  readonly retryAfterMs: number;
  readonly calls: number;
  readonly failures: number;
  readonly inARow: number;
}

/** Lends the probe where there is one to lend; `admissionOf` then says whether this call has it. */
export function lend(state: BreakerState, now: number, token: string, settings: BreakerSettings): BreakerState {
  if (state.openMs === 0 || waitOf(state, now, settings) > 0) return state;
  return { ...state, probe: { token, ends: now + settings.leaseMs } };
}

export function admissionOf(state: BreakerState, now: number, token: string, settings: BreakerSettings): Admission {
  if (state.probe?.token === token) return { admitted: true, probe: token };
  const retryAfterMs = waitOf(state, now, settings);
  return retryAfterMs === 0
    ? { admitted: true, probe: undefined }
    : { admitted: false, limited: now < state.limitedUntil, retryAfterMs };
}

/** `probe` is what the call was admitted with. */
export function record(
  state: BreakerState,
  now: number,
  probe: string | undefined,
  outcome: BreakerOutcome,
  settings: BreakerSettings,
): BreakerState {
  const closed = state.openMs === 0;
  // A call from before it opened says nothing about now.
  if (!closed && (probe === undefined || state.probe?.token !== probe)) return state;
  const freed = { ...state, probe: undefined };
  if (outcome.outcome === "none") return freed;
  if (outcome.outcome === "limited")
    return { ...freed, limitedUntil: Math.max(state.limitedUntil, now + (outcome.forMs ?? settings.openMs)) };
  if (closed) return counted(freed, now, outcome.outcome === "failure" ? 1 : 0, settings);
  return outcome.outcome === "success" ? succeeded(freed, settings) : opened(freed, now, state.openMs * 2, settings);
}

export function viewOf(state: BreakerState, now: number, settings: BreakerSettings): BreakerView {
  const { calls, marked } = sum(state.slots ?? [], now, settings.windowMs);
  return {
    phase: state.openMs === 0 ? "closed" : now < state.openUntil ? "open" : "half-open",
    limited: now < state.limitedUntil,
    retryAfterMs: waitOf(state, now, settings),
    calls,
    failures: marked,
    inARow: state.inARow,
  };
}

function counted(state: BreakerState, now: number, failures: 0 | 1, settings: BreakerSettings): BreakerState {
  const slots = add(state.slots ?? [], now, settings.windowMs, 1, failures);
  const inARow = failures === 0 ? 0 : state.inARow + 1;
  const { calls, marked } = sum(slots, now, settings.windowMs);
  const broken = inARow >= settings.inARow || (calls >= settings.minCalls && marked >= settings.ratio * calls);
  const next = { ...state, slots, inARow };
  return broken ? opened(next, now, settings.openMs, settings) : next;
}

function opened(state: BreakerState, now: number, forMs: number, settings: BreakerSettings): BreakerState {
  const openMs = Math.min(forMs, settings.maxOpenMs);
  return { ...state, openMs, openUntil: now + openMs, successes: 0 };
}

function succeeded(state: BreakerState, settings: BreakerSettings): BreakerState {
  const successes = state.successes + 1;
  return successes >= settings.successes ? newBreaker : { ...state, successes };
}

function waitOf({ openUntil, limitedUntil, probe }: BreakerState, now: number, settings: BreakerSettings): number {
  const blocked = Math.max(openUntil, limitedUntil) - now;
  // A probe mostly ends long before its lease.
  const probing = Math.min((probe?.ends ?? now) - now, settings.openMs);
  return Math.max(0, Math.ceil(blocked > 0 ? blocked : probing));
}
