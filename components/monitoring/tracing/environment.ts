import { tracesOf } from "../../../config/monitoring/tracing.js";
import type { Settings } from "../../../config/settings.js";
import type { Reach } from "../../peers.js";
import { collector } from "../places.js";

type Stack = Pick<Settings, "prefix" | "environment" | "monitoring">;

/**
 * What every service is told of its traces, in the variables that OpenTelemetry's libraries read; the pod's own names
 * are added on the way. Nothing where no traces are kept. What the stack says in `env` wins.
 */
export function tracingEnv(service: string, stack: Stack): Readonly<Record<string, string>> {
  if (tracesOf(stack.monitoring) === undefined) return {};
  return {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url(stack),
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: `service.namespace=${stack.prefix},deployment.environment.name=${stack.environment}`,
    // The collector decides, and can keep only what it gets: a caller that sends nothing must not hide what failed.
    OTEL_TRACES_SAMPLER: "always_on",
    // Prometheus reads metrics and the nodes read logs: nobody takes them there.
    OTEL_METRICS_EXPORTER: "none",
    OTEL_LOGS_EXPORTER: "none",
  };
}

/** Whom pods call with their traces; nobody where none are kept. */
export const tracingReach = (stack: Stack): Reach | undefined =>
  tracesOf(stack.monitoring) === undefined ? undefined : { to: [collector.pods(stack)], port: collector.port };
