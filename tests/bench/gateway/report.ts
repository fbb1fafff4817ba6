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
  const row = (
    where: string,
    what: string,
    of: (name: ProgramName) => string,
    ratio: (peer: ProgramName) => number,
  ) => [where, what, of("service"), ...peers.flatMap((peer) => [of(peer), ratio(peer).toFixed(2)])];
  const peak = (name: ProgramName): number => peaks.get(name) ?? Number.NaN;
  return [
    ["", "", programs.service.title, ...peers.flatMap((peer) => [programs[peer].title, "ratio"])],
    ...comparisons.flatMap((comparison) =>
      (Object.keys(measures) as Measure[]).map((measure, index) =>
        row(
          index === 0 ? titleOf(comparison.scenario) : "",
          measures[measure].title,
          (name) => comparison.typical(name, measure).toFixed(measures[measure].digits),
          (peer) => comparison.ratio("service", peer, measure),
        ),
      ),
    ),
    row(
      "all of it",
      "peak MB",
      (name) => peak(name).toFixed(0),
      (peer) => peak("service") / peak(peer),
    ),
  ];
}

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
  const words = (column: number): boolean => Number.isNaN(Number(table.at(-1)?.[column]));
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
