import { median } from "../median.js";
import type { Gateways } from "./gateways.js";
import { type Load, load } from "./load.js";
import type { ProgramName } from "./programs.js";

export interface Scenario {
  readonly streamed: boolean;
  readonly connections: number;
}

export const scenarios: readonly Scenario[] = [false, true].flatMap((streamed) =>
  [10, 100].map((connections) => ({ streamed, connections })),
);

export const titleOf = ({ streamed, connections }: Scenario): string =>
  `${streamed ? "streamed" : "whole"}, ${connections} at once`;

export const measures = {
  perSecond: { title: "answers/s", digits: 0 },
  p50: { title: "p50 ms", digits: 1 },
  p99: { title: "p99 ms", digits: 1 },
} as const;
export type Measure = keyof typeof measures;

/** What the programs made of a scenario, round by round. */
export class Comparison {
  readonly #loads = new Map<ProgramName, Load[]>();

  constructor(readonly scenario: Scenario) {}

  add(name: ProgramName, load: Load): void {
    this.#loads.set(name, [...this.of(name), load]);
  }

  of(name: ProgramName): readonly Load[] {
    return this.#loads.get(name) ?? [];
  }

  typical(name: ProgramName, measure: Measure): number {
    return median(this.of(name).map((load) => load[measure]));
  }

  /** Taken within each round, where both saw the same machine. */
  ratio(name: ProgramName, beside: ProgramName, measure: Measure): number {
    const others = this.of(beside);
    return median(this.of(name).map((load, round) => load[measure] / (others[round]?.[measure] ?? Number.NaN)));
  }

  get all(): readonly Load[] {
    return [...this.#loads.values()].flat();
  }
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

const WARM_UP_SECONDS = 2;

/** All programs in turns, so that what else the machine does meets all of them. */
export async function compare(
  { gateways, upstream }: Gateways,
  scenario: Scenario,
  { rounds, seconds }: Effort,
): Promise<Comparison> {
  const comparison = new Comparison(scenario);
  for (const gateway of gateways) await load(gateway, upstream, { ...scenario, seconds: WARM_UP_SECONDS });
  for (let round = 0; round < rounds; round += 1)
    for (const gateway of gateways)
      comparison.add(gateway.name, await load(gateway, upstream, { ...scenario, seconds }));
  return comparison;
}
