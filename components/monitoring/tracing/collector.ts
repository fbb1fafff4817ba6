import type { DeploymentArgs } from "@pulumi/kubernetes/apps/v1/deployment.js";
import type { ServiceArgs } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Traces } from "../../../config/monitoring/tracing.js";
import { hardenedContainer, hardenedPod } from "../../hardened.js";
import { collector, sampler } from "../places.js";
import { type Tier, TOKEN_FILE } from "./collector-config.js";
import { tracingPorts as ports } from "./ports.js";

type Input<T> = pulumi.Input<T>;

/** The user of the image. */
const UID = 10_001;
const GRACE = 60;
/** Until nobody sends to a pod that goes away. */
const PRE_STOP = 5;
/** Go's garbage collector begins in earnest before the limiter does. */
const SHARE_OF_MEMORY = 0.75;

/** What is in front is what services call. */
export const placeOf: { readonly [T in Tier]: typeof collector | typeof sampler } = {
  all: collector,
  front: collector,
  sampler,
};

export interface CollectorPods {
  readonly tier: Tier;
  readonly namespace: Input<string>;
  readonly traces: Pick<Traces, "replicas" | "memory">;
  readonly image: string;
  /** The ConfigMap with `config.yaml`. */
  readonly config: Input<string>;
  /** By which it learns of services' pods; whoever only decides needs none. */
  readonly serviceAccount: Input<string> | undefined;
  /** The Secret with the token of whoever keeps the traces. */
  readonly token: Input<string> | undefined;
}

const metadataOf = ({ tier, namespace }: Pick<CollectorPods, "tier" | "namespace">) => {
  const { name, labels } = placeOf[tier];
  return { name, namespace, labels };
};

export function renderCollector(pods: CollectorPods) {
  const { labels } = placeOf[pods.tier];
  return {
    metadata: metadataOf(pods),
    spec: {
      replicas: pods.traces.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: labels },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: { metadata: { labels }, spec: renderPod(pods) },
    },
  } satisfies DeploymentArgs;
}

function renderPod({ tier, traces, image, config, serviceAccount, token }: CollectorPods) {
  const { labels } = placeOf[tier];
  const mebibytes = Math.ceil(traces.memory * 1024);
  const well = { httpGet: { path: "/", port: "health" }, timeoutSeconds: 3 };
  return {
    ...hardenedPod(UID),
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount, automountServiceAccountToken: true }),
    terminationGracePeriodSeconds: GRACE,
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labels },
    })),
    containers: [
      {
        name: "collector",
        image,
        imagePullPolicy: "IfNotPresent",
        args: ["--config=/etc/otelcol/config/config.yaml"],
        env: [{ name: "GOMEMLIMIT", value: `${Math.floor(mebibytes * SHARE_OF_MEMORY)}MiB` }],
        ports: [
          { name: "otlp-grpc", containerPort: ports.grpc },
          ...(tier === "sampler" ? [] : [{ name: "otlp-http", containerPort: ports.http }]),
          { name: "metrics", containerPort: ports.metrics },
          { name: "health", containerPort: ports.health },
        ],
        startupProbe: { ...well, periodSeconds: 2, failureThreshold: 60 },
        readinessProbe: { ...well, periodSeconds: 5, failureThreshold: 2 },
        livenessProbe: { ...well, periodSeconds: 10, failureThreshold: 6 },
        lifecycle: { preStop: { sleep: { seconds: PRE_STOP } } },
        resources: {
          requests: { cpu: "100m", memory: `${mebibytes}Mi`, "ephemeral-storage": "64Mi" },
          limits: { memory: `${mebibytes}Mi`, "ephemeral-storage": "64Mi" },
        },
        ...hardenedContainer,
        volumeMounts: [
          { name: "config", mountPath: "/etc/otelcol/config", readOnly: true },
          ...(token === undefined
            ? []
            : [{ name: "token", mountPath: TOKEN_FILE.replace(/\/[^/]+$/, ""), readOnly: true }]),
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: config } },
      // Read by the group only, which is the pod's own.
      ...(token === undefined ? [] : [{ name: "token", secret: { secretName: token, defaultMode: 0o440 } }]),
    ],
  };
}

/** What is in front has one address; of those that decide, each pod has its own. */
export const renderCollectorService = (pods: Pick<CollectorPods, "tier" | "namespace">): ServiceArgs => ({
  // Pulumi would wait for pods behind it a second time: it already does for the Deployment.
  metadata: { ...metadataOf(pods), annotations: { "pulumi.com/skipAwait": "true" } },
  spec: {
    ...(pods.tier === "sampler" ? { clusterIP: "None" } : { type: "ClusterIP" }),
    selector: placeOf[pods.tier].labels,
    ports: [
      { name: "otlp-grpc", port: ports.grpc, targetPort: "otlp-grpc" },
      ...(pods.tier === "sampler" ? [] : [{ name: "otlp-http", port: ports.http, targetPort: "otlp-http" }]),
    ],
  },
});

export const renderCollectorBudget = (pods: Pick<CollectorPods, "tier" | "namespace">) => ({
  metadata: metadataOf(pods),
  spec: { maxUnavailable: 1, selector: { matchLabels: placeOf[pods.tier].labels } },
});

/** To tell which pod spans come from: what pods of services there are, and nothing else. */
export const renderCollectorRole = (services: Input<string>) => ({
  metadata: { name: collector.name, namespace: services, labels: collector.labels },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }],
});

export const renderCollectorBinding = (services: Input<string>, account: Input<string>, namespace: Input<string>) => ({
  metadata: { name: collector.name, namespace: services, labels: collector.labels },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: collector.name },
  subjects: [{ kind: "ServiceAccount", name: account, namespace }],
});
