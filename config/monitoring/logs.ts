import { amount, oneOf, whole } from "../fields.js";
import type { CloudName } from "../names.js";
import type { Settings } from "../settings.js";
import z from "../zod.cjs";

/** What a stack may say of where the lines go that pods write. */

export const logPlaces = ["cloud", "openSearch", "none"] as const;
export type LogPlace = (typeof logPlaces)[number];

/** Where they go where the stack does not say. A cluster that exists is asked with kubectl. */
export const usualPlace: Readonly<Record<CloudName, LogPlace>> = {
  aws: "cloud",
  gcp: "cloud",
  azure: "cloud",
  local: "none",
};

export const logs = z
  .strictObject({
    to: oneOf(logPlaces).describe(
      "Where lines go: to the cloud's own log service, to an OpenSearch in the cluster, or nowhere: `kubectl logs` shows what nodes still have.",
    ),
    retention: whole(1, 3650).default(30).describe("Days that they stay there."),
    events: z.boolean().default(true).describe("Whether the cluster's events go there as well."),
    openSearch: z
      .strictObject({
        nodes: z.literal([1, 3] as const).describe("Three outlive one of them."),
        memory: whole(2, 64).default(2).describe("GiB of memory of each node; half of it is the heap."),
        storage: whole(1, 16384).default(25).describe("GiB of disk of each node."),
        perDay: amount(0.01, 10_000)
          .default(0.5)
          .describe("GiB of lines that a day brings: the disk is held against it."),
      })
      .describe("The OpenSearch in the cluster, where lines go there."),
  })
  .describe("Where what pods say is kept.");

export type LogsSettings = z.infer<typeof logs>;

/** Undefined where nobody watches. */
export const logsOf = ({ monitoring }: Pick<Settings, "monitoring">): LogsSettings | undefined =>
  monitoring.mode === "none" ? undefined : monitoring.logs;
