import { codeOf } from "../error-code.js";
import type { Queryable } from "./database.js";
import { kindOf, listMigrations, type Migration } from "./migrations.js";

/** Where node-pg-migrate writes down what it ran. */
export const migrationsTable = "schema_migrations";

const UNDEFINED_TABLE = "42P01";

export type SchemaState =
  /** `ahead`: what a later version added, which this one does not mind. */
  | { readonly state: "ready"; readonly ahead: readonly string[] }
  | { readonly state: "behind"; readonly missing: readonly string[]; readonly reason: string }
  | { readonly state: "refused"; readonly reason: string };

/**
 * Whether this code can work with what is in the database. It must have all of this code's `expand` migrations; what a
 * later version expanded is fine, so that the version before runs on the new schema; what a later version took away
 * is not. A `contract` migration of our own may be outstanding: the code does not use what it takes away.
 */
export async function schemaState(
  database: Queryable,
  known: readonly Migration[] = listMigrations(),
): Promise<SchemaState> {
  return compareSchema(await appliedMigrations(database), known);
}

export function compareSchema(applied: readonly string[], known: readonly Migration[]): SchemaState {
  const names = new Set(known.map(({ name }) => name));
  const ahead = applied.filter((name) => !names.has(name));
  const breaking = ahead.filter((name) => kindOf(name) !== "expand");
  if (breaking.length > 0)
    return {
      state: "refused",
      reason:
        `the database's schema is of a later version: ${breaking.join(", ")} took away what this version uses. ` +
        "Start the version that brought it, or a later one",
    };
  const missing = known
    .filter(({ name, kind }) => kind === "expand" && !applied.includes(name))
    .map(({ name }) => name);
  if (missing.length > 0)
    return {
      state: "behind",
      missing,
      reason: `the database's schema lacks ${missing.join(", ")}: run this version's migrate first`,
    };
  return { state: "ready", ahead };
}

/** None where no migration ever ran. */
export async function appliedMigrations(database: Queryable): Promise<readonly string[]> {
  try {
    const rows = await database.query<{ name: string }>(`select name from ${migrationsTable} order by id`);
    return rows.map(({ name }) => name);
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return [];
    throw error;
  }
}
