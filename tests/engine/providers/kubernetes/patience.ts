import { setTimeout as sleep } from "node:timers/promises";
import type { Props } from "../serve.js";
import { annotationOf } from "./objects.js";

const DEFAULT_SECONDS = 600;
/**
 * A slow machine is nobody's fault, however short a minute is here. Real controllers clean up in real time: the garbage
 * collector learns of a new kind within 30 seconds.
 */
const leastMs = { ready: 30_000, gone: 120_000 } as const;

/** Until when: the program's own time-out, else an annotation's, else the usual ten minutes; in the minutes of here. */
export function deadlineFor(what: keyof typeof leastMs, seconds: number, object: Props, minuteMs: number): number {
  const annotated = Number(annotationOf(object, "pulumi.com/timeoutSeconds") ?? 0);
  const wanted = seconds > 0 ? seconds : annotated > 0 ? annotated : DEFAULT_SECONDS;
  return Date.now() + Math.max(leastMs[what], (wanted / 60) * minuteMs);
}

const SOONEST_MS = 20;
const LATEST_MS = 250;

/** Asks until there is an answer, often at first; undefined when it has become too late. */
export async function until<T>(deadline: number, ask: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let pause = SOONEST_MS; ; pause = Math.min(pause * 1.5, LATEST_MS)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) return undefined;
    await sleep(pause);
  }
}
