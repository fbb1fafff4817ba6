import type { Principal } from "../auth/principal.js";
import type { Env } from "../env.js";
import { createLog, type Destination, type Log, SERVICE_NAME } from "./logs.js";
import { createMetrics, type Metrics } from "./metrics.js";
import { scopeFields, scopes } from "./scope.js";
import { createScrub, type Scrub, secretsOf } from "./scrub.js";
import type { ErrorReports } from "./sentry.js";
import { type Attributes, idsOnly, inSpan, type Span, type SpanKind, type Tracer, traceTarget } from "./traces.js";

/** What the service says of itself: to a log, to Prometheus, to a collector of traces, to Sentry. */
export interface Telemetry {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  /** Work on something outside, such as the database or a model: a span below the current one. */
  span<T>(name: string, attributes: Attributes, work: (span: Span) => Promise<T>, kind?: SpanKind): Promise<T>;
  /** Work that no HTTP call started, such as a socket's or a worker's: its lines carry its ids, a span in it begins a trace. */
  within<T>(about: { readonly requestId: string; readonly principal?: Principal }, work: () => T): T;
  /** Nobody expected it: it is logged with its stack and reported. The context is words, nothing a caller sent. */
  captureError(error: unknown, context?: Readonly<Record<string, string>>): void;
  /** Sends what is left; takes seconds at most, whatever is away. */
  flush(): Promise<void>;
}

export interface TelemetryOptions {
  readonly version?: string;
  /** Where log lines go, instead of to the standard output. */
  readonly destination?: Destination;
  /** Milliseconds that sending may take; what takes longer is lost. */
  readonly patience?: number;
}

const PATIENCE = 3000;

export async function createTelemetry(env: Env, options: TelemetryOptions = {}): Promise<Telemetry> {
  const { version = "0.0.0", destination, patience = PATIENCE } = options;
  const scrub = createScrub(secretsOf(env));
  const log = createLog(env, { scrub, version, destination });
  const metrics = createMetrics();
  metrics.build_info.set({ version, role: env.ROLE }, 1);

  const watch = (signal: "traces" | "errors", where: string) => {
    const said = sayOnce(log, where);
    return (failure: Error | undefined) => {
      metrics.telemetry_exports_total.inc({ signal, outcome: failure === undefined ? "success" : "failure" });
      said(failure);
    };
  };
  const tracer = await tracerOf(env, version, scrub, patience, watch);
  const reports = await reportsOf(env, version, scrub, patience, watch);

  return {
    log,
    metrics,
    tracer,
    span: (name, attributes, work, kind = "client") => inSpan(tracer, name, attributes, work, kind),
    within: ({ requestId, principal }, work) => scopes.run({ requestId, principal: () => principal }, work),
    captureError(error, context = {}) {
      log.error({ err: error, ...context }, error instanceof Error ? error.message : String(error));
      const { requestId } = scopeFields();
      const tags = { ...context, ...(requestId === undefined ? {} : { requestId }) };
      reports?.report(error, { tags, trace: scopes.getStore()?.trace });
    },
    async flush() {
      await Promise.all([tracer.flush(), reports?.flush()]);
    },
  };
}

type Watch = (signal: "traces" | "errors", where: string) => (failure: Error | undefined) => void;

async function tracerOf(env: Env, version: string, scrub: Scrub, patience: number, watch: Watch): Promise<Tracer> {
  const target = traceTarget(env);
  if (target === undefined) return idsOnly;
  const { exportTraces } = await import("./export-traces.js");
  return exportTraces({
    target,
    scrub,
    patience,
    onExport: watch("traces", `traces to ${target.url}`),
    resource: {
      "service.name": SERVICE_NAME,
      "service.version": version,
      "deployment.environment.name": env.NODE_ENV,
    },
  });
}

async function reportsOf(
  env: Env,
  version: string,
  scrub: Scrub,
  patience: number,
  watch: Watch,
): Promise<ErrorReports | undefined> {
  if (env.SENTRY_DSN === undefined) return undefined;
  const { reportErrors } = await import("./sentry.js");
  return reportErrors({
    dsn: env.SENTRY_DSN,
    environment: env.NODE_ENV,
    release: `${SERVICE_NAME}@${version}`,
    scrub,
    patience,
    onReport: watch("errors", "errors to Sentry"),
  });
}

/** One line when sending begins to fail and one when it works again: a collector that is away must not fill the log. */
function sayOnce(log: Log, what: string): (failure: Error | undefined) => void {
  let failing = false;
  return (failure) => {
    if (failure !== undefined && !failing)
      log.warn({ err: failure }, `can't send ${what}; they are dropped until it works`);
    if (failure === undefined && failing) log.info(`sending ${what} works again`);
    failing = failure !== undefined;
  };
}
