import type { budgetAlerts } from "../../../components/monitoring/rules/budget.js";
import type { Proof } from "../proof.js";

// The stack's budget is 1000 dollars and 2 million tokens, the service's own 100 dollars.
export const budgetProofs: Readonly<Record<keyof typeof budgetAlerts, Proof>> = {
  "BudgetSpent/info": {
    every: 5,
    fires: {
      series: {
        'llm_tokens_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini",direction="output"}':
          "_x8 250000x2 300001+50001x40",
      },
      at: 25,
      labels: { budget: "tokens", environment: "production", severity: "info" },
      summary: "50 % of a budget of models is spent",
      description: "In the last 30 days all services together spent 50% of the tokens that models may cost.",
    },
    quiet: {
      series: {
        'llm_tokens_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini",direction="output"}':
          "_x8 250000x2 300000+50000x13 999990x80",
      },
      until: 100,
    },
  },
  "BudgetSpent/warning": {
    every: 5,
    fires: {
      series: {
        'llm_cost_usd_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}':
          "_x3 20x2 24.01+4.01x40",
      },
      at: 20,
      labels: { budget: "dollars", environment: "production", service: "api", severity: "warning" },
      summary: "80 % of a budget of models is spent",
      description: "In the last 30 days api spent 80.15% of the dollars that models may cost.",
    },
    quiet: {
      series: {
        'llm_cost_usd_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}':
          "_x3 20x2 24+4x13 79.9x80",
      },
      until: 100,
    },
  },
  "BudgetSpent/critical": {
    every: 5,
    fires: {
      series: {
        'llm_cost_usd_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}': "_x3 50x2 stale",
        'llm_cost_usd_total{service="api",pod="api-2",provider="openai",model="gpt-5.4-mini"}': "_x12 49x3 49.3+0.3x40",
      },
      at: 20,
      labels: { budget: "dollars", environment: "production", service: "api", severity: "critical" },
      summary: "100 % of a budget of models is spent",
      description: "In the last 30 days api spent 100.5% of the dollars that models may cost.",
    },
    quiet: {
      series: {
        'llm_cost_usd_total{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}': "_x3 50x2 stale",
        'llm_cost_usd_total{service="api",pod="api-2",provider="openai",model="gpt-5.4-mini"}':
          "_x12 49x3 49.1+0.1x6 49.8x80",
      },
      until: 100,
    },
  },
};
