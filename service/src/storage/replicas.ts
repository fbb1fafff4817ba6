import { DatabaseAway, type Queryable, type StorageHooks } from "./database.js";

/** How long a replica that did not answer is left out before one query tries it again. */
const REST_MS = 10_000;

interface Replica {
  readonly database: Queryable;
  /** 0: it answered last time. */
  restsUntil: number;
}

/**
 * Reads go to the replicas in turn. One that does not answer is left out for a while and the query goes to the next, at
 * last to the primary. An SQL error is the statement's own and would be the same everywhere.
 */
export class Replicas implements Queryable {
  readonly #replicas: readonly Replica[];
  #turn = 0;

  constructor(
    replicas: readonly Queryable[],
    private readonly primary: Queryable,
    private readonly hooks: StorageHooks = {},
    private readonly now: () => number = Date.now,
  ) {
    this.#replicas = replicas.map((database) => ({ database, restsUntil: 0 }));
  }

  async query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    const first = this.#turn++ % this.#replicas.length;
    for (const replica of [...this.#replicas.slice(first), ...this.#replicas.slice(0, first)]) {
      if (this.now() < replica.restsUntil) continue;
      // Only one query tries it: the others need not wait for its connection too.
      if (replica.restsUntil > 0) replica.restsUntil = this.now() + REST_MS;
      try {
        const rows = await replica.database.query<Row>(sql, values);
        replica.restsUntil = 0;
        return rows;
      } catch (error) {
        if (!(error instanceof DatabaseAway)) {
          replica.restsUntil = 0;
          throw error;
        }
        replica.restsUntil = this.now() + REST_MS;
        this.hooks.onFault?.(error);
      }
    }
    return this.primary.query<Row>(sql, values);
  }
}
