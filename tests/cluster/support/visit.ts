import { Caller } from "./client.js";
import type { ClusterStack } from "./stack.js";
import { theStack } from "./the-stack.js";

/** What every scenario begins with. */
export interface Visit {
  readonly stack: ClusterStack;
  readonly caller: Caller;
  /** The first admin key. */
  readonly key: string;
}

/** Whoever comes first brings the stack up. */
export const UP_MS = 20 * 60_000;

/** The stack of the run and somebody who calls it, for the tests of the suite that this stands in: there from the first one on. */
export function visit(): Visit {
  const visit: { stack?: ClusterStack; caller?: Caller; key?: string } = {};
  before(async function () {
    this.timeout(UP_MS);
    visit.stack = await theStack();
    visit.caller = new Caller(visit.stack);
    visit.key = await visit.stack.adminKey();
  });
  after(() => visit.caller?.close());
  return visit as Visit;
}
