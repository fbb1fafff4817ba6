import type { CloudName } from "../../config/names.js";
import { options, type Value } from "./options.js";

/** One value of each option that a cloud has. */
export type Choice = Readonly<Record<string, string>>;
type Chosen = readonly [option: string, value: string];
/** Two values of different options. */
export type Pair = readonly [first: Chosen, second: Chosen];

type Values = Readonly<Record<string, readonly string[]>>;

const isOn = (cloud: CloudName, on: readonly CloudName[] | undefined): boolean => on?.includes(cloud) ?? true;

function split(cloud: CloudName, taken: boolean): Values {
  const own = Object.entries(options).filter(([, { on }]) => isOn(cloud, on));
  return Object.fromEntries(
    own.map(([option, { values }]) => [
      option,
      Object.keys(values).filter(
        (value) => isOn(cloud, values[value]?.only) && isOn(cloud, values[value]?.on) === taken,
      ),
    ]),
  );
}

/** The values that a cloud takes, of each option that it has. */
export const takenOn = (cloud: CloudName): Values => split(cloud, true);
/** The values that a cloud has not, of options that it has. */
export const refusedOn = (cloud: CloudName): readonly Chosen[] =>
  Object.entries(split(cloud, false)).flatMap(([option, values]) => values.map((value): Chosen => [option, value]));

export function valueOf([option, value]: Chosen): Value {
  const found = options[option]?.values[value];
  if (found === undefined) throw new Error(`option ${option} has no value ${value}`);
  return found;
}

/** Whether neither of two values needs something else than the other. */
const suit = (one: Chosen, other: Chosen): boolean => needsLess(one, other) && needsLess(other, one);
const needsLess = (one: Chosen, [option, value]: Chosen): boolean =>
  valueOf(one).needs?.[option]?.includes(value) ?? true;

/** What is still open beside a first few values: of every other option, the values that suit all of them. */
function openBeside(taken: Values, chosen: readonly Chosen[]): ReadonlyMap<string, readonly string[]> | undefined {
  if (chosen.some((one, index) => chosen.slice(index + 1).some((other) => !suit(one, other)))) return undefined;
  const others = Object.entries(taken).filter(([option]) => !chosen.some(([other]) => other === option));
  const open = others.map(([option, values]): [string, readonly string[]] => [
    option,
    values.filter((value) => chosen.every((other) => suit([option, value], other))),
  ]);
  // What has most to choose from comes first, while most is still missing.
  return new Map(open.sort(([, a], [, b]) => b.length - a.length));
}

type Rank = (values: readonly string[], option: string, chosen: readonly Chosen[]) => readonly string[];

/** Fills what is open, the best value of each option first; undefined where no choice holds all that was given. */
function complete(
  chosen: readonly Chosen[],
  open: ReadonlyMap<string, readonly string[]> | undefined,
  rank: Rank,
): readonly Chosen[] | undefined {
  if (open === undefined || [...open.values()].some((values) => values.length === 0)) return undefined;
  const [next] = open;
  if (next === undefined) return chosen;
  const [option, values] = next;
  for (const value of rank(values, option, chosen)) {
    const one: Chosen = [option, value];
    const left = [...open]
      .filter(([other]) => other !== option)
      .map(([other, theirs]): [string, readonly string[]] => [
        other,
        theirs.filter((their) => suit(one, [other, their])),
      ]);
    const found = complete([...chosen, one], new Map(left), rank);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every two values of different options that a cloud takes, whether or not they go together. */
export function pairsOn(cloud: CloudName): readonly Pair[] {
  const all = Object.entries(takenOn(cloud)).flatMap(([option, values]) =>
    values.map((value): Chosen => [option, value]),
  );
  return all.flatMap((first, index) =>
    all
      .slice(index + 1)
      .filter(([option]) => option !== first[0])
      .map((second): Pair => [first, second]),
  );
}

/** Whether any choice at all has both: tried through to the end. */
export const isPossible = (cloud: CloudName, pair: Pair): boolean =>
  complete(pair, openBeside(takenOn(cloud), pair), (values) => values) !== undefined;

/**
 * Choices in which every two values that go together are together at least once: each begins with a pair that is still
 * missing, and takes of every other option the value that brings most of the others that are.
 */
export function choicesOn(cloud: CloudName): readonly Choice[] {
  const taken = takenOn(cloud);
  const missing = new Map(pairsOn(cloud).map((pair) => [pairText(...pair), pair]));
  const byNews: Rank = (values, option, chosen) => {
    const news = new Map(
      values.map((value) => [value, chosen.filter((one) => missing.has(pairText(one, [option, value]))).length]),
    );
    return [...values].sort((a, b) => (news.get(b) ?? 0) - (news.get(a) ?? 0));
  };
  const choices: Choice[] = [];
  for (const [text, pair] of missing) {
    const chosen = complete(pair, openBeside(taken, pair), byNews);
    missing.delete(text);
    if (chosen === undefined) continue;
    const found = new Map(chosen);
    const choice = Object.fromEntries(Object.keys(taken).map((option) => [option, found.get(option) ?? ""]));
    for (const one of pairTextsIn(choice)) missing.delete(one);
    choices.push(choice);
  }
  return choices;
}

/** The same text whichever of the two comes first. */
export const pairText = (one: Chosen, other: Chosen): string =>
  [one, other]
    .map(([option, value]) => `${option}: ${value}`)
    .sort()
    .join(", ");

export function pairTextsIn(choice: Choice): readonly string[] {
  const entries = Object.entries(choice);
  return entries.flatMap((one, index) => entries.slice(index + 1).map((other) => pairText(one, other)));
}

/** Whether every value of a choice stands beside what it needs. */
export function isSound(choice: Choice): boolean {
  const entries = Object.entries(choice);
  return entries.every((one) => entries.every((other) => needsLess(one, other)));
}
