import assert from "node:assert/strict";
import {
  DatabaseAway,
  Duplicate,
  type PooledDatabase,
  type QueryReport,
} from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";

const template = "insert into templates (id, tenant_id, name, body, variables) values ($1, $2, $3, $4, $5)";
const audit = "insert into audit (tenant_id, principal, action, target) values ($1, 'key:1', 'a.b', 'x')";

describe("the database", () => {
  let database: PooledDatabase;
  let reports: QueryReport[] = [];
  before(async () => {
    database = await openInMemory({ onQuery: (report) => reports.push(report) });
  });
  after(() => database.close());
  afterEach(() => database.query("delete from templates"));

  const namesIn = async (): Promise<readonly string[]> =>
    (await database.query<{ name: string }>("select name from templates order by name")).map(({ name }) => name);

  it("gives numbers, bytes, times and JSON as such", async () => {
    const hash = Buffer.alloc(32, 7);
    const until = new Date("2030-01-02T03:04:05.678Z");
    await database.query(
      `insert into api_keys (id, tenant_id, name, role, scopes, hash, pepper, created_by, expires_at)
       values ('k', 't', 'n', 'viewer', $1, $2, 3, 'me', $3)`,
      [["a:read", 'with "quotes", and a comma'], hash, until],
    );
    const [key] = await database.query("select scopes, hash, pepper, expires_at, revoked_at from api_keys");
    assert.deepEqual(
      { ...key },
      {
        scopes: ["a:read", 'with "quotes", and a comma'],
        hash,
        pepper: 3,
        expires_at: until,
        revoked_at: null,
      },
    );
    await database.query(template, ["1", "t", "a", "b", JSON.stringify([{ name: "x", a: null }])]);
    const [row] = await database.query(
      "select variables, version, (select count(*) from templates) as rows from templates",
    );
    assert.deepEqual({ ...row }, { variables: [{ name: "x", a: null }], version: 1, rows: 1 });
  });

  it("keeps times to the millisecond, so that a page can begin after one", async () => {
    await database.query(template, ["1", "t", "a", "b", "{}"]);
    const [row] = await database.query<{ created_at: Date }>("select created_at from templates");
    assert.deepEqual(await database.query("select id from templates where created_at = $1", [row?.created_at]), [
      { id: "1" },
    ]);
  });

  it("does not round a number that is too large", async () => {
    assert.deepEqual(await database.query("select 9007199254740991::bigint as n"), [{ n: 9007199254740991 }]);
    await assert.rejects(database.query("select 9007199254740993::bigint as n"), {
      name: "RangeError",
      message: "9007199254740993 is too large for a number: select it as text",
    });
    assert.deepEqual(await database.query("select 1 as n"), [{ n: 1 }]);
  });

  it("says which key a duplicate has", async () => {
    await database.query(template, ["1", "t", "a", "b", "{}"]);
    await assert.rejects(database.query(template, ["2", "t", "a", "b", "{}"]), (error) => {
      assert.ok(error instanceof Duplicate);
      assert.equal(error.constraint, "templates_name");
      assert.equal(error.message, "there is a row with this key already (templates_name)");
      return true;
    });
    await database.query(template, ["2", "another", "a", "b", "{}"]);
    await assert.rejects(database.query(template, ["1", "t", "c", "b", "{}"]), { constraint: "templates_pkey" });
  });

  it("leaves a row's values out of its errors", async () => {
    const wrong =
      "insert into api_keys (id, tenant_id, name, role, scopes, hash, pepper, created_by) values ('z', 't', 'n', 'king', '{}', $1, 0, 'me')";
    await assert.rejects(database.query(wrong, [Buffer.alloc(32, 0xab)]), (error: Error) => {
      assert.equal(error.message, 'new row for relation "api_keys" violates check constraint "api_keys_role_check"');
      assert.doesNotMatch(JSON.stringify({ ...error }), /abab/);
      return true;
    });
  });

  it("goes on after errors of every kind", async () => {
    const errors: readonly (readonly [sql: string, values: readonly unknown[], code: string])[] = [
      ["selec", [], "42601"],
      ["select 1; select 2", [], "42601"],
      ["select $1::int", ["x"], "22P02"],
      ["select $1::text", ["a\0b"], "22021"],
      ["select 1 / $1::int", [0], "22012"],
      ["select * from nowhere", [], "42P01"],
      ["select $1::int, $2::int", [1], "08P01"],
    ];
    for (const [sql, values, code] of errors) await assert.rejects(database.query(sql, values), { code }, sql);
    assert.deepEqual(await database.query("select 1 as n"), [{ n: 1 }]);
  });

  it("reports each statement once", async () => {
    reports = [];
    await database.query("select 1");
    await database.query("  INSERT into modes values ('read_only', true, null, 'me')");
    await database.query("update modes set enabled = false");
    await database.query("delete from modes");
    await database.query("with x as (select 1) select * from x");
    await assert.rejects(database.query("select nothing"));
    await database.transaction(async (transaction) => {
      await transaction.query(template, ["1", "t", "a", "b", "{}"]);
    });
    assert.deepEqual(
      reports.map(({ operation, ok }) => [operation, ok]),
      [
        ["select", true],
        ["insert", true],
        ["update", true],
        ["delete", true],
        ["other", true],
        ["select", false],
        ["insert", true],
      ],
    );
    assert.ok(reports.every(({ seconds }) => seconds > 0));
    assert.deepEqual(database.connections(), { active: 0, idle: 1, waiting: 0 });
  });

  describe("a transaction", () => {
    it("keeps all of it, and gives what the work gave", async () => {
      const given = await database.transaction(async (transaction) => {
        await transaction.query(template, ["1", "t", "a", "b", "{}"]);
        await transaction.query(template, ["2", "t", "b", "b", "{}"]);
        return "given";
      });
      assert.equal(given, "given");
      assert.deepEqual(await namesIn(), ["a", "b"]);
    });

    it("keeps nothing when the work fails", async () => {
      const failure = new Error("no");
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.query(template, ["1", "t", "a", "b", "{}"]);
          throw failure;
        }),
        failure,
      );
      assert.deepEqual(await namesIn(), []);
    });

    it("keeps nothing when a statement fails", async () => {
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.query(template, ["1", "t", "a", "b", "{}"]);
          await transaction.query(template, ["1", "t", "b", "b", "{}"]);
        }),
        Duplicate,
      );
      assert.deepEqual(await namesIn(), []);
    });

    it("does not pretend to have kept what a caught error undid", async () => {
      await assert.rejects(
        database.transaction(async (transaction) => {
          await transaction.query(template, ["1", "t", "a", "b", "{}"]);
          await transaction.query(template, ["1", "t", "b", "b", "{}"]).catch(() => undefined);
        }),
        { message: "nothing of the transaction was kept: a statement in it failed, and its error was caught inside" },
      );
      assert.deepEqual(await namesIn(), []);
    });

    it("takes several statements at once, in their order", async () => {
      await database.transaction(async (transaction) => {
        await Promise.all(["a", "b", "c"].map((name) => transaction.query(template, [name, "t", name, "b", "{}"])));
      });
      assert.deepEqual(await namesIn(), ["a", "b", "c"]);
    });

    it("does not mix with others", async () => {
      const add = (name: string) =>
        database.transaction(async (transaction) => {
          const [row] = await transaction.query<{ rows: number }>("select count(*) as rows from templates");
          await transaction.query(template, [name, "t", `${name}${row?.rows}`, "b", "{}"]);
        });
      await Promise.all(["a", "b", "c"].map(add));
      assert.deepEqual(await namesIn(), ["a0", "b1", "c2"]);
    });

    it("is not left by its work, which would wait for itself", async () => {
      const message = "the database was called inside a transaction: use the handle that the transaction's work gets";
      await assert.rejects(
        database.transaction(() => database.query("select 1")),
        { message },
      );
      await assert.rejects(
        database.transaction(() => database.replica.query("select 1")),
        { message },
      );
      await assert.rejects(
        database.transaction(() => database.transaction(async () => undefined)),
        { message },
      );
    });

    it("can't be used when it is over", async () => {
      let later: Promise<unknown> | undefined;
      const handle = await database.transaction(async (transaction) => {
        later = new Promise((resolve) => setImmediate(resolve)).then(() => database.query("select 2 as n"));
        return transaction;
      });
      await assert.rejects(handle.query("select 1"), {
        message: "the transaction is over: its handle can't be used any more",
      });
      assert.deepEqual(await later, [{ n: 2 }]);
    });
  });

  describe("a statement that is kept prepared", () => {
    const sql = "select * from templates where id = $1";

    it("is sent anew when a pooler's other session does not have it", async () => {
      for (const _ of [1, 2]) {
        assert.deepEqual(await database.query(sql, ["1"]), []);
        await database.query("deallocate all");
      }
    });

    it("is sent anew when a migration changed what it gives", async () => {
      const another = "select * from templates where name = $1";
      assert.deepEqual(await database.query(another, ["1"]), []);
      await database.query("alter table templates add column later text");
      assert.deepEqual(await database.query(another, ["1"]), []);
    });

    it("makes a transaction one to try again", async () => {
      const once = () => database.transaction((transaction) => transaction.query("select 3 as n"));
      assert.deepEqual(await once(), [{ n: 3 }]);
      await database.query("deallocate all");
      await assert.rejects(once(), DatabaseAway);
      assert.deepEqual(await once(), [{ n: 3 }]);
    });
  });

  describe("the audit", () => {
    it("is only ever added to", async () => {
      await database.query(audit, ["t"]);
      for (const [sql, word] of [
        ["update audit set action = 'c'", "UPDATE"],
        ["delete from audit", "DELETE"],
        ["delete from audit where id = -1", "DELETE"],
        ["truncate audit", "TRUNCATE"],
      ] as const)
        await assert.rejects(database.query(sql), {
          code: "42501",
          message: `audit is append-only: ${word} is refused`,
        });
      assert.deepEqual(await database.query("select id, tenant_id, detail from audit"), [
        { id: 1, tenant_id: "t", detail: {} },
      ]);
    });

    it("numbers its rows itself", async () => {
      await assert.rejects(
        database.query("insert into audit (id, tenant_id, principal, action, target) values (7, 't', 'p', 'a', 'x')"),
        { code: "428C9" },
      );
    });
  });

  it("is away when it was closed", async () => {
    const other = await openInMemory();
    await Promise.all([other.close(), other.close()]);
    await assert.rejects(other.query("select 1"), (error) => {
      assert.ok(error instanceof DatabaseAway);
      assert.equal(error.message, "the database does not answer: Cannot use a pool after calling end on the pool");
      return true;
    });
  });
});
