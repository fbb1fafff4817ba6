import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import pg from "pg";
import { extensions, readyDataDirectory } from "../../../service/src/storage/ready-data.js";

/** A client of an embedded database in which nothing is, as before the first migration. */
export async function bareClient(): Promise<{ readonly client: pg.Client; close(): Promise<void> }> {
  // Unpacking and emptying the ready directory takes a tenth of what initdb does.
  const pglite = await PGlite.create({ extensions, loadDataDir: await readyDataDirectory() });
  const client = new pg.Client(createPgConfig(pglite));
  await client.connect();
  await client.query("drop schema public cascade; create schema public");
  return {
    client,
    async close() {
      await client.end();
      await pglite.close();
    },
  };
}

/** A folder of migrations. */
export function migrationFiles(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "migrations-"));
  for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, name), sql);
  return folder;
}
