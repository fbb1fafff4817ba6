import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express, { type Express, type RequestHandler } from "express";
import { loadEnv } from "../../../service/src/env.js";
import { observeRequests } from "../../../service/src/telemetry/observe.js";
import { createTelemetry, type Telemetry } from "../../../service/src/telemetry/telemetry.js";
import { LogLines } from "../support/log-lines.js";
import { Collector } from "../support/otlp.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

/** An app with the observer in front, and what the tests ask it. */
class Observed {
  readonly app: Express = express();
  /** A call is at /slow, which never answers. */
  readonly arrived: Promise<void>;
  #stop = async () => {};
  #ended = 0;
  #waiting: (() => void) | undefined;
  port = 0;

  private constructor(
    readonly telemetry: Telemetry,
    readonly lines: LogLines,
  ) {
    let arrive = () => {};
    this.arrived = new Promise((resolve) => {
      arrive = resolve;
    });
    const { app } = this;
    app.use((_request, response, next) => {
      response.once("close", () => setImmediate(() => this.#count()));
      next();
    });
    // Here Express has the types of version 4, which come with @pulumi/gcp; what runs is the service's version 5.
    app.use(observeRequests(telemetry));
    const route =
      (path: string): RequestHandler<{ id: string }> =>
      (_request, response, next) => {
        response.locals.route = { id: path, path };
        next();
      };
    app.post("/things/:id", route("/things/{id}"), express.json(), async (request, response) => {
      response.locals.principal = { tenant: "acme", id: "key:b7K2", role: "viewer", scopes: ["*"] };
      telemetry.log.info("after the body");
      await telemetry.span("db select", {}, async () => telemetry.log.info("in the database"));
      response.status(201).json(request.body);
    });
    app.get("/broken", route("/broken"), (_request, response) => {
      response.locals.problem = "internal";
      response.status(500).end();
    });
    app.get("/health/ready", route("/health/ready"), (_request, response) => void response.status(503).end());
    app.get("/slow", route("/slow"), (_request, _response) => arrive());
    app.get("/cut", route("/cut"), (_request, response) => {
      response.locals.problem = "unavailable";
      response.write("half");
      setImmediate(() => response.destroy());
    });
    app.use((_request, response) => void response.status(404).end());
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Observed> {
    const lines = new LogLines();
    const env = loadEnv({ NODE_ENV: "test", LOG_LEVEL: "debug", ...settings });
    const observed = new Observed(await createTelemetry(env, { destination: lines }), lines);
    const server = createServer(observed.app).listen(0, "127.0.0.1");
    await once(server, "listening");
    observed.port = (server.address() as AddressInfo).port;
    observed.#stop = async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    };
    return observed;
  }

  stop(): Promise<void> {
    return this.#stop();
  }

  #count(): void {
    this.#ended++;
    this.#waiting?.();
  }

  /** Resolves once that many calls have left the observer. */
  async ended(count: number): Promise<void> {
    while (this.#ended < count)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
  }

  async ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string) {
    const before = this.#ended;
    const asked = httpRequest({ host: "127.0.0.1", port: this.port, method, path, headers });
    asked.end(body);
    const answered = await new Promise<{ readonly status: number; readonly requestId: string }>((resolve, reject) => {
      asked.once("error", reject);
      asked.once("response", (response) => {
        response.resume();
        const requestId = String(response.headers["x-request-id"]);
        response.once("close", () => resolve({ status: response.statusCode ?? 0, requestId }));
      });
    });
    await this.ended(before + 1);
    return answered;
  }

  /** The line of the last call, without what no test can know. */
  get access() {
    const { ms, traceId, spanId, ...rest } = this.lines.said.at(-1) ?? {};
    assert.equal(typeof ms, "number");
    assert.match(`${traceId}-${spanId}`, /^[0-9a-f]{32}-[0-9a-f]{16}$/);
    return rest;
  }

  async metric(name: string): Promise<readonly string[]> {
    const { body } = await this.telemetry.metrics.text();
    return body.split("\n").filter((line) => line.startsWith(name) && !line.endsWith(" 0"));
  }
}

describe("each call", () => {
  let observed: Observed;
  afterEach(() => observed.stop());

  it("is a line in the log, and its ids and caller are on every line within it", async () => {
    observed = await Observed.start();
    const body = JSON.stringify({ text: "x".repeat(100_000) });
    const headers = { "Content-Type": "application/json", "X-Request-Id": "r-1" };
    const answer = await observed.ask("POST", "/things/7?secret=1", headers, body);
    assert.deepEqual(answer, { status: 201, requestId: "r-1" });

    const call = { requestId: "r-1", tenant: "acme", principal: "key:b7K2" };
    const { bytes, ...line } = observed.access;
    assert.ok(Number(bytes) > 100_000);
    assert.deepEqual(line, {
      level: "info",
      method: "POST",
      route: "/things/{id}",
      status: 201,
      address: "127.0.0.1",
      ...call,
      msg: "POST /things/{id} 201",
    });
    const within = observed.lines.said.slice(0, -1);
    assert.deepEqual(
      within.map(({ traceId: _, spanId: __, ...rest }) => rest),
      [
        { level: "info", ...call, msg: "after the body" },
        { level: "info", ...call, msg: "in the database" },
      ],
    );
    assert.equal(new Set(observed.lines.all.map(({ traceId }) => traceId)).size, 1);
    assert.equal(new Set(observed.lines.all.map(({ spanId }) => spanId)).size, 2);
  });

  it("is counted by its route's pattern", async () => {
    observed = await Observed.start();
    const headers = { "Content-Type": "application/json" };
    for (const id of ["1", "2", "3"]) await observed.ask("POST", `/things/${id}`, headers, "{}");
    assert.deepEqual(await observed.metric("http_requests_total"), [
      'http_requests_total{method="POST",route="/things/{id}",status="201"} 3',
    ]);
    assert.deepEqual(await observed.metric("http_request_duration_seconds_count"), [
      'http_request_duration_seconds_count{method="POST",route="/things/{id}",status_class="2xx"} 3',
    ]);
    assert.deepEqual(await observed.metric("http_requests_in_flight"), []);
  });

  it("is unmatched where no route takes it, with its path in the log only", async () => {
    observed = await Observed.start();
    await observed.ask("PURGE", `/etc/passwd/ak_a_b_hush/${"x".repeat(500)}?q=hush`);
    const { bytes: _, requestId: __, ...line } = observed.access;
    assert.deepEqual(line, {
      level: "info",
      method: "PURGE",
      route: "unmatched",
      path: `/etc/passwd/[secret]/${"x".repeat(176)}`,
      status: 404,
      address: "127.0.0.1",
      msg: "PURGE unmatched 404",
    });
    assert.deepEqual(await observed.metric("http_requests_total"), [
      'http_requests_total{method="other",route="unmatched",status="404"} 1',
    ]);
  });

  it("is a warning when the service failed it", async () => {
    observed = await Observed.start();
    await observed.ask("GET", "/broken");
    assert.deepEqual([observed.access["level"], observed.access["msg"]], ["warn", "GET /broken 500"]);
    assert.deepEqual(await observed.metric("errors_total"), ['errors_total{code="internal"} 1']);
  });

  it("is quiet when it is a probe", async () => {
    observed = await Observed.start();
    await observed.ask("GET", "/health/ready");
    assert.deepEqual([observed.access["level"], observed.access["msg"]], ["debug", "GET /health/ready 503"]);
  });

  it("gets a new id instead of one that is none", async () => {
    observed = await Observed.start();
    const { requestId } = await observed.ask("GET", "/broken", { "X-Request-Id": "a b" });
    assert.match(requestId, /^[0-9a-f-]{36}$/);
    assert.equal(observed.access["requestId"], requestId);
  });

  it("is 499 when the caller leaves before the answer", async () => {
    observed = await Observed.start();
    const socket = connect(observed.port, "127.0.0.1");
    socket.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    await observed.arrived;
    socket.destroy();
    await observed.ended(1);
    assert.deepEqual([observed.access["level"], observed.access["msg"]], ["info", "GET /slow 499"]);
    assert.deepEqual(await observed.metric("http_requests_total"), [
      'http_requests_total{method="GET",route="/slow",status="499"} 1',
    ]);
    assert.deepEqual(await observed.metric("http_requests_in_flight"), []);
  });

  it("is what went wrong when the answer breaks off, not its 200", async () => {
    observed = await Observed.start();
    await observed.ask("GET", "/cut");
    assert.deepEqual([observed.access["level"], observed.access["msg"]], ["warn", "GET /cut 503"]);
    assert.deepEqual(await observed.metric("errors_total"), ['errors_total{code="unavailable"} 1']);
  });

  it("leaves nothing in flight when a connection with several calls waiting is gone", async () => {
    observed = await Observed.start();
    const socket = connect(observed.port, "127.0.0.1");
    socket.write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
    await observed.arrived;
    socket.destroy();
    await observed.ended(1);
    assert.deepEqual(await observed.metric("http_requests_in_flight"), []);
    assert.deepEqual(await observed.metric("http_requests_total"), [
      'http_requests_total{method="GET",route="/slow",status="499"} 3',
    ]);
  });
});

describe("each call's span", () => {
  let collector: Collector;
  let observed: Observed;
  beforeEach(async () => {
    collector = await new Collector().open();
    observed = await Observed.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  });
  afterEach(async () => {
    await observed.stop();
    await collector.close();
  });

  it("goes on in the caller's trace and holds what the call did", async () => {
    const headers = {
      "Content-Type": "application/json",
      "X-Request-Id": "r-1",
      traceparent: `00-${TRACE}-${PARENT}-01`,
    };
    await observed.ask("POST", "/things/7?token=hush", headers, '{"prompt":"what the caller wrote"}');
    await observed.telemetry.flush();
    const [query, server] = collector.spans;
    assert.deepEqual([query?.name, query?.parentSpanId, query?.traceId], ["db select", server?.spanId, TRACE]);
    assert.deepEqual(
      { name: server?.name, kind: server?.kind, traceId: server?.traceId, parent: server?.parentSpanId },
      { name: "POST /things/{id}", kind: 2, traceId: TRACE, parent: PARENT },
    );
    assert.deepEqual(server?.status, { code: 0 });
    assert.deepEqual(server?.attributes, {
      "http.request.method": "POST",
      "url.path": "/things/7",
      "url.scheme": "http",
      "network.protocol.version": "1.1",
      "client.address": "127.0.0.1",
      "request.id": "r-1",
      "http.response.status_code": 201,
      "http.route": "/things/{id}",
    });
    assert.doesNotMatch(collector.bodies.join(""), /hush|caller wrote/);
  });

  it("is found from the bucket that the call's time fell into", async () => {
    await observed.ask("GET", "/broken", { traceparent: `00-${TRACE}-${PARENT}-01` });
    const { body } = await observed.telemetry.metrics.text("application/openmetrics-text");
    const told = body.split("\n").filter((line) => line.includes(" # "));
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? "",
      /^http_request_duration_seconds_bucket\{le="[^"]+",method="GET",route="\/broken",status_class="5xx"\} 1 # /,
    );
    assert.match(told[0] ?? "", new RegExp(` # \\{trace_id="${TRACE}"\\} `));
  });

  it("says that the service failed, and with which problem", async () => {
    await observed.ask("GET", "/broken");
    await observed.telemetry.flush();
    const [span] = collector.spans;
    assert.deepEqual(
      [span?.name, span?.status, span?.attributes["error.type"]],
      ["GET /broken", { code: 2 }, "internal"],
    );
  });

  it("has the method alone for a name where no route takes the call, and no secret of its path", async () => {
    await observed.ask("GET", "/ak_a_b_hush");
    await observed.telemetry.flush();
    const [span] = collector.spans;
    assert.deepEqual([span?.name, span?.status, span?.attributes["url.path"]], ["GET", { code: 0 }, "/[secret]"]);
  });
});
