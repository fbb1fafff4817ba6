import type { Planned } from "../providers/contract.js";
import { planned } from "../providers/index.js";
import type { Plan } from "./plan.js";
import type { RecordedResource } from "./record.js";

const WIDTH = 80;
const PART_WIDTH = 18;
const COUNT_WIDTH = 5;
const BODY_WIDTH = WIDTH - PART_WIDTH - COUNT_WIDTH;

/** What a person reads in one screen: the parts and what each becomes, outputs, warnings, and what to do next. */
export function planAsSummary(plan: Plan): string {
  return [
    ...heading(plan),
    "",
    `${"part".padEnd(PART_WIDTH)}${"becomes".padEnd(BODY_WIDTH - 4)}resources`,
    ...partLines(plan),
    "",
    counts(plan),
    ...section("Outputs", outputLines(plan)),
    ...section(
      "Warnings",
      plan.warnings.flatMap((warning) => wrapped(warning, WIDTH - 4, "  ! ", "    ")),
    ),
    ...section(
      "Before up",
      plan.beforeUp.map((command) => `  ${command}`),
    ),
    ...section("Next", nextLines(plan)),
  ]
    .join("\n")
    .concat("\n");
}

function heading({ stack, settings }: Plan): string[] {
  const zones = settings.zones.length === 0 ? "" : `, ${settings.zones.length} zones`;
  const where = settings.cloud === "local" ? "" : ` in ${settings.region}${zones}`;
  const locks = settings.deletionProtection ? "data is protected" : "nothing is protected";
  return [
    `${stack}: ${settings.prefix} on ${settings.cloud}${where}`,
    `size ${settings.size}, environment ${settings.environment}, ${locks}`,
  ];
}

interface Part {
  readonly name: string;
  readonly becomes: readonly string[];
  readonly count: number;
}

function partLines(plan: Plan): string[] {
  return partsOf(plan).flatMap(({ name, becomes, count }) => {
    const body = wrapped(becomes.join("; "), BODY_WIDTH, "", "");
    const [first = "", ...rest] = body;
    return [
      `${name.padEnd(PART_WIDTH)}${first.padEnd(BODY_WIDTH)}${String(count).padStart(COUNT_WIDTH)}`,
      ...rest.map((line) => `${" ".repeat(PART_WIDTH)}${line}`),
    ];
  });
}

/** A part is a child of the platform: its component with everything below it. */
function partsOf(plan: Plan): Part[] {
  const describe = describer(plan);
  const platform = plan.resources.find(({ type }) => type === "agent-platform:index:Platform");
  const parts = plan.resources.filter(
    ({ parent, custom }) => parent !== undefined && parent === platform?.urn && !custom,
  );
  const inside = new Map<string, RecordedResource[]>();
  const partOf = owners(plan.resources, parts);
  for (const resource of plan.resources) {
    const part = partOf(resource);
    if (part !== undefined) inside.set(part, [...(inside.get(part) ?? []), resource]);
  }
  return parts
    .map((part) => {
      const all = inside.get(part.urn) ?? [];
      const told = all.flatMap((resource) => describe(resource) ?? []).sort((a, b) => a.rank - b.rank);
      return {
        name: partTitle(plan, part),
        becomes: counted(told.map(({ text }) => text)),
        count: all.filter(({ custom }) => custom).length,
      };
    })
    .sort((a, b) => order(a.name) - order(b.name) || (a.name < b.name ? -1 : 1));
}

/** What a resource is called, and how far in front: the tables begin with what tells most. */
function describer({ settings }: Plan): (resource: RecordedResource) => { text: string; rank: number } | undefined {
  const table = { ...planned[settings.cloud].describe, ...inCluster };
  const ranks = new Map(Object.keys(table).map((type, rank) => [type, rank]));
  return ({ type, inputs }) => {
    const text = table[type]?.(inputs);
    return text === undefined ? undefined : { text, rank: ranks.get(type) ?? 0 };
  };
}

/** What is made inside a cluster is the same on every cloud. */
const inCluster: Planned["describe"] = {
  "kubernetes:helm.sh/v3:Release": (release) =>
    `chart ${String(release["chart"]).split("/").at(-1)} ${release["version"]}`,
  "kubernetes:postgresql.cnpg.io/v1:Cluster": ({ spec }) => {
    const { instances, storage } = spec as { instances?: number; storage?: { size?: string } };
    return `PostgreSQL by CloudNativePG, ${pods(instances)}, ${storage?.size}`;
  },
  "kubernetes:apps/v1:StatefulSet": ({ spec }) => `Valkey, ${pods((spec as { replicas?: number }).replicas)}`,
  "kubernetes:core/v1:ServiceAccount": () => "service account",
  "kubernetes:core/v1:Secret": () => "Kubernetes Secret",
  "kubernetes:core/v1:Namespace": ({ metadata }) => `namespace ${(metadata as { name?: string }).name}`,
};

const pods = (count: number | undefined): string => (count === 1 ? "1 pod" : `${count} pods`);

function owners(resources: readonly RecordedResource[], parts: readonly RecordedResource[]) {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const partUrns = new Set(parts.map(({ urn }) => urn));
  const owner = (resource: RecordedResource | undefined): string | undefined => {
    if (resource === undefined) return undefined;
    return partUrns.has(resource.urn) ? resource.urn : owner(byUrn.get(resource.parent ?? ""));
  };
  return owner;
}

const titles: Readonly<Record<string, readonly [title: string, noun: string]>> = {
  Network: ["network", ""],
  Cluster: ["cluster", ""],
  SecretStore: ["secret store", ""],
  Database: ["database", "db-"],
  Postgres: ["database", "db-"],
  Cache: ["cache", "kv-"],
  Valkey: ["cache", "kv-"],
  Bucket: ["bucket", "bucket-"],
  Registry: ["registry", ""],
  Dns: ["domain", ""],
  Observe: ["logs", ""],
  ServiceAccess: ["service", ""],
  CloudNativePg: ["operator", "cloudnative-pg"],
};
const titleOrder = [...new Set(Object.values(titles).map(([title]) => title))];
const order = (name: string): number => {
  const index = titleOrder.findIndex((title) => name === title || name.startsWith(`${title} `));
  return index < 0 ? titleOrder.length : index;
};

function partTitle({ settings }: Plan, { type, name }: RecordedResource): string {
  const kind = type.split(":").at(-1) ?? type;
  const [title = kind, noun = ""] = titles[kind] ?? [];
  const rest = name === settings.prefix ? "" : name.replace(`${settings.prefix}-${noun}`, " ");
  return `${title}${rest}`.slice(0, PART_WIDTH - 1);
}

/** `a, a, b` -> `2 x a`, `b`: the most telling first, which is the order in which they came. */
function counted(told: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of told) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].map(([text, count]) => (count === 1 ? text : `${count} x ${text}`));
}

function counts({ resources }: Plan): string {
  const made = resources.filter(({ custom, read, type }) => custom && !read && !type.startsWith("pulumi:"));
  const read = resources.filter((resource) => resource.read);
  const locked = made.filter((resource) => resource.protect);
  return `${made.length} resources to make, ${read.length} to read, ${locked.length} protected`;
}

function outputLines({ outputs }: Plan): string[] {
  return wrapped(Object.keys(outputs).join(", "), WIDTH - 2, "  ", "  ");
}

function nextLines({ stack, settings, beforeUp }: Plan): string[] {
  const other = settings.cloud === "local" ? "aws" : "local";
  const rows = [
    [`npm run plan -- --stack ${stack} --all`, "every resource, as a tree"],
    // A standby follows a database that only its own cloud can reach.
    ...(settings.standby === undefined
      ? [[`npm run plan -- --stack ${stack} --cloud ${other}`, "the same stack elsewhere"]]
      : []),
    ...(beforeUp.length > 0 ? [] : [[`pulumi up --stack ${stack}`, "the real thing"]]),
  ];
  const width = Math.max(...rows.map(([command = ""]) => command.length));
  return rows.map(([command = "", what]) => `  ${command.padEnd(width)}  ${what}`);
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ["", title, ...lines];

/** Words in lines no longer than `width`; what has no space in it stays whole. */
export function wrapped(text: string, width: number, first: string, next: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one, index) => (index === 0 ? first : next) + one);
}
