import type { Rows } from "./row.js";

/** `90s`, `2m30s`, as Go writes durations. */
const minutesOfDuration = (duration: unknown): number =>
  [...String(duration ?? "").matchAll(/([\d.]+)([hms])/g)].reduce(
    (sum, [, count, unit = "m"]) => sum + Number(count) * ({ h: 60, m: 1, s: 1 / 60 }[unit] ?? 0),
    0,
  );

export const minutesOfWaiting: Rows = {
  "time:index/sleep:Sleep": ({ createDuration, destroyDuration }) => ({
    create: minutesOfDuration(createDuration),
    delete: minutesOfDuration(destroyDuration),
  }),
};
