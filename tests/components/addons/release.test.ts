import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as awsLoadBalancerController from "../../../components/addons/aws-load-balancer-controller.js";
import * as certManager from "../../../components/addons/cert-manager.js";
import * as cloudNativePg from "../../../components/addons/cloudnative-pg.js";
import * as clusterAutoscaler from "../../../components/addons/cluster-autoscaler.js";
import * as envoyGateway from "../../../components/addons/envoy-gateway.js";
import * as externalSecrets from "../../../components/addons/external-secrets.js";
import * as keda from "../../../components/addons/keda.js";
import * as kubePrometheusStack from "../../../components/addons/kube-prometheus-stack.js";
import * as metricsServer from "../../../components/addons/metrics-server.js";
import { type ChartName, locate } from "../../../components/addons/release.js";
import { imageOf } from "../../../components/image.js";
import { grafanaValues } from "../../../components/monitoring/grafana.js";
import { alertmanagerValues, grafanaSection, prometheusValues } from "../../../components/monitoring/prometheus.js";
import type { Settings } from "../../../config/settings.js";
import { charts, type Image, images } from "../../../config/versions.js";
import { receivers, settingsOf } from "../../support/settings.js";

interface Keys {
  /** Its publisher's tag where there is one: it names the version. */
  readonly source: {
    readonly repository: string;
    readonly path: string;
    readonly commit?: string;
    readonly tag?: string;
  };
  readonly keys: readonly string[];
  readonly open: readonly string[];
}

const folder = new URL("../../../components/addons/charts/", import.meta.url);
const listOf = (chart: string): Keys => JSON.parse(readFileSync(new URL(`${chart}.json`, folder), "utf8")) as Keys;

/** Charts inside of others, each in a section of its name: nobody pins their versions apart. */
const parts: Readonly<Record<string, readonly string[]>> = { "kube-prometheus-stack": ["grafana"] };

function keysOf(chart: string): Keys {
  const own = listOf(chart);
  const below = (list: "keys" | "open") =>
    (parts[chart] ?? []).flatMap((part) => listOf(part)[list].map((key) => `${part}.${key}`));
  return { ...own, keys: [...own.keys, ...below("keys")], open: [...own.open, ...below("open")] };
}

/** The paths of everything that is set: lists and empty maps are leaves. */
function pathsIn(values: object, above = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const path = `${above}${key}`;
    const nested = typeof value === "object" && value !== null && !Array.isArray(value);
    return nested && Object.keys(value).length > 0 ? pathsIn(value, `${path}.`) : [path];
  });
}

const unknown = (values: object, { keys, open }: Keys): string[] =>
  pathsIn(values).filter(
    (path) => !keys.includes(path) && !open.some((key) => path === key || path.startsWith(`${key}.`)),
  );

const identity = { serviceAccountAnnotations: { annotation: "a" }, podLabels: { label: "l" }, ready: [] };
const storageClasses = { ssd: pulumi.output("ssd") };
const provides = { metricsServer: true, nodeAutoscaling: true, nodeCertificates: true, loadBalancers: true };
const place = { clusterName: "agents", region: "eu-west-1", vpcId: "vpc-1", identity };

function watched({ monitoring }: Settings) {
  if (monitoring.mode !== "inCluster") throw new Error("nobody watches this stack");
  return monitoring;
}

interface Row {
  readonly values: (stack: Settings) => object;
  /** All that its pods are made of, and what those pods make pods of. */
  readonly pulls: readonly Image[];
}

/** A row for each chart, with all that the program would ever set. */
const rows: Readonly<Record<ChartName, Row>> = {
  "aws-load-balancer-controller": {
    values: (stack) => awsLoadBalancerController.valuesFor(stack, place),
    pulls: [images.awsLoadBalancerController],
  },
  "cert-manager": {
    values: (stack) => certManager.valuesFor(stack, identity),
    pulls: Object.values(images.certManager),
  },
  "cloudnative-pg": { values: cloudNativePg.valuesFor, pulls: [images.cloudNativePg] },
  "cluster-autoscaler": {
    values: (stack) => clusterAutoscaler.valuesFor(stack, { ...place, version: "1.36" }),
    pulls: [images.clusterAutoscaler["1.36"]],
  },
  "external-secrets": {
    values: (stack) => externalSecrets.valuesFor(stack, identity),
    // Controller, webhook and certificates are one program.
    pulls: [images.externalSecrets, images.externalSecrets, images.externalSecrets],
  },
  "gateway-crds-helm": { values: () => envoyGateway.definitionValues, pulls: [] },
  "gateway-helm": { values: envoyGateway.valuesFor, pulls: Object.values(images.envoyGateway) },
  keda: { values: keda.valuesFor, pulls: Object.values(images.keda) },
  "kube-prometheus-stack": {
    values: (settings) => {
      const ground = { settings, namespace: "agents-monitoring", cluster: { storageClasses, provides } };
      const told = { configSecret: "routes", secrets: ["receivers"] };
      const forwarding = { values: { remoteWrite: [], secrets: [], additionalAlertManagerConfigs: [] }, reaches: [] };
      return kubePrometheusStack.valuesFor(settings, {
        namespace: "agents-monitoring",
        nodes: "agents-nodes",
        parts: {
          prometheus: prometheusValues(ground, { alertmanager: told, archive: undefined, forwarding }),
          alertmanager: alertmanagerValues(ground, told),
          grafana: grafanaSection(
            grafanaValues({
              settings,
              grafana: watched(settings).grafana,
              scrapeInterval: 15,
              addresses: { prometheus: "http://prometheus", alertmanager: "http://alertmanager", jaeger: undefined },
              dashboards: "dashboards",
              admin: "admin",
              client: undefined,
              storageClass: "ssd",
            }),
          ),
        },
      });
    },
    pulls: [...Object.values(images.prometheusStack), images.grafana],
  },
  "prometheus-operator-crds": { values: () => ({}), pulls: [] },
  "metrics-server": {
    values: (stack) => metricsServer.valuesFor(stack, { nodeCertificates: false }),
    pulls: [images.metricsServer],
  },
};

const stackOf = (mirror: object = {}) =>
  settingsOf({ cloud: "local", environment: "production", mirror, monitoring: { receivers } });

/** Every image that values name, in the three ways in which charts take them. */
function imagesIn(values: object): string[] {
  const { registry, repository, tag, image } = values as Readonly<Record<string, unknown>>;
  if (typeof repository === "string")
    return [`${registry === undefined ? "" : `${String(registry)}/`}${repository}:${String(tag)}`];
  const below = Object.values(values).filter((value) => typeof value === "object" && value !== null);
  return [...(typeof image === "string" ? [image] : []), ...below.flatMap((value) => imagesIn(value as object))];
}

const pulled = ({ pulls }: Row, mirror?: string): string[] => pulls.map((image) => imageOf(image, mirror)).sort();

describe("helm releases", () => {
  it("a chart comes from its own repository", () => {
    assert.deepEqual(locate({ chart: "keda", repository: "https://charts.example.com", version: "1" }, undefined), {
      chart: "keda",
      repositoryOpts: { repo: "https://charts.example.com" },
    });
  });

  it("an OCI chart is named by its whole address", () => {
    assert.deepEqual(locate({ chart: "oci://quay.io/jetstack/charts/cert-manager", version: "1" }, undefined), {
      chart: "oci://quay.io/jetstack/charts/cert-manager",
    });
  });

  it("a mirror serves every chart, whatever kind of address it has", () => {
    const plain = { chart: "keda", repository: "https://charts.example.com", version: "1" };
    const oci = { chart: "oci://quay.io/jetstack/charts/cert-manager", version: "1" };
    assert.deepEqual(
      [plain, oci].map((chart) => locate(chart, "oci://registry.example.com/charts")),
      [
        { chart: "oci://registry.example.com/charts/keda" },
        { chart: "oci://registry.example.com/charts/cert-manager" },
      ],
    );
    assert.deepEqual(
      [plain, oci].map((chart) => locate(chart, "https://mirror.example.com")),
      [
        { chart: "keda", repositoryOpts: { repo: "https://mirror.example.com" } },
        { chart: "cert-manager", repositoryOpts: { repo: "https://mirror.example.com" } },
      ],
    );
  });

  it("every pinned chart has the list of its values, with where it was read", () => {
    assert.deepEqual(
      readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .sort(),
      [...Object.keys(charts), ...Object.values(parts).flat()].map((chart) => `${chart}.json`).sort(),
    );
    for (const chart of Object.keys(charts)) {
      const { commit, tag } = keysOf(chart).source;
      assert.match(commit ?? tag ?? "", commit === undefined ? /^v\d+\.\d+\.\d+$/ : /^[0-9a-f]{40}$/, chart);
    }
  });

  it("every value that is set is one that its chart has", () => {
    for (const [chart, { values }] of Object.entries(rows))
      assert.deepEqual(unknown(values(stackOf()), keysOf(chart)), [], chart);
  });

  it("every image of every chart is set, to the one that is pinned", () => {
    for (const [chart, row] of Object.entries(rows))
      assert.deepEqual(imagesIn(row.values(stackOf())).sort(), pulled(row), chart);
  });

  it("every image of every chart comes from the mirror", () => {
    const mirror = "registry.example.com:5000/mirror";
    for (const [chart, row] of Object.entries(rows))
      assert.deepEqual(imagesIn(row.values(stackOf({ images: mirror }))).sort(), pulled(row, mirror), chart);
  });

  it("a misspelt value is found", () => {
    const wrong = { replicas: 2, image: { tags: "1" }, resources: { limits: { memory: "1Gi" } } };
    assert.deepEqual(unknown(wrong, keysOf("cloudnative-pg")), ["replicas", "image.tags"]);
  });
});
