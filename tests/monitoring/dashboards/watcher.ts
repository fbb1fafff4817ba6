import { setTimeout as pause } from "node:timers/promises";
import type { Prometheus, Sample } from "../support/prometheus.js";
import { filledIn, type Shown } from "./panels.js";

/** Long enough for two scrapes, and short enough to see that a load is over. */
const TIMES = { rate: 10, range: 60 };

interface Seen {
  /** Queries that never returned a number. */
  readonly silent: Set<string>;
  readonly values: Set<string>;
  last: string;
}

/** Looks at panels again and again, and remembers what it saw. */
export class Watcher {
  readonly #seen: ReadonlyMap<string, Seen>;

  constructor(
    private readonly panels: readonly Shown[],
    private readonly prometheus: Pick<Prometheus, "query">,
  ) {
    this.#seen = new Map(
      panels.map(({ name, queries }) => [name, { silent: new Set(queries), values: new Set(), last: "nothing" }]),
    );
  }

  async look(): Promise<void> {
    for (const { name, queries } of this.panels) {
      const seen = this.#of(name);
      const texts: string[] = [];
      for (const query of queries) {
        const numbers = (await this.prometheus.query(filledIn(query, TIMES))).filter(({ value }) =>
          Number.isFinite(value),
        );
        if (numbers.length > 0) seen.silent.delete(query);
        texts.push(textOf(numbers));
      }
      seen.last = texts.join(" ");
      if (texts.some((text) => text !== "")) seen.values.add(seen.last);
    }
  }

  /** Until the work is done; what it fails with is told at once. */
  async during(work: Promise<void>): Promise<void> {
    let over = false;
    const looking = (async () => {
      while (!over) {
        await this.look();
        await pause(100);
      }
    })();
    try {
      await work;
    } finally {
      over = true;
      await looking;
    }
  }

  seen(name: string): { readonly silent: readonly string[]; readonly values: number } {
    const { silent, values } = this.#of(name);
    return { silent: [...silent], values: values.size };
  }

  last(name: string): string {
    return this.#of(name).last;
  }

  #of(name: string): Seen {
    const seen = this.#seen.get(name);
    if (seen === undefined) throw new Error(`nobody watches ${name}`);
    return seen;
  }
}

const textOf = (samples: readonly Sample[]): string =>
  samples
    .map(({ metric, value }) => `${JSON.stringify(metric)}=${value}`)
    .sort()
    .join(" ");
