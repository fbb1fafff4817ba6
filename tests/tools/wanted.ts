import { byNameOnly, neededBy, type ToolName, tools } from "./table.js";

const names = Object.keys(tools) as ToolName[];
const suites: Readonly<Record<string, readonly ToolName[]>> = neededBy;

export interface Wanted {
  readonly tools: readonly ToolName[];
  /** Definitions of what charts bring: a tool by its name needs none. */
  readonly crds: boolean;
}

/** By names of tools, or of suites for all that one needs; without any it is everything but what is large. */
export function wanted(words: readonly string[]): Wanted {
  const unknown = words.filter((word) => !Object.hasOwn(suites, word) && !names.includes(word as ToolName));
  if (unknown.length > 0)
    throw new Error(
      `no tool ${unknown.join(", ")}; there are ${names.join(", ")}; or for a suite: ${Object.keys(suites)
        .filter((suite) => !suite.includes(" "))
        .join(", ")}`,
    );
  if (words.length === 0) return { tools: names.filter((name) => !byNameOnly.includes(name)), crds: true };
  const asked = new Set(words.flatMap((word) => suites[word] ?? [word as ToolName]));
  return { tools: names.filter((name) => asked.has(name)), crds: words.some((word) => Object.hasOwn(suites, word)) };
}
