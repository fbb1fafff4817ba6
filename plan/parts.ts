import type { Settings } from "../config/settings.js";
import type { Fact, Planned } from "../providers/contract.js";
import { planned } from "../providers/index.js";
import { isReal } from "./cluster-objects.js";
import { brief, inCluster } from "./in-cluster.js";
import type { Plan } from "./plan.js";
import type { RecordedResource } from "./record.js";

/** A child of the platform: its component with everything below it. */
export interface Part {
  /** The same on every cloud: `network`, `database main`. */
  readonly title: string;
  readonly urn: string;
  readonly place: Place;
  /** Where the settings have it; undefined for what follows from others, like an operator. */
  readonly setting: PartSetting | undefined;
  /** How it comes to be (`managed`, `existing`), as the settings say. */
  readonly mode: string | undefined;
  /** What its resources are called, the most telling first: `3 x NAT gateway`. */
  readonly becomes: readonly string[];
  /** What it is compared by, in the order in which it is shown. */
  readonly facts: ReadonlyMap<Fact, string>;
  /** The component itself and all that is below it, in the order of the plan. */
  readonly resources: readonly RecordedResource[];
}

/** Where a part stands in a drawing. */
export type Place = "network" | "cluster" | "in network" | "in cluster" | "beside";

export type PartSetting =
  | "network"
  | "cluster"
  | "secretStore"
  | "databases"
  | "caches"
  | "buckets"
  | "registry"
  | "domain";

interface Kind {
  readonly title: string;
  /** What comes between the platform's name and the part's key. */
  readonly noun: string;
  /** What comes after the key. */
  readonly end?: string;
  readonly place: Place;
  readonly setting?: PartSetting;
  /** Whether only what its pods are is told: it has many. @default false */
  readonly briefly?: boolean;
}

/** The last word of a component's type -> what it is to a person. The order is that of every list. */
const kinds: Readonly<Record<string, Kind>> = {
  Ground: { title: "ground", noun: "", place: "beside" },
  Network: { title: "network", noun: "", place: "network", setting: "network" },
  Cluster: { title: "cluster", noun: "", place: "cluster", setting: "cluster" },
  SecretStore: { title: "secret store", noun: "", place: "beside", setting: "secretStore" },
  Database: { title: "database", noun: "db-", place: "in network", setting: "databases" },
  Postgres: { title: "database", noun: "db-", place: "in cluster", setting: "databases" },
  ExistingDatabase: { title: "database", noun: "db-", place: "beside", setting: "databases" },
  DatabaseBootstrap: { title: "bootstrap of", noun: "db-", end: "-bootstrap", place: "in cluster" },
  Cache: { title: "cache", noun: "kv-", place: "in network", setting: "caches" },
  Valkey: { title: "cache", noun: "kv-", place: "in cluster", setting: "caches" },
  ExistingCache: { title: "cache", noun: "kv-", place: "beside", setting: "caches" },
  Bucket: { title: "bucket", noun: "bucket-", place: "beside", setting: "buckets" },
  Registry: { title: "registry", noun: "", place: "beside", setting: "registry" },
  Dns: { title: "domain", noun: "", place: "beside", setting: "domain" },
  Observe: { title: "logs", noun: "", place: "beside" },
  AgentKeys: { title: "keys of", noun: "", end: "-keys", place: "in cluster" },
  ServiceAccess: { title: "service", noun: "", place: "in cluster" },
  Workload: { title: "pods of", noun: "", place: "in cluster" },
  SecretSync: { title: "secrets for pods", noun: "", place: "in cluster" },
  MetricsServer: { title: "metrics", noun: "metrics-server", place: "in cluster" },
  CloudNativePg: { title: "operator", noun: "cloudnative-pg", place: "in cluster" },
  Gateway: { title: "way in", noun: "gateway", place: "in cluster" },
  Keda: { title: "scaling", noun: "keda", place: "in cluster" },
  NodeScaling: { title: "nodes on demand", noun: "node-scaling", place: "in cluster" },
  LoadBalancing: { title: "load balancers", noun: "load-balancers", place: "in cluster" },
  MonitoringKeys: { title: "keys of monitoring", noun: "monitoring-keys", place: "in cluster" },
  Monitoring: { title: "monitoring", noun: "monitoring", place: "in cluster", briefly: true },
};

const modes: Readonly<Record<PartSetting, (settings: Settings, key: string) => string | undefined>> = {
  network: ({ network }) => network.mode,
  cluster: ({ cluster }) => cluster.mode,
  secretStore: ({ secretStore }) => secretStore.mode,
  databases: ({ databases }, key) => databases[key]?.mode,
  caches: ({ caches }, key) => caches[key]?.mode,
  buckets: ({ buckets }, key) => buckets[key]?.mode,
  registry: ({ registry }) => registry.mode,
  domain: ({ domain }) => domain.mode,
};

const titleOrder = [...new Set(Object.values(kinds).map(({ title }) => title))];

/** Where a part with this title comes in a list. */
export function byTitle(a: string, b: string): number {
  return rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0);
}

const rankOf = (name: string): number => {
  const index = titleOrder.findIndex((title) => name === title || name.startsWith(`${title} `));
  return index < 0 ? titleOrder.length : index;
};

export function partsOf(plan: Plan): readonly Part[] {
  const platform = plan.resources.find(({ type }) => type === "agent-platform:index:Platform");
  const components = plan.resources.filter(
    ({ parent, custom }) => parent !== undefined && parent === platform?.urn && !custom,
  );
  const ownerOf = owners(plan.resources, components);
  const inside = new Map<string, RecordedResource[]>();
  for (const resource of plan.resources) {
    const owner = ownerOf(resource);
    if (owner !== undefined) inside.set(owner, [...(inside.get(owner) ?? []), resource]);
  }
  return components
    .map((component) => partOf(plan, component, inside.get(component.urn) ?? []))
    .sort((a, b) => byTitle(a.title, b.title));
}

/** What an account would have more of after `up`: no brackets, no reads, no providers. */
export const isMade = (resource: Pick<RecordedResource, "custom" | "read" | "type">): boolean =>
  isReal(resource) && !resource.read && !resource.type.startsWith("pulumi:");

/** How many of its resources are more than a bracket around others. */
export const countOf = ({ resources }: Part): number => resources.filter(isReal).length;

function owners(resources: readonly RecordedResource[], parts: readonly RecordedResource[]) {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const partUrns = new Set(parts.map(({ urn }) => urn));
  const owner = (resource: RecordedResource | undefined): string | undefined => {
    if (resource === undefined) return undefined;
    return partUrns.has(resource.urn) ? resource.urn : owner(byUrn.get(resource.parent ?? ""));
  };
  return owner;
}

function partOf({ settings }: Plan, { type, name, urn }: RecordedResource, resources: readonly RecordedResource[]) {
  const word = type.split(":").at(-1) ?? type;
  const kind: Kind = kinds[word] ?? { title: word, noun: "", place: "beside" };
  const { title, noun, end = "", place, setting, briefly = false } = kind;
  const stem = end !== "" && name.endsWith(end) ? name.slice(0, -end.length) : name;
  const key = stem === settings.prefix ? "" : stem.replace(`${settings.prefix}-${noun}`, "");
  return {
    title: key === "" ? title : `${title} ${key}`,
    urn,
    place,
    setting,
    mode: setting === undefined ? undefined : modes[setting](settings, key),
    becomes: becomes(briefly ? brief : { ...planned[settings.cloud].describe, ...inCluster.describe }, resources),
    facts: factsOf(settings, resources),
    resources,
  };
}

/** What each resource is called; the tables begin with what tells most. */
function becomes(table: Planned["describe"], resources: readonly RecordedResource[]): readonly string[] {
  const ranks = new Map(Object.keys(table).map((type, rank) => [type, rank]));
  const told = resources.flatMap(({ type, inputs }) => {
    const text = table[type]?.(inputs);
    return text === undefined ? [] : [{ text, rank: ranks.get(type) ?? 0 }];
  });
  return counted(told.sort((a, b) => a.rank - b.rank).map(({ text }) => text));
}

/** Every row that there is; a missing one does not compile. `nodes` stands for all pools. */
const rowOrder: Readonly<Record<Exclude<Fact, `nodes ${string}`> | "nodes", number>> = {
  service: 0,
  size: 1,
  nodes: 2,
  storage: 3,
  copies: 4,
  "way out": 5,
  access: 6,
  encryption: 7,
  transit: 8,
  backup: 9,
  logs: 10,
};

/** Rows as they come in every list: pools of nodes by their names. */
export function byRow(a: string, b: string): number {
  return rowRank(a) - rowRank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

const rowRank = (fact: string): number =>
  Object.entries(rowOrder).find(([row]) => row === fact || fact.startsWith(`${row} `))?.[1] ?? Number.MAX_SAFE_INTEGER;

function factsOf({ cloud }: Settings, resources: readonly RecordedResource[]): ReadonlyMap<Fact, string> {
  const table = { ...planned[cloud].facts, ...inCluster.facts };
  const told = new Map<Fact, string[]>();
  for (const { type, inputs } of resources) {
    for (const [fact, text] of Object.entries(table[type]?.(inputs) ?? {}) as [Fact, string][]) {
      told.set(fact, [...(told.get(fact) ?? []), text]);
    }
  }
  return new Map(
    [...told].sort(([a], [b]) => byRow(a, b)).map(([fact, texts]) => [fact, counted(texts, fact).join("; ")]),
  );
}

/** Said once however many say it: ten keys of the same kind are still one kind of key. */
const saidOnce: ReadonlySet<string> = new Set<Fact>(["encryption", "access", "transit", "backup", "logs"]);

/** `a, a, b` -> `2 x a`, `b`. */
function counted(told: readonly string[], fact?: Fact): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of told) counts.set(text, (counts.get(text) ?? 0) + 1);
  const once = fact !== undefined && saidOnce.has(fact);
  return [...counts].map(([text, count]) => (count === 1 || once ? text : `${count} x ${text}`));
}
