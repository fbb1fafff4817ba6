import { type CloudName, cloudNames, type SizeName, sizeNames } from "../../config/names.js";
import { applySets, findStackFile, readStackFile } from "../../config/stackfile.js";
import { type Plan, planStack } from "../../plan/plan.js";

/** The stacks that the repository ships, each of which is planned by the tests. */
export const shippedStacks = ["dev", "staging", "prod", "dr"] as const;
export type ShippedStack = (typeof shippedStacks)[number];

/** A shipped stack, with settings changed as `--set` would. */
export const planOf = (stack: ShippedStack, sets: readonly string[] = []): Promise<Plan> =>
  planStack({ source: applySets(readStackFile(findStackFile(stack)), sets), stack, stackOutputs: {} });

export interface Case {
  readonly name: string;
  readonly stack: ShippedStack;
  readonly cloud: CloudName;
  readonly size: SizeName;
}

/** Every shipped stack, in every size, on every cloud that it can go to: a standby stays where its primary is. */
export const cases: readonly Case[] = shippedStacks.flatMap((stack) =>
  cloudNames
    .filter((cloud) => stack !== "dr" || cloud === "aws")
    .flatMap((cloud) => sizeNames.map((size) => ({ name: `${stack}-${cloud}-${size}`, stack, cloud, size }))),
);

export const planCase = ({ stack, cloud, size }: Case): Promise<Plan> =>
  planOf(stack, [`cloud=${cloud}`, `size=${size}`]);
