import { objectsOf, plant, remove } from "../../providers/cloud/disk.js";
import type { Props } from "../../providers/serve.js";
import { inCloud, remainsIn } from "../../support/inventory.js";
import type { Case } from "./case.js";

/** What somebody else has in the account: type -> id -> inputs. */
export type Account = Readonly<Record<string, Readonly<Record<string, Props>>>>;

export function plantAll(cloud: string, account: Account, region?: string): void {
  for (const [type, things] of Object.entries(account))
    for (const [id, inputs] of Object.entries(things)) plant(cloud, type, id, inputs, region);
}

/** What is there of a stack whose cloud is an account. */
export const inAccount: Pick<Case, "left" | "remains"> = {
  left: async ({ stack }) => inCloud(stack.cloud),
  remains: async ({ stack }) => remainsIn(stack.cloud),
};

/** Deletes the first of a type. */
export const deleteOne =
  (type: string): Case["deleteByHand"] =>
  async ({ stack }) => {
    const found = objectsOf(stack.cloud).find((one) => one.type === type);
    if (found === undefined) throw new Error(`there is no ${type}`);
    remove(stack.cloud, type, found.id);
  };
