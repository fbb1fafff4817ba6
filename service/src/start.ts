import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createApp } from "./app.js";
import { KeyHashes, parseApiKey } from "./auth/api-key.js";
import { Authenticator, missingPeppers } from "./auth/authenticate.js";
import { createTokenVerifier } from "./auth/jwt.js";
import { openRedis, type RedisClient } from "./cache/redis.js";
import type { Env } from "./env.js";
import { routesOf } from "./faces/index.js";
import { Limits } from "./http/limits.js";
import { openApiOf } from "./http/openapi.js";
import { Lifecycle } from "./lifecycle.js";
import { openModels } from "./models/open.js";
import { Modes, modeNames } from "./modes.js";
import { openObjects } from "./objects/open.js";
import { type Dependency, Readiness } from "./readiness.js";
import { Refusal } from "./refusal.js";
import { listen } from "./server.js";
import type { Services } from "./services.js";
import { openSockets } from "./sockets/sockets.js";
import { DatabaseAway, type PooledDatabase, type StorageHooks } from "./storage/database.js";
import { migrateDatabase, openDatabase } from "./storage/open.js";
import { schemaState } from "./storage/schema.js";
import { serveMetrics } from "./telemetry/metrics-server.js";
import { expectRoutes } from "./telemetry/observe.js";
import { scopes } from "./telemetry/scope.js";
import type { Telemetry } from "./telemetry/telemetry.js";
import { version } from "./version.js";

export interface Running {
  readonly services: Services;
  readonly url: string;
  readonly port: number;
  /** When the schema is there and calls are served. Rejects with a `Refusal`. */
  readonly serving: Promise<void>;
  /** Serves on for a moment, answers what was accepted, lets go of everything. */
  stop(): Promise<void>;
}

/** What a test puts in, instead of what the environment says. */
export interface Parts {
  readonly database?: (hooks: StorageHooks) => Promise<PooledDatabase>;
  /** Milliseconds that new calls are still served after `stop`. */
  readonly leave?: number;
}

/** Load balancers notice within this that the process is not ready; until then new calls still come. */
const LEAVE_MS = 2000;

const refuse = (error: Error): never => {
  throw new Refusal(error.message, { cause: error });
};

const RETRY_MS = 1000;
/** Nobody waits longer for what is only helpful. */
const REDIS_MS = 2000;

/** Opens everything, listens at once, and serves calls as soon as the database is there and has the schema. */
export async function start(env: Env, telemetry: Telemetry, parts: Parts = {}): Promise<Running> {
  const { log } = telemetry;
  const routes = routesOf(env.ROLE);
  const lifecycle = new Lifecycle();
  const hooks = hooksOf(telemetry);
  const database = await (parts.database?.(hooks) ?? openDatabase(env, hooks, (line) => log.info(line)));
  const objects = await openObjects(env).catch(refuse);
  const redis = env.REDIS_URL === undefined ? undefined : connectRedis({ ...env, REDIS_URL: env.REDIS_URL }, telemetry);
  const keys = new KeyHashes(env.ENCRYPTION_KEYS ?? env.ENCRYPTION_KEY);
  const bootstrap = env.BOOTSTRAP_API_KEY === undefined ? undefined : parseApiKey(env.BOOTSTRAP_API_KEY);
  const modes = new Modes(env, database);
  const models = openModels(env, telemetry, redis);
  const dependencies: readonly Dependency[] = [
    { name: "database", policy: "required", check: async () => void (await database.query("select 1 as one")) },
    // Clouds charge for each look into a bucket.
    { name: "objects", policy: "helpful", check: () => objects.check(), freshMs: 30_000 },
    ...(redis === undefined
      ? []
      : [{ name: "redis", policy: "helpful", check: async () => void (await redis.ping()) } as const]),
    ...env.models.providers.map(({ name }) => ({
      name: `provider:${name}`,
      policy: "helpful" as const,
      check: () => models.health.demandUp(name),
    })),
  ];
  const services: Services = {
    env,
    version,
    openApi: openApiOf(routes, version),
    telemetry,
    lifecycle,
    readiness: new Readiness(dependencies, lifecycle, {
      seen: (dependency, error, changed) => {
        telemetry.metrics.dependency_up.set({ dependency }, error === undefined ? 1 : 0);
        if (changed && error !== undefined) log.warn({ err: error, dependency }, `${dependency} is away`);
      },
    }),
    database,
    objects,
    modes,
    models,
    limits: new Limits(env, redis),
    keys,
    authenticator: new Authenticator(database, keys, createTokenVerifier(env), bootstrap),
  };
  if (keys.current === 0 && env.NODE_ENV === "production")
    log.warn("ENCRYPTION_KEYS is not set: API keys are hashed without a pepper");
  const { deadlineMs } = env.models.timeouts;
  if (deadlineMs > env.SHUTDOWN_TIMEOUT)
    log.warn(
      { deadlineMs },
      "SHUTDOWN_TIMEOUT is below a model call's deadline: calls that take as long are cut off at the end",
    );
  if (env.NODE_ENV === "production" && env.models.providers.every(({ kind }) => kind === "scripted"))
    log.warn("no provider of models is set: AI_PROVIDERS_CONFIG; a scripted one answers");

  expectRoutes(telemetry.metrics, routes);
  telemetry.metrics.db_connections_max.set(env.DATABASE_POOL_SIZE);
  telemetry.metrics.beforeScrape(() => lookAt(services, database));
  telemetry.metrics.beforeScrape(() => models.look());
  const listening = await listen(createApp(services, routes), env, lifecycle).catch(refuse);
  const metricsServer = env.PROMETHEUS_METRICS
    ? await serveMetrics(telemetry, env.METRICS_PORT, env.HOST).catch(refuse)
    : undefined;
  const sockets = openSockets(services, listening.server);
  const serving = becomeReady(services, redis).then(() => modes.follow(log));
  return {
    services,
    url: listening.url,
    port: listening.port,
    serving,
    async stop() {
      await listening.drain(parts.leave ?? LEAVE_MS, () => sockets.close());
      modes.stop();
      await models.close();
      redis?.disconnect();
      await metricsServer?.close();
      await objects.close();
      await database.close();
      await telemetry.flush();
    },
  };
}

function connectRedis(env: Env & { readonly REDIS_URL: string }, { log, metrics }: Telemetry): RedisClient {
  metrics.limits_degraded.set(1);
  return openRedis(env, {
    up: () => {
      metrics.limits_degraded.set(0);
      log.info("redis is there: limits are shared");
    },
    down: (reason) => {
      metrics.limits_degraded.set(1);
      log.warn({ reason }, "redis is away: each replica counts limits for itself");
    },
  });
}

const hooksOf = ({ log, metrics, span }: Telemetry): StorageHooks => ({
  around: (statement, run) => {
    // What the service asks by itself, every few seconds, is no part of any call.
    if (scopes.getStore()?.trace?.sampled !== true) return run();
    const { operation, table } = statement;
    const name = table === undefined ? operation : `${operation} ${table}`;
    const attributes = {
      "db.system.name": "postgresql",
      "db.operation.name": operation,
      ...(table === undefined ? {} : { "db.collection.name": table }),
    };
    return span(name, attributes, run);
  },
  onQuery: ({ operation: type, seconds, ok }) => {
    metrics.db_queries_total.inc({ type, status: ok ? "success" : "error" });
    metrics.db_query_duration_seconds.observe({ type }, seconds);
  },
  onFault: (error) => log.warn({ err: error }, "a connection to the database was lost"),
});

/** What is looked up when Prometheus asks, and not counted. */
async function lookAt({ modes, readiness, telemetry: { metrics } }: Services, database: PooledDatabase): Promise<void> {
  const { active, idle, waiting } = database.connections();
  metrics.db_connections_active.set(active);
  metrics.db_connections_idle.set(idle);
  metrics.db_connections_waiting.set(waiting);
  for (const mode of modeNames) metrics.service_mode.set({ mode }, modes.all[mode].enabled ? 1 : 0);
  await readiness.state();
}

/** Until the schema is as this version needs it. Outside production it is brought there; in production a Job does it. */
async function becomeReady(services: Services, redis: RedisClient | undefined): Promise<void> {
  const { database, env, keys, lifecycle, modes, telemetry } = services;
  while (lifecycle.phase === "starting") {
    try {
      const schema = await schemaState(database);
      if (schema.state === "refused") throw new Refusal(schema.reason);
      if (schema.state === "ready") {
        const missing = await missingPeppers(database, keys);
        if (missing.length > 0)
          throw new Refusal(
            `ENCRYPTION_KEYS: key ${missing.join(", ")} is not in the ring, and API keys are hashed with it; put it back`,
          );
        await modes.read();
        // The first calls are counted with everybody's, if that is to be had soon.
        if (redis !== undefined && redis.status !== "ready")
          await once(redis, "ready", { signal: AbortSignal.timeout(REDIS_MS) }).catch(() => {});
        return lifecycle.serve();
      }
      if (env.NODE_ENV !== "production") {
        await migrateDatabase(env, (line) => telemetry.log.info(line));
        continue;
      }
      lifecycle.waitsFor = `migrations: ${schema.missing.join(", ")}; run migrate`;
    } catch (error) {
      if (!(error instanceof DatabaseAway)) throw error;
      lifecycle.waitsFor = "the database";
      telemetry.log.warn({ err: error }, "the database does not answer yet");
    }
    await sleep(RETRY_MS);
  }
}
