import { lives } from "./life.js";
import type { NodeRecord } from "./record.js";

/** A line for each thing that there is to know of the node that is recorded, if one is. */
export function describe(record: NodeRecord | undefined): readonly string[] {
  if (record === undefined) return ["no node is up"];
  const { owner, holder, since, directory, parts } = record;
  const whose =
    owner === "nobody" ? "until it is told to go" : lives(owner) ? `with process ${owner.pid}` : "left behind";
  const state = holder !== undefined && lives(holder) ? "up" : "not whole";
  return [
    `a node is ${state} since ${since}, ${whose}; its files are in ${directory}`,
    ...Object.entries(parts).map(
      ([name, life]) => `  ${name.padEnd(24)} ${lives(life) ? `process ${life.pid}` : "has ended"}`,
    ),
  ];
}
