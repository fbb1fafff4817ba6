import type { Source } from "../../config/source.js";
import { isTree, type Path, parsePath, without, withValue } from "../../config/walk.js";

/**
 * `pulumi config set` and `pulumi config rm` on a configuration, as the command line does it: without `--path` a key
 * is taken as it stands and its value is a text; with it, `true`, `false` and whole numbers are what they look like,
 * maps and lists on the way are made, and what stands in the way is an error.
 */
export function run(source: Source, repair: string): Source {
  const commands = /with: (.*)$/.exec(repair)?.[1]?.split(" && ") ?? [];
  return commands.reduce((now, command) => runOne(now, wordsOf(command)), source);
}

/** Whether a repair is a command at all, and not something to do in the file. */
export const isCommand = (repair: string): boolean => /^(set|remove|rename|move) it with: pulumi /.test(repair);

function wordsOf(command: string): readonly string[] {
  const words = command.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|\\'/g, (_, inner: string | undefined) => inner ?? "'"));
}

function runOne(source: Source, words: readonly string[]): Source {
  const [pulumi, config, verb, ...rest] = words;
  if (pulumi !== "pulumi" || config !== "config") throw new Error(`no command: ${words.join(" ")}`);
  const end = rest.indexOf("--");
  const options = rest.filter((word, index) => word.startsWith("-") && word !== "--" && (end < 0 || index < end));
  const [key = "", value, ...more] = rest.filter((word, index) => (end >= 0 && index > end) || !word.startsWith("-"));
  if (more.length > 0) throw new Error(`too many words: ${words.join(" ")}`);
  if (key.split(":").length > 2) throw new Error(`the command line takes one colon: ${key}`);
  if (options.includes("--secret")) return secretSet(source, key);
  const full = key.includes(":") ? key : `agent-platform:${key}`;
  const colon = full.indexOf(":");
  const path = options.includes("--path") ? parsePath(full.slice(colon + 1)) : [full.slice(colon + 1)];
  if (path === undefined) throw new Error(`no path: ${key}`);
  const [first, ...inside] = path;
  const name = `${full.slice(0, colon)}:${first}`;
  const stored = Object.keys(source.config).find((one) => one === name || `agent-platform:${one}` === name) ?? name;
  if (verb === "rm") return { ...source, config: removed(source.config, [stored, ...inside]) };
  if (verb !== "set" || value === undefined) throw new Error(`no command: ${words.join(" ")}`);
  const typed = inside.length === 0 ? value : typedLikeThere(value);
  return { ...source, config: { ...source.config, [stored]: placed(source.config[stored], inside, typed, 0) } };
}

const secretSet = (source: Source, key: string): Source => ({
  ...source,
  config: { ...source.config, [key]: "[secret]" },
  encrypted: new Set([...source.encrypted, key]),
});

const removed = (config: Source["config"], path: Path): Source["config"] => without(config, path) as Source["config"];

const typedLikeThere = (value: string): unknown =>
  value === "true" || value === "false" ? value === "true" : /^(0|-?[1-9]\d*)$/.test(value) ? Number(value) : value;

function placed(holder: unknown, path: Path, value: unknown, depth: number): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const container = Array.isArray(holder) || isTree(holder);
  // Only at the top does a plain value make way.
  const there = container || holder === undefined || holder === null || depth > 0 ? holder : undefined;
  if (there !== undefined && there !== null && Array.isArray(there) !== (typeof step === "number")) {
    throw new Error(`${typeof step === "number" ? "an array" : "a map"} was expected for ${step}`);
  }
  if (there !== undefined && there !== null && !container) throw new Error(`a map was expected for ${step}`);
  if (Array.isArray(there) && (step as number) > there.length) throw new Error("array index out of range");
  const inner = Array.isArray(there) ? there[step as number] : isTree(there) ? there[step] : undefined;
  return withValue(there ?? undefined, [step], placed(inner, rest, value, depth + 1));
}
