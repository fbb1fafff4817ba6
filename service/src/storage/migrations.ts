import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** `expand` is fine with the version before; `contract` takes away what that version may still use. */
export type MigrationKind = "expand" | "contract";

export interface Migration {
  /** The file's name without `.sql`; what the database remembers it by. */
  readonly name: string;
  readonly kind: MigrationKind;
  readonly sql: string;
  /** `create index concurrently` can't be in one; see migrations/README.md. */
  readonly inTransaction: boolean;
}

export const migrationsDirectory = fileURLToPath(new URL("./migrations/", import.meta.url));

const OUTSIDE = "-- outside a transaction\n";
const pattern = /^\d{4}-(expand|contract)-[a-z0-9]+(-[a-z0-9]+)*$/;

/** `undefined` where the name says neither. */
export const kindOf = (name: string): MigrationKind | undefined =>
  pattern.test(name) ? (name.slice(5).startsWith("expand-") ? "expand" : "contract") : undefined;

/** In the order in which they run. */
export function listMigrations(directory: string = migrationsDirectory): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((file) => file.endsWith(".sql"))
    .map((file) => file.slice(0, -".sql".length))
    .sort();
  return names.map((name, index) => {
    const kind = kindOf(name);
    if (kind === undefined)
      throw new Error(
        `migration '${name}.sql': expected a name such as 0001-expand-title.sql or 0001-contract-title.sql`,
      );
    const before = names[index - 1];
    if (before?.slice(0, 4) === name.slice(0, 4))
      throw new Error(`migrations '${before}.sql' and '${name}.sql' have the same number; expected one each`);
    const sql = readFileSync(join(directory, `${name}.sql`), "utf8").replaceAll("\r\n", "\n");
    const inTransaction = !sql.startsWith(OUTSIDE);
    if (!inTransaction && statementsIn(sql) !== 1)
      throw new Error(
        `migration '${name}.sql' runs outside a transaction, so it can't be undone in the middle: expected one statement`,
      );
    return { name, kind, sql, inTransaction };
  });
}

const statementsIn = (sql: string): number =>
  sql
    .replace(/--.*$/gm, "")
    .split(";")
    .filter((statement) => statement.trim() !== "").length;
