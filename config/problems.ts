import { closest, distance } from "fastest-levenshtein";
import type { Refusal } from "../providers/support.js";
import { copyable, type Repairs } from "./repairs.js";
import { hideSecrets } from "./secrets.js";
import { MOST_SHOWN, shortKey, show } from "./show.js";
import {
  bare,
  isTree,
  modeOf,
  nodeAt,
  own,
  type Path,
  type SchemaNode,
  type Tree,
  valueAt,
  variantFor,
} from "./walk.js";
import type z from "./zod.cjs";

/** One thing that a person has to repair, in one line. */
export interface Problem {
  /** The full key, `agent-platform:cache.shards`. */
  readonly key: string;
  readonly what: string;
  readonly expected: string;
  readonly repair: string;
}

/** What a person did and can repair: it is told in its own words, without a stack trace. */
export abstract class PersonError extends Error {
  abstract readonly exitCode: 1 | 2;
}

export class SettingsError extends PersonError {
  override readonly name = "SettingsError";
  readonly exitCode = 1;
  constructor(
    readonly source: string,
    readonly problems: readonly Problem[],
  ) {
    super([heading(source, problems.length), ...problems.map(formatProblem)].join("\n"));
  }
}

/** A command line that says nothing the program could do. */
export class UsageError extends PersonError {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

const heading = (source: string, count: number) => `${source}: ${counted(count, "problem")}`;
/** `1 problem`, `2 problems`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

export const formatProblem = ({ key, what, expected, repair }: Problem): string =>
  hideSecrets(`  ${key}: ${what}; expected ${expected}; ${repair}`);

export const NAMESPACE = "agent-platform";
export const fullKey = (path: Path): string => `${NAMESPACE}:${shortKey(path)}`;

/** The word a person meant, if there is one near enough. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0 || word.length > MOST_SHOWN) return undefined;
  const found = closest(
    word.toLowerCase(),
    [...words].map((w) => w.toLowerCase()),
  );
  const original = words.find((w) => w.toLowerCase() === found);
  return distance(word.toLowerCase(), found) <= Math.max(1, Math.floor(word.length / 3)) ? original : undefined;
}

export const listed = (words: readonly string[], last = "or"): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1)}`;

/** What the schema's texts say about themselves. */
interface Words {
  readonly expected?: string;
  readonly example?: unknown;
  /** The most characters. */
  readonly most?: number;
}
const wordsOf = (node: SchemaNode): Words => ({ ...bare(node).meta(), ...node.meta() }) as Words;

/** What a schema wants, in words, and a value that would do. */
export function wanted(node: SchemaNode | undefined): { readonly expected: string; readonly example: unknown } {
  if (node === undefined) return { expected: "another key", example: "" };
  const words = wordsOf(node);
  const { expected, example } = wantedByType(bare(node));
  return { expected: words.expected ?? expected, example: words.example ?? example };
}

function wantedByType(node: SchemaNode): { readonly expected: string; readonly example: unknown } {
  const { def } = node;
  if (def.type === "enum") {
    const values = Object.values(def.entries ?? {});
    return { expected: listed(values), example: values[0] };
  }
  if (def.type === "literal") return { expected: listed((def.values ?? []).map(String)), example: def.values?.[0] };
  if (def.type === "number") {
    const { min, max } = boundsOf(node);
    return { expected: `a ${isWhole(node) ? "whole " : ""}number from ${min} to ${max}`, example: min };
  }
  if (def.type === "boolean") return { expected: "true or false", example: true };
  if (def.type === "string") return { expected: "a text", example: "text" };
  if (def.type === "array") return { expected: "a list", example: [wanted(def.element).example] };
  if (def.type === "union" && def.discriminator !== undefined) {
    const modes = (def.options ?? []).map((option) => String(modeOf(option)));
    return { expected: `a map with mode ${listed(modes)}`, example: {} };
  }
  if (def.type === "union") {
    const first = wanted(def.options?.[0]);
    return { expected: `${first.expected}, or a map with fromStack`, example: first.example };
  }
  return { expected: "a map", example: {} };
}

const boundsOf = (node: SchemaNode): { min: number; max: number } => {
  const { minValue, maxValue } = node as unknown as { minValue: number; maxValue: number };
  return { min: minValue, max: maxValue };
};

const isWhole = (node: SchemaNode): boolean => (node as unknown as { isInt: boolean }).isInt;

type Issue = z.core.$ZodIssue;

/** What an explanation needs to know about the stack. */
export interface Telling {
  readonly root: SchemaNode;
  /** The settings with their defaults, in which the issues were found. */
  readonly tree: Tree;
  /** The settings without defaults. */
  readonly said: Tree;
  /** Where the person wrote a path (`database.x` for `databases.main.x`). */
  readonly written: (path: Path) => Path;
  readonly repairs: Repairs;
  /** Short forms, which are keys at the top as well. */
  readonly shorthands: Readonly<Record<string, Path>>;
  /** Why the chosen cloud has no such mode of a part. */
  readonly refusal: (path: Path, mode: string) => Refusal | undefined;
  /** Why a value is not there, where it is not just missing. */
  readonly absent: (path: Path) => string | undefined;
}

/** zod's issues -> lines for a person. */
export function explain(issues: readonly Issue[], telling: Telling, prefix: Path = []): Problem[] {
  return issues.flatMap((issue): Problem[] => {
    const path = [...prefix, ...(issue.path as Path)];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, telling));
    if (issue.code === "invalid_key") return [badName(path, telling)];
    if (issue.code === "invalid_union" && path.at(-1) === "mode") return [unknownMode(path, telling)];
    if (issue.code === "invalid_union") {
      const variant = kindIndex(nodeAt(telling.root, telling.tree, path), valueAt(telling.tree, path));
      const inner = variant === undefined ? undefined : issue.errors[variant];
      if (inner !== undefined) return explain(inner, telling, path);
    }
    return [wrongValue(path, issue, telling)];
  });
}

/** The variant of an id that a map or a list must be meant for: what is wrong is then inside of it. */
function kindIndex(node: SchemaNode | undefined, value: unknown): number | undefined {
  if (node === undefined || (!isTree(value) && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? "array" : "object";
  const index = (bare(node).def.options ?? []).findIndex((option) => bare(option).def.type === kind);
  return index < 0 ? undefined : index;
}

function wrongValue(path: Path, issue: Issue, { root, tree, written, repairs, absent }: Telling): Problem {
  const node = nodeAt(root, tree, path);
  const value = valueAt(tree, path);
  const { expected, example } = wanted(node);
  const params = issue.code === "custom" ? (issue.params as { example?: unknown } | undefined) : undefined;
  const here = written(path);
  const better = params?.example ?? (node === undefined ? undefined : nearValue(node, value)) ?? example;
  const defaults = isTree(better) && Object.keys(better).length === 0;
  return {
    key: fullKey(here),
    what: (value === undefined ? absent(path) : undefined) ?? wrongness(node, value),
    expected: issue.code === "custom" ? issue.message : expected,
    repair: defaults ? repairs.remove(here) : repairs.set(here, better),
  };
}

function wrongness(node: SchemaNode | undefined, value: unknown): string {
  if (value === undefined) return "missing";
  if (value === "" || value === null) return "empty";
  if (Array.isArray(value) && value.length === 0) return "an empty list";
  if (Array.isArray(value) || isTree(value)) return `${show(value)} will not do`;
  if (node === undefined) return `${show(value)} will not do`;
  const { def } = bare(node);
  if (def.type === "number" && typeof value === "number") {
    const { min, max } = boundsOf(bare(node));
    if (value < min) return `${value} is below ${min}`;
    if (value > max) return `${value} is above ${max}`;
    return Number.isInteger(value) ? `${value} will not do` : `${value} is not a whole number`;
  }
  const { most } = wordsOf(node);
  const over = most === undefined || typeof value !== "string" ? 0 : [...value].length - most;
  if (over > 0) return `${show(value)} is ${counted(over, "character")} too long`;
  const near = choices(node);
  // Between versions the nearest by its letters means nothing.
  const meant = near === undefined || !/[a-z]/i.test(String(value)) ? undefined : nearest(String(value), near);
  return `${show(value)} will not do${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}

const choices = (node: SchemaNode): readonly string[] | undefined => {
  const { def } = bare(node);
  return def.type === "enum" ? Object.values(def.entries ?? {}) : undefined;
};

/** The value nearest to what was said that would do. */
function nearValue(node: SchemaNode, value: unknown): unknown {
  const { def } = bare(node);
  if (def.type === "number" && typeof value === "number" && !Number.isNaN(value)) {
    const { min, max } = boundsOf(bare(node));
    const near = Math.min(max, Math.max(min, value));
    return isWhole(bare(node)) ? Math.round(near) : near;
  }
  if (def.type === "literal" && typeof value === "number" && Number.isFinite(value)) {
    return (def.values ?? [])
      .filter((one) => typeof one === "number")
      .sort((a, b) => Math.abs(a - value) - Math.abs(b - value))[0];
  }
  if (typeof value !== "string") return undefined;
  if (def.type === "boolean") return !/^(no|off|f|false|0|n|disabled?)$/i.test(value.trim());
  if (def.type === "enum") return nearest(value, choices(node) ?? []);
  return def.type === "string" ? textNear(node, value) : undefined;
}

/** A text as it would have to be written: lower case, without what is not allowed, not too long. */
function textNear(node: SchemaNode, text: string): string | undefined {
  if (!/^[\p{L}\p{N} _.-]+$/u.test(text)) return undefined;
  const { most = MOST_SHOWN } = wordsOf(node);
  const words = text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "");
  const hyphens = words.slice(0, most).replace(/-+$/, "");
  const letters = words.replaceAll("-", "").slice(0, most);
  return [text.trim(), text.trim().toLowerCase(), hyphens, letters].find(
    (candidate) => candidate !== "" && copyable(candidate) && bare(node).safeParse(candidate).success,
  );
}

function badName(path: Path, { root, tree, said, written, repairs }: Telling): Problem {
  const holder = nodeAt(root, tree, path.slice(0, -1));
  const key = holder === undefined ? undefined : bare(holder).def.keyType;
  const { expected, example } = wanted(key);
  const name = String(path.at(-1));
  const taken = (other: string) => valueAt(tree, [...path.slice(0, -1), other]) !== undefined;
  const better = key === undefined ? undefined : textNear(key, name);
  const free = [better, String(example)].find((other) => other !== undefined && !taken(other));
  return {
    key: fullKey(written(path)),
    what: key === undefined ? "no name for it" : wrongness(key, name),
    expected,
    repair:
      free === undefined
        ? repairs.remove(written(path))
        : repairs.move(written(path), written([...path.slice(0, -1), free]), valueAt(said, path)),
  };
}

const variantsWith = (node: SchemaNode | undefined): readonly string[] =>
  (node === undefined ? [] : (bare(node).def.options ?? [])).map((option) => String(modeOf(option)));

function unknownMode(path: Path, { root, tree, written, repairs, refusal }: Telling): Problem {
  const part = path.slice(0, -1);
  const modes = variantsWith(nodeAt(root, tree, part)).filter((mode) => refusal(part, mode) === undefined);
  const value = valueAt(tree, path);
  const meant = typeof value === "string" ? nearest(value, modes) : undefined;
  return {
    key: fullKey(written(path)),
    what: wrongness(undefined, value) + (meant === undefined ? "" : `; did you mean ${meant}?`),
    expected: listed(modes),
    repair: repairs.set(written(path), meant ?? modes[0]),
  };
}

/** Words that people know from single-cloud programs. */
const synonyms: Readonly<Record<string, string>> = {
  postgres: "database",
  postgresql: "database",
  rds: "database",
  redis: "cache",
  valkey: "cache",
  elasticache: "cache",
  s3: "bucket",
  storage: "bucket",
  vpc: "network",
  kubernetes: "cluster",
  eks: "cluster",
  dns: "domain",
  hostname: "domain",
  env: "environment",
};

function unknownKey(path: Path, key: string, telling: Telling): Problem {
  const { root, tree, said, written, repairs, shorthands, refusal } = telling;
  const part = nodeAt(root, tree, path);
  const holder = valueAt(tree, path);
  const variant = part === undefined ? undefined : variantFor(part, holder);
  const known = [...Object.keys(variant?.def.shape ?? {}), ...(path.length === 0 ? Object.keys(shorthands) : [])];
  const here = written([...path, key]);
  const options = part === undefined ? [] : (bare(part).def.options ?? []);
  const otherModes = options
    .filter((option) => own(option.def.shape, key) !== undefined)
    .map(modeOf)
    .map(String);
  if (otherModes.length > 0 && isTree(holder)) {
    const possible = otherModes.filter((mode) => refusal(path, mode) === undefined);
    const why = refusal(path, otherModes[0] ?? "");
    const mode = `does not go with mode ${String(holder["mode"])}`;
    return possible.length === 0 && why !== undefined
      ? { key: fullKey(here), what: `${mode}: ${why.reason}`, expected: why.alternative, repair: repairs.remove(here) }
      : {
          key: fullKey(here),
          what: mode,
          expected: `mode ${listed(possible)} with it`,
          // Who has not said a mode means the one that the key belongs to.
          repair:
            valueAt(said, [...path, "mode"]) === undefined
              ? repairs.set(written([...path, "mode"]), possible[0])
              : repairs.remove(here),
        };
  }
  const meant = (path.length === 0 ? own(synonyms, key.toLowerCase()) : undefined) ?? nearest(key, known);
  if (meant === undefined) {
    return { key: fullKey(here), what: "unknown key", expected: listed(known), repair: repairs.remove(here) };
  }
  const target = (path.length === 0 ? own(shorthands, meant) : undefined) ?? [...path, meant];
  return {
    key: fullKey(here),
    what: `unknown key; did you mean ${meant}?`,
    expected: listed(known),
    repair:
      valueAt(said, target) === undefined
        ? repairs.move(here, [...here.slice(0, -1), meant], valueAt(said, [...path, key]))
        : repairs.remove(here),
  };
}
