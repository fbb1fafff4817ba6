import { type Listening, listening } from "./listening.js";

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: Readonly<Record<string, unknown>>;
  readonly events: readonly unknown[];
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** A collector of OpenTelemetry that keeps what it gets. */
export class Collector {
  readonly spans: ReceivedSpan[] = [];
  readonly bodies: string[] = [];
  readonly paths: string[] = [];
  resource: Readonly<Record<string, unknown>> = {};
  status = 200;
  #server: Listening | undefined;

  get url(): string {
    return this.#server?.url ?? "";
  }

  get port(): number {
    return this.#server?.port ?? 0;
  }

  async open(port = 0): Promise<this> {
    this.#server = await listening(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      this.paths.push(request.url ?? "");
      if (this.status === 200) this.#take(Buffer.concat(chunks).toString("utf8"));
      response.writeHead(this.status, { "Content-Type": "application/json" }).end("{}");
    }, port);
    return this;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #take(body: string): void {
    this.bodies.push(body);
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      this.resource = plain(resource.attributes);
      for (const { spans } of scopeSpans)
        for (const { attributes, ...span } of spans) this.spans.push({ ...span, attributes: plain(attributes) });
    }
  }
}

const plain = (attributes: readonly Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
