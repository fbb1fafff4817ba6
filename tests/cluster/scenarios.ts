import { join } from "node:path";

/**
 * The scenarios, in an order: the first brings the stack up, load brings pods that stay, a new version's schema does too,
 * and the last needs a cluster from which the stack is gone.
 */
export const scenarios = [
  "up",
  "way-in",
  "scaling",
  "data",
  "drain",
  "faults",
  "rotation",
  "rollout",
  "destroy",
  "admission",
] as const;

export const scenarioFolder = join(import.meta.dirname, "scenarios");
