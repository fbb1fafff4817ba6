import type { sql } from "@pulumi/gcp/types/input.js";
import { parametersFor } from "../../config/postgres.js";

/**
 * What Cloud SQL takes as no flag of ours. It loads `pg_stat_statements` by itself, and its libraries are not for users
 * to choose. https://cloud.google.com/sql/docs/postgres/flags
 */
const notFlags: ReadonlySet<string> = new Set(["shared_preload_libraries"]);

/** The platform's parameters and those of the stack over them, as Cloud SQL's flags. */
export function flagsFor(
  memoryGiB: number,
  own: Readonly<Record<string, string>>,
): sql.DatabaseInstanceSettingsDatabaseFlag[] {
  const platform = Object.entries(parametersFor(memoryGiB, {})).filter(([name]) => !notFlags.has(name));
  // What the stack says itself is never left out: Cloud SQL says of a flag that it does not take.
  return Object.entries({ ...Object.fromEntries(platform), ...own }).map(([name, value]) => ({ name, value }));
}
