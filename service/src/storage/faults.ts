import { DatabaseAway, Duplicate, StatementTimeout } from "./database.js";

/** What pg's, PGlite's and Node's own errors have in common. */
interface Fields {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly constraint?: unknown;
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const awayStates: ReadonlySet<unknown> = new Set([
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "08007",
  "57P01", // admin_shutdown
  "57P02", // crash_shutdown
  "57P03", // cannot_connect_now: starting, or a standby that is not ready
  "57P05", // idle_session_timeout
  "53300", // too_many_connections
  // read_only_sql_transaction: this was the primary before a failover. A new connection finds the new one.
  "25006",
]);

const awaySockets: ReadonlySet<unknown> = new Set([
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ETIMEDOUT",
]);

/** pg's own errors have no code. */
const awayMessages: ReadonlySet<unknown> = new Set([
  "Connection terminated",
  "Connection terminated unexpectedly",
  "Client has encountered a connection error and is not queryable",
  "Client was closed and is not queryable",
  "Query read timeout",
]);

/** FATAL and PANIC end the session, whatever the code: a pooler that finds no server says 08P01, as a wrong number of values does. */
const isAway = ({ code, severity, message }: Fields): boolean =>
  severity === "FATAL" ||
  severity === "PANIC" ||
  awayStates.has(code) ||
  awaySockets.has(code) ||
  awayMessages.has(message);

/** What a caller can act on, as its own class; the rest as it is. */
export function faultOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return error;
  const fields: Fields = error;
  if (isAway(fields)) return new DatabaseAway(error);
  if (fields.code === "57014") return new StatementTimeout(error);
  if (fields.code === "23505") return new Duplicate(String(fields.constraint));
  // `Failing row contains (...)`: a row's values, which have no place in a log.
  if ("detail" in error) error.detail = undefined;
  return error;
}

/**
 * A named statement that the server does not have, has already, or can't use any more because a migration changed the
 * table. It was not run, so the same statement may be sent again without a name.
 */
export function isForgotten(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, message }: Fields = error;
  return (
    code === "26000" || code === "42P05" || (code === "0A000" && message === "cached plan must not change result type")
  );
}
