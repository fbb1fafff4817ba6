import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { metricTable, processMetrics } from "../../../service/src/telemetry/metric-table.js";
import { createMetrics, type Metrics } from "../../../service/src/telemetry/metrics.js";
import { metricsJson } from "../../../service/src/telemetry/metrics-json.js";
import { expectRoutes } from "../../../service/src/telemetry/observe.js";
import { scopes } from "../../../service/src/telemetry/scope.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** The samples of one metric, as Prometheus reads them. */
async function samples(metrics: Metrics, name: string): Promise<readonly string[]> {
  const { body } = await metrics.text();
  return body.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
}

describe("metrics", () => {
  it("has every name that rules and dashboards were promised", () => {
    const promised = [
      "http_request_duration_seconds",
      "http_requests_total",
      "agent_executions_total",
      "agent_execution_duration_seconds",
      "db_connections_active",
      "db_queries_total",
      "db_query_duration_seconds",
      "vector_search_duration_seconds",
      "vector_search_requests_total",
      "websocket_connections",
      "chat_messages_total",
      "templates_generated_total",
      "ai_failures_total",
      "llm_attempts_total",
      "llm_failover_total",
      "llm_breaker_state",
      "llm_ttft_seconds",
      "llm_tokens_total",
      "run_queue_depth",
      "dead_letters",
      "agent_health",
    ];
    assert.deepEqual(
      promised.filter((name) => !(name in metricTable)),
      [],
    );
  });

  it("has every series at zero before anything feeds it", async () => {
    const { body, contentType } = await createMetrics().text();
    assert.equal(contentType, "text/plain; version=0.0.4; charset=utf-8");
    for (const name of Object.keys(metricTable)) {
      const lines = body.split("\n").filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));
      assert.ok(lines.length > 0, `${name} has no series`);
      assert.deepEqual(
        lines.filter((line) => !line.endsWith(" 0")),
        [],
      );
    }
  });

  it("has those of the process", async () => {
    const { body } = await createMetrics().text();
    const missing = Object.keys(processMetrics).filter((name) => !body.includes(`\n${name} `));
    assert.deepEqual(process.platform === "linux" ? missing : [], []);
  });

  it("is what service/metrics.json says", () => {
    const file = join(import.meta.dirname, "../../../service/metrics.json");
    assert.equal(readFileSync(file, "utf8"), metricsJson(), "service/metrics.json is stale; run: npm run docs");
  });

  it("bounds labels whose values are listed", async () => {
    const metrics = createMetrics();
    metrics.http_requests_total.inc({ method: "BREW", route: "unmatched", status: "404" });
    metrics.db_queries_total.inc({ type: "vacuum", status: "success" });
    assert.ok(
      (await samples(metrics, "http_requests_total")).includes(
        line("http_requests_total", { method: "other", route: "unmatched", status: "404" }, 1),
      ),
    );
    assert.ok(
      (await samples(metrics, "db_queries_total")).includes('db_queries_total{type="other",status="success"} 1'),
    );
  });

  it("bounds labels whose values come at run time", async () => {
    const metrics = createMetrics();
    for (let number = 0; number < 1000; number++) metrics.agent_health.set({ agent_name: `agent-${number}` }, 1);
    metrics.agent_health.set({ agent_name: "agent-7" }, 0.5);
    const lines = await samples(metrics, "agent_health");
    assert.equal(lines.length, 201);
    assert.ok(lines.includes('agent_health{agent_name="agent-7"} 0.5'));
    assert.ok(lines.includes('agent_health{agent_name="other"} 1'));
  });

  it("drops the series that stood for none when a real one comes", async () => {
    const metrics = createMetrics();
    assert.deepEqual(await samples(metrics, "agent_health"), ['agent_health{agent_name="none"} 0']);
    metrics.agent_health.set({ agent_name: "writer" }, 1);
    assert.deepEqual(await samples(metrics, "agent_health"), ['agent_health{agent_name="writer"} 1']);
  });

  it("counts, sets and observes", async () => {
    const metrics = createMetrics();
    metrics.auth_failures_total.inc();
    metrics.auth_failures_total.inc(2);
    metrics.websocket_connections.inc();
    metrics.websocket_connections.inc();
    metrics.websocket_connections.dec();
    metrics.db_connections_max.set(20);
    metrics.templates_processing_duration_seconds.observe(0.02);
    assert.deepEqual(await samples(metrics, "auth_failures_total"), ["auth_failures_total 3"]);
    assert.deepEqual(await samples(metrics, "websocket_connections"), ["websocket_connections 1"]);
    assert.deepEqual(await samples(metrics, "db_connections_max"), ["db_connections_max 20"]);
    assert.deepEqual(await samples(metrics, "templates_processing_duration_seconds_sum"), [
      "templates_processing_duration_seconds_sum 0.02",
    ]);
  });

  it("never fails the call that it counts", async () => {
    const metrics = createMetrics();
    metrics.auth_failures_total.inc(Number.NaN);
    metrics.auth_failures_total.inc(-1);
    metrics.templates_processing_duration_seconds.observe(Number.POSITIVE_INFINITY);
    assert.deepEqual(await samples(metrics, "auth_failures_total"), ["auth_failures_total 0"]);
    assert.deepEqual(await samples(metrics, "templates_processing_duration_seconds_count"), [
      "templates_processing_duration_seconds_count 0",
    ]);
  });

  it("does not compile with a wrong label", () => {
    const metrics = createMetrics();
    const wrong = () => {
      // @ts-expect-error: there is no label 'path'
      metrics.http_requests_total.inc({ method: "GET", path: "/", status: "200" });
      // @ts-expect-error: the status is missing
      metrics.http_requests_total.inc({ method: "GET", route: "/" });
      // @ts-expect-error: 'sideways' is no direction
      metrics.llm_tokens_total.inc({ provider: "openai", direction: "sideways" });
      // @ts-expect-error: it has no labels
      metrics.websocket_connections.set({ room: "1" }, 1);
      // @ts-expect-error: a counter is not set
      metrics.auth_failures_total.set(1);
    };
    assert.equal(typeof wrong, "function");
  });

  it("has with a bucket the trace of a call that fell into it, in the form that has room for it", async () => {
    const metrics = createMetrics();
    const within = (sampled: boolean, seconds: number) =>
      scopes.run({ trace: { traceId: sampled ? TRACE : "0".repeat(32), spanId: "00f067aa0ba902b7", sampled } }, () =>
        metrics.db_query_duration_seconds.observe({ type: "select" }, seconds),
      );
    within(true, 0.02);
    within(true, 90);
    // Sent nowhere: nobody could look it up.
    within(false, 0.02);
    metrics.db_query_duration_seconds.observe({ type: "select" }, 0.3);
    const { body, contentType } = await metrics.text(
      "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1",
    );
    assert.equal(contentType, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    const buckets = body
      .split("\n")
      .filter((line) => line.startsWith("db_query_duration_seconds_bucket{") && line.includes('type="select"'));
    const told = buckets.filter((line) => line.includes(" # "));
    assert.deepEqual(
      told.map((line) => line.replace(/ \d+(\.\d+)?$/, " (time)")),
      [
        `db_query_duration_seconds_bucket{le="0.025",type="select"} 2 # {trace_id="${TRACE}"} 0.02 (time)`,
        `db_query_duration_seconds_bucket{le="+Inf",type="select"} 4 # {trace_id="${TRACE}"} 90 (time)`,
      ],
    );
    assert.doesNotMatch((await metrics.text()).body, / # /);
    assert.doesNotMatch((await metrics.text("text/plain")).body, / # |# EOF/);
  });

  it("is the same in both forms", async () => {
    const metrics = createMetrics();
    metrics.http_requests_total.inc({ method: "GET", route: "unmatched", status: "404" });
    const series = (text: string) =>
      text.split("\n").filter((line) => /^[a-z]/.test(line) && !/^(process|nodejs)_/.test(line));
    const [plain, open] = [await metrics.text(), await metrics.text("application/openmetrics-text")];
    assert.deepEqual(series(open.body).sort(), series(plain.body).sort());
    // A counter's family has no `_total`, a gauge's may; no line is empty, and the end says that it is the end.
    assert.match(open.body, /^# HELP http_requests .*\n# TYPE http_requests counter\nhttp_requests_total\{/m);
    assert.match(open.body, /^# TYPE nodejs_active_handles_total gauge$/m);
    assert.match(open.body, /[^\n]\n# EOF\n$/);
    assert.doesNotMatch(open.body, /\n\n/);
    assert.equal(open.body.match(/# EOF/g)?.length, 1);
    assert.match((await metrics.text()).body, /^# TYPE http_requests_total counter$/m);
  });

  it("is one service's own", async () => {
    const one = createMetrics();
    const other = createMetrics();
    one.auth_failures_total.inc();
    assert.deepEqual(await samples(other, "auth_failures_total"), ["auth_failures_total 0"]);
  });

  it("looks up gauges before a scrape, and serves the rest when one can't be", async () => {
    const metrics = createMetrics();
    metrics.beforeScrape(() => metrics.db_connections_active.set(7));
    metrics.beforeScrape(() => {
      throw new Error("no pool");
    });
    metrics.beforeScrape(async () => metrics.run_queue_depth.set(3));
    assert.deepEqual(await samples(metrics, "db_connections_active"), ["db_connections_active 7"]);
    assert.deepEqual(await samples(metrics, "run_queue_depth"), ["run_queue_depth 3"]);
  });

  it("has each route's successes and failures at zero", async () => {
    const metrics = createMetrics();
    const path = "/api/v1/templates/{id}";
    expectRoutes(metrics, [{ method: "delete", path, out: { 204: { description: "gone" } } }]);
    const lines = await samples(metrics, "http_requests_total");
    for (const status of ["204", "500"])
      assert.ok(lines.includes(line("http_requests_total", { method: "DELETE", route: path, status }, 0)));
  });
});

function line(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
  return `${name}{${inside.join(",")}} ${value}`;
}
