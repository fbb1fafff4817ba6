import assert from "node:assert/strict";
import * as fc from "fast-check";
import { RetryBudget } from "../../../service/src/models/retry-budget.js";

const tenth = { ratio: 0.1, atLeast: 10 };

describe("a budget of retries", () => {
  let now: number;
  let budget: RetryBudget;
  beforeEach(() => {
    now = 0;
    budget = new RetryBudget(tenth, () => now);
  });

  const call = (times: number) => {
    for (let at = 0; at < times; at += 1) budget.call();
  };
  /** How many there are, up to 1,000. */
  const takeAll = (): number => {
    for (let taken = 0; taken < 1000; taken += 1) if (!budget.take()) return taken;
    return 1000;
  };

  it("has 10 however few calls there are", () => {
    assert.equal(takeAll(), 10);
  });

  it("has a tenth of the calls where that is more", () => {
    call(100);
    assert.equal(takeAll(), 10);
    call(9);
    assert.equal(takeAll(), 0);
    call(1);
    assert.equal(takeAll(), 1);
    call(890);
    assert.equal(takeAll(), 89);
  });

  it("forgets calls and retries after 30 s", () => {
    call(500);
    now = 10_000;
    assert.equal(takeAll(), 50);
    now = 29_999;
    assert.equal(takeAll(), 0);
    now = 30_000;
    assert.equal(takeAll(), 0);
    now = 39_999;
    assert.equal(takeAll(), 0);
    now = 40_000;
    assert.equal(takeAll(), 10);
  });

  it("is of the size that is set", () => {
    budget = new RetryBudget({ ratio: 0, atLeast: 0 }, () => now);
    call(1000);
    assert.equal(takeAll(), 0);
    budget = new RetryBudget({ ratio: 0.5, atLeast: 3 }, () => now);
    assert.equal(takeAll(), 3);
    call(8);
    assert.equal(takeAll(), 1);
  });

  it("never gives more in any 29 s than the calls of the last minute allow", () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ does: fc.constant("calls" as const), amount: fc.integer({ min: 1, max: 200 }) }),
        fc.record({ does: fc.constant("retries" as const), amount: fc.integer({ min: 1, max: 40 }) }),
        fc.record({ does: fc.constant("wait" as const), amount: fc.integer({ min: 1, max: 20_000 }) }),
      ),
      { minLength: 10, maxLength: 60, size: "max" },
    );
    fc.assert(
      fc.property(steps, (given) => {
        now = 1_000_000;
        budget = new RetryBudget(tenth, () => now);
        const calls: number[] = [];
        const retries: number[] = [];
        for (const { does, amount } of given) {
          if (does === "wait") now += amount;
          for (let at = 0; at < amount; at += 1) {
            if (does === "calls") {
              budget.call();
              calls.push(now);
            }
            if (does === "retries" && budget.take()) retries.push(now);
          }
          const within = (times: readonly number[], ms: number) => times.filter((at) => at > now - ms).length;
          assert.ok(within(retries, 29_000) <= Math.max(10, within(calls, 60_000) / 10));
        }
      }),
      { numRuns: 500, seed: 20_261_122 },
    );
  });
});
