import assert from "node:assert/strict";
import { loadEnv } from "../../../service/src/env.js";
import { serveMetrics } from "../../../service/src/telemetry/metrics-server.js";
import { createTelemetry, type Telemetry } from "../../../service/src/telemetry/telemetry.js";
import { listening } from "../support/listening.js";
import { LogLines } from "../support/log-lines.js";

describe("the metrics port", () => {
  let telemetry: Telemetry;
  let lines: LogLines;
  beforeEach(async () => {
    lines = new LogLines();
    telemetry = await createTelemetry(loadEnv({ NODE_ENV: "test" }), { destination: lines });
  });

  it("serves metrics and nothing else", async () => {
    const server = (await serveMetrics(telemetry, 0, "127.0.0.1")) ?? assert.fail("no server");
    const url = `http://127.0.0.1:${server.port}`;
    const metrics = await fetch(`${url}/metrics?x=1`);
    assert.equal(metrics.status, 200);
    assert.equal(metrics.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert.match(await metrics.text(), /^websocket_connections 0$/m);
    const open = await fetch(`${url}/metrics`, { headers: { Accept: "application/openmetrics-text;version=1.0.0" } });
    assert.equal(open.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert.match(await open.text(), /^# EOF$/m);
    const others = [fetch(`${url}/metrics`, { method: "POST" }), fetch(`${url}/`), fetch(`${url}/metrics/`)];
    for (const answer of await Promise.all(others))
      assert.deepEqual([answer.status, await answer.text()], [404, "there is only GET /metrics\n"]);
    await server.close();
    await assert.rejects(fetch(`${url}/metrics`));
    assert.deepEqual(lines.raw, []);
  });

  it("answers 500 when the metrics can't be written", async () => {
    const metrics = { ...telemetry.metrics, text: () => Promise.reject(new Error("boom")) };
    const server = (await serveMetrics({ ...telemetry, metrics }, 0, "127.0.0.1")) ?? assert.fail("no server");
    const answer = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    assert.deepEqual([answer.status, await answer.text()], [500, "metrics can't be written; the log says why\n"]);
    assert.deepEqual(
      lines.said.map(({ level, msg }) => [level, msg]),
      [["error", "metrics can't be written"]],
    );
    await server.close();
  });

  it("that was asked for and is taken is an error", async () => {
    const other = await listening(() => {});
    await assert.rejects(serveMetrics(telemetry, other.port, "127.0.0.1"), {
      message: `METRICS_PORT: ${other.port} on 127.0.0.1 can't be listened on (EADDRINUSE); expected a free port, or 0 for any`,
    });
    await other.close();
  });

  it("that nobody asked for and is taken is a warning", async () => {
    const other = await listening(() => {});
    assert.equal(await serveMetrics(telemetry, undefined, "127.0.0.1", other.port), undefined);
    assert.deepEqual(lines.said, [
      {
        level: "warn",
        msg: `no metrics port: ${other.port} on 127.0.0.1 can't be listened on (EADDRINUSE); set METRICS_PORT to a free one, or to 0 for any`,
      },
    ]);
    await other.close();
    const server = (await serveMetrics(telemetry, undefined, "127.0.0.1", other.port)) ?? assert.fail("no server");
    assert.equal(server.port, other.port);
    await server.close();
  });
});
