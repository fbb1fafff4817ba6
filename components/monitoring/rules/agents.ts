import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { agentic, alertsOf, measured, of, some } from "./scope.js";

/**
 * Runs of agents: whether they end well, and whether somebody gets to them. Services that are not the platform's are
 * taken to name their runs the same.
 */

const FAILED = `status=~"error|timeout"`;

export const agentAlerts = {
  "AgentExecutionFailures/warning": {
    expr: (scope) => {
      const runs = (more = "") =>
        `sum by (service) (rate(${m.agent_executions_total}{${of(measured, scope)}${more}}[5m]))`;
      return `100 * ${runs(`,${FAILED}`)} / ${runs()} > ${alertsOf(scope).agentFailures}`;
    },
    for: "5m",
    summary: "Runs of agents fail in {{ $labels.service }}",
    description: '{{ $value | printf "%.1f" }} % of the runs in {{ $labels.service }} failed in the last 5 minutes.',
    setting: "agentFailures",
    when: some(measured),
  },
  "AgentExecutionFailures/critical": {
    expr: (scope) =>
      `sum by (service) (rate(${m.agent_executions_total}{${of(measured, scope)},${FAILED}}[5m])) > ${alertsOf(scope).agentFailuresPerSecond}`,
    for: "5m",
    summary: "Many runs of agents fail in {{ $labels.service }}",
    description: '{{ $value | printf "%.2f" }} runs in {{ $labels.service }} fail each second.',
    setting: "agentFailuresPerSecond",
    when: some(measured),
  },
  "RunQueueDeep/warning": {
    // Every pod tells of the one queue.
    expr: (scope) => `max by (service) (${m.run_queue_depth}{${of(agentic, scope)}}) > ${alertsOf(scope).queueDepth}`,
    for: "10m",
    summary: "Runs wait for workers of {{ $labels.service }}",
    description: "{{ $value }} runs of {{ $labels.service }} wait for a worker.",
    setting: "queueDepth",
    when: some(agentic),
  },
  "DeadLetters/warning": {
    expr: (scope) => `max by (service) (${m.dead_letters}{${of(agentic, scope)}}) > ${alertsOf(scope).deadLetters}`,
    for: "5m",
    summary: "{{ $labels.service }} gave up runs",
    description: "{{ $value }} runs of {{ $labels.service }} were given up and wait for a person.",
    setting: "deadLetters",
    when: some(agentic),
  },
  "DeadLettersOld/warning": {
    expr: (scope) =>
      `max by (service) (${m.dead_letters_oldest_age_seconds}{${of(agentic, scope)}}) > ${Math.round(alertsOf(scope).deadLetterHours * 3600)}`,
    for: "5m",
    summary: "Nobody looks at runs that {{ $labels.service }} gave up",
    description: "The oldest of them has waited for {{ $value | humanizeDuration }}.",
    setting: "deadLetterHours",
    when: some(agentic),
  },
} as const satisfies AlertTable;
