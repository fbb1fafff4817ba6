import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { PoolSettings } from "../../config/schema.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { labelsOf } from "./labels.js";
import { FILES_DIRECTORY } from "./wiring.js";

type Input<T> = pulumi.Input<T>;
type PodSpec = kubernetes.types.input.core.v1.PodSpec;
type Container = kubernetes.types.input.core.v1.Container;

export interface ServiceImage {
  readonly ref: Input<string>;
  /** Another text for another image, known before the image is: what names what runs once for it. */
  readonly fixed: string;
}

/** One service as its manifests are made of it. */
export interface WorkloadSpec {
  /** The service's key in the settings, and the name of its objects. */
  readonly service: string;
  readonly settings: ServiceSettings;
  readonly namespace: Input<string>;
  readonly image: ServiceImage;
  /** The ConfigMap and the Secret that are its environment; there is no Secret where nothing is secret. */
  readonly config: Input<string>;
  readonly secret: Input<string> | undefined;
  /** The Secret that the image is pulled with; none where nodes may. */
  readonly pullSecret: Input<string> | undefined;
  /** The ConfigMap with certificates; none where public roots do. */
  readonly files: Input<string> | undefined;
  readonly serviceAccount: Input<string>;
  /** What the cloud knows pods of its identities by. */
  readonly podLabels: Readonly<Record<string, string>>;
  readonly pool: Pick<PoolSettings, "labels" | "taints"> | undefined;
}

export const volumeName = (service: string, key: string): string => `${service}-${key}`;

export const GIB = (amount: number): string => `${Math.ceil(amount * 1024)}Mi`;
const CORES = (amount: number): string => `${Math.ceil(amount * 1000)}m`;

/** The pods that serve. */
export function renderServingPod(spec: WorkloadSpec): PodSpec {
  const { settings } = spec;
  const { kind, port, metrics, preStop, terminationGrace } = settings;
  const web = kind === "web";
  const ports = [
    ...(web ? [{ name: "http", containerPort: port }] : []),
    ...(metrics === undefined ? [] : [{ name: "metrics", containerPort: metrics.port }]),
  ];
  return {
    ...renderPod(spec, {
      ...commandOf(settings),
      ...(ports.length === 0 ? {} : { ports }),
      ...(web ? probesOf(settings) : {}),
      ...(preStop === 0 ? {} : { lifecycle: { preStop: { sleep: { seconds: preStop } } } }),
    }),
    terminationGracePeriodSeconds: terminationGrace,
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labelsOf(spec.service) },
      // Pods of a rollout are spread among themselves: those that go don't count.
      matchLabelKeys: ["pod-template-hash"],
    })),
  };
}

/** A pod that does one thing and ends: what the image does by itself, or a task beside pods that hold the disks. */
export const renderTaskPod = (spec: WorkloadSpec, command?: readonly string[]): PodSpec => ({
  ...(command === undefined
    ? renderPod(spec, commandOf(spec.settings))
    : renderPod(withoutVolumes(spec), { command: [...command] })),
  restartPolicy: "Never",
});

const withoutVolumes = (spec: WorkloadSpec): WorkloadSpec => ({ ...spec, settings: { ...spec.settings, volumes: {} } });

const commandOf = ({ command, args }: ServiceSettings) => ({
  ...(command === undefined ? {} : { command }),
  ...(args === undefined ? {} : { args }),
});

/** What serving pods and tasks have in common. */
function renderPod(spec: WorkloadSpec, container: Omit<Container, "name">): PodSpec {
  const { service, settings, image, config, secret, files, pool } = spec;
  const { uid, cpu, memory, disk, scratch, volumes, permissions } = settings;
  const mounts = [
    { name: "tmp", mountPath: "/tmp" },
    ...Object.entries(scratch).map(([key, { path }]) => ({ name: `scratch-${key}`, mountPath: path })),
    ...Object.entries(volumes).map(([key, { path }]) => ({ name: `volume-${key}`, mountPath: path })),
    ...(files === undefined ? [] : [{ name: "trust", mountPath: FILES_DIRECTORY, readOnly: true }]),
  ];
  return {
    ...hardenedPod(uid),
    ...(permissions.length === 0 ? {} : { automountServiceAccountToken: true }),
    serviceAccountName: spec.serviceAccount,
    ...(spec.pullSecret === undefined ? {} : { imagePullSecrets: [{ name: spec.pullSecret }] }),
    containers: [
      {
        name: service,
        image: image.ref,
        imagePullPolicy: "IfNotPresent",
        ...container,
        envFrom: [
          { configMapRef: { name: config } },
          ...(secret === undefined ? [] : [{ secretRef: { name: secret } }]),
        ],
        resources: {
          requests: { cpu: CORES(cpu), memory: GIB(memory), "ephemeral-storage": GIB(disk) },
          // Cores are shared fairly without a limit; with one a pod would stand still beside idle ones.
          limits: { memory: GIB(memory), "ephemeral-storage": GIB(disk + scratchSize(settings)) },
        },
        ...hardenedContainer,
        volumeMounts: mounts,
      },
    ],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: GIB(disk) } },
      ...Object.entries(scratch).map(([key, { size }]) => ({
        name: `scratch-${key}`,
        emptyDir: { sizeLimit: GIB(size) },
      })),
      ...Object.keys(volumes).map((key) => ({
        name: `volume-${key}`,
        persistentVolumeClaim: { claimName: volumeName(service, key) },
      })),
      ...(files === undefined ? [] : [{ name: "trust", configMap: { name: files } }]),
    ],
    ...(pool === undefined ? {} : placedIn(pool)),
  };
}

/** An emptyDir counts as the container's own disk. */
const scratchSize = ({ scratch }: ServiceSettings): number =>
  Object.values(scratch).reduce((sum, { size }) => sum + size, 0);

const placedIn = ({ labels, taints }: Pick<PoolSettings, "labels" | "taints">) => ({
  nodeSelector: { ...labels },
  tolerations: taints.map(({ key, value, effect }) => ({ key, value, effect, operator: "Equal" })),
});

/** A path tells more than a port; and a service that is slow to start is not taken for a dead one. */
function probesOf({ port, probes }: ServiceSettings) {
  const live = probes.live;
  const by = (path: string | undefined) => (path === undefined ? { tcpSocket: { port } } : { httpGet: { path, port } });
  return {
    startupProbe: { ...by(probes.startup ?? live), periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 150 },
    readinessProbe: { ...by(probes.ready ?? live), periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 2 },
    livenessProbe: { ...by(live), periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
  };
}
