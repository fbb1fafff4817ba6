import service from "../../../service/metrics.json" with { type: "json" };
import alertmanager from "./alertmanager.json" with { type: "json" };
import blackboxExporter from "./blackbox-exporter.json" with { type: "json" };
import cadvisor from "./cadvisor.json" with { type: "json" };
import certManager from "./cert-manager.json" with { type: "json" };
import cloud from "./cloud.json" with { type: "json" };
import collector from "./collector.json" with { type: "json" };
import envoy from "./envoy.json" with { type: "json" };
import externalSecrets from "./external-secrets.json" with { type: "json" };
import fluentBit from "./fluent-bit.json" with { type: "json" };
import keda from "./keda.json" with { type: "json" };
import kubeStateMetrics from "./kube-state-metrics.json" with { type: "json" };
import kubelet from "./kubelet.json" with { type: "json" };
import nodeExporter from "./node-exporter.json" with { type: "json" };
import postgresExporter from "./postgres-exporter.json" with { type: "json" };
import prometheus from "./prometheus.json" with { type: "json" };
import redisExporter from "./redis-exporter.json" with { type: "json" };

/**
 * Every metric that rules and dashboards may name, and by which labels: the agent service's as it writes them down
 * itself, the others' as their own sources say (`source` in each file). A name that is in none does not compile; a label
 * that a metric has not fails a test.
 */
export const tables = {
  service,
  alertmanager,
  blackboxExporter,
  cadvisor,
  certManager,
  cloud,
  collector,
  envoy,
  externalSecrets,
  fluentBit,
  keda,
  kubeStateMetrics,
  kubelet,
  nodeExporter,
  postgresExporter,
  prometheus,
  redisExporter,
};

interface Metric {
  readonly type: string;
  readonly labels: readonly string[];
}

type Names<T> = T extends { metrics: infer M } ? keyof M & string : never;
export type MetricName = Names<(typeof tables)[keyof typeof tables]>;
/** What each cloud tells of its own parts, under the same names: `measure.ts` of each says by which query. */
export type CloudMetric = Names<typeof cloud>;
/** A histogram is three series. */
type SeriesName = MetricName | `${MetricName}_${"bucket" | "sum" | "count"}`;

const entries: readonly (readonly [name: string, metric: Metric])[] = Object.values(tables).flatMap(({ metrics }) =>
  Object.entries(metrics).map(
    ([name, { type, labels }]) =>
      [name, { type, labels: Array.isArray(labels) ? labels : Object.keys(labels) }] as const,
  ),
);

/** Each series by its name, with the labels that its exporter gives it. */
export const series: ReadonlyMap<string, readonly string[]> = new Map(
  entries.flatMap(([name, { type, labels }]): [string, readonly string[]][] => {
    if (type !== "histogram") return [[name, labels]];
    return [
      [`${name}_bucket`, [...labels, "le"]],
      [`${name}_sum`, labels],
      [`${name}_count`, labels],
    ];
  }),
);

/** A series' name, for templates of queries: `rate(${m.http_requests_total}[5m])`. */
export const m = Object.fromEntries([...series.keys()].map((name) => [name, name])) as {
  readonly [N in SeriesName]: N;
};

/**
 * What Prometheus adds to every series by where it was scraped: `environment` is the stack's; `service` (of services'
 * pods), `database`, `cache` and `check` are keys of the settings.
 */
export const targetLabels = [
  "environment",
  "job",
  "instance",
  "namespace",
  "pod",
  "container",
  "node",
  "service",
  "database",
  "cache",
  "check",
] as const;
