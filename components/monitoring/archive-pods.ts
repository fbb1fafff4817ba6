import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Identity } from "../../providers/contract.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { imageOf } from "../image.js";
import type { MonitoringScene } from "./scene.js";
import { VOLUME } from "./volumes.js";

/** Ports of every part of Thanos: its own pages and metrics, and what the parts ask each other by. */
export const THANOS = { http: 10_902, grpc: 10_901 } as const;

export type Part = "store" | "compact" | "query";

export const thanosLabels = (part: Part) => ({
  "app.kubernetes.io/name": `thanos-${part}`,
  "app.kubernetes.io/part-of": "thanos",
});

const UID = 10_001;

/** What the archive's own pods are given. */
export interface ArchiveGround {
  readonly scene: MonitoringScene;
  /** The Secret that says where the bucket is. */
  readonly config: pulumi.Input<string>;
  readonly account: pulumi.Input<string>;
  readonly keeps: Pick<Identity, "podLabels" | "ready">;
}

export const CONFIG_FOLDER = "/etc/thanos/config";

export interface OnBucket {
  readonly args: readonly string[];
  readonly memory: string;
  readonly disk: Omit<kubernetes.types.input.core.v1.Volume, "name">;
  readonly ephemeral: string;
}

/** Pods that work on the bucket. */
export function renderSet(
  { scene, config, account, keeps }: ArchiveGround,
  part: Part,
  replicas: number,
  on: OnBucket,
) {
  const { settings, namespace } = scene;
  const labels = thanosLabels(part);
  return {
    metadata: { name: `thanos-${part}`, namespace, labels },
    spec: {
      replicas,
      serviceName: `thanos-${part}`,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: { ...labels, ...keeps.podLabels } },
        spec: {
          serviceAccountName: account,
          ...renderPod(settings, part, {
            ...on,
            mounts: [
              { name: VOLUME, mountPath: "/data" },
              { name: "config", mountPath: CONFIG_FOLDER, readOnly: true },
            ],
            volumes: [
              { name: VOLUME, ...on.disk },
              { name: "config", secret: { secretName: config, defaultMode: 0o440 } },
            ],
          }),
        },
      },
    },
  } satisfies kubernetes.types.input.apps.v1.StatefulSet;
}

export interface PodParts {
  readonly args: readonly string[];
  readonly memory: string;
  readonly ephemeral: string;
  readonly mounts: kubernetes.types.input.core.v1.VolumeMount[];
  readonly volumes: kubernetes.types.input.core.v1.Volume[];
}

export function renderPod({ mirror }: Settings, part: Part, { args, memory, ephemeral, mounts, volumes }: PodParts) {
  const disk = { "ephemeral-storage": ephemeral };
  return {
    ...hardenedPod(UID),
    topologySpreadConstraints: [
      {
        topologyKey: "kubernetes.io/hostname",
        maxSkew: 1,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: thanosLabels(part) },
      },
    ],
    containers: [
      {
        name: `thanos-${part}`,
        image: imageOf(images.prometheusStack.thanos, mirror.images),
        imagePullPolicy: "IfNotPresent",
        args: [...args, "--log.format=json"],
        ports: [
          { name: "http", containerPort: THANOS.http },
          ...(part === "compact" ? [] : [{ name: "grpc", containerPort: THANOS.grpc }]),
        ],
        readinessProbe: { httpGet: { path: "/-/ready", port: "http" }, periodSeconds: 5, failureThreshold: 6 },
        livenessProbe: { httpGet: { path: "/-/healthy", port: "http" }, periodSeconds: 30, failureThreshold: 4 },
        resources: { requests: { cpu: "50m", memory, ...disk }, limits: { memory, ...disk } },
        ...hardenedContainer,
        volumeMounts: mounts,
      },
    ],
    volumes,
  } satisfies kubernetes.types.input.core.v1.PodSpec;
}
