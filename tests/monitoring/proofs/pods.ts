import type { podAlerts } from "../../../components/monitoring/rules/pods.js";
import type { Proof } from "../proof.js";

export const podProofs: Readonly<Record<keyof typeof podAlerts, Proof>> = {
  "PodNotReady/warning": {
    fires: {
      series: {
        'kube_pod_status_ready{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",condition="true"}':
          "0x60",
        'kube_pod_status_phase{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",phase="Pending"}':
          "1x60",
        'kube_pod_info{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",node="node-1"}':
          "1x60",
      },
      at: 15,
      labels: {
        environment: "production",
        namespace: "agents-production",
        node: "node-1",
        pod: "api-1",
        severity: "warning",
      },
      summary: "api-1 is not ready",
      description: "agents-production/api-1 has not been ready for 15 minutes.",
    },
    quiet: {
      series: {
        'kube_pod_status_ready{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",condition="true"}':
          "0x14 1x40",
        'kube_pod_status_phase{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",phase="Pending"}':
          "1x60",
        'kube_pod_info{namespace="agents-production",job="kube-state-metrics",pod="api-1",uid="1",node="node-1"}':
          "1x60",
        'kube_pod_info{namespace="agents-production",job="kube-state-metrics",pod="done",uid="2",node="node-1"}':
          "1x60",
        'kube_pod_status_ready{namespace="agents-production",job="kube-state-metrics",pod="done",uid="2",condition="true"}':
          "0x60",
        'kube_pod_status_phase{namespace="agents-production",job="kube-state-metrics",pod="done",uid="2",phase="Succeeded"}':
          "1x60",
        'kube_pod_status_phase{namespace="agents-production",job="kube-state-metrics",pod="done",uid="2",phase="Running"}':
          "0x60",
      },
      until: 25,
    },
  },
  "PodCrashLooping/warning": {
    fires: {
      series: {
        'kube_pod_container_status_waiting_reason{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1",reason="CrashLoopBackOff"}':
          "0x3 1 0x3 1 0x3 1 0x20",
      },
      at: 9,
      labels: {
        container: "api",
        environment: "production",
        namespace: "agents-production",
        pod: "api-1",
        severity: "warning",
      },
      summary: "api-1 crashes again and again",
      description: "Container api of agents-production/api-1 ends soon after each start.",
    },
    quiet: {
      series: {
        'kube_pod_container_status_waiting_reason{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1",reason="CrashLoopBackOff"}':
          "0x3 1 0x20",
        'kube_pod_container_status_waiting_reason{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1",reason="ContainerCreating"}':
          "1x60",
      },
      until: 19,
    },
  },
  "PodOutOfMemory/warning": {
    fires: {
      series: {
        'kube_pod_container_status_restarts_total{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1"}':
          "0x4 1x30",
        'kube_pod_container_status_last_terminated_reason{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1",reason="OOMKilled"}':
          "_x4 1x30",
      },
      at: 5,
      labels: {
        container: "api",
        environment: "production",
        namespace: "agents-production",
        pod: "api-1",
        severity: "warning",
      },
      summary: "api-1 was killed for its memory",
      description: "Container api of agents-production/api-1 went beyond its memory limit and was killed.",
    },
    quiet: {
      series: {
        'kube_pod_container_status_restarts_total{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1"}':
          "0x4 1x30",
        'kube_pod_container_status_last_terminated_reason{namespace="agents-production",job="kube-state-metrics",pod="api-1",container="api",uid="1",reason="Error"}':
          "_x4 1x30",
      },
      until: 15,
    },
  },
  "RolloutStuck/warning": {
    fires: {
      series: {
        'kube_deployment_status_condition{namespace="agents-production",job="kube-state-metrics",deployment="api",condition="Progressing",status="false",reason="ProgressDeadlineExceeded"}':
          "0x4 1x20",
      },
      at: 6,
      labels: { deployment: "api", environment: "production", namespace: "agents-production", severity: "warning" },
      summary: "The rollout of api is stuck",
      description: "New pods of agents-production/api did not become ready in time; those before go on serving.",
    },
    quiet: {
      series: {
        'kube_deployment_status_condition{namespace="agents-production",job="kube-state-metrics",deployment="api",condition="Progressing",status="false",reason="ProgressDeadlineExceeded"}':
          "0x60",
        'kube_deployment_status_condition{namespace="agents-production",job="kube-state-metrics",deployment="api",condition="Progressing",status="true",reason="ProgressDeadlineExceeded"}':
          "1x60",
      },
      until: 16,
    },
  },
  "AutoscalerAtMaximum/warning": {
    fires: {
      series: {
        'kube_horizontalpodautoscaler_status_desired_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "10x60",
        'kube_horizontalpodautoscaler_spec_max_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "10x60",
        'kube_horizontalpodautoscaler_spec_min_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "2x60",
      },
      at: 30,
      labels: {
        environment: "production",
        horizontalpodautoscaler: "api",
        namespace: "agents-production",
        severity: "warning",
      },
      summary: "api cannot grow further",
      description: "Autoscaler agents-production/api has stayed at its most pods, 10.",
    },
    quiet: {
      series: {
        'kube_horizontalpodautoscaler_status_desired_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "9x60",
        'kube_horizontalpodautoscaler_spec_max_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "10x60",
        'kube_horizontalpodautoscaler_spec_min_replicas{namespace="agents-production",job="kube-state-metrics",horizontalpodautoscaler="api"}':
          "2x60",
      },
      until: 40,
    },
  },
  "MigrationFailed/critical": {
    fires: {
      series: {
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="api-migrate-0a1b2c3d4e",condition="true"}':
          "0x4 1x20",
        'kube_job_created{namespace="agents-production",job="kube-state-metrics",job_name="api-migrate-0a1b2c3d4e"}':
          "0x60",
      },
      at: 5,
      labels: {
        environment: "production",
        job_name: "api-migrate-0a1b2c3d4e",
        namespace: "agents-production",
        severity: "critical",
      },
      summary: "Migration api-migrate-0a1b2c3d4e failed",
      description:
        "agents-production/api-migrate-0a1b2c3d4e did not bring the schema to the new version; pods of the old version go on serving.",
    },
    quiet: {
      series: {
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="api-migrate-0a1b2c3d4e",condition="true"}':
          "0x20",
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="api-tidy-1",condition="true"}':
          "1x60",
        'kube_job_created{namespace="agents-production",job="kube-state-metrics",job_name="api-tidy-1"}': "0x60",
      },
      until: 15,
    },
  },
  "JobFailed/warning": {
    fires: {
      series: {
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="jobs-tidy-29000000",condition="true"}':
          "0x4 1x20",
        'kube_job_created{namespace="agents-production",job="kube-state-metrics",job_name="jobs-tidy-29000000"}':
          "0x60",
      },
      at: 5,
      labels: {
        environment: "production",
        job_name: "jobs-tidy-29000000",
        namespace: "agents-production",
        severity: "warning",
      },
      summary: "Job jobs-tidy-29000000 failed",
      description: "agents-production/jobs-tidy-29000000 did not end well.",
    },
    quiet: {
      series: {
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="jobs-tidy-29000000",condition="true"}':
          "0x20",
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="jobs-tidy-28000000",condition="true"}':
          "1x60",
        'kube_job_created{namespace="agents-production",job="kube-state-metrics",job_name="jobs-tidy-28000000"}':
          "-86400x60",
        'kube_job_failed{namespace="agents-production",job="kube-state-metrics",job_name="api-migrate-0a1b2c3d4e",condition="true"}':
          "1x60",
        'kube_job_created{namespace="agents-production",job="kube-state-metrics",job_name="api-migrate-0a1b2c3d4e"}':
          "0x60",
      },
      until: 15,
    },
  },
  "CronMissed/warning": {
    fires: {
      series: {
        'kube_cronjob_next_schedule_time{namespace="agents-production",job="kube-state-metrics",cronjob="jobs-tidy"}':
          "600x100",
        'kube_cronjob_spec_suspend{namespace="agents-production",job="kube-state-metrics",cronjob="jobs-tidy"}':
          "0x100",
      },
      at: 76,
      labels: { cronjob: "jobs-tidy", environment: "production", namespace: "agents-production", severity: "warning" },
      summary: "jobs-tidy was not started",
      description: "agents-production/jobs-tidy should have been started 1h 6m 0s ago.",
    },
    quiet: {
      series: {
        'kube_cronjob_next_schedule_time{namespace="agents-production",job="kube-state-metrics",cronjob="jobs-tidy"}':
          "2400x100",
        'kube_cronjob_spec_suspend{namespace="agents-production",job="kube-state-metrics",cronjob="jobs-tidy"}':
          "0x100",
      },
      until: 99,
    },
  },
};
