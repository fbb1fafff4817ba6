import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { agentic, alertsOf, callable, measured, of, oneOf, type RuleScope, some, standing } from "./scope.js";

/** What callers see of services: whether they are there, whether they answer, and how soon. */

/** Asked every few seconds, and never by a person: a service that idles would look well by them alone. */
const PROBED = `route!~"/health.*|/metrics"`;
/** They take as long as the model does: those have alerts of their own. */
export const MODEL_ROUTES = ["/v1/chat/completions", "/v1/embeddings"] as const;
const MODELS = `route!~"/health.*|/metrics|${MODEL_ROUTES.join("|")}"`;

/** Calls of people and programs. A service that is not the platform's is taken to name them the same. */
export const calls = (services: string): string => `${services},${PROBED}`;
export const quickCalls = (services: string): string => `${services},${MODELS}`;

const failing = (scope: RuleScope, percent: number): string => {
  const some = calls(of(callable, scope));
  const failed = `sum by (service) (rate(${m.http_requests_total}{${some},status=~"5.."}[5m]))`;
  return `100 * ${failed} / sum by (service) (rate(${m.http_requests_total}{${some}}[5m])) > ${percent}`;
};
const slower = (scope: RuleScope, quantile: number, seconds: number): string => {
  const buckets = `${m.http_request_duration_seconds_bucket}{${quickCalls(of(callable, scope))}}`;
  return `histogram_quantile(${quantile}, sum by (service, le) (rate(${buckets}[5m]))) > ${seconds}`;
};
const errorRate = {
  for: "5m",
  summary: "{{ $labels.service }} fails calls",
  description: '{{ $value | printf "%.1f" }} % of the calls of {{ $labels.service }} failed in the last 5 minutes.',
  when: some(callable),
};
const away = (scope: RuleScope, which: string): string =>
  `min by (service, dependency) (${m.dependency_up}{${of(agentic, scope)},${which}}) == 0`;
const dependency = {
  for: "2m",
  summary: "{{ $labels.service }} does without {{ $labels.dependency }}",
  description: "A pod of {{ $labels.service }} has not reached {{ $labels.dependency }} for 2 minutes.",
  when: some(agentic),
};
const watched = (scope: RuleScope): readonly string[] =>
  measured(scope).filter((name) => standing(scope).includes(name));

export const callAlerts = {
  "ServiceDown/critical": {
    // No pod, no target, no series: it is missed by name.
    expr: (scope) =>
      [
        `max by (service) (${m.up}{${of(watched, scope)}}) == 0`,
        ...watched(scope).map((name) => `absent(${m.up}{service="${name}"})`),
      ].join(" or "),
    for: "1m",
    summary: "{{ $labels.service }} is down",
    description: "No pod of {{ $labels.service }} has shown its metrics for a minute.",
    when: some(watched),
  },
  "NoReplicas/critical": {
    expr: (scope) => {
      const which = `namespace="${scope.settings.prefix}",${oneOf("deployment", standing(scope))}`;
      const ready = `max by (namespace, deployment) (${m.kube_deployment_status_replicas_available}{${which}})`;
      return `${ready} == 0 and on (namespace, deployment) ${m.kube_deployment_spec_replicas} > 0`;
    },
    for: "2m",
    summary: "{{ $labels.deployment }} has no pod that serves",
    description: "No pod of {{ $labels.deployment }} in {{ $labels.namespace }} has been ready for 2 minutes.",
    when: some(standing),
  },
  "HighErrorRate/warning": {
    ...errorRate,
    expr: (scope) => failing(scope, alertsOf(scope).errorRate.warning),
    setting: "errorRate.warning",
  },
  "HighErrorRate/critical": {
    ...errorRate,
    expr: (scope) => failing(scope, alertsOf(scope).errorRate.critical),
    setting: "errorRate.critical",
  },
  "HighResponseTime/warning": {
    expr: (scope) => slower(scope, 0.95, alertsOf(scope).responseTime),
    for: "5m",
    summary: "{{ $labels.service }} answers slowly",
    description: "1 of 20 calls of {{ $labels.service }} takes longer than {{ $value | humanizeDuration }}.",
    setting: "responseTime",
    when: some(callable),
  },
  "HighLatency/warning": {
    expr: (scope) => slower(scope, 0.99, alertsOf(scope).latency),
    for: "5m",
    summary: "Some calls of {{ $labels.service }} are answered slowly",
    description: "1 of 100 calls of {{ $labels.service }} takes longer than {{ $value | humanizeDuration }}.",
    setting: "latency",
    when: some(callable),
  },
  "DependencyAway/critical": { ...dependency, expr: (scope) => away(scope, 'dependency="database"') },
  "DependencyAway/warning": { ...dependency, expr: (scope) => away(scope, 'dependency!~"database|none"') },
  "LimitsDegraded/warning": {
    expr: (scope) => `max by (service) (${m.limits_degraded}{${of(agentic, scope)}}) == 1`,
    for: "5m",
    summary: "{{ $labels.service }} counts limits by pod",
    description:
      "{{ $labels.service }} has not reached its cache for 5 minutes: each pod counts its part of the limits alone.",
    when: some(agentic),
  },
  "ModeLeftOn/warning": {
    expr: (scope) => `max by (service, mode) (${m.service_mode}{${of(agentic, scope)}}) == 1`,
    for: (scope) => `${Math.round(alertsOf(scope).modeMinutes * 60)}s`,
    summary: "{{ $labels.mode }} mode of {{ $labels.service }} is still on",
    description:
      "{{ $labels.service }} has been in {{ $labels.mode }} mode for longer than such work is meant to take.",
    setting: "modeMinutes",
    when: some(agentic),
  },
} as const satisfies AlertTable;
