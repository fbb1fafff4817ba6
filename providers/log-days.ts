import { logsOf } from "../config/monitoring/logs.js";
import type { Settings } from "../config/settings.js";

/** Where the cluster is somebody else's and says nothing about its logs. */
const THEIRS = 30;

/** Days that logs of the cluster itself stay: of its control plane. */
export const clusterLogDays = ({ cluster }: Pick<Settings, "cluster">): number =>
  cluster.mode === "managed" ? cluster.logRetentionDays : THEIRS;

/**
 * Days that the cloud keeps what pods say; undefined where the stack sends that elsewhere. Where nobody watches there is
 * a place all the same, for whatever collects it then.
 */
export function podLogDays(stack: Pick<Settings, "cluster" | "monitoring">): number | undefined {
  const logs = logsOf(stack);
  if (logs === undefined) return clusterLogDays(stack);
  return logs.to === "cloud" ? logs.retention : undefined;
}

/** Whether the stack's own Fluent Bit writes to the cloud. */
export const sendsLogs = (stack: Pick<Settings, "monitoring">): boolean => logsOf(stack)?.to === "cloud";
