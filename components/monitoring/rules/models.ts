import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { agentic, alertsOf, of, some } from "./scope.js";

/** Providers of models. `none` is the series of a process that has not asked one yet. */

const REAL = `provider!="none"`;

export const modelAlerts = {
  "BreakerOpen/warning": {
    expr: (scope) => `max by (service, provider, model) (${m.llm_breaker_state}{${of(agentic, scope)},${REAL}}) == 2`,
    for: "5m",
    summary: "{{ $labels.service }} does not ask {{ $labels.model }} of {{ $labels.provider }}",
    description: "It failed so often that {{ $labels.service }} has left it alone for 5 minutes.",
    when: some(agentic),
  },
  "ProviderDown/warning": {
    expr: (scope) => `max by (service, provider) (${m.llm_provider_up}{${of(agentic, scope)},${REAL}}) == 0`,
    for: "5m",
    summary: "{{ $labels.provider }} does not answer {{ $labels.service }}",
    description: "No pod of {{ $labels.service }} has had an answer of {{ $labels.provider }} for 5 minutes.",
    when: some(agentic),
  },
  "AllProvidersDown/critical": {
    expr: (scope) => `max by (service) (${m.llm_provider_up}{${of(agentic, scope)},${REAL}}) == 0`,
    for: "1m",
    summary: "No provider answers {{ $labels.service }}",
    description:
      "Every model call of {{ $labels.service }} has failed for a minute: there is no provider left to go on to.",
    when: some(agentic),
  },
  "ProviderFailover/warning": {
    expr: (scope) =>
      `sum by (service, from, to) (increase(${m.llm_failover_total}{${of(agentic, scope)}}[10m])) > ${alertsOf(scope).failovers}`,
    summary: "Calls of {{ $labels.service }} leave {{ $labels.from }}",
    description:
      '{{ $value | printf "%.0f" }} calls of {{ $labels.service }} went on from {{ $labels.from }} to {{ $labels.to }} in the last 10 minutes.',
    setting: "failovers",
    when: some(agentic),
  },
  "CredentialRefused/critical": {
    expr: (scope) => `max by (service, provider) (${m.llm_credential_refused}{${of(agentic, scope)},${REAL}}) == 1`,
    for: "1m",
    summary: "{{ $labels.provider }} refuses the key of {{ $labels.service }}",
    description: "{{ $labels.service }} leaves {{ $labels.provider }} alone until it takes the key again.",
    when: some(agentic),
  },
  "SlowFirstToken/warning": {
    expr: (scope) =>
      `histogram_quantile(0.95, sum by (service, provider, le) (rate(${m.llm_ttft_seconds_bucket}{${of(agentic, scope)},${REAL}}[5m]))) > ${alertsOf(scope).firstToken}`,
    for: "10m",
    summary: "{{ $labels.provider }} begins slowly",
    description:
      "1 of 20 answers of {{ $labels.provider }} to {{ $labels.service }} begins after {{ $value | humanizeDuration }} or later.",
    setting: "firstToken",
    when: some(agentic),
  },
} as const satisfies AlertTable;
