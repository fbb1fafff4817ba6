import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { tracesOf } from "../../config/monitoring/tracing.js";
import type { Settings } from "../../config/settings.js";
import { scalesByMeasures } from "../../config/uses.js";
import { certManagerAccount } from "../addons/cert-manager.js";
import { OPERATOR_NAMESPACE } from "../addons/cloudnative-pg.js";
import { envoyGatewayNamespace } from "../addons/envoy-gateway.js";
import { externalSecretsAccount } from "../addons/external-secrets.js";
import { KEDA_NAMESPACE, kedaLabels } from "../addons/keda.js";
import { proxyLabels } from "../gateway/proxies.js";
import { inside } from "../inside.js";
import { servingLabels } from "../workload/labels.js";
import { createMonitor, keepNames, type Monitor, type Relabeling, setLabel } from "./monitors.js";
import { alertmanager, collector, grafana, jaeger, prometheus, queryOf, sampler } from "./places.js";
import { KUBELET_CLASS } from "./prometheus.js";
import type { MonitoringScene } from "./scene.js";
import { tracingPorts } from "./tracing/ports.js";

/** Where Envoy, and its controller, show their metrics: without being asked to. */
const ENVOY_METRICS = 19_001;
const name = (value: string) => ({ "app.kubernetes.io/name": value });

type Stage = Pick<MonitoringScene, "settings" | "running" | "services" | "namespace" | "nodes">;

/** Everything that shows metrics, but stores: they are asked by exporters. By the names of the objects. */
export const monitorsOf = (scene: Stage): Readonly<Record<string, Monitor>> => ({
  ...servicesOf(scene),
  ...partsOf(scene),
  ...controllersOf(scene),
});

/** Made of the services themselves: one that names `metrics` is looked at. A service has no dots in its name. */
const servicesOf = ({ running, services: namespace }: Stage): Readonly<Record<string, Monitor>> =>
  Object.fromEntries(
    Object.entries(running).flatMap(([service, { kind, metrics }]) =>
      // A job may be over before anybody looks.
      metrics === undefined || kind === "job"
        ? []
        : [
            [
              `service.${service}`,
              {
                job: service,
                namespace,
                labels: servingLabels(service),
                port: metrics.port,
                path: metrics.path,
                adds: { service },
              },
            ] as const,
          ],
    ),
  );

function partsOf({ settings, namespace, nodes }: Stage): Readonly<Record<string, Monitor>> {
  const existing = settings.monitoring.mode === "existing" ? settings.monitoring : undefined;
  return {
    prometheus: { job: "prometheus", namespace, labels: prometheus.labels, port: prometheus.port, keeps: "prometheus" },
    ...(existing?.alertmanager === undefined
      ? {
          alertmanager: {
            job: "alertmanager",
            namespace,
            labels: alertmanager.labels,
            port: alertmanager.port,
            keeps: "alertmanager",
          },
        }
      : {}),
    ...(existing === undefined
      ? { grafana: { job: "grafana", namespace, labels: grafana.labels, port: grafana.port, keeps: "process" } }
      : {}),
    "kube-state-metrics": {
      job: "kube-state-metrics",
      namespace,
      labels: name("kube-state-metrics"),
      port: 8080,
      honorLabels: true,
      keeps: "kubeStateMetrics",
    },
    "node-exporter": {
      job: "node-exporter",
      namespace: nodes,
      labels: name("prometheus-node-exporter"),
      port: 9100,
      node: true,
      keeps: "nodeExporter",
    },
    ...tracingOf(settings, namespace),
  };
}

/** Jaeger is made of the collector's parts, and tells the same of them. */
function tracingOf({ monitoring }: Settings, namespace: pulumi.Input<string>): Readonly<Record<string, Monitor>> {
  const traces = tracesOf(monitoring);
  if (traces === undefined) return {};
  const shown = ({ labels }: Pick<typeof collector, "labels">, job: string) =>
    ({ job, namespace, labels, port: tracingPorts.metrics, keeps: "collector" }) satisfies Monitor;
  return {
    collector: shown(collector, "collector"),
    ...(traces.replicas > 1 ? { sampler: shown(sampler, "collector") } : {}),
    ...(traces.store.kind === "jaeger" ? { jaeger: shown(jaeger, "jaeger") } : {}),
  };
}

/** What the platform's own add-ons tell, where the stack has them. */
function controllersOf({ settings, running }: Stage): Readonly<Record<string, Monitor>> {
  const all = Object.values(running);
  const routed = all.some(({ routes }) => routes.length > 0);
  const scaled = queryOf(settings) !== undefined && all.some(scalesByMeasures);
  const operated = Object.values(settings.databases).some(({ mode }) => mode === "inCluster");
  return {
    "external-secrets": {
      job: "external-secrets",
      namespace: externalSecretsAccount(settings).namespace,
      labels: name("external-secrets"),
      port: 8080,
      // It tells of objects in other namespaces.
      honorLabels: true,
      keeps: "externalSecrets",
    },
    ...(routed
      ? {
          gateway: {
            job: "gateway",
            namespace: envoyGatewayNamespace,
            labels: proxyLabels(settings),
            port: ENVOY_METRICS,
            path: "/stats/prometheus",
            keeps: "envoy",
          },
          "envoy-gateway": {
            job: "envoy-gateway",
            namespace: envoyGatewayNamespace,
            labels: { "control-plane": "envoy-gateway" },
            port: ENVOY_METRICS,
            keeps: "process",
          },
        }
      : {}),
    ...(routed && settings.gateway.tls.secret === undefined
      ? {
          "cert-manager": {
            job: "cert-manager",
            namespace: certManagerAccount(settings).namespace,
            labels: { ...name("cert-manager"), "app.kubernetes.io/component": "controller" },
            port: 9402,
            honorLabels: true,
            keeps: "certManager",
          },
        }
      : {}),
    ...(scaled
      ? { keda: { job: "keda", namespace: KEDA_NAMESPACE, labels: kedaLabels, port: 8080, keeps: "keda" } }
      : {}),
    ...(operated
      ? {
          "cloudnative-pg": {
            job: "cloudnative-pg",
            namespace: OPERATOR_NAMESPACE,
            labels: name("cloudnative-pg"),
            port: 8080,
            keeps: "process",
          },
        }
      : {}),
  };
}

/** Pages of the kubelet on each node, as the API server lists the nodes. */
export function renderKubelet(page: "kubelet" | "cadvisor", namespace: pulumi.Input<string>) {
  return {
    apiVersion: "monitoring.coreos.com/v1alpha1",
    kind: "ScrapeConfig",
    metadata: { name: page, namespace },
    spec: {
      jobName: page,
      scrapeClass: KUBELET_CLASS,
      scheme: "HTTPS",
      metricsPath: page === "kubelet" ? "/metrics" : "/metrics/cadvisor",
      kubernetesSDConfigs: [{ role: "Node" }],
      relabelings: [
        setLabel("job", "kubelet"),
        { action: "replace", sourceLabels: ["__meta_kubernetes_node_name"], targetLabel: "node" },
      ],
      metricRelabelings: [keepNames(page), ...(page === "cadvisor" ? ofContainers : [])],
    },
  };
}

/** A pod's sum says what its containers say; only of the network it says more. */
const ofContainers: readonly Relabeling[] = [
  { action: "drop", sourceLabels: ["__name__", "container"], regex: "container_(cpu|memory|fs|spec|start)_.*;(POD)?" },
  // An empty expression would be none to the operator, and match everything.
  { action: "drop", sourceLabels: ["pod"], regex: "^$" },
];

/** Monitors of everything that the stack has; `definitions` are what they are made of. */
export function createTargets(
  stem: string,
  scene: MonitoringScene,
  definitions: pulumi.Resource,
  parent: pulumi.Resource,
): void {
  const { cluster, namespace } = scene;
  for (const [target, monitor] of Object.entries(monitorsOf(scene)))
    createMonitor(stem, target, monitor, scene, definitions, parent);
  for (const page of ["kubelet", "cadvisor"] as const)
    new CustomResource(`${stem}-${page}`, renderKubelet(page, namespace), {
      ...inside(cluster, parent),
      dependsOn: [definitions],
    });
}
