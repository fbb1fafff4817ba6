import type { callAlerts } from "../../../components/monitoring/rules/calls.js";
import type { Proof } from "../proof.js";

export const callProofs: Readonly<Record<keyof typeof callAlerts, Proof>> = {
  "ServiceDown/critical": {
    fires: {
      series: {
        'up{service="shop",job="shop",pod="shop-1"}': "1x60",
        'up{service="jobs",job="jobs",pod="jobs-1"}': "1x60",
        'up{service="api",job="api",pod="api-1"}': "1x4 0x20",
        'up{service="api",job="api",pod="api-2"}': "1x4 stale",
      },
      at: 6,
      labels: { environment: "production", service: "api", severity: "critical" },
      summary: "api is down",
      description: "No pod of api has shown its metrics for a minute.",
    },
    quiet: {
      series: {
        'up{service="shop",job="shop",pod="shop-1"}': "1x60",
        'up{service="jobs",job="jobs",pod="jobs-1"}': "1x60",
        'up{service="api",job="api",pod="api-1"}': "1x4 0x20",
        'up{service="api",job="api",pod="api-2"}': "1x24",
      },
      until: 16,
    },
  },
  "NoReplicas/critical": {
    fires: {
      series: {
        'kube_deployment_status_replicas_available{namespace="agents-production",deployment="api",job="kube-state-metrics"}':
          "2x4 0x20",
        'kube_deployment_spec_replicas{namespace="agents-production",deployment="api",job="kube-state-metrics"}':
          "2x60",
      },
      at: 7,
      labels: { deployment: "api", environment: "production", namespace: "agents-production", severity: "critical" },
      summary: "api has no pod that serves",
      description: "No pod of api in agents-production has been ready for 2 minutes.",
    },
    quiet: {
      series: {
        'kube_deployment_status_replicas_available{namespace="agents-production",deployment="api",job="kube-state-metrics"}':
          "2x4 1x20",
        'kube_deployment_spec_replicas{namespace="agents-production",deployment="api",job="kube-state-metrics"}':
          "2x60",
      },
      until: 17,
    },
  },
  "HighErrorRate/warning": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/health",status="200"}': "0+6000x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="503"}': "0+11x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+989x60",
      },
      at: 6,
      labels: { environment: "production", service: "shop", severity: "warning" },
      summary: "shop fails calls",
      description: "1.1 % of the calls of shop failed in the last 5 minutes.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/health",status="200"}': "0+6000x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="503"}': "0+9x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+991x60",
      },
      until: 16,
    },
  },
  "HighErrorRate/critical": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/health",status="200"}': "0+6000x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="503"}': "0+110x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+890x60",
      },
      at: 6,
      labels: { environment: "production", service: "shop", severity: "critical" },
      summary: "shop fails calls",
      description: "11.0 % of the calls of shop failed in the last 5 minutes.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/health",status="200"}': "0+6000x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="503"}': "0+99x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+901x60",
      },
      until: 16,
    },
  },
  "HighResponseTime/warning": {
    fires: {
      series: {
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="60.0"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="30.0"}':
          "0+0x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="+Inf"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="1.0"}': "0+900x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+940x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="5.0"}': "0+1000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="+Inf"}': "0+1000x60",
      },
      at: 6,
      labels: { environment: "production", service: "shop", severity: "warning" },
      summary: "shop answers slowly",
      description: "1 of 20 calls of shop takes longer than 2.5s.",
    },
    quiet: {
      series: {
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="60.0"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="30.0"}':
          "0+0x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="+Inf"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="1.0"}': "0+900x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+951x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="5.0"}': "0+1000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="+Inf"}': "0+1000x60",
      },
      until: 16,
    },
  },
  "HighLatency/warning": {
    fires: {
      series: {
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="60.0"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="30.0"}':
          "0+0x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="+Inf"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="0.5"}': "0+900x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="1.0"}': "0+980x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+1000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="+Inf"}': "0+1000x60",
      },
      at: 6,
      labels: { environment: "production", service: "shop", severity: "warning" },
      summary: "Some calls of shop are answered slowly",
      description: "1 of 100 calls of shop takes longer than 1.5s.",
    },
    quiet: {
      series: {
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="60.0"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="30.0"}':
          "0+0x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/v1/chat/completions",le="+Inf"}':
          "0+9000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="0.5"}': "0+900x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="1.0"}': "0+991x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+1000x60",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="+Inf"}': "0+1000x60",
      },
      until: 16,
    },
  },
  "DependencyAway/critical": {
    fires: {
      series: {
        'dependency_up{service="api",pod="api-1",dependency="database"}': "1x4 0x20",
        'dependency_up{service="api",pod="api-2",dependency="database"}': "1x60",
      },
      at: 7,
      labels: { dependency: "database", environment: "production", service: "api", severity: "critical" },
      summary: "api does without database",
      description: "A pod of api has not reached database for 2 minutes.",
    },
    quiet: {
      series: {
        'dependency_up{service="api",pod="api-1",dependency="database"}': "1x4 0x1 1x20",
        'dependency_up{service="api",pod="api-1",dependency="redis"}': "0x60",
      },
      until: 17,
    },
  },
  "DependencyAway/warning": {
    fires: {
      series: { 'dependency_up{service="api",pod="api-1",dependency="redis"}': "1x4 0x20" },
      at: 7,
      labels: { dependency: "redis", environment: "production", service: "api", severity: "warning" },
      summary: "api does without redis",
      description: "A pod of api has not reached redis for 2 minutes.",
    },
    quiet: {
      series: {
        'dependency_up{service="api",pod="api-1",dependency="redis"}': "1x4 0x1 1x20",
        'dependency_up{service="api",pod="api-1",dependency="database"}': "0x60",
        'dependency_up{service="api",pod="api-1",dependency="none"}': "0x60",
      },
      until: 17,
    },
  },
  "LimitsDegraded/warning": {
    fires: {
      series: { 'limits_degraded{service="api",pod="api-1"}': "0x4 1x20" },
      at: 10,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "api counts limits by pod",
      description: "api has not reached its cache for 5 minutes: each pod counts its part of the limits alone.",
    },
    quiet: { series: { 'limits_degraded{service="api",pod="api-1"}': "0x4 1x4 0x20" }, until: 20 },
  },
  "ModeLeftOn/warning": {
    fires: {
      series: { 'service_mode{service="api",pod="api-1",mode="read_only"}': "0x4 1x90" },
      at: 65,
      labels: { environment: "production", mode: "read_only", service: "api", severity: "warning" },
      summary: "read_only mode of api is still on",
      description: "api has been in read_only mode for longer than such work is meant to take.",
    },
    quiet: { series: { 'service_mode{service="api",pod="api-1",mode="read_only"}': "0x4 1x59 0x60" }, until: 90 },
  },
};
