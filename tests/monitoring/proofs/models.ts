import type { modelAlerts } from "../../../components/monitoring/rules/models.js";
import type { Proof } from "../proof.js";

export const modelProofs: Readonly<Record<keyof typeof modelAlerts, Proof>> = {
  "BreakerOpen/warning": {
    fires: {
      series: {
        'llm_breaker_state{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}': "2x60",
        'llm_breaker_state{service="api",pod="api-2",provider="openai",model="gpt-5.4-mini"}': "0x60",
      },
      at: 5,
      labels: {
        environment: "production",
        model: "gpt-5.4-mini",
        provider: "openai",
        service: "api",
        severity: "warning",
      },
      summary: "api does not ask gpt-5.4-mini of openai",
      description: "It failed so often that api has left it alone for 5 minutes.",
    },
    quiet: {
      series: { 'llm_breaker_state{service="api",pod="api-1",provider="openai",model="gpt-5.4-mini"}': "1x60" },
      until: 15,
    },
  },
  "ProviderDown/warning": {
    fires: {
      series: {
        'llm_provider_up{service="api",pod="api-1",provider="openai"}': "0x60",
        'llm_provider_up{service="api",pod="api-1",provider="anthropic"}': "1x60",
      },
      at: 5,
      labels: { environment: "production", provider: "openai", service: "api", severity: "warning" },
      summary: "openai does not answer api",
      description: "No pod of api has had an answer of openai for 5 minutes.",
    },
    quiet: {
      series: {
        'llm_provider_up{service="api",pod="api-1",provider="openai"}': "0x60",
        'llm_provider_up{service="api",pod="api-2",provider="openai"}': "1x60",
        'llm_provider_up{service="api",pod="api-1",provider="none"}': "0x60",
      },
      until: 15,
    },
  },
  "AllProvidersDown/critical": {
    fires: {
      series: {
        'llm_provider_up{service="api",pod="api-1",provider="openai"}': "0x60",
        'llm_provider_up{service="api",pod="api-1",provider="anthropic"}': "0x60",
      },
      at: 1,
      labels: { environment: "production", service: "api", severity: "critical" },
      summary: "No provider answers api",
      description: "Every model call of api has failed for a minute: there is no provider left to go on to.",
    },
    quiet: {
      series: {
        'llm_provider_up{service="api",pod="api-1",provider="openai"}': "0x60",
        'llm_provider_up{service="api",pod="api-1",provider="anthropic"}': "1x60",
      },
      until: 11,
    },
  },
  "ProviderFailover/warning": {
    fires: {
      series: { 'llm_failover_total{service="api",pod="api-1",from="openai",to="anthropic"}': "0x10 0+1.2x40" },
      at: 20,
      labels: { environment: "production", from: "openai", service: "api", severity: "warning", to: "anthropic" },
      summary: "Calls of api leave openai",
      description: "11 calls of api went on from openai to anthropic in the last 10 minutes.",
    },
    quiet: {
      series: { 'llm_failover_total{service="api",pod="api-1",from="openai",to="anthropic"}': "0x10 0+1x40" },
      until: 30,
    },
  },
  "CredentialRefused/critical": {
    fires: {
      series: { 'llm_credential_refused{service="api",pod="api-1",provider="openai"}': "1x60" },
      at: 1,
      labels: { environment: "production", provider: "openai", service: "api", severity: "critical" },
      summary: "openai refuses the key of api",
      description: "api leaves openai alone until it takes the key again.",
    },
    quiet: { series: { 'llm_credential_refused{service="api",pod="api-1",provider="openai"}': "0x60" }, until: 11 },
  },
  "SlowFirstToken/warning": {
    fires: {
      series: {
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="5.0"}': "0+50x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="10.0"}': "0+94x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="20.0"}': "0+100x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="+Inf"}': "0+100x60",
      },
      at: 11,
      labels: { environment: "production", provider: "openai", service: "api", severity: "warning" },
      summary: "openai begins slowly",
      description: "1 of 20 answers of openai to api begins after 11.67s or later.",
    },
    quiet: {
      series: {
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="5.0"}': "0+50x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="10.0"}': "0+95.1x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="20.0"}': "0+100x60",
        'llm_ttft_seconds_bucket{service="api",pod="api-1",provider="openai",le="+Inf"}': "0+100x60",
      },
      until: 21,
    },
  },
};
