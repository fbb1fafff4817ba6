import { setTimeout as sleep } from "node:timers/promises";

/** Loaded machines take several times as long as others: what comes at all has come by then. */
const DEADLINE_MS = 180_000;
const POLL_MS = 250;

/** Asks until what is asked for is there; an error on the way is a reason to ask again, and the last one is told. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  let last: unknown;
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: not within ${DEADLINE_MS / 1000} s`, { cause: last });
}
