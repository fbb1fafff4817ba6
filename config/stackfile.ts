import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Document, LineCounter, parseAllDocuments, visit } from "yaml";
import { splitKey } from "./namespaces.js";
import { listed, NAMESPACE, nearest, PersonError, type Problem, UsageError } from "./problems.js";
import { ENCRYPTED, hideSecrets, SECRETS_NAMESPACE, setSecretCommand } from "./secrets.js";
import { shorthands } from "./settings.js";
import { shownName } from "./show.js";
import type { Source } from "./source.js";
import { formatPath, isTree, own, type Path, parseJson, parsePath, type Tree, tooDeep, withValue } from "./walk.js";

/** A stack file that cannot be read at all, in one line. */
export class StackFileError extends PersonError {
  override readonly name = "StackFileError";
  readonly exitCode = 1;
  constructor(message: string) {
    super(hideSecrets(message));
  }
}

/** The file of a stack. Throws where there is none, with the ones that there are. */
export function findStackFile(stack: string, directory = "."): string {
  const name = stack.split("/").at(-1) ?? stack;
  const file = `Pulumi.${name}.yaml`;
  const stacks = stacksIn(directory);
  if (/^[A-Za-z0-9_.-]+$/.test(name) && stacks.includes(name)) return join(directory, file);
  const meant = nearest(name, stacks);
  const have = stacks.length === 0 ? "there are no stack files here" : `there are ${listed(stacks, "and")}`;
  throw new StackFileError(
    `no stack ${shownName(stack)}: ${shownName(file)} is not here${meant === undefined ? "" : `; did you mean ${meant}?`}; ${have}`,
  );
}

const stacksIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();

/** A stack file as it is found: what is encrypted stays so, and what only the engine can know is named. */
/** The cloud that a stack file here says, if there is such a file: what a standby's primary is on. */
export function cloudOfStack(stack: string, directory = "."): string | undefined {
  const name = stack.split("/").at(-1) ?? stack;
  if (!stacksIn(directory).includes(name)) return undefined;
  const { config } = readStackFile(findStackFile(name, directory));
  const cloud = config[`${NAMESPACE}:cloud`] ?? config["cloud"];
  return typeof cloud === "string" ? cloud : undefined;
}

export function readStackFile(path: string): Source {
  const name = shownName(path);
  return readStackText(readText(path, name), basename(path) === path ? path : name);
}

function readText(path: string, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    throw new StackFileError(`${name}: ${unreadable(error)}`);
  }
}

function unreadable(error: unknown): string {
  const { code = "" } = error as { code?: string };
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "a directory, not a stack file";
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "not UTF-8 text; save it as UTF-8";
  return `cannot be read (${code === "" ? "unknown reason" : code})`;
}

const topKeys = ["config", "environment", "encryptionsalt", "encryptedkey", "secretsprovider"];
const EXAMPLE = "settings go under config:, each with its namespace, like agent-platform:cloud: aws";

export function readStackText(text: string, name: string): Source {
  const top = parseYaml(text, name);
  if (!isTree(top)) throw new StackFileError(`${name}: ${kindOf(top)}, not a map with config:; ${EXAMPLE}`);
  const { config } = top;
  const meant = Object.keys(top).find((key) => !topKeys.includes(key) && nearest(key, topKeys) === "config");
  if (!Object.hasOwn(top, "config")) {
    const hint =
      Object.hasOwn(top, "runtime") || Object.hasOwn(top, "main")
        ? "this is a project file, and a stack file is Pulumi.STACK.yaml"
        : meant === undefined
          ? EXAMPLE
          : `rename ${shownName(meant)}: to config:`;
    throw new StackFileError(`${name}: no config:; ${hint}`);
  }
  if (config === null) throw new StackFileError(`${name}: nothing under config:; ${EXAMPLE}`);
  if (!isTree(config)) throw new StackFileError(`${name}: config: is ${kindOf(config)}, not a map; ${EXAMPLE}`);
  const encrypted = Object.keys(config).filter((key) => isSecure(config[key]));
  return {
    name,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, withoutCiphertext(value)])),
    encrypted: new Set(encrypted),
    environments: environmentsOf(top["environment"]),
    problems: Object.keys(top)
      .filter((key) => !topKeys.includes(key))
      .map((key) => unknownTopKey(key, name)),
  };
}

function parseYaml(text: string, name: string): unknown {
  const lineCounter = new LineCounter();
  const documents = attempt(
    () => parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true, logLevel: "silent" }),
    name,
  );
  const list: readonly Document.Parsed[] = Array.isArray(documents) ? documents : [];
  for (const document of list) {
    const [error] = document.errors;
    if (error === undefined) continue;
    if (/call stack/i.test(error.message)) throw new StackFileError(`${name}: ${ENDLESS}`);
    const { line, col } = lineCounter.linePos(error.pos[0]);
    const what = error.message.split("\n")[0]?.replace(/:?\s*$/, "") ?? "";
    throw new StackFileError(`${name}:${line}:${col}: malformed YAML: ${shownName(what)}`);
  }
  if (list.length > 1) {
    throw new StackFileError(
      `${name}: ${list.length} YAML documents, and a stack file is one; take out the lines with ---`,
    );
  }
  const [document] = list;
  if (document === undefined || document.contents === null) throw new StackFileError(`${name}: empty; ${EXAMPLE}`);
  // A number keeps the digits that were written: 1.30 is a version, and an account may begin with a zero.
  visit(document, {
    Scalar(_, node) {
      const written = node.source ?? "";
      if (typeof node.value === "number" && String(node.value) !== written && /^[-+]?[0-9.]+$/.test(written))
        node.value = written;
    },
  });
  const value = attempt((): unknown => document.toJS({ maxAliasCount: MOST_ALIASES }), name);
  if (tooDeep(value)) throw new StackFileError(`${name}: ${ENDLESS}`);
  return plain(value);
}

const MOST_ALIASES = 100;
const ENDLESS = "maps within maps without end, or an alias within its own anchor";

/** What the YAML library throws where a document is well formed and yet makes no sense. */
function attempt<T>(read: () => T, name: string): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof RangeError) throw new StackFileError(`${name}: ${ENDLESS}`);
    const missing = /Unresolved alias.*: (.*)$/.exec(message)?.[1];
    if (missing !== undefined)
      throw new StackFileError(`${name}: alias *${shownName(missing)} has no anchor before it`);
    if (/alias/i.test(message)) throw new StackFileError(`${name}: aliases that unfold to far more than was written`);
    throw new StackFileError(`${name}: malformed YAML: ${shownName(message.split("\n")[0] ?? "")}`);
  }
}

/** Only what JSON knows: tags of YAML make dates, sets and bytes, which the settings take as texts. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return value;
  if (value === undefined) return null;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  }
  return value instanceof Date ? value.toISOString() : String(value);
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "a list" : isTree(value) ? "a map" : "a plain text");

/** What the engine writes where a value is encrypted. */
const isSecure = (value: unknown): boolean =>
  isTree(value) && Object.keys(value).length === 1 && typeof value["secure"] === "string";

function withoutCiphertext(value: unknown): unknown {
  if (isSecure(value)) return ENCRYPTED;
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (!isTree(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutCiphertext(item)]));
}

/** A list of names, a map that imports them, or values written in place. */
function environmentsOf(environment: unknown): readonly string[] {
  const names = isTree(environment) ? environment["imports"] : environment;
  const list = (Array.isArray(names) ? names : [names]).flatMap((name) =>
    typeof name === "string" ? [shownName(name)] : isTree(name) ? Object.keys(name).map(shownName) : [],
  );
  return isTree(environment) && list.length === 0 ? ["written in the stack file"] : list;
}

function unknownTopKey(key: string, name: string): Problem {
  const meant = nearest(key, topKeys);
  const shown = shownName(key);
  return {
    key: shown,
    what: meant === undefined ? "unknown key beside config:" : `unknown key beside config:; did you mean ${meant}?`,
    expected: listed(topKeys),
    repair:
      meant === undefined ? `move it under config:, or take it out of ${name}` : `rename it to ${meant} in ${name}`,
  };
}

/** What the engine hands to the program: maps and lists as JSON text, secrets decrypted, which are not kept. */
export function fromPulumiConfig(
  config: Readonly<Record<string, string>>,
  isSecret: (key: string) => boolean,
  name = "the stack's configuration",
): Source {
  const keep = (key: string, value: string): unknown => {
    if (key.startsWith(`${SECRETS_NAMESPACE}:`) && isSecret(key)) return ENCRYPTED;
    return /^\s*[[{]/.test(value) ? (parseJson(value) ?? value) : value;
  };
  return {
    name,
    config: Object.fromEntries(Object.entries(config).map(([key, value]) => [key, keep(key, value)])),
    encrypted: new Set(Object.keys(config).filter(isSecret)),
  };
}

/** The configuration with `a.b.c=value` said in place of what it says. */
export const applySets = (source: Source, sets: readonly string[]): Source => sets.reduce(applySet, source);

function applySet(source: Source, text: string): Source {
  const { path, value } = readSet(text);
  const said = sameAsSaid(source.config, path);
  const [key = "", ...rest] = said;
  const full = keyOf(source.config, String(key));
  const held = full === undefined ? undefined : source.config[full];
  const open = typeof held === "string" ? (parseJson(held) ?? held) : held;
  // A text makes way for a map, as on the command line of Pulumi.
  const holder = typeof open === "object" && open !== null ? open : undefined;
  fits(holder, rest, said);
  const name = full ?? `${NAMESPACE}:${key}`;
  return {
    ...source,
    config: { ...source.config, [name]: withValue(holder, rest, value) },
    encrypted: new Set([...source.encrypted].filter((one) => one !== name)),
  };
}

/** `key=value`, with Pulumi's notation for paths. The first = that is not in quotes ends the key. */
function readSet(text: string): { readonly path: Path; readonly value: unknown } {
  const match = /^((?:\["(?:\\"|[^"])*"\]|[^=])*?)=(.*)$/s.exec(text);
  const shown = shownName(hideSecrets(text));
  if (match === null) throw new UsageError(`--set ${shown}: write it as KEY=VALUE, like --set database.memory=16`);
  const [, key = "", value = ""] = match;
  const namespace = /^([A-Za-z][A-Za-z0-9_-]*):/.exec(key)?.[1];
  if (namespace === SECRETS_NAMESPACE) {
    const name = key.slice(namespace.length + 1);
    const command = setSecretCommand(/^[A-Z][A-Z0-9_]*$/.test(name) ? name : "NAME");
    throw new UsageError(
      `--set ${shownName(key)}: secrets are not set here, where they would be seen; use: ${command}`,
    );
  }
  if (namespace !== undefined && namespace !== NAMESPACE) {
    throw new UsageError(`--set ${shownName(key)}: only settings can be set, and they need no namespace`);
  }
  const path = parsePath(namespace === undefined ? key : key.slice(namespace.length + 1));
  if (path === undefined || typeof path[0] !== "string") {
    throw new UsageError(
      `--set ${shown}: ${key === "" ? "no key" : "no such notation"}; keys are like a.b, a[0] or a["b.c"]`,
    );
  }
  return { path, value: /^\s*[[{]/.test(value) ? opened(value, key) : value };
}

function opened(value: string, key: string): unknown {
  const inner = parseJson(value);
  if (inner === undefined) {
    throw new UsageError(`--set ${shownName(key)}: what begins with { or [ is read as JSON, and this is none`);
  }
  return inner;
}

/** `database` and `databases.main` are the same: the one that the configuration says is the one that is changed. */
function sameAsSaid(config: Source["config"], path: Path): Path {
  const isSaid = (key: string): boolean => keyOf(config, key) !== undefined;
  const [first, second, ...rest] = path;
  const long = own<string>(shorthands, String(first));
  if (long !== undefined) {
    const { [keyOf(config, long) ?? ""]: held } = config;
    const map = typeof held === "string" ? parseJson(held) : held;
    const main = isTree(map) && Object.hasOwn(map, "main");
    return main && !isSaid(String(first)) ? [long, "main", ...path.slice(1)] : path;
  }
  const short = Object.entries(shorthands).find(([, other]) => other === first)?.[0];
  return short !== undefined && second === "main" && isSaid(short) ? [short, ...rest] : path;
}

const keyOf = (config: Source["config"], key: string): string | undefined =>
  Object.keys(config).find((full) => {
    const { namespace, key: name } = splitKey(full);
    return namespace === NAMESPACE && name === key;
  });

/** Whether what is there can take the path, as on the command line of Pulumi. */
function fits(holder: unknown, rest: Path, path: Path): void {
  let value = holder;
  rest.forEach((step, index) => {
    const at = formatPath(path.slice(0, index + 1).map((key) => (typeof key === "number" ? key : shownName(key))));
    if (typeof step === "number") {
      const length = Array.isArray(value) ? value.length : 0;
      if (isTree(value)) throw new UsageError(`--set ${at}[${step}]: ${at} is a map, whose keys have names`);
      if (step > length)
        throw new UsageError(`--set ${at}[${step}]: ${at} has ${length} elements; the next is ${at}[${length}]`);
    } else if (Array.isArray(value)) {
      throw new UsageError(
        `--set ${at}.${shownName(step)}: ${at} is a list, whose elements have numbers, like ${at}[0]`,
      );
    }
    value = typeof value === "object" && value !== null ? own(value as Tree, step) : undefined;
  });
}
