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

export type Capability =
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
  | "standby"
  | "edge";

const inItsCluster = (what: string): Refusal => ({
  reason: `local is a cluster that exists and makes no ${what} of its own`,
  alternative: "mode inCluster or existing",
});

export const support: Readonly<Record<Capability, Readonly<Record<CloudName, Support>>>> = {
  "network.managed": {
    aws: true,
    local: { reason: "local uses the network of the cluster that exists", alternative: "mode none" },
  },
  "network.existing": {
    aws: true,
    local: { reason: "local uses the network of the cluster that exists", alternative: "mode none" },
  },
  "network.none": {
    aws: { reason: "nodes and databases need subnets", alternative: "mode managed or existing" },
    local: true,
  },
  "cluster.managed": {
    aws: true,
    local: { reason: "local uses a cluster that exists", alternative: "mode existing, with cluster.context" },
  },
  "cluster.existing": { aws: true, local: true },
  "databases.managed": { aws: true, local: inItsCluster("database service") },
  "databases.inCluster": { aws: true, local: true },
  "databases.existing": { aws: true, local: true },
  "databases.replica": {
    aws: true,
    local: {
      reason: "a database in one cluster cannot follow one in another",
      alternative: "mode inCluster or existing",
    },
  },
  "caches.managed": { aws: true, local: inItsCluster("cache service") },
  "caches.inCluster": { aws: true, local: true },
  "caches.existing": { aws: true, local: true },
  "buckets.managed": {
    aws: true,
    local: {
      reason: "local makes no object store",
      alternative: "mode existing with the endpoint of an S3-compatible store",
    },
  },
  "buckets.existing": { aws: true, local: true },
  "secretStore.managed": { aws: true, local: true },
  "secretStore.existing": { aws: true, local: true },
  "registry.managed": {
    aws: true,
    local: { reason: "local makes no image registry", alternative: "mode existing with registry.url, or mode none" },
  },
  "registry.existing": { aws: true, local: true },
  "registry.none": { aws: true, local: true },
  "domain.managed": {
    aws: true,
    local: { reason: "local has no DNS service", alternative: "mode none, and the printed address" },
  },
  "domain.existing": {
    aws: true,
    local: { reason: "local has no DNS service", alternative: "mode none, and the printed address" },
  },
  "domain.none": { aws: true, local: true },
  standby: {
    aws: true,
    local: { reason: "a cluster that exists cannot stand by for a cloud", alternative: "a stack on a cloud" },
  },
  edge: {
    aws: { reason: "no firewall or CDN is put in front of the gateway yet", alternative: "the gateway's own address" },
    local: { reason: "local has nothing in front of the gateway", alternative: "the gateway's own address" },
  },
};

/** Thrown by a cloud that is asked for what the table refuses; settings never let it come to that. */
export function refuse(cloud: CloudName, capability: Capability): never {
  const answer = support[capability][cloud];
  if (answer === true) throw new Error(`${cloud} supports ${capability}, and yet it was refused`);
  throw new Error(`${cloud}: no ${capability}: ${answer.reason}; use ${answer.alternative}`);
}
