import { setTimeout as sleep } from "node:timers/promises";

/** Looks until it is so; the test's own deadline ends it otherwise. */
export async function until(so: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await so())) await sleep(20);
}
