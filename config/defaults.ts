import { support } from "../providers/support.js";
import { agentsDefaults } from "./agents.js";
import { lowerTo } from "./features.js";
import { mapValues } from "./maps.js";
import { usualPlace } from "./monitoring/logs.js";
import {
  type CloudName,
  cloudNames,
  type EnvironmentName,
  environmentNames,
  isCareful,
  type SizeName,
  sizeNames,
} from "./names.js";
import { presetFor } from "./presets.js";
import { MOST_STORAGE, settingsSchema } from "./schema.js";
import { asNode, bare, isTree, own, type SchemaNode, type Tree, variantFor } from "./walk.js";

type Part =
  | "network"
  | "cluster"
  | "databases"
  | "caches"
  | "buckets"
  | "secretStore"
  | "registry"
  | "domain"
  | "monitoring";

const allManaged: Readonly<Record<Part, string>> = {
  network: "managed",
  cluster: "managed",
  databases: "managed",
  caches: "managed",
  buckets: "managed",
  secretStore: "managed",
  registry: "managed",
  domain: "none",
  monitoring: "inCluster",
};
/** What a part is where the stack does not say. */
export const defaultModes: Readonly<Record<CloudName, Readonly<Record<Part, string>>>> = {
  aws: allManaged,
  gcp: allManaged,
  azure: allManaged,
  local: {
    network: "none",
    cluster: "existing",
    databases: "inCluster",
    caches: "inCluster",
    buckets: "existing",
    secretStore: "managed",
    registry: "none",
    domain: "none",
    monitoring: "inCluster",
  },
};

const oneOfEach = { databases: ["main"], caches: ["main"], buckets: ["main"] };
/** Keys of the maps where the stack names none. `local` makes no object store, so it has none to begin with. */
export const defaultKeys: Readonly<
  Record<CloudName, Readonly<Record<"databases" | "caches" | "buckets", readonly string[]>>>
> = {
  aws: oneOfEach,
  gcp: oneOfEach,
  azure: oneOfEach,
  local: { databases: ["main"], caches: ["main"], buckets: [] },
};

/** Whether the caches that a cloud makes itself want a password. */
const cachesKeepPasswords: Readonly<Record<CloudName, boolean>> = { aws: true, gcp: false, azure: true, local: true };

const shape = bare(asNode(settingsSchema)).def.shape ?? {};

const known = <T extends string>(value: unknown, words: readonly T[], otherwise: T): T =>
  words.includes(value as T) ? (value as T) : otherwise;

/** What is kept where the cluster is somebody's own machine: 90 days of it would fill its disk. */
const ownMachine = { retention: 2, storage: 5, tracing: { replicas: 1, retention: 2, storage: 1 } } as const;

/** What the stack said, over what its size, its environment and its cloud make of the rest. */
export function fillDefaults(said: Tree): Tree {
  const cloud: CloudName = known(said["cloud"], cloudNames, "aws");
  const environment: EnvironmentName = known(said["environment"], environmentNames, "development");
  const size: SizeName = known(said["size"], sizeNames, "small");
  const preset = presetFor(size, environment);
  // A standby's databases follow the primary's, where the cloud can do that; elsewhere the standby itself is refused.
  const follows = isTree(said["standby"]) && support["databases.replica"][cloud] === true;
  const modes = { ...defaultModes[cloud], ...(follows ? { databases: "replica" } : {}) };

  const one = (part: "network" | "cluster" | "secretStore" | "registry", values: object) =>
    fill(shape[part], said[part], modes[part], fitting(cloud, part, said[part], values as Tree, modes[part]));
  const many = (part: "databases" | "caches" | "buckets", values: object) => {
    const given = said[part] ?? Object.fromEntries(defaultKeys[cloud][part].map((key) => [key, {}]));
    if (!isTree(given)) return given;
    const entry = shape[part]?.def.valueType;
    return Object.fromEntries(
      Object.entries(given).map(([key, value]) => [
        key,
        fill(entry, value, modes[part], fitting(cloud, part, value, values as Tree, modes[part])),
      ]),
    );
  };
  return {
    name: "agents",
    environment,
    size,
    tags: {},
    deletionProtection: preset.deletionProtection,
    ...(cloud === "local" ? { region: "local" } : {}),
    ...said,
    network: one("network", preset.network),
    cluster: withPools(one("cluster", preset.cluster), said["cluster"], preset.cluster.pools),
    databases: many("databases", preset.database),
    caches: many("caches", { ...preset.cache, auth: cachesKeepPasswords[cloud] }),
    buckets: many("buckets", preset.bucket),
    secretStore: one("secretStore", preset.secretStore),
    registry: one("registry", preset.registry),
    services: withServices(said["services"] === undefined ? {} : said["services"]),
    gateway: withDefaults(said["gateway"], {
      expose: cloud === "local" ? "nodePort" : "loadBalancer",
      ...preset.gateway,
    }),
    domain: fill(shape["domain"], said["domain"], domainMode(said["domain"]), {}),
    monitoring: fill(shape["monitoring"], said["monitoring"], modes.monitoring, {
      ...preset.monitoring,
      ...(cloud === "local" ? ownMachine : {}),
      logs: { to: usualPlace[cloud], openSearch: { nodes: isCareful(environment) ? 3 : 1 } },
    }),
  };
}

/** Defaults that would contradict what the part itself says, or what its mode can do. */
function fitting(cloud: CloudName, part: Part, value: unknown, preset: Tree, defaultMode: string): Tree {
  const said = isTree(value) ? value : {};
  const mode = said["mode"] ?? defaultMode;
  const values = mode === "managed" ? lowerTo(cloud, part, preset) : preset;
  // A cache in the cluster is one server with its replicas: it has no cluster mode.
  if (part === "caches" && mode === "inCluster") return { ...values, shards: 1 };
  // A disk that the stack asks for may grow: by itself up to twice its size, where the size's own limit is below that.
  const storage = Number(said["storage"]);
  if (part === "databases" && storage > Number(values["maxStorage"])) {
    return { ...values, maxStorage: Math.min(2 * storage, MOST_STORAGE) };
  }
  return values;
}

const domainMode = (domain: unknown): string => {
  if (!isTree(domain)) return "none";
  return Object.hasOwn(domain, "zone") || Object.hasOwn(domain, "fromStack") ? "existing" : "managed";
};

/** Defaults for the variant that the mode picks, and only those of its keys. */
function fill(node: SchemaNode | undefined, value: unknown, mode: string, values: Tree): unknown {
  if (value !== undefined && !isTree(value)) return value;
  const given = { mode, ...value };
  return node === undefined ? given : merge(knownTo(node, given, values), given);
}

/** Of some values those that the schema has a place for, and within them the same. */
function knownTo(node: SchemaNode, given: Tree, values: Tree): Tree {
  const keys = variantFor(node, given).def.shape;
  if (keys === undefined) return values;
  return Object.fromEntries(
    Object.entries(values).flatMap(([key, value]) => {
      const child = own(keys, key);
      if (child === undefined) return [];
      const inner = own(given, key);
      return [[key, isTree(value) ? knownTo(child, isTree(inner) ? inner : {}, value) : value]];
    }),
  );
}

/** A pool of one's own begins as the pool for applications. */
function withPools(cluster: unknown, said: unknown, presets: Readonly<Record<string, object>>): unknown {
  const mine = isTree(said) ? said["pools"] : undefined;
  if (!isTree(cluster) || !isTree(mine) || !isTree(cluster["pools"])) return cluster;
  const pools = Object.entries(mine).map(([key, value]) => {
    if (!isTree(value)) return [key, value];
    const preset = own(presets, key);
    if (preset !== undefined) return [key, merge({ ...preset }, value)];
    return [key, merge({ ...presets["apps"], labels: { role: key } }, value)];
  });
  return { ...cluster, pools: { ...presets, ...Object.fromEntries(pools) } };
}

/** What follows from what a service is, and need not be said. */
const withServices = (services: unknown): unknown =>
  isTree(services)
    ? mapValues(services, (service) =>
        isTree(service) ? merge({ ...agentsDefaults(service), ...disksDefaults(service) }, service) : service,
      )
    : services;

/** A disk is one pod's. */
const disksDefaults = ({ volumes }: Tree): Tree =>
  isTree(volumes) && Object.keys(volumes).length > 0 ? { replicas: { min: 1, max: 1 } } : {};

const withDefaults = (value: unknown, values: Tree): unknown =>
  value === undefined || isTree(value) ? merge(values, value ?? {}) : value;

function merge(under: Tree, over: Tree): Tree {
  const both = Object.entries(over).map(([key, value]) => {
    const below = own(under, key);
    return [key, isTree(value) && isTree(below) ? merge(below, value) : value];
  });
  return { ...under, ...Object.fromEntries(both) };
}
