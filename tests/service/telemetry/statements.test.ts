import assert from "node:assert/strict";
import { Collector } from "../support/otlp.js";
import { startService, type TestService } from "../support/service.js";

describe("a statement's span", () => {
  let collector: Collector;
  let service: TestService;
  before(async () => {
    collector = await new Collector().open();
    service = await startService({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  });
  after(async () => {
    await service.stop();
    await collector.close();
  });

  it("lies within the call's, with the table and not the values, and none is the service's own work", async () => {
    const key = await service.keyOf("operator");
    const body = { name: "greeting", body: "Hello, {{name}}", variables: [{ name: "name" }] };
    const { status } = await service.ask("POST", "/api/v1/templates", { key, body });
    assert.equal(status, 201);
    // Nobody called: looks at what the database says of its health.
    await service.running.services.telemetry.metrics.text();
    await service.running.services.telemetry.flush();

    const call = collector.spans.find(({ name }) => name === "POST /api/v1/templates") ?? assert.fail("no call");
    const within = collector.spans.filter(({ parentSpanId }) => parentSpanId === call.spanId);
    const told = within.map(({ name, kind, traceId, attributes }) => ({ name, kind, traceId, attributes }));
    const statement = (operation: string, table: string) => ({
      name: `${operation} ${table}`,
      kind: 3,
      traceId: call.traceId,
      attributes: { "db.system.name": "postgresql", "db.operation.name": operation, "db.collection.name": table },
    });
    for (const one of [statement("select", "api_keys"), statement("insert", "templates"), statement("insert", "audit")])
      assert.ok(
        told.some((span) => JSON.stringify(span) === JSON.stringify(one)),
        `no ${one.name} in ${JSON.stringify(told)}`,
      );
    const databases = collector.spans.filter(({ attributes }) => "db.system.name" in attributes);
    assert.deepEqual(
      databases.filter(({ parentSpanId }) => parentSpanId === undefined),
      [],
    );
    assert.doesNotMatch(collector.bodies.join(""), /Hello|greeting/);
  });
});
