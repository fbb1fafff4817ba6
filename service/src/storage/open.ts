import type { Env } from "../env.js";
import type { PooledDatabase, StorageHooks } from "./database.js";
import { type Log, migratePostgres } from "./migrate.js";
import { openPostgres, type PostgresEnv } from "./postgres.js";

/** Half a second of loading and 40 MB that a process with a PostgreSQL does not need. */
const embedded = () => import("./embedded.js");

export type DatabaseEnv = Omit<PostgresEnv, "DATABASE_URL"> & Pick<Env, "DATABASE_URL" | "DATA_DIR">;

/** What the environment says: PostgreSQL, which may be away still and is migrated by its own command, or the embedded one. */
export async function openDatabase(env: DatabaseEnv, hooks: StorageHooks, log: Log): Promise<PooledDatabase> {
  const { DATABASE_URL } = env;
  return DATABASE_URL === undefined
    ? (await embedded()).openEmbedded(env.DATA_DIR, hooks, log)
    : openPostgres({ ...env, DATABASE_URL }, hooks);
}

/** The `migrate` command. */
export async function migrateDatabase(env: DatabaseEnv, log: Log): Promise<void> {
  const { DATABASE_URL } = env;
  if (DATABASE_URL !== undefined) {
    await migratePostgres({ ...env, DATABASE_URL }, log);
    return;
  }
  const { openEmbedded } = await embedded();
  await (await openEmbedded(env.DATA_DIR, {}, log)).close();
}
