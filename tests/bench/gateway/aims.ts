import { type ProgramName, programs } from "./programs.js";
import type { Streams } from "./streams.js";
import { type Comparison, measures, titleOf } from "./throughput.js";

export type Peer = Exclude<ProgramName, "service">;

/** What is wanted, and what must hold on any machine, however busy: below that something broke. */
export type Standard = "aim" | "floor";

interface Aim {
  readonly peer: Peer;
  readonly measure: "perSecond" | "p50";
  /** The service's figure, in times the peer's. */
  readonly is: "at least" | "at most";
  readonly aim: number;
  readonly floor: number;
}

const aims: readonly Aim[] = [
  { peer: "portkey", measure: "perSecond", is: "at least", aim: 3, floor: 1 },
  { peer: "portkey", measure: "p50", is: "at most", aim: 0.34, floor: 1 },
  { peer: "bare", measure: "perSecond", is: "at least", aim: 0.6, floor: 0.2 },
  { peer: "litellm", measure: "perSecond", is: "at least", aim: 10, floor: 3 },
];

/** With 500 streams open, beside 50. */
const firstToken: { readonly [S in Standard]: number } = { aim: 1.5, floor: 3 };

/** A sentence for each one that was missed. What could not be measured misses it too. */
export function missedByComparisons(
  standard: Standard,
  peers: readonly Peer[],
  comparisons: readonly Comparison[],
): readonly string[] {
  return comparisons.flatMap((comparison) => {
    const failed = comparison.of("service").reduce((sum, load) => sum + load.failed, 0);
    const figures = aims
      .filter(({ peer }) => peers.includes(peer))
      .map((aim) => ({ ...aim, wanted: aim[standard], ratio: comparison.ratio("service", aim.peer, aim.measure) }))
      .filter(({ is, wanted, ratio }) => !(is === "at least" ? ratio >= wanted : ratio <= wanted))
      .map(
        ({ peer, measure, is, wanted, ratio }) =>
          `${measures[measure].title} ${ratio.toFixed(2)} times ${programs[peer].title}'s, wanted ${is} ${wanted}`,
      );
    return [...(failed === 0 ? [] : [`${failed} answers of the service failed`]), ...figures].map(
      (sentence) => `${titleOf(comparison.scenario)}: ${sentence}`,
    );
  });
}

export function missedByStreams(standard: Standard, few: Streams, many: Streams): readonly string[] {
  const failed = few.failed + many.failed;
  return [
    ...(failed === 0 ? [] : [`${failed} of the streams failed`]),
    // The last of a hundred waits for whatever else the machine does: that is no sign of something broken.
    ...(["p50", "p99"] as const)
      .filter((measure) => standard === "aim" || measure === "p50")
      .filter((measure) => !(many[measure] / few[measure] <= firstToken[standard]))
      .map(
        (measure) =>
          `${many.mostOpen} streams: the first token's ${measure} is ${(many[measure] / few[measure]).toFixed(2)} times that of ${few.mostOpen}, wanted at most ${firstToken[standard]}`,
      ),
  ];
}
