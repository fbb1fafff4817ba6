import type { Attributes } from "@opentelemetry/api";
import type { Env } from "../env.js";
import { codeOf } from "../error-code.js";
import { samplerOf } from "./samplers.js";
import { type Scope, scopes } from "./scope.js";
import { newSpanId, newTraceId, type TraceContext } from "./trace-context.js";

export type { Attributes };
export type SpanKind = "server" | "client" | "internal";

/** Names, sizes and codes; never what a caller or a model wrote. */
export interface Span extends TraceContext {
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** What kind of error; its message may quote the input, so that it stays in the log. */
  fail(type: string): void;
  end(): void;
}

export interface SpanStart {
  readonly kind: SpanKind;
  readonly parent?: TraceContext | undefined;
  /** The parent is another process's. */
  readonly remote?: true;
  readonly attributes?: Attributes;
}

export interface Tracer {
  start(name: string, start: SpanStart): Span;
  /** Sends what is left; gives up after a while. */
  flush(): Promise<void>;
}

export interface TraceTarget {
  readonly url: string;
  /** Of traces that begin here. */
  readonly ratio: number;
  /** Of traces that began elsewhere, those are sent that the caller sends; by the ratio otherwise. */
  readonly heedsCaller: boolean;
}

type TracingEnv = Pick<
  Env,
  | "ENABLE_TRACING"
  | "OTEL_EXPORTER_OTLP_ENDPOINT"
  | "JAEGER_ENDPOINT"
  | "OTEL_TRACES_SAMPLER"
  | "OTEL_TRACES_SAMPLER_ARG"
>;

/** A collector samples by itself and needs all to do so; what goes straight to Jaeger is kept as it is. */
export function traceTarget(env: TracingEnv): TraceTarget | undefined {
  if (!env.ENABLE_TRACING) return undefined;
  if (env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined)
    return { url: tracesUrl(env.OTEL_EXPORTER_OTLP_ENDPOINT), ...sampled(env, 1) };
  if (env.JAEGER_ENDPOINT !== undefined) return { url: tracesUrl(env.JAEGER_ENDPOINT), ...sampled(env, 0.1) };
  return undefined;
}

function sampled(
  { OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: share = 1 }: TracingEnv,
  usual: number,
): Pick<TraceTarget, "ratio" | "heedsCaller"> {
  if (name === undefined) return { ratio: usual, heedsCaller: true };
  const { heedsCaller, ratio = share } = samplerOf(name);
  return { ratio, heedsCaller };
}

/** The specification appends /v1/traces to whatever path the endpoint has. Who wrote it already means the same. */
function tracesUrl(endpoint: string): string {
  const url = new URL(endpoint);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/v1/traces") ? path : `${path}/v1/traces`;
  return url.href;
}

/** With nowhere to send spans there are still ids, so that a call's lines are found by its trace. */
export const idsOnly: Tracer = {
  start: (_name, { parent }) => ({
    traceId: parent?.traceId ?? newTraceId(),
    spanId: newSpanId(),
    sampled: parent?.sampled ?? false,
    set() {},
    rename() {},
    fail() {},
    end() {},
  }),
  flush: async () => {},
};

/** Runs work in a span below the current one, and as the current one. */
export async function inSpan<T>(
  tracer: Tracer,
  name: string,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
  kind: SpanKind,
): Promise<T> {
  const scope: Scope = scopes.getStore() ?? {};
  const span = tracer.start(name, { kind, parent: scope.trace, attributes });
  try {
    return await scopes.run({ ...scope, trace: span }, () => work(span));
  } catch (error) {
    span.fail(errorType(error));
    throw error;
  } finally {
    span.end();
  }
}

function errorType(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return codeOf(error) ?? error.name;
}
