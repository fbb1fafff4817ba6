import assert from "node:assert/strict";
import { watchedCases } from "../matrix/cases.js";
import { callsIn, NAMESPACE, namespaces, running, sorted } from "./model.js";
import { addOn, apiserver, exporter, MONITORING, ofChart, part } from "./monitoring-model.js";
import type { Model } from "./truth-table.js";

describe("who may call whom, by the policies of a stack that is watched", () => {
  const model: Model = {
    namespaces: {
      ...running.namespaces,
      ...namespaces(MONITORING, `${NAMESPACE}-external-secrets`, "keda", "cnpg-system"),
    },
    peers: {
      ...running.peers,
      prometheus: part("10.2.0.1", "prometheus", 9090, 8080, 10901),
      alertmanager: {
        ...part("10.2.0.2", "alertmanager"),
        ports: [{ number: 9093 }, { number: 8080 }, { number: 9094 }, { number: 9094, protocol: "UDP" }],
      },
      grafana: part("10.2.0.3", "grafana", 3000),
      operator: ofChart("10.2.0.4", "operator", 10250),
      "webhook-certificate": ofChart("10.2.0.5", "admission-create"),
      "webhook-registration": ofChart("10.2.0.6", "admission-patch"),
      objects: part("10.2.0.7", "kube-state-metrics", 8080, 8081),
      "postgres-exporter": exporter("10.2.0.8", "postgres-exporter", 9187),
      "cache-exporter": exporter("10.2.0.9", "cache-exporter", 9121),
      collector: part("10.2.0.10", "collector", 4317, 4318, 8888),
      jaeger: part("10.2.0.11", "jaeger", 4317, 16686, 8888),
      blackbox: part("10.2.0.12", "blackbox", 9115),
      keda: addOn("10.2.0.20", "keda", "keda-operator", 8080),
      "keda-server": addOn("10.2.0.21", "keda", "keda-operator-metrics-apiserver"),
      "external-secrets": addOn("10.2.0.22", `${NAMESPACE}-external-secrets`, "external-secrets", 8080),
      "cloudnative-pg": addOn("10.2.0.23", "cnpg-system", "cloudnative-pg", 8080),
      apiserver,
      // Its kubelet, and what looks at it from its own network.
      node: { ip: "10.0.32.9", ports: [{ number: 10250 }, { number: 9100 }] },
    },
  };

  /** What lets in whoever calls: policies of the stack say so, or there is none. */
  const open = ["proxy:10080", "proxy:10443", "certificates:10250", "operator:10250", "names:53/UDP"];
  const addOns = ["keda:8080", "external-secrets:8080", "cloudnative-pg:8080"];
  const outside = [
    ...["models:443", "models:80", "neighbour:443", "metadata:443"],
    ...["apiserver:443", "apiserver:6443", "node:10250", "node:9100"],
  ];
  const anybody = [...open, ...addOns, "stranger:80", ...outside];
  const anybodyBut = (self: string) => anybody.filter((to) => !to.startsWith(`${self}:`));
  const fromOutside = [...open, ...addOns, "stranger:80"];

  /** By hand, from what each is there for. What is not here is refused. */
  const allowed: Readonly<Record<string, readonly string[]>> = {
    api: ["database:5432", "cache:6379", "search:8080", "models:443", "collector:4318", "names:53/UDP"],
    search: ["database:5432", "collector:4318", "names:53/UDP"],
    // It asks the API server, which no policy can name.
    mail: ["apiserver:443", "apiserver:6443", "models:443", "neighbour:443", "collector:4318", "names:53/UDP"],
    seed: ["database:5432", "collector:4318", "names:53/UDP"],
    proxy: ["controller:18000", "api:3000", "names:53/UDP"],
    controller: anybody,
    certificates: anybodyBut("certificates"),
    database: anybody,
    cache: ["names:53/UDP"],
    bootstrap: ["database:5432", "names:53/UDP"],

    prometheus: [
      ...anybody,
      ...["api:9464", "proxy:19001", "controller:19001", "certificates:9402"],
      ...["alertmanager:9093", "grafana:3000", "objects:8080", "collector:8888", "jaeger:8888"],
      ...["postgres-exporter:9187", "cache-exporter:9121", "blackbox:9115"],
    ],
    alertmanager: ["models:443", "names:53/UDP"],
    grafana: ["prometheus:9090", "alertmanager:9093", "jaeger:16686", "names:53/UDP"],
    operator: anybodyBut("operator"),
    "webhook-certificate": anybody,
    "webhook-registration": anybody,
    objects: anybody,
    "postgres-exporter": ["database:5432", "names:53/UDP"],
    "cache-exporter": ["cache:6379", "names:53/UDP"],
    collector: [...anybody, "jaeger:4317"],
    jaeger: ["names:53/UDP"],
    blackbox: ["proxy:10443", "names:53/UDP"],

    keda: [...anybodyBut("keda"), "prometheus:9090"],
    "keda-server": anybody,
    "external-secrets": anybodyBut("external-secrets"),
    "cloudnative-pg": [...anybodyBut("cloudnative-pg"), "database:8000"],
    // Nothing is known of whoever is not the stack's: they may call what lets them in.
    stranger: anybodyBut("stranger"),
    names: anybodyBut("names"),
    models: fromOutside,
    neighbour: fromOutside,
    metadata: fromOutside,
    apiserver: fromOutside,
    node: fromOutside,
  };

  it("is what measuring, telling and tracing need, and nothing else", async () => {
    const [one] = watchedCases.filter(({ cloud }) => cloud === "local");
    assert.ok(one !== undefined);
    assert.deepEqual(await callsIn(one, model), sorted(allowed));
  });
});
