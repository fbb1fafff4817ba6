import type { TraceStore } from "../../../config/monitoring/tracing.js";
import { asYaml, grpc, telemetry } from "./collector-config.js";
import { tracingPorts as ports } from "./ports.js";

/** Version 2 is a collector with parts of its own: what it stores goes through a pipeline of the same form. */

export const DATA = "/data";
/** By which its parts call the one store. */
const STORE = "badger";

type OwnStore = Extract<TraceStore, { kind: "jaeger" }>;

export const renderJaegerConfig = ({ retention }: Pick<OwnStore, "retention">): string =>
  asYaml({
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: `0.0.0.0:${ports.health}` } },
      jaeger_storage: {
        backends: {
          [STORE]: {
            badger: {
              ephemeral: false,
              directories: { keys: `${DATA}/keys`, values: `${DATA}/values` },
              ttl: { spans: `${retention * 24}h` },
            },
          },
        },
      },
      jaeger_query: { storage: { traces: STORE }, http: { endpoint: `0.0.0.0:${ports.query}` } },
    },
    receivers: { otlp: { protocols: { grpc } } },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: STORE } },
    service: {
      extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
      pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
      telemetry,
    },
  });
