import { prefixOf } from "../providers/naming.js";
import { type Refusal, support } from "../providers/support.js";
import { shareAgents } from "./agents.js";
import { check } from "./checks/index.js";
import { fillDefaults } from "./defaults.js";
import { monitoringSecrets } from "./monitoring/secrets.js";
import { type CloudName, cloudNames } from "./names.js";
import { readNamespaces } from "./namespaces.js";
import { explain, fullKey, nearest, type Problem, SettingsError, type Telling } from "./problems.js";
import { type Repairs, removeKeyWith, repairsFor } from "./repairs.js";
import { type SettingsOfSchema, settingsSchema } from "./schema.js";
import {
  ENCRYPTED,
  hideSecrets,
  type PlainSecret,
  plainSecrets,
  SECRETS_NAMESPACE,
  secretNameFor,
  setSecretCommand,
} from "./secrets.js";
import { shortKey } from "./show.js";
import type { Source } from "./source.js";
import { versionsCheckedOn } from "./versions.js";
import {
  asNode,
  bare,
  beforeRemoval,
  coerce,
  formatPath,
  isTree,
  openJson,
  own,
  type Path,
  type Tree,
  valueAt,
  without as withoutValue,
  withValue,
} from "./walk.js";

export { ENCRYPTED };

export interface ParseOptions {
  /** The day against which end-of-life dates are held. @default the newest day in versions.ts */
  readonly today?: string;
  /** The cloud of another stack of the project. @default not known */
  readonly cloudOf?: (stack: string) => string | undefined;
  /** Take the neighbour where the region is another cloud's, with a warning: for plans, never for `up`. */
  readonly anyCloudsRegion?: boolean;
}

/** Settings with nothing left open: what the stack said, filled up by size, environment and cloud. */
export interface Settings extends SettingsOfSchema {
  /** Begins every physical name. */
  readonly prefix: string;
  /** Availability zones by name, as many as the network has. */
  readonly zones: readonly string[];
}

export interface Parsed {
  readonly settings: Settings;
  readonly warnings: readonly string[];
  /** Secrets that the settings name and the configuration has not. */
  readonly unsetSecrets: readonly string[];
}

const root = asNode(settingsSchema);

/** The one parse. Throws a SettingsError with every problem at once. */
export function parseSettings(source: Source, options: ParseOptions = {}): Parsed {
  const namespaces = readNamespaces(source);
  const opened = openConfig(namespaces.own);
  const { tree: said, written, problems: sugarProblems } = expandShorthand(opened);
  const problems: Problem[] = [...(source.problems ?? []), ...namespaces.problems, ...sugarProblems];
  const warnings: string[] = [...environmentWarnings(source), ...namespaces.warnings];

  const secrets = plainSecrets(said, root);
  problems.push(...secrets.map((secret) => secretProblem(secret, written, namespaces.encrypted)));
  const prototypes = prototypeKeys(said);
  const hidden = secrets.map(({ path }) => written(path));
  const repairs = repairsFor(namespaces.own, opened, hidden);
  problems.push(...prototypes.map((path) => prototypeProblem(written(path), repairs)));
  const unwanted = [...secrets.map(({ path }) => path), ...prototypes];
  const { attempt, unreadable } = parseReadable(without(said, unwanted));

  const asSaid = beforeRemoval([...unwanted, ...unreadable]);
  const cloud = cloudNames.find((name) => name === attempt.tree["cloud"]);
  const telling: Telling = {
    root,
    tree: attempt.filled,
    said: attempt.tree,
    written: (path) => written(asSaid(path)),
    repairs,
    shorthands: shorthandPaths,
    refusal: (path, mode) => refusalOf(cloud, path, mode),
    absent: (path) => absence(source, unreadable, path),
  };
  problems.push(...explain(attempt.issues, telling));
  const issuePaths = wrongPaths(attempt.issues);
  const left = unreadable.filter((path) => !issuePaths.some((wrong) => samePath(wrong, path)));
  warnings.push(...left.map((path) => `${shortKey(written(path))} is encrypted: the plan leaves it out`));

  const whole = attempt.data === undefined ? withoutWrong(attempt) : { ...attempt, data: attempt.data };
  if (whole !== undefined) {
    const prefix = prefixOf(whole.data.name, whole.data.environment);
    const wrong = [...unwanted, ...unreadable, ...issuePaths.map(asSaid)];
    const asWritten = beforeRemoval(wrong);
    const checked = check(whole.data, {
      prefix,
      written: (path) => written(asWritten(path)),
      repairs,
      said: whole.tree,
      isWrong: (path) => wrong.some((one) => related(one, asWritten(path))),
      cloudKnown: cloud !== undefined,
      today: options.today ?? versionsCheckedOn,
      cloudOf: options.cloudOf ?? (() => undefined),
      anyCloudsRegion: options.anyCloudsRegion ?? false,
    });
    problems.push(...checked.problems);
    if (problems.length === 0) {
      const { region, zones, network } = checked;
      return {
        settings: { ...whole.data, services: shareAgents(whole.data.services), prefix, region, zones, network },
        warnings: [...warnings, ...checked.warnings].map(hideSecrets),
        unsetSecrets: secretNames(whole.data).filter((name) => !namespaces.secrets.has(name)),
      };
    }
  }
  throw new SettingsError(source.name, unique(problems));
}

/** Every secret that a service or monitoring names, once. */
export const secretNames = ({
  services,
  monitoring,
}: Pick<SettingsOfSchema, "services" | "monitoring">): readonly string[] =>
  [
    ...new Set([
      ...Object.values(services).flatMap(({ secrets, pullSecret }) => [
        ...secrets,
        ...(pullSecret === undefined ? [] : [pullSecret]),
      ]),
      ...monitoringSecrets(monitoring),
    ]),
  ].sort();

type Issue = { readonly path: PropertyKey[]; readonly code?: string; readonly keys?: string[] };

function parse(tree: Tree) {
  const filled = coerce(root, fillDefaults(tree)) as Tree;
  const result = settingsSchema.safeParse(filled);
  return { tree, filled, data: result.data, issues: result.error?.issues ?? [] };
}

/** From the back, so that taking one element out of a list does not move those that are still to go. */
const without = (tree: Tree, paths: readonly Path[]): Tree =>
  [...paths]
    .reverse()
    .reduce<Tree>((rest, path) => (path.length === 0 ? rest : (withoutValue(rest, path) as Tree)), tree);

const samePath = (one: Path, other: Path): boolean => formatPath(one) === formatPath(other);
/** One holds the other, or they are the same. */
const related = (one: Path, other: Path): boolean =>
  one.slice(0, other.length).every((key, index) => key === other[index]);

/** What is encrypted cannot be read by a plan: it is left out where the schema wants more than a text. */
function parseReadable(said: Tree) {
  const first = parse(said);
  const unreadable = wrongPaths(first.issues).filter((path) => valueAt(said, path) === ENCRYPTED);
  const attempt = unreadable.length === 0 ? first : parse(without(said, unreadable));
  return { attempt, unreadable };
}

const wrongPaths = (issues: readonly Issue[]): readonly Path[] =>
  issues.flatMap((issue) => {
    const path = issue.path as Path;
    return issue.code === "unrecognized_keys" ? (issue.keys ?? []).map((key) => [...path, key]) : [path];
  });

/** Stand-ins for what has no default, so that everything else can be checked. */
const standIns = (said: Tree): Tree => ({
  cloud: nearest(String(said["cloud"]), cloudNames) ?? "aws",
  region: "eu-west",
});

/**
 * The rest is checked as if the wrong values had not been said, so that all problems come at once. Where leaving a
 * value out is as wrong (a part that must say it), the part goes, and at last the whole key.
 */
function withoutWrong(attempt: ReturnType<typeof parse>) {
  let { tree, issues } = attempt;
  for (const depth of [Number.POSITIVE_INFINITY, 2, 1]) {
    const paths = wrongPaths(issues).map((path) => path.slice(0, depth));
    tree = without(tree, paths);
    for (const [key, value] of Object.entries(standIns(attempt.tree))) {
      if (paths.some(([first]) => first === key)) tree = { ...tree, [key]: value };
    }
    const next = parse(tree);
    if (next.data !== undefined) return { ...next, data: next.data };
    issues = next.issues;
  }
  return undefined;
}

const environmentWarnings = ({ environments = [] }: Source): readonly string[] =>
  environments.map((name) => `environment ${name} is read by the engine only: what it sets is unknown to the plan`);

/** Why a setting that must be said is not there, where it is not just missing. */
function absence({ environments = [] }: Source, unreadable: readonly Path[], path: Path): string | undefined {
  if (unreadable.some((one) => samePath(one, path))) return "encrypted, and it decides what is made";
  return environments.length === 0 ? undefined : `missing, and a plan cannot read environment ${environments[0]}`;
}

function refusalOf(cloud: CloudName | undefined, path: Path, mode: string): Refusal | undefined {
  const answer =
    cloud === undefined
      ? undefined
      : own<(typeof support)[keyof typeof support]>(support, `${path[0]}.${mode}`)?.[cloud];
  return answer === true ? undefined : answer;
}

function secretProblem(
  { shown, value }: PlainSecret,
  written: (path: Path) => Path,
  encrypted: ReadonlySet<string>,
): Problem {
  const at = written(shown);
  const kept = value === ENCRYPTED || encrypted.has(String(at[0]));
  return {
    key: fullKey(at),
    what: kept ? "a secret in a setting: settings end up in plans and in the state" : "a secret in plain text",
    expected: `none in a setting: secrets are encrypted, under ${SECRETS_NAMESPACE}:`,
    repair: `take it out and set it with: ${setSecretCommand(secretNameFor(shown))}`,
  };
}

/** The one key that no map can have: assigning it would change the map's nature instead. */
function prototypeKeys(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => prototypeKeys(item, [...path, index]));
  if (!isTree(value)) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === "__proto__" ? [[...path, key]] : prototypeKeys(item, [...path, key]),
  );
}

const prototypeProblem = (path: Path, repairs: Repairs): Problem => ({
  key: fullKey(path),
  what: "unknown key",
  expected: "another name",
  repair: repairs.remove(path),
});

export const shorthands = { database: "databases", cache: "caches", bucket: "buckets" } as const;
const shorthandPaths: Readonly<Record<string, Path>> = Object.fromEntries(
  Object.entries(shorthands).map(([short, long]) => [short, [long, "main"]]),
);

const shape = bare(root).def.shape ?? {};

/** Maps and lists that came as JSON text, opened. */
const openConfig = (config: Tree): Tree =>
  Object.fromEntries(
    Object.entries(config).map(([key, value]) => {
      const long = own<string>(shorthands, key);
      const node = long === undefined ? own(shape, key) : own(shape, long)?.def.valueType;
      return [key, node === undefined ? value : openJson([node], value)];
    }),
  );

/** `database:` is `databases.main`, and a plain `domain` a new zone. `written` leads back to how it was said. */
function expandShorthand(said: Tree) {
  const problems: Problem[] = [];
  const used = new Set<string>();
  let tree: Tree = said;
  for (const [short, long] of Object.entries(shorthands)) {
    if (!Object.hasOwn(tree, short)) continue;
    const { [short]: value, ...rest } = tree;
    const map = rest[long];
    if (map !== undefined && !isTree(map)) {
      // The map itself is wrong, which is told; the short form waits until it is repaired.
      tree = rest;
    } else if (map !== undefined && Object.hasOwn(map, "main")) {
      problems.push({
        key: fullKey([short]),
        what: `said twice: it is short for ${long}.main`,
        expected: `one of ${short} and ${long}.main`,
        repair: removeKeyWith(short),
      });
      tree = rest;
    } else {
      used.add(long);
      tree = withValue(rest, [long, "main"], value) as Tree;
    }
  }
  const { domain } = tree;
  const plainDomain = typeof domain === "string" && domain !== "" && domain !== ENCRYPTED;
  if (plainDomain) tree = { ...tree, domain: { mode: "managed", name: domain } };
  const written = (path: Path): Path => {
    const [first, second, ...rest] = path;
    const short = Object.entries(shorthands).find(([, long]) => long === first)?.[0];
    if (short !== undefined && second === "main" && used.has(String(first))) return [short, ...rest];
    return plainDomain && first === "domain" ? ["domain"] : path;
  };
  return { tree, written, problems };
}

const unique = (problems: readonly Problem[]): readonly Problem[] =>
  problems.filter(
    (problem, index) =>
      problems.findIndex((other) => other.key === problem.key && other.what === problem.what) === index,
  );
