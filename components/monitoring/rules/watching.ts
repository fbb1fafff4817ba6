import { logsOf } from "../../../config/monitoring/logs.js";
import { tracesOf } from "../../../config/monitoring/tracing.js";
import { measuresOf, scalesItself } from "../../../config/uses.js";
import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, type RuleScope } from "./scope.js";

/** Whether those who watch are well themselves. */

const runsKeda = ({ running }: RuleScope): boolean =>
  Object.values(running).some((one) => scalesItself(one) && measuresOf(one.autoscaling).length > 0);
const keepsSecrets = ({ running }: RuleScope): boolean => Object.keys(running).length > 0;
/** Somebody else's Alertmanager has alerts of its own. */
const ownAlertmanager = ({ watching }: RuleScope): boolean =>
  watching.mode === "inCluster" || watching.alertmanager === undefined;
const sendsOn = ({ watching }: RuleScope): boolean => watching.mode === "existing";
const collects = ({ watching }: RuleScope): boolean => tracesOf(watching) !== undefined;
const keepsLogs = ({ settings }: RuleScope): boolean => logsOf(settings)?.to !== "none";

/** Without these most rules have nothing to look at, and would be silent. */
const NEEDED = ["kube-state-metrics", "kubelet", "node-exporter"];

export const watchingAlerts = {
  "Watchdog/info": {
    expr: () => "vector(1)",
    summary: "Alerts get through",
    description: "Always on. Who waits for it and does not get it knows that no alert would reach anybody.",
  },
  "TargetDown/warning": {
    expr: (scope) =>
      `100 * count by (job, namespace) (${m.up} == 0) / count by (job, namespace) (${m.up}) > ${alertsOf(scope).targetsDown}`,
    for: "10m",
    summary: "{{ $labels.job }} is not measured",
    description:
      '{{ $value | printf "%.0f" }} % of the targets of {{ $labels.job }} in {{ $labels.namespace }} do not answer.',
    setting: "targetsDown",
  },
  "TargetsMissing/critical": {
    expr: () => NEEDED.map((job) => `absent(${m.up}{job="${job}"})`).join(" or "),
    for: "10m",
    summary: "Nobody measures {{ $labels.job }}",
    description: "There has been no target of {{ $labels.job }} for 10 minutes: rules that look at it are silent.",
  },
  "PrometheusRuleFailures/critical": {
    expr: () =>
      `sum by (rule_group) (increase(${m.prometheus_rule_evaluation_failures_total}{job="prometheus"}[5m])) > 0`,
    for: "15m",
    summary: "Prometheus cannot evaluate rules",
    description: '{{ $value | printf "%.0f" }} evaluations of {{ $labels.rule_group }} failed in the last 5 minutes.',
  },
  "PrometheusNotificationsDropped/critical": {
    expr: () => `sum by (pod) (rate(${m.prometheus_notifications_dropped_total}{job="prometheus"}[5m])) > 0`,
    for: "10m",
    summary: "Alerts do not reach Alertmanager",
    description: "{{ $labels.pod }} has dropped alerts for 10 minutes.",
  },
  "PrometheusConfigNotLoaded/warning": {
    expr: () => `min by (pod) (${m.prometheus_config_last_reload_successful}{job="prometheus"}) == 0`,
    for: "10m",
    summary: "Prometheus runs by an old configuration",
    description: "{{ $labels.pod }} could not take its new configuration.",
  },
  "PrometheusRemoteWriteBehind/warning": {
    expr: () => {
      const of = (metric: string) => `max_over_time(${metric}{job="prometheus"}[5m])`;
      const taken = of(m.prometheus_remote_storage_queue_highest_timestamp_seconds);
      const sent = of(m.prometheus_remote_storage_queue_highest_sent_timestamp_seconds);
      return `max by (pod) (${taken} - ${sent}) > 120`;
    },
    for: "15m",
    summary: "Measurements arrive late",
    description: "{{ $labels.pod }} is {{ $value | humanizeDuration }} behind with what it sends on.",
    when: sendsOn,
  },
  "AlertmanagerConfigNotLoaded/critical": {
    expr: () => `min by (pod) (${m.alertmanager_config_last_reload_successful}{job="alertmanager"}) == 0`,
    for: "10m",
    summary: "Alertmanager runs by an old configuration",
    description: "{{ $labels.pod }} could not take its new configuration: alerts go where they went before.",
    when: ownAlertmanager,
  },
  "AlertmanagerNotificationsFailing/critical": {
    expr: () =>
      `100 * sum by (integration) (rate(${m.alertmanager_notifications_failed_total}{job="alertmanager"}[5m])) / sum by (integration) (rate(${m.alertmanager_notifications_total}{job="alertmanager"}[5m])) > 1`,
    for: "5m",
    summary: "Alerts do not get out by {{ $labels.integration }}",
    description: '{{ $value | printf "%.0f" }} % of what was sent by {{ $labels.integration }} failed.',
    when: ownAlertmanager,
  },
  "ExternalSecretNotSynced/warning": {
    expr: () => `max by (name) (${m.externalsecret_status_condition}{condition="Ready",status="False"}) == 1`,
    for: "10m",
    summary: "Secret {{ $labels.name }} is not synced",
    description: "External Secrets has not read {{ $labels.name }} from the secret store for 10 minutes.",
    when: keepsSecrets,
  },
  "ScalerFailing/warning": {
    expr: () => `sum by (scaledObject) (rate(${m.keda_scaled_object_errors_total}{job="keda"}[5m])) > 0`,
    for: "15m",
    summary: "{{ $labels.scaledObject }} scales by processor time and memory alone",
    description: "KEDA could not measure the load of {{ $labels.scaledObject }} for 15 minutes.",
    when: runsKeda,
  },
  "CollectorRefusing/warning": {
    expr: () => `sum by (receiver) (rate(${m.otelcol_receiver_refused_spans}{job="collector"}[5m])) > 0`,
    for: "10m",
    summary: "The collector refuses traces",
    description:
      '{{ $value | printf "%.1f" }} spans a second are refused: it is out of memory, or what is behind it is slow.',
    when: collects,
  },
  "CollectorDropping/warning": {
    expr: () => {
      const lost = (metric: string) => `sum by (exporter) (rate(${metric}{job="collector"}[5m])) > 0`;
      return `${lost(m.otelcol_exporter_send_failed_spans)} or ${lost(m.otelcol_exporter_enqueue_failed_spans)}`;
    },
    for: "10m",
    summary: "The collector loses traces",
    description: '{{ $value | printf "%.1f" }} spans a second do not leave by {{ $labels.exporter }}.',
    when: collects,
  },
  "LogsNotDelivered/warning": {
    expr: () =>
      `sum by (node, name) (increase(${m.fluentbit_output_dropped_records_total}{job="fluent-bit"}[10m])) > 0`,
    for: "10m",
    summary: "Logs of {{ $labels.node }} are lost",
    description:
      'Fluent Bit on {{ $labels.node }} gave up {{ $value | printf "%.0f" }} lines for {{ $labels.name }} in the last 10 minutes.',
    when: keepsLogs,
  },
} as const satisfies AlertTable;
