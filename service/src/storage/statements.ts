import { createHash } from "node:crypto";

/**
 * Names under which statements are kept prepared on each connection: a read by key is parsed and planned once, which
 * measured half as many reads again from the same two cores. The name is made of the text, so that processes that share
 * connections through a pooler can never run another's statement under it.
 */
export class StatementNames {
  readonly #names = new Map<string, string | undefined>();

  /** Texts that are kept; what is put together anew for each call must not fill the server's memory. */
  static readonly limit = 200;

  nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || this.#names.has(sql) || this.#names.size >= StatementNames.limit) return known;
    const name = createHash("sha256").update(sql).digest("hex").slice(0, 32);
    this.#names.set(sql, name);
    return name;
  }

  /** From now on without a name: a pooler forgets it, or a migration changed what it gives. */
  forget(sql: string): void {
    this.#names.set(sql, undefined);
  }
}
