import { execFileSync } from "node:child_process";
import { type CloudObject, objectsOf, remainsOf } from "../providers/cloud/disk.js";
import type { State, StateResource } from "./stack.js";

/** What is not an object of a cloud. */
const elsewhere = /^(pulumi|random|time|docker-build|kubernetes):/;

const isThere = ({ custom, external, type }: StateResource): boolean =>
  custom && external !== true && !elsewhere.test(type);

const listed = (all: readonly { readonly type: string; readonly id?: string }[]): readonly string[] =>
  all.map(({ type, id }) => `${type} ${id}`).sort();

/** What the state says that there is in the cloud. Where nothing was made twice or forgotten it equals `inCloud`. */
export const inState = ({ resources }: State): readonly string[] => listed(resources.filter(isThere));

export const inCloud = (directory: string): readonly string[] => listed(objectsOf(directory));

/** What stays of the deleted, as `KIND of NAME`. */
export const remainsIn = (directory: string): readonly string[] =>
  remainsOf(directory)
    .map(({ kind, name }) => `${kind} of ${name}`)
    .sort();

/** What the cloud holds and the state does not know of. */
export function forgotten(directory: string, state: State): readonly CloudObject[] {
  const known = new Set(inState(state));
  return objectsOf(directory).filter(({ type, id }) => !known.has(`${type} ${id}`));
}

/** The processes that a process started, and those that they did. */
export function offspringOf(pid: number): readonly number[] {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pairs = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const below = (parent: number): readonly number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
