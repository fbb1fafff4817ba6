import { dnsLabel, path, whole } from "../fields.js";
import z from "../zod.cjs";

/** What a stack may say of whether its public pages answer. A check is called after its route: `api`, `api-v1`. */

export const uptime = z
  .strictObject({
    enabled: z
      .boolean()
      .optional()
      .describe("Whether somebody asks; where routes are and nothing is said, somebody does."),
    interval: whole(10, 900)
      .default(60)
      .describe("Seconds between two questions from the same place; a cloud without it takes its next longer one."),
    timeout: whole(1, 60).default(10).describe("Seconds after which there is no answer, where that can be said."),
    paths: z
      .record(dnsLabel, path)
      .default({})
      .describe("What is asked for, by the name of a check: a page under its route that needs no login."),
    except: z.array(dnsLabel).default([]).describe("Checks that nobody makes, by name."),
  })
  .prefault({})
  .describe("Whether public routes answer, asked from outside.");

export type UptimeSettings = z.infer<typeof uptime>;
