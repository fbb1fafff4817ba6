import { m } from "../metrics/names.js";
import { dashboard } from "./dashboard.js";
import { graph, type PanelOf, stat, table } from "./panel.js";
import { max, min, of, rate, sum, top } from "./query.js";
import { type DashboardScope, levelsOf, limitOf } from "./scope.js";

/** What services stand on: nodes, pods, disks, certificates, and what watches them. */
export const infrastructure = (scope: DashboardScope) =>
  dashboard(
    {
      uid: "infrastructure",
      title: "Infrastructure",
      about: "What services stand on: nodes, pods, disks, certificates, and what watches all that.",
      rows: [
        { title: "Nodes", panels: () => nodes(scope) },
        { title: "Pods", panels: () => pods(scope) },
        { title: "Disks and certificates", panels: () => keeping(scope) },
        { title: "What watches", panels: watching },
      ],
    },
    scope,
  );

/** Files of the node itself, and none that live in memory. */
const DISKS = 'fstype!~"tmpfs|ramfs|overlay|squashfs"';
const CONTAINERS = 'container!=""';

export const nodesReady = (): PanelOf =>
  stat({
    title: "Nodes",
    about: "Nodes that are ready, and those that are not.",
    unit: "short",
    queries: [
      { expr: sum([], of(m.kube_node_status_condition, 'condition="Ready"', 'status="true"')), legend: "ready" },
      { expr: sum([], of(m.kube_node_status_condition, 'condition="Ready"', 'status!="true"')), legend: "not ready" },
    ],
  });

const nodes = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Processor of nodes",
    about: "Part of each node's processor time that is used.",
    unit: "percentunit",
    limits: limitOf(scope, "nodeCpu", 100),
    queries: [{ expr: `1 - avg by (node) (${rate(of(m.node_cpu_seconds_total, 'mode="idle"'))})`, legend: "{{node}}" }],
  }),
  graph({
    title: "Memory of nodes",
    about: "Part of each node's memory that is used.",
    unit: "percentunit",
    limits: limitOf(scope, "nodeMemory", 100),
    queries: [
      {
        expr: `1 - ${of(m.node_memory_MemAvailable_bytes)} / ${of(m.node_memory_MemTotal_bytes)}`,
        legend: "{{node}}",
      },
    ],
  }),
  graph({
    title: "Disks of nodes",
    about: "Part of each node's fullest file system that is used.",
    unit: "percentunit",
    limits: levelsOf(scope, "nodeDisk"),
    queries: [
      {
        expr: `1 - ${min(["node"], `${of(m.node_filesystem_avail_bytes, DISKS)} / ${of(m.node_filesystem_size_bytes, DISKS)}`)}`,
        legend: "{{node}}",
      },
    ],
  }),
  graph({
    title: "Network of nodes",
    about: "Bytes a second that each node gets and sends.",
    unit: "Bps",
    queries: [
      { expr: sum(["node"], rate(of(m.node_network_receive_bytes_total, 'device!="lo"'))), legend: "{{node}} in" },
      { expr: sum(["node"], rate(of(m.node_network_transmit_bytes_total, 'device!="lo"'))), legend: "{{node}} out" },
    ],
  }),
  graph({
    title: "Promised and there",
    about: "Part of all nodes' cores and memory that pods are promised. At 100 % no new pod finds a place.",
    unit: "percentunit",
    limits: { warn: 0.8, bad: 0.9 },
    queries: ["cpu", "memory"].map((resource) => ({
      expr: `${sum([], of(m.kube_pod_container_resource_requests, `resource="${resource}"`))} / ${sum([], of(m.kube_node_status_allocatable, `resource="${resource}"`))}`,
      legend: resource,
    })),
  }),
  nodesReady(),
  stat({
    title: "Nodes under pressure",
    about: "Nodes with too little memory, disk or process numbers left: pods are sent away from them.",
    unit: "short",
    limits: { bad: 1 },
    queries: [
      {
        expr: sum([], of(m.kube_node_status_condition, 'condition=~".*Pressure"', 'status="true"')),
        legend: "under pressure",
      },
    ],
  }),
];

export const podsWanted = (): PanelOf =>
  graph({
    title: "Pods wanted and there",
    about:
      "Part of the wanted pods of each service that take calls. Below 100 % outside of a rollout something is wrong.",
    unit: "percentunit",
    limits: { warn: 0.99, bad: 0.5, lessIsWorse: true },
    queries: [
      {
        expr: `${of(m.kube_deployment_status_replicas_available, 'deployment=~"$service"')} / (${of(m.kube_deployment_spec_replicas, 'deployment=~"$service"')} > 0)`,
        legend: "{{deployment}}",
      },
    ],
  });

const pods = (scope: DashboardScope): readonly PanelOf[] => [
  podsWanted(),
  graph({
    title: "Pods by phase",
    about: "Pods of the whole cluster.",
    unit: "short",
    stacked: true,
    queries: [{ expr: sum(["phase"], of(m.kube_pod_status_phase)), legend: "{{phase}}" }],
  }),
  graph({
    title: "Autoscalers",
    about: "Part of the most pods that an autoscaler may start and has started. At 100 % it can add none.",
    unit: "percentunit",
    limits: { warn: 0.9, bad: 1 },
    queries: [
      {
        expr: `${of(m.kube_horizontalpodautoscaler_status_current_replicas)} / ${of(m.kube_horizontalpodautoscaler_spec_max_replicas)}`,
        legend: "{{horizontalpodautoscaler}}",
      },
    ],
  }),
  graph({
    title: "Processor of pods",
    about: "Cores that the ten hungriest pods use.",
    unit: "short",
    queries: [
      {
        expr: top(10, sum(["namespace", "pod"], rate(of(m.container_cpu_usage_seconds_total, CONTAINERS)))),
        legend: "{{namespace}} {{pod}}",
      },
    ],
  }),
  graph({
    title: "Memory of pods",
    about: "Part of its limit that each of the ten fullest pods uses. At 100 % it is killed.",
    unit: "percentunit",
    limits: levelsOf(scope, "podMemory"),
    queries: [
      {
        expr: top(
          10,
          `${sum(["namespace", "pod"], of(m.container_memory_working_set_bytes, CONTAINERS))} / ${sum(["namespace", "pod"], of(m.kube_pod_container_resource_limits, 'resource="memory"'))}`,
        ),
        legend: "{{namespace}} {{pod}}",
      },
    ],
  }),
  graph({
    title: "Held back",
    about: "Part of the time in which a pod with a limit of processor time wanted more of it than it may have.",
    unit: "percentunit",
    limits: { warn: 0.25, bad: 0.5 },
    queries: [
      {
        expr: top(
          10,
          `${sum(["namespace", "pod"], rate(of(m.container_cpu_cfs_throttled_periods_total)))} / (${sum(["namespace", "pod"], rate(of(m.container_cpu_cfs_periods_total)))} > 0)`,
        ),
        legend: "{{namespace}} {{pod}}",
      },
    ],
  }),
  graph({
    title: "Restarts",
    about: "Times that containers were started again within a quarter of an hour.",
    unit: "short",
    limits: { warn: 1, bad: 3 },
    queries: [
      {
        expr: `${sum(["namespace", "pod"], `increase(${of(m.kube_pod_container_status_restarts_total)}[15m])`)} > 0`,
        legend: "{{namespace}} {{pod}}",
      },
    ],
  }),
  table({
    title: "Containers that wait",
    about: "Containers that do not run now, and why: no image, a crash loop, a wrong configuration.",
    unit: "short",
    hidden: ["Value"],
    queries: [
      {
        expr: `${max(["namespace", "pod", "container", "reason"], of(m.kube_pod_container_status_waiting_reason))} > 0`,
        legend: "",
      },
    ],
  }),
  table({
    title: "Jobs that failed",
    about: "Migrations, bootstraps and what runs at times, as far as they are still there.",
    unit: "short",
    hidden: ["Value"],
    queries: [{ expr: `${max(["namespace", "job_name"], of(m.kube_job_failed, 'condition="true"'))} > 0`, legend: "" }],
  }),
];

const DAY_SECONDS = 86_400;

const keeping = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Volumes",
    about: "Part of each volume that is used.",
    unit: "percentunit",
    limits: levelsOf(scope, "volumeUsed"),
    width: 12,
    queries: [
      {
        expr: `${max(["namespace", "persistentvolumeclaim"], of(m.kubelet_volume_stats_used_bytes))} / ${max(["namespace", "persistentvolumeclaim"], of(m.kubelet_volume_stats_capacity_bytes))}`,
        legend: "{{namespace}} {{persistentvolumeclaim}}",
      },
    ],
  }),
  graph({
    title: "Certificates",
    about:
      "Time that each certificate still holds. It is renewed when a third is left: less than that is a renewal that fails.",
    unit: "s",
    limits: { ...levelsOf(scope, "certificateDays", 1 / DAY_SECONDS), lessIsWorse: true },
    width: 12,
    queries: [
      {
        expr: `${min(["name"], of(m.certmanager_certificate_expiration_timestamp_seconds))} - time()`,
        legend: "{{name}}",
      },
    ],
  }),
];

const watching = (): readonly PanelOf[] => [
  graph({
    title: "Targets that do not answer",
    about: "What Prometheus would read and cannot, by job.",
    unit: "short",
    limits: { bad: 1 },
    queries: [{ expr: sum(["job"], `1 - ${of(m.up)}`), legend: "{{job}}" }],
  }),
  graph({
    title: "Series",
    about: "Series that Prometheus holds: what its memory goes by.",
    unit: "short",
    queries: [{ expr: sum(["pod"], of(m.prometheus_tsdb_head_series)), legend: "{{pod}}" }],
  }),
  graph({
    title: "Disk of measurements",
    about: "Bytes of measurements that Prometheus keeps.",
    unit: "bytes",
    queries: [{ expr: sum(["pod"], of(m.prometheus_tsdb_storage_blocks_bytes)), legend: "{{pod}}" }],
  }),
  graph({
    title: "Alerts that went out",
    about: "Notices a second by where they go, and those that could not be delivered.",
    unit: "ops",
    queries: [
      { expr: sum(["integration"], rate(of(m.alertmanager_notifications_total))), legend: "{{integration}}" },
      {
        expr: sum(["integration"], rate(of(m.alertmanager_notifications_failed_total))),
        legend: "{{integration}} failed",
      },
    ],
  }),
  graph({
    title: "Traces",
    about: "Spans a second that the collector takes, sends on and loses.",
    unit: "ops",
    queries: [
      { expr: sum([], rate(of(m.otelcol_receiver_accepted_spans))), legend: "taken" },
      { expr: sum([], rate(of(m.otelcol_exporter_sent_spans))), legend: "sent on" },
      {
        expr: `${sum([], rate(of(m.otelcol_exporter_send_failed_spans)))} + ${sum([], rate(of(m.otelcol_receiver_refused_spans)))}`,
        legend: "lost",
      },
    ],
  }),
  graph({
    title: "Log lines",
    about: "Lines a second that are sent on, and those that are lost.",
    unit: "ops",
    queries: [
      { expr: sum([], rate(of(m.fluentbit_output_proc_records_total))), legend: "sent on" },
      { expr: sum([], rate(of(m.fluentbit_output_dropped_records_total))), legend: "lost" },
    ],
  }),
];
