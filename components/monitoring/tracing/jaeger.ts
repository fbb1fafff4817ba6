import type { DeploymentArgs } from "@pulumi/kubernetes/apps/v1/deployment.js";
import type { PersistentVolumeClaimArgs } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import type { ServiceArgs } from "@pulumi/kubernetes/core/v1/service.js";
import type * as pulumi from "@pulumi/pulumi";
import { hardenedContainer, hardenedPod } from "../../hardened.js";
import { jaeger } from "../places.js";
import { DATA } from "./jaeger-config.js";
import { tracingPorts as ports } from "./ports.js";

type Input<T> = pulumi.Input<T>;

/** The user of the image. */
const UID = 10_001;
/** MiB. Its store holds five tables of 64 MiB, and 256 MiB of what was read. */
const MEMORY = 1024;

export interface JaegerPod {
  readonly namespace: Input<string>;
  readonly image: string;
  /** The ConfigMap with `config.yaml`. */
  readonly config: Input<string>;
  readonly claim: Input<string>;
}

const metadataOf = (namespace: Input<string>) => ({ name: jaeger.name, namespace, labels: jaeger.labels });

/** One pod: its store is a folder that one process opens. The next one starts when the last one has let go of it. */
export function renderJaeger({ namespace, image, config, claim }: JaegerPod) {
  const { labels } = jaeger;
  const well = { httpGet: { path: "/status", port: "health" }, timeoutSeconds: 3 };
  return {
    metadata: metadataOf(namespace),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...hardenedPod(UID),
          terminationGracePeriodSeconds: 60,
          containers: [
            {
              name: "jaeger",
              image,
              imagePullPolicy: "IfNotPresent",
              args: ["--config", "/etc/jaeger/config.yaml"],
              env: [{ name: "GOMEMLIMIT", value: `${MEMORY * 0.75}MiB` }],
              ports: [
                { name: "query", containerPort: ports.query },
                { name: "otlp-grpc", containerPort: ports.grpc },
                { name: "metrics", containerPort: ports.metrics },
                { name: "health", containerPort: ports.health },
              ],
              // After a hard stop the store reads again what it had not sorted in.
              startupProbe: { ...well, periodSeconds: 5, failureThreshold: 120 },
              readinessProbe: { ...well, periodSeconds: 5, failureThreshold: 3 },
              livenessProbe: { ...well, periodSeconds: 10, failureThreshold: 6 },
              resources: {
                requests: { cpu: "100m", memory: `${MEMORY}Mi`, "ephemeral-storage": "64Mi" },
                limits: { memory: `${MEMORY}Mi`, "ephemeral-storage": "64Mi" },
              },
              ...hardenedContainer,
              volumeMounts: [
                { name: "config", mountPath: "/etc/jaeger", readOnly: true },
                { name: "data", mountPath: DATA },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "config", configMap: { name: config } },
            { name: "data", persistentVolumeClaim: { claimName: claim } },
            { name: "tmp", emptyDir: { sizeLimit: "32Mi" } },
          ],
        },
      },
    },
  } satisfies DeploymentArgs;
}

/** Its pages and queries, and what the collector sends. */
export const renderJaegerService = (namespace: Input<string>): ServiceArgs => ({
  metadata: { ...metadataOf(namespace), annotations: { "pulumi.com/skipAwait": "true" } },
  spec: {
    type: "ClusterIP",
    selector: jaeger.labels,
    ports: [
      { name: "query", port: ports.query, targetPort: "query" },
      { name: "otlp-grpc", port: ports.grpc, targetPort: "otlp-grpc" },
    ],
  },
});

export const renderJaegerClaim = (
  namespace: Input<string>,
  storage: number,
  storageClassName: Input<string> | undefined,
): PersistentVolumeClaimArgs => ({
  // It is bound when the pod comes, which the Deployment waits for.
  metadata: { ...metadataOf(namespace), annotations: { "pulumi.com/skipAwait": "true" } },
  spec: {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: `${storage}Gi` } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
  },
});
