import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { inside } from "../inside.js";
import type { Labels } from "../peers.js";
import { tables } from "./metrics/names.js";
import type { MonitoringScene } from "./scene.js";

type Input<T> = pulumi.Input<T>;

/** Which names of an exporter are kept: those that rules and dashboards may ask for. */
export type Table = Exclude<keyof typeof tables, "service" | "cloud">;

export interface Monitor {
  /** What `job` says of every series. */
  readonly job: string;
  /** Where the pods are. */
  readonly namespace: Input<string>;
  readonly labels: Labels;
  readonly port: Input<number>;
  /** @default /metrics */
  readonly path?: Input<string>;
  /** Labels of every series beside those of all: `database`, `cache`, `service`. @default none */
  readonly adds?: Readonly<Record<string, string>>;
  /** Whether `node` says where the pod runs. @default false */
  readonly node?: boolean;
  /** Whether what the exporter says of pods is of others than itself. @default false */
  readonly honorLabels?: boolean;
  /** @default everything */
  readonly keeps?: Table | "process";
  /** Seconds between two looks. @default as everything */
  readonly interval?: number;
}

/**
 * A target with more series than this is not read at all: one that makes a series of each request would otherwise take
 * the memory of everything that is measured.
 */
const MOST_SERIES = 50_000;

/** What every program tells of itself, for exporters that nothing else is asked of. */
const PROCESS = "process_(cpu_seconds_total|resident_memory_bytes|start_time_seconds|open_fds|max_fds)";

export type Relabeling = Readonly<Record<string, unknown>>;

export const setLabel = (targetLabel: string, replacement: string): Relabeling => ({
  action: "replace",
  targetLabel,
  replacement,
});

/** A histogram is three series, and a summary two beside its own. */
export const keepNames = (table: Table | "process"): Relabeling => ({
  action: "keep",
  sourceLabels: ["__name__"],
  regex:
    table === "process"
      ? PROCESS
      : Object.entries(tables[table].metrics)
          .map(([name, { type }]) =>
            type === "histogram" || type === "summary" ? `${name}(_bucket|_sum|_count)?` : name,
          )
          .join("|"),
});

/** PodMonitor of prometheus-operator. All are in the one namespace that the operator looks at. */
export function renderMonitor(name: string, monitor: Monitor, namespace: Input<string>) {
  const {
    job,
    labels,
    port,
    path = "/metrics",
    adds = {},
    node = false,
    honorLabels = false,
    keeps,
    interval,
  } = monitor;
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { ...labels } },
      namespaceSelector: { matchNames: [monitor.namespace] },
      sampleLimit: MOST_SERIES,
      podMetricsEndpoints: [
        {
          portNumber: port,
          path,
          ...(honorLabels ? { honorLabels } : {}),
          ...(interval === undefined ? {} : { interval: `${interval}s` }),
          relabelings: [
            setLabel("job", job),
            ...Object.entries(adds).map(([label, value]) => setLabel(label, value)),
            ...(node
              ? [{ action: "replace", sourceLabels: ["__meta_kubernetes_pod_node_name"], targetLabel: "node" }]
              : []),
          ],
          ...(keeps === undefined ? {} : { metricRelabelings: [keepNames(keeps)] }),
        },
      ],
    },
  };
}

/**
 * `target` is the object's name, and `stem` begins its logical one. Its kind is there as soon as the definitions are: the
 * operator may come later.
 */
export const createMonitor = (
  stem: string,
  target: string,
  monitor: Monitor,
  { cluster, namespace }: Pick<MonitoringScene, "cluster" | "namespace">,
  definitions: pulumi.Resource,
  parent: pulumi.Resource,
): CustomResource =>
  new CustomResource(`${stem}-${target.replace(".", "-")}`, renderMonitor(target, monitor, namespace), {
    ...inside(cluster, parent),
    dependsOn: [definitions],
  });
