import { ENCRYPTED, hideSecrets } from "./secrets.js";
import { shortKey, shownName } from "./show.js";
import { formatPath, type Path, parseJson, type Tree, valueAt, without, withValue } from "./walk.js";

/**
 * The commands that repair a setting. They are for the command line of Pulumi: it stores a map or a list that is given
 * to it as text, which the settings open again, and it cannot reach into such a text.
 */
export interface Repairs {
  readonly set: (path: Path, value: unknown) => string;
  readonly remove: (path: Path) => string;
  /** The same value under another key. */
  readonly move: (from: Path, to: Path, value: unknown) => string;
}

const IN_FILE = "in the stack file";

/**
 * `raw` is what is stored, `opened` the same with every text opened that is a map or a list. What is at `hidden` is
 * never part of a command.
 */
export function repairsFor(raw: Tree, opened: Tree, hidden: readonly Path[] = []): Repairs {
  /** The stored text that holds a path, which can only be written anew as a whole. */
  const textAround = (path: Path): Path | undefined =>
    path
      .map((_, index) => path.slice(0, index + 1))
      .slice(0, -1)
      .find((above) => {
        const stored = valueAt(raw, above);
        return typeof stored === "string" && parseJson(stored) !== undefined;
      });
  const anew = (text: Path, change: (value: unknown) => unknown): string | undefined => {
    const hides = hidden.some((path) => text.every((key, index) => path[index] === key));
    return hides ? undefined : setCommand(text, change(valueAt(opened, text)));
  };
  const inside = (text: Path, path: Path): Path => path.slice(text.length);
  return {
    set: (path, value) => {
      const text = textAround(path);
      const command =
        text === undefined ? setCommand(path, value) : anew(text, (all) => withValue(all, inside(text, path), value));
      return command === undefined ? `set ${shortKey(path)} ${IN_FILE}` : `set it with: ${command}`;
    },
    remove: (path) => {
      const text = textAround(path);
      const command = text === undefined ? removeCommand(path) : anew(text, (all) => without(all, inside(text, path)));
      return command === undefined ? `take it out of the stack file` : `remove it with: ${command}`;
    },
    move: (from, to, value) => {
      const text = textAround(from);
      const commands =
        text === undefined
          ? [removeCommand(from), setCommand(to, value)]
          : [anew(text, (all) => withValue(without(all, inside(text, from)), inside(text, to), value))];
      return commands.includes(undefined)
        ? `rename it to ${shortKey(to)} ${IN_FILE}`
        : `rename it with: ${commands.join(" && ")}`;
    },
  };
}

const MOST_TYPED = 400;
/** One line that can be copied from a terminal: nothing invisible, no line breaks. */
export const copyable = (text: string): boolean =>
  text.length <= MOST_TYPED && /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text);

/** Whether the command line can name a key: it splits at colons, and a backslash before a quote is its escape. */
const nameable = (path: Path): boolean =>
  path[0] !== "" &&
  path.every((key) => typeof key === "number" || (copyable(key) && !key.includes(":") && !/\\("|$)/.test(key)));

const shellWord = (text: string): string =>
  /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

/** A word with a dash in front would be read as an option. */
const dashes = (...words: readonly string[]): string => (words.some((word) => word.startsWith("-")) ? "-- " : "");
/** Only within a map or a list is the key a path; on its own it is taken as it stands. */
const keyOf = (path: Path): string => (path.length > 1 ? formatPath(path) : String(path[0]));
const flagOf = (path: Path): string => (path.length > 1 ? "--path " : "");

/** Undefined where a person could not copy it, or where it would show a secret. */
export function setCommand(path: Path, value: unknown): string | undefined {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  if (!nameable(path) || !copyable(text) || text.includes(ENCRYPTED) || hideSecrets(text) !== text) return undefined;
  const key = keyOf(path);
  return `pulumi config set ${flagOf(path)}${dashes(key, text)}${shellWord(key)} ${shellWord(text)}`;
}

export function removeCommand(path: Path): string | undefined {
  const key = keyOf(path);
  return nameable(path) ? `pulumi config rm ${flagOf(path)}${dashes(key)}${shellWord(key)}` : undefined;
}

/** The same for a whole key with its namespace. */
const removeKeyCommand = (full: string): string | undefined =>
  full !== "" && full.split(":").length <= 2 && copyable(full)
    ? `pulumi config rm ${dashes(full)}${shellWord(full)}`
    : undefined;
export function removeKeyWith(full: string): string {
  const command = removeKeyCommand(full);
  return command === undefined ? "take it out of the stack file" : `remove it with: ${command}`;
}
/** `command` sets it anew. */
export function moveKeyWith(full: string, to: string, command: string | undefined): string {
  const remove = removeKeyCommand(full);
  return remove === undefined || command === undefined
    ? `move it to ${shownName(to)} ${IN_FILE}`
    : `move it with: ${remove} && ${command}`;
}
