import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, measured, namespaces, of, type RuleScope, some } from "./scope.js";

/** What services and their pods use of what they have. */

const connections = (scope: RuleScope, percent: number): string => {
  const sum = (metric: string) => `sum by (service) (${metric}{${of(measured, scope)}})`;
  return `100 * ${sum(m.db_connections_active)} / ${sum(m.db_connections_max)} > ${percent}`;
};
const pools = {
  for: "5m",
  summary: "{{ $labels.service }} uses most of its database connections",
  description:
    '{{ $value | printf "%.0f" }} % of the connections that pods of {{ $labels.service }} may open are in use.',
  when: some(measured),
};
/** Of what Kubernetes promised or allows; cAdvisor's own number is 0 where there is none. */
const ofLimit = (scope: RuleScope, percent: number): string => {
  const by = "sum by (namespace, pod, container)";
  // Not all that is used: the kernel takes back files that it keeps in memory.
  const used = `${by} (${m.container_memory_working_set_bytes}{${namespaces(scope)},container!="",container!="POD"})`;
  const limit = `${by} (${m.kube_pod_container_resource_limits}{resource="memory"})`;
  return `100 * ${used} / ${limit} > ${percent}`;
};
const memory = {
  for: "5m",
  summary: "{{ $labels.pod }} nears its memory limit",
  description:
    'Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} uses {{ $value | printf "%.0f" }} % of its memory limit; beyond it, it is killed.',
};

export const saturationAlerts = {
  "DatabaseConnectionHigh/warning": {
    ...pools,
    expr: (scope) => connections(scope, alertsOf(scope).databaseConnections.warning),
    setting: "databaseConnections.warning",
  },
  "DatabaseConnectionHigh/critical": {
    ...pools,
    expr: (scope) => connections(scope, alertsOf(scope).databaseConnections.critical),
    setting: "databaseConnections.critical",
  },
  "DatabaseConnectionCount/warning": {
    expr: (scope) =>
      `sum by (service) (${m.db_connections_active}{${of(measured, scope)}}) > ${alertsOf(scope).databaseConnectionCount}`,
    for: "5m",
    summary: "{{ $labels.service }} uses many database connections",
    description: "Pods of {{ $labels.service }} use {{ $value }} connections to the database at once.",
    setting: "databaseConnectionCount",
    when: some(measured),
  },
  "DatabasePoolWaiting/warning": {
    expr: (scope) =>
      `sum by (service) (${m.db_connections_waiting}{${of(measured, scope)}}) > ${alertsOf(scope).databaseWaiting}`,
    for: "5m",
    summary: "Calls of {{ $labels.service }} wait for database connections",
    description: "{{ $value }} calls of {{ $labels.service }} wait for a connection to the database.",
    setting: "databaseWaiting",
    when: some(measured),
  },
  "HighMemoryUsage/warning": {
    expr: (scope) =>
      `max by (service, pod) (${m.process_resident_memory_bytes}{${of(measured, scope)}}) / 1048576 > ${alertsOf(scope).processMemory}`,
    for: "10m",
    summary: "A process of {{ $labels.service }} holds much memory",
    description: 'The process in {{ $labels.pod }} of {{ $labels.service }} holds {{ $value | printf "%.0f" }} MiB.',
    setting: "processMemory",
    when: some(measured),
  },
  "PodMemoryUsage/warning": {
    ...memory,
    expr: (scope) => ofLimit(scope, alertsOf(scope).podMemory.warning),
    setting: "podMemory.warning",
  },
  "PodMemoryUsage/critical": {
    ...memory,
    expr: (scope) => ofLimit(scope, alertsOf(scope).podMemory.critical),
    setting: "podMemory.critical",
  },
  "PodCpuHigh/warning": {
    expr: (scope) => {
      const by = "sum by (namespace, pod, container)";
      const used = `${by} (rate(${m.container_cpu_usage_seconds_total}{${namespaces(scope)},container!="",container!="POD"}[5m]))`;
      const promised = `${by} (${m.kube_pod_container_resource_requests}{resource="cpu"})`;
      return `100 * ${used} / ${promised} > ${alertsOf(scope).podCpu}`;
    },
    for: "30m",
    summary: "{{ $labels.pod }} needs more cores than it was promised",
    description:
      'Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} uses {{ $value | printf "%.0f" }} % of the cores that it was promised: on a full node it would not have them.',
    setting: "podCpu",
  },
  "EventLoopLag/warning": {
    expr: (scope) =>
      `max by (service, pod) (${m.nodejs_eventloop_lag_p99_seconds}{${of(measured, scope)}}) > ${alertsOf(scope).eventLoopLag}`,
    for: "5m",
    summary: "A process of {{ $labels.service }} cannot keep up",
    description:
      "The event loop in {{ $labels.pod }} of {{ $labels.service }} is {{ $value | humanizeDuration }} late: everything that it serves waits so long.",
    setting: "eventLoopLag",
    when: some(measured),
  },
} as const satisfies AlertTable;
