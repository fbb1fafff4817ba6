import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { bootstrapFiles, type Roles } from "../../../components/stores/bootstrap/job.js";
import { roleName } from "../../../config/uses.js";
import { migratePostgres } from "../../../service/src/storage/migrate.js";
import { listMigrations } from "../../../service/src/storage/migrations.js";
import { openPostgres } from "../../../service/src/storage/postgres.js";
import { schemaState } from "../../../service/src/storage/schema.js";
import { tool } from "../../tools/cache.js";
import { plainEnvironment } from "./server-process.js";
import { certificates, type PostgresServer, query, startPostgres } from "./servers.js";

const random = (): string => randomBytes(6).toString("hex");

/** A database with an owner, as the platform finds it: who may make roles, and is no superuser. */
interface Fresh {
  readonly server: PostgresServer;
  readonly database: string;
  readonly owner: string;
  readonly password: string;
}

interface FreshOptions {
  readonly attributes?: string;
  /** What only a superuser may make, made already: as in the cluster. */
  readonly extensions?: readonly string[];
  readonly ownsDatabase?: boolean;
  readonly monitors?: boolean;
}

interface Run {
  readonly roles: Roles;
  /** By service. */
  readonly passwords: Readonly<Record<string, string>>;
  /** The role that measures, and its password. */
  readonly exporter?: { readonly role: string; readonly password: string };
  readonly exclusive?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the bootstrap of a database", () => {
  let server: PostgresServer;
  let folder: string;
  let programs: string;
  const clients: pg.Client[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    programs = clientPrograms(join(folder, "bin"));
    server = await startPostgres({ version: "17" });
    await query(server, "alter system set shared_preload_libraries = 'pg_stat_statements'");
    await server.restart();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
  });
  after(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function fresh({
    attributes = "createrole",
    extensions = ["vector", "pg_stat_statements"],
    ownsDatabase = true,
    monitors = true,
  }: FreshOptions = {}): Promise<Fresh> {
    const [database, owner, password] = [`db_${random()}`, `owner_${random()}`, random()];
    await query(server, `create role ${owner} login ${attributes} password '${password}'`);
    if (monitors) await query(server, `grant pg_monitor to ${owner} with admin option`);
    await query(server, `create database ${database} template template0 ${ownsDatabase ? `owner ${owner}` : ""}`);
    const made = { server, database, owner, password };
    const superuser = await connected(as(made, "postgres", new URL(server.superuserUrl).password));
    for (const extension of extensions) await superuser.query(`create extension ${extension}`);
    return made;
  }

  const as = ({ database }: Fresh, user: string, password: string): string => {
    const url = new URL(server.url);
    url.username = user;
    url.password = password;
    url.pathname = `/${database}`;
    return url.href;
  };

  async function connected(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }

  /** What the Job's container would do, without a terminal as there. */
  async function bootstrap(fresh: Fresh, run: Run): Promise<Ended> {
    const { roles, passwords, exporter, exclusive = true, env = {}, files } = run;
    const place = mkdtempSync(join(folder, "run-"));
    const given = join(place, "passwords");
    mkdirSync(given);
    for (const [file, content] of Object.entries({ ...bootstrapFiles(roles), ...files }))
      writeFileSync(join(place, file), content);
    for (const [service, password] of Object.entries(passwords))
      writeFileSync(join(given, roleName(service)), password, { mode: 0o600 });
    if (exporter !== undefined) writeFileSync(join(given, exporter.role), exporter.password, { mode: 0o600 });
    const { hostname, port } = new URL(fresh.server.url);
    const child = spawn("sh", [join(place, "run.sh")], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...plainEnvironment,
        PATH: `${programs}:${plainEnvironment.PATH}`,
        PGHOST: hostname,
        PGPORT: port,
        PGDATABASE: fresh.database,
        PGUSER: fresh.owner,
        PGPASSWORD: fresh.password,
        PGSSLMODE: "disable",
        PASSWORDS: given,
        EXCLUSIVE: String(exclusive),
        ...(exporter === undefined ? {} : { EXPORTER: exporter.role }),
        WAIT_SECONDS: "30",
        ...env,
      },
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    // The file's folder is another in each run.
    return { status, stdout, stderr: stderr.replaceAll(`${place}/`, "") };
  }

  async function done(fresh: Fresh, run: Run): Promise<Ended> {
    const ended = await bootstrap(fresh, run);
    assert.equal(ended.status, 0, ended.stderr);
    return ended;
  }

  /** Two services with names of their own: roles are the server's. */
  function pair() {
    const [agents, crew] = [`agents-${random()}`, `crew-${random()}`];
    const roles = { [agents]: { connections: 5 }, [crew]: { connections: 5 } };
    const passwords = { [agents]: random(), [crew]: random() };
    const login = (fresh: Fresh, service: string) => as(fresh, roleName(service), passwords[service] ?? "");
    return { agents, crew, roles, passwords, login };
  }

  it("makes extensions, and a role and a schema for each service", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    const { stdout } = await done(base, { roles, passwords });
    assert.equal(
      stdout,
      [
        "extensions and views: ready",
        `role ${roleName(agents)}: ready, at most 5 connections`,
        `role ${roleName(crew)}: ready, at most 5 connections`,
        "",
      ].join("\n"),
    );
    const client = await connected(login(base, agents));
    const { rows } = await client.query(
      `select extname, extnamespace::regnamespace::text as schema from pg_extension where extname <> 'plpgsql' order by 1`,
    );
    assert.deepEqual(rows, [
      { extname: "pg_stat_statements", schema: "public" },
      { extname: "uuid-ossp", schema: "public" },
      { extname: "vector", schema: "public" },
    ]);
    await client.query("create table notes (id uuid default uuid_generate_v4(), embedding vector(3))");
    await client.query("insert into notes (embedding) values ('[1,2,3]')");
    assert.deepEqual(
      (await client.query("select relnamespace::regnamespace::text as schema from pg_class where relname = 'notes'"))
        .rows,
      [{ schema: roleName(agents) }],
    );
  });

  it("may run again: nothing changes, and data stays", async () => {
    const base = await fresh();
    const { agents, roles, passwords, login } = pair();
    const first = await done(base, { roles, passwords });
    const client = await connected(login(base, agents));
    await client.query("create table notes as select 1 as id");
    const catalog = async () =>
      (
        await client.query(
          `select r.rolname, r.rolcanlogin, r.rolconnlimit, r.rolcreaterole, r.rolcreatedb, s.setconfig, n.nspacl::text,
             (select datacl::text from pg_database where datname = current_database()) as datacl
           from pg_roles r join pg_db_role_setting s on s.setrole = r.oid join pg_namespace n on n.nspowner = r.oid
           where r.rolname = any($1) order by 1`,
          [Object.keys(roles).map(roleName)],
        )
      ).rows;
    const before = await catalog();
    assert.equal(before.length, 2);
    assert.deepEqual(await done(base, { roles, passwords }), first);
    assert.deepEqual(await catalog(), before);
    assert.deepEqual((await client.query("select * from notes")).rows, [{ id: 1 }]);
  });

  it("gives a new password and a new limit, and leaves a service that is gone as it is", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    await done(base, { roles, passwords });
    const changed = random();
    await done(base, { roles: { [agents]: { connections: 1 } }, passwords: { [agents]: changed } });
    await assert.rejects(connected(login(base, agents)), { code: "28P01" });
    await connected(as(base, roleName(agents), changed));
    await assert.rejects(connected(as(base, roleName(agents), changed)), {
      message: `too many connections for role "${roleName(agents)}"`,
    });
    const other = await connected(login(base, crew));
    await other.query("create table kept (id int)");
  });

  it("keeps services from each other, from public, and others from the database", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    await done(base, { roles, passwords });
    const one = await connected(login(base, agents));
    const other = await connected(login(base, crew));
    await one.query("create table notes as select 'mine' as text");
    await other.query("create table notes as select 'theirs' as text");
    assert.deepEqual((await one.query("select text from notes")).rows, [{ text: "mine" }]);
    const refused = [
      [`select * from ${roleName(agents)}.notes`, `permission denied for schema ${roleName(agents)}`],
      [`create table ${roleName(agents)}.more (id int)`, `permission denied for schema ${roleName(agents)}`],
      ["create table public.more (id int)", "permission denied for schema public"],
      [`set role ${roleName(agents)}`, `permission denied to set role "${roleName(agents)}"`],
      [`set role ${base.owner}`, `permission denied to set role "${base.owner}"`],
      ["select * from monitoring.slow_queries", "permission denied for schema monitoring"],
      ["create role more", "permission denied to create role"],
    ] as const;
    for (const [statement, message] of refused) await assert.rejects(other.query(statement), { message });
    await query(server, `create role "stranger_${base.database}" login password 'stranger'`);
    await assert.rejects(connected(as(base, `stranger_${base.database}`, "stranger")), {
      message: `permission denied for database "${base.database}"`,
    });
  });

  it("leaves a database that others use open to them", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    const stranger = `stranger_${random()}`;
    await query(server, `create role ${stranger} login password 'stranger'`);
    await done(base, { roles, passwords, exclusive: false });
    await connected(as(base, stranger, "stranger"));
    const one = await connected(login(base, agents));
    const other = await connected(login(base, crew));
    await one.query("create table notes (id int)");
    await assert.rejects(other.query(`select * from ${roleName(agents)}.notes`), { code: "42501" });
  });

  it("works for an owner who only may create in a database of somebody else's", async () => {
    const base = await fresh({ ownsDatabase: false });
    await query(server, `grant create on database ${base.database} to ${base.owner}`);
    const superuser = await connected(as(base, "postgres", new URL(server.superuserUrl).password));
    await superuser.query('create extension "uuid-ossp"');
    const { agents, roles, passwords, login } = pair();
    await done(base, { roles, passwords, exclusive: false });
    await (await connected(login(base, agents))).query("create table notes (embedding vector(3))");
    // Who owns it may have closed it: then the services must be let in.
    await query(server, `revoke connect on database ${base.database} from public`);
    await query(server, `grant connect on database ${base.database} to ${base.owner}`);
    const { status, stderr } = await bootstrap(base, { roles, passwords, exclusive: false });
    assert.equal(status, 3);
    assert.ok(
      stderr.includes(
        `the role ${roleName(agents)} may not connect to the database ${base.database}, and ${base.owner} may not let it`,
      ),
      stderr,
    );
  });

  it("works for a superuser", async () => {
    const base = await fresh({ attributes: "superuser", extensions: [] });
    const { agents, roles, passwords, login } = pair();
    await done(base, { roles, passwords });
    await (await connected(login(base, agents))).query("create table notes (embedding vector(3))");
  });

  it("hands the server no password, only what it is checked by", async () => {
    const base = await fresh();
    const { roles, passwords } = pair();
    const { stdout, stderr } = await done(base, { roles, passwords });
    const superuser = await connected(as(base, "postgres", new URL(server.superuserUrl).password));
    const { rows: seen } = await superuser.query<{ query: string }>(
      "select query from pg_stat_statements where userid = $1::regrole and query ilike 'alter user%password%'",
      [base.owner],
    );
    assert.equal(seen.length, 2);
    for (const { query: statement } of seen) assert.match(statement, /'SCRAM-SHA-256\$4096:/);
    for (const password of Object.values(passwords))
      assert.ok(!`${stdout}${stderr}${JSON.stringify(seen)}`.includes(password));
  });

  it("has three views that members of monitor may read, and no row of a service", async () => {
    const base = await fresh();
    const { agents, roles, passwords, login } = pair();
    const { stderr } = await done(base, { roles, passwords });
    assert.doesNotMatch(stderr, /pg_monitor/);
    const service = await connected(login(base, agents));
    await service.query("create table notes as select n % 2 as kind, 'private' as text from generate_series(1, 100) n");
    await service.query("analyze notes");
    await service.query("select pg_sleep(1.1)");
    const reader = `reader_${random()}`;
    await query(server, `create role ${reader} login password 'reader' in role monitor`);
    const client = await connected(as(base, reader, "reader"));
    const slow = await client.query("select * from monitoring.slow_queries");
    assert.deepEqual(
      slow.fields.map(({ name }) => name),
      ["query", "calls", "total_exec_time", "mean_exec_time", "rows", "hit_percent", "username"],
    );
    assert.deepEqual(
      slow.rows.map((row) => [row.query, row.calls, row.username]),
      [["select pg_sleep($1)", "1", roleName(agents)]],
    );
    const columns = await client.query(
      "select * from monitoring.db_performance where tablename = 'notes' order by attname",
    );
    assert.deepEqual(columns.rows, [
      {
        schemaname: roleName(agents),
        tablename: "notes",
        attname: "kind",
        n_distinct: 2,
        correlation: columns.rows[0]?.correlation,
        null_frac: 0,
        avg_width: 4,
        most_common_freqs: [0.5, 0.5],
      },
      {
        schemaname: roleName(agents),
        tablename: "notes",
        attname: "text",
        n_distinct: 1,
        correlation: 1,
        null_frac: 0,
        avg_width: 8,
        most_common_freqs: [1],
      },
    ]);
    const sizes = await client.query("select * from monitoring.db_size_info");
    assert.deepEqual(
      sizes.fields.map(({ name }) => name),
      ["datname", "size", "bytes"],
    );
    const own = sizes.rows.find(({ datname }) => datname === base.database);
    assert.match(own?.size, /^\d+ kB$/);
    await assert.rejects(client.query(`select * from ${roleName(agents)}.notes`), { code: "42501" });
  });

  /** The group of monitors is the server's, and another owner's by now. */
  const ownsGroup = ({ owner }: Fresh) =>
    query(
      server,
      `do $$ begin
         if exists (select from pg_roles where rolname = 'monitor') then grant monitor to ${owner} with admin option; end if;
       end $$`,
    );

  for (const [owner, prepare] of [
    ["whoever made the group of monitors", ownsGroup],
    ["another owner than the one who made the group", async () => undefined],
  ] as const)
    it(`gives the exporter a login that reads statistics and no row of a service, by ${owner}`, async () => {
      const base = await fresh();
      await prepare(base);
      const { agents, roles, passwords, login } = pair();
      const exporter = { role: `agents_${random()}_exporter`, password: random() };
      const first = await done(base, { roles, passwords, exporter });
      assert.match(first.stdout, new RegExp(`^role ${exporter.role}: ready, measures$`, "m"));
      assert.deepEqual(await done(base, { roles, passwords, exporter }), first);

      const service = await connected(login(base, agents));
      await service.query("create table notes as select 'private' as text");
      const client = await connected(as(base, exporter.role, exporter.password));
      for (const view of ["db_performance", "slow_queries", "db_size_info"])
        await client.query(`select * from monitoring.${view}`);
      const seen = await client.query("select query from pg_stat_activity where usename = $1", [roleName(agents)]);
      assert.deepEqual(seen.rows, [{ query: "create table notes as select 'private' as text" }]);
      assert.ok((await client.query("select * from public.pg_stat_statements")).rows.length > 0);
      const refused = [
        [`select * from ${roleName(agents)}.notes`, `permission denied for schema ${roleName(agents)}`],
        [
          "create temporary table more (id int)",
          /cannot execute CREATE TABLE in a read-only transaction|permission denied/,
        ],
        [`set role ${roleName(agents)}`, `permission denied to set role "${roleName(agents)}"`],
        ["select pg_sleep(11)", "canceling statement due to statement timeout"],
      ] as const;
      for (const [statement, message] of refused) await assert.rejects(client.query(statement), { message });
    });

  it("takes over no exporter's login of somebody else's", async () => {
    const base = await fresh();
    const exporter = { role: `agents_${random()}_exporter`, password: random() };
    await query(server, `create role ${exporter.role} login password 'before'`);
    const { status, stderr } = await bootstrap(base, { roles: {}, passwords: {}, exporter });
    assert.equal(status, 3);
    assert.ok(stderr.includes(`there is a role ${exporter.role} that the bootstrap did not make`), stderr);
  });

  it("says what monitor lacks where the owner may not grant it", async () => {
    const base = await fresh({ monitors: false });
    // The group is the server's, and other owners may have granted it.
    const granted = await query(
      server,
      `select grantor::regrole::text as by from pg_auth_members
       where roleid = 'pg_monitor'::regrole and member = (select oid from pg_roles where rolname = 'monitor')`,
    );
    for (const { by } of granted) await query(server, `revoke pg_monitor from monitor granted by ${by}`);
    const { roles, passwords } = pair();
    const { stderr } = await done(base, { roles, passwords });
    assert.match(stderr, /^the owner may not grant pg_monitor: to members of monitor, statements of others read/m);
  });

  it("runs the agent service's own migrations as the service's role", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    await done(base, { roles, passwords });
    const names = listMigrations().map(({ name }) => name);
    for (const service of [agents, crew]) {
      const env = { DATABASE_URL: login(base, service), DATABASE_CA_FILE: undefined };
      assert.deepEqual(await migratePostgres(env, () => undefined), names);
      assert.deepEqual(await migratePostgres(env, () => undefined), []);
      const database = openPostgres(
        { ...env, DATABASE_READ_URLS: undefined, DATABASE_POOL_SIZE: 1, DATABASE_TIMEOUT: 10_000 },
        {},
      );
      assert.deepEqual(await schemaState(database), { state: "ready", ahead: [] });
      assert.deepEqual(
        await database.query("select distinct schemaname from pg_tables where tableowner = current_user"),
        [{ schemaname: roleName(service) }],
      );
      await database.close();
    }
  });

  it("refuses an owner that lacks a right, and says all that it lacks", async () => {
    const base = await fresh({ attributes: "", ownsDatabase: false });
    const { status, stdout, stderr } = await bootstrap(base, { roles: {}, passwords: {} });
    assert.equal(status, 3);
    assert.equal(stdout, "");
    const { database, owner } = base;
    assert.ok(
      stderr.includes(
        `ERROR:  the owner ${owner} of the database ${database} lacks: the attribute CREATEROLE, CREATE on the database, ` +
          `ownership of the database\nHINT:  It takes: ALTER ROLE ${owner} CREATEROLE; ` +
          `GRANT CREATE ON DATABASE ${database} TO ${owner}; ALTER DATABASE ${database} OWNER TO ${owner}\n`,
      ),
      stderr,
    );
  });

  it("says which extension an owner may not make", async () => {
    const base = await fresh({ extensions: ["pg_stat_statements"] });
    const { status, stderr } = await bootstrap(base, { roles: {}, passwords: {} });
    assert.equal(status, 3);
    assert.match(stderr, /^psql:extensions\.sql:\d+: ERROR: {2}permission denied to create extension "vector"$/m);
  });

  it("takes over no login and no schema of somebody else's", async () => {
    const base = await fresh();
    const { agents, crew, roles, passwords, login } = pair();
    const owner = await connected(as(base, base.owner, base.password));
    await owner.query(`create role ${roleName(agents)} login password 'before'`);
    const role = await bootstrap(base, { roles, passwords });
    assert.equal(role.status, 3);
    assert.ok(role.stderr.includes(`there is a role ${roleName(agents)} that the bootstrap did not make`), role.stderr);
    // The password is right still: it is the database that is closed now.
    await assert.rejects(connected(as(base, roleName(agents), "before")), {
      message: `permission denied for database "${base.database}"`,
    });

    await owner.query(`comment on role ${roleName(agents)} is 'agent-platform'`);
    await owner.query(`create schema ${roleName(crew)}`);
    const schema = await bootstrap(base, { roles, passwords });
    assert.equal(schema.status, 3);
    assert.ok(
      schema.stderr.includes(
        `there is a schema ${roleName(crew)} that is not of the role ${roleName(crew)} but of ${base.owner}`,
      ),
      schema.stderr,
    );
    await connected(login(base, agents));
    await assert.rejects(connected(login(base, crew)), { code: "28P01" });

    const itself = await bootstrap(base, {
      roles: { [base.owner]: { connections: 1 } },
      passwords: { [base.owner]: random() },
    });
    assert.equal(itself.status, 3);
    await connected(as(base, base.owner, base.password));
  });

  it("refuses an empty password", async () => {
    const base = await fresh();
    const { agents, roles, passwords } = pair();
    const { status, stderr } = await bootstrap(base, { roles, passwords: { ...passwords, [agents]: "" } });
    assert.equal(status, 1);
    assert.ok(stderr.includes(`role ${roleName(agents)}: its password is empty`), stderr);
  });

  it("two at once do not disturb each other", async () => {
    const base = await fresh();
    const { roles, passwords } = pair();
    const ended = await Promise.all([1, 2, 3].map(() => bootstrap(base, { roles, passwords })));
    assert.deepEqual(
      ended.map(({ status }) => status),
      [0, 0, 0],
      ended.map(({ stderr }) => stderr).join("\n"),
    );
  });

  it("waits for a database that is not there yet, and not for ever", async () => {
    const base = await fresh();
    const { roles, passwords } = pair();
    await server.kill("SIGINT");
    const late = await bootstrap(base, { roles, passwords, env: { WAIT_SECONDS: "0" } });
    assert.equal(late.status, 2);
    assert.match(late.stderr, /Connection refused/);
    const waiting = bootstrap(base, { roles, passwords });
    await pause(500);
    await server.restart();
    const { status, stdout } = await waiting;
    assert.equal(status, 0);
    assert.match(stdout, /^waiting for the database at 127\.0\.0\.1:\d+\n/);
  });

  it("checks whom it talks to", async () => {
    const tls = await startPostgres({ version: "17", ssl: true });
    try {
      const { username, password } = new URL(tls.superuserUrl);
      const base: Fresh = { server: tls, database: "service", owner: username, password };
      const { roles, passwords } = pair();
      const checked = (file: string) => ({ PGSSLMODE: "verify-full", PGSSLROOTCERT: file, WAIT_SECONDS: "0" });
      const ca = tls.caFile ?? "";
      await done(base, { roles, passwords, env: checked(ca) });
      const strangers = await bootstrap(base, { roles, passwords, env: checked(certificates("strangers").ca) });
      assert.equal(strangers.status, 2);
      assert.match(strangers.stderr, /certificate verify failed/);
      // Public roots: they did not sign it.
      const empty = join(folder, "empty.crt");
      writeFileSync(empty, "");
      const roots = await bootstrap(base, { roles, passwords, env: checked(empty) });
      assert.equal(roots.status, 2);
      assert.match(roots.stderr, /certificate verify failed/);
    } finally {
      await tls.stop();
    }
  });
});

/** psql and pg_isready of the real PostgreSQL; the second by the loader and libraries of the first. */
function clientPrograms(folder: string): string {
  const bin = dirname(tool("postgres17"));
  mkdirSync(folder);
  const here = /^here=.*$/m;
  const psql = readFileSync(join(bin, "psql"), "utf8").replace(here, `here='${bin}'`);
  for (const [name, script] of [
    ["psql", psql],
    ["pg_isready", psql.replace("$here/psql.bin", "$here/pg_isready")],
  ] as const) {
    writeFileSync(join(folder, name), script);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}
