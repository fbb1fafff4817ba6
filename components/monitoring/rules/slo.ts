import type { ServiceSettings } from "../../../config/service-schema.js";
import { m } from "../metrics/names.js";
import { calls, quickCalls } from "./calls.js";
import type { AlertTable, RecordingRule, RuleGroup } from "./row.js";
import { agentic, callable, type RuleScope, some } from "./scope.js";

/**
 * What each service promises, and how much of what it may fail is left: its error budget. Of calls that are answered
 * well (`slo="availability"`), and of those answered in time (`latency_p95`, `latency_p99`). Alerts look at a long and
 * a short window at once, after chapter 5 of Google's SRE workbook: the long one says that it matters, the short one
 * that it goes on.
 */

/** Of the error budget, 30 days. */
const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d"] as const;
type Window = (typeof windows)[number];
const PERIOD = "30d" satisfies Window;

const requests = "service:slo_requests:rate5m";
const failures = "service:slo_failures:rate5m";
const ratio = <W extends Window>(window: W) => `service:slo_errors:ratio_rate${window}` as const;
const objective = "service:slo_objective:ratio";
const budgetLeft = "service:slo_error_budget:ratio";
const agentHealth = "service:agent_health:avg";

/** Names and labels of what is recorded here. */
export const sloRecordings: Readonly<Record<string, readonly string[]>> = {
  [requests]: ["service", "slo"],
  [failures]: ["service", "slo"],
  ...Object.fromEntries(windows.map((window) => [ratio(window), ["service", "slo"]])),
  [objective]: ["service", "slo"],
  [budgetLeft]: ["service", "slo"],
  [agentHealth]: ["service"],
};

/** Prometheus 3 writes whole bounds as `1.0`, those before it as `1`. */
const bound = (seconds: number): string =>
  Number.isInteger(seconds) ? `le=~"${seconds}|${seconds}.0"` : `le="${seconds}"`;

const sum = (series: string) => `sum(rate(${series}[5m]))`;

function promisesOf(service: string, { slo, agents }: ServiceSettings): readonly RecordingRule[] {
  const of = `service="${service}"`;
  const answered = sum(`${m.http_requests_total}{${calls(of)}}`);
  const failed = sum(`${m.http_requests_total}{${calls(of)},status=~"5.."}`);
  const timed = sum(`${m.http_request_duration_seconds_count}{${quickCalls(of)}}`);
  const within = (seconds: number) =>
    sum(`${m.http_request_duration_seconds_bucket}{${quickCalls(of)},${bound(seconds)}}`);
  const promise = (name: string, share: string, all: string, bad: string): readonly RecordingRule[] => [
    { record: objective, expr: `vector(${share})`, labels: { service, slo: name } },
    { record: requests, expr: all, labels: { service, slo: name } },
    { record: failures, expr: bad, labels: { service, slo: name } },
  ];
  return [
    ...promise("availability", share(slo.availability), answered, `${failed} or 0 * ${answered}`),
    ...promise("latency_p95", "0.95", timed, `${timed} - ${within(slo.p95)}`),
    ...promise("latency_p99", "0.99", timed, `${timed} - ${within(slo.p99)}`),
    ...(agents === undefined
      ? []
      : [
          { record: objective, expr: `vector(${slo.agentHealth})`, labels: { service, slo: "agent_health" } },
          { record: agentHealth, expr: `avg(${m.agent_health}{${of},agent_name!="none"})`, labels: { service } },
        ]),
  ];
}

/** Percent as a part of one, without what binary numbers make of it. */
const share = (percent: number): string => String(Number((percent / 100).toPrecision(12)));

/** From what is recorded each time: a rate of 30 days of every series would take seconds. */
const overWindow = (window: Window): RecordingRule => ({
  record: ratio(window),
  expr:
    window === "5m"
      ? `${failures} / ${requests}`
      : `avg_over_time(${failures}[${window}]) / avg_over_time(${requests}[${window}])`,
});

const left: RecordingRule = {
  record: budgetLeft,
  expr: `1 - ${ratio(PERIOD)} / on (service, slo) (1 - ${objective})`,
};

export const sloGroups = (scope: RuleScope): readonly RuleGroup[] =>
  callable(scope).length === 0
    ? []
    : [
        {
          name: "slo",
          rules: [
            ...callable(scope).flatMap((name) => {
              const service = scope.running[name];
              return service === undefined ? [] : promisesOf(name, service);
            }),
            ...windows.map(overWindow),
            left,
          ],
        },
      ];

/** Times as fast as the budget lasts its 30 days; a promise so small that it could not burn so fast ends at 9 of 10. */
const burns = (factor: number, long: Window, short: Window) => {
  const most = `on (service, slo) clamp_max(${factor} * (1 - ${objective}), 0.9)`;
  return {
    expr: () => `${ratio(long)} > ${most} and ${ratio(short)} > ${most}`,
    setting: "services.KEY.slo",
    when: some(callable),
  };
};
const spends = (much: string) => ({
  summary: "{{ $labels.service }} spends its error budget of {{ $labels.slo }}",
  description: `{{ $value | humanizePercentage }} of the calls of {{ $labels.service }} fall short of {{ $labels.slo }}: ${much}.`,
});

export const sloAlerts = {
  "ErrorBudgetBurnFast/critical": {
    ...burns(14.4, "1h", "5m"),
    ...spends("so the budget of 30 days lasts 2 days"),
    for: "2m",
  },
  "ErrorBudgetBurn/critical": {
    ...burns(6, "6h", "30m"),
    ...spends("so the budget of 30 days lasts 5 days"),
    for: "15m",
  },
  "ErrorBudgetBurn/warning": {
    ...burns(3, "1d", "2h"),
    ...spends("so the budget of 30 days lasts 10 days"),
    for: "1h",
  },
  "ErrorBudgetBurnSlow/warning": {
    ...burns(1, "3d", "6h"),
    ...spends("so nothing of the budget is left after 30 days"),
    for: "3h",
  },
  "ErrorBudgetSpent/warning": {
    expr: () => `${budgetLeft} < 0`,
    for: "15m",
    summary: "{{ $labels.service }} has spent its error budget of {{ $labels.slo }}",
    description:
      "In the last 30 days {{ $labels.service }} fell short of {{ $labels.slo }} more often than it may: {{ $value | humanizePercentage }} of the budget is left.",
    setting: "services.KEY.slo",
    when: some(callable),
  },
  "ErrorObjectiveMissed/warning": {
    expr: (scope) =>
      callable(scope)
        .map((name) => {
          const percent = scope.running[name]?.slo.errors ?? 0;
          return `100 * ${ratio("1h")}{service="${name}",slo="availability"} > ${percent}`;
        })
        .join(" or "),
    for: "10m",
    summary: "{{ $labels.service }} fails more calls than it may",
    description: '{{ $value | printf "%.2f" }} % of the calls of {{ $labels.service }} failed in the last hour.',
    setting: "services.KEY.slo.errors",
    when: some(callable),
  },
  "AgentHealthLow/warning": {
    expr: () => `${agentHealth} < on (service) ${objective}{slo="agent_health"}`,
    for: "10m",
    summary: "Agents of {{ $labels.service }} are not well",
    description: "{{ $labels.service }} says of its agents that {{ $value | humanizePercentage }} are well.",
    setting: "services.KEY.slo.agentHealth",
    when: (scope) => agentic(scope).some((name) => callable(scope).includes(name)),
  },
} as const satisfies AlertTable;
