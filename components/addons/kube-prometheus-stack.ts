import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type { Chart } from "@pulumi/kubernetes/helm/v4/chart.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { type Image, images } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { inside } from "../inside.js";
import { createDefinitions } from "./definitions.js";
import { registryValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";

export interface KubePrometheusStackArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
  /** Where everything runs but what must see each node from within; made already. */
  readonly namespace: pulumi.Input<string>;
  /** Where that runs; made already. */
  readonly nodes: pulumi.Input<string>;
  /** What stores and evaluates, who tells people, and who shows; values of the chart's own sections. */
  readonly parts: Parts;
  /** What must be there first: volumes, Secrets. */
  readonly after: readonly pulumi.Resource[];
}

export interface Parts {
  readonly prometheus: pulumi.Inputs;
  /** None where alerts go to one that exists. */
  readonly alertmanager: pulumi.Inputs | undefined;
  /** None where dashboards go to one that exists. */
  readonly grafana: pulumi.Inputs | undefined;
}

/**
 * The operator of Prometheus with what it runs, an exporter on each node, and one of the cluster's objects. Rules,
 * dashboards and what is scraped are the program's own, so those of the chart are all off, and its definitions are a
 * chart of their own: of the ones inside Helm would never upgrade any. The operator looks at this namespace alone. Its
 * webhook refuses rules that Prometheus could not load; a Job of the chart makes its certificate.
 *
 * Beside its parts it costs a tenth of a core and 256 MiB for the operator, as much for the exporter of objects, and 50
 * thousandths of a core and 64 MiB on each node.
 */
export class KubePrometheusStack extends pulumi.ComponentResource {
  /** What monitors and rules are made of: they need no operator to be kept. */
  public readonly definitions: Chart;
  /** Done when the operator and its webhook answer: what rules wait for. */
  public readonly release: Release;

  constructor(name: string, args: KubePrometheusStackArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:KubePrometheusStack", name, {}, opts);
    const { stack, cluster, namespace, after } = args;
    this.definitions = createDefinitions(
      `${name}-definitions`,
      { chart: "prometheus-operator-crds", values: {}, mirror: stack.mirror.charts },
      inside(cluster, this),
    );
    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "kube-prometheus-stack",
        namespace: pulumi.output(namespace),
        values: valuesFor(stack, args),
        after: [this.definitions, ...after],
      },
      this,
    );
    this.registerOutputs({});
  }
}

/** What the chart would scrape and draw by itself. */
const OFF = { enabled: false };

/** Kinds of objects that are counted. Not Secrets: who lists them reads them. */
export const COLLECTORS = [
  "cronjobs",
  "daemonsets",
  "deployments",
  "horizontalpodautoscalers",
  "jobs",
  "namespaces",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "poddisruptionbudgets",
  "pods",
  "replicasets",
  "statefulsets",
];

/** Of pods that the chart's own values do not hold to the `restricted` standard. */
const hardened = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

export const valuesFor = (
  { prefix, mirror }: Pick<Settings, "prefix" | "mirror">,
  { namespace, nodes, parts }: Pick<KubePrometheusStackArgs, "namespace" | "nodes" | "parts">,
) => {
  const { operator, configReloader, thanos, kubeStateMetrics, nodeExporter, webhookCertificates } =
    images.prometheusStack;
  const pulled = (image: Image) => registryValues(image, mirror.images);
  return {
    // Some of its objects are the cluster's.
    fullnameOverride: prefix,
    crds: OFF,
    defaultRules: { create: false },
    kubeApiServer: OFF,
    kubelet: OFF,
    kubeControllerManager: OFF,
    coreDns: OFF,
    kubeEtcd: OFF,
    kubeScheduler: OFF,
    kubeProxy: OFF,
    prometheusOperator: {
      image: pulled(operator),
      prometheusConfigReloader: {
        image: pulled(configReloader),
        enableProbe: true,
        resources: resourceValues("10m", "64Mi"),
      },
      thanosImage: pulled(thanos),
      namespaces: { releaseNamespace: true, additional: [] },
      // Nodes are found by Prometheus itself: kube-system stays as it is.
      kubeletService: OFF,
      kubeletEndpointsEnabled: false,
      // It would keep each object from being deleted until the operator agrees, which goes before them.
      featureGates: { StatusForConfigurationResources: false },
      serviceMonitor: { selfMonitor: false },
      resources: resourceValues("100m", "256Mi"),
      admissionWebhooks: {
        failurePolicy: "Fail",
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        patch: { image: pulled(webhookCertificates), resources: resourceValues("10m", "64Mi") },
      },
    },
    "kube-state-metrics": {
      fullnameOverride: `${prefix}-kube-state-metrics`,
      image: pulled(kubeStateMetrics),
      collectors: COLLECTORS,
      prometheus: { monitor: OFF },
      resources: resourceValues("50m", "256Mi"),
    },
    "prometheus-node-exporter": {
      fullnameOverride: `${prefix}-node-exporter`,
      namespaceOverride: nodes,
      image: { ...pulled(nodeExporter), distroless: false },
      service: { portName: "metrics" },
      prometheus: { monitor: OFF },
      // Nodes that other pods are kept off are looked at as well.
      tolerations: [{ operator: "Exists" }],
      containerSecurityContext: hardened,
      resources: resourceValues("50m", "64Mi"),
    },
    prometheus: parts.prometheus,
    alertmanager: parts.alertmanager ?? OFF,
    grafana: parts.grafana ?? OFF,
  };
};
