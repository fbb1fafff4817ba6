import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatProblem, SettingsError } from "../../config/problems.js";
import { planAsJson } from "../../plan/json.js";
import type { Plan } from "../../plan/plan.js";
import { identityOf, listFile } from "../identity/identity.js";
import { type Case, commandFor, planOfCase } from "./cases.js";
import { faultsIn } from "./checks.js";

export const refusedFile = join(import.meta.dirname, "refused.json");
/** Cases that settings refuse, with every line of why. */
export const refused = JSON.parse(readFileSync(refusedFile, "utf8")) as Readonly<Record<string, readonly string[]>>;

const refusalOf = ({ name, refusedAs = name }: Case): readonly string[] | undefined =>
  Object.hasOwn(refused, refusedAs) ? refused[refusedAs] : undefined;

/** The lines with which settings refuse a case; undefined where it plans. Whatever else is thrown is a fault. */
export async function refusalLines(one: Case): Promise<readonly string[] | undefined> {
  try {
    await planOfCase(one);
    return undefined;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map((problem) => formatProblem(problem).trim());
  }
}

/** Fails with the command that shows the same to a person. */
export async function reproducible<T>(one: Case, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    throw new Error(`${(error as Error).message}\n\n  reproduce it: ${commandFor(one)}\n`, { cause: error });
  }
}

/** Plans without a fault, or is refused in the words of the list. */
export const expectAsListed = (one: Case): Promise<Plan | undefined> =>
  reproducible(one, async () => {
    const lines = refusalOf(one);
    if (lines !== undefined) {
      assert.deepEqual(await refusalLines(one), lines);
      return undefined;
    }
    const plan = await planOfCase(one);
    assert.deepEqual(faultsIn(plan), []);
    return plan;
  });

/** The same bytes a second time. */
export const expectSame = (one: Case): Promise<void> =>
  reproducible(one, async () => {
    if (refusalOf(one) !== undefined) return;
    assert.equal(planAsJson(await planOfCase(one)), planAsJson(await planOfCase(one)));
  });

/** Made of the resources that its list names. */
export const expectIdentity = (one: Case, plan: Plan): Promise<void> =>
  reproducible(one, async () =>
    assert.equal(
      identityOf(plan),
      readFileSync(listFile(`${one.stack}-${one.cloud}-${plan.settings.size}`), "utf8"),
      "a logical name changed: give the old one as an alias, or accept the replacement with npm run identity",
    ),
  );
