import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, migrating, namespaces, type RuleScope, some } from "./scope.js";

/** What Kubernetes says of pods, their Jobs and their autoscalers. */

const MIGRATION = "-migrate-[0-9a-f]+";
const migration = (scope: RuleScope) => `job_name=~"(${migrating(scope).join("|")})${MIGRATION}"`;

/** Kubernetes keeps a failed Job for a while: a day is long enough to be told of it. */
const failedToday = (jobs: string): string => {
  const young = `time() - ${m.kube_job_created} < 86400`;
  return `max by (namespace, job_name) (${m.kube_job_failed}{${jobs},condition="true"}) == 1 and on (namespace, job_name) (${young})`;
};

export const podAlerts = {
  "PodNotReady/warning": {
    expr: (scope) => {
      const alive = `${m.kube_pod_status_phase}{${namespaces(scope)},phase=~"Pending|Running|Unknown"} == 1`;
      const ready = `${m.kube_pod_status_ready}{${namespaces(scope)},condition="true"}`;
      const waits = `max by (namespace, pod) (${ready}) == 0 and on (namespace, pod) (${alive})`;
      // The node's own alert says it for all of its pods; a pod that has just moved is on one of two.
      const where = `topk by (namespace, pod) (1, max by (namespace, pod, node) (${m.kube_pod_info}{${namespaces(scope)}}))`;
      return `(${waits}) * on (namespace, pod) group_left (node) ${where}`;
    },
    for: "15m",
    summary: "{{ $labels.pod }} is not ready",
    description: "{{ $labels.namespace }}/{{ $labels.pod }} has not been ready for 15 minutes.",
  },
  "PodCrashLooping/warning": {
    expr: (scope) =>
      `max by (namespace, pod, container) (max_over_time(${m.kube_pod_container_status_waiting_reason}{${namespaces(scope)},reason="CrashLoopBackOff"}[5m])) >= 1`,
    for: "5m",
    summary: "{{ $labels.pod }} crashes again and again",
    description:
      "Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} ends soon after each start.",
  },
  "PodOutOfMemory/warning": {
    expr: (scope) => {
      const by = "max by (namespace, pod, container)";
      const again = `${by} (increase(${m.kube_pod_container_status_restarts_total}{${namespaces(scope)}}[10m])) > 0`;
      return `${again} and on (namespace, pod, container) (${m.kube_pod_container_status_last_terminated_reason}{reason="OOMKilled"} == 1)`;
    },
    summary: "{{ $labels.pod }} was killed for its memory",
    description:
      "Container {{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} went beyond its memory limit and was killed.",
  },
  "RolloutStuck/warning": {
    expr: (scope) =>
      `max by (namespace, deployment) (${m.kube_deployment_status_condition}{${namespaces(scope)},condition="Progressing",status="false"}) == 1`,
    for: "1m",
    summary: "The rollout of {{ $labels.deployment }} is stuck",
    description:
      "New pods of {{ $labels.namespace }}/{{ $labels.deployment }} did not become ready in time; those before go on serving.",
  },
  "AutoscalerAtMaximum/warning": {
    expr: (scope) => {
      const of = (metric: string) => `max by (namespace, horizontalpodautoscaler) (${metric}{${namespaces(scope)}})`;
      const most = of(m.kube_horizontalpodautoscaler_spec_max_replicas);
      const scales = `${most} > ${of(m.kube_horizontalpodautoscaler_spec_min_replicas)}`;
      return `${of(m.kube_horizontalpodautoscaler_status_desired_replicas)} >= ${most} and (${scales})`;
    },
    for: (scope) => `${Math.round(alertsOf(scope).autoscalerMinutes * 60)}s`,
    summary: "{{ $labels.horizontalpodautoscaler }} cannot grow further",
    description:
      "Autoscaler {{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has stayed at its most pods, {{ $value }}.",
    setting: "autoscalerMinutes",
  },
  "MigrationFailed/critical": {
    expr: (scope) => failedToday(`namespace="${scope.settings.prefix}",${migration(scope)}`),
    summary: "Migration {{ $labels.job_name }} failed",
    description:
      "{{ $labels.namespace }}/{{ $labels.job_name }} did not bring the schema to the new version; pods of the old version go on serving.",
    when: some(migrating),
  },
  "JobFailed/warning": {
    expr: (scope) => failedToday(`${namespaces(scope)},job_name!~".+${MIGRATION}"`),
    summary: "Job {{ $labels.job_name }} failed",
    description: "{{ $labels.namespace }}/{{ $labels.job_name }} did not end well.",
  },
  "CronMissed/warning": {
    expr: (scope) =>
      `time() - max by (namespace, cronjob) (${m.kube_cronjob_next_schedule_time}{${namespaces(scope)}}) > 3600 and on (namespace, cronjob) ${m.kube_cronjob_spec_suspend} == 0`,
    for: "5m",
    summary: "{{ $labels.cronjob }} was not started",
    description:
      "{{ $labels.namespace }}/{{ $labels.cronjob }} should have been started {{ $value | humanizeDuration }} ago.",
  },
} as const satisfies AlertTable;
