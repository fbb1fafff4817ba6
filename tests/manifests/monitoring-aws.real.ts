import assert from "node:assert/strict";
import { keptCase, watchedCases } from "../matrix/cases.js";
import { callsIn, NAMESPACE, namespaces, others, running, service, sorted } from "./model.js";
import { apiserver, exporter, fluentBit, MONITORING, NODES, part, thanos } from "./monitoring-model.js";
import type { Model } from "./truth-table.js";

/** Where pods are told who they are, and where nodes are. */
const identities: Model["peers"] = {
  credentials: { ip: "169.254.170.23", ports: [{ number: 80 }] },
  metadata: { ip: "169.254.169.254", ports: [{ number: 80 }, { number: 443 }] },
};
const outside = [
  ...["models:443", "models:80", "neighbour:443", "metadata:443", "metadata:80", "credentials:80"],
  ...["apiserver:443", "apiserver:6443"],
];
/** What is known by its name only may be anywhere but where nodes are told their secrets. */
const anywhere = ["models:443", "neighbour:443", "apiserver:443", "names:53/UDP"];

describe("who may call whom, by the policies of a stack whose cloud measures and keeps lines", () => {
  const model: Model = {
    namespaces: namespaces(NAMESPACE, MONITORING, NODES, "kube-system", "others"),
    peers: {
      ...others,
      ...identities,
      api: { ip: "10.1.0.1", pod: service("api"), ports: [{ number: 3000 }, { number: 9464 }] },
      prometheus: part("10.2.0.1", "prometheus", 9090),
      "postgres-exporter": exporter("10.2.0.8", "postgres-exporter", 9187),
      "cache-exporter": exporter("10.2.0.9", "cache-exporter", 9121),
      "cloud-metrics": part("10.2.0.13", "cloud-metrics", 5000),
      "fluent-bit": fluentBit("10.2.0.14", NODES, "node"),
      "fluent-bit-events": fluentBit("10.2.0.15", MONITORING, "events"),
      // In the subnets of data.
      database: { ip: "10.0.224.10", ports: [{ number: 5432 }] },
      cache: { ip: "10.0.228.10", ports: [{ number: 6379 }] },
      apiserver,
    },
  };
  const stores = ["database:5432", "cache:6379"];
  const fromOutside = ["names:53/UDP", "stranger:80"];

  const allowed: Readonly<Record<string, readonly string[]>> = {
    api: [...stores, "models:443", "names:53/UDP"],
    prometheus: [
      ...[...outside, ...stores, "names:53/UDP", "stranger:80"],
      ...["api:9464", "postgres-exporter:9187", "cache-exporter:9121"],
      ...["cloud-metrics:5000", "fluent-bit:2020", "fluent-bit-events:2020"],
    ],
    "postgres-exporter": ["database:5432", "names:53/UDP"],
    "cache-exporter": ["cache:6379", "names:53/UDP"],
    "cloud-metrics": [...anywhere, "credentials:80"],
    "fluent-bit": [...anywhere, "apiserver:6443", "credentials:80"],
    "fluent-bit-events": [...anywhere, "apiserver:6443", "credentials:80"],
    stranger: [...outside, ...stores, "names:53/UDP"],
    names: [...outside, ...stores, "stranger:80"],
    models: fromOutside,
    neighbour: fromOutside,
    metadata: fromOutside,
    credentials: fromOutside,
    apiserver: fromOutside,
    database: fromOutside,
    cache: fromOutside,
  };

  it("is what reading the cloud and sending lines need, and nothing else", async () => {
    const [one] = watchedCases.filter(({ cloud }) => cloud === "aws");
    assert.ok(one !== undefined);
    assert.deepEqual(await callsIn(one, model), sorted(allowed));
  });
});

describe("who may call whom, by the policies of a stack that keeps measurements, traces and lines", () => {
  const proxy = running.peers["proxy"];
  assert.ok(proxy !== undefined);
  const model: Model = {
    namespaces: namespaces(NAMESPACE, MONITORING, NODES, "envoy-gateway-system", "kube-system", "others"),
    peers: {
      ...others,
      ...identities,
      proxy,
      prometheus: part("10.2.0.1", "prometheus", 9090, 10901, 10902),
      alertmanager: part("10.2.0.2", "alertmanager", 9093),
      grafana: part("10.2.0.3", "grafana", 3000),
      collector: part("10.2.0.10", "collector", 4317, 4318, 8888),
      sampler: part("10.2.0.16", "sampler", 4317, 8888),
      jaeger: part("10.2.0.11", "jaeger", 4317, 16686, 8888),
      "thanos-store": thanos("10.2.0.17", "store", 10901, 10902),
      "thanos-compact": thanos("10.2.0.18", "compact", 10902),
      "thanos-query": thanos("10.2.0.19", "query", 10901, 10902),
      opensearch: part("10.2.0.20", "opensearch", 9200, 9300),
      "opensearch-2": part("10.2.0.21", "opensearch", 9200, 9300),
      "opensearch-setup": part("10.2.0.22", "opensearch-setup"),
      "fluent-bit": fluentBit("10.2.0.14", NODES, "node"),
      "fluent-bit-events": fluentBit("10.2.0.15", MONITORING, "events"),
      apiserver,
    },
  };
  const open = ["proxy:10080", "proxy:10443", "names:53/UDP"];
  const anybody = [...open, "stranger:80", ...outside];
  const fromOutside = [...open, "stranger:80"];
  const lines = ["opensearch:9200", "opensearch-2:9200"];

  const allowed: Readonly<Record<string, readonly string[]>> = {
    proxy: ["grafana:3000", "names:53/UDP"],
    prometheus: [
      ...anybody,
      ...["alertmanager:9093", "grafana:3000", "collector:8888", "sampler:8888", "jaeger:8888"],
      ...["fluent-bit:2020", "fluent-bit-events:2020", "proxy:19001"],
    ],
    alertmanager: ["models:443", "names:53/UDP"],
    grafana: ["thanos-query:10902", "alertmanager:9093", "jaeger:16686", ...lines, "names:53/UDP"],
    collector: [...anybody, "sampler:4317"],
    sampler: ["jaeger:4317", "names:53/UDP"],
    jaeger: ["names:53/UDP"],
    "thanos-store": [...anywhere, "credentials:80"],
    "thanos-compact": [...anywhere, "credentials:80"],
    "thanos-query": ["prometheus:10901", "thanos-store:10901", "names:53/UDP"],
    opensearch: ["opensearch-2:9300", "names:53/UDP"],
    "opensearch-2": ["opensearch:9300", "names:53/UDP"],
    "opensearch-setup": [...lines, "names:53/UDP"],
    "fluent-bit": [...anywhere, "apiserver:6443", ...lines],
    "fluent-bit-events": [...anywhere, "apiserver:6443", ...lines],
    stranger: [...open, ...outside],
    names: anybody.filter((to) => !to.startsWith("names")),
    models: fromOutside,
    neighbour: fromOutside,
    metadata: fromOutside,
    credentials: fromOutside,
    apiserver: fromOutside,
  };

  it("is what writing, reading and showing need, and nothing else", async () => {
    assert.deepEqual(await callsIn(keptCase, model), sorted(allowed));
  });
});
