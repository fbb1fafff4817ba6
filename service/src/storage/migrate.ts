import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Env } from "../env.js";
import { codeOf } from "../error-code.js";
import { connectionTo } from "./connection.js";
import { DatabaseAway, StorageBusy, StorageRefused } from "./database.js";
import { faultOf } from "./faults.js";
import { listMigrations, type Migration, migrationsDirectory } from "./migrations.js";
import { appliedMigrations, compareSchema, migrationsTable } from "./schema.js";

export type Log = (line: string) => void;

/** How long migrate is patient, in milliseconds. */
export interface Patience {
  /** For another migrate to end. */
  readonly other: number;
  /** Between two looks whether it has. */
  readonly look: number;
  /**
   * For a table's lock. Whoever comes to the table after us waits behind us, so this is how long its callers may notice.
   */
  readonly lock: number;
  /** Before each further try to get the lock; as many tries as there are, and the first. */
  readonly pauses: readonly number[];
}

export const patience: Patience = {
  other: 15 * 60_000,
  look: 1_000,
  lock: 5_000,
  pauses: [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000, 30_000],
};

export interface MigrateOptions {
  readonly directory?: string;
  readonly patience?: Patience;
}

/** The session lock that only one migrate has; any number that nobody else uses. */
const LOCK = 7_309_412_655_801;

const states = { lockNotAvailable: "55P03", deadlock: "40P01" } as const;

/** node-pg-migrate would make one too, but its errors there are a stack in a string. */
export const createTable = `create table if not exists ${migrationsTable} (
  id bigint generated always as identity primary key,
  name text not null unique,
  run_on timestamptz not null
)`;

/** Every migration that this version has and the database has not, each in its own transaction; their names. */
export async function migrate(
  client: pg.ClientBase,
  log: Log,
  { directory = migrationsDirectory, patience: patient = patience }: MigrateOptions = {},
): Promise<readonly string[]> {
  const known = listMigrations(directory);
  // Connections made for the service end statements early; a migration may take its time.
  await client.query("set statement_timeout = 0; set idle_in_transaction_session_timeout = 0");
  await alone(client, log, patient);
  try {
    await makeVector(client, log);
    await client.query(createTable);
    const applied = await appliedBy(client);
    const found = compareSchema(applied, known);
    if (found.state === "refused") throw new StorageRefused(found.reason);
    const pending = known.filter(({ name }) => !applied.includes(name));
    refuseGaps(applied, pending);
    for (const migration of pending) await apply(client, migration, known, { directory, patient, log });
    const ahead = applied.length - (known.length - pending.length);
    log(
      pending.length === 0
        ? `the schema is up to date (migrations: ${known.length}${ahead > 0 ? `, and ${ahead} of a later version` : ""})`
        : `the schema is up to date (migrations: ${known.length}, applied now: ${pending.length})`,
    );
    return pending.map(({ name }) => name);
  } finally {
    // A lost connection has lost its lock too.
    await client.query("select pg_advisory_unlock($1)", [LOCK]).catch(() => undefined);
  }
}

/** The `migrate` command on a PostgreSQL. It must reach the server itself, or a pooler that keeps a session together. */
export async function migratePostgres(
  env: Pick<Env, "DATABASE_CA_FILE"> & { readonly DATABASE_URL: string },
  log: Log,
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const client = new pg.Client({
    ...connectionTo("DATABASE_URL", env.DATABASE_URL, env.DATABASE_CA_FILE),
    application_name: "agent-service migrate",
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  // What was running fails with the same error; without a listener the process would end first.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw new DatabaseAway(error);
  }
  try {
    return await migrate(client, log, options);
  } catch (error) {
    throw faultOf(error);
  } finally {
    await client.end();
  }
}

/**
 * Takes the lock, looking again and again: a session that waits inside `pg_advisory_lock` holds a snapshot, and an index
 * that the other migrate builds concurrently would wait for that, and so both for ever.
 */
async function alone(client: pg.ClientBase, log: Log, { other, look }: Patience): Promise<void> {
  const began = performance.now();
  for (let told = false; !(await tryLock(client)); told = true) {
    const holder = await holderOf(client);
    if (performance.now() - began > other)
      throw new StorageBusy(
        `gave up after ${other / 1000} s: another migrate is running (${holder}); wait for it, or end it`,
      );
    if (!told) log(`another migrate is running (${holder}): waiting for it to end`);
    await pause(look);
  }
}

async function tryLock(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock($1) as mine", [LOCK]);
  return rows[0]?.mine === true;
}

/** Who has the lock: pg_locks shows its number in two halves. */
const holders = `select pid, pid = pg_backend_pid() as mine from pg_locks
  where locktype = 'advisory' and granted and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = $1
  and database = (select oid from pg_database where datname = current_database())`;

async function holderOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ pid: number }>(holders, [LOCK]);
  return rows[0] === undefined ? "it has just ended" : `server process ${rows[0].pid}`;
}

/** A pooler in transaction mode hands each statement to another session, and the lock stays behind in the first. */
async function stillAlone(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ mine: boolean }>(holders, [LOCK]);
  if (rows[0]?.mine !== true)
    throw new StorageRefused(
      "the lock that keeps other migrates away is lost: DATABASE_URL leads through a pooler that shares sessions; " +
        "give migrate the server's own address",
    );
}

/** Nothing needs it yet, so a role that may not make it is no reason to stop. */
async function makeVector(client: pg.ClientBase, log: Log): Promise<void> {
  try {
    await client.query("create extension if not exists vector");
  } catch (error) {
    log(`the vector extension could not be made (${(error as Error).message}): vector search will need it`);
  }
}

async function appliedBy(client: pg.ClientBase): Promise<readonly string[]> {
  return appliedMigrations({ query: async (sql) => (await client.query(sql)).rows });
}

/** Two branches that each brought a migration of the same number or before. */
function refuseGaps(applied: readonly string[], pending: readonly Migration[]): void {
  const [first] = pending;
  const last = [...applied].sort().at(-1);
  if (first !== undefined && last !== undefined && last > first.name)
    throw new StorageRefused(
      `${first.name} was not applied, but ${last} was, which comes after it: give the newer one of the two a higher number`,
    );
}

async function apply(
  client: pg.ClientBase,
  migration: Migration,
  known: readonly Migration[],
  { directory, patient, log }: { directory: string; patient: Patience; log: Log },
): Promise<void> {
  const { name } = migration;
  for (const wait of [...patient.pauses, undefined]) {
    const began = performance.now();
    try {
      await stillAlone(client);
      // An index that is built concurrently waits for others and keeps nobody waiting.
      await client.query(`set lock_timeout = ${migration.inTransaction ? patient.lock : 0}`);
      if (!migration.inTransaction) await dropHalfBuilt(client, migration, log);
      await run(client, migration, known, directory);
      log(`${name}: applied in ${Math.round(performance.now() - began)} ms`);
      return;
    } catch (error) {
      if (!isBusy(error)) throw failed(migration, error);
      if (wait === undefined)
        throw new StorageBusy(
          `${name}: another session held the lock that it needs during ${patient.pauses.length + 1} tries of ${patient.lock} ms; ` +
            "nothing of it was kept. End what holds it (pg_stat_activity, pg_locks) and run migrate again",
          error,
        );
      log(`${name}: another session holds the lock that it needs; trying again in ${wait} ms`);
      await pause(wait);
    }
  }
}

const isBusy = (error: unknown): boolean =>
  [states.lockNotAvailable, states.deadlock].some((state) => state === codeOf(error));

function failed({ name, sql, inTransaction }: Migration, error: unknown): unknown {
  const fault = faultOf(error);
  if (fault instanceof DatabaseAway || fault instanceof StorageRefused || !(error instanceof Error)) return fault;
  const position = "position" in error ? Number(error.position) : Number.NaN;
  const line = position > 0 ? ` in line ${sql.slice(0, position).split("\n").length}` : "";
  const kept = inTransaction ? "nothing of it was kept" : "what it left half built is dropped when it is tried again";
  return new StorageRefused(`${name} failed${line}: ${error.message}; ${kept}`, fault);
}

/** node-pg-migrate runs this one file and writes it down, in one transaction. */
async function run(
  client: pg.ClientBase,
  { name }: Migration,
  known: readonly Migration[],
  directory: string,
): Promise<void> {
  const quiet = () => undefined;
  // Loaded when there is something to run, which at most starts there is not.
  const { runner } = await import("node-pg-migrate");
  const schemas = await schemasOf(client);
  await runner({
    dbClient: client,
    dir: directory,
    // All that is not an SQL file.
    ignorePattern: "(?!.*\\.sql$).*",
    file: name,
    direction: "up",
    // The first is where tables are made, as for everybody who connects with this role; it sets the path to these.
    schema: [...schemas],
    migrationsTable,
    singleTransaction: true,
    noLock: true,
    migrationLoaderStrategies: [
      { extensions: [".sql"], loader: async (paths) => paths.map((path) => unitOf(path, known)) },
    ],
    // It would print each statement; the error that it throws says the same.
    logger: { info: quiet, warn: quiet, error: quiet },
  });
}

/** Where the role's names without a schema are found, in that order. */
async function schemasOf(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ schemas: readonly string[] }>(
    "select current_schemas(false)::text[] as schemas",
  );
  return rows[0]?.schemas ?? [];
}

/** The whole file is the way up: its own loader would cut it at a comment such as `-- down migration`. */
function unitOf(path: string, known: readonly Migration[]) {
  const migration = known.find(({ name }) => name === basename(path, ".sql"));
  if (migration === undefined) throw new StorageRefused(`migration '${path}' appeared while migrate was running`);
  return {
    id: path,
    filePaths: [path],
    actions: {
      up: (builder: { sql(text: string): void; noTransaction(): void }) => {
        if (!migration.inTransaction) builder.noTransaction();
        builder.sql(migration.sql.trimEnd());
      },
      down: false as const,
    },
  };
}

/** An index whose building was cut off stays, is not used, and would make `if not exists` believe that it is there. */
async function dropHalfBuilt(client: pg.ClientBase, { name, sql }: Migration, log: Log): Promise<void> {
  const index = /create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(\w+)/i.exec(sql)?.[1];
  if (index === undefined) return;
  const { rowCount } = await client.query(
    "select 1 from pg_index where indexrelid = to_regclass($1) and not indisvalid",
    [index],
  );
  if (rowCount === 0) return;
  log(`${name}: the index ${index} was left half built; dropping it first`);
  await client.query(`drop index concurrently ${index}`);
}
