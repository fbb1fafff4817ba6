import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { codeOf } from "../error-code.js";
import { lockDirectory } from "./data-lock.js";
import { type PooledDatabase, type StorageHooks, StorageRefused } from "./database.js";
import { type Log, migrate } from "./migrate.js";
import { extensions, readyDataDirectory } from "./ready-data.js";
import { schemaState } from "./schema.js";
import { Sessions, types } from "./sessions.js";

/** What PGlite's PostgreSQL writes; it can't read another's. */
const PG_VERSION = "18";

/** It computes in this very process and answers one statement after the other, so a burst of callers may wait. */
const WAIT_MS = 30_000;

/**
 * The embedded database in `DATA_DIR/database`, migrated. One process at a time has it. What was committed survives the
 * end of the process, however it ends; as PGlite does without fsync, the last moments before a power cut may not.
 */
export async function openEmbedded(
  dataDir: string,
  hooks: StorageHooks = {},
  log: Log = () => undefined,
): Promise<PooledDatabase> {
  const folder = resolve(dataDir);
  const data = join(folder, "database");
  let unlock: () => void;
  try {
    // Hashes of keys are in it.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    unlock = await lockDirectory(join(folder, "database.lock"));
  } catch (error) {
    throw unwritable(folder, error);
  }
  try {
    if (!existsSync(data)) await unpackInto(data, `${data}.new`);
    refuseOtherVersion(data);
    const pglite = await openData(data);
    return await serve(pglite, hooks, log, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A fresh one that is gone when it is closed, for tests: migrated and ready in half a second. */
export async function openInMemory(hooks: StorageHooks = {}): Promise<PooledDatabase> {
  const pglite = await PGlite.create({ extensions, loadDataDir: await readyDataDirectory() });
  return serve(
    pglite,
    hooks,
    () => undefined,
    () => undefined,
  );
}

/** It gets its name only when it is whole, so a start that is cut off leaves nothing that looks like data. */
async function unpackInto(data: string, unfinished: string): Promise<void> {
  rmSync(unfinished, { recursive: true, force: true });
  const pglite = await PGlite.create({ dataDir: unfinished, extensions, loadDataDir: await readyDataDirectory() });
  await pglite.close();
  renameSync(unfinished, data);
}

function refuseOtherVersion(data: string): void {
  const found = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (found !== PG_VERSION)
    throw new StorageRefused(
      `DATA_DIR: ${data} was written by PostgreSQL ${found}, and this version embeds ${PG_VERSION}. ` +
        "Start the version that wrote it, or move the folder away to begin anew",
    );
}

async function openData(data: string): Promise<PGlite> {
  try {
    return await PGlite.create({ dataDir: data, extensions });
  } catch (error) {
    throw new StorageRefused(
      `DATA_DIR: the embedded database in ${data} can't be opened (${(error as Error).message}). ` +
        "Bring it back from a copy, or move the folder away to begin anew",
      error,
    );
  }
}

async function serve(pglite: PGlite, hooks: StorageHooks, log: Log, closed: () => void): Promise<PooledDatabase> {
  const sessions = new Sessions(
    new pg.Pool({
      ...createPgConfig(pglite),
      types,
      max: 1,
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: WAIT_MS,
    }),
    hooks,
  );
  let closing: Promise<void> | undefined;
  const end = async () => {
    await sessions.close();
    await pglite.close();
    closed();
  };
  const close = () => {
    closing ??= end();
    return closing;
  };
  try {
    await migrateData(pglite, log);
    const schema = await schemaState(sessions);
    if (schema.state !== "ready") throw new StorageRefused(`DATA_DIR: ${schema.reason}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    kind: "embedded",
    query: (sql, values) => sessions.query(sql, values),
    transaction: (work) => sessions.transaction(work),
    replica: sessions,
    connections: () => sessions.connections(),
    close,
  };
}

/** Nobody else could: the database is inside this process. */
async function migrateData(pglite: PGlite, log: Log): Promise<void> {
  const client = new pg.Client(createPgConfig(pglite));
  await client.connect();
  try {
    await migrate(client, log);
  } finally {
    await client.end();
  }
}

function unwritable(folder: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM") return error;
  return new StorageRefused(
    `DATA_DIR: the embedded database can't write in ${folder} (${code}). ` +
      "Set DATA_DIR to a folder that this process may write to, or set DATABASE_URL",
    error,
  );
}
