/** How long an attempt may be silent. The time in which the caller does not read does not count. */
export class Patience {
  #timer: NodeJS.Timeout | undefined;
  #ms = 0;
  #paused = false;

  constructor(private readonly lost: () => void) {}

  /** From now on. */
  wait(ms: number): void {
    this.#paused = false;
    if (this.#timer !== undefined && ms === this.#ms) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#timer = setTimeout(() => {
      if (!this.#paused) this.lost();
    }, ms);
  }

  pause(): void {
    this.#paused = true;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
