import assert from "node:assert/strict";
import { COLLECTORS } from "../../../components/addons/kube-prometheus-stack.js";
import { tables } from "../../../components/monitoring/metrics/names.js";
import { keepNames, renderMonitor } from "../../../components/monitoring/monitors.js";
import { createTargets, monitorsOf, renderKubelet } from "../../../components/monitoring/targets.js";
import type { Tree } from "../../../config/walk.js";
import { deploy, inventory } from "../../support/deploy.js";
import { staged } from "../../support/scene.js";
import { running, watchedElsewhere } from "../../support/services.js";
import { awsStack, localStack, settingsOf } from "../../support/settings.js";

const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const SCRAPE = "kubernetes:monitoring.coreos.com/v1alpha1:ScrapeConfig";

const monitorsIn = async (said: Tree) => (await deploy(() => monitorsOf(staged(settingsOf({ ...said })).scene))).result;

describe("what is looked at", () => {
  it("is every service that names metrics, by its key", async () => {
    const monitors = await monitorsIn({ ...awsStack, services: running });
    assert.deepEqual(
      Object.keys(monitors).filter((target) => target.startsWith("service.")),
      ["service.api"],
    );
    const api = monitors["service.api"];
    assert.ok(api !== undefined);
    assert.deepEqual(renderMonitor("service.api", api, "agents-development-monitoring"), {
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      metadata: { name: "service.api", namespace: "agents-development-monitoring" },
      spec: {
        selector: { matchLabels: { "app.kubernetes.io/name": "api", "app.kubernetes.io/component": "serve" } },
        namespaceSelector: { matchNames: ["agents-development"] },
        sampleLimit: 50_000,
        podMetricsEndpoints: [
          {
            portNumber: 9464,
            path: "/metrics",
            relabelings: [
              { action: "replace", targetLabel: "job", replacement: "api" },
              { action: "replace", targetLabel: "service", replacement: "api" },
            ],
          },
        ],
      },
    });
  });

  it("is on the port and the path that a service says, and not of a job, which may be over", async () => {
    const monitors = await monitorsIn({
      ...awsStack,
      services: {
        worker: { image: "ghcr.io/acme/worker:1.0.0", kind: "worker", metrics: { port: 8001, path: "/prom" } },
        seed: { image: "ghcr.io/acme/seed:1.0.0", kind: "job", metrics: {}, replicas: { min: 1, max: 1 } },
        elsewhere: { metrics: {} },
      },
    });
    const { port, path } = monitors["service.worker"] ?? {};
    assert.deepEqual([port, path], [8001, "/prom"]);
    assert.deepEqual([monitors["service.seed"], monitors["service.elsewhere"]], [undefined, undefined]);
  });

  it("is every part that the stack has, and none that it has not", async () => {
    const always = [
      "alertmanager",
      "collector",
      "external-secrets",
      "grafana",
      "jaeger",
      "kube-state-metrics",
      "node-exporter",
      "prometheus",
    ];
    const targets = async (said: Tree) =>
      Object.keys(await monitorsIn(said))
        .filter((target) => !target.startsWith("service."))
        .sort();
    assert.deepEqual(await targets({ ...awsStack, services: {} }), always);
    assert.deepEqual(
      await targets({ ...localStack, services: running }),
      [...always, "cert-manager", "cloudnative-pg", "envoy-gateway", "gateway", "keda"].sort(),
    );
    assert.deepEqual(
      await targets({ ...awsStack, services: running, gateway: { tls: { secret: "team/tls" } } }),
      [...always, "envoy-gateway", "gateway", "keda"].sort(),
    );
    assert.deepEqual(await targets({ ...awsStack, services: {}, monitoring: watchedElsewhere }), [
      "collector",
      "external-secrets",
      "kube-state-metrics",
      "node-exporter",
      "prometheus",
    ]);
  });

  it("is both of the collectors where one deals traces to the other, and no Jaeger where traces go elsewhere", async () => {
    const tracing = { replicas: 2, otlp: "https://otlp.example.com" };
    const monitors = await monitorsIn({ ...awsStack, services: {}, monitoring: { tracing } });
    const shown = ["collector", "sampler", "jaeger"].map((target) => {
      const { job, labels, port, keeps } = monitors[target] ?? {};
      return [job, labels?.["app.kubernetes.io/name"], port, keeps];
    });
    assert.deepEqual(shown, [
      ["collector", "collector", 8888, "collector"],
      ["collector", "sampler", 8888, "collector"],
      [undefined, undefined, undefined, undefined],
    ]);
    const silent = await monitorsIn({ ...awsStack, services: {}, monitoring: { tracing: { enabled: false } } });
    assert.deepEqual([silent["collector"], silent["jaeger"]], [undefined, undefined]);
  });

  it("lies where those pods are, under the job that rules know", async () => {
    const monitors = await monitorsIn({ ...localStack, services: running });
    assert.deepEqual(
      Object.entries(monitors)
        .filter(([target]) => !target.startsWith("service."))
        .map(([target, { job, namespace, port, path }]) => [target, job, namespace, port, path ?? "/metrics"]),
      [
        ["prometheus", "prometheus", "agents-development-monitoring", 9090, "/metrics"],
        ["alertmanager", "alertmanager", "agents-development-monitoring", 9093, "/metrics"],
        ["grafana", "grafana", "agents-development-monitoring", 3000, "/metrics"],
        ["kube-state-metrics", "kube-state-metrics", "agents-development-monitoring", 8080, "/metrics"],
        ["node-exporter", "node-exporter", "agents-development-nodes", 9100, "/metrics"],
        ["collector", "collector", "agents-development-monitoring", 8888, "/metrics"],
        ["jaeger", "jaeger", "agents-development-monitoring", 8888, "/metrics"],
        ["external-secrets", "external-secrets", "agents-development-external-secrets", 8080, "/metrics"],
        ["gateway", "gateway", "envoy-gateway-system", 19_001, "/stats/prometheus"],
        ["envoy-gateway", "envoy-gateway", "envoy-gateway-system", 19_001, "/metrics"],
        ["cert-manager", "cert-manager", "agents-development-cert-manager", 9402, "/metrics"],
        ["keda", "keda", "keda", 8080, "/metrics"],
        ["cloudnative-pg", "cloudnative-pg", "cnpg-system", 8080, "/metrics"],
      ],
    );
  });

  it("is each node's kubelet, as the account that may ask it", () => {
    assert.deepEqual(renderKubelet("cadvisor", "agents-monitoring"), {
      apiVersion: "monitoring.coreos.com/v1alpha1",
      kind: "ScrapeConfig",
      metadata: { name: "cadvisor", namespace: "agents-monitoring" },
      spec: {
        jobName: "cadvisor",
        scrapeClass: "kubelet",
        scheme: "HTTPS",
        metricsPath: "/metrics/cadvisor",
        kubernetesSDConfigs: [{ role: "Node" }],
        relabelings: [
          { action: "replace", targetLabel: "job", replacement: "kubelet" },
          { action: "replace", sourceLabels: ["__meta_kubernetes_node_name"], targetLabel: "node" },
        ],
        metricRelabelings: [
          keepNames("cadvisor"),
          {
            action: "drop",
            sourceLabels: ["__name__", "container"],
            regex: "container_(cpu|memory|fs|spec|start)_.*;(POD)?",
          },
          { action: "drop", sourceLabels: ["pod"], regex: "^$" },
        ],
      },
    });
    const { spec } = renderKubelet("kubelet", "agents-monitoring");
    assert.deepEqual([spec.metricsPath, spec.metricRelabelings], ["/metrics", [keepNames("kubelet")]]);
  });

  it("is made once what it is made of is there, in a preview too", async () => {
    for (const preview of [false, true]) {
      const { resources } = await deploy(
        () => {
          const { scene, definitions, parent } = staged(settingsOf({ ...awsStack, services: running }));
          createTargets("test", scene, definitions, parent);
        },
        { preview },
      );
      const made = resources.filter(({ type }) => type === MONITOR || type === SCRAPE);
      assert.deepEqual(
        inventory(made).map(([, name]) => name),
        [
          "test-alertmanager",
          "test-cert-manager",
          "test-collector",
          "test-envoy-gateway",
          "test-external-secrets",
          "test-gateway",
          "test-grafana",
          "test-jaeger",
          "test-keda",
          "test-kube-state-metrics",
          "test-node-exporter",
          "test-prometheus",
          "test-service-api",
          "test-cadvisor",
          "test-kubelet",
        ],
      );
      for (const { name, dependsOn } of made)
        assert.ok(
          dependsOn.some((urn) => urn.endsWith("::definitions")),
          name,
        );
    }
  });
});

describe("what is kept of an exporter", () => {
  const kept = (table: Parameters<typeof keepNames>[0], name: string) =>
    new RegExp(`^(?:${String(keepNames(table)["regex"])})$`).test(name);

  it("is what rules and dashboards may name, with the series of a histogram", () => {
    assert.ok(kept("cadvisor", "container_cpu_usage_seconds_total"));
    assert.ok(!kept("cadvisor", "container_tasks_state"));
    assert.ok(kept("envoy", "envoy_http_downstream_rq_time_bucket"));
    assert.ok(kept("process", "process_resident_memory_bytes"));
    assert.ok(!kept("process", "go_goroutines"));
  });

  it("is each name of each list that is kept", async () => {
    const monitors = Object.values(await monitorsIn({ ...localStack, services: running }));
    for (const { keeps } of monitors) {
      if (keeps === undefined || keeps === "process") continue;
      for (const [name, { type }] of Object.entries(tables[keeps].metrics))
        assert.ok(kept(keeps, type === "histogram" ? `${name}_bucket` : name), `${keeps} ${name}`);
    }
  });

  it("is counted: each object that a name is about has a collector", () => {
    const one: Readonly<Record<string, string>> = { hpa: "horizontalpodautoscalers", pod: "pods" };
    const plural = (word: string): string =>
      one[word] ?? [`${word}s`, `${word}es`].find((kind) => COLLECTORS.includes(kind)) ?? word;
    const counted = [
      ...new Set(Object.keys(tables.kubeStateMetrics.metrics).map((name) => plural(name.split("_")[1] ?? ""))),
    ];
    assert.deepEqual(
      counted.filter((kind) => !COLLECTORS.includes(kind)),
      [],
    );
  });
});
