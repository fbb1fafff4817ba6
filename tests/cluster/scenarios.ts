import { join } from "node:path";

/**
 * The scenarios, in an order: the first needs no stack and the last takes it away, load brings pods that stay, and a new
 * version's schema does too.
 */
export const scenarios = [
  "admission",
  "up",
  "way-in",
  "scaling",
  "data",
  "drain",
  "faults",
  "rotation",
  "rollout",
  "destroy",
] as const;

export const scenarioFolder = join(import.meta.dirname, "scenarios");
