import type { CloudName } from "../config/names.js";
import type { Duty } from "./contract.js";

/** For duties that no pod has there: a permission that nothing uses would not be noticed, and neither would its lack. */
export function refuseDuties(cloud: CloudName, duties: readonly Duty[] = [], done: readonly string[] = []): void {
  const refused = duties.filter((duty) => !done.includes(duty));
  if (refused.length === 0) return;
  throw new Error(
    `${cloud}: a pod is to ${refused.join(" and ")}, which no pod does there; expected none where \`cluster.provides\` says true`,
  );
}
