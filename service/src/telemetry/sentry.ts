import {
  createStackParser,
  createTransport,
  type ErrorEvent,
  linkedErrorsIntegration,
  nodeStackLineParser,
  Scope,
  ServerRuntimeClient,
} from "@sentry/core";
import { atMost } from "../in-time.js";
import type { Scrub } from "./scrub.js";
import type { TraceContext } from "./trace-context.js";

/**
 * Loaded only where a DSN is set: Sentry's code takes 20 MB of memory. Its core alone, because the packages for Node.js
 * patch `http` and bring an OpenTelemetry of their own; here they would fight ours.
 */

export interface ErrorReports {
  report(error: unknown, about: ErrorAbout): void;
  flush(): Promise<void>;
}

export interface ErrorAbout {
  readonly tags: Readonly<Record<string, string>>;
  readonly trace: TraceContext | undefined;
}

export interface SentryOptions {
  readonly dsn: string;
  readonly environment: string;
  readonly release: string;
  readonly scrub: Scrub;
  readonly onReport: (failure: Error | undefined) => void;
  /** Milliseconds that a report, and with it `flush`, takes at most. */
  readonly patience: number;
}

export function reportErrors(options: SentryOptions): ErrorReports {
  const { dsn, environment, release, scrub, onReport, patience } = options;
  const client = new ServerRuntimeClient({
    dsn,
    environment,
    release,
    platform: "node",
    runtime: { name: "node", version: process.version },
    integrations: [linkedErrorsIntegration()],
    stackParser: createStackParser(nodeStackLineParser()),
    sendClientReports: false,
    beforeSend: (event) => wanted(event, scrub),
    transport: (transport) =>
      createTransport(transport, async ({ body }) => {
        try {
          const response = await fetch(transport.url, {
            method: "POST",
            body: new Uint8Array(Buffer.from(body)),
            headers: transport.headers ?? {},
            signal: AbortSignal.timeout(patience),
          });
          await response.body?.cancel();
          onReport(response.ok ? undefined : new Error(`Sentry answered ${response.status}`));
          return {
            statusCode: response.status,
            headers: {
              "x-sentry-rate-limits": response.headers.get("x-sentry-rate-limits"),
              "retry-after": response.headers.get("retry-after"),
            },
          };
        } catch (error) {
          onReport(error instanceof Error ? error : new Error(String(error)));
          return {};
        }
      }),
  });
  client.init();
  return {
    report(error, { tags, trace }) {
      // Its own, so that nothing of another call's, and no client, is left in Sentry's globals.
      const scope = new Scope();
      scope.setClient(client);
      scope.setTags(tags);
      if (trace !== undefined)
        scope.setPropagationContext({ traceId: trace.traceId, parentSpanId: trace.spanId, sampleRand: 0 });
      scope.captureException(error, { data: { mechanism: { type: "generic", handled: false } } });
    },
    flush: () => atMost(patience, client.flush(patience)),
  };
}

/** What is sent is what is named here, so that no later version of Sentry's code adds a body, a header or a variable. */
function wanted(event: ErrorEvent, scrub: Scrub): ErrorEvent {
  const { event_id, timestamp, platform, level, release, environment, tags, contexts } = event;
  const values = (event.exception?.values ?? []).map(({ type, value, mechanism, stacktrace }) => ({
    ...(type === undefined ? {} : { type }),
    ...(value === undefined ? {} : { value: scrub.text(value) }),
    ...(mechanism === undefined ? {} : { mechanism }),
    stacktrace: {
      frames: (stacktrace?.frames ?? []).map(({ filename, function: name, lineno, colno, in_app }) => ({
        ...(filename === undefined ? {} : { filename }),
        ...(name === undefined ? {} : { function: name }),
        ...(lineno === undefined ? {} : { lineno }),
        ...(colno === undefined ? {} : { colno }),
        ...(in_app === undefined ? {} : { in_app }),
      })),
    },
  }));
  return {
    type: undefined,
    ...(event_id === undefined ? {} : { event_id }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(platform === undefined ? {} : { platform }),
    ...(level === undefined ? {} : { level }),
    ...(release === undefined ? {} : { release }),
    ...(environment === undefined ? {} : { environment }),
    tags: Object.fromEntries(Object.entries(tags ?? {}).map(([name, value]) => [name, scrub.text(String(value))])),
    contexts: {
      ...(contexts?.trace === undefined ? {} : { trace: contexts.trace }),
      ...(contexts?.["runtime"] === undefined ? {} : { runtime: contexts["runtime"] }),
    },
    exception: { values },
  };
}
