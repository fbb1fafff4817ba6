import type { saturationAlerts } from "../../../components/monitoring/rules/saturation.js";
import type { Proof } from "../proof.js";

export const saturationProofs: Readonly<Record<keyof typeof saturationAlerts, Proof>> = {
  "DatabaseConnectionHigh/warning": {
    fires: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "17x60",
        'db_connections_max{service="api",pod="api-1"}': "20x60",
      },
      at: 5,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "api uses most of its database connections",
      description: "85 % of the connections that pods of api may open are in use.",
    },
    quiet: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "16x60",
        'db_connections_max{service="api",pod="api-1"}': "20x60",
      },
      until: 15,
    },
  },
  "DatabaseConnectionHigh/critical": {
    fires: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "20x60",
        'db_connections_max{service="api",pod="api-1"}': "20x60",
      },
      at: 5,
      labels: { environment: "production", service: "api", severity: "critical" },
      summary: "api uses most of its database connections",
      description: "100 % of the connections that pods of api may open are in use.",
    },
    quiet: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "19x60",
        'db_connections_max{service="api",pod="api-1"}': "20x60",
      },
      until: 15,
    },
  },
  "DatabaseConnectionCount/warning": {
    fires: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "50x60",
        'db_connections_active{service="api",pod="api-2"}': "31x60",
      },
      at: 5,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "api uses many database connections",
      description: "Pods of api use 81 connections to the database at once.",
    },
    quiet: {
      series: {
        'db_connections_active{service="api",pod="api-1"}': "50x60",
        'db_connections_active{service="api",pod="api-2"}': "30x60",
      },
      until: 15,
    },
  },
  "DatabasePoolWaiting/warning": {
    fires: {
      series: { 'db_connections_waiting{service="api",pod="api-1"}': "6x60" },
      at: 5,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "Calls of api wait for database connections",
      description: "6 calls of api wait for a connection to the database.",
    },
    quiet: { series: { 'db_connections_waiting{service="api",pod="api-1"}': "5x60" }, until: 15 },
  },
  "HighMemoryUsage/warning": {
    fires: {
      series: { 'process_resident_memory_bytes{service="api",pod="api-1"}': "1074790400x60" },
      at: 10,
      labels: { environment: "production", pod: "api-1", service: "api", severity: "warning" },
      summary: "A process of api holds much memory",
      description: "The process in api-1 of api holds 1025 MiB.",
    },
    quiet: { series: { 'process_resident_memory_bytes{service="api",pod="api-1"}': "1073741824x60" }, until: 20 },
  },
  "PodMemoryUsage/warning": {
    fires: {
      series: {
        'kube_pod_container_resource_limits{namespace="agents-production",pod="api-1",container="api",resource="memory",job="kube-state-metrics"}':
          "1048576000x60",
        'container_memory_working_set_bytes{namespace="agents-production",pod="api-1",container="api"}': "839909376x60",
      },
      at: 5,
      labels: {
        container: "api",
        environment: "production",
        namespace: "agents-production",
        pod: "api-1",
        severity: "warning",
      },
      summary: "api-1 nears its memory limit",
      description: "Container api of agents-production/api-1 uses 80 % of its memory limit; beyond it, it is killed.",
    },
    quiet: {
      series: {
        'kube_pod_container_resource_limits{namespace="agents-production",pod="api-1",container="api",resource="memory",job="kube-state-metrics"}':
          "1048576000x60",
        'container_memory_working_set_bytes{namespace="agents-production",pod="api-1",container="api"}': "838860800x60",
        'container_memory_working_set_bytes{namespace="agents-production",pod="api-1",container=""}': "1038090240x60",
      },
      until: 15,
    },
  },
  "PodMemoryUsage/critical": {
    fires: {
      series: {
        'kube_pod_container_resource_limits{namespace="agents-production",pod="api-1",container="api",resource="memory",job="kube-state-metrics"}':
          "1048576000x60",
        'container_memory_working_set_bytes{namespace="agents-production",pod="api-1",container="api"}': "997195776x60",
      },
      at: 5,
      labels: {
        container: "api",
        environment: "production",
        namespace: "agents-production",
        pod: "api-1",
        severity: "critical",
      },
      summary: "api-1 nears its memory limit",
      description: "Container api of agents-production/api-1 uses 95 % of its memory limit; beyond it, it is killed.",
    },
    quiet: {
      series: {
        'kube_pod_container_resource_limits{namespace="agents-production",pod="api-1",container="api",resource="memory",job="kube-state-metrics"}':
          "1048576000x60",
        'container_memory_working_set_bytes{namespace="agents-production",pod="api-1",container="api"}': "996147200x60",
      },
      until: 15,
    },
  },
  "PodCpuHigh/warning": {
    fires: {
      series: {
        'kube_pod_container_resource_requests{namespace="agents-production",pod="api-1",container="api",resource="cpu",job="kube-state-metrics"}':
          "0.5x60",
        'container_cpu_usage_seconds_total{namespace="agents-production",pod="api-1",container="api"}': "0+46x60",
      },
      at: 35,
      labels: {
        container: "api",
        environment: "production",
        namespace: "agents-production",
        pod: "api-1",
        severity: "warning",
      },
      summary: "api-1 needs more cores than it was promised",
      description:
        "Container api of agents-production/api-1 uses 153 % of the cores that it was promised: on a full node it would not have them.",
    },
    quiet: {
      series: {
        'kube_pod_container_resource_requests{namespace="agents-production",pod="api-1",container="api",resource="cpu",job="kube-state-metrics"}':
          "0.5x60",
        'container_cpu_usage_seconds_total{namespace="agents-production",pod="api-1",container="api"}': "0+44.9x60",
      },
      until: 45,
    },
  },
  "EventLoopLag/warning": {
    fires: {
      series: { 'nodejs_eventloop_lag_p99_seconds{service="api",pod="api-1"}': "0.21x60" },
      at: 5,
      labels: { environment: "production", pod: "api-1", service: "api", severity: "warning" },
      summary: "A process of api cannot keep up",
      description: "The event loop in api-1 of api is 210ms late: everything that it serves waits so long.",
    },
    quiet: { series: { 'nodejs_eventloop_lag_p99_seconds{service="api",pod="api-1"}': "0.2x60" }, until: 15 },
  },
};
