import { median } from "../median.js";
import type { Figures } from "./calls.js";
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

/** What each made of a scenario, round by round. */
export class Comparison<Name extends string = ProgramName, Each extends Figures = Load> {
  readonly #loads = new Map<Name, Each[]>();

  constructor(readonly scenario: Scenario) {}

  add(name: Name, load: Each): void {
    this.#loads.set(name, [...this.of(name), load]);
  }

  of(name: Name): readonly Each[] {
    return this.#loads.get(name) ?? [];
  }

  typical(name: Name, measure: Measure): number {
    return median(this.of(name).map((load) => load[measure]));
  }

  /** Taken within each round, where both saw the same machine. */
  ratio(name: Name, beside: Name, measure: Measure): number {
    const others = this.of(beside);
    return median(this.of(name).map((load, round) => load[measure] / (others[round]?.[measure] ?? Number.NaN)));
  }

  get all(): readonly Each[] {
    return [...this.#loads.values()].flat();
  }
}

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Seconds. @default 2 */
  readonly warmUp?: number;
}

/** All programs in front of the upstream. */
export const compare = ({ gateways, upstream }: Gateways, scenario: Scenario, effort: Effort): Promise<Comparison> =>
  inTurns(scenario, gateways, (gateway, seconds) => load(gateway, upstream, { ...scenario, seconds }), effort);

/** Each after the other, round by round, so that what else the machine does meets all of them. */
export async function inTurns<Of extends { readonly name: string }, Each extends Figures>(
  scenario: Scenario,
  all: readonly Of[],
  load: (one: Of, seconds: number) => Promise<Each>,
  { rounds, seconds, warmUp = 2 }: Effort,
): Promise<Comparison<Of["name"], Each>> {
  const comparison = new Comparison<Of["name"], Each>(scenario);
  for (const one of all) await load(one, warmUp);
  for (let round = 0; round < rounds; round += 1)
    for (const one of all) comparison.add(one.name, await load(one, seconds));
  return comparison;
}
