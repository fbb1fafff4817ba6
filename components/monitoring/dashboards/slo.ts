import { agentic, callable, some } from "../rules/scope.js";
import { dashboard, toTraces } from "./dashboard.js";
import { graph, type PanelOf, stat, table } from "./panel.js";
import { served } from "./query.js";
import type { DashboardScope } from "./scope.js";

/** What services promise, how far they keep it, and how much of what may go wrong is left. */
export function slo(scope: DashboardScope) {
  const when = some(callable)(scope);
  return dashboard(
    {
      uid: "slo",
      title: "SLO",
      about:
        "What services promise (`services.NAME.slo`), how far they keep it, and how much of what may go wrong in 30 days is left.",
      rows: [
        { title: "Error budgets", when, panels: () => budgets(scope) },
        { title: "Kept and promised", when, panels: () => promises(scope) },
      ],
    },
    scope,
  );
}

const promise = (name: string): string => `slo="${name}"`;
const objective = (...more: readonly string[]): string => served("service:slo_objective:ratio", ...more);
const errors = (window: string, ...more: readonly string[]): string =>
  served(`service:slo_errors:ratio_rate${window}`, ...more);
const budget = served("service:slo_error_budget:ratio");
const LEGEND = "{{service}} {{slo}}";

/** Times as fast as it may for the budget to last 30 days. */
const burn = (window: string): string =>
  `${errors(window)} / on (environment,service,slo) (1 - ${objective('slo!="agent_health"')})`;

/** At the first somebody should look within the day, at the second at once: where alerts on budgets begin. */
const limits = { warn: 3, bad: 14.4 };

const budgets = (scope: DashboardScope): readonly PanelOf[] => [
  stat({
    title: "Budget left",
    about:
      "Part of what may go wrong in 30 days that is left. Below 0 the promise is broken: nothing risky is rolled out until it is above again.",
    unit: "percentunit",
    width: 24,
    limits: { warn: 0.25, bad: 0, lessIsWorse: true },
    queries: [{ expr: budget, legend: LEGEND }],
  }),
  graph({
    title: "Budget over time",
    about: "How the budget was spent.",
    unit: "percentunit",
    limits: { bad: 0, lessIsWorse: true },
    queries: [{ expr: budget, legend: LEGEND }],
  }),
  graph({
    title: "Spent in an hour",
    about: "1 is as fast as the budget lasts 30 days; at 14.4 it lasts two days, and somebody is woken.",
    unit: "short",
    limits,
    queries: [{ expr: burn("1h"), legend: LEGEND }],
    links: toTraces(scope),
  }),
  graph({
    title: "Spent in six hours",
    about: "The same over a longer time: what goes on slowly shows here.",
    unit: "short",
    limits,
    queries: [{ expr: burn("6h"), legend: LEGEND }],
    links: toTraces(scope),
  }),
];

const promises = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Availability",
    about: "Part of the calls of the last hour that were answered well, and what is promised (`slo.availability`).",
    unit: "percentunit",
    queries: [
      { expr: `1 - ${errors("1h", promise("availability"))}`, legend: "{{service}}" },
      { expr: objective(promise("availability")), legend: "{{service}} promised" },
    ],
  }),
  graph({
    title: "Answered in time",
    about:
      "Part of the calls of the last hour that were answered within `slo.p95`, and within `slo.p99`: 95 % and 99 % are promised.",
    unit: "percentunit",
    queries: [
      { expr: `1 - ${errors("1h", 'slo=~"latency_.*"')}`, legend: LEGEND },
      { expr: objective('slo=~"latency_.*"'), legend: `${LEGEND} promised` },
    ],
  }),
  graph({
    title: "Calls that the promises are of",
    about: "Calls a second that count, and those that fell short.",
    unit: "reqps",
    queries: [
      { expr: served("service:slo_requests:rate5m"), legend: LEGEND },
      { expr: served("service:slo_failures:rate5m"), legend: `${LEGEND} fell short` },
    ],
  }),
  table({
    title: "The last 30 days",
    about: "Part of the calls that kept each promise.",
    unit: "percentunit",
    width: 12,
    queries: [{ expr: `1 - ${errors("30d")}`, legend: "" }],
  }),
  ...(some(agentic)(scope)
    ? [
        graph({
          title: "Health of agents",
          about: "Mean health of each service's agents, and what is promised (`slo.agentHealth`).",
          unit: "percentunit",
          width: 12,
          queries: [
            { expr: served("service:agent_health:avg"), legend: "{{service}}" },
            { expr: objective(promise("agent_health")), legend: "{{service}} promised" },
          ],
        }),
      ]
    : []),
];
