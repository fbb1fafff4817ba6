import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import pg from "pg";
import {
  DatabaseAway,
  Duplicate,
  type PooledDatabase,
  type Queryable,
  StatementTimeout,
} from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { migratePostgres, type Patience } from "../../../service/src/storage/migrate.js";
import { listMigrations } from "../../../service/src/storage/migrations.js";
import { openPostgres, type PostgresEnv } from "../../../service/src/storage/postgres.js";
import { schemaState } from "../../../service/src/storage/schema.js";
import { migrationFiles } from "../storage/bare.js";
import { until } from "../support/until.js";
import { certificates, freshDatabase, type PostgresServer, startPostgres } from "./servers.js";

const patient: Patience = { other: 60_000, look: 20, lock: 60_000, pauses: [] };
const silent = () => undefined;
const names = listMigrations().map(({ name }) => name);

const envOf = (url: string, more: Partial<PostgresEnv> = {}): PostgresEnv => ({
  DATABASE_URL: url,
  DATABASE_READ_URLS: undefined,
  DATABASE_CA_FILE: undefined,
  DATABASE_POOL_SIZE: 4,
  DATABASE_TIMEOUT: 10_000,
  ...more,
});
const migrateAt = (url: string, log: (line: string) => void = silent, directory?: string, patience = patient) =>
  migratePostgres({ DATABASE_URL: url, DATABASE_CA_FILE: undefined }, log, {
    patience,
    ...(directory === undefined ? {} : { directory }),
  });

/** A session of the test's own, beside the service's. */
async function session(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", silent);
  await client.connect();
  return client;
}

/** Everything in the schema that statements can see. */
async function shapeOf(database: Queryable): Promise<unknown> {
  const columns = await database.query(
    `select table_name, column_name, data_type, datetime_precision, is_nullable, column_default, is_identity
     from information_schema.columns where table_schema = 'public' order by 1, ordinal_position`,
  );
  // PostgreSQL 18 lists `not null` among the constraints too.
  const constraints = await database.query(
    `select conrelid::regclass::text as on, conname, pg_get_constraintdef(oid) as def from pg_constraint
     where connamespace = 'public'::regnamespace and contype <> 'n' order by 1, 2`,
  );
  const indexes = await database.query("select indexdef from pg_indexes where schemaname = 'public' order by 1");
  const triggers = await database.query("select pg_get_triggerdef(oid) as def from pg_trigger order by 1");
  return { columns, constraints, indexes, triggers };
}

describe("storage on PostgreSQL", () => {
  const servers: Partial<Record<"17" | "18" | "tls", PostgresServer>> = {};
  const folders: string[] = [];
  const open: PooledDatabase[] = [];
  const clients: pg.Client[] = [];

  before(async () => {
    servers["17"] = await startPostgres({ version: "17" });
    servers["18"] = await startPostgres({ version: "18" });
    servers.tls = await startPostgres({ version: "17", ssl: true });
  });
  afterEach(async () => {
    await Promise.all([...open.splice(0).map((one) => one.close()), ...clients.splice(0).map((one) => one.end())]);
  });
  after(async () => {
    for (const server of Object.values(servers)) await server.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  const server = (name: keyof typeof servers): PostgresServer => {
    const found = servers[name];
    assert.ok(found !== undefined);
    return found;
  };
  const opened = (env: PostgresEnv, faults: Error[] = []): PooledDatabase => {
    const database = openPostgres(env, { onFault: (error) => faults.push(error) });
    open.push(database);
    return database;
  };
  const connected = async (url: string): Promise<pg.Client> => {
    const client = await session(url);
    clients.push(client);
    return client;
  };
  const filesOf = (files: Readonly<Record<string, string>>): string => {
    const folder = migrationFiles(files);
    folders.push(folder);
    return folder;
  };

  for (const version of ["17", "18"] as const)
    describe(`${version}: migrate`, () => {
      const fresh = (options: { vector?: boolean } = {}) => freshDatabase(server(version), options);

      it("makes everything as the owner of the database, and a second time nothing", async () => {
        const url = await fresh();
        const lines: string[] = [];
        assert.deepEqual(await migrateAt(url, (line) => lines.push(line.replace(/\d+ ms/, "N ms"))), names);
        assert.deepEqual(lines, [
          ...names.map((name) => `${name}: applied in N ms`),
          `the schema is up to date (migrations: ${names.length}, applied now: ${names.length})`,
        ]);
        assert.deepEqual(await migrateAt(url), []);
        assert.deepEqual(await schemaState(opened(envOf(url))), { state: "ready", ahead: [] });
      });

      it("goes on without the vector extension where it may not make it", async () => {
        const lines: string[] = [];
        const url = await fresh({ vector: false });
        assert.deepEqual(await migrateAt(url, (line) => lines.push(line)), names);
        assert.equal(
          lines[0],
          'the vector extension could not be made (permission denied to create extension "vector"): vector search will need it',
        );
      });

      it("makes the vector extension where it may", async () => {
        const url = await freshDatabase(server(version), { vector: false, as: "postgres" });
        await migrateAt(url);
        assert.deepEqual(await opened(envOf(url)).query("select extname from pg_extension order by 1"), [
          { extname: "plpgsql" },
          { extname: "vector" },
        ]);
      });

      it("makes the same as on the embedded database", async () => {
        const url = await fresh();
        await migrateAt(url);
        const embedded = await openInMemory();
        try {
          assert.deepEqual(await shapeOf(opened(envOf(url))), await shapeOf(embedded));
        } finally {
          await embedded.close();
        }
      });

      it("waits for another one, and both succeed", async () => {
        const url = await fresh();
        const gate = await connected(url);
        await gate.query("create table gate (id text)");
        await gate.query("begin");
        await gate.query("lock table gate");
        const directory = filesOf({ "0001-expand-gate.sql": "alter table gate add column name text;\n" });

        const first = migrateAt(url, silent, directory);
        await until(async () => {
          const { rows } = await gate.query("select 1 from pg_locks where locktype = 'advisory' and granted");
          return rows.length === 1;
        });
        const lines: string[] = [];
        const second = migrateAt(
          url,
          (line) => {
            lines.push(line.replace(/process \d+/, "process N"));
            if (lines.length === 1) void gate.query("commit");
          },
          directory,
        );
        assert.deepEqual(await Promise.all([first, second]), [["0001-expand-gate"], []]);
        assert.deepEqual(lines, [
          "another migrate is running (server process N): waiting for it to end",
          "the schema is up to date (migrations: 1)",
        ]);
      });

      it("gives up on another one after a time, and says who it is", async () => {
        const url = await fresh();
        const other = await connected(url);
        const { rows } = await other.query("select pg_backend_pid() as pid, pg_advisory_lock(7309412655801)");
        await assert.rejects(migrateAt(url, silent, undefined, { ...patient, other: 0 }), {
          name: "StorageBusy",
          message: `gave up after 0 s: another migrate is running (server process ${rows[0]?.pid}); wait for it, or end it`,
        });
      });

      it("makes an index concurrently while another one waits for it", async () => {
        const url = await fresh();
        const gate = await connected(url);
        await gate.query("create table gate (id text)");
        await gate.query("begin");
        await gate.query("insert into gate values ('x')");
        const directory = filesOf({
          "0001-expand-index.sql": "-- outside a transaction\ncreate index concurrently gate_id on gate (id);\n",
        });
        const first = migrateAt(url, silent, directory);
        // Another session: within a transaction the view stays as it was.
        const own = await connected(url);
        await until(async () => {
          const { rows } = await own.query(
            "select 1 from pg_stat_progress_create_index where datname = current_database()",
          );
          return rows.length === 1;
        });
        const second = migrateAt(
          url,
          (line) => {
            if (line.startsWith("another")) void gate.query("commit");
          },
          directory,
        );
        assert.deepEqual(await Promise.all([first, second]), [["0001-expand-index"], []]);
      });

      it("does not stand in the way of a table's callers, and tries again", async () => {
        const url = await fresh();
        const gate = await connected(url);
        await gate.query("create table gate (id text)");
        await gate.query("begin");
        await gate.query("select * from gate");
        const directory = filesOf({ "0001-expand-gate.sql": "alter table gate add column name text;\n" });
        const hasty: Patience = { ...patient, lock: 50, pauses: [10, 20] };
        await assert.rejects(migrateAt(url, silent, directory, hasty), {
          name: "StorageBusy",
          message:
            "0001-expand-gate: another session held the lock that it needs during 3 tries of 50 ms; " +
            "nothing of it was kept. End what holds it (pg_stat_activity, pg_locks) and run migrate again",
        });
        const lines: string[] = [];
        const applied = migrateAt(
          url,
          (line) => {
            lines.push(line.replace(/in \d+ ms/, "in N ms"));
            if (lines.length === 1) void gate.query("commit");
          },
          directory,
          { ...hasty, pauses: Array(100).fill(50) },
        );
        assert.deepEqual(await applied, ["0001-expand-gate"]);
        assert.equal(lines[0], "0001-expand-gate: another session holds the lock that it needs; trying again in N ms");
        assert.equal(lines.at(-2), "0001-expand-gate: applied in N ms");
      });

      it("says that the database is away when its connection ends, and keeps nothing of the file", async () => {
        const url = await fresh();
        const own = await connected(url);
        const directory = filesOf({
          "0001-expand-a.sql": "create table a (id text);\n",
          "0002-expand-b.sql": "create table b (id text);\nselect pg_terminate_backend(pg_backend_pid());\n",
        });
        await assert.rejects(migrateAt(url, silent, directory), DatabaseAway);
        const { rows } = await own.query("select name from schema_migrations");
        assert.deepEqual(rows, [{ name: "0001-expand-a" }]);
        assert.deepEqual((await own.query("select to_regclass('b') as b")).rows, [{ b: null }]);
      });

      it("stops when a pooler lost its lock", async () => {
        const url = await fresh();
        const directory = filesOf({
          "0001-expand-a.sql": "create table a (id text);\nselect pg_advisory_unlock_all();\n",
          "0002-expand-b.sql": "create table b (id text);\n",
        });
        await assert.rejects(migrateAt(url, silent, directory), {
          name: "StorageRefused",
          message:
            "the lock that keeps other migrates away is lost: DATABASE_URL leads through a pooler that shares sessions; " +
            "give migrate the server's own address",
        });
      });

      it("says that it may not make tables", async () => {
        const url = await fresh();
        const superuser = new URL(server(version).superuserUrl);
        superuser.pathname = new URL(url).pathname;
        await (await connected(superuser.href)).query("alter schema public owner to postgres");
        await assert.rejects(migrateAt(url), { message: "permission denied for schema public" });
      });
    });

  describe("the pool", () => {
    let url: string;
    before(async () => {
      url = await freshDatabase(server("17"));
      await migrateAt(url);
    });
    const insert = "insert into modes values ($1, true, null, 'me')";
    const rowsIn = (database: Queryable) => database.query("select name from modes order by name");
    beforeEach(async () => {
      await (await connected(url)).query("delete from modes");
    });

    it("sets its limits on every session", async () => {
      const [settings] = await opened(envOf(url)).query(
        `select current_setting('statement_timeout') as statement, current_setting('application_name') as application,
         current_setting('idle_in_transaction_session_timeout') as idle`,
      );
      assert.deepEqual(settings, { statement: "10s", application: "agent-service", idle: "10s" });
    });

    it("ends a statement that takes too long, and keeps the connection", async () => {
      const database = opened(envOf(url, { DATABASE_TIMEOUT: 200, DATABASE_POOL_SIZE: 1 }));
      const pid = () => database.query("select pg_backend_pid() as pid");
      const before = await pid();
      await assert.rejects(database.query("select pg_sleep(60)"), (error) => {
        assert.ok(error instanceof StatementTimeout);
        assert.equal(error.message, "a statement took too long: canceling statement due to statement timeout");
        return true;
      });
      assert.deepEqual(await pid(), before);
    });

    it("ends a transaction that does nothing, and keeps nothing of it", async () => {
      const database = opened(envOf(url, { DATABASE_TIMEOUT: 200, DATABASE_POOL_SIZE: 1 }));
      const own = await connected(url);
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.query(insert, ["read_only"]);
          const [me] = await transaction.query<{ pid: number }>("select pg_backend_pid() as pid");
          await until(async () => {
            const { rows } = await own.query("select 1 from pg_stat_activity where pid = $1", [me?.pid]);
            return rows.length === 0;
          });
          await transaction.query(insert, ["maintenance"]);
        }),
        DatabaseAway,
      );
      assert.deepEqual(await rowsIn(database), []);
    });

    it("does not wait for a server that is cut off", async () => {
      const database = opened(envOf(url, { DATABASE_TIMEOUT: 200, DATABASE_POOL_SIZE: 1 }));
      const [me] = await database.query<{ pid: number }>("select pg_backend_pid() as pid");
      assert.ok(me !== undefined);
      process.kill(me.pid, "SIGSTOP");
      try {
        await assert.rejects(database.query("select 1"), {
          name: "DatabaseAway",
          message: "the database does not answer: Query read timeout",
        });
        assert.deepEqual(await database.query("select 1 as n"), [{ n: 1 }]);
      } finally {
        process.kill(me.pid, "SIGCONT");
      }
    });

    it("has as many connections as it may, and lets the others wait, but not for ever", async () => {
      const database = opened(envOf(url, { DATABASE_POOL_SIZE: 2 }));
      let release = silent as () => void;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const holders = [1, 2].map(() => database.transaction(() => held));
      const waiting = database.query("select 1");
      assert.deepEqual(database.connections(), { active: 2, idle: 0, waiting: 1 });
      await assert.rejects(waiting, {
        name: "DatabaseAway",
        message: "the database does not answer: timeout exceeded when trying to connect",
      });
      release();
      await Promise.all(holders);
      assert.deepEqual(database.connections(), { active: 0, idle: 2, waiting: 0 });
    });

    it("says that it is away when there are too many connections", async () => {
      const own = await connected(url);
      const database = new URL(url).pathname.slice(1);
      await own.query(`alter database ${database} connection limit 1`);
      try {
        await assert.rejects(opened(envOf(url)).query("select 1"), {
          name: "DatabaseAway",
          message: `the database does not answer: too many connections for database "${database}"`,
        });
      } finally {
        await own.query(`alter database ${database} connection limit -1`);
      }
    });

    it("says that it is away when the password is wrong, and not which it is", async () => {
      const wrong = new URL(url);
      wrong.password = "mistaken";
      await assert.rejects(opened(envOf(wrong.href)).query("select 1"), {
        name: "DatabaseAway",
        message: 'the database does not answer: password authentication failed for user "service"',
      });
    });

    it("does not take a commit without an answer for one that succeeded", async () => {
      const database = opened(envOf(url));
      const own = await connected(url);
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.query(insert, ["read_only"]);
          const [me] = await transaction.query<{ pid: number }>("select pg_backend_pid() as pid");
          await own.query("select pg_terminate_backend($1, 5000)", [me?.pid]);
        }),
        DatabaseAway,
      );
      assert.deepEqual(await rowsIn(database), []);
    });

    it("leaves a server that is no primary any more", async () => {
      const database = opened(envOf(url, { DATABASE_POOL_SIZE: 1 }));
      await database.query("set default_transaction_read_only = on");
      await assert.rejects(database.query(insert, ["read_only"]), {
        name: "DatabaseAway",
        message: "the database does not answer: cannot execute INSERT in a read-only transaction",
      });
      await database.query(insert, ["read_only"]);
      assert.deepEqual(await rowsIn(database), [{ name: "read_only" }]);
    });

    it("keeps the connection after a statement that is wrong", async () => {
      const database = opened(envOf(url, { DATABASE_POOL_SIZE: 1 }));
      const pid = () => database.query("select pg_backend_pid() as pid");
      const before = await pid();
      await database.query(insert, ["read_only"]);
      await assert.rejects(database.query(insert, ["read_only"]), (error) => {
        assert.ok(error instanceof Duplicate);
        assert.equal(error.constraint, "modes_pkey");
        return true;
      });
      await assert.rejects(database.query("selec"), { code: "42601" });
      await assert.rejects(database.query("select $1::int, $2::int", [1]), { code: "08P01" });
      await assert.rejects(database.transaction(() => Promise.reject(new Error("no"))));
      assert.deepEqual(await pid(), before);
    });

    it("sends a statement anew that a migration changed, or that a pooler does not have", async () => {
      const database = opened(envOf(url, { DATABASE_POOL_SIZE: 1 }));
      await database.query("create table changing (id text)");
      const changing = "select * from changing";
      assert.deepEqual(await database.query(changing), []);
      await database.query("alter table changing add column name text");
      assert.deepEqual(await database.query(changing), []);
      await database.query("deallocate all");
      assert.deepEqual(await database.query("alter table changing add column more text"), []);
      assert.deepEqual(await database.query(changing), []);
    });
  });

  describe("a server that is killed", () => {
    it("is away until it is back, and then everything that was kept is there", async () => {
      const own = await startPostgres({ version: "18" });
      const faults: Error[] = [];
      const database = opened(envOf(own.url, { DATABASE_POOL_SIZE: 3 }), faults);
      try {
        await migrateAt(own.url);
        const add = (id: string, on: Queryable = database) =>
          on.query("insert into templates (id, tenant_id, name, body, variables) values ($1, 't', $1, 'b', '{}')", [
            id,
          ]);
        await Promise.all(["a", "b", "c"].map((id) => add(id)));
        await assert.rejects(
          database.transaction(async (transaction) => {
            await add("lost", transaction);
            await own.kill();
            // A session outlives its server for a moment.
            await until(() =>
              transaction.query("select 1").then(
                () => false,
                () => true,
              ),
            );
            await add("later", transaction);
          }),
          DatabaseAway,
        );
        await until(async () => database.connections().idle === 0);
        await assert.rejects(add("d"), (error) => {
          assert.ok(error instanceof DatabaseAway);
          assert.match(error.message, /^the database does not answer: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
          return true;
        });
        await assert.rejects(
          database.transaction(() => Promise.resolve()),
          DatabaseAway,
        );
        assert.ok(faults.length > 0 && faults.every((fault) => fault instanceof DatabaseAway));
        assert.deepEqual(database.connections(), { active: 0, idle: 0, waiting: 0 });

        await own.restart();
        assert.deepEqual(await database.query("select id from templates order by id"), [
          { id: "a" },
          { id: "b" },
          { id: "c" },
        ]);
        await add("d");
      } finally {
        await database.close();
        await own.stop();
      }
    });
  });

  describe("replicas", () => {
    const where = "select current_setting('server_version_num')::int / 10000 as version";

    it("are read from, and left for the primary when they are gone", async () => {
      const replica = await startPostgres({ version: "18" });
      const faults: Error[] = [];
      const database = opened(envOf(server("17").url, { DATABASE_READ_URLS: [replica.url] }), faults);
      try {
        assert.deepEqual(await database.query(where), [{ version: 17 }]);
        assert.deepEqual(await database.replica.query(where), [{ version: 18 }]);
        await assert.rejects(database.replica.query("selec"), { code: "42601" });
        assert.deepEqual(database.connections(), { active: 0, idle: 2, waiting: 0 });
        await replica.kill();
        await until(async () => database.connections().idle === 1);
        for (const _ of [1, 2, 3]) assert.deepEqual(await database.replica.query(where), [{ version: 17 }]);
        assert.ok(faults.length > 0);
      } finally {
        await database.close();
        await replica.stop();
      }
    });
  });

  describe("TLS", () => {
    const ca = () => readFileSync(server("tls").caFile ?? "", "utf8");
    const encrypted = "select ssl, version from pg_stat_ssl where pid = pg_backend_pid()";
    const named = (host: string, search = "") => {
      const url = new URL(server("tls").url);
      url.hostname = host;
      url.search = search;
      return url.href;
    };

    for (const search of ["", "?sslmode=disable", "?sslmode=no-verify"])
      it(`is used, and the server checked, with '${search}' in the URL`, async () => {
        const database = opened(envOf(named("127.0.0.1", search), { DATABASE_CA_FILE: ca() }));
        assert.deepEqual(await database.query(encrypted), [{ ssl: true, version: "TLSv1.3" }]);
      });

    it("is used by migrate", async () => {
      const env = { DATABASE_URL: named("localhost"), DATABASE_CA_FILE: ca() };
      assert.deepEqual(await migratePostgres(env, silent), names);
    });

    for (const search of ["", "?sslmode=no-verify"])
      it(`refuses a server that another authority signed, with '${search}' in the URL`, async () => {
        const strangers = readFileSync(certificates("strangers").ca, "utf8");
        const database = opened(envOf(named("127.0.0.1", search), { DATABASE_CA_FILE: strangers }));
        await assert.rejects(database.query("select 1"), (error) => {
          assert.ok(error instanceof DatabaseAway);
          assert.match(error.message, /certificate/);
          return true;
        });
      });

    it("refuses a server of another name", async () => {
      // Another way to write 127.0.0.1, which is not among the names in the certificate.
      for (const search of ["", "?sslmode=no-verify"]) {
        const env = envOf(named("127.1", search), { DATABASE_CA_FILE: ca() });
        await assert.rejects(opened(env).query("select 1"), (error) => {
          assert.ok(error instanceof DatabaseAway);
          assert.match(error.message, /Hostname\/IP does not match certificate's altnames/);
          return true;
        });
      }
    });

    it("is not given up where the server has none", async () => {
      const env = envOf(server("17").url, { DATABASE_CA_FILE: ca() });
      await assert.rejects(opened(env).query("select 1"), {
        name: "DatabaseAway",
        message: "the database does not answer: The server does not support SSL connections",
      });
      await assert.rejects(migratePostgres(env, silent), DatabaseAway);
    });
  });
});
