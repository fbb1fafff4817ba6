import { add, type Slots, sum } from "./sliding-window.js";

export interface RetryLimits {
  /** Of the calls in the window. */
  readonly ratio: number;
  /** In a window, however few calls there are. */
  readonly atLeast: number;
}

const WINDOW_MS = 30_000;

/** Keeps retries from multiplying the load on providers that fail because of it. */
export class RetryBudget {
  #slots: Slots = [];

  constructor(
    private readonly limits: RetryLimits,
    private readonly clock = () => performance.now(),
  ) {}

  call(): void {
    this.#slots = add(this.#slots, this.clock(), WINDOW_MS, 1, 0);
  }

  /** Whether there is a retry left; it is taken then. */
  take(): boolean {
    const now = this.clock();
    const { calls, marked: retries } = sum(this.#slots, now, WINDOW_MS);
    if (retries + 1 > Math.max(this.limits.atLeast, this.limits.ratio * calls)) return false;
    this.#slots = add(this.#slots, now, WINDOW_MS, 0, 1);
    return true;
  }
}
