import { type Props, UNKNOWN } from "../serve.js";
import type { Kind, Where } from "./kind.js";

/** Without what providers and engine keep for themselves. */
export const withoutMarks = (inputs: Props): Props =>
  Object.fromEntries(Object.entries(inputs).filter(([key]) => !key.startsWith("__")));

/** A copy without what is at the paths: `scalingConfig.desiredSize`, `rules[0].port`. */
export function withoutPaths(tree: Props, paths: readonly string[]): Props {
  if (paths.length === 0) return tree;
  const copy = structuredClone(tree);
  for (const path of paths) {
    const keys = path.split(/[.[\]"]+/).filter((key) => key !== "");
    const last = keys.pop();
    let parent: unknown = copy;
    for (const key of keys) parent = isTree(parent) ? parent[key] : undefined;
    if (last !== undefined && isTree(parent)) delete parent[last];
  }
  return copy;
}

const isTree = (value: unknown): value is Props => typeof value === "object" && value !== null;

/** The new inputs, with the old values of what the provider passes over. */
export function withKept({ keeps = {} }: Kind, olds: Props, news: Props): Props {
  const kept = Object.entries(keeps).flatMap(([key, when]) => (when(olds, news) ? [[key, olds[key]] as const] : []));
  return { ...news, ...Object.fromEntries(kept) };
}

interface Known {
  readonly where: Where;
  /** What is there already, where it is to be updated. */
  readonly id?: string;
  readonly before?: Props;
}

/** Outputs as far as a preview can tell: of a new thing the inputs only. */
export function plannedOutputs({ outputs, changing = [] }: Kind, given: Props, { where, id, before }: Known): Props {
  const computed = Object.entries(outputs?.(given, id ?? UNKNOWN, where, before ?? {}) ?? {}).map(([key, value]) => {
    const said = JSON.stringify(given[key]) === JSON.stringify(value);
    const known =
      said || (id !== undefined && !changing.includes(key) && !JSON.stringify(value ?? "").includes(UNKNOWN));
    return [key, known ? value : UNKNOWN] as const;
  });
  return { ...given, ...Object.fromEntries(computed) };
}
