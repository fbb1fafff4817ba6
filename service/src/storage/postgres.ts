import pg from "pg";
import type { Env } from "../env.js";
import { connectionTo } from "./connection.js";
import type { PooledDatabase, StorageHooks } from "./database.js";
import { Replicas } from "./replicas.js";
import { Sessions, types } from "./sessions.js";

export type PostgresEnv = Pick<
  Env,
  "DATABASE_READ_URLS" | "DATABASE_CA_FILE" | "DATABASE_POOL_SIZE" | "DATABASE_TIMEOUT"
> & { readonly DATABASE_URL: string };

/** For a connection to be made, or for one of the pool to come free. */
const CONNECT_MS = 5_000;

/** Does not connect yet: the first query does. */
export function openPostgres(env: PostgresEnv, hooks: StorageHooks = {}): PooledDatabase {
  const primary = sessionsTo("DATABASE_URL", env.DATABASE_URL, env, hooks);
  const readers = (env.DATABASE_READ_URLS ?? []).map((url) => sessionsTo("DATABASE_READ_URLS", url, env, hooks));
  const all = [primary, ...readers];
  return {
    kind: "postgres",
    query: (sql, values) => primary.query(sql, values),
    transaction: (work) => primary.transaction(work),
    replica: readers.length === 0 ? primary : new Replicas(readers, primary, hooks),
    connections: () => {
      const counts = all.map((sessions) => sessions.connections());
      const sum = (of: keyof (typeof counts)[number]) => counts.reduce((total, count) => total + count[of], 0);
      return { active: sum("active"), idle: sum("idle"), waiting: sum("waiting") };
    },
    close: async () => {
      await Promise.all(all.map((sessions) => sessions.close()));
    },
  };
}

function sessionsTo(variable: string, url: string, env: PostgresEnv, hooks: StorageHooks): Sessions {
  const timeout = env.DATABASE_TIMEOUT;
  const pool = new pg.Pool({
    ...connectionTo(variable, url, env.DATABASE_CA_FILE),
    types,
    max: env.DATABASE_POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: 30_000,
    // After a failover or a new replica the name leads elsewhere: no connection stays for good.
    maxLifetimeSeconds: 1800,
    keepAlive: true,
    application_name: "agent-service",
    // The server's own limit comes first. This one is for a server that is cut off and can't say so.
    query_timeout: timeout + Math.min(timeout, 5_000),
    // As statements, because poolers such as pgbouncer refuse them among the parameters that a connection begins with.
    onConnect: (client) =>
      client.query(`set statement_timeout = ${timeout}; set idle_in_transaction_session_timeout = ${timeout}`),
  });
  return new Sessions(pool, hooks);
}
