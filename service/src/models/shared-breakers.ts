import { randomUUID } from "node:crypto";
import type { Result } from "ioredis";
import { z } from "zod";
import type { RedisClient } from "../cache/redis.js";
import {
  type Admission,
  admissionOf,
  type BreakerOutcome,
  type BreakerSettings,
  type BreakerState,
  type BreakerView,
  viewOf,
} from "./breaker.js";
import { breakerScripts } from "./breaker-scripts.js";
import { type Breakers, LocalBreakers } from "./breakers.js";

declare module "ioredis" {
  interface RedisCommander<Context> {
    breakerLend(key: string, settings: string, now: string, token: string): Result<unknown, Context>;
    breakerRecord(key: string, settings: string, now: string, ...call: CallArguments): Result<unknown, Context>;
    breakerLook(key: string, settings: string, now: string): Result<unknown, Context>;
  }
}
type CallArguments = readonly [probe: string, outcome: BreakerOutcome["outcome"], forMs: string];

interface Seen {
  readonly now: number;
  readonly state: BreakerState;
}

const state = z.object({
  slots: z.array(z.tuple([z.number(), z.number(), z.number()])).optional(),
  inARow: z.number(),
  openMs: z.number(),
  openUntil: z.number(),
  successes: z.number(),
  probe: z.object({ token: z.string(), ends: z.number() }).optional(),
  limitedUntil: z.number(),
}) satisfies z.ZodType<BreakerState>;
const reply = z.tuple([z.number(), z.string()]);

/**
 * Of all replicas together. What Redis says is kept here too, on its time, so that a process goes on from there by
 * itself while Redis is away; once it is back, what it says counts again.
 */
export class SharedBreakers implements Breakers {
  readonly #local: LocalBreakers;
  readonly #settings: string;
  /** In the tokens of this process's probes. */
  readonly #process = randomUUID();
  #probes = 0;
  /** From this process's clock to Redis'. */
  #ahead = performance.timeOrigin;

  /** `now` instead of the time that Redis has. */
  constructor(
    private readonly redis: RedisClient,
    private readonly settings: BreakerSettings,
    private readonly now?: () => number,
  ) {
    for (const [name, lua] of Object.entries(breakerScripts)) redis.defineCommand(name, { numberOfKeys: 1, lua });
    this.#settings = JSON.stringify(settings);
    this.#local = new LocalBreakers(settings, now ?? (() => performance.now() + this.#ahead));
  }

  async admit(key: string): Promise<Admission> {
    const token = `${this.#process}:${this.#probes++}`;
    const seen = await this.#ask(key, (name, now) => this.redis.breakerLend(name, this.#settings, now, token));
    return seen === undefined ? this.#local.admit(key) : admissionOf(seen.state, seen.now, token, this.settings);
  }

  async record(key: string, admission: Admission, outcome: BreakerOutcome): Promise<void> {
    if (!admission.admitted) return;
    const forMs = outcome.outcome === "limited" && outcome.forMs !== undefined ? String(Math.ceil(outcome.forMs)) : "";
    const seen = await this.#ask(key, (name, now) =>
      this.redis.breakerRecord(name, this.#settings, now, admission.probe ?? "", outcome.outcome, forMs),
    );
    if (seen === undefined) await this.#local.record(key, admission, outcome);
  }

  /** All at once, and not as a pipeline: in a cluster that would have to be one node's. */
  async look(keys: readonly string[]): Promise<readonly BreakerView[]> {
    const views = keys.map(async (key) => {
      const seen = await this.#ask(key, (name, now) => this.redis.breakerLook(name, this.#settings, now));
      return seen === undefined ? this.#local.look([key]) : [viewOf(seen.state, seen.now, this.settings)];
    });
    return (await Promise.all(views)).flat();
  }

  async reset(key: string): Promise<void> {
    await this.#local.reset(key);
    await this.#unlessAway(() => this.redis.del(nameOf(key)));
  }

  async #ask(key: string, run: (name: string, now: string) => Promise<unknown>): Promise<Seen | undefined> {
    return this.#unlessAway(async () => {
      const [now, text] = reply.parse(await run(nameOf(key), this.now?.().toString() ?? ""));
      const seen = { now, state: state.parse(JSON.parse(text)) };
      this.#ahead = now - performance.now();
      this.#local.keep(key, this.#withoutOthers(seen.state));
      return seen;
    });
  }

  /** While Redis is away nobody tells how another process's probe ended. */
  #withoutOthers(seen: BreakerState): BreakerState {
    return seen.probe?.token.startsWith(this.#process) ? seen : { ...seen, probe: undefined };
  }

  /** Whatever is wrong with Redis, a call goes on without it. Its client's owner hears of that. */
  async #unlessAway<T>(ask: () => Promise<T>): Promise<T | undefined> {
    if (this.redis.status !== "ready") return undefined;
    try {
      return await ask();
    } catch {
      return undefined;
    }
  }
}

const nameOf = (key: string): string => `breaker:${key}`;
