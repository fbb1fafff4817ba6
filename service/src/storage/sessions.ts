import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import {
  type Connections,
  DatabaseAway,
  type Operation,
  operations,
  type Queryable,
  type Statement,
  type StorageHooks,
} from "./database.js";
import { faultOf, isForgotten } from "./faults.js";
import { StatementNames } from "./statements.js";

const INT8 = 20;

/** pg gives `bigint` as text, because it may be more than a number holds; counts and sizes never are. */
export const types = new pg.TypeOverrides();
types.setTypeParser(INT8, (text: string) => {
  const number = Number(text);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${text} is too large for a number: select it as text`);
  return number;
});

/** Whether the code that runs now was called by a transaction's work, and that is not over yet. */
const scope = new AsyncLocalStorage<{ open: boolean }>();

/**
 * A pg pool that speaks in this service's errors. PostgreSQL and the embedded database, whose pool has one connection,
 * are both behind it, so that the tests on one hold for the other.
 */
export class Sessions implements Queryable {
  readonly #names = new StatementNames();
  #closed: Promise<void> | undefined;

  constructor(
    private readonly pool: pg.Pool,
    private readonly hooks: StorageHooks,
  ) {
    // An idle connection that the server ends; without a listener that would end the process.
    pool.on("error", (error) => {
      // pg-pool hangs the whole client on it, which is not for a log.
      Reflect.deleteProperty(error, "client");
      hooks.onFault?.(new DatabaseAway(error));
    });
  }

  async query<Row extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const began = performance.now();
    const session = await this.#borrow().catch((error: unknown) => {
      this.#report(sql, began, false);
      throw error;
    });
    try {
      return await this.#metered(sql, async () => {
        try {
          return await session.query<Row>(sql, values, this.#names.nameOf(sql));
        } catch (error) {
          if (!isForgotten(error)) throw error;
          this.#names.forget(sql);
          return await session.query<Row>(sql, values, undefined);
        }
      });
    } finally {
      session.release();
    }
  }

  async transaction<T>(work: (transaction: Queryable) => Promise<T>): Promise<T> {
    const session = await this.#borrow();
    const state = { open: true };
    const transaction: Queryable = {
      query: async (sql, values = []) => {
        if (!state.open) throw new Error("the transaction is over: its handle can't be used any more");
        return this.#metered(sql, () => this.#inTransaction(session, sql, values));
      },
    };
    try {
      await session.control("begin");
      const result = await scope.run(state, () => work(transaction));
      state.open = false;
      await session.commit();
      return result;
    } catch (error) {
      state.open = false;
      await session.rollback();
      throw error;
    } finally {
      session.release();
    }
  }

  connections(): Connections {
    const { totalCount, idleCount, waitingCount } = this.pool;
    return { active: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  /** Waits for what runs. */
  close(): Promise<void> {
    this.#closed ??= this.pool.end();
    return this.#closed;
  }

  /** A failed statement ended the transaction, so it can't be sent again here; a new transaction does without the name. */
  async #inTransaction<Row extends object>(session: Session, sql: string, values: readonly unknown[]) {
    try {
      return await session.query<Row>(sql, values, this.#names.nameOf(sql));
    } catch (error) {
      if (!isForgotten(error)) throw error;
      this.#names.forget(sql);
      throw new DatabaseAway(error);
    }
  }

  async #borrow(): Promise<Session> {
    // It would wait for a second connection while it holds the first: forever, when all others do the same.
    if (scope.getStore()?.open)
      throw new Error("the database was called inside a transaction: use the handle that the transaction's work gets");
    try {
      return new Session(await this.pool.connect());
    } catch (error) {
      throw new DatabaseAway(error);
    }
  }

  async #metered<T>(sql: string, run: () => Promise<T>): Promise<T> {
    const began = performance.now();
    let ok = false;
    try {
      const { around } = this.hooks;
      const result = await (around === undefined ? run() : around(statementOf(sql), run));
      ok = true;
      return result;
    } finally {
      this.#report(sql, began, ok);
    }
  }

  #report(sql: string, began: number, ok: boolean): void {
    this.hooks.onQuery?.({ operation: operationOf(sql), seconds: (performance.now() - began) / 1000, ok });
  }
}

/** One connection while somebody has it. */
class Session {
  #lost: Error | undefined;
  /** pg takes one statement at a time; a `Promise.all` inside a transaction is put in a row here. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: pg.PoolClient) {
    client.on("error", this.#onError);
  }

  async query<Row extends object>(
    sql: string,
    values: readonly unknown[],
    name: string | undefined,
  ): Promise<readonly Row[]> {
    const { rows } = await this.#send({ text: sql, values: [...values], ...(name === undefined ? {} : { name }) });
    return rows;
  }

  async control(command: "begin" | "commit"): Promise<string> {
    return (await this.#send({ text: command })).command;
  }

  async commit(): Promise<void> {
    // PostgreSQL answers ROLLBACK, and no error, when a statement before failed.
    if ((await this.control("commit")) !== "COMMIT")
      throw new Error("nothing of the transaction was kept: a statement in it failed, and its error was caught inside");
  }

  /** Never throws: the error that led here matters. When it fails the connection is given up, which rolls back too. */
  async rollback(): Promise<void> {
    if (this.#lost !== undefined) return;
    await this.#send({ text: "rollback" }).catch((error: Error) => {
      this.#lost ??= error;
    });
  }

  /** A lost connection is closed, not put back. */
  release(): void {
    this.client.release(this.#lost);
    this.client.off("error", this.#onError);
  }

  readonly #onError = (error: Error): void => {
    this.#lost ??= error;
  };

  #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const answer = this.#sendAfter(this.#last, query);
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  async #sendAfter(before: Promise<unknown>, query: pg.QueryConfig): Promise<pg.QueryResult> {
    await before;
    try {
      return await this.client.query(query);
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    // The connection's own error says more than the statement's that it took along.
    const fault = this.#lost === undefined ? faultOf(error) : new DatabaseAway(this.#lost);
    if (fault instanceof DatabaseAway) this.#lost ??= fault;
    throw fault;
  }
}

const statementOf = (sql: string): Statement => ({
  operation: operationOf(sql),
  table: /\b(?:from|into|update)\s+([a-z_]+)/i.exec(sql)?.[1],
});

function operationOf(sql: string): Operation {
  const word = /^\s*([a-z]+)/i.exec(sql)?.[1]?.toLowerCase();
  return operations.find((operation) => operation === word) ?? "other";
}
