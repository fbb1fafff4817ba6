import { m } from "../metrics/names.js";
import { budgetGroups } from "../rules/budget.js";
import { agentic, some } from "../rules/scope.js";
import { dashboard } from "./dashboard.js";
import { graph, heatmap, type PanelOf, stat, table } from "./panel.js";
import { increase, max, min, of, quantile, rate, ratio, served, sum } from "./query.js";
import { type DashboardScope, limitOf } from "./scope.js";

/** Who answers model calls, how fast, how often another one had to, and what it costs. */
export function models(scope: DashboardScope) {
  const when = some(agentic)(scope);
  return dashboard(
    {
      uid: "models",
      title: "Model providers and cost",
      about: "Who answers model calls, how fast, how often somebody else had to, and what it costs.",
      rows: [
        { title: "Providers", when, panels: providers },
        { title: "Time", when, panels: () => times(scope) },
        { title: "Tokens", when, panels: tokens },
        { title: "Cost", when, panels: cost },
        { title: "Budget", when, panels: () => budget(scope) },
      ],
    },
    scope,
  );
}

const PROVIDER = ["provider"];
/** Stands for all providers until the first call. */
const KNOWN = 'provider!="none"';
const CLOSED = {
  0: { text: "closed", color: "green" },
  1: { text: "half-open", color: "yellow" },
  2: { text: "open", color: "red" },
} as const;

const providers = (): readonly PanelOf[] => [
  stat({
    title: "Providers up",
    about: "Whether a provider answers, as the pod sees it that sees it worst.",
    unit: "short",
    width: 8,
    states: { 0: { text: "away", color: "red" }, 1: { text: "up", color: "green" } },
    limits: { bad: 1, lessIsWorse: true },
    queries: [{ expr: min(PROVIDER, served(m.llm_provider_up, KNOWN)), legend: "{{provider}}" }],
  }),
  stat({
    title: "Breakers",
    about: "A breaker that is open sends calls elsewhere without trying; half-open it lets one through to see.",
    unit: "short",
    width: 8,
    states: CLOSED,
    limits: { warn: 1, bad: 2 },
    queries: [
      { expr: max(["provider", "model"], served(m.llm_breaker_state, KNOWN)), legend: "{{provider}} {{model}}" },
    ],
  }),
  stat({
    title: "Keys refused",
    about: "A provider that refuses its key is left alone until it takes it again: the key must be renewed.",
    unit: "short",
    width: 8,
    states: { 0: { text: "taken", color: "green" }, 1: { text: "refused", color: "red" } },
    limits: { bad: 1 },
    queries: [{ expr: max(PROVIDER, served(m.llm_credential_refused, KNOWN)), legend: "{{provider}}" }],
  }),
  graph({
    title: "Attempts",
    about: "Attempts a second at each provider.",
    unit: "reqps",
    queries: [{ expr: sum(PROVIDER, rate(served(m.llm_attempts_total))), legend: "{{provider}}" }],
  }),
  graph({
    title: "Attempts that failed",
    about: "Part of the attempts at a provider that it failed; what the caller asked wrongly is not counted.",
    unit: "percentunit",
    limits: { warn: 0.05, bad: 0.25 },
    queries: [
      {
        expr: ratio(
          sum(PROVIDER, rate(served(m.ai_failures_total))),
          sum(PROVIDER, rate(served(m.llm_attempts_total))),
        ),
        legend: "{{provider}}",
      },
    ],
  }),
  graph({
    title: "How attempts end",
    about: "Attempts a second by how they ended.",
    unit: "reqps",
    stacked: true,
    queries: [{ expr: sum(["outcome"], rate(served(m.llm_attempts_total))), legend: "{{outcome}}" }],
  }),
  graph({
    title: "Failovers",
    about: "Calls a second that went on to another provider.",
    unit: "reqps",
    width: 24,
    queries: [{ expr: sum(["from", "to"], rate(served(m.llm_failover_total))), legend: "{{from}} to {{to}}" }],
  }),
];

const times = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Time to the first token",
    about: "Within which 50 and 95 of 100 answers began.",
    unit: "s",
    limits: limitOf(scope, "firstToken"),
    queries: [50, 95].map((percent) => ({
      expr: quantile(percent / 100, PROVIDER, served(m.llm_ttft_seconds_bucket)),
      legend: `{{provider}} p${percent}`,
      exemplars: percent === 95,
    })),
  }),
  heatmap({
    title: "Times to the first token",
    about: "How many answers began after how long.",
    unit: "s",
    query: {
      expr: sum(["le"], `increase(${served(m.llm_ttft_seconds_bucket)}[$__rate_interval])`),
      legend: "{{le}}",
      exemplars: true,
    },
  }),
  graph({
    title: "Time of the whole answer",
    about: "Within which 50, 95 and 99 of 100 answers were whole, retries and failover included.",
    unit: "s",
    queries: [50, 95, 99].map((percent) => ({
      expr: quantile(percent / 100, PROVIDER, served(m.ai_response_duration_seconds_bucket)),
      legend: `{{provider}} p${percent}`,
      exemplars: percent === 99,
    })),
  }),
];

const tokens = (): readonly PanelOf[] => [
  graph({
    title: "Tokens by model",
    about: "Tokens a second that each model took and gave.",
    unit: "cps",
    queries: [
      {
        expr: sum(["provider", "model", "direction"], rate(served(m.llm_tokens_total))),
        legend: "{{provider}} {{model}} {{direction}}",
      },
    ],
  }),
  graph({
    title: "Tokens by service",
    about: "Tokens a second that each service used, both ways.",
    unit: "cps",
    queries: [{ expr: sum(["service"], rate(served(m.llm_tokens_total))), legend: "{{service}}" }],
  }),
  graph({
    title: "Tokens that were estimated",
    about: "Part of the attempts whose tokens the provider did not count: they are estimated by length.",
    unit: "percentunit",
    queries: [
      {
        expr: ratio(
          sum(PROVIDER, rate(served(m.llm_usage_estimated_total))),
          sum(PROVIDER, rate(served(m.llm_attempts_total))),
        ),
        legend: "{{provider}}",
      },
    ],
  }),
];

const HOUR_SECONDS = 3600;

const cost = (): readonly PanelOf[] => [
  stat({
    title: "Cost",
    about: "US dollars for tokens over the time that is looked at, of models that have a price in the settings.",
    unit: "currencyUSD",
    width: 6,
    queries: [{ expr: sum([], increase(served(m.llm_cost_usd_total))), legend: "cost" }],
  }),
  stat({
    title: "Cost of a thousand answers",
    about: "US dollars for a thousand whole answers, over the time that is looked at.",
    unit: "currencyUSD",
    width: 6,
    queries: [
      {
        expr: `1000 * ${ratio(sum([], increase(served(m.llm_cost_usd_total))), sum([], increase(served(m.ai_response_duration_seconds_count))))}`,
        legend: "a thousand answers",
      },
    ],
  }),
  table({
    title: "Cost by service and model",
    about: "US dollars over the time that is looked at.",
    unit: "currencyUSD",
    width: 12,
    queries: [{ expr: sum(["service", "provider", "model"], increase(served(m.llm_cost_usd_total))), legend: "" }],
  }),
  graph({
    title: "Cost an hour by model",
    about: "US dollars that an hour at this pace costs.",
    unit: "currencyUSD",
    width: 12,
    stacked: true,
    queries: [
      {
        expr: `${HOUR_SECONDS} * ${sum(["provider", "model"], rate(served(m.llm_cost_usd_total)))}`,
        legend: "{{provider}} {{model}}",
      },
    ],
  }),
  graph({
    title: "Cost an hour by service",
    about: "US dollars that an hour at this pace costs.",
    unit: "currencyUSD",
    width: 12,
    stacked: true,
    queries: [
      { expr: `${HOUR_SECONDS} * ${sum(["service"], rate(served(m.llm_cost_usd_total)))}`, legend: "{{service}}" },
    ],
  }),
];

const budget = (scope: DashboardScope): readonly PanelOf[] => [
  ...(hasBudget(scope) ? [spent()] : []),
  table({
    title: "Cost in 30 days",
    about: "US dollars of the last 30 days by service, provider and model.",
    unit: "currencyUSD",
    width: 12,
    queries: [{ expr: sum(["service", "provider", "model"], days(served("service:llm_cost_usd:sum5m"))), legend: "" }],
  }),
  table({
    title: "Tokens in 30 days",
    about: "Tokens of the last 30 days by service, provider, model and direction.",
    unit: "short",
    width: 12,
    queries: [
      {
        expr: sum(["service", "provider", "model", "direction"], days(served("service:llm_tokens:sum5m"))),
        legend: "",
      },
    ],
  }),
];

/** Every five minutes it is recorded what came since the last time. */
const days = (selected: string): string => `sum_over_time(${selected}[30d])`;

const USED = "stack:budget_used:ratio";
const hasBudget = (scope: DashboardScope): boolean =>
  budgetGroups(scope).some(({ rules }) => rules.some((rule) => "record" in rule && rule.record === USED));

const spent = (): PanelOf =>
  graph({
    title: "Budget spent",
    about: "Part of what models may cost in any 30 days (`monitoring.budget`, `services.NAME.budget`) that is spent.",
    unit: "percentunit",
    limits: { warn: 0.8, bad: 1 },
    width: 24,
    queries: [{ expr: of(USED), legend: "{{service}} {{budget}}" }],
  });
