import { stringify } from "yaml";
import type { TraceStore, Traces } from "../../../config/monitoring/tracing.js";
import type { Settings } from "../../../config/settings.js";
import { monitoringNamespace } from "../places.js";
import { renderDecisions } from "./decisions.js";
import { tracingPorts as ports } from "./ports.js";
import { scrubbed } from "./scrub.js";

/** Configurations of the OpenTelemetry collector, in the names of components that its version has. */

type Stack = Pick<Settings, "prefix" | "services">;

/** One pod does all of it; of several, those in front send each trace whole to one that decides. */
export const tiers = ["all", "front", "sampler"] as const;
export type Tier = (typeof tiers)[number];

export const tiersOf = ({ replicas }: Traces): readonly Tier[] => (replicas > 1 ? ["front", "sampler"] : ["all"]);

export const TOKEN_FILE = "/etc/otelcol/token/token";

interface Parts {
  readonly protocols: object;
  /** In the order in which they work. */
  readonly processors: Readonly<Record<string, object>>;
  readonly exporters: Readonly<Record<string, object>>;
  readonly extensions?: Readonly<Record<string, object>>;
}

const parts: { readonly [T in Tier]: (traces: Traces, stack: Stack) => Parts } = {
  all: (traces, stack) => ({
    protocols: { grpc, http },
    processors: { ...arriving(stack), tail_sampling: renderDecisions(traces, stack), batch },
    ...sending(traces, stack),
  }),
  front: (traces, stack) => ({
    protocols: { grpc, http },
    processors: { ...arriving(stack), batch },
    exporters: { load_balancing: dealing(traces, stack) },
  }),
  sampler: (traces, stack) => ({
    protocols: { grpc },
    processors: { memory_limiter, tail_sampling: renderDecisions(traces, stack), batch },
    ...sending(traces, stack),
  }),
};

export function collectorConfig(tier: Tier, traces: Traces, stack: Stack) {
  const { protocols, processors, exporters, extensions = {} } = parts[tier](traces, stack);
  const all = { health_check: { endpoint: `0.0.0.0:${ports.health}` }, ...extensions };
  return {
    extensions: all,
    receivers: { otlp: { protocols } },
    processors,
    exporters,
    service: {
      extensions: Object.keys(all),
      pipelines: {
        traces: { receivers: ["otlp"], processors: Object.keys(processors), exporters: Object.keys(exporters) },
      },
      telemetry,
    },
  };
}

export const renderCollectorConfig = (tier: Tier, traces: Traces, stack: Stack): string =>
  asYaml(collectorConfig(tier, traces, stack));

export const asYaml = (config: object): string => stringify(config, { aliasDuplicateObjects: false, lineWidth: 0 });

/** Where Prometheus reads of the program itself. */
export const metricsAt = (host: string, port: number) => ({
  readers: [{ pull: { exporter: { prometheus: { host, port } } } }],
});

export const telemetry = { logs: { encoding: "json" }, metrics: metricsAt("0.0.0.0", ports.metrics) };

/** A batch of spans is larger than the 4 MiB that gRPC lets through by itself. */
export const grpc = { endpoint: `0.0.0.0:${ports.grpc}`, max_recv_msg_size_mib: 16 };
const http = { endpoint: `0.0.0.0:${ports.http}` };

/** Before the pod is killed for its memory, spans are refused, and their senders try again. */
const memory_limiter = { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 20 };
const batch = { timeout: "1s", send_batch_size: 1024, send_batch_max_size: 2048 };

/** Which pod a span comes from is told by its address, so that comes before anything is put together. */
const arriving = ({ prefix }: Stack) => ({
  memory_limiter,
  k8s_attributes: {
    auth_type: "serviceAccount",
    // Services' own namespace: what is asked there needs no right to the whole cluster.
    filter: { namespace: prefix },
    extract: {
      metadata: ["k8s.namespace.name", "k8s.deployment.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name"],
    },
    pod_association: [{ sources: [{ from: "connection" }] }],
  },
  redaction: {
    allow_all_keys: true,
    blocked_key_patterns: [...scrubbed.keys],
    blocked_values: [...scrubbed.values],
    summary: "silent",
  },
});

/** A fifth of the memory holds what waits, for ten minutes: longer than Jaeger takes to start again. */
const patient = ({ memory }: Traces) => ({
  timeout: "10s",
  sending_queue: { sizer: "bytes", queue_size: Math.round((memory * 1024 ** 3) / 5) },
  retry_on_failure: { initial_interval: "1s", max_interval: "10s", max_elapsed_time: "600s" },
});

/** All spans of a trace go to the same pod. A pod that is gone is none that they wait for: they are dealt again. */
const dealing = (traces: Traces, stack: Stack) => {
  const { timeout, sending_queue, retry_on_failure } = patient(traces);
  return {
    routing_key: "traceID",
    protocol: {
      otlp: {
        timeout,
        tls: { insecure: true },
        sending_queue: { enabled: false },
        retry_on_failure: { enabled: false },
      },
    },
    resolver: {
      dns: { hostname: `sampler.${monitoringNamespace(stack)}.svc`, port: String(ports.grpc), interval: "5s" },
    },
    timeout,
    sending_queue: { enabled: true, ...sending_queue },
    retry_on_failure: { enabled: true, ...retry_on_failure },
  };
};

function sending(traces: Traces, stack: Stack): Pick<Parts, "exporters" | "extensions"> {
  const { store } = traces;
  if (store.kind === "otlp") return elsewhere(store, traces);
  const endpoint = `jaeger.${monitoringNamespace(stack)}.svc:${ports.grpc}`;
  return { exporters: { otlp_grpc: { endpoint, tls: { insecure: true }, ...patient(traces) } } };
}

function elsewhere({ url, token }: Extract<TraceStore, { kind: "otlp" }>, traces: Traces) {
  // The exporter appends it; who wrote it already means the same.
  const endpoint = url.replace(/(\/v1\/traces)?\/*$/, "");
  const otlp_http = { endpoint, ...patient(traces) };
  if (token === undefined) return { exporters: { otlp_http } };
  return {
    extensions: { bearertokenauth: { filename: TOKEN_FILE } },
    exporters: { otlp_http: { ...otlp_http, auth: { authenticator: "bearertokenauth" } } },
  };
}
