import assert from "node:assert/strict";
import type { PooledDatabase } from "../../../service/src/storage/database.js";
import { openInMemory } from "../../../service/src/storage/embedded.js";
import { listMigrations } from "../../../service/src/storage/migrations.js";
import { appliedMigrations, schemaState } from "../../../service/src/storage/schema.js";

describe("the schema that is found", () => {
  let database: PooledDatabase;
  before(async () => {
    database = await openInMemory();
  });
  after(() => database.close());

  const mine = listMigrations();
  const names = mine.map(({ name }) => name);
  /** As if exactly these had been applied. */
  async function applied(...list: readonly string[]): Promise<void> {
    await database.query("delete from schema_migrations");
    for (const name of list)
      await database.query("insert into schema_migrations (name, run_on) values ($1, now())", [name]);
  }

  it("is this version's own", async () => {
    assert.deepEqual(await appliedMigrations(database), names);
    assert.deepEqual(await schemaState(database), { state: "ready", ahead: [] });
  });

  it("is one that a later version expanded: it serves", async () => {
    await applied(...names, "0099-expand-more");
    assert.deepEqual(await schemaState(database), { state: "ready", ahead: ["0099-expand-more"] });
  });

  it("is one from which a later version took something away: it is refused, and says why", async () => {
    await applied(...names, "0098-expand-more", "0099-contract-less");
    assert.deepEqual(await schemaState(database), {
      state: "refused",
      reason:
        "the database's schema is of a later version: 0099-contract-less took away what this version uses. " +
        "Start the version that brought it, or a later one",
    });
  });

  it("is one that says neither: it is refused too", async () => {
    await applied(...names, "0099-something");
    assert.equal((await schemaState(database)).state, "refused");
  });

  it("is behind, and says what is missing", async () => {
    await applied(...names.slice(0, -2));
    assert.deepEqual(await schemaState(database), {
      state: "behind",
      missing: ["0005-expand-modes", "0006-expand-ws-tickets"],
      reason: "the database's schema lacks 0005-expand-modes, 0006-expand-ws-tickets: run this version's migrate first",
    });
  });

  it("may still have what this version's own contract migration takes away", async () => {
    await applied(...names);
    const known = [...mine, { name: "0099-contract-less", kind: "contract", sql: "", inTransaction: true }] as const;
    assert.deepEqual(await schemaState(database, known), { state: "ready", ahead: [] });
  });

  it("is of a database where no migration ever ran", async () => {
    await database.query("alter table schema_migrations rename to away");
    const state = await schemaState(database);
    assert.deepEqual([state.state, "missing" in state && state.missing], ["behind", names]);
  });
});
