import assert from "node:assert/strict";
import { loadKinds } from "./load.js";
import { CALLS_OF_A_KEY, startWatchedService, targetLabels, type WatchedService } from "./watched-service.js";

describe("the service, watched by a real Prometheus", () => {
  let watched: WatchedService;
  before(async () => {
    watched = await startWatchedService();
  });
  after(() => watched.stop());
  const total = async (expression: string): Promise<number> => {
    const [sample] = await watched.prometheus.query(`sum(${expression})`);
    return sample?.value ?? 0;
  };

  it("has the labels by which rules and dashboards find it", async () => {
    const [up] = await watched.prometheus.data("up");
    const { instance, ...labels } = up?.metric ?? {};
    assert.deepEqual(labels, { __name__: "up", job: "api", ...targetLabels });
    assert.match(instance ?? "", /^127\.0\.0\.1:\d+$/);
  });

  it("shows what each kind of load does", async () => {
    const shown: Readonly<Record<(typeof loadKinds)[number], string>> = {
      chat: 'llm_attempts_total{outcome="success"}',
      stream: "llm_ttft_seconds_count",
      embed: 'http_requests_total{route="/v1/embeddings",status="200"}',
      templates: "templates_generated_total",
      objects: "objects_deleted_total",
      sockets: 'websocket_closes_total{code="1000"}',
      denied: "auth_failures_total",
      missing: 'http_requests_total{status="404"}',
      reads: 'http_requests_total{route="/api/v1/templates",status="200"}',
    };
    for (const kind of loadKinds) {
      const before = await total(shown[kind]);
      await watched.load(kind, 10);
      assert.equal((await total(shown[kind])) - before, 10, kind);
    }
  });

  it("shows limits, failover and failures", async () => {
    await watched.load("reads", CALLS_OF_A_KEY + 5);
    assert.equal(await total('rate_limited_total{tier="api"}'), 5);
    watched.providers.first.play("status_500");
    await watched.load("chat", 10);
    assert.equal(await total('llm_failover_total{from="first",to="second"}'), 10);
    watched.providers.second.play("status_500");
    await watched.load("chat", 10);
    assert.equal(await total('http_requests_total{route="/v1/chat/completions",status=~"5.."}'), 10);
  });
});
