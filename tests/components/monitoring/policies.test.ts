import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { EdgeScene } from "../../../components/monitoring/edges.js";
import { createPolicies } from "../../../components/monitoring/policies.js";
import type { MonitoringScene } from "../../../components/monitoring/scene.js";
import type { Tree } from "../../../config/walk.js";
import { all, deploy } from "../../support/deploy.js";
import { deployPlatform } from "../../support/platform.js";
import { bucketAt, cacheWith, databaseWith, entry, staged } from "../../support/scene.js";
import { running, watchedElsewhere, watching } from "../../support/services.js";
import { awsProduction, awsStack, localStack, receivers, settingsOf } from "../../support/settings.js";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";

interface Rule {
  readonly from?: readonly Tree[];
  readonly to?: readonly Tree[];
  readonly ports?: readonly { readonly protocol: string; readonly port: number }[];
}

interface Spec {
  readonly podSelector: { readonly matchLabels?: Tree };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress: readonly Rule[];
}

type Over = Partial<Omit<EdgeScene, "settings" | "watching">>;

/** The policies of a stack, by the names of the objects without what is the same in each. */
async function policiesOf(said: Tree, over: (scene: MonitoringScene) => Over = () => ({}), preview = false) {
  const { resources } = await deploy(
    () => {
      const { scene, parent } = staged(settingsOf(said));
      createPolicies("test", { logins: {}, measure: undefined, ...scene, ...over(scene) }, parent);
    },
    { preview },
  );
  return Object.fromEntries(
    all(resources, POLICY).map(({ name, inputs }) => {
      const { metadata, spec } = inputs as { metadata: Tree; spec: Spec };
      const part = name.replace(/^test-/, "");
      assert.deepEqual(metadata, { name: `platform.${part}`, namespace: `${settingsOf(said).prefix}-monitoring` });
      return [part, spec];
    }),
  );
}

const tcp = (port: number) => [{ protocol: "TCP", port }];
const pods = (name: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": name } } });
const podsIn = (namespace: string, matchLabels?: Tree) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  ...(matchLabels === undefined ? {} : { podSelector: { matchLabels } }),
});
const from = (port: number, ...callers: Tree[]) => ({ from: callers, ports: tcp(port) });
const to = (port: number, ...called: Tree[]) => ({ to: called, ports: tcp(port) });
const anywhere = { ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } };
const internet = {
  ipBlock: {
    cidr: "0.0.0.0/0",
    except: ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
  },
};
/** The API server is among them, which no policy can name. */
const anybody = [{}];

const policy = (selector: Tree, ingress: readonly Rule[], egress: readonly Rule[]) => ({
  ...selector,
  policyTypes: ["Ingress", "Egress"],
  ingress,
  egress,
});
const ofChart = (name: string) => ({ podSelector: { matchLabels: { app: `kube-prometheus-stack-${name}` } } });

const prometheus = pods("prometheus");
const grafana = pods("grafana");

/** What watches in every mode, whatever there is to watch. */
const always = {
  operator: policy(ofChart("operator"), [{ ports: tcp(10_250) }], anybody),
  "webhook-certificate": policy(ofChart("admission-create"), [], anybody),
  "webhook-registration": policy(ofChart("admission-patch"), [], anybody),
  "kube-state-metrics": policy(pods("kube-state-metrics"), [from(8080, prometheus)], anybody),
};

const services = podsIn("agents-development");
const collector = policy(pods("collector"), [from(4318, services), from(8888, prometheus)], anybody);

const small = {
  ...always,
  prometheus: policy(prometheus, [from(9090, prometheus, grafana)], anybody),
  alertmanager: policy(pods("alertmanager"), [from(9093, prometheus, grafana)], []),
  grafana: policy(
    grafana,
    [from(3000, prometheus)],
    [to(9090, prometheus), to(9093, pods("alertmanager")), to(16_686, pods("jaeger"))],
  ),
  collector,
  jaeger: policy(pods("jaeger"), [from(4317, pods("collector")), from(16_686, grafana), from(8888, prometheus)], []),
};

const quiet = { ...awsStack, services: {} };

describe("who may call whom in monitoring", () => {
  it("is what the parts of a small stack do, in a preview too", async () => {
    for (const preview of [false, true]) assert.deepEqual(await policiesOf(quiet, () => ({}), preview), small);
  });

  it("has no Grafana and no Alertmanager where those exist, and traces go on from the collector", async () => {
    const elsewhere = { ...always, prometheus: policy(prometheus, [from(9090, prometheus)], anybody), collector };
    assert.deepEqual(await policiesOf({ ...quiet, monitoring: watchedElsewhere }), elsewhere);
    const { alertmanager: _, otlp: __, otlpToken: ___, ...own } = watchedElsewhere;
    const { collector: ____, ...untraced } = elsewhere;
    assert.deepEqual(await policiesOf({ ...quiet, monitoring: { ...own, receivers } }), {
      ...untraced,
      alertmanager: policy(pods("alertmanager"), [from(9093, prometheus)], [to(443, internet)]),
    });
  });

  it("lets Alertmanager call its receivers on their ports, and pods of several tell each other by TCP and UDP", async () => {
    const own = pods("alertmanager");
    const ports = ["TCP", "UDP"].map((protocol) => ({ protocol, port: 9094 }));
    const said = { ...awsProduction, services: {}, monitoring: { receivers } };
    const { alertmanager } = await policiesOf(said);
    assert.deepEqual(
      alertmanager,
      policy(own, [from(9093, prometheus, grafana), { from: [own], ports }], [to(443, internet), { to: [own], ports }]),
    );
  });

  it("lets Grafana ask the archive instead of Prometheus, and its parts ask each other and the bucket", async () => {
    const part = (name: string) => ({
      podSelector: { matchLabels: { "app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "thanos" } },
    });
    const onBucket = [to(443, anywhere), to(80, { ipBlock: { cidr: "169.254.170.23/32" } })];
    const found = await policiesOf({ ...quiet, monitoring: { archive: { bucket: "main" } } }, ({ cluster }) => ({
      buckets: { main: bucketAt("s3://objects") },
      cluster: { ...cluster, credentialEndpoint: [{ cidr: "169.254.170.23/32", ports: [80] }] },
    }));
    assert.deepEqual(found, {
      ...small,
      prometheus: policy(prometheus, [from(9090, prometheus), from(10_901, pods("thanos-query"))], anybody),
      grafana: policy(
        grafana,
        [from(3000, prometheus)],
        [to(10_902, pods("thanos-query")), to(9093, pods("alertmanager")), to(16_686, pods("jaeger"))],
      ),
      "thanos-store": policy(part("thanos-store"), [from(10_901, pods("thanos-query"))], onBucket),
      "thanos-compact": policy(part("thanos-compact"), [], onBucket),
      "thanos-query": policy(
        pods("thanos-query"),
        [from(10_902, grafana)],
        [to(10_901, prometheus), to(10_901, part("thanos-store"))],
      ),
    });
  });

  it("lets who works on a bucket with keys call its own address, and nobody for credentials", async () => {
    const found = await policiesOf({ ...quiet, monitoring: { archive: { bucket: "main" } } }, () => ({
      buckets: { main: bucketAt("s3://objects", entry("keys"), "http://minio.example.com:9000") },
    }));
    assert.deepEqual(found["thanos-compact"]?.egress, [to(9000, anywhere)]);
  });

  it("lets those who decide on traces send them, where the collector has several pods", async () => {
    const several = await policiesOf({ ...quiet, monitoring: { tracing: { replicas: 2 } } });
    assert.deepEqual(several, {
      ...small,
      sampler: policy(
        pods("sampler"),
        [from(4317, pods("collector")), from(8888, prometheus)],
        [to(4317, pods("jaeger"))],
      ),
      jaeger: policy(pods("jaeger"), [from(4317, pods("sampler")), from(16_686, grafana), from(8888, prometheus)], []),
    });
  });

  it("has no Jaeger where traces go elsewhere, and no collector where there are none", async () => {
    const { jaeger: _, grafana: __, ...rest } = small;
    const untraced = policy(grafana, [from(3000, prometheus)], [to(9090, prometheus), to(9093, pods("alertmanager"))]);
    const otlp = "https://otlp.example.com:4318";
    assert.deepEqual(await policiesOf({ ...quiet, monitoring: { tracing: { otlp, replicas: 2 } } }), {
      ...rest,
      grafana: untraced,
      sampler: policy(pods("sampler"), [from(4317, pods("collector")), from(8888, prometheus)], [to(4318, anywhere)]),
    });
    const { collector: ___, ...silent } = rest;
    assert.deepEqual(await policiesOf({ ...quiet, monitoring: { tracing: { enabled: false } } }), {
      ...silent,
      grafana: untraced,
    });
  });

  it("lets the gateway call Grafana where it has a host, and Grafana those who sign people in", async () => {
    const address = (path: string, port = "") => `https://id.example.com${port}/${path}`;
    const found = await policiesOf({
      ...awsStack,
      services: running,
      domain: { mode: "managed", name: "agents.example.com" },
      monitoring: {
        grafana: {
          host: "grafana.agents.example.com",
          oidc: {
            authUrl: address("authorize"),
            tokenUrl: address("token", ":8443"),
            apiUrl: address("userinfo"),
            clientId: "grafana",
            clientSecret: "GRAFANA_CLIENT_SECRET",
            adminGroup: "admins",
          },
        },
      },
    });
    const proxies = podsIn("envoy-gateway-system", {
      "app.kubernetes.io/name": "envoy",
      "app.kubernetes.io/component": "proxy",
      "app.kubernetes.io/managed-by": "envoy-gateway",
      "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway-system",
      "gateway.envoyproxy.io/owning-gateway-name": "agents-development",
    });
    assert.deepEqual(
      found["grafana"],
      policy(
        grafana,
        [from(3000, prometheus), from(3000, proxies)],
        [...small.grafana.egress, to(8443, anywhere), to(443, anywhere)],
      ),
    );
  });

  it("lets Grafana read lines that the stack keeps itself", async () => {
    const { grafana: found, ...rest } = await policiesOf({ ...quiet, monitoring: { logs: { to: "openSearch" } } });
    const { grafana: _, ...others } = small;
    assert.deepEqual(found?.egress, [...small.grafana.egress, to(9200, pods("opensearch"))]);
    assert.deepEqual(rest, others);
  });

  it("lets KEDA ask where it scales by what is measured, and whoever asks pages call the gateway", async () => {
    const found = await policiesOf({ ...localStack, services: running });
    assert.deepEqual(found, {
      ...small,
      prometheus: policy(
        prometheus,
        [from(9090, prometheus, grafana, podsIn("keda", { "app.kubernetes.io/name": "keda-operator" }))],
        anybody,
      ),
      blackbox: policy(
        pods("blackbox"),
        [from(9115, prometheus)],
        [
          to(
            10_443,
            podsIn("envoy-gateway-system", {
              "app.kubernetes.io/name": "envoy",
              "app.kubernetes.io/component": "proxy",
              "app.kubernetes.io/managed-by": "envoy-gateway",
              "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway-system",
              "gateway.envoyproxy.io/owning-gateway-name": "agents-development",
            }),
          ),
        ],
      ),
    });
    const { prometheus: elsewhere } = await policiesOf({
      ...localStack,
      services: running,
      monitoring: watchedElsewhere,
    });
    assert.deepEqual(elsewhere?.ingress, [from(9090, prometheus)]);
  });

  it("lets exporters call their own store, and who reads the cloud's measurements the cloud", async () => {
    const exporter = (kind: string) => ({
      podSelector: { matchLabels: { "app.kubernetes.io/name": kind, "app.kubernetes.io/instance": "main" } },
    });
    const cluster = { namespace: pulumi.output("data"), labels: { "cnpg.io/cluster": "db" } };
    const found = await policiesOf(quiet, () => ({
      databases: { main: { ...databaseWith("system"), pods: cluster }, unused: databaseWith("system") },
      caches: { main: cacheWith("off", "none") },
      logins: { main: { role: "agents_exporter", login: entry("login") } },
      measure: { port: 5000 },
    }));
    assert.deepEqual(found, {
      ...small,
      "postgres-exporter-main": policy(
        exporter("postgres-exporter"),
        [from(9187, prometheus)],
        [to(5432, podsIn("data", { "cnpg.io/cluster": "db" }))],
      ),
      "cache-exporter-main": policy(
        exporter("cache-exporter"),
        [from(9121, prometheus)],
        [to(6379, { ipBlock: { cidr: "10.0.3.0/24" } })],
      ),
      "cloud-metrics": policy(pods("cloud-metrics"), [from(5000, prometheus)], [to(443, anywhere)]),
    });
  });
});

interface Looked {
  readonly spec: {
    readonly selector: { readonly matchLabels: Tree };
    readonly namespaceSelector: { readonly matchNames: readonly [string] };
    readonly podMetricsEndpoints: readonly { readonly portNumber: number }[];
  };
}

describe("what Prometheus may look at", () => {
  it("is what it does look at, wherever a namespace is closed", async () => {
    const { resources } = await deployPlatform(
      {
        ...localStack,
        services: running,
        monitoring: { ...watching, logs: { to: "openSearch" }, tracing: { replicas: 2 } },
      },
      { outputs: { "kubernetes:core/v1:Secret": ({ read }) => (read ? { data: { "ca.crt": "UEVN" } } : {}) } },
    );
    const policies = all(resources, POLICY).map(
      ({ inputs }) => inputs as { metadata: { name: string; namespace: string }; spec: Spec },
    );
    const closed = policies.filter(({ metadata }) => metadata.name === "platform.default-deny");
    const isClosed = (namespace: string) => closed.some(({ metadata }) => metadata.namespace === namespace);
    const targets = all(resources, MONITOR).flatMap(({ inputs }) => {
      const { selector, namespaceSelector, podMetricsEndpoints } = (inputs as unknown as Looked).spec;
      const [namespace] = namespaceSelector.matchNames;
      return podMetricsEndpoints.map(({ portNumber }) => ({ namespace, labels: selector.matchLabels, portNumber }));
    });
    const isOf = (labels: Tree, selector: Tree) => Object.entries(selector).every(([key, one]) => labels[key] === one);
    const reader = JSON.stringify(pods("prometheus").podSelector);
    const isReader = (rule: Rule): boolean =>
      (rule.from ?? []).some(({ podSelector }) => JSON.stringify(podSelector) === reader);
    const open = policies.flatMap(({ metadata: { namespace }, spec }) =>
      (spec.ingress ?? [])
        .filter(isReader)
        .flatMap(({ ports = [] }) =>
          ports.map(({ port }) => ({ namespace, selector: spec.podSelector.matchLabels ?? {}, port })),
        ),
    );
    const meet = (door: (typeof open)[number], target: (typeof targets)[number]): boolean =>
      door.namespace === target.namespace && door.port === target.portNumber && isOf(target.labels, door.selector);

    assert.deepEqual(
      targets.filter((target) => isClosed(target.namespace) && !open.some((door) => meet(door, target))),
      // On the node's own network, where no policy holds.
      [
        {
          namespace: "agents-development-nodes",
          labels: { "app.kubernetes.io/name": "prometheus-node-exporter" },
          portNumber: 9100,
        },
      ],
    );
    assert.deepEqual(
      open.filter((door) => !targets.some((target) => meet(door, target))),
      // It is asked to ask, for each page.
      [
        {
          namespace: "agents-development-monitoring",
          selector: { "app.kubernetes.io/name": "blackbox" },
          port: 9115,
        },
      ],
    );
    assert.equal(open.length, 16);
  });
});
