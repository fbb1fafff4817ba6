import type { RedisClient } from "../cache/redis.js";
import type { Env } from "../env.js";
import type { Telemetry } from "../telemetry/telemetry.js";
import { adapters } from "./adapters/index.js";
import { scriptedAdapter } from "./adapters/scripted.js";
import { type BreakerView, LocalBreakers } from "./breakers.js";
import { keyOf, type Provider, type Target } from "./catalog.js";
import { AttemptEnding } from "./exchange.js";
import { ProviderFailure } from "./failure.js";
import { Gateway, type Line } from "./gateway.js";
import { Health, type ProviderHealth } from "./health.js";
import { RetryBudget } from "./retry-budget.js";
import { SharedBreakers } from "./shared-breakers.js";
import { connectTo } from "./upstream.js";

export interface Models {
  readonly gateway: Gateway;
  readonly health: Health;
  /** Every model of every provider. */
  readonly targets: readonly Target[];
  report(): Promise<Report>;
  /** Their breakers are closed, and their providers' keys are tried again. */
  reset(targets: readonly Target[]): Promise<void>;
  /** Before a scrape. */
  look(): Promise<void>;
  close(): Promise<void>;
}

export interface Report {
  readonly providers: readonly (ProviderHealth & {
    readonly name: string;
    readonly kind: string;
    readonly credentialRefused: boolean;
  })[];
  readonly breakers: readonly (BreakerView & {
    readonly provider: string;
    readonly model: string;
    readonly retryAfterSeconds: number;
  })[];
}

const PROBE_MS = 5000;

/** Connections to every provider, and a look at those that nobody calls. */
export function openModels(env: Env, telemetry: Telemetry, redis: RedisClient | undefined): Models {
  const { log, metrics } = telemetry;
  const { models: catalog } = env;
  const health = new Health(catalog.providers, (provider, { status, reason }) => {
    if (status === "down") log.warn({ provider, reason }, `${provider} ${reason}`);
    else log.info({ provider }, `${provider} answers`);
  });
  const breakers =
    redis === undefined ? new LocalBreakers(catalog.breaker) : new SharedBreakers(redis, catalog.breaker);
  const lines = new Map(catalog.providers.map((provider) => [provider.name, lineOf(provider)]));
  const retries = new RetryBudget(catalog.retries);
  const gateway = new Gateway({ catalog, lines, telemetry, breakers, health, retries });
  const probing = setInterval(() => {
    for (const provider of catalog.providers)
      if (health.idleFor(provider.name) >= catalog.timeouts.probeMs) void probe(provider);
  }, catalog.timeouts.probeMs);
  probing.unref();

  const probe = async ({ name, apiKey }: Provider): Promise<void> => {
    const line = lines.get(name);
    if (line === undefined) return;
    const ending = new AttemptEnding();
    const timer = setTimeout(() => ending.abort(new ProviderFailure("timeout", "no answer to a look")), PROBE_MS);
    try {
      await line.adapter.probe({ upstream: line.connections.attempt({ ending }), apiKey });
      health.seen(name, undefined, "probe");
    } catch (error) {
      // What it does not know, it answers all the same.
      if (error instanceof ProviderFailure) health.seen(name, error.kind, "probe");
      else telemetry.captureError(error, { provider: name });
    } finally {
      clearTimeout(timer);
    }
  };

  const targets = catalog.providers.flatMap((provider) =>
    provider.models.map((model) => ({ provider, model, weight: undefined })),
  );
  const report = async (): Promise<Report> => {
    const views = await breakers.look(targets.map(keyOf));
    return {
      providers: catalog.providers.map(({ name, kind }) => ({
        name,
        kind,
        ...health.of(name),
        credentialRefused: health.credentialRefused(name),
      })),
      breakers: views.flatMap((view, at) => {
        const target = targets[at];
        return target === undefined
          ? []
          : [
              {
                ...view,
                provider: target.provider.name,
                model: target.model.name,
                retryAfterSeconds: Math.ceil(view.retryAfterMs / 1000),
              },
            ];
      }),
    };
  };

  return {
    gateway,
    health,
    targets,
    report,
    async reset(chosen) {
      await Promise.all(chosen.map((target) => breakers.reset(keyOf(target))));
      for (const { provider } of chosen) health.forget(provider.name);
    },
    async look() {
      const now = await report();
      for (const { provider, model, limited, phase } of now.breakers)
        metrics.llm_breaker_state.set({ provider, model }, limited ? phases.open : phases[phase]);
      for (const { name, status, credentialRefused } of now.providers) {
        metrics.llm_provider_up.set({ provider: name }, status === "down" ? 0 : 1);
        metrics.llm_credential_refused.set({ provider: name }, credentialRefused ? 1 : 0);
      }
    },
    async close() {
      clearInterval(probing);
      await gateway.close();
    },
  };
}

const phases = { closed: 0, "half-open": 1, open: 2 } as const;

function lineOf({ kind, baseUrl, publicOnly, script }: Provider): Line {
  const adapter = kind === "scripted" ? scriptedAdapter(script) : adapters[kind];
  return { adapter, connections: connectTo({ baseUrl: kind === "scripted" ? NOWHERE : baseUrl, publicOnly }) };
}

/** A scripted provider calls nobody; a pool connects with its first call. */
const NOWHERE = "http://localhost";
