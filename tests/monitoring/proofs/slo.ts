import type { sloAlerts } from "../../../components/monitoring/rules/slo.js";
import type { Proof } from "../proof.js";

// A thousand calls a minute.
export const sloProofs: Readonly<Record<keyof typeof sloAlerts, Proof>> = {
  "ErrorBudgetBurnFast/critical": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+1000x120 120850+850x200",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0x120 150+150x200",
      },
      at: 130,
      labels: { environment: "production", service: "shop", severity: "critical", slo: "availability" },
      summary: "shop spends its error budget of availability",
      description: "2.003% of the calls of shop fall short of availability: so the budget of 30 days lasts 2 days.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+1000x120 120990+990x200",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0x120 10+10x200",
      },
      until: 300,
    },
  },
  "ErrorBudgetBurn/critical": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+1000x720 720980+980x400",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0x720 20+20x400",
      },
      at: 845,
      labels: { environment: "production", service: "shop", severity: "critical", slo: "availability" },
      summary: "shop spends its error budget of availability",
      description: "0.6834% of the calls of shop fall short of availability: so the budget of 30 days lasts 5 days.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+994.5x1100",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+5.5x1100",
      },
      until: 1000,
    },
  },
  "ErrorBudgetBurn/warning": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+996x300",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+4x300",
      },
      at: 61,
      labels: { environment: "production", service: "shop", severity: "warning", slo: "availability" },
      summary: "shop spends its error budget of availability",
      description: "0.4% of the calls of shop fall short of availability: so the budget of 30 days lasts 10 days.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+997.1x300",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+2.9x300",
      },
      until: 290,
    },
  },
  "ErrorBudgetBurnSlow/warning": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+998.8x400",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+1.2x400",
      },
      at: 181,
      labels: { environment: "production", service: "shop", severity: "warning", slo: "availability" },
      summary: "shop spends its error budget of availability",
      description:
        "0.12% of the calls of shop fall short of availability: so nothing of the budget is left after 30 days.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+999.1x400",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+0.9x400",
      },
      until: 390,
    },
  },
  "ErrorBudgetSpent/warning": {
    fires: {
      series: {
        'http_request_duration_seconds_count{service="shop",pod="shop-1",route="/orders"}': "0+1000x100",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+949x100",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="5.0"}': "0+999x100",
      },
      at: 16,
      labels: { environment: "production", service: "shop", severity: "warning", slo: "latency_p95" },
      summary: "shop has spent its error budget of latency_p95",
      description:
        "In the last 30 days shop fell short of latency_p95 more often than it may: -2% of the budget is left.",
    },
    quiet: {
      series: {
        'http_request_duration_seconds_count{service="shop",pod="shop-1",route="/orders"}': "0+1000x100",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="2.0"}': "0+951x100",
        'http_request_duration_seconds_bucket{service="shop",pod="shop-1",route="/orders",le="5.0"}': "0+991x100",
      },
      until: 90,
    },
  },
  "ErrorObjectiveMissed/warning": {
    fires: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+969x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+31x60",
      },
      at: 11,
      labels: { environment: "production", service: "shop", severity: "warning", slo: "availability" },
      summary: "shop fails more calls than it may",
      description: "3.10 % of the calls of shop failed in the last hour.",
    },
    quiet: {
      series: {
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="200"}': "0+970.1x60",
        'http_requests_total{service="shop",pod="shop-1",route="/orders",status="500"}': "0+29.9x60",
      },
      until: 21,
    },
  },
  "AgentHealthLow/warning": {
    fires: {
      series: {
        'agent_health{service="api",pod="api-1",agent_name="planner"}': "0.9x60",
        'agent_health{service="api",pod="api-1",agent_name="writer"}': "0.98x60",
      },
      at: 10,
      labels: { environment: "production", service: "api", severity: "warning" },
      summary: "Agents of api are not well",
      description: "api says of its agents that 94% are well.",
    },
    quiet: {
      series: {
        'agent_health{service="api",pod="api-1",agent_name="planner"}': "0.92x60",
        'agent_health{service="api",pod="api-1",agent_name="writer"}': "0.98x60",
        'agent_health{service="api",pod="api-1",agent_name="none"}': "0x60",
      },
      until: 20,
    },
  },
};
