import { Problem } from "./problem.js";

/**
 * How long a call may take: to its deadline, if it has one, or until its caller is gone. Most calls never look at the
 * signal, and it is made for those that do: on Node 20 one with a listener costs more than a whole small answer.
 */
export class CallTime {
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: AbortController | undefined;
  #stopped: { readonly reason: unknown } | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(ms: number | undefined) {
    if (ms !== undefined)
      this.#timer = setTimeout(() => this.stop(new Problem("deadline", `no answer within ${ms / 1000} s`)), ms);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#stopped !== undefined) this.#controller.abort(this.#stopped.reason);
    }
    return this.#controller.signal;
  }

  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { reason };
    this.#controller?.abort(reason);
    this.#reject?.(reason);
  }

  /** What the work gives, if it does so in time. */
  within<T>(work: T | Promise<T>): T | Promise<T> {
    if (!(work instanceof Promise)) return work;
    return new Promise((resolve, reject) => {
      // Whoever loses the race may still fail; that is no one's any more.
      work.then(resolve, reject);
      this.#reject = reject;
      if (this.#stopped !== undefined) reject(this.#stopped.reason);
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
