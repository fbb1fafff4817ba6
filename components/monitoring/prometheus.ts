import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import {
  alertmanagerReplicas,
  keeping,
  prometheusCpu,
  prometheusMemory,
  prometheusReplicas,
} from "../../config/monitoring/size.js";
import { isCareful } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster, ServiceAccountName } from "../../providers/contract.js";
import { KubePrometheusStack } from "../addons/kube-prometheus-stack.js";
import { nobody, type PodIdentity } from "../addons/pod-identity.js";
import { registryValues, resourceValues } from "../addons/pod-values.js";
import { inside } from "../inside.js";
import { alertmanager, grafana, monitoringNamespace, prometheus } from "./places.js";
import type { Forwarding } from "./remote.js";
import type { MonitoringScene } from "./scene.js";
import { createVolumes, renderClaim, VOLUME } from "./volumes.js";

export interface PrometheusArgs {
  /** Whom alerts reach; none where they go to an Alertmanager that exists. */
  readonly alertmanager: AlertmanagerArgs | undefined;
  /** Grafana's values, without what is the same for every part; none where there is one that exists. */
  readonly grafana: pulumi.Inputs | undefined;
  /** How measurements get into an object store; none where they stay on the disk. */
  readonly archive: ArchiveValues | undefined;
  /** To whom they are handed on; none where they are kept here. */
  readonly forwarding: Forwarding | undefined;
  /** What must be there first: what the pods, and the Job that makes the webhook's certificate, may call. */
  readonly after: readonly pulumi.Resource[];
}

export interface AlertmanagerArgs {
  /** The Secret with `alertmanager.yaml`. */
  readonly configSecret: pulumi.Input<string>;
  /** Secrets with what its receivers are called by, mounted below `/etc/alertmanager/secrets`. */
  readonly secrets: readonly pulumi.Input<string>[];
  /** Where people look at it. @default its address in the cluster */
  readonly externalUrl?: pulumi.Input<string>;
}

export interface ArchiveValues {
  /** Values of the sidecar that uploads. */
  readonly thanos: pulumi.Inputs;
  /** Who it is towards the cloud. */
  readonly identity: PodIdentity;
}

/** Who Prometheus is: its identity, where it has one, is made before it. */
export const prometheusAccount = (stack: Pick<Settings, "prefix">): ServiceAccountName => ({
  namespace: monitoringNamespace(stack),
  name: "prometheus",
});

/** GiB of notes on what was told and what is silenced. */
const ALERTMANAGER_STORAGE = 1;

/** How the operator calls what it makes of the chart's two objects. */
const setsOf = ({ prefix }: Pick<Settings, "prefix">) => ({
  prometheus: `prometheus-${prefix}-prometheus`,
  alertmanager: `alertmanager-${prefix}-alertmanager`,
});

/**
 * Prometheus, Alertmanager, Grafana and the exporters of nodes and objects: the chart, with volumes that can grow and
 * addresses that others know. Done when the operator takes rules and monitors.
 */
export function createPrometheus(
  name: string,
  scene: MonitoringScene,
  args: PrometheusArgs,
  parent: pulumi.Resource,
): KubePrometheusStack {
  const { settings, cluster, namespace, nodes } = scene;
  const sets = setsOf(settings);
  const volumes = [
    ...createVolumes(
      {
        set: sets.prometheus,
        count: prometheusReplicas(settings),
        size: keeping(settings).storage,
        precious: settings.monitoring.mode === "inCluster",
      },
      scene,
      parent,
    ),
    ...(args.alertmanager === undefined
      ? []
      : createVolumes(
          {
            set: sets.alertmanager,
            count: alertmanagerReplicas(settings),
            size: ALERTMANAGER_STORAGE,
            precious: false,
          },
          scene,
          parent,
        )),
  ];
  createAddress(`${name}-address`, prometheus, scene, parent);
  if (args.alertmanager !== undefined) createAddress(`${name}-alerts-address`, alertmanager, scene, parent);
  return new KubePrometheusStack(
    name,
    {
      stack: settings,
      cluster,
      namespace,
      nodes,
      parts: {
        prometheus: prometheusValues(scene, args),
        alertmanager: args.alertmanager === undefined ? undefined : alertmanagerValues(scene, args.alertmanager),
        grafana: args.grafana === undefined ? undefined : grafanaSection(args.grafana),
      },
      after: [...volumes, ...(args.archive?.identity.ready ?? []), ...args.after],
    },
    { parent },
  );
}

/** As the operator calls the port of its pods. */
export const PORT_NAME = "http-web";

function createAddress(
  name: string,
  { port, labels }: typeof prometheus | typeof alertmanager,
  { cluster, namespace }: MonitoringScene,
  parent: pulumi.Resource,
): Service {
  return new Service(
    name,
    {
      // The pods behind it are the operator's, which comes later.
      metadata: {
        name: labels["app.kubernetes.io/name"],
        namespace,
        labels,
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        selector: labels,
        ports: [{ name: PORT_NAME, port, targetPort: PORT_NAME }],
        // Two look at everything, each at moments of its own: who asks one of them goes on asking it.
        sessionAffinity: "ClientIP",
      },
    },
    inside(cluster, parent),
  );
}

/** The chart's own Services have other names, and its own monitors other labels than the program's. */
const own = { service: { enabled: false }, serviceMonitor: { selfMonitor: false } };

/** What is the chart's to say of Grafana, around what is the stack's. */
export const grafanaSection = (values: pulumi.Inputs): pulumi.Inputs => ({
  enabled: true,
  fullnameOverride: grafana.labels["app.kubernetes.io/name"],
  defaultDashboardsEnabled: false,
  sidecar: { dashboards: { enabled: false }, datasources: { enabled: false } },
  ...values,
});

/** Of pods that hold measurements: a copy may go while another one stays. */
const budgetOf = ({ environment }: Settings, minAvailable: number) =>
  isCareful(environment) ? { enabled: true, minAvailable } : { enabled: false };

/** What the values of both depend on. */
export interface Place extends Pick<MonitoringScene, "settings" | "namespace"> {
  readonly cluster: Pick<Cluster, "storageClasses" | "provides">;
}

export function prometheusValues(
  { settings, cluster, namespace }: Place,
  { alertmanager: told, archive, forwarding }: Pick<PrometheusArgs, "alertmanager" | "archive" | "forwarding">,
) {
  const { name, cloud, environment, mirror, monitoring } = settings;
  const { days, storage } = keeping(settings);
  const interval = monitoring.mode === "none" ? 15 : monitoring.scrapeInterval;
  const replicas = prometheusReplicas(settings);
  const identity = archive?.identity ?? nobody;
  return {
    ...own,
    serviceAccount: {
      create: true,
      name: prometheusAccount(settings).name,
      annotations: { ...identity.serviceAccountAnnotations },
      // Its pods' own token is one that ends.
      createTokenSecret: false,
    },
    podDisruptionBudget: replicas > 1 ? budgetOf(settings, 1) : { enabled: false },
    prometheusSpec: {
      image: registryValues(images.prometheusStack.prometheus, mirror.images),
      replicas,
      // A cluster that exists may be one node.
      podAntiAffinity: settings.cluster.mode === "managed" ? "hard" : "soft",
      podMetadata: { labels: { ...identity.podLabels } },
      enableServiceLinks: false,
      scrapeInterval: `${interval}s`,
      scrapeTimeout: `${Math.min(interval, LONGEST_SCRAPE)}s`,
      evaluationInterval: `${interval}s`,
      scrapeClasses: scrapeClasses(environment, cluster.provides),
      // A monitor says what is looked at; with what rights is said here.
      arbitraryFSAccessThroughSMs: { deny: true },
      externalLabels: { environment, cloud, name },
      prometheusExternalLabelNameClear: true,
      externalUrl: prometheus.url(settings),
      enableFeatures: ["exemplar-storage"],
      exemplars: { maxSize: MOST_EXEMPLARS },
      ruleSelectorNilUsesHelmValues: false,
      serviceMonitorSelectorNilUsesHelmValues: false,
      podMonitorSelectorNilUsesHelmValues: false,
      probeSelectorNilUsesHelmValues: false,
      scrapeConfigSelectorNilUsesHelmValues: false,
      retention: `${days}d`,
      retentionSize: `${Math.floor(storage * SHARE_OF_DISK * MIB_PER_GIB)}MiB`,
      storageSpec: storageOf(storage, cluster),
      resources: resourceValues(`${prometheusCpu(settings)}m`, `${prometheusMemory(settings)}Mi`),
      logFormat: "json",
      alertingEndpoints:
        told === undefined
          ? []
          : [
              {
                namespace,
                name: alertmanager.labels["app.kubernetes.io/name"],
                port: PORT_NAME,
                apiVersion: "v2",
              },
            ],
      ...(archive === undefined ? {} : { thanos: archive.thanos }),
      ...forwarding?.values,
    },
  };
}

const LONGEST_SCRAPE = 10;
const MOST_EXEMPLARS = 100_000;
const MIB_PER_GIB = 1024;
/** Beyond it the oldest go, before the disk is full: the log of what is newest does not count for Prometheus. */
const SHARE_OF_DISK = 0.85;

const storageOf = (size: number, { storageClasses }: Pick<Cluster, "storageClasses">) => ({
  volumeClaimTemplate: { metadata: { name: VOLUME }, spec: renderClaim(size, storageClasses.ssd) },
});

/** How monitors that say nothing are scraped, and what scrapes nodes' own kubelets, as the pod's account. */
export const KUBELET_CLASS = "kubelet";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

export function scrapeClasses(
  environment: string,
  { nodeCertificates }: Pick<Cluster["provides"], "nodeCertificates">,
) {
  const relabelings = [{ action: "replace", targetLabel: "environment", replacement: environment }];
  return [
    { name: "default", default: true, relabelings },
    {
      name: KUBELET_CLASS,
      relabelings,
      authorization: { type: "Bearer", credentialsFile: `${ACCOUNT}/token` },
      // Where nodes sign for themselves there is nothing to hold a certificate against.
      tlsConfig: nodeCertificates ? { caFile: `${ACCOUNT}/ca.crt` } : { insecureSkipVerify: true },
    },
  ];
}

export function alertmanagerValues({ settings, cluster }: Place, args: AlertmanagerArgs) {
  const { mirror } = settings;
  const replicas = alertmanagerReplicas(settings);
  return {
    ...own,
    enabled: true,
    serviceAccount: { create: true, name: "alertmanager", automountServiceAccountToken: false },
    podDisruptionBudget: budgetOf(settings, replicas - 1),
    alertmanagerSpec: {
      image: registryValues(images.prometheusStack.alertmanager, mirror.images),
      replicas,
      podAntiAffinity: "soft",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      useExistingSecret: true,
      configSecret: args.configSecret,
      secrets: [...args.secrets],
      externalUrl: args.externalUrl ?? alertmanager.url(settings),
      storage: storageOf(ALERTMANAGER_STORAGE, cluster),
      resources: resourceValues("25m", "128Mi"),
      logFormat: "json",
    },
  };
}
