import { collector, jaeger, sampler } from "../places.js";

/** Where what takes traces listens, as OpenTelemetry's own programs do. */
export const tracingPorts = {
  /** OTLP over gRPC. */
  grpc: sampler.port,
  /** OTLP over HTTP. */
  http: collector.port,
  metrics: 8888,
  health: 13_133,
  /** Jaeger's queries and pages. */
  query: jaeger.port,
} as const;
