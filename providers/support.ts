import type { CloudName } from "../config/names.js";

/**
 * What each cloud can do. `true`, or why not and what to do instead. Settings are held against this table when they
 * are parsed, the table in docs/clouds.md is generated from it, and a cloud's `refuse` speaks from it.
 */
export interface Refusal {
  readonly reason: string;
  readonly alternative: string;
}
export type Support = true | Refusal;

/** Modes of a part. */
export type ModeCapability =
  | "network.managed"
  | "network.existing"
  | "network.none"
  | "cluster.managed"
  | "cluster.existing"
  | "databases.managed"
  | "databases.inCluster"
  | "databases.existing"
  | "databases.replica"
  | "caches.managed"
  | "caches.inCluster"
  | "caches.existing"
  | "buckets.managed"
  | "buckets.existing"
  | "secretStore.managed"
  | "secretStore.existing"
  | "registry.managed"
  | "registry.existing"
  | "registry.none"
  | "domain.managed"
  | "domain.existing"
  | "domain.none"
  | "monitoring.inCluster"
  | "monitoring.existing"
  | "monitoring.none";

/** What a managed part is asked for beyond its mode: `config/features.ts` says by which setting. */
export type FeatureCapability =
  | "network.nat.none"
  | "network.flowLogs"
  | "cluster.access.dns"
  | "cluster.shortLogs"
  | "databases.maxStorage"
  | "databases.shortBackups"
  | "caches.shards"
  | "caches.replicas"
  | "caches.snapshots"
  | "caches.maintenanceWindow"
  | "secretStore.noRecovery"
  | "registry.keepImages";

export type Capability = ModeCapability | FeatureCapability | "standby" | "edge";

type Answers = Readonly<Record<CloudName, Support>>;

const everywhere: Answers = { aws: true, gcp: true, azure: true, local: true };

/** What every cloud has, and a cluster that exists has not. */
const onClouds = (reason: string, alternative: string): Answers => ({
  ...everywhere,
  local: { reason, alternative },
});

const withoutService = (what: string): Answers =>
  onClouds(`local is a cluster that exists and makes no ${what} of its own`, "mode inCluster or existing");
const theirNetwork = onClouds("local uses the network of the cluster that exists", "mode none");
const withoutDns = onClouds("local has no DNS service", "mode none, and the printed address");

const needsSubnets: Refusal = {
  reason: "nodes and databases need subnets",
  alternative: "mode managed or existing",
};
const noCacheService: Refusal = {
  reason: "local makes no cache service",
  alternative: "a cache in the cluster, as far as it goes",
};
const nothingInFront: Refusal = {
  reason: "no firewall or CDN is put in front of the gateway yet",
  alternative: "the gateway's own address",
};
const byAddress = (cloud: string): Refusal => ({
  reason: `${cloud} lets in by address or from inside the network, not by a name of its own`,
  alternative: "cluster.access.cidrs or cluster.access.private",
});

export const support: Readonly<Record<Capability, Answers>> = {
  "network.managed": theirNetwork,
  "network.existing": theirNetwork,
  "network.none": { aws: needsSubnets, gcp: needsSubnets, azure: needsSubnets, local: true },
  "network.nat.none": {
    ...theirNetwork,
    azure: {
      reason: "AKS nodes fetch what they start with from the internet",
      alternative: "nat single or perZone",
    },
  },
  "network.flowLogs": {
    ...theirNetwork,
    azure: {
      reason: "flow logs belong to the subscription's network watcher, of which there is one a region",
      alternative: "flowLogs.enabled false, and flow logs that the watcher's owner sets up",
    },
  },
  "cluster.managed": onClouds("local uses a cluster that exists", "mode existing, with cluster.context"),
  "cluster.existing": everywhere,
  "cluster.access.dns": {
    aws: byAddress("EKS"),
    gcp: true,
    azure: byAddress("AKS"),
    local: { reason: "a cluster that exists decides for itself", alternative: "what its owner says" },
  },
  "cluster.shortLogs": {
    ...onClouds("a cluster that exists decides for itself", "what its owner says"),
    azure: {
      reason: "Log Analytics keeps logs for thirty days at the least",
      alternative: "cluster.logRetentionDays 30 or more",
    },
  },
  "databases.managed": withoutService("database service"),
  "databases.inCluster": everywhere,
  "databases.existing": everywhere,
  "databases.replica": onClouds("a database in one cluster cannot follow one in another", "mode inCluster or existing"),
  "databases.maxStorage": {
    ...withoutService("database service"),
    azure: {
      reason: "a server that grows by itself there takes no limit",
      alternative: "maxStorage equal to storage, which keeps it from growing, or none said",
    },
  },
  "databases.shortBackups": {
    ...withoutService("database service"),
    azure: { reason: "backups stay seven days at the least", alternative: "backup.retentionDays 7 to 35" },
  },
  "caches.managed": withoutService("cache service"),
  "caches.inCluster": everywhere,
  "caches.existing": everywhere,
  "caches.shards": {
    ...everywhere,
    azure: {
      reason: "Azure Managed Redis parts its keys by itself, as its size asks",
      alternative: "shards 1, with the memory of all",
    },
    local: noCacheService,
  },
  "caches.replicas": {
    ...everywhere,
    azure: { reason: "Azure Managed Redis keeps one copy", alternative: "replicas 0 or 1" },
    local: noCacheService,
  },
  "caches.snapshots": {
    ...everywhere,
    azure: {
      reason: "Azure Managed Redis writes itself to disk and keeps no snapshots by the day",
      alternative: "snapshots.retentionDays 0",
    },
    local: noCacheService,
  },
  "caches.maintenanceWindow": {
    ...everywhere,
    azure: { reason: "Azure Managed Redis takes no window for patches", alternative: "none said" },
    local: noCacheService,
  },
  "buckets.managed": onClouds(
    "local makes no object store",
    "mode existing with the endpoint of an S3-compatible store",
  ),
  "buckets.existing": everywhere,
  "secretStore.managed": everywhere,
  "secretStore.existing": everywhere,
  "secretStore.noRecovery": {
    ...everywhere,
    azure: {
      reason: "a key vault keeps what is deleted for seven days at the least",
      alternative: "recoveryDays 7 to 30; names end in chance, so none is blocked",
    },
  },
  "registry.managed": onClouds("local makes no image registry", "mode existing with registry.url, or mode none"),
  "registry.existing": everywhere,
  "registry.none": everywhere,
  "registry.keepImages": {
    ...onClouds("local makes no image registry", "mode existing with registry.url, or mode none"),
    azure: {
      reason: "a container registry there deletes by no count of images",
      alternative: "none said, and `acr purge` from a pipeline",
    },
  },
  "domain.managed": withoutDns,
  "domain.existing": withoutDns,
  "domain.none": everywhere,
  "monitoring.inCluster": everywhere,
  "monitoring.existing": everywhere,
  "monitoring.none": everywhere,
  standby: onClouds("a cluster that exists cannot stand by for a cloud", "a stack on a cloud"),
  edge: {
    aws: nothingInFront,
    gcp: nothingInFront,
    azure: nothingInFront,
    local: { reason: "local has nothing in front of the gateway", alternative: "the gateway's own address" },
  },
};

/** Thrown by a cloud that is asked for what the table refuses; settings never let it come to that. */
export function refuse(cloud: CloudName, capability: Capability): never {
  const answer = support[capability][cloud];
  if (answer === true) throw new Error(`${cloud} supports ${capability}, and yet it was refused`);
  throw new Error(`${cloud}: no ${capability}: ${answer.reason}; use ${answer.alternative}`);
}
