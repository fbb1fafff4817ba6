import type { CloudName } from "../config/names.js";
import type { Duty } from "./contract.js";

/** For clouds where no pod has any: a permission that nothing uses would not be noticed, and neither would its lack. */
export function refuseDuties(cloud: CloudName, duties: readonly Duty[] = []): void {
  if (duties.length === 0) return;
  throw new Error(
    `${cloud}: a pod is to ${duties.join(" and ")}, which no pod does there; expected none where \`cluster.provides\` says true`,
  );
}
