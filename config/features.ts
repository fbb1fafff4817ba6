import { type FeatureCapability, support } from "../providers/support.js";
import type { CloudName } from "./names.js";
import { type Path, type Tree, valueAt } from "./walk.js";

export type FeaturedPart = "network" | "cluster" | "databases" | "caches" | "secretStore" | "registry";

/** What a managed part is asked for beyond its mode: the setting that asks, and when it does. */
export interface Feature {
  readonly capability: FeatureCapability;
  readonly part: FeaturedPart;
  readonly field: Path;
  readonly asks: (value: unknown, part: Tree) => boolean;
  /** What a cloud without it does where nobody asked but size and environment; nothing where that goes unsaid. */
  readonly instead?: (part: Tree) => Tree;
}

const over = (most: number) => (value: unknown) => Number(value) > most;
const always = () => true;

export const features: readonly Feature[] = [
  { capability: "network.nat.none", part: "network", field: ["nat"], asks: (value) => value === "none" },
  {
    capability: "network.flowLogs",
    part: "network",
    field: ["flowLogs", "enabled"],
    asks: (value) => value === true,
    instead: ({ flowLogs }) => ({ flowLogs: { ...(flowLogs as Tree), enabled: false } }),
  },
  { capability: "cluster.access.dns", part: "cluster", field: ["access", "dns"], asks: (value) => value === true },
  {
    capability: "cluster.shortLogs",
    part: "cluster",
    field: ["logRetentionDays"],
    asks: (value) => Number(value) < 30,
    instead: () => ({ logRetentionDays: 30 }),
  },
  {
    capability: "databases.maxStorage",
    part: "databases",
    field: ["maxStorage"],
    asks: (value, { storage }) => Number(value) > Number(storage),
  },
  {
    capability: "databases.shortBackups",
    part: "databases",
    field: ["backup", "retentionDays"],
    asks: (value) => Number(value) < 7,
    instead: ({ backup }) => ({ backup: { ...(backup as Tree), retentionDays: 7 } }),
  },
  {
    capability: "caches.shards",
    part: "caches",
    field: ["shards"],
    asks: over(1),
    instead: ({ shards, memory }) => ({ shards: 1, memory: Number(shards) * Number(memory) }),
  },
  {
    capability: "caches.replicas",
    part: "caches",
    field: ["replicas"],
    asks: over(1),
    instead: () => ({ replicas: 1 }),
  },
  {
    capability: "caches.snapshots",
    part: "caches",
    field: ["snapshots", "retentionDays"],
    asks: over(0),
    instead: ({ snapshots }) => ({ snapshots: { ...(snapshots as Tree), retentionDays: 0 } }),
  },
  { capability: "caches.maintenanceWindow", part: "caches", field: ["maintenanceWindow"], asks: always },
  {
    capability: "secretStore.noRecovery",
    part: "secretStore",
    field: ["recoveryDays"],
    asks: (value) => Number(value) === 0,
    instead: () => ({ recoveryDays: 7 }),
  },
  { capability: "registry.keepImages", part: "registry", field: ["keepImages"], asks: always },
];

/** Whether a part asks for something that the cloud has not. */
export function isLacking({ capability, field, asks }: Feature, cloud: CloudName, part: Tree): boolean {
  const value = valueAt(part, field);
  return value !== undefined && support[capability][cloud] !== true && asks(value, part);
}

/** A managed part's defaults, less what the cloud has not. */
export function lowerTo(cloud: CloudName, part: string, values: Tree): Tree {
  const lacking = features.filter((feature) => feature.part === part && isLacking(feature, cloud, values));
  return Object.assign({}, values, ...lacking.map(({ instead }) => instead?.(values)));
}
