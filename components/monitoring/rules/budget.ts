import type { Budget } from "../../../config/monitoring/budget.js";
import { m } from "../metrics/names.js";
import type { AlertTable, RecordingRule, RuleGroup } from "./row.js";
import { agentic, of, type RuleScope } from "./scope.js";

/** What models cost, held against what they may cost in any 30 days. */

const dollars = "service:llm_cost_usd:sum5m";
const tokens = "service:llm_tokens:sum5m";
const used = "stack:budget_used:ratio";

export const budgetRecordings: Readonly<Record<string, readonly string[]>> = {
  [dollars]: ["service", "provider", "model"],
  [tokens]: ["service", "provider", "model", "direction"],
  [used]: ["budget", "service"],
};

/** Recorded so often, and of so long each time: together they are all that was spent. */
const STEP = "5m";

/**
 * What was added since the last time. A series is there from the first call of a model on, with what that call cost:
 * an increase would not see it. It is new if it was not there the day before, so that an hour without Prometheus does
 * not make old ones new.
 */
const added = (series: string, by: string): string =>
  `sum by (${by}) ((${series} unless max_over_time(${series}[1d] offset ${STEP})) or increase(${series}[${STEP}]))`;

const spent = (metric: string, which = ""): string => `sum(sum_over_time(${metric}${which}[30d]))`;

/** What is spent of one budget, as a part of it; `service` is only there where the budget is a service's own. */
function usedOf({ dollars: most, tokens: many }: Budget, service?: string): readonly RecordingRule[] {
  const which = service === undefined ? "" : `{service="${service}"}`;
  const whose = service === undefined ? {} : { service };
  return [
    ...(most === undefined
      ? []
      : [{ record: used, expr: `${spent(dollars, which)} / ${most}`, labels: { budget: "dollars", ...whose } }]),
    ...(many === undefined
      ? []
      : [{ record: used, expr: `${spent(tokens, which)} / ${many}`, labels: { budget: "tokens", ...whose } }]),
  ];
}

const budgets = (scope: RuleScope): readonly RecordingRule[] => [
  ...usedOf(scope.watching.budget),
  ...agentic(scope).flatMap((name) => usedOf(scope.running[name]?.budget ?? {}, name)),
];

export const budgetGroups = (scope: RuleScope): readonly RuleGroup[] =>
  agentic(scope).length === 0
    ? []
    : [
        {
          name: "budget",
          interval: STEP,
          rules: [
            {
              record: dollars,
              expr: added(`${m.llm_cost_usd_total}{${of(agentic, scope)}}`, "service, provider, model"),
            },
            {
              record: tokens,
              expr: added(`${m.llm_tokens_total}{${of(agentic, scope)}}`, "service, provider, model, direction"),
            },
            ...budgets(scope),
          ],
        },
      ];

const reaches = (part: number) => ({
  expr: () => `${used} >= ${part}`,
  summary: `${part * 100} % of a budget of models is spent`,
  description:
    "In the last 30 days{{ with $labels.service }} {{ . }} spent{{ else }} all services together spent{{ end }} {{ $value | humanizePercentage }} of the {{ $labels.budget }} that models may cost.",
  setting: "monitoring.budget",
  when: (scope: RuleScope) => agentic(scope).length > 0 && budgets(scope).length > 0,
});

export const budgetAlerts = {
  "BudgetSpent/info": reaches(0.5),
  "BudgetSpent/warning": reaches(0.8),
  "BudgetSpent/critical": reaches(1),
} as const satisfies AlertTable;
