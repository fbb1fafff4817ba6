import type { agentAlerts } from "../../../components/monitoring/rules/agents.js";
import type { Proof } from "../proof.js";

export const agentProofs: Readonly<Record<keyof typeof agentAlerts, Proof>> = {
  "AgentExecutionFailures/warning": {
    fires: {
      series: {
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="error"}': "0+4x60",
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="timeout"}': "0+2x60",
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="success"}': "0+94x60",
      },
      at: 6,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "Runs of agents fail in api",
      description: "6.0 % of the runs in api failed in the last 5 minutes.",
    },
    quiet: {
      series: {
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="error"}': "0+4.9x60",
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="success"}': "0+95.1x60",
      },
      until: 16,
    },
  },
  "AgentExecutionFailures/critical": {
    fires: {
      series: {
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="error"}': "0+3.1x60",
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="success"}': "0+94x60",
      },
      at: 10,
      labels: { environment: "production", service: "api", severity: "critical" },
      summary: "Many runs of agents fail in api",
      description: "0.05 runs in api fail each second.",
    },
    quiet: {
      series: {
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="error"}': "0+2.9x60",
        'agent_executions_total{service="api",pod="api-1",agent_name="planner",status="cancelled"}': "0+94x60",
      },
      until: 20,
    },
  },
  "RunQueueDeep/warning": {
    fires: {
      series: {
        'run_queue_depth{service="api",pod="api-1"}': "101x60",
        'run_queue_depth{service="api",pod="api-2"}': "60x60",
      },
      at: 10,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "Runs wait for workers of api",
      description: "101 runs of api wait for a worker.",
    },
    quiet: {
      series: {
        'run_queue_depth{service="api",pod="api-1"}': "100x60",
        'run_queue_depth{service="api",pod="api-2"}': "100x60",
      },
      until: 20,
    },
  },
  "DeadLetters/warning": {
    fires: {
      series: { 'dead_letters{service="api",pod="api-1"}': "1x60", 'dead_letters{service="api",pod="api-2"}': "1x60" },
      at: 5,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "api gave up runs",
      description: "1 runs of api were given up and wait for a person.",
    },
    quiet: {
      series: { 'dead_letters{service="api",pod="api-1"}': "0x60", 'dead_letters{service="api",pod="api-2"}': "0x60" },
      until: 15,
    },
  },
  "DeadLettersOld/warning": {
    fires: {
      series: {
        'dead_letters_oldest_age_seconds{service="api",pod="api-1"}': "86401x60",
        'dead_letters_oldest_age_seconds{service="api",pod="api-2"}': "0x60",
      },
      at: 5,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "Nobody looks at runs that api gave up",
      description: "The oldest of them has waited for 1d 0h 0m 1s.",
    },
    quiet: {
      series: {
        'dead_letters_oldest_age_seconds{service="api",pod="api-1"}': "86400x60",
        'dead_letters_oldest_age_seconds{service="api",pod="api-2"}': "0x60",
      },
      until: 15,
    },
  },
};
