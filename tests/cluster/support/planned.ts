import { join } from "node:path";
import type { Props } from "../../engine/providers/serve.js";
import { type Case, keptCase, servicesCases, stackFileCases, watchedCases } from "../../matrix/cases.js";
import { refused } from "../../matrix/expect.js";
import { typescript } from "../node/typescript.js";
import { beside } from "./beside.js";

const accepted = stackFileCases.filter(({ name }) => !Object.hasOwn(refused, name));
export const cases: readonly Case[] = [...accepted, ...servicesCases, ...watchedCases, keptCase];

/** What the plan of each case puts into a cluster: made by another process, while the node is busy with the stack. */
export async function planned(): Promise<ReadonlyMap<Case, readonly Props[]>> {
  const { out, problems, failed } = await beside(typescript(join(import.meta.dirname, "planning.ts")));
  if (failed) throw new Error(`the cases could not be planned:\n${problems}`);
  const all = JSON.parse(out) as readonly (readonly Props[])[];
  return new Map(cases.map((one, index) => [one, all[index] ?? []]));
}
