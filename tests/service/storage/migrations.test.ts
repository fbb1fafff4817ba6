import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type pg from "pg";
import { StorageRefused } from "../../../service/src/storage/database.js";
import { migrate } from "../../../service/src/storage/migrate.js";
import { kindOf, listMigrations } from "../../../service/src/storage/migrations.js";
import { bareClient, migrationFiles } from "./bare.js";

const first = "create table first (id text primary key);\n";
const folders: string[] = [];
const folderOf = (files: Readonly<Record<string, string>>): string => {
  const folder = migrationFiles(files);
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe("the files of migrations", () => {
  it("run in the order of their numbers, and say what they are", () => {
    const directory = folderOf({
      "0010-contract-no-old.sql": "drop table old;\n",
      "0002-expand-new.sql": first,
      "0009-expand-index.sql": "-- outside a transaction\ncreate index concurrently i on first (id);\n",
      "README.md": "not a migration",
    });
    assert.deepEqual(
      listMigrations(directory).map(({ name, kind, inTransaction }) => [name, kind, inTransaction]),
      [
        ["0002-expand-new", "expand", true],
        ["0009-expand-index", "expand", false],
        ["0010-contract-no-old", "contract", true],
      ],
    );
  });

  it("are named by the rule", () => {
    assert.equal(kindOf("0001-expand-a"), "expand");
    assert.equal(kindOf("0001-contract-expand-2"), "contract");
    for (const name of ["1-expand-a", "0001-a", "0001-expand-", "0001-expand-A", "0001_expand_a", "0001-expand-a.up"])
      assert.equal(kindOf(name), undefined, name);
    assert.throws(() => listMigrations(folderOf({ "0001-add-table.sql": first })), {
      message:
        "migration '0001-add-table.sql': expected a name such as 0001-expand-title.sql or 0001-contract-title.sql",
    });
  });

  it("have a number each", () => {
    assert.throws(() => listMigrations(folderOf({ "0001-expand-a.sql": first, "0001-expand-b.sql": first })), {
      message: "migrations '0001-expand-a.sql' and '0001-expand-b.sql' have the same number; expected one each",
    });
  });

  it("hold one statement where they run outside a transaction", () => {
    const sql =
      "-- outside a transaction\ncreate index concurrently a on t (a);\ncreate index concurrently b on t (b);\n";
    assert.throws(() => listMigrations(folderOf({ "0001-expand-a.sql": sql })), {
      message:
        "migration '0001-expand-a.sql' runs outside a transaction, so it can't be undone in the middle: expected one statement",
    });
  });

  it("of this version only make tables so far", () => {
    assert.deepEqual(
      listMigrations().map(({ name }) => name),
      [
        "0001-expand-api-keys",
        "0002-expand-templates",
        "0003-expand-objects",
        "0004-expand-audit",
        "0005-expand-modes",
        "0006-expand-ws-tickets",
      ],
    );
  });
});

describe("migrate", () => {
  let client: pg.Client;
  let close: () => Promise<void>;
  let lines: string[];
  const log = (line: string) => void lines.push(line.replace(/\d+ ms/, "N ms"));
  const tables = async () => {
    const { rows } = await client.query(
      "select tablename from pg_tables where schemaname = 'public' order by tablename",
    );
    return rows.map(({ tablename }) => tablename);
  };

  before(async () => {
    ({ client, close } = await bareClient());
  });
  after(() => close());
  beforeEach(() => {
    lines = [];
  });
  afterEach(() => client.query("drop schema public cascade; create schema public"));

  it("makes everything from nothing, and a second time nothing", async () => {
    const names = listMigrations().map(({ name }) => name);
    assert.deepEqual(await migrate(client, log), names);
    assert.deepEqual(lines, [
      ...names.map((name) => `${name}: applied in N ms`),
      "the schema is up to date (migrations: 6, applied now: 6)",
    ]);
    assert.deepEqual(await tables(), [
      "api_keys",
      "audit",
      "modes",
      "objects",
      "schema_migrations",
      "templates",
      "ws_tickets",
    ]);
    const { rows: made } = await client.query("select extname from pg_extension order by extname");
    assert.deepEqual(made, [{ extname: "plpgsql" }, { extname: "vector" }]);

    lines = [];
    assert.deepEqual(await migrate(client, log), []);
    assert.deepEqual(lines, ["the schema is up to date (migrations: 6)"]);
  });

  it("has tenant_id, and not null, in every table of tenants", async () => {
    await migrate(client, log);
    const { rows } = await client.query(
      `select table_name from information_schema.columns
       where table_schema = 'public' and column_name = 'tenant_id' and is_nullable = 'NO' order by table_name`,
    );
    assert.deepEqual(
      rows.map(({ table_name }) => table_name),
      ["api_keys", "audit", "objects", "templates", "ws_tickets"],
    );
  });

  it("goes on where it stopped", async () => {
    const directory = folderOf({ "0001-expand-first.sql": first });
    assert.deepEqual(await migrate(client, log, { directory }), ["0001-expand-first"]);
    const longer = folderOf({
      "0001-expand-first.sql": first,
      "0002-expand-more.sql": "alter table first add column name text;\n",
    });
    assert.deepEqual(await migrate(client, log, { directory: longer }), ["0002-expand-more"]);
    assert.equal(lines.at(-1), "the schema is up to date (migrations: 2, applied now: 1)");
  });

  it("keeps nothing of a file that fails, and all of those before it", async () => {
    const directory = folderOf({
      "0001-expand-first.sql": first,
      "0002-expand-broken.sql": "create table second (id text);\n\ncreate table third (id nonsense);\n",
      "0003-expand-after.sql": "create table fourth (id text);\n",
    });
    await assert.rejects(migrate(client, log, { directory }), (error) => {
      assert.ok(error instanceof StorageRefused);
      assert.equal(
        error.message,
        '0002-expand-broken failed in line 3: type "nonsense" does not exist; nothing of it was kept',
      );
      return true;
    });
    assert.deepEqual(await tables(), ["first", "schema_migrations"]);
    assert.deepEqual(lines, ["0001-expand-first: applied in N ms"]);
    const { rows } = await client.query("select count(*)::int as held from pg_locks where locktype = 'advisory'");
    assert.deepEqual(rows, [{ held: 0 }]);
  });

  it("takes the whole file, whatever its comments say", async () => {
    const directory = folderOf({
      "0001-expand-first.sql": `${first}-- down migration\ncreate table second (id text default '{a}');\n`,
    });
    await migrate(client, log, { directory });
    assert.deepEqual(await tables(), ["first", "schema_migrations", "second"]);
  });

  it("makes an index concurrently, and drops one that was left half built first", async () => {
    const directory = folderOf({ "0001-expand-first.sql": first });
    await migrate(client, log, { directory });
    await client.query("create index first_id on first (id)");
    await client.query("update pg_index set indisvalid = false where indexrelid = 'first_id'::regclass");
    const longer = folderOf({
      "0001-expand-first.sql": first,
      "0002-expand-index.sql":
        "-- outside a transaction\ncreate index concurrently if not exists first_id on first (id);\n",
    });
    lines = [];
    await migrate(client, log, { directory: longer });
    assert.deepEqual(lines, [
      "0002-expand-index: the index first_id was left half built; dropping it first",
      "0002-expand-index: applied in N ms",
      "the schema is up to date (migrations: 2, applied now: 1)",
    ]);
    const { rows } = await client.query("select indisvalid from pg_index where indexrelid = 'first_id'::regclass");
    assert.deepEqual(rows, [{ indisvalid: true }]);
  });

  it("does nothing on a schema that a later version expanded", async () => {
    const later = folderOf({ "0001-expand-first.sql": first, "0002-expand-second.sql": "create table second ();\n" });
    await migrate(client, log, { directory: later });
    lines = [];
    assert.deepEqual(await migrate(client, log, { directory: folderOf({ "0001-expand-first.sql": first }) }), []);
    assert.deepEqual(lines, ["the schema is up to date (migrations: 1, and 1 of a later version)"]);
  });

  it("refuses a schema from which a later version took something away", async () => {
    const later = folderOf({ "0001-expand-first.sql": first, "0002-contract-first.sql": "drop table first;\n" });
    await migrate(client, log, { directory: later });
    await assert.rejects(migrate(client, log, { directory: folderOf({ "0001-expand-first.sql": first }) }), {
      name: "StorageRefused",
      message:
        "the database's schema is of a later version: 0002-contract-first took away what this version uses. " +
        "Start the version that brought it, or a later one",
    });
  });

  it("refuses a migration that comes before one that was applied", async () => {
    await migrate(client, log, { directory: folderOf({ "0002-expand-second.sql": "create table second ();\n" }) });
    const both = folderOf({ "0001-expand-first.sql": first, "0002-expand-second.sql": "create table second ();\n" });
    await assert.rejects(migrate(client, log, { directory: both }), {
      name: "StorageRefused",
      message:
        "0001-expand-first was not applied, but 0002-expand-second was, which comes after it: " +
        "give the newer one of the two a higher number",
    });
  });
});
