import { Problem } from "../http/problem.js";
import type { Attempt, Operation } from "./attempt.js";
import type { Target } from "./catalog.js";
import { ProviderFailure } from "./failure.js";

/** Who calls: their hanging up ends the attempt, and their tokens are counted. */
export interface Caller {
  readonly signal: AbortSignal;
  readonly spent?: (tokens: number) => void;
}

/** One call: its plan, its deadline over all attempts, and the attempt that is under way. */
export class Call {
  attempts = 0;
  readonly #began = performance.now();
  #over: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #gone = () => this.#stop(this.caller.signal.reason);
  #current: Attempt | undefined;

  constructor(
    readonly operation: Operation,
    readonly targets: readonly Target[],
    readonly caller: Caller,
    private readonly deadlineMs: number,
    /** Of the question, in characters. */
    readonly length: () => number,
  ) {
    this.#timer = setTimeout(() => this.#stop(this.#late()), deadlineMs);
    caller.signal.addEventListener("abort", this.#gone, { once: true });
    if (caller.signal.aborted) this.#gone();
  }

  /** For what waits between attempts; most calls never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#over !== undefined) this.#controller.abort(this.#over.reason);
    return this.#controller.signal;
  }

  seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  timeLeft(): number {
    return this.deadlineMs - (performance.now() - this.#began);
  }

  /** Throws why the call is over, if it is. */
  demandTime(): void {
    if (this.#over !== undefined) throw this.#over.reason;
  }

  began(attempt: Attempt): void {
    this.attempts += 1;
    this.#current = attempt;
    if (this.#over !== undefined) attempt.abort(this.#over.reason);
  }

  /**
   * What the provider is to blame for; `undefined` is nothing. That the call's time ran out is its fault only if it had
   * most of that time for itself: else a provider that never ends would never be left.
   */
  blame(error: unknown, attempt: Attempt): ProviderFailure | undefined {
    if (error instanceof ProviderFailure) return error;
    const ranOut = this.#over?.reason instanceof Problem;
    const alone = performance.now() - attempt.began >= this.deadlineMs / 2;
    return ranOut && alone ? new ProviderFailure("timeout", "did not end before the call's deadline") : undefined;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.caller.signal.removeEventListener("abort", this.#gone);
    this.#current = undefined;
  }

  #late(): Problem {
    return new Problem("deadline", `no answer within ${this.deadlineMs / 1000} s`, {
      headers: { "x-attempts": String(this.attempts) },
    });
  }

  #stop(reason: unknown): void {
    this.#over ??= { reason };
    this.#controller?.abort(reason);
    this.#current?.abort(reason);
  }
}
