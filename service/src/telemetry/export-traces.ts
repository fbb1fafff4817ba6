import {
  type SpanKind as OtelKind,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace-node";
import { atMost } from "../in-time.js";
import type { Scrub } from "./scrub.js";
import type { Attributes, Span, SpanKind, Tracer, TraceTarget } from "./traces.js";

/** Loaded only where there is somewhere to send traces: OpenTelemetry's code takes 18 MB of memory. */

export interface ExportOptions {
  readonly target: TraceTarget;
  readonly scrub: Scrub;
  readonly resource: Attributes;
  /** A batch was sent, or why it was not. */
  readonly onExport: (failure: Error | undefined) => void;
  /** Milliseconds that a batch, and with it `flush`, takes at most: nothing of it keeps the process alive after that. */
  readonly patience: number;
}

const kinds: { readonly [K in SpanKind]: OtelKind } = { internal: 0, server: 1, client: 2 };

/**
 * Not registered globally: the current span is in our own scope, so that two services in one process, as in tests, do
 * not share one, and no library sends spans of its own.
 */
export function exportTraces({ target, scrub, resource, onExport, patience }: ExportOptions): Tracer {
  const exporter = watched(new OTLPTraceExporter({ url: target.url, timeoutMillis: patience }), onExport);
  const provider = new NodeTracerProvider({
    // What the environment says (OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME) goes before what the code does.
    resource: resourceFromAttributes(resource).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerFor(target),
    spanLimits: { attributeValueLengthLimit: 1024 },
    spanProcessors: [new BatchSpanProcessor(exporter, { exportTimeoutMillis: patience })],
  });
  const tracer = provider.getTracer("agent-service");

  const scrubbed = (attributes: Attributes): Attributes =>
    Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, typeof value === "string" ? scrub.text(value) : value]),
    );

  const spanOf = (span: OtelSpan): Span => {
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceId,
      spanId,
      sampled: (traceFlags & TraceFlags.SAMPLED) !== 0,
      set: (attributes) => void (span.isRecording() && span.setAttributes(scrubbed(attributes))),
      rename: (name) => void span.updateName(scrub.text(name)),
      fail: (type) => void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", type),
      end: () => span.end(),
    };
  };

  return {
    start(name, { kind, parent, remote = false, attributes = {} }) {
      const above =
        parent === undefined
          ? ROOT_CONTEXT
          : trace.setSpanContext(ROOT_CONTEXT, {
              traceId: parent.traceId,
              spanId: parent.spanId,
              traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
              isRemote: remote,
            });
      return spanOf(tracer.startSpan(name, { kind: kinds[kind], attributes: scrubbed(attributes) }, above));
    },
    flush: () => atMost(patience, provider.forceFlush()),
  };
}

/** Where a caller's decision does not hold all decide alike, by the trace's id: half a trace helps nobody. */
function samplerFor({ ratio, heedsCaller }: TraceTarget): Sampler {
  const root = new TraceIdRatioBasedSampler(ratio);
  return heedsCaller ? new ParentBasedSampler({ root }) : root;
}

function watched(exporter: SpanExporter, onExport: ExportOptions["onExport"]): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        onExport(result.code === 0 ? undefined : (result.error ?? new Error("the collector did not take them")));
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
