import { isIPv6 } from "node:net";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Principal } from "../auth/principal.js";
import type { RedisClient } from "../cache/redis.js";
import type { Env } from "../env.js";

/** What one call took, and what is left. */
export interface Taken {
  readonly allowed: boolean;
  readonly tier: TierName;
  readonly limit: number;
  readonly remaining: number;
  /** Until the window ends. */
  readonly seconds: number;
  readonly window: number;
}

const tiers = {
  global: (env: Env) => ({ points: env.RATE_LIMIT_MAX, seconds: env.RATE_LIMIT_WINDOW / 1000 }),
  api: (env: Env) => ({ points: env.LIMIT_API, seconds: 900 }),
  ai: (env: Env) => ({ points: env.LIMIT_AI, seconds: 60 }),
  tokens: (env: Env) => ({ points: env.LIMIT_AI === 0 ? 0 : env.LIMIT_TOKENS, seconds: 60 }),
  credentials: (env: Env) => ({ points: env.LIMIT_CREDENTIALS, seconds: 60 }),
} as const;
export type TierName = keyof typeof tiers;

/** Counted in Redis for all replicas; while it is away each counts for itself, to its part of the limit. */
export class Limits {
  readonly #tiers: ReadonlyMap<TierName, { readonly limiter: RateLimiterAbstract; readonly window: number }>;

  constructor(env: Env, redis: RedisClient | undefined) {
    const made = (Object.keys(tiers) as TierName[]).flatMap((name) => {
      const { points, seconds } = tiers[name](env);
      if (points === 0) return [];
      const share = Math.max(1, Math.floor(points / env.REPLICAS));
      const alone = (most: number) => new RateLimiterMemory({ keyPrefix: name, points: most, duration: seconds });
      const limiter =
        redis === undefined
          ? alone(share)
          : new RateLimiterRedis({
              storeClient: redis,
              keyPrefix: `limit:${name}`,
              points,
              duration: seconds,
              rejectIfRedisNotReady: true,
              insuranceLimiter: alone(share),
            });
      return [[name, { limiter, window: seconds }] as const];
    });
    this.#tiers = new Map(made);
  }

  /** `undefined`: this limit is off. */
  async take(tier: TierName, key: string, points = 1): Promise<Taken | undefined> {
    const found = this.#tiers.get(tier);
    if (found === undefined) return undefined;
    const { limiter, window } = found;
    const result = await limiter.consume(key, points).then(
      (left) => ({ allowed: true, left }),
      (left: unknown) => {
        if (left instanceof RateLimiterRes) return { allowed: false, left };
        throw left;
      },
    );
    return {
      allowed: result.allowed,
      tier,
      limit: limiter.points,
      remaining: Math.max(0, result.left.remainingPoints),
      seconds: Math.max(1, Math.ceil(result.left.msBeforeNext / 1000)),
      window,
    };
  }

  /** What is known only afterwards. It never refuses: the next call is told. */
  async spend(tier: TierName, key: string, points: number): Promise<void> {
    await this.#tiers.get(tier)?.limiter.penalty(key, points);
  }
}

/** A caller's, whatever the address. */
export const limitKeyOfCaller = ({ tenant, id }: Principal): string => `${tenant}/${id}`;

/** One customer has a whole /64 of IPv6 addresses. */
export function limitKeyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [plain = ""] = address.split("%");
  const [head = "", tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const [front, back] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const groups = [
    ...(front ?? []),
    ...Array(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill("0"),
    ...(back ?? []),
  ];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** The standard's two fields (draft-ietf-httpapi-ratelimit-headers), and the three that most clients read. */
export const headersOfLimit = ({
  tier,
  limit,
  remaining,
  seconds,
  window,
}: Taken): Readonly<Record<string, string>> => ({
  "RateLimit-Policy": `"${tier}";q=${limit};w=${window}`,
  RateLimit: `"${tier}";r=${remaining};t=${seconds}`,
  "RateLimit-Limit": String(limit),
  "RateLimit-Remaining": String(remaining),
  "RateLimit-Reset": String(seconds),
});
