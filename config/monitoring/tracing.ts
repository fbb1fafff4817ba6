import { amount, secretName, text, whole } from "../fields.js";
import z from "../zod.cjs";
import type { MonitoringSettings } from "./schema.js";

/** What a stack may say of its traces: services send all of them, and a collector decides which are kept. */

/** How they are collected, wherever they go. */
const collecting = {
  enabled: z.boolean().default(true).describe("Whether services send traces at all."),
  sampling: z
    .strictObject({
      percent: amount(0, 100).default(10).describe("Percent of the traces that neither failed nor were slow."),
      slow: amount(0.001, 3600).default(1).describe("Seconds from which a trace is slow, and is kept."),
    })
    .prefault({})
    .describe("Which traces are kept: all that failed or were slow, and some of the others."),
  replicas: whole(1, 20).describe(
    "Pods of the collector. With more than one, as many again decide, each on the whole of its traces.",
  ),
  memory: amount(0.25, 64).default(0.5).describe("GiB of each of them: 50000 traces that are not decided yet a GiB."),
};

export const collected = z.strictObject(collecting).describe("Which traces are sent on.");

export const tracing = z
  .strictObject({
    ...collecting,
    retention: whole(1, 365).describe("Days that Jaeger keeps a trace."),
    storage: whole(1, 16_384).describe("GiB of disk for them."),
    otlp: text(/^https?:\/\/[^\s?#@]+$/, "an http or https address", "https://otlp.example.com:4318")
      .optional()
      .describe("Where traces go instead, OTLP over HTTP; there is no Jaeger then."),
    token: secretName.optional().describe("Which of the stack's secrets is the bearer token there."),
  })
  .describe("Which traces are kept, and where.");

export type TracingSettings = z.infer<typeof tracing>;

/** Where traces are kept: by a Jaeger of the stack's own, or by whoever answers at an address. */
export type TraceStore =
  | { readonly kind: "jaeger"; readonly retention: number; readonly storage: number }
  | { readonly kind: "otlp"; readonly url: string; readonly token: string | undefined };

export interface Traces extends Pick<TracingSettings, "sampling" | "replicas" | "memory"> {
  readonly store: TraceStore;
}

/** What becomes of traces; nothing where none are kept. */
export function tracesOf(monitoring: MonitoringSettings): Traces | undefined {
  if (monitoring.mode === "none" || !monitoring.tracing.enabled) return undefined;
  const { sampling, replicas, memory } = monitoring.tracing;
  const store =
    monitoring.mode === "inCluster" ? ownStore(monitoring.tracing) : elsewhere(monitoring.otlp, monitoring.otlpToken);
  return store === undefined ? undefined : { sampling, replicas, memory, store };
}

const ownStore = ({ retention, storage, otlp, token }: TracingSettings): TraceStore =>
  elsewhere(otlp, token) ?? { kind: "jaeger", retention, storage };

const elsewhere = (url: string | undefined, token: string | undefined): TraceStore | undefined =>
  url === undefined ? undefined : { kind: "otlp", url, token };
