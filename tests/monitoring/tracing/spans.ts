import { randomBytes } from "node:crypto";

/** A span as somebody else's library would send it; times are said and not taken. */
export interface MadeSpan {
  readonly name: string;
  readonly milliseconds: number;
  readonly failed?: true;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Sends each as a trace of its own, OTLP over HTTP; their ids, in order. */
export async function send(url: string, spans: readonly MadeSpan[]): Promise<readonly string[]> {
  const now = BigInt(Date.now()) * 1_000_000n;
  const made = spans.map(({ name, milliseconds, failed, attributes = {} }) => ({
    traceId: randomBytes(16).toString("hex"),
    spanId: randomBytes(8).toString("hex"),
    name,
    kind: 2,
    startTimeUnixNano: String(now),
    endTimeUnixNano: String(now + BigInt(milliseconds) * 1_000_000n),
    attributes: Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })),
    status: failed ? { code: 2 } : {},
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "made" } }] };
  const response = await fetch(`${url}/v1/traces`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: made }] }] }),
  });
  if (response.status !== 200) throw new Error(`the collector answered ${response.status}: ${await response.text()}`);
  return made.map(({ traceId }) => traceId);
}
