import type { watchingAlerts } from "../../../components/monitoring/rules/watching.js";
import type { Proof } from "../proof.js";

export const watchingProofs: Readonly<Record<keyof typeof watchingAlerts, Proof>> = {
  "Watchdog/info": {
    fires: {
      series: {},
      at: 0,
      labels: { environment: "production", severity: "info" },
      summary: "Alerts get through",
      description: "Always on. Who waits for it and does not get it knows that no alert would reach anybody.",
    },
    quiet: "always on",
  },
  "TargetDown/warning": {
    fires: {
      series: {
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="0"}': "0x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="1"}': "0x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="2"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="3"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="4"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="5"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="6"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="7"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="8"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="9"}': "1x60",
      },
      at: 10,
      labels: {
        environment: "production",
        job: "envoy-gateway",
        namespace: "envoy-gateway-system",
        severity: "warning",
      },
      summary: "envoy-gateway is not measured",
      description: "20 % of the targets of envoy-gateway in envoy-gateway-system do not answer.",
    },
    quiet: {
      series: {
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="0"}': "0x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="1"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="2"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="3"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="4"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="5"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="6"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="7"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="8"}': "1x60",
        'up{job="envoy-gateway",namespace="envoy-gateway-system",instance="9"}': "1x60",
      },
      until: 20,
    },
  },
  "TargetsMissing/critical": {
    fires: {
      series: {
        'up{job="kubelet"}': "1x60",
        'up{job="node-exporter"}': "1x60",
        'up{job="kube-state-metrics"}': "1x4 _x40",
      },
      at: 19,
      labels: { environment: "production", job: "kube-state-metrics", severity: "critical" },
      summary: "Nobody measures kube-state-metrics",
      description: "There has been no target of kube-state-metrics for 10 minutes: rules that look at it are silent.",
    },
    quiet: {
      series: {
        'up{job="kubelet"}': "1x60",
        'up{job="node-exporter"}': "1x60",
        'up{job="kube-state-metrics"}': "1x60",
      },
      until: 29,
    },
  },
  "PrometheusRuleFailures/critical": {
    fires: {
      series: {
        'prometheus_rule_evaluation_failures_total{job="prometheus",pod="prometheus-0",rule_group="slo"}': "0+1x60",
      },
      at: 16,
      labels: { environment: "production", rule_group: "slo", severity: "critical" },
      summary: "Prometheus cannot evaluate rules",
      description: "5 evaluations of slo failed in the last 5 minutes.",
    },
    quiet: {
      series: {
        'prometheus_rule_evaluation_failures_total{job="prometheus",pod="prometheus-0",rule_group="slo"}': "0x4 1x40",
      },
      until: 26,
    },
  },
  "PrometheusNotificationsDropped/critical": {
    fires: {
      series: {
        'prometheus_notifications_dropped_total{job="prometheus",pod="prometheus-0",alertmanager="a"}': "0+1x60",
      },
      at: 11,
      labels: { environment: "production", pod: "prometheus-0", severity: "critical" },
      summary: "Alerts do not reach Alertmanager",
      description: "prometheus-0 has dropped alerts for 10 minutes.",
    },
    quiet: {
      series: {
        'prometheus_notifications_dropped_total{job="prometheus",pod="prometheus-0",alertmanager="a"}': "0x4 1x40",
      },
      until: 21,
    },
  },
  "PrometheusConfigNotLoaded/warning": {
    fires: {
      series: { 'prometheus_config_last_reload_successful{job="prometheus",pod="prometheus-0"}': "0x60" },
      at: 10,
      labels: { environment: "production", pod: "prometheus-0", severity: "warning" },
      summary: "Prometheus runs by an old configuration",
      description: "prometheus-0 could not take its new configuration.",
    },
    quiet: {
      series: { 'prometheus_config_last_reload_successful{job="prometheus",pod="prometheus-0"}': "0x9 1x40" },
      until: 20,
    },
  },
  "PrometheusRemoteWriteBehind/warning": {
    scope: "existing",
    fires: {
      series: {
        'prometheus_remote_storage_queue_highest_timestamp_seconds{job="prometheus",pod="prometheus-0",remote_name="a",url="u"}':
          "1000+60x60",
        'prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="prometheus",pod="prometheus-0",remote_name="a",url="u"}':
          "879+60x60",
      },
      at: 15,
      labels: { environment: "production", pod: "prometheus-0", severity: "warning" },
      summary: "Measurements arrive late",
      description: "prometheus-0 is 2m 1s behind with what it sends on.",
    },
    quiet: {
      series: {
        'prometheus_remote_storage_queue_highest_timestamp_seconds{job="prometheus",pod="prometheus-0",remote_name="a",url="u"}':
          "1000+60x60",
        'prometheus_remote_storage_queue_highest_sent_timestamp_seconds{job="prometheus",pod="prometheus-0",remote_name="a",url="u"}':
          "880+60x60",
      },
      until: 25,
    },
  },
  "AlertmanagerConfigNotLoaded/critical": {
    fires: {
      series: { 'alertmanager_config_last_reload_successful{job="alertmanager",pod="alertmanager-0"}': "0x60" },
      at: 10,
      labels: { environment: "production", pod: "alertmanager-0", severity: "critical" },
      summary: "Alertmanager runs by an old configuration",
      description: "alertmanager-0 could not take its new configuration: alerts go where they went before.",
    },
    quiet: {
      series: { 'alertmanager_config_last_reload_successful{job="alertmanager",pod="alertmanager-0"}': "0x9 1x40" },
      until: 20,
    },
  },
  "AlertmanagerNotificationsFailing/critical": {
    fires: {
      series: {
        'alertmanager_notifications_failed_total{job="alertmanager",pod="alertmanager-0",integration="slack",reason="other"}':
          "0+11x60",
        'alertmanager_notifications_total{job="alertmanager",pod="alertmanager-0",integration="slack"}': "0+1000x60",
      },
      at: 6,
      labels: { environment: "production", integration: "slack", severity: "critical" },
      summary: "Alerts do not get out by slack",
      description: "1 % of what was sent by slack failed.",
    },
    quiet: {
      series: {
        'alertmanager_notifications_failed_total{job="alertmanager",pod="alertmanager-0",integration="slack",reason="other"}':
          "0+9x60",
        'alertmanager_notifications_total{job="alertmanager",pod="alertmanager-0",integration="slack"}': "0+1000x60",
      },
      until: 16,
    },
  },
  "ExternalSecretNotSynced/warning": {
    fires: {
      series: {
        'externalsecret_status_condition{job="external-secrets",name="api",condition="Ready",status="False"}': "1x60",
        'externalsecret_status_condition{job="external-secrets",name="api",condition="Ready",status="True"}': "0x60",
      },
      at: 10,
      labels: { environment: "production", name: "api", severity: "warning" },
      summary: "Secret api is not synced",
      description: "External Secrets has not read api from the secret store for 10 minutes.",
    },
    quiet: {
      series: {
        'externalsecret_status_condition{job="external-secrets",name="api",condition="Ready",status="False"}':
          "1x9 0x40",
        'externalsecret_status_condition{job="external-secrets",name="api",condition="Ready",status="True"}': "0x60",
      },
      until: 20,
    },
  },
  "ScalerFailing/warning": {
    fires: {
      series: { 'keda_scaled_object_errors_total{job="keda",scaledObject="api"}': "0+1x60" },
      at: 16,
      labels: { environment: "production", scaledObject: "api", severity: "warning" },
      summary: "api scales by processor time and memory alone",
      description: "KEDA could not measure the load of api for 15 minutes.",
    },
    quiet: { series: { 'keda_scaled_object_errors_total{job="keda",scaledObject="api"}': "0x4 1x40" }, until: 26 },
  },
  "CollectorRefusing/warning": {
    fires: {
      series: {
        'otelcol_receiver_refused_spans{job="collector",pod="collector-1",receiver="otlp",transport="http"}': "0+6x60",
      },
      at: 11,
      labels: { environment: "production", receiver: "otlp", severity: "warning" },
      summary: "The collector refuses traces",
      description: "0.1 spans a second are refused: it is out of memory, or what is behind it is slow.",
    },
    quiet: {
      series: {
        'otelcol_receiver_refused_spans{job="collector",pod="collector-1",receiver="otlp",transport="http"}':
          "0x4 1x40",
      },
      until: 21,
    },
  },
  "CollectorDropping/warning": {
    fires: {
      series: {
        'otelcol_exporter_send_failed_spans{job="collector",pod="collector-1",exporter="otlp"}': "0x60",
        'otelcol_exporter_enqueue_failed_spans{job="collector",pod="collector-1",exporter="otlp"}': "0+6x60",
      },
      at: 11,
      labels: { environment: "production", exporter: "otlp", severity: "warning" },
      summary: "The collector loses traces",
      description: "0.1 spans a second do not leave by otlp.",
    },
    quiet: {
      series: {
        'otelcol_exporter_send_failed_spans{job="collector",pod="collector-1",exporter="otlp"}': "0x4 1x40",
        'otelcol_exporter_enqueue_failed_spans{job="collector",pod="collector-1",exporter="otlp"}': "0x60",
      },
      until: 21,
    },
  },
  "LogsNotDelivered/warning": {
    fires: {
      series: {
        'fluentbit_output_dropped_records_total{job="fluent-bit",node="node-1",pod="fluent-bit-1",name="cloudwatch_logs.0"}':
          "0+10x60",
      },
      at: 11,
      labels: { environment: "production", name: "cloudwatch_logs.0", node: "node-1", severity: "warning" },
      summary: "Logs of node-1 are lost",
      description: "Fluent Bit on node-1 gave up 100 lines for cloudwatch_logs.0 in the last 10 minutes.",
    },
    quiet: {
      series: {
        'fluentbit_output_dropped_records_total{job="fluent-bit",node="node-1",pod="fluent-bit-1",name="cloudwatch_logs.0"}':
          "0x2 1+0x8 1x40",
      },
      until: 21,
    },
  },
};
