import { excess, type NamedPart, nameRules, partName } from "../providers/naming.js";
import { awsZones, neutralName, neutralRegions, type RegionalCloud } from "../providers/regions.js";
import { type Capability, support } from "../providers/support.js";
import { format, overlap, parseCidr, type Range } from "./cidr.js";
import { defaultKeys } from "./defaults.js";
import type { CloudName, EnvironmentName } from "./names.js";
import { maxConnections } from "./postgres.js";
import { capacities } from "./presets.js";
import { counted, fullKey, listed, nearest, type Problem } from "./problems.js";
import type { Repairs } from "./repairs.js";
import type { ServiceSettings, SettingsOfSchema } from "./schema.js";
import { shortKey, show } from "./show.js";
import { kubernetes, postgres, valkey } from "./versions.js";
import { formatPath, own, type Path, type Tree, valueAt } from "./walk.js";

/** Checks that need more than one key, or more than the schema knows. */
export interface Context {
  readonly prefix: string;
  /** Where the person wrote a path. */
  readonly written: (path: Path) => Path;
  readonly repairs: Repairs;
  /** What the stack itself says, without defaults: an error is only for that. */
  readonly said: Tree;
  /** What has been refused already: nothing is said twice about it, nor about what holds it. */
  readonly isWrong: (path: Path) => boolean;
  /** Where the cloud is not known there is nothing to hold some settings against. */
  readonly cloudKnown: boolean;
  readonly today: string;
  readonly anyCloudsRegion: boolean;
}

export interface Checked {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  readonly region: string;
  readonly zones: readonly string[];
  /** With as many zones as the region has, where the environment would have more. */
  readonly network: SettingsOfSchema["network"];
}

interface Findings {
  problem(path: Path, what: string, expected: string, repair: string): void;
  warning(text: string): void;
}

type Check = (settings: SettingsOfSchema, context: Context, found: Findings) => void;

export function check(settings: SettingsOfSchema, context: Context): Checked {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const found: Findings = {
    problem: (path, what, expected, repair) => {
      if (context.isWrong(path)) return;
      problems.push({ key: fullKey(context.written(path)), what, expected, repair });
    },
    warning: (text) => void warnings.push(text),
  };
  const { network } = settings;
  const nowhere = { region: settings.region, zones: [], network };
  const place = context.cloudKnown ? placeOf(settings, context, found) : nowhere;
  for (const one of context.cloudKnown ? [...ofOneCloud, ...ofAnyCloud] : ofAnyCloud) one(settings, context, found);
  return { problems, warnings, ...place };
}

const written = (context: Context, path: Path): string => shortKey(context.written(path));
const set = (context: Context, path: Path, value: unknown): string => context.repairs.set(context.written(path), value);
const remove = (context: Context, path: Path): string => context.repairs.remove(context.written(path));
const isSaid = (context: Context, path: Path): boolean => valueAt(context.said, path) !== undefined;

/** The native region and the names of its zones. */
function placeOf(
  settings: SettingsOfSchema,
  context: Context,
  found: Findings,
): { region: string; zones: readonly string[]; network: SettingsOfSchema["network"] } {
  const { cloud, region, network, aws } = settings;
  if (cloud === "local") {
    if (region !== "local")
      found.warning(`region ${region} is kept for the other clouds: local is where its cluster is`);
    return { region: "local", zones: [], network };
  }
  const native = nativeRegion(cloud, region, context, found);
  if (native === undefined) return { region, zones: [], network };
  const wanted = network.mode === "managed" ? network.zones : 0;
  const zones = aws.zones ?? [...(own(awsZones, native) ?? "")].map((letter) => `${native}${letter}`);
  namedZones(aws.zones ?? [], native, context, found);
  if (zones.length >= wanted || network.mode !== "managed")
    return { region: native, zones: zones.slice(0, wanted), network };
  const path = ["network", "zones"];
  const has = aws.zones === undefined ? native : "aws.zones";
  if (isSaid(context, path)) {
    found.problem(
      path,
      `${has} has ${zones.length} zones and not ${wanted}`,
      `at most ${zones.length}`,
      set(context, path, zones.length),
    );
  } else {
    found.warning(
      `${has} has ${zones.length} zones: the network has no more, where ${settings.environment} would have ${wanted}`,
    );
  }
  return { region: native, zones, network: { ...network, zones: zones.length } };
}

function namedZones(zones: readonly string[], native: string, context: Context, found: Findings): void {
  const path = ["aws", "zones"];
  const foreign = zones.find((zone) => zone.slice(0, -1) !== native);
  if (foreign !== undefined) {
    found.problem(path, `${foreign} is not in ${native}`, `zones of ${native}`, remove(context, path));
  } else if (new Set(zones).size < zones.length) {
    found.problem(path, "a zone is said twice", "each once", remove(context, path));
  }
}

function nativeRegion(
  cloud: RegionalCloud & CloudName,
  region: string,
  context: Context,
  found: Findings,
): string | undefined {
  const neutral = own(neutralRegions, region)?.[cloud];
  if (neutral !== undefined) return neutral;
  if (own(awsZones, region) !== undefined) return region;
  const neighbour = own(neutralRegions, neutralName(region) ?? "")?.[cloud];
  if (neighbour !== undefined && context.anyCloudsRegion) {
    found.warning(
      `region ${region} is another cloud's: the plan takes its neighbour ${neighbour}; up wants a region of ${cloud}`,
    );
    return neighbour;
  }
  const near = neighbour ?? nearest(region, [...Object.keys(neutralRegions), ...Object.keys(awsZones)]);
  const what =
    neighbour === undefined
      ? `${cloud} has no region ${show(region)}${near === undefined ? "" : `; did you mean ${near}?`}`
      : `${region} is another cloud's region`;
  found.problem(
    ["region"],
    what,
    `a region of ${cloud}, or one of ${listed(Object.keys(neutralRegions))}`,
    set(context, ["region"], near ?? "eu-west"),
  );
  return undefined;
}

const supported: Check = (settings, context, found) => {
  const { cloud, standby } = settings;
  const ask = (capability: Capability, part: Path, asked: Path): void => {
    const answer = support[capability][cloud];
    // What the cloud itself makes the default is never refused, and what a standby makes it falls with the standby.
    if (answer === true || !isSaid(context, asked)) return;
    const rest = Object.keys((valueAt(context.said, part) ?? {}) as object).filter((key) => key !== "mode");
    const whole = rest.length > 0 || asked === part;
    found.problem(
      asked,
      `${cloud} has no ${capability}: ${answer.reason}`,
      answer.alternative,
      remove(context, whole ? part : asked),
    );
  };
  const one = (part: string, capability: Capability): void => ask(capability, [part], [part, "mode"]);
  one("network", `network.${settings.network.mode}`);
  one("cluster", `cluster.${settings.cluster.mode}`);
  one("secretStore", `secretStore.${settings.secretStore.mode}`);
  one("registry", `registry.${settings.registry.mode}`);
  // A domain's mode follows from its name.
  ask(`domain.${settings.domain.mode}`, ["domain"], ["domain"]);
  for (const [key, one] of Object.entries(settings.databases)) {
    ask(`databases.${one.mode}`, ["databases", key], ["databases", key, "mode"]);
  }
  for (const [key, one] of Object.entries(settings.caches))
    ask(`caches.${one.mode}`, ["caches", key], ["caches", key, "mode"]);
  for (const [key, one] of Object.entries(settings.buckets))
    ask(`buckets.${one.mode}`, ["buckets", key], ["buckets", key, "mode"]);
  if (standby !== undefined) ask("standby", ["standby"], ["standby"]);
};

/** What size and environment ask for and the chosen modes cannot do, said once a part. */
const lowered: Check = (settings, context, found) => {
  const { cloud, size } = settings;
  const buckets = support["buckets.managed"][cloud];
  if (defaultKeys[cloud].buckets.length === 0 && !isSaid(context, ["buckets"]) && buckets !== true) {
    found.warning(`no bucket: ${buckets.reason}; ${buckets.alternative} makes one usable`);
  }
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode === "inCluster")
      found.warning(`databases.${key} runs in the cluster: it has no backups beyond its volumes`);
  }
  for (const [key, cache] of Object.entries(settings.caches)) {
    const { shards } = capacities[size].cache;
    if (cache.mode === "inCluster" && shards > 1 && !isSaid(context, ["caches", key, "shards"]))
      found.warning(`caches.${key} runs in the cluster: it has one shard, where size ${size} would have ${shards}`);
  }
  if (settings.cluster.mode === "existing" && settings.cluster.access !== undefined) {
    found.warning(
      "cluster.access is kept for the clouds that honour it: an existing cluster decides for itself who reaches it",
    );
  }
  if (settings.cluster.mode === "existing" && settings.network.mode === "managed") {
    found.warning(
      "the cluster exists and the network is made anew: databases and caches stay out of its reach until you connect the two",
    );
  }
};

const oneShard: Check = (settings, context, found) => {
  for (const [key, cache] of Object.entries(settings.caches)) {
    if (cache.mode !== "inCluster" || cache.shards === 1) continue;
    const path = ["caches", key, "shards"];
    const managed = support["caches.managed"][settings.cloud] === true ? ", or mode managed" : "";
    found.problem(
      path,
      `${cache.shards} shards, and a cache in the cluster has no cluster mode`,
      `1${managed}`,
      set(context, path, 1),
    );
  }
};

/** What an existing part must say, by cloud; a part-wide `fromStack` says it all. */
const existingNeeds: Readonly<
  Record<CloudName, Readonly<Record<string, readonly (readonly [path: Path, example: string])[]>>>
> = {
  aws: {
    network: [
      [["id"], "vpc-0a1b2c3d"],
      [["subnets", "private"], '["subnet-0a1b2c3d","subnet-4e5f6a7b"]'],
    ],
    cluster: [[["id"], "my-cluster"]],
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "team/db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [[["id"], "my-bucket"]],
    secretStore: [[["id"], "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"]],
    domain: [[["zone"], "Z0123456789"]],
  },
  local: {
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [
      [["id"], "my-bucket"],
      [["endpoint"], "https://s3.example.com"],
      [["credentialsSecret"], "s3"],
    ],
    secretStore: [[["id"], "agents-secrets"]],
  },
};

const existingComplete: Check = (settings, context, found) => {
  const complete = (part: string, path: Path, value: Tree): void => {
    if (value["mode"] !== "existing" || value["fromStack"] !== undefined) return;
    for (const [field, example] of existingNeeds[settings.cloud][part] ?? []) {
      const given = valueAt(value, field);
      if (given === undefined) {
        found.problem(
          [...path, ...field],
          "missing: an existing part must say it",
          "a value, or fromStack for the whole part",
          set(context, [...path, ...field], example),
        );
      } else if (formatPath(field) === "subnets.private" && Array.isArray(given) && given.length < 2) {
        found.problem(
          [...path, ...field],
          "one subnet",
          "subnets in two zones or more",
          set(context, [...path, ...field], example),
        );
      }
    }
  };
  for (const part of ["network", "cluster", "secretStore", "domain"] as const) complete(part, [part], settings[part]);
  for (const part of ["databases", "caches", "buckets"] as const) {
    for (const [key, one] of Object.entries(settings[part])) complete(part, [part, key], one);
  }
};

const privateBlocks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
/** Carrier-grade NAT: a network may use it, the addresses of Services may not. */
const sharedBlock = "100.64.0.0/10";

interface RangeRule {
  readonly path: Path;
  readonly text: string;
  readonly smallest: number;
  readonly largest: number;
  readonly blocks: readonly string[];
  /** Ranges that would do, of which the first that is free is proposed. */
  readonly examples: readonly string[];
}

function rangeRules({ network, cluster }: SettingsOfSchema): readonly RangeRule[] {
  const rules: RangeRule[] = [];
  if (network.mode === "managed") {
    rules.push({
      path: ["network", "cidr"],
      text: network.cidr,
      smallest: 22,
      largest: 16,
      blocks: [...privateBlocks, sharedBlock],
      examples: ["10.0.0.0/16", "10.128.0.0/16", "192.168.0.0/16"],
    });
  }
  if (cluster.mode === "managed") {
    rules.push({
      path: ["cluster", "serviceCidr"],
      text: cluster.serviceCidr,
      smallest: 24,
      largest: 12,
      blocks: privateBlocks,
      examples: ["172.20.0.0/16", "10.100.0.0/16", "192.168.0.0/16"],
    });
  }
  return rules;
}

const ranges: Check = (settings, context, found) => {
  const rules = rangeRules(settings);
  const freeOf = (others: readonly Range[], examples: readonly string[]): string | undefined =>
    examples.find((example) => !others.some((other) => overlap(other, parseCidr(example))));
  const good = rules.flatMap((rule) => {
    const others = rules.flatMap((other) => (other === rule ? [] : (readRange(other.text).range ?? [])));
    const free = freeOf(others, rule.examples) ?? rule.examples[0];
    const { range, repaired, what, expected } = fitting(rule);
    if (range !== undefined) return [{ ...rule, range }];
    const fits = repaired !== undefined && freeOf(others, [repaired]) !== undefined;
    found.problem(rule.path, what, expected, set(context, rule.path, fits ? repaired : free));
    return [];
  });
  const [first, second] = good;
  if (first === undefined || second === undefined || !overlap(first.range, second.range)) return;
  // The one that the stack says is the one to change; where both are said, the network's.
  const [change, keep] =
    isSaid(context, second.path) && !isSaid(context, first.path) ? [second, first] : [first, second];
  found.problem(
    change.path,
    `${change.text} overlaps ${written(context, keep.path)} ${keep.text}`,
    "ranges that do not overlap",
    set(context, change.path, freeOf([keep.range], change.examples)),
  );
};

/** A range that a rule takes, or what is wrong with it and what it could be instead. */
function fitting({ text, smallest, largest, blocks }: RangeRule): {
  readonly range?: Range;
  readonly repaired?: string;
  readonly what: string;
  readonly expected: string;
} {
  const { range, what, repaired } = readRange(text);
  if (range === undefined) {
    return { what, expected: "an IPv4 range like 10.0.0.0/16", ...(repaired === undefined ? {} : { repaired }) };
  }
  const outer = blocks.map(parseCidr).find((block) => range.bits >= block.bits && overlap(block, range));
  if (outer === undefined) return { what: `${text} is not private`, expected: `a range in ${listed(blocks)}` };
  if (range.bits >= largest && range.bits <= smallest) return { range, what: "", expected: "" };
  const bits = Math.max(outer.bits, Math.min(smallest, Math.max(largest, range.bits)));
  const repairedTo = format({ first: range.first - (range.first % 2 ** (32 - bits)), bits });
  return { what: `${text} is a /${range.bits}`, expected: `/${largest} to /${smallest}`, repaired: repairedTo };
}

function readRange(text: string): { readonly range?: Range; readonly what: string; readonly repaired?: string } {
  try {
    return { range: parseCidr(text), what: "" };
  } catch (error) {
    const what = (error as Error).message;
    const repaired = /: (\S+) does$/.exec(what)?.[1];
    return { what, ...(repaired === undefined ? {} : { repaired }) };
  }
}

/** Below this many bits a range is a large part of the internet: nobody's office has it. */
const NARROW = 8;

const openRanges: Check = ({ cluster, environment }, context, found) => {
  (cluster.access?.cidrs ?? []).forEach((text, index) => {
    const path = ["cluster", "access", "cidrs", index];
    const { range, what, repaired } = readRange(text);
    if (range === undefined) {
      found.problem(path, what, "an IPv4 range like 203.0.113.0/24", set(context, path, repaired ?? "203.0.113.0/24"));
      return;
    }
    if (range.bits >= NARROW || cluster.mode !== "managed") return;
    const wide = `${text} is ${range.bits === 0 ? "the whole internet" : `1/${2 ** range.bits} of the internet`}`;
    if (isCareful(environment)) {
      found.problem(path, wide, "the addresses that deploy", set(context, path, "203.0.113.0/24"));
    } else found.warning(`${written(context, path)} ${wide}`);
  });
};

/** Where a mistake reaches people: production, and the standby that takes its place. */
const isCareful = (environment: EnvironmentName): boolean => environment === "production" || environment === "dr";

const apiServerRestricted: Check = ({ cluster, environment }, context, found) => {
  if (cluster.mode !== "managed") return;
  if (cluster.access?.private === true || (cluster.access?.cidrs ?? []).length > 0) return;
  const what = "the API server is open to the whole internet";
  if (isCareful(environment)) {
    found.problem(
      ["cluster", "access"],
      what,
      "cluster.access.cidrs or cluster.access.private in production",
      set(context, ["cluster", "access", "cidrs", 0], "203.0.113.0/24"),
    );
  } else found.warning(`${what}: restrict it with cluster.access.cidrs or cluster.access.private`);
};

const wayOut: Check = ({ network }, context, found) => {
  if (network.mode === "managed" && network.nat === "none" && !network.privateEndpoints) {
    found.problem(
      ["network", "nat"],
      "none, and no private endpoints: nodes could not reach the cloud's own services",
      "nat single or perZone, or private endpoints",
      set(context, ["network", "privateEndpoints"], true),
    );
  }
};

const names: Check = (settings, context, found) => {
  const { cloud } = settings;
  const pools = settings.cluster.mode === "managed" ? Object.keys(settings.cluster.pools) : [];
  const keys: Readonly<Record<NamedPart, readonly [path: string[], keys: readonly string[]]>> = {
    database: [["databases"], Object.keys(settings.databases)],
    cache: [["caches"], Object.keys(settings.caches)],
    bucket: [["buckets"], Object.keys(settings.buckets)],
    service: [["services"], Object.keys(settings.services)],
    pool: [["cluster", "pools"], pools],
  };
  for (const [part, [path, all]] of Object.entries(keys) as [NamedPart, readonly [string[], readonly string[]]][]) {
    for (const key of all) {
      const over = excess(cloud, context.prefix, part, key);
      if (over === 0) continue;
      const rule = nameRules[cloud][part];
      const most = key.length - over;
      const shorter = key.slice(0, most).replace(/-+$/, "");
      const free = shorter !== "" && !all.includes(shorter);
      const name = partName(context.prefix, part, key);
      const here = context.written([...path, key]);
      found.problem(
        [...path, key],
        `${name} is ${counted(over, "character")} too long for ${rule.service}, which takes ${rule.max} with ${rule.added} added`,
        `a key of at most ${counted(most, "character")}`,
        free
          ? context.repairs.move(here, [...here.slice(0, -1), shorter], valueAt(context.said, [...path, key]))
          : context.repairs.remove(here),
      );
    }
  }
};

const ownTags = ["Name", "platform", "environment", "managed-by"];
/** AWS takes 50 a resource; the rest is for the platform's own and for those that controllers add. */
const MOST_TAGS = 40;

const tags: Check = (settings, context, found) => {
  const keys = Object.keys(settings.tags);
  for (const key of keys.filter((one) => ownTags.includes(one))) {
    found.problem(["tags", key], "the platform sets this tag itself", "another key", remove(context, ["tags", key]));
  }
  if (keys.length > MOST_TAGS) {
    const what = `${keys.length} tags: AWS takes 50 a resource, and some are the platform's own`;
    const last = keys.at(-1) ?? "";
    found.problem(["tags"], what, `at most ${MOST_TAGS}`, remove(context, ["tags", last]));
  }
};

/** Parameters with which a database would no longer be what the platform promises. */
const fixedParameters: Readonly<Record<string, string>> = {
  ssl: "connections are always encrypted",
  "rds.force_ssl": "connections are always encrypted",
  ssl_min_protocol_version: "connections are always encrypted",
  password_encryption: "passwords are kept as SCRAM hashes",
  max_connections: "it follows from the memory, so that pools can be held against it",
};

const parameters: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (!("parameters" in database)) continue;
    for (const parameter of Object.keys(database.parameters)) {
      const reason = own(fixedParameters, parameter);
      if (reason === undefined) continue;
      const path = ["databases", key, "parameters", parameter];
      found.problem(path, `the platform sets it: ${reason}`, "another parameter", remove(context, path));
    }
  }
};

const endOfLife: Check = (settings, context, found) => {
  const hold = (
    path: Path,
    name: string,
    version: string,
    table: Readonly<Record<string, { until: string }>>,
  ): void => {
    const { until } = own(table, version) ?? { until: "" };
    if (context.today <= until) return;
    const alive = Object.entries(table).find(([, other]) => context.today <= other.until)?.[0];
    if (alive === undefined)
      found.warning(
        `${written(context, path)}: no version of ${name} in this release is supported any more on ${context.today}`,
      );
    else
      found.problem(
        path,
        `${name} ${version} ended on ${until}`,
        `a version that is supported on ${context.today}`,
        set(context, path, alive),
      );
  };
  if (settings.cluster.mode === "managed")
    hold(["cluster", "version"], "Kubernetes", settings.cluster.version, kubernetes);
  for (const [key, one] of Object.entries(settings.databases)) {
    if (one.mode === "managed" || one.mode === "inCluster")
      hold(["databases", key, "version"], "PostgreSQL", one.version, postgres);
  }
  for (const [key, one] of Object.entries(settings.caches)) {
    if (one.mode !== "existing") hold(["caches", key, "version"], "Valkey", one.version, valkey);
  }
};

const parts = { database: "databases", cache: "caches", bucket: "buckets" } as const;
/** `database:analytics` -> the part and the key that it means. */
export function partUsed(use: string): { readonly part: "databases" | "caches" | "buckets"; readonly key: string } {
  const [kind, key = "main"] = use.split(":");
  return { part: parts[kind as keyof typeof parts], key };
}

const usesExist: Check = (settings, context, found) => {
  for (const [name, service] of Object.entries(settings.services)) {
    service.uses.forEach((use, index) => {
      const path = ["services", name, "uses", index];
      const { part, key } = partUsed(use);
      const have = Object.keys(settings[part]);
      if (!have.includes(key)) {
        const kind = use.split(":")[0] ?? use;
        const meant = nearest(key, have) ?? have[0];
        const repair =
          meant === undefined
            ? remove(context, path)
            : set(context, path, meant === "main" ? kind : `${kind}:${meant}`);
        found.problem(
          path,
          `there is no ${part}.${key}`,
          have.length === 0 ? `a stack with ${part}` : listed(have.map((one) => `${part}.${one}`)),
          repair,
        );
      } else if (service.uses.findIndex((other) => same(partUsed(other), { part, key })) !== index) {
        found.problem(path, `${part}.${key} is said twice`, "each once", remove(context, path));
      }
    });
    service.secrets.forEach((secret, index) => {
      if (service.secrets.indexOf(secret) === index) return;
      const path = ["services", name, "secrets", index];
      found.problem(path, `${secret} is said twice`, "each once", remove(context, path));
    });
  }
};

const same = (one: ReturnType<typeof partUsed>, other: ReturnType<typeof partUsed>): boolean =>
  one.part === other.part && one.key === other.key;

/** Pods while a rollout is under way: the most there may be, and one more. */
const SURGE = 1;

const enoughConnections: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (!("memory" in database)) continue;
    const users = Object.entries(settings.services).filter(([, { uses }]) =>
      uses.some((use) => same(partUsed(use), { part: "databases", key })),
    );
    const opens = (service: ServiceSettings): number => (service.replicas.max + SURGE) * service.connections;
    const needed = users.reduce((sum, [, service]) => sum + opens(service), 0);
    const most = maxConnections(database.memory);
    const [name, greediest] = users.sort(([, a], [, b]) => opens(b) - opens(a))[0] ?? [];
    if (needed <= most || name === undefined || greediest === undefined) continue;
    const room = most - (needed - opens(greediest));
    const fitting = Math.floor(room / (greediest.replicas.max + SURGE));
    const memory = Math.ceil(needed / maxConnections(1));
    const enough = maxConnections(memory) >= needed;
    const repair =
      fitting >= 1
        ? set(context, ["services", name, "connections"], fitting)
        : enough
          ? set(context, ["databases", key, "memory"], memory)
          : `lower replicas.max of the services, or give them databases of their own`;
    found.problem(
      ["services", name, "connections"],
      `databases.${key} takes ${most} connections and its services may open ${needed}`,
      fitting >= 1
        ? `at most ${fitting} a pod, fewer pods, or more memory for the database`
        : "fewer pods, or more memory for the database",
      repair,
    );
  }
};

const timeouts: Check = (settings, context, found) => {
  for (const [name, service] of Object.entries(settings.services)) {
    const { requestTimeout, drain, preStop, terminationGrace, replicas } = service;
    const at = (key: string): Path => ["services", name, key];
    if (requestTimeout > settings.gateway.idleTimeout) {
      found.problem(
        at("requestTimeout"),
        `${requestTimeout} s is over gateway.idleTimeout, ${settings.gateway.idleTimeout} s: long answers would be cut`,
        "at most the gateway's idle timeout",
        set(context, ["gateway", "idleTimeout"], Math.min(3600, requestTimeout)),
      );
    }
    if (drain < requestTimeout) {
      found.problem(
        at("drain"),
        `${drain} s is below the request timeout, ${requestTimeout} s: a rollout would cut requests`,
        "at least the request timeout",
        set(context, at("drain"), requestTimeout),
      );
    }
    const least = preStop + drain + 5;
    if (terminationGrace < least) {
      found.problem(
        at("terminationGrace"),
        `${terminationGrace} s is below preStop + drain + 5 = ${least} s`,
        `at least ${least}`,
        set(context, at("terminationGrace"), least),
      );
    }
    minAboveMax(at("replicas"), replicas, context, found);
  }
};

function minAboveMax(path: Path, { min, max }: { min: number; max: number }, context: Context, found: Findings): void {
  if (min <= max) return;
  const high: Path = [...path, "max"];
  // The one that was not said is the one to raise.
  const repair = isSaid(context, high) ? set(context, [...path, "min"], max) : set(context, high, min);
  found.problem([...path, "min"], `${min} is above max ${max}`, "min at most max", repair);
}

const pools: Check = ({ cluster, cloud }, context, found) => {
  if (cluster.mode !== "managed") return;
  const entries = Object.entries(cluster.pools);
  for (const [key, pool] of entries) {
    const at = (field: string): Path => ["cluster", "pools", key, field];
    minAboveMax(["cluster", "pools", key], pool, context, found);
    if (cloud === "aws" && pool.gpu > 0 && pool.arch !== "amd64") {
      found.problem(
        at("arch"),
        "arm64 machines with accelerators are not offered",
        "amd64 with gpu",
        set(context, at("arch"), "amd64"),
      );
    }
  }
  const steady = entries.some(([, pool]) => pool.min > 0 && !pool.spot && pool.taints.length === 0);
  if (!steady)
    found.problem(
      ["cluster", "pools"],
      "no pool that is always there for the cluster's own pods",
      "one with min above 0, no taints and not spot",
      set(context, ["cluster", "pools", entries.some(([key]) => key === "base") ? "steady" : "base"], {
        min: 1,
        max: 3,
      }),
    );
};

const minutes = (hour: string): number => Number(hour.slice(0, 2)) * 60 + Number(hour.slice(3, 5));
const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY = 24 * 60;

const dailySpan = (window: string): [begin: number, length: number] => {
  const begin = minutes(window.slice(0, 5));
  return [begin, (minutes(window.slice(6)) - begin + DAY) % DAY];
};
const weeklySpan = (window: string): [begin: number, length: number] => {
  const [begin, length] = dailySpan(window.slice(4));
  return [days.indexOf(window.slice(0, 3)) * DAY + begin, length];
};

/** A weekly window and a daily one share a minute. Both may run over midnight. */
function windowsOverlap(weekly: string, daily: string): boolean {
  const [start, weeklyLength] = weeklySpan(weekly);
  const [dailyBegin, dailyLength] = dailySpan(daily);
  return Array.from({ length: 9 }, (_, day) => (day - 1) * DAY + dailyBegin).some(
    (begin) => begin < start + weeklyLength && start < begin + dailyLength,
  );
}

/** RDS takes no window below half an hour, ElastiCache none below an hour. */
const shortest = { databases: 30, caches: 60 } as const;
const weeklyExamples = ["Sun:04:30-05:30", "Sun:07:30-08:30", "Sun:12:00-13:00"] as const;
const dailyExamples = { backup: "03:00-04:00", snapshots: "02:00-03:00" } as const;

const windows: Check = (settings, context, found) => {
  const hold = (
    part: keyof typeof shortest,
    key: string,
    daily: keyof typeof dailyExamples,
    often: string,
    rarely: string,
  ): void => {
    const oftenPath = [part, key, daily, "window"];
    const rarelyPath = [part, key, "maintenanceWindow"];
    const least = shortest[part];
    const tooShort = (path: Path, window: string, example: string): void =>
      found.problem(path, `${window} is shorter than ${least} minutes`, "a longer window", set(context, path, example));
    if (dailySpan(often)[1] < least) {
      tooShort(oftenPath, often, dailyExamples[daily]);
    } else if (weeklySpan(rarely)[1] < least) {
      tooShort(
        rarelyPath,
        rarely,
        weeklyExamples.find((example) => !windowsOverlap(example, often)) ?? weeklyExamples[0],
      );
    } else if (windowsOverlap(rarely, often)) {
      const free = weeklyExamples.find((example) => !windowsOverlap(example, often));
      found.problem(
        rarelyPath,
        `${rarely} overlaps the ${daily === "backup" ? "backup" : "snapshot"} window ${often}`,
        "windows that do not overlap",
        free === undefined ? set(context, oftenPath, dailyExamples[daily]) : set(context, rarelyPath, free),
      );
    }
  };
  for (const [key, database] of Object.entries(settings.databases)) {
    if ("backup" in database) hold("databases", key, "backup", database.backup.window, database.maintenanceWindow);
  }
  for (const [key, cache] of Object.entries(settings.caches)) {
    if ("snapshots" in cache) hold("caches", key, "snapshots", cache.snapshots.window, cache.maintenanceWindow);
  }
};

const storage: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "managed" || database.maxStorage >= database.storage) continue;
    const path = ["databases", key, "maxStorage"];
    found.problem(
      path,
      `${database.maxStorage} is below storage ${database.storage}`,
      "at least storage",
      set(context, path, database.storage),
    );
  }
};

const replicas: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "replica" || database.of !== undefined || settings.standby !== undefined) continue;
    found.problem(
      ["databases", key, "of"],
      "missing: nothing says which stack has the primary",
      "a stack, or standby.of for all of them",
      set(context, ["databases", key, "of"], "prod"),
    );
  }
};

const machineTypes: Check = (settings, context, found) => {
  const targets = [
    ...(settings.cluster.mode === "managed" ? Object.keys(settings.cluster.pools).map((key) => `pools.${key}`) : []),
    ...Object.keys(settings.databases).map((key) => `databases.${key}`),
    ...Object.keys(settings.caches).map((key) => `caches.${key}`),
  ];
  if (settings.cloud !== "aws") return;
  for (const target of Object.keys(settings.aws.machineTypes)) {
    if (targets.includes(target)) continue;
    const path = ["aws", "machineTypes", target];
    found.problem(path, `there is no ${target}`, listed(targets), remove(context, path));
  }
};

const noReplicas: Check = ({ caches, environment }, _context, found) => {
  if (!isCareful(environment)) return;
  for (const [key, cache] of Object.entries(caches)) {
    if ("replicas" in cache && cache.replicas === 0)
      found.warning(`caches.${key} has no replica: a restart empties it`);
  }
};

/** Checks that ask what the chosen cloud can do. */
const ofOneCloud: readonly Check[] = [supported, existingComplete, lowered, names, machineTypes, pools];
const ofAnyCloud: readonly Check[] = [
  oneShard,
  ranges,
  openRanges,
  apiServerRestricted,
  wayOut,
  tags,
  parameters,
  endOfLife,
  usesExist,
  enoughConnections,
  timeouts,
  windows,
  storage,
  replicas,
  noReplicas,
];
