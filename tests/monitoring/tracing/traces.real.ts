import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import names from "../../../components/monitoring/metrics/collector.json" with { type: "json" };
import { tracingEnv } from "../../../components/monitoring/tracing/environment.js";
import type { Settings } from "../../../config/settings.js";
import { freePorts } from "../../engine/cluster/process.js";
import { type FakeProvider, startFakeProvider } from "../../service/support/fake-provider.js";
import { startAlone } from "../../service/support/process.js";
import { ADMIN_KEY } from "../../service/support/service.js";
import { settingsOf } from "../../support/settings.js";
import { eventually } from "../support/eventually.js";
import { startPrometheus } from "../support/prometheus.js";
import { type RunningCollector, startCollector } from "./collector.js";
import { type KeptSpan, type RunningJaeger, startJaeger } from "./jaeger.js";
import { send } from "./spans.js";

const probes = { live: "/health", ready: "/health/ready" };
const stackOf = (tracing: object): Settings =>
  settingsOf({
    cloud: "local",
    services: { api: { image: "a:1.0.0", probes } },
    monitoring: { mode: "inCluster", tracing },
  });

/** The agent service with its embedded database and a provider over HTTP, told what the platform tells its pods. */
async function startTraced(stack: Settings, collector: RunningCollector) {
  const provider = await startFakeProvider("openai");
  const [metricsPort] = await freePorts(1);
  const service = await startAlone({
    ...tracingEnv("api", stack),
    // The one name that only a cluster knows.
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    METRICS_PORT: String(metricsPort),
    LIMIT_AI: "0",
    FIRST_KEY: "k",
    AI_PROVIDERS_CONFIG: JSON.stringify({
      providers: [{ name: "first", kind: "openai", baseUrl: provider.url, apiKeyEnv: "FIRST_KEY", models: ["m1"] }],
      routes: { auto: [{ provider: "first", model: "m1" }] },
    }),
  });
  const ask = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: object) =>
    fetch(`${service.url}${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const made = await ask(
    "POST",
    "/api/v1/admin/api-keys",
    { Authorization: `Bearer ${ADMIN_KEY}` },
    {
      name: "traced",
      role: "operator",
    },
  );
  const { key } = (await made.json()) as { readonly key: string };
  return {
    provider,
    metrics: `127.0.0.1:${metricsPort}`,
    /** A call whose caller sends no traces itself; the status, and the trace that it became a part of. */
    async ask(method: string, path: string, body?: object) {
      const trace = randomBytes(16).toString("hex");
      const headers = {
        Authorization: `Bearer ${key}`,
        traceparent: `00-${trace}-${randomBytes(8).toString("hex")}-00`,
      };
      const response = await ask(method, path, headers, body);
      await response.arrayBuffer();
      return { status: response.status, trace };
    },
    async stop() {
      await service.remove();
      await provider.stop();
    },
  };
}

const chat = { model: "auto", messages: [{ role: "user", content: "what the caller wrote" }] };

interface Exemplars {
  readonly data: readonly {
    readonly seriesLabels: Readonly<Record<string, string>>;
    readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>> }[];
  }[];
}

/** The one span of that name. */
const named = (spans: readonly KeptSpan[], name: string): KeptSpan =>
  spans.find((span) => span.name === name) ?? assert.fail(`no ${name} in ${spans.map((span) => span.name).join(", ")}`);

describe("traces, from the service through one collector to Jaeger", () => {
  let jaeger: RunningJaeger;
  let collector: RunningCollector;
  let service: Awaited<ReturnType<typeof startTraced>>;
  before(async () => {
    const stack = stackOf({ replicas: 1, sampling: { percent: 100 } });
    jaeger = await startJaeger();
    collector = await startCollector("all", stack, { jaeger: jaeger.address });
    service = await startTraced(stack, collector);
  });
  after(async () => {
    await service?.stop();
    await collector?.stop();
    await jaeger?.stop();
  });

  it("hold the service, the model call and the database, in one", async () => {
    const { status, trace } = await service.ask("POST", "/v1/chat/completions", chat);
    assert.equal(status, 200);
    const call = "POST /v1/chat/completions";
    const spans = await jaeger.spans(trace, [call, "chat m1", "select api_keys"]);
    const server = named(spans, call);
    for (const name of ["chat m1", "select api_keys"]) {
      const { parent, tags } = named(spans, name);
      assert.deepEqual([name, parent, tags["span.kind"]], [name, server.id, "client"]);
    }
    assert.equal(named(spans, "chat m1").tags["gen_ai.provider.name"], "openai");
    assert.equal(named(spans, "select api_keys").tags["db.system.name"], "postgresql");
    assert.deepEqual([...new Set(spans.map((span) => span.service))], ["api"]);
    assert.deepEqual(
      [server.process["service.namespace"], server.process["deployment.environment.name"]],
      ["agents-development", "development"],
    );
    assert.doesNotMatch(JSON.stringify(spans), /what the caller wrote/);
  });

  it("are found from a bucket of what Prometheus read", async () => {
    const prometheus = await startPrometheus({ targets: [{ job: "api", address: service.metrics, labels: {} }] });
    try {
      const { trace } = await service.ask("GET", "/api/v1/templates");
      for (const [metric, label, value] of [
        ["http_request_duration_seconds_bucket", "route", "/api/v1/templates"],
        ["db_query_duration_seconds_bucket", "type", "select"],
      ] as const) {
        const query = new URLSearchParams({ query: metric, start: "0", end: String(Date.now() / 1000 + 600) });
        await eventually(`the trace in ${metric}`, async () => {
          const answer = await fetch(`${prometheus.url}/api/v1/query_exemplars?${query}`);
          const { data } = (await answer.json()) as Exemplars;
          const found = data.find(
            ({ seriesLabels, exemplars }) =>
              seriesLabels[label] === value && exemplars.some(({ labels }) => labels["trace_id"] === trace),
          );
          return found === undefined ? undefined : true;
        });
      }
      // A counter's name is the same in both forms.
      assert.equal((await prometheus.data('http_requests_total{route="/api/v1/templates",status="200"}')).length, 1);
    } finally {
      await prometheus.stop();
    }
  });

  it("of probes are not kept, unless they failed or were slow", async () => {
    const attributes = { "url.path": "/health" };
    const [fine, failed, slow, other] = await send(collector.url, [
      { name: "fine", milliseconds: 1, attributes },
      { name: "failed", milliseconds: 1, attributes, failed: true },
      { name: "slow", milliseconds: 1000, attributes },
      { name: "other", milliseconds: 1, attributes: { "url.path": "/healthy" } },
    ]);
    await jaeger.spans(failed ?? "", ["failed"]);
    await jaeger.spans(slow ?? "", ["slow"]);
    await jaeger.spans(other ?? "", ["other"]);
    await eventually("a decision", async () => ((await collector.decided(false)) > 0 ? true : undefined));
    assert.deepEqual(await jaeger.trace(fine ?? ""), []);
  });

  it("hold nothing that is secret by its name or its look, whoever wrote it", async () => {
    const secrets = {
      "http.request.header.authorization": "Bearer abcdefgh12345678",
      "db.password": "hush-hush",
      "app.api_key": "hush-hush",
      "url.full": "https://ann:hush-hush@example.com/a",
      "app.note": "with sk-abcdefghijklmnop1234 in it, and AKIAIOSFODNN7EXAMPLE",
    };
    const plain = { "gen_ai.usage.input_tokens": "12", "url.path": "/tokens", "app.author": "ann" };
    const [id] = await send(collector.url, [{ name: "wordy", milliseconds: 1, attributes: { ...secrets, ...plain } }]);
    const { tags } = named(await jaeger.spans(id ?? "", ["wordy"]), "wordy");
    assert.deepEqual(Object.fromEntries(Object.keys({ ...secrets, ...plain }).map((name) => [name, tags[name]])), {
      "http.request.header.authorization": "****",
      "db.password": "****",
      "app.api_key": "****",
      "url.full": "https:****example.com/a",
      "app.note": "with **** in it, and ****",
      ...plain,
    });
  });

  it("wait while Jaeger is away, and are there when it is back", async () => {
    await jaeger.kill();
    const ids = await send(
      collector.url,
      Array.from({ length: 20 }, () => ({ name: "waits", milliseconds: 1 })),
    );
    await eventually("an attempt that failed", async () =>
      /otelcol_exporter_queue_size\{[^}]*\} [1-9]/.test(await collector.metrics()) ? true : undefined,
    );
    await jaeger.start();
    for (const id of ids) assert.equal((await jaeger.spans(id, ["waits"])).length, 1);
  });

  it("are decided and sent on before the collector ends", async () => {
    const [id] = await send(collector.url, [{ name: "last", milliseconds: 1 }]);
    await collector.stop();
    await jaeger.spans(id ?? "", ["last"]);
  });
});

describe("traces, through several collectors", () => {
  let jaeger: RunningJaeger;
  let samplers: RunningCollector[];
  let front: RunningCollector;
  let service: Awaited<ReturnType<typeof startTraced>>;
  let provider: FakeProvider;
  before(async () => {
    const stack = stackOf({ replicas: 2, sampling: { percent: 0, slow: 1 } });
    jaeger = await startJaeger();
    samplers = await Promise.all([0, 1].map(() => startCollector("sampler", stack, { jaeger: jaeger.address })));
    front = await startCollector("front", stack, { samplers: samplers.map(({ address }) => address) });
    service = await startTraced(stack, front);
    provider = service.provider;
  });
  after(async () => {
    await service?.stop();
    await front?.stop();
    for (const sampler of samplers ?? []) await sampler.stop();
    await jaeger?.stop();
  });
  const dropped = async () => {
    const each = await Promise.all(samplers.map((sampler) => sampler.decided(false)));
    return each.reduce((sum, count) => sum + count, 0);
  };

  it("that failed are kept whole, and the others at the share that is asked for: none", async () => {
    provider.play("reset");
    const failed = await service.ask("POST", "/v1/chat/completions", chat);
    assert.ok(failed.status >= 500, String(failed.status));
    await jaeger.spans(failed.trace, ["POST /v1/chat/completions", "chat m1", "select api_keys"]);

    const before = await dropped();
    const fine = await Promise.all(Array.from({ length: 8 }, () => service.ask("GET", "/api/v1/templates")));
    assert.deepEqual([...new Set(fine.map(({ status }) => status))], [200]);
    await eventually("8 decisions", async () => ((await dropped()) >= before + 8 ? true : undefined));
    for (const { trace } of fine) assert.deepEqual(await jaeger.trace(trace), []);
  });

  it("that were slow are kept, to the millisecond", async () => {
    const before = await dropped();
    const [slow, fast] = await send(front.url, [
      { name: "slow", milliseconds: 1000 },
      { name: "fast", milliseconds: 999 },
    ]);
    await jaeger.spans(slow ?? "", ["slow"]);
    await eventually("a decision", async () => ((await dropped()) > before ? true : undefined));
    assert.deepEqual(await jaeger.trace(fast ?? ""), []);
  });

  it("are told of in metrics, by the names that rules and dashboards know", async () => {
    const [told, decided] = await Promise.all([front.metrics(), samplers[0]?.metrics()]);
    // These two come with the first failure.
    const rare = ["otelcol_exporter_send_failed_spans", "otelcol_exporter_enqueue_failed_spans"];
    assert.deepEqual(
      Object.keys(names.metrics).filter((name) => !new RegExp(`^${name}[{ ]`, "m").test(`${told}\n${decided}`)),
      rare,
    );
  });

  it("are dealt out among those that decide", async () => {
    const counts = async () => Promise.all(samplers.map((sampler) => sampler.decided(true)));
    const before = await counts();
    await send(
      front.url,
      Array.from({ length: 64 }, () => ({ name: "dealt", milliseconds: 1, failed: true as const })),
    );
    await eventually("64 decisions at two places", async () => {
      const now = (await counts()).map((count, index) => count - (before[index] ?? 0));
      return now.reduce((sum, count) => sum + count, 0) === 64 && now.every((count) => count > 0) ? true : undefined;
    });
  });
});
