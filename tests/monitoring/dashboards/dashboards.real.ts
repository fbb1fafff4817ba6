import assert from "node:assert/strict";
import { once } from "node:events";
import { WebSocket } from "ws";
import { dashboardsOf } from "../../../components/monitoring/dashboards/index.js";
import { tables } from "../../../components/monitoring/metrics/names.js";
import { recordings, ruleGroups } from "../../../components/monitoring/rules/index.js";
import {
  freshDatabase,
  type PostgresServer,
  type RedisServer,
  startPostgres,
  startRedis,
} from "../../service/real/servers.js";
import { Collector } from "../../service/support/otlp.js";
import { ADMIN_KEY } from "../../service/support/service.js";
import { awsProduction, receivers } from "../../support/settings.js";
import { metricsIn } from "../promql.js";
import { scopeOf } from "../scopes.js";
import { eventually } from "../support/eventually.js";
import type { LoadKind } from "../support/load.js";
import { CALLS_OF_A_KEY, startWatchedService, targetLabels, type WatchedService } from "../support/watched-service.js";
import { drawn, filledIn, shownOn } from "./panels.js";
import { waiting } from "./waiting.js";
import { Watcher } from "./watcher.js";

const scope = scopeOf({
  ...awsProduction,
  monitoring: { mode: "inCluster", receivers, budget: { dollars: 0.01, tokens: 100_000 } },
  services: {
    [targetLabels.service]: {
      image: "ghcr.io/acme/agents:1.0.0",
      agents: { role: "all" },
      uses: ["database", "cache", "models"],
      secrets: ["OPENAI_API_KEY"],
      routes: [{}],
      metrics: { business: [{ name: "templates_generated_total", title: "Templates" }, "websocket_connections"] },
    },
  },
});

/** What exporters and the cloud show is not here: of panels that name such a metric only the query is tried. */
const here = new Set<string>([
  ...Object.keys(tables.service.metrics).flatMap((name) => [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]),
  ...Object.keys(tables.prometheus.metrics).filter((name) => name === "up" || name === "ALERTS"),
  ...recordings.keys(),
]);
const shown = dashboardsOf(drawn(scope)).flatMap(shownOn);
const ofService = shown.filter(({ queries }) =>
  queries.every((query) => metricsIn(filledIn(query)).every((name) => here.has(name))),
);

/** Those that change by something else than load. */
const steady: Readonly<Record<string, string>> = {
  "overview/Versions": "a rollout",
};

/** As often as the rest, so that nobody waits for minutes. */
const rules = JSON.stringify({ groups: ruleGroups(scope).map(({ interval: _, ...group }) => group) });

describe("dashboards over the real service", () => {
  let watched: WatchedService;
  let postgres: PostgresServer;
  let redis: RedisServer;
  const collector = new Collector();
  let watcher: Watcher;

  const readOnly = (on: boolean) =>
    fetch(`${watched.url}/api/v1/admin/mode`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${ADMIN_KEY}`, "Content-Type": "application/json" },
      body: JSON.stringify({ readOnly: on }),
    });

  /** Twice, because a series that begins at what was counted meanwhile shows no rate of it. */
  const twice = async (kind: LoadKind, count = 20): Promise<void> => {
    await watched.load(kind, count);
    await watched.load(kind, count);
    await watcher.look();
  };

  /** What lasts only for a while lasts until every panel has been looked at. */
  const shownMeanwhile = async (): Promise<void> => {
    await watched.looked();
    await watcher.look();
  };

  const holdSockets = async (count: number): Promise<void> => {
    const headers = { Authorization: `Bearer ${ADMIN_KEY}` };
    const sockets = Array.from(
      { length: count },
      () => new WebSocket(`${watched.url.replace("http", "ws")}/ws`, ["agents.v1"], { headers }),
    );
    await Promise.all(sockets.map((socket) => once(socket, "open")));
    await shownMeanwhile();
    for (const socket of sockets) socket.close(1000);
    await watched.looked();
  };

  /** All that people, programs, providers and machines do, one after the other. */
  async function play(): Promise<void> {
    const { first, second } = watched.providers;
    for (const kind of ["chat", "stream", "embed", "templates", "objects", "sockets", "denied", "missing"] as const)
      await twice(kind);
    await holdSockets(3);
    await twice("reads", CALLS_OF_A_KEY + 50);
    first.play("missing_usage");
    await twice("stream");
    first.play("status_500", "status_500", "none");
    await twice("chat", 2);
    first.play("status_401");
    await twice("chat");
    second.play("status_500");
    await twice("chat");
    await readOnly(true);
    await shownMeanwhile();
    await readOnly(false);
    await redis.kill();
    await watched.load("reads", 20);
    await watcher.look();
    await redis.restart();
    await watched.kill();
    await shownMeanwhile();
    await watched.start();
    await watched.looked();
  }

  before(async () => {
    [postgres, redis] = await Promise.all([startPostgres({ version: "17" }), startRedis(), collector.open()]);
    watched = await startWatchedService({
      rules: [rules],
      interval: "500ms",
      variables: {
        DATABASE_URL: await freshDatabase(postgres),
        REDIS_URL: redis.url,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_TRACES_SAMPLER: "always_on",
      },
    });
    watcher = new Watcher(ofService, watched.prometheus);
    await eventually("the first rules", async () => (await watched.prometheus.query("ALERTS")).length > 0 || undefined);
    await watcher.look();
    await watcher.during(play());
  });
  after(async () => {
    await watched?.stop();
    await Promise.all([postgres?.stop(), redis?.stop(), collector.close()]);
  });

  it("are all questions that Prometheus understands", async () => {
    for (const { queries } of shown) for (const query of queries) await watched.prometheus.query(filledIn(query));
  });

  it("cover the service's own in full", () => {
    const names = ofService.map(({ name }) => name);
    for (const uid of ["application", "agents", "models", "business", "slo"])
      assert.deepEqual(
        shown.filter(({ name }) => name.startsWith(`${uid}/`)).map(({ name }) => name),
        names.filter((name) => name.startsWith(`${uid}/`)),
      );
  });

  for (const { name } of ofService)
    if (!(name in waiting))
      it(`${name} returns data${name in steady ? "" : " that changes with the load"}`, () => {
        const { silent, values } = watcher.seen(name);
        assert.deepEqual(silent, []);
        assert.ok(name in steady || values > 1, `always the same: ${watcher.last(name)}`);
      });

  it("wait where nobody feeds them yet, and for nothing else", () => {
    assert.deepEqual(
      Object.keys(waiting).filter((name) => !ofService.some((panel) => panel.name === name)),
      [],
      "listed as waiting, and no panel of the service's",
    );
    const fed = Object.keys(waiting).filter((name) => {
      const { silent, values } = watcher.seen(name);
      return silent.length === 0 && values > 1;
    });
    assert.deepEqual(fed, [], "they wait no more: take them out of waiting.ts");
  });
});
