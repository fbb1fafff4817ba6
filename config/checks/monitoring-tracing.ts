import type { SettingsOfSchema } from "../schema.js";
import { runsHere } from "../uses.js";
import type { Path } from "../walk.js";
import { type Check, isSaid, remove, set } from "./finding.js";
import { isInCluster } from "./monitoring-storage.js";

/** What is said of traces, and would be of no use. */

const at: Path = ["monitoring", "tracing"];
/** Of a Jaeger that is not there. */
const ofOwnStore = ["retention", "storage"] as const;

export const tracesOnce: Check = ({ monitoring }, context, found) => {
  if (monitoring.mode !== "inCluster" || monitoring.tracing.otlp === undefined) return;
  for (const key of ofOwnStore) {
    const path = [...at, key];
    if (!isSaid(context, path)) continue;
    const what = `traces go to ${monitoring.tracing.otlp}, and no Jaeger keeps them here`;
    found.problem(path, what, "one of the two", remove(context, path));
  }
};

/** The token that goes along with traces, and where they go. */
const sentOn = (monitoring: SettingsOfSchema["monitoring"]) => {
  if (monitoring.mode === "none") return undefined;
  const own = monitoring.mode === "inCluster";
  const { otlp, token } = own ? monitoring.tracing : { otlp: monitoring.otlp, token: monitoring.otlpToken };
  const [address, key]: readonly [Path, Path] = own
    ? [
        [...at, "otlp"],
        [...at, "token"],
      ]
    : [
        ["monitoring", "otlp"],
        ["monitoring", "otlpToken"],
      ];
  return token === undefined ? undefined : { otlp, token, address, key };
};

export const traceToken: Check = ({ monitoring }, context, found) => {
  const sent = sentOn(monitoring);
  if (sent === undefined) return;
  const { otlp, token, address, key } = sent;
  if (otlp === undefined) {
    const what = `there is no ${address.join(".")} that it would go to`;
    found.problem(key, what, "both, or neither", remove(context, key));
    return;
  }
  const { protocol, hostname } = new URL(otlp);
  if (protocol === "https:" || isInCluster(hostname)) return;
  found.problem(
    address,
    `the token ${token} would go to ${hostname} unencrypted`,
    "an https address",
    set(context, address, otlp.replace(/^http:/, "https:")),
  );
};

/** A pod's calls on average, and what becomes of one: rough, so that only what can't be held by far is refused. */
const CALLS_PER_SECOND = 1;
const SPANS_PER_CALL = 10;
/** With the indexes, and what is not cleared away yet. */
const BYTES_PER_SPAN = 600;
/** Percent that failed or were slow. */
const KEPT_ALWAYS = 2;
const DAY = 86_400;

/** GiB that the traces of so many days take. */
export function traceGib({ services, monitoring }: SettingsOfSchema): number {
  if (monitoring.mode !== "inCluster") return 0;
  const { sampling, retention } = monitoring.tracing;
  const share = Math.min(100, sampling.percent + KEPT_ALWAYS) / 100;
  const spans = tracedPods(services) * CALLS_PER_SECOND * DAY * retention * SPANS_PER_CALL * share;
  return (spans * BYTES_PER_SPAN) / 1024 ** 3;
}

const tracedPods = (services: SettingsOfSchema["services"]): number =>
  Object.values(services)
    .filter((service) => runsHere(service) && service.kind !== "job")
    .reduce((sum, { replicas }) => sum + replicas.min, 0);

export const tracesFit: Check = (settings, context, found) => {
  const { monitoring, services } = settings;
  if (monitoring.mode !== "inCluster" || !monitoring.tracing.enabled || monitoring.tracing.otlp !== undefined) return;
  const { storage, retention, sampling } = monitoring.tracing;
  const gib = Math.ceil(traceGib(settings));
  if (gib <= storage) return;
  const path = [...at, "storage"];
  const what = `${storage} GiB, and ${retention} days of traces take about ${gib}: ${sampling.percent} % of a call a second of each of ${tracedPods(services)} pods`;
  const asked = isSaid(context, path) ? path : [...at, "retention"];
  if (isSaid(context, asked))
    found.problem(asked, what, `at least ${gib} GiB of storage, or fewer days`, set(context, path, gib));
  // Whoever keeps all traces of a stack that is hardly called says the share alone: this is too rough to refuse that.
  else found.warning(`${path.join(".")}: ${what}; ${set(context, path, gib)}`);
};
