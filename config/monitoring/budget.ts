import { amount } from "../fields.js";
import z from "../zod.cjs";

/** What models may cost: alerts tell at 50, 80 and 100 percent of it. */
export const budget = z
  .strictObject({
    dollars: amount(0.01, 1_000_000_000)
      .optional()
      .describe("US dollars in any 30 days, for models that have a price."),
    tokens: amount(1, 1_000_000_000_000_000).optional().describe("Tokens in any 30 days, taken and given."),
  })
  .prefault({})
  .describe("What model calls may cost; alerts tell at 50, 80 and 100 percent. Without it nobody is told.");

export type Budget = z.infer<typeof budget>;
