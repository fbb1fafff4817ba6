import { setTimeout as pause } from "node:timers/promises";

const PATIENCE_SECONDS = 90;

/** Looks again and again for what comes by itself; `what` is in the error of what never came, with the last look. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  seconds = PATIENCE_SECONDS,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== undefined) return found;
      last = "nothing yet";
    } catch (error) {
      last = error;
    }
    await pause(100);
  }
  throw new Error(`${what} did not come within ${seconds} s`, { cause: last });
}
