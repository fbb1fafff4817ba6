import type { Problem } from "../problems.js";
import type { Repairs } from "../repairs.js";
import type { SettingsOfSchema } from "../schema.js";
import { shortKey } from "../show.js";
import { type Path, type Tree, valueAt } from "../walk.js";

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
  /** The cloud of another stack, where its file is at hand. */
  readonly cloudOf: (stack: string) => string | undefined;
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

export interface Findings {
  problem(path: Path, what: string, expected: string, repair: string): void;
  warning(text: string): void;
}

export type Check = (settings: SettingsOfSchema, context: Context, found: Findings) => void;

export const written = (context: Context, path: Path): string => shortKey(context.written(path));

export const set = (context: Context, path: Path, value: unknown): string =>
  context.repairs.set(context.written(path), value);

export const remove = (context: Context, path: Path): string => context.repairs.remove(context.written(path));

export const isSaid = (context: Context, path: Path): boolean => valueAt(context.said, path) !== undefined;

export function minAboveMax(
  path: Path,
  { min, max }: { min: number; max: number },
  context: Context,
  found: Findings,
): void {
  if (min <= max) return;
  const high: Path = [...path, "max"];
  // The one that was not said is the one to raise.
  const repair = isSaid(context, high) ? set(context, [...path, "min"], max) : set(context, high, min);
  found.problem([...path, "min"], `${min} is above max ${max}`, "min at most max", repair);
}
