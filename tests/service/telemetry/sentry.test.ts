import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { loadEnv } from "../../../service/src/env.js";
import { scopes } from "../../../service/src/telemetry/scope.js";
import { createTelemetry } from "../../../service/src/telemetry/telemetry.js";
import { type Listening, listening } from "../support/listening.js";
import { LogLines } from "../support/log-lines.js";

const KEY = "0123456789abcdef0123456789abcdef";

describe("reports of errors", () => {
  let sentry: Listening;
  let bodies: string[];
  let calls: Pick<IncomingMessage, "method" | "url">[];
  let status: number;
  let headers: Record<string, string>;
  let lines: LogLines;

  beforeEach(async () => {
    bodies = [];
    calls = [];
    status = 200;
    headers = {};
    lines = new LogLines();
    sentry = await listening(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      calls.push({ method: request.method, url: request.url });
      response.writeHead(status, headers).end("{}");
    });
  });
  afterEach(() => sentry.close());

  const dsn = () => `http://${KEY}@127.0.0.1:${sentry.port}/42`;
  const telemetryOf = (settings: Readonly<Record<string, string>> = {}) =>
    createTelemetry(loadEnv({ NODE_ENV: "test", SENTRY_DSN: dsn(), ...settings }), {
      version: "1.2.3",
      destination: lines,
      patience: 2000,
    });
  /** An envelope is three lines: about itself, about its item, the item. */
  const eventIn = (body: string | undefined) => JSON.parse(body?.split("\n")[2] ?? "");

  it("arrive, once each, with the call's ids and without a secret", async () => {
    const telemetry = await telemetryOf({ DATABASE_URL: "postgres://ann:the-house-key@db/x" });
    const error = new TypeError("postgres://ann:hush@db refused ak_prod_b7K2_hush", {
      cause: new Error("password=the-house-key"),
    });
    Object.assign(error, { body: { prompt: "what the caller wrote" }, config: { headers: { cookie: "hush" } } });
    const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true };
    scopes.run({ requestId: "r-1", trace }, () => telemetry.captureError(error, { route: "templates.create" }));
    await telemetry.flush();

    assert.deepEqual(
      calls.map(({ method, url }) => [method, url?.split("?")[0]]),
      [["POST", "/api/42/envelope/"]],
    );
    const { event_id, timestamp, exception, contexts, ...rest } = eventIn(bodies[0]);
    assert.match(event_id, /^[0-9a-f]{32}$/);
    assert.equal(typeof timestamp, "number");
    assert.deepEqual(rest, {
      platform: "node",
      level: "error",
      release: "agent-service@1.2.3",
      environment: "test",
      tags: { route: "templates.create", requestId: "r-1" },
    });
    assert.deepEqual(
      exception.values.map(({ type, value }: { readonly type: string; readonly value: string }) => [type, value]),
      [
        ["Error", "password=[secret]"],
        ["TypeError", "postgres://ann:[secret]@db refused [secret]"],
      ],
    );
    assert.deepEqual(exception.values.at(-1).mechanism, { type: "generic", handled: false, exception_id: 0 });
    const last = exception.values.at(-1).stacktrace.frames.at(-1);
    assert.equal(last.filename.endsWith("sentry.test.ts"), true);
    assert.deepEqual(Object.keys(last).sort(), ["colno", "filename", "function", "in_app", "lineno"]);
    assert.equal(contexts.trace.trace_id, "a".repeat(32));
    assert.equal(contexts.trace.parent_span_id, "b".repeat(16));
    assert.doesNotMatch(bodies.join(""), /hush|house|caller wrote/);
    assert.doesNotMatch(lines.raw.join(""), /hush|house|caller wrote/);
  });

  it("are logged too, and that is all without a DSN", async () => {
    const telemetry = await createTelemetry(loadEnv({ NODE_ENV: "test" }), { destination: lines });
    telemetry.captureError(new Error("boom"), { route: "x.y" });
    telemetry.captureError("a text");
    await telemetry.flush();
    assert.deepEqual(bodies, []);
    assert.deepEqual(
      lines.said.map(({ level, msg, route }) => ({ level, msg, route })),
      [
        { level: "error", msg: "boom", route: "x.y" },
        { level: "error", msg: "a text", route: undefined },
      ],
    );
  });

  it("change nothing of the process: no handler, no patch, no global client", async () => {
    const before = [fetch, ...process.listeners("uncaughtException"), ...process.listeners("unhandledRejection")];
    const telemetry = await telemetryOf();
    telemetry.captureError(new Error("boom"));
    await telemetry.flush();
    const after = [fetch, ...process.listeners("uncaughtException"), ...process.listeners("unhandledRejection")];
    assert.deepEqual(after, before);
    const { getClient } = await import("@sentry/core");
    assert.equal(getClient(), undefined);
  });

  it("wait when Sentry asks for it", async () => {
    const telemetry = await telemetryOf();
    status = 429;
    headers = { "Retry-After": "60" };
    telemetry.captureError(new Error("one"));
    await telemetry.flush();
    telemetry.captureError(new Error("two"));
    await telemetry.flush();
    assert.equal(bodies.length, 1);
  });

  it("harm nothing when Sentry is away, and say so once", async () => {
    const away = dsn();
    await sentry.close();
    const telemetry = await telemetryOf({ SENTRY_DSN: away });
    for (const message of ["one", "two", "three"]) telemetry.captureError(new Error(message));
    await telemetry.flush();
    assert.deepEqual(
      lines.said.map(({ level, msg }) => [level, msg]),
      [
        ["error", "one"],
        ["error", "two"],
        ["error", "three"],
        ["warn", "can't send errors to Sentry; they are dropped until it works"],
      ],
    );
    assert.doesNotMatch(lines.raw.join(""), new RegExp(KEY));
    const { body } = await telemetry.metrics.text();
    assert.match(body, /^telemetry_exports_total\{signal="errors",outcome="failure"\} 3$/m);
  });

  it("are refused with a DSN that is none, which is not shown", () => {
    for (const wrong of [`http://127.0.0.1:${sentry.port}/42`, `http://${KEY}@127.0.0.1/project`])
      assert.throws(() => telemetryOf({ SENTRY_DSN: wrong }), {
        message: "SENTRY_DSN: expected https://<key>@<host>/<number>",
      });
  });
});
