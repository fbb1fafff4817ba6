import type { Figures } from "./calls.js";
import type { Gateways } from "./gateways.js";
import { type ProgramName, programs } from "./programs.js";
import type { Streams } from "./streams.js";
import { type Comparison, type Measure, measures, titleOf } from "./throughput.js";

/** The first row is the head. */
export type Table = readonly (readonly string[])[];

/** The service's figures, and beside each peer's how many times those they are. */
export function comparisonTable(
  peers: readonly ProgramName[],
  comparisons: readonly Comparison[],
  peaks: ReadonlyMap<ProgramName, number>,
): Table {
  const peak = (name: ProgramName): number => peaks.get(name) ?? Number.NaN;
  return [
    ["", "", programs.service.title, ...peers.flatMap((peer) => [programs[peer].title, "ratio"])],
    ...comparisonRows("service", peers, comparisons),
    [
      "all of it",
      "peak MB",
      ...besideEach(
        "service",
        peers,
        (name) => peak(name).toFixed(0),
        (peer) => peak("service") / peak(peer),
      ),
    ],
  ];
}

/** One's figures in each scenario, and beside each other's how many times those they are. */
export const comparisonRows = <Name extends string>(
  one: Name,
  others: readonly Name[],
  comparisons: readonly Comparison<Name, Figures>[],
): Table =>
  comparisons.flatMap((comparison) =>
    (Object.keys(measures) as Measure[]).map((measure, index) => [
      index === 0 ? titleOf(comparison.scenario) : "",
      measures[measure].title,
      ...besideEach(
        one,
        others,
        (name) => comparison.typical(name, measure).toFixed(measures[measure].digits),
        (other) => comparison.ratio(one, other, measure),
      ),
    ]),
  );

const besideEach = <Name extends string>(
  one: Name,
  others: readonly Name[],
  of: (name: Name) => string,
  ratio: (other: Name) => number,
): readonly string[] => [of(one), ...others.flatMap((other) => [of(other), ratio(other).toFixed(2)])];

export const streamsTable = (rows: readonly Streams[]): Table => [
  ["streams open", "failed", "first token p50 ms", "ratio", "p99 ms", "ratio"],
  ...rows.map(({ mostOpen, failed, p50, p99 }) => [
    String(mostOpen),
    String(failed),
    p50.toFixed(0),
    (p50 / (rows[0]?.p50 ?? p50)).toFixed(2),
    p99.toFixed(0),
    (p99 / (rows[0]?.p99 ?? p99)).toFixed(2),
  ]),
];

/** That neither the client nor the upstream was what is measured, and whose answers were not whole. */
export function remarks(comparisons: readonly Comparison[], { gateways }: Gateways): readonly string[] {
  const loads = comparisons.flatMap((comparison) => comparison.all);
  const most = (who: "load" | "upstream"): string =>
    `${Math.round(100 * Math.max(...loads.map(({ cores }) => cores[who])))} %`;
  return [
    `Of a core the client took ${most("load")} at most, the upstream ${most("upstream")}.`,
    ...gateways.flatMap(({ name }) => {
      const of = comparisons.flatMap((comparison) => comparison.of(name));
      const sum = (what: "failed" | "answers"): number => of.reduce((total, load) => total + load[what], 0);
      if (sum("failed") === 0) return [];
      return [`Of ${programs[name].title}'s ${sum("answers")} answers ${sum("failed")} failed or were not whole.`];
    }),
  ];
}

/** Numbers stand right, words left. */
export function asText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const words = (column: number): boolean => table.slice(1).some((row) => Number.isNaN(Number(row[column])));
  return table
    .map((row) =>
      row
        .map((cell, column) => (words(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

export function asMarkdown([head = [], ...rows]: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
