import { Refusal } from "../refusal.js";

/** What the service asks of a database, whichever it is: PostgreSQL behind a pool, or the embedded one. */
export interface Queryable {
  /**
   * Rows of one statement; values only ever as parameters. Both databases take and give the same: `bigint` is a number,
   * `bytea` a Buffer, `timestamptz` a Date, `jsonb` what it holds. A JSON value is passed as text (`JSON.stringify`),
   * because an array would become one of PostgreSQL's own.
   */
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface Database extends Queryable {
  readonly kind: "postgres" | "embedded";
  /** Lists and searches: a replica where there is one that answers, else the same database. May be a moment behind. */
  readonly replica: Queryable;
  /**
   * All of it or nothing. Inside only the handle that `work` gets may be used. A `DatabaseAway` from the commit leaves
   * open whether it was kept: the answer was lost.
   */
  transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What the opened databases say about themselves, for the gauge. */
export interface PooledDatabase extends Database {
  connections(): Connections;
}

export interface Connections {
  readonly active: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
}

export const operations = ["select", "insert", "update", "delete", "other"] as const;
export type Operation = (typeof operations)[number];

export interface QueryReport {
  readonly operation: Operation;
  /** Of the statement itself; where no connection was had, of the wait for one. */
  readonly seconds: number;
  readonly ok: boolean;
}

/** What may be said of a statement to anybody: its values are no part of it. */
export interface Statement {
  readonly operation: Operation;
  /** The table that it begins with, where it has one. */
  readonly table: string | undefined;
}

export interface StorageHooks {
  /** Runs a statement, and gives what that gives. */
  readonly around?: <T>(statement: Statement, run: () => Promise<T>) => Promise<T>;
  /** Called once a statement. */
  readonly onQuery?: (report: QueryReport) => void;
  /** What no caller gets to see: an idle connection that was lost, a replica that is left out for a while. */
  readonly onFault?: (error: Error) => void;
}

/** The database does not answer; the caller may try again. */
export class DatabaseAway extends Error {
  constructor(cause: unknown) {
    super(`the database does not answer: ${reasonOf(cause)}`, { cause });
    this.name = "DatabaseAway";
  }
}

/** What the storage refuses by itself, whoever opens it. */
export class StorageRefused extends Refusal {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StorageRefused";
  }
}

/** Refused for as long as another session is in the way: another try may help after all. */
export class StorageBusy extends StorageRefused {
  override name = "StorageBusy";
}

/** A row with this key is there already. */
export class Duplicate extends Error {
  constructor(readonly constraint: string) {
    super(`there is a row with this key already (${constraint})`);
    this.name = "Duplicate";
  }
}

/** It took longer than DATABASE_TIMEOUT and was ended by the database; nothing of it was kept. */
export class StatementTimeout extends Error {
  constructor(cause: unknown) {
    super(`a statement took too long: ${reasonOf(cause)}`, { cause });
    this.name = "StatementTimeout";
  }
}

/** A name with several addresses fails with an AggregateError, whose own message is empty. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join("; ");
  return cause instanceof Error ? cause.message : String(cause);
}
