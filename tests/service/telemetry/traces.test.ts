import assert from "node:assert/strict";
import { createServer } from "node:net";
import { loadEnv } from "../../../service/src/env.js";
import { scopeFields } from "../../../service/src/telemetry/scope.js";
import { createTelemetry, type Telemetry } from "../../../service/src/telemetry/telemetry.js";
import { traceTarget } from "../../../service/src/telemetry/traces.js";
import { LogLines } from "../support/log-lines.js";
import { Collector } from "../support/otlp.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";

describe("where traces go", () => {
  const target = (settings: Readonly<Record<string, string>>) => traceTarget(loadEnv(settings));

  it("is the collector, with all of them", () => {
    const url = "http://collector:4318/v1/traces";
    const all = { ratio: 1, heedsCaller: true };
    assert.deepEqual(target({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }), { url, ...all });
    assert.deepEqual(target({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318/" }), { url, ...all });
    assert.deepEqual(target({ OTEL_EXPORTER_OTLP_ENDPOINT: url }), { url, ...all });
    assert.deepEqual(target({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/otlp/" }), {
      url: "https://c/otlp/v1/traces",
      ...all,
    });
  });

  it("is Jaeger, with one in ten, where there is no collector", () => {
    const jaeger = { JAEGER_ENDPOINT: "http://jaeger:4318" };
    assert.deepEqual(target(jaeger), { url: "http://jaeger:4318/v1/traces", ratio: 0.1, heedsCaller: true });
    assert.deepEqual(target({ ...jaeger, OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" }), {
      url: "http://collector:4318/v1/traces",
      ratio: 1,
      heedsCaller: true,
    });
  });

  it("gets those that OpenTelemetry's own variables say", () => {
    const said = (sampler: string, share?: string) => {
      const { ratio, heedsCaller } =
        target({
          OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318",
          OTEL_TRACES_SAMPLER: sampler,
          ...(share === undefined ? {} : { OTEL_TRACES_SAMPLER_ARG: share }),
        }) ?? assert.fail("nowhere");
      return [ratio, heedsCaller];
    };
    assert.deepEqual(said("always_on"), [1, false]);
    assert.deepEqual(said("always_on", "0.5"), [1, false]);
    assert.deepEqual(said("always_off"), [0, false]);
    assert.deepEqual(said("traceidratio", "0.25"), [0.25, false]);
    assert.deepEqual(said("traceidratio"), [1, false]);
    assert.deepEqual(said("parentbased_always_on"), [1, true]);
    assert.deepEqual(said("parentbased_always_off"), [0, true]);
    assert.deepEqual(said("parentbased_traceidratio", "0"), [0, true]);
    assert.throws(() => target({ OTEL_TRACES_SAMPLER: "some", OTEL_TRACES_SAMPLER_ARG: "2" }), {
      message: [
        "OTEL_TRACES_SAMPLER: 'some': expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG: '2': expected a number from 0 to 1",
      ].join("\n"),
    });
  });

  it("is nowhere without an endpoint, or when it is switched off", () => {
    assert.equal(target({}), undefined);
    assert.equal(target({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318", ENABLE_TRACING: "false" }), undefined);
  });
});

describe("spans", () => {
  let collector: Collector;
  let lines: LogLines;

  beforeEach(async () => {
    collector = await new Collector().open();
    lines = new LogLines();
  });
  afterEach(() => collector.close());

  const telemetryOf = (settings: Readonly<Record<string, string>>): Promise<Telemetry> =>
    createTelemetry(loadEnv({ NODE_ENV: "test", ...settings }), { version: "1.2.3", destination: lines });
  const collected = () => telemetryOf({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  const named = (name: string) => collector.spans.find((span) => span.name === name) ?? assert.fail(`no span ${name}`);

  it("are sent with what runs", async () => {
    const telemetry = await collected();
    await telemetry.span("db select", { "db.system.name": "postgresql" }, async () => {});
    await telemetry.flush();
    const { kind, attributes } = named("db select");
    assert.deepEqual({ kind, attributes }, { kind: 3, attributes: { "db.system.name": "postgresql" } });
    assert.deepEqual(collector.paths, ["/v1/traces"]);
    assert.deepEqual(collector.resource, {
      "service.name": "agent-service",
      "service.version": "1.2.3",
      "deployment.environment.name": "test",
    });
  });

  it("lie within each other, and the log's lines in the span that they are logged in", async () => {
    const telemetry = await collected();
    const value = await telemetry.span("outer", {}, async () => {
      telemetry.log.info("in outer");
      await Promise.all([
        telemetry.span("left", {}, async () => telemetry.log.info("in left")),
        telemetry.span("right", {}, async (span) => span.set({ "db.response.returned_rows": 3 })),
      ]);
      return 7;
    });
    await telemetry.flush();
    assert.equal(value, 7);
    const [outer, left, right] = [named("outer"), named("left"), named("right")];
    assert.deepEqual([left.parentSpanId, right.parentSpanId], [outer.spanId, outer.spanId]);
    assert.deepEqual([left.traceId, right.traceId], [outer.traceId, outer.traceId]);
    assert.deepEqual(right.attributes, { "db.response.returned_rows": 3 });
    assert.deepEqual(lines.said, [
      { level: "info", traceId: outer.traceId, spanId: outer.spanId, msg: "in outer" },
      { level: "info", traceId: outer.traceId, spanId: left.spanId, msg: "in left" },
    ]);
  });

  it("begin a trace in work that no call started, whose lines carry its ids", async () => {
    const telemetry = await collected();
    const principal = { tenant: "acme", id: "key:b7K2", role: "viewer", scopes: ["*"] } as const;
    await telemetry.within({ requestId: "ws-1", principal }, async () => {
      telemetry.log.info("before");
      await telemetry.span("ws ping", {}, async () => telemetry.log.info("within"), "server");
    });
    telemetry.log.info("after");
    await telemetry.flush();
    const { traceId, spanId, parentSpanId, kind } = named("ws ping");
    assert.deepEqual([parentSpanId, kind], [undefined, 2]);
    const ids = { requestId: "ws-1", tenant: "acme", principal: "key:b7K2" };
    assert.deepEqual(lines.said, [
      { level: "info", ...ids, msg: "before" },
      { level: "info", ...ids, traceId, spanId, msg: "within" },
      { level: "info", msg: "after" },
    ]);
  });

  it("say that work failed, not what with", async () => {
    const telemetry = await collected();
    const failing = telemetry.span("db insert", {}, async () => {
      throw Object.assign(new Error("row (ann, 0176) refused"), { code: "23505" });
    });
    await assert.rejects(failing, { code: "23505" });
    await assert.rejects(telemetry.span("other", {}, () => Promise.reject(new TypeError("ann"))));
    await telemetry.flush();
    const { status, attributes, events } = named("db insert");
    assert.deepEqual(
      { status, attributes, events },
      { status: { code: 2 }, attributes: { "error.type": "23505" }, events: [] },
    );
    assert.deepEqual(named("other").attributes, { "error.type": "TypeError" });
    assert.doesNotMatch(collector.bodies.join(""), /ann/);
  });

  it("have no secret and no attribute longer than a line", async () => {
    const telemetry = await collected();
    await telemetry.span("get", { "url.full": "http://u:hush@h/?token=hush", long: "x".repeat(5000) }, async (span) =>
      span.set({ key: "ak_a_b_hush" }),
    );
    await telemetry.flush();
    assert.deepEqual(named("get").attributes, {
      "url.full": "http://u:[secret]@h/?token=[secret]",
      long: "x".repeat(1024),
      key: "[secret]",
    });
  });

  it("go on in the trace of whoever calls, sent or not as the caller decided", async () => {
    for (const settings of [{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { JAEGER_ENDPOINT: collector.url }]) {
      const telemetry = await telemetryOf(settings);
      const parent = { traceId: TRACE, spanId: PARENT };
      const start = (name: string, sampled: boolean) =>
        telemetry.tracer.start(name, { kind: "server", parent: { ...parent, sampled }, remote: true });
      const [sent, kept] = [start("sent", true), start("kept", false)];
      sent.end();
      kept.end();
      await telemetry.flush();
      assert.deepEqual([sent.traceId, sent.sampled, kept.traceId, kept.sampled], [TRACE, true, TRACE, false]);
    }
    assert.deepEqual(
      collector.spans.map(({ name, traceId, parentSpanId, kind }) => ({ name, traceId, parentSpanId, kind })),
      Array(2).fill({ name: "sent", traceId: TRACE, parentSpanId: PARENT, kind: 2 }),
    );
  });

  it("are all sent where the collector decides, whatever the caller decided", async () => {
    const telemetry = await telemetryOf({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_TRACES_SAMPLER: "always_on",
    });
    const parent = { traceId: TRACE, spanId: PARENT, sampled: false };
    const span = telemetry.tracer.start("sent", { kind: "server", parent, remote: true });
    const below = telemetry.tracer.start("below", { kind: "client", parent: span });
    below.end();
    span.end();
    await telemetry.flush();
    assert.deepEqual([span.sampled, below.sampled], [true, true]);
    assert.deepEqual(
      collector.spans.map(({ name, traceId }) => [name, traceId]),
      [
        ["below", TRACE],
        ["sent", TRACE],
      ],
    );
  });

  it("are one in ten where only Jaeger is there, decided by the trace's id", async () => {
    const telemetry = await telemetryOf({ JAEGER_ENDPOINT: collector.url });
    const spans = Array.from({ length: 2000 }, () => telemetry.tracer.start("root", { kind: "server" }));
    const sampled = spans.filter((span) => span.sampled).length;
    // Six standard deviations around 200: one run in a billion is beyond.
    assert.ok(sampled > 120 && sampled < 280, `${sampled} of 2000`);
  });

  it("have ids with nowhere to go, and nothing is sent", async () => {
    for (const settings of [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ENABLE_TRACING: "false" }]) {
      const telemetry = await telemetryOf(settings);
      await telemetry.span("outer", {}, async (outer) => {
        assert.deepEqual(scopeFields().traceId, outer.traceId);
        await telemetry.span("inner", { a: 1 }, async (inner) => {
          inner.set({ b: 2 });
          assert.equal(inner.traceId, outer.traceId);
          assert.notEqual(inner.spanId, outer.spanId);
          assert.match(`${inner.traceId}-${inner.spanId}`, /^[0-9a-f]{32}-[0-9a-f]{16}$/);
        });
      });
      await telemetry.flush();
    }
    assert.deepEqual(collector.paths, []);
  });

  it("don't fill the log when the collector refuses them, and say when it takes them again", async () => {
    const telemetry = await collected();
    collector.status = 400;
    for (let batch = 0; batch < 3; batch++) {
      await telemetry.span("lost", {}, async () => {});
      await telemetry.flush();
    }
    collector.status = 200;
    await telemetry.span("kept", {}, async () => {});
    await telemetry.flush();
    assert.deepEqual(
      lines.said.map(({ level, msg }) => [level, msg]),
      [
        ["warn", `can't send traces to ${collector.url}/v1/traces; they are dropped until it works`],
        ["info", `sending traces to ${collector.url}/v1/traces works again`],
      ],
    );
    assert.deepEqual(
      collector.spans.map(({ name }) => name),
      ["kept"],
    );
    const { body } = await telemetry.metrics.text();
    assert.match(body, /^telemetry_exports_total\{signal="traces",outcome="success"\} 1$/m);
    assert.match(body, /^telemetry_exports_total\{signal="traces",outcome="failure"\} 3$/m);
  });

  it("don't hold up the end when the collector never answers", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const env = loadEnv({ NODE_ENV: "test", OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` });
    const telemetry = await createTelemetry(env, { destination: lines, patience: 50 });
    await telemetry.span("lost", {}, async () => {});
    await telemetry.flush();
    assert.deepEqual(lines.raw, []);
    silent.close();
  });
});
