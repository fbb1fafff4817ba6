/** Where the process stands between its first and its last moment. */
export class Lifecycle {
  #phase: "starting" | "serving" | "draining" = "starting";
  /** What it waits for while it starts. */
  waitsFor = "the database";

  get phase() {
    return this.#phase;
  }

  serve(): void {
    if (this.#phase === "starting") this.#phase = "serving";
  }

  /** No way back: whatever asks now is told to go elsewhere, and is answered all the same. */
  drain(): void {
    this.#phase = "draining";
  }
}
