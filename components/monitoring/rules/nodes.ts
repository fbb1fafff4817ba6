import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, namespaces, type RuleScope } from "./scope.js";

/** Nodes and volumes. */

/** Of those that hold something: not what memory stands for, nor images of containers. */
const FILES = `job="node-exporter",fstype!~"tmpfs|overlay|squashfs|ramfs|iso9660",mountpoint!~"/(boot|run|var/lib/(kubelet|containerd|docker)/).*"`;

const diskUsed = (percent: number): string => {
  const free = `${m.node_filesystem_avail_bytes}{${FILES}} / ${m.node_filesystem_size_bytes}{${FILES}}`;
  return `max by (node, mountpoint) (100 * (1 - ${free})) > ${percent}`;
};
const disk = {
  for: "10m",
  summary: "A disk of {{ $labels.node }} is nearly full",
  description: '{{ $labels.mountpoint }} of {{ $labels.node }} is {{ $value | printf "%.0f" }} % full.',
};
const left = (scope: RuleScope) => `${m.kubelet_volume_stats_available_bytes}{${namespaces(scope)}}`;
const volumeUsed = (scope: RuleScope, percent: number): string => {
  const whole = `${m.kubelet_volume_stats_capacity_bytes}{${namespaces(scope)}}`;
  return `max by (namespace, persistentvolumeclaim) (100 * (1 - ${left(scope)} / ${whole})) > ${percent}`;
};
const volume = {
  for: "5m",
  summary: "Volume {{ $labels.persistentvolumeclaim }} is nearly full",
  description: '{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is {{ $value | printf "%.0f" }} % full.',
};
const ahead = (scope: RuleScope): number => Math.round(alertsOf(scope).diskDays * 86_400);

export const nodeAlerts = {
  "NodeNotReady/warning": {
    expr: () => `max by (node) (${m.kube_node_status_condition}{condition="Ready",status="true"}) == 0`,
    for: "5m",
    summary: "Node {{ $labels.node }} is not ready",
    description: "{{ $labels.node }} has not been ready for 5 minutes: its pods go elsewhere.",
  },
  "NodeCpuHigh/warning": {
    expr: (scope) =>
      `100 * (1 - avg by (node) (rate(${m.node_cpu_seconds_total}{job="node-exporter",mode="idle"}[5m]))) > ${alertsOf(scope).nodeCpu}`,
    for: "15m",
    summary: "Node {{ $labels.node }} is busy",
    description: '{{ $labels.node }} uses {{ $value | printf "%.0f" }} % of its cores.',
    setting: "nodeCpu",
  },
  "NodeMemoryHigh/warning": {
    expr: (scope) => {
      const of = (metric: string) => `${metric}{job="node-exporter"}`;
      const available = `${of(m.node_memory_MemAvailable_bytes)} / ${of(m.node_memory_MemTotal_bytes)}`;
      return `max by (node) (100 * (1 - ${available})) > ${alertsOf(scope).nodeMemory}`;
    },
    for: "10m",
    summary: "Node {{ $labels.node }} is short of memory",
    description: '{{ $labels.node }} uses {{ $value | printf "%.0f" }} % of its memory.',
    setting: "nodeMemory",
  },
  "NodeDiskFull/warning": {
    ...disk,
    expr: (scope) => diskUsed(alertsOf(scope).nodeDisk.warning),
    setting: "nodeDisk.warning",
  },
  "NodeDiskFull/critical": {
    ...disk,
    expr: (scope) => diskUsed(alertsOf(scope).nodeDisk.critical),
    setting: "nodeDisk.critical",
  },
  "NodeDiskFullSoon/warning": {
    expr: (scope) =>
      `max by (node, mountpoint) (predict_linear(${m.node_filesystem_avail_bytes}{${FILES}}[6h], ${ahead(scope)}) < 0)`,
    for: "1h",
    summary: "A disk of {{ $labels.node }} will be full",
    description: "Going on as in the last 6 hours, {{ $labels.mountpoint }} of {{ $labels.node }} is full within days.",
    setting: "diskDays",
  },
  "VolumeFull/warning": {
    ...volume,
    expr: (scope) => volumeUsed(scope, alertsOf(scope).volumeUsed.warning),
    setting: "volumeUsed.warning",
  },
  "VolumeFull/critical": {
    ...volume,
    expr: (scope) => volumeUsed(scope, alertsOf(scope).volumeUsed.critical),
    setting: "volumeUsed.critical",
  },
  "VolumeFullSoon/warning": {
    expr: (scope) =>
      `max by (namespace, persistentvolumeclaim) (predict_linear(${left(scope)}[6h], ${ahead(scope)}) < 0)`,
    for: "1h",
    summary: "Volume {{ $labels.persistentvolumeclaim }} will be full",
    description:
      "Going on as in the last 6 hours, {{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} is full within days.",
    setting: "diskDays",
  },
} as const satisfies AlertTable;
