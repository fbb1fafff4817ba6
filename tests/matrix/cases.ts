import { type CloudName, cloudNames, sizeNames } from "../../config/names.js";
import { SECRETS_NAMESPACE } from "../../config/secrets.js";
import { applySets, findStackFile, readStackFile } from "../../config/stackfile.js";
import { type Plan, planStack } from "../../plan/plan.js";
import { excess, type NamedPart, prefixOf } from "../../providers/naming.js";
import { terms } from "../contract/cases.js";
import { keeping, measuring, running, watching } from "../support/services.js";
import { type ShippedStack, shippedStacks } from "../support/stacks.js";
import { choicesOn, refusedOn, valueOf } from "./combinations.js";
import { options, refusedTogether } from "./options.js";

/** A stack file on a cloud, with settings changed as `--set` would. */
export interface Case {
  readonly name: string;
  readonly stack: ShippedStack;
  readonly cloud: CloudName;
  readonly sets: readonly string[];
  /** What it is called in refused.json. @default its name */
  readonly refusedAs?: string;
}

/** Begins the value of every secret that the stacks name, so that it can be searched for. */
export const PLANTED = "planted-secret";
const secrets = ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"].map((name) => `${SECRETS_NAMESPACE}:${name}`);

export function planOfCase({ stack, cloud, sets }: Case): Promise<Plan> {
  const said = applySets(readStackFile(findStackFile(stack)), [`cloud=${cloud}`, ...sets]);
  const source = {
    ...said,
    config: { ...said.config, ...Object.fromEntries(secrets.map((key) => [key, `${PLANTED}-${key}`])) },
    encrypted: new Set([...said.encrypted, ...secrets]),
  };
  return planStack({ source, stack, stackOutputs: {} });
}

/** What a person types to see the same. */
export const commandFor = ({ stack, cloud, sets }: Case): string =>
  ["npm run plan --", `--stack ${stack}`, `--cloud ${cloud}`, ...sets.map((set) => `--set ${quoted(set)}`)].join(" ");

const quoted = (text: string): string =>
  /^[\w.:/=,@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** Every stack file on every cloud as it is. */
export const stackFileCases: readonly Case[] = shippedStacks.flatMap((stack) =>
  cloudNames.map((cloud) => ({ name: `${stack} on ${cloud}`, stack, cloud, sets: [] })),
);

/** Services that the platform runs, on every cloud. */
export const servicesCases: readonly Case[] = servicesOnEveryCloud("services", measuring);

/** The same, with everything that watches them. */
export const watchedCases: readonly Case[] = servicesOnEveryCloud("services that are watched", watching);

/** The same, with what a stack keeps of measurements, traces and lines where it says more. */
export const keptCase: Case = {
  name: "staging with services and all that is kept in the cluster on aws",
  stack: "staging",
  cloud: "aws",
  sets: [
    `services=${JSON.stringify(running)}`,
    "buckets.main={}",
    `domain=${JSON.stringify({ mode: "managed", name: "agents.example.com" })}`,
    `monitoring=${JSON.stringify({ ...watching, ...keeping })}`,
  ],
};

function servicesOnEveryCloud(what: string, monitoring: object): readonly Case[] {
  return cloudNames.map((cloud) => ({
    name: `staging with ${what} on ${cloud}`,
    stack: "staging",
    cloud,
    sets: [`services=${JSON.stringify(running)}`, `monitoring=${JSON.stringify(monitoring)}`],
  }));
}

/** Every stack file on every cloud in every size. */
export const sizeCases: readonly Case[] = stackFileCases.flatMap((one) =>
  sizeNames.map((size) => ({ ...one, name: `${one.name}, ${size}`, sets: [`size=${size}`], refusedAs: one.name })),
);

const setsOf = (cloud: CloudName, option: string, value: string): readonly string[] => {
  const { sets = [] } = valueOf([option, value]);
  if (typeof sets !== "function") return sets;
  if (cloud === "local") throw new Error(`${option}: ${value} has no words for local`);
  return sets({ ...terms[cloud], cloud });
};

/** Every two options together, on top of `prod`. */
export const combinedCases = (cloud: CloudName): readonly Case[] =>
  choicesOn(cloud).map((choice, index) => ({
    name: `${index + 1}. ${textOf(choice)}`,
    stack: "prod",
    cloud,
    sets: Object.entries(choice).flatMap(([option, value]) => setsOf(cloud, option, value)),
  }));

/** What a choice says, where it says anything. */
const textOf = (choice: Readonly<Record<string, string>>): string =>
  Object.entries(choice)
    .filter(([option, value]) => options[option]?.values[value]?.sets !== undefined)
    .map(([option, value]) => `${option} ${value}`)
    .join("; ");

/** The longest keys that settings take with the longest name: what is made of them must still fit. */
export function longestKeysCase(cloud: CloudName): Case {
  const prefix = prefixOf("platform", "development");
  const longest = (part: NamedPart, where: CloudName = cloud, letter = "k"): string => {
    const fitting = Array.from({ length: MOST_LETTERS }, (_, less) => letter.repeat(MOST_LETTERS - less)).find(
      (key) => excess(where, prefix, part, key) === 0,
    );
    if (fitting === undefined) throw new Error(`no key fits ${part} on ${where}`);
    return fitting;
  };
  const inCluster = [
    `databases.${longest("database", "local", "c")}.mode=inCluster`,
    `caches.${longest("cache", "local", "c")}.mode=inCluster`,
  ];
  const ofCloud = [
    `databases.${longest("database")}={"mode":"managed","replicas":5}`,
    `caches.${longest("cache")}.mode=managed`,
    `buckets.${longest("bucket")}={}`,
    `cluster.pools.${longest("pool")}={}`,
  ];
  return {
    name: `the longest keys on ${cloud}`,
    stack: "prod",
    cloud,
    sets: [
      "name=platform",
      "environment=development",
      "databases.main={}",
      "caches.main={}",
      ...(cloud === "local" ? [] : ofCloud),
      ...inCluster,
      `services.${longest("service")}={"uses":["database","cache"],"secrets":["OPENAI_API_KEY"]}`,
    ],
  };
}
/** What the schema takes of any key. */
const MOST_LETTERS = 40;

/** Each value that a cloud has not, and each combination that settings refuse, alone on top of `prod`. */
export const refusedCases = (cloud: CloudName): readonly Case[] => [
  ...refusedOn(cloud).map(([option, value]) => ({
    name: `${option}: ${value} on ${cloud}`,
    stack: "prod" as const,
    cloud,
    // What is refused has words of the clouds that take it.
    sets: setsOf(wordsFor(cloud, option, value), option, value),
  })),
  ...Object.entries(refusedTogether).flatMap(([name, byCloud]) => {
    const sets = byCloud[cloud];
    return sets === undefined ? [] : [{ name: `${name} on ${cloud}`, stack: "prod" as const, cloud, sets }];
  }),
];

const wordsFor = (cloud: CloudName, option: string, value: string): CloudName =>
  cloud === "local" && typeof valueOf([option, value]).sets === "function" ? "aws" : cloud;
