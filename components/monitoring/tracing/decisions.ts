import type { Traces } from "../../../config/monitoring/tracing.js";
import type { Settings } from "../../../config/settings.js";
import { runsHere } from "../../../config/uses.js";

type Stack = Pick<Settings, "services">;

/** Half of the memory, at some 10 KiB a trace. */
const TRACES_PER_GIB = 50_000;
/** Spans come in batches, up to 5 s after they ended. */
const LATE = 10;
/** What takes longer is judged by its beginning: it would only fill the memory. */
const LONGEST = 600;

/**
 * Which traces are kept, decided when they are whole: what failed, what was slow, and a share of the others. That is
 * some seconds after the first span of all has ended; without one, because who called is not traced here, after the
 * longest request that the stack lets run.
 */
export const renderDecisions = ({ sampling, memory }: Traces, stack: Stack) => ({
  decision_wait: `${longestRequest(stack) + LATE}s`,
  decision_wait_after_root_received: `${LATE}s`,
  num_traces: Math.round(memory * TRACES_PER_GIB),
  // Ids alone, so that what comes after the decision follows it.
  decision_cache: {
    sampled_cache_size: Math.round(memory * TRACES_PER_GIB * 4),
    non_sampled_cache_size: Math.round(memory * TRACES_PER_GIB * 4),
  },
  policies: [
    { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
    // It keeps what takes more whole milliseconds than that.
    { name: "slow", type: "latency", latency: { threshold_ms: Math.round(sampling.slow * 1000) - 1 } },
    {
      name: "rest",
      type: "and",
      and: {
        and_sub_policy: [
          ...notProbes(probedPaths(stack)),
          { name: "share", type: "probabilistic", probabilistic: { sampling_percentage: sampling.percent } },
        ],
      },
    },
  ],
});

const longestRequest = ({ services }: Stack): number =>
  Math.min(
    LONGEST,
    Math.max(
      60,
      ...Object.values(services).flatMap(({ requestTimeout, routes }) => [
        requestTimeout,
        ...routes.map(({ timeout }) => timeout ?? 0),
      ]),
    ),
  );

/** A probe every few seconds from each node would be most of what is kept. One that fails or is slow is kept. */
const notProbes = (paths: readonly string[]) =>
  paths.length === 0
    ? []
    : [
        {
          name: "no-probe",
          type: "not",
          not: {
            not_sub_policy: {
              name: "probe",
              type: "string_attribute",
              string_attribute: { key: "url.path", values: paths },
            },
          },
        },
      ];

const probedPaths = ({ services }: Stack): readonly string[] => {
  const paths = Object.values(services)
    .filter(runsHere)
    .flatMap(({ probes, metrics }) => [probes.startup, probes.ready, probes.live, metrics?.path]);
  return [...new Set(paths.flatMap((path) => path ?? []))].sort();
};
