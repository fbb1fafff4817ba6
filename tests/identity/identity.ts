import { join } from "node:path";
import type { Plan } from "../../plan/plan.js";

/**
 * A logical name is identity: where one goes or changes, `up` deletes what had it. The committed lists say what each
 * shipped stack is made of; a difference is a migration. `npm run identity` writes them anew.
 */
export const listFile = (name: string): string => join(import.meta.dirname, "lists", `${name}.txt`);

export const identityOf = (plan: Plan): string =>
  `${plan.resources
    // A migration is another one for another image, be it by a line of `service/`.
    .map(({ type, name }) => `${type} ${name.replace(/-migrate-[0-9a-f]{10}$/, "-migrate-IMAGE")}`)
    .sort()
    .join("\n")}\n`;
