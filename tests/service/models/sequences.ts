import * as fc from "fast-check";
import { type BreakerOutcome, type BreakerSettings, breakerDefaults } from "../../../service/src/models/breaker.js";

/** One thing that happens to a breaker. */
export type Step =
  | { readonly does: "wait"; readonly ms: number }
  | { readonly does: "admit" }
  | { readonly does: "record"; readonly which: number; readonly outcome: BreakerOutcome };

const outcome = fc.oneof(
  { weight: 3, arbitrary: fc.constant<BreakerOutcome>({ outcome: "success" }) },
  { weight: 5, arbitrary: fc.constant<BreakerOutcome>({ outcome: "failure" }) },
  { weight: 1, arbitrary: fc.constant<BreakerOutcome>({ outcome: "none" }) },
  {
    weight: 1,
    arbitrary: fc
      .option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined })
      .map((forMs): BreakerOutcome => ({ outcome: "limited", forMs })),
  },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ does: "admit" } as const) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant("record" as const), which: fc.nat(9), outcome }) },
  {
    weight: 2,
    arbitrary: fc
      .oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 70_000 }))
      .map((ms) => ({ does: "wait", ms }) as const),
  },
);
/** The defaults, or others that get a breaker round more often. */
export const settings: fc.Arbitrary<BreakerSettings> = fc.oneof(
  fc.constant(breakerDefaults),
  fc.record({
    windowMs: fc.integer({ min: 1, max: 60_000 }),
    minCalls: fc.integer({ min: 1, max: 6 }),
    ratio: fc.constantFrom(0.2, 0.5, 1),
    inARow: fc.integer({ min: 1, max: 6 }),
    openMs: fc.integer({ min: 1, max: 9000 }),
    maxOpenMs: fc.integer({ min: 9000, max: 60_000 }),
    successes: fc.integer({ min: 1, max: 3 }),
    leaseMs: fc.integer({ min: 1, max: 70_000 }),
  }),
);

export const sequence = fc.array(step, { minLength: 30, maxLength: 150, size: "max" });
