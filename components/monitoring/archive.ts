import type * as kubernetes from "@pulumi/kubernetes";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import { gibPerDay } from "../../config/monitoring/size.js";
import { isCareful } from "../../config/names.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Bucket, Identity, SecretRef, ServiceAccountName } from "../../providers/contract.js";
import { resourceValues } from "../addons/pod-values.js";
import { contentName } from "../content-name.js";
import { createExternalSecret } from "../external-secret.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { ANYWHERE, portOf, type Reach } from "../peers.js";
import { renderConfig } from "./archive-config.js";
import {
  type ArchiveGround,
  CONFIG_FOLDER,
  type Part,
  renderPod,
  renderSet,
  THANOS,
  thanosLabels,
} from "./archive-pods.js";
import { monitoringNamespace, prometheus, thanosQuery } from "./places.js";
import { type ArchiveValues, prometheusAccount } from "./prometheus.js";
import type { MonitoringScene } from "./scene.js";
import { createVolumes } from "./volumes.js";

type Input<T> = pulumi.Input<T>;

/** What has to do with the bucket itself, beside Prometheus' sidecar. */
export const archiveAccount = (stack: Pick<Settings, "prefix">): ServiceAccountName => ({
  namespace: monitoringNamespace(stack),
  name: "thanos",
});

const CONFIG = "objstore.yaml";
/**
 * What is measured, for longer than a disk is meant for: a sidecar of Prometheus uploads every two hours' block, a store
 * answers for what is in the bucket, a compactor puts blocks together, thins them out and deletes what is too old, and a
 * query joins bucket and Prometheus into one address. Without it `monitoring.retention` is all that there is.
 *
 * Costs a quarter of a core and 1.5 GiB (twice the store and the query in production), a disk for the compactor, and the
 * objects: about as many GiB a day as `config/monitoring/size.ts` counts, half of it after a while.
 */
export class Archive extends pulumi.ComponentResource {
  /** What the chart is told of the sidecar. */
  public readonly values: ArchiveValues;
  /** Where everything can be asked for: Grafana's data source. */
  public readonly url: string;

  constructor(name: string, args: ArchiveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:Archive", name, {}, opts);
    const { scene, key, bucket, days } = args;
    const { settings } = scene;
    const config = createConfig(name, bucket, scene, this);
    const uploads = identityOf(`${name}-uploads`, prometheusAccount(settings), key, bucket, scene, this);
    const keeps = identityOf(`${name}-keeps`, archiveAccount(settings), key, bucket, scene, this);
    this.values = {
      thanos: sidecarValues(settings, config),
      identity: uploads,
    };
    const account = createAccount(name, keeps, scene, this);
    const ground: Ground = { name, scene, config, account, keeps, parent: this };
    createAddresses(ground);
    createStore(ground);
    createCompactor(ground, days);
    createQuery(ground);
    this.url = thanosQuery.url(settings);
    this.registerOutputs({});
  }
}

export interface ArchiveArgs {
  readonly scene: MonitoringScene;
  /** The bucket's key in the settings. */
  readonly key: string;
  readonly bucket: Bucket;
  /** For how long measurements stay in it. */
  readonly days: number;
}

interface Ground extends ArchiveGround {
  readonly name: string;
  readonly parent: Archive;
}

/** As the stack says; none where it says nothing. */
export function createArchive(name: string, scene: MonitoringScene, parent: pulumi.Resource): Archive | undefined {
  const { watching, buckets } = scene;
  if (watching.mode !== "inCluster" || watching.archive === undefined) return undefined;
  const { bucket: key, retention } = watching.archive;
  const bucket = buckets[key];
  if (bucket === undefined) throw new Error(`buckets.${key} is named and not there`);
  return new Archive(name, { scene, key, bucket, days: retention }, { parent });
}

/** What the store's sync must be allowed to read. */
export const archiveEntries = ({ watching, buckets }: Pick<MonitoringScene, "watching" | "buckets">): SecretRef[] => {
  const archive = watching.mode === "inCluster" ? watching.archive : undefined;
  const access = archive === undefined ? undefined : buckets[archive.bucket]?.access;
  return access === undefined || access === "identity" ? [] : [access];
};

/** Whom pods that upload or download call. */
export const archiveReaches = (bucket: Bucket, { cluster }: Pick<MonitoringScene, "cluster">): readonly Reach[] => [
  { to: [{ ipBlock: ANYWHERE }], port: bucket.endpoint === undefined ? 443 : portOf(bucket.endpoint) },
  ...(bucket.access === "identity"
    ? cluster.credentialEndpoint.flatMap(({ cidr, ports }) =>
        ports.map((port) => ({ to: [{ ipBlock: { cidr } }], port })),
      )
    : []),
];

const identityOf = (
  name: string,
  account: ServiceAccountName,
  key: string,
  bucket: Bucket,
  { cloud, cluster, secretStore }: MonitoringScene,
  parent: Archive,
): Identity =>
  cloud.identity(
    name,
    {
      cluster,
      namespace: account.namespace,
      serviceAccount: account.name,
      store: secretStore,
      buckets: bucket.access === "identity" ? { [key]: bucket } : {},
      secrets: [],
    },
    { parent },
  );

const createAccount = (name: string, keeps: Identity, scene: MonitoringScene, parent: Archive): Input<string> =>
  new ServiceAccount(
    name,
    {
      metadata: {
        name: archiveAccount(scene.settings).name,
        namespace: scene.namespace,
        annotations: { ...keeps.serviceAccountAnnotations },
      },
      automountServiceAccountToken: false,
    },
    inside(scene.cluster, parent),
  ).metadata.name;

/** The operator takes it as a Secret, also where nothing in it is secret. */
function createConfig(name: string, bucket: Bucket, scene: MonitoringScene, parent: Archive): pulumi.Output<string> {
  const { cluster, namespace, store } = scene;
  const { access } = bucket;
  const text = pulumi
    .all([bucket.url, bucket.region])
    .apply(([url, region]) => renderConfig({ url, region, endpoint: bucket.endpoint, keys: access !== "identity" }));
  if (access === "identity")
    return new Secret(
      `${name}-config`,
      {
        metadata: { name: text.apply((content) => contentName(`${name}-config`, [content])), namespace },
        stringData: { [CONFIG]: text },
      },
      inside(cluster, parent),
    ).metadata.name;
  return createExternalSecret(
    `${name}-config`,
    `${name}-config`,
    {
      cluster,
      namespace,
      store,
      fields: {
        id: { entry: access, property: "accessKeyId" },
        key: { entry: access, property: "secretAccessKey" },
      },
      templates: { [CONFIG]: text },
    },
    parent,
  );
}

const sidecarValues = ({ mirror }: Settings, config: Input<string>): pulumi.Inputs => ({
  image: imageOf(images.prometheusStack.thanos, mirror.images),
  objectStorageConfig: { existingSecret: { name: config, key: CONFIG } },
  logFormat: "json",
  resources: resourceValues("25m", "128Mi"),
});

const SIDECARS = "prometheus-sidecars";
const addressOf = (service: string, namespace: Input<string>) =>
  pulumi.interpolate`dns+${service}.${namespace}.svc:${THANOS.grpc}`;

/** A name of its own for each pod that answers by gRPC, and one address for whoever asks. */
function createAddresses({ name, scene, parent }: Ground): void {
  const { cluster, namespace } = scene;
  const create = (
    service: string,
    labels: Readonly<Record<string, string>>,
    selector: Readonly<Record<string, string>>,
    spec: kubernetes.types.input.core.v1.ServiceSpec,
  ) =>
    new Service(
      `${name}-${service}`,
      {
        metadata: { name: service, namespace, labels, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { selector, ...spec },
      },
      inside(cluster, parent),
    );
  const grpc = { clusterIP: "None", ports: [{ name: "grpc", port: THANOS.grpc, targetPort: THANOS.grpc }] };
  create(SIDECARS, prometheus.labels, prometheus.labels, grpc);
  create("thanos-store", thanosLabels("store"), thanosLabels("store"), grpc);
  create("thanos-query", thanosLabels("query"), thanosLabels("query"), {
    ports: [{ name: "http", port: thanosQuery.port, targetPort: "http" }],
  });
}

const copies = ({ environment }: Settings): number => (isCareful(environment) ? 2 : 1);

/** Headers of blocks are kept on the node's disk, and read again by a pod that starts. */
function createStore(ground: Ground): void {
  const { name, scene, parent } = ground;
  new StatefulSet(
    `${name}-store`,
    renderSet(ground, "store", copies(scene.settings), {
      args: [
        "store",
        "--data-dir=/data",
        `--objstore.config-file=${CONFIG_FOLDER}/${CONFIG}`,
        "--index-cache-size=128MB",
      ],
      memory: "768Mi",
      disk: { emptyDir: { sizeLimit: "4Gi" } },
      ephemeral: "4Gi",
    }),
    optionsOf(ground),
  );
  createBudget(ground, "store", parent);
}

/** Days whose blocks are put together at once, and copies of them while that goes on. */
const COMPACTED_DAYS = 14;
const COPIES_AT_WORK = 3;
const LEAST_COMPACTOR = 10;

const compactorStorage = (settings: Settings): number =>
  Math.max(LEAST_COMPACTOR, Math.ceil(gibPerDay(settings) * COMPACTED_DAYS * COPIES_AT_WORK * copies(settings)));

/** There is only one for a bucket: two would take each other's blocks away. */
function createCompactor(ground: Ground, days: number): void {
  const { name, scene, parent } = ground;
  const [volume] = createVolumes(
    { set: "thanos-compact", count: 1, size: compactorStorage(scene.settings), precious: false },
    scene,
    parent,
  );
  if (volume === undefined) throw new Error("the compactor has no volume");
  new StatefulSet(
    `${name}-compact`,
    renderSet(ground, "compact", 1, {
      args: [
        "compact",
        "--wait",
        "--data-dir=/data",
        `--objstore.config-file=${CONFIG_FOLDER}/${CONFIG}`,
        `--retention.resolution-raw=${days}d`,
        `--retention.resolution-5m=${days}d`,
        `--retention.resolution-1h=${days}d`,
      ],
      memory: "512Mi",
      disk: { persistentVolumeClaim: { claimName: volume.metadata.name } },
      ephemeral: "128Mi",
    }),
    optionsOf(ground),
  );
}

/** Two copies of Prometheus measure the same: what differs is only which of them. */
const REPLICA_LABEL = "prometheus_replica";
const ENDPOINTS = "endpoints.yaml";
const ENDPOINTS_FOLDER = "/etc/thanos/endpoints";

function createQuery(ground: Ground): void {
  const { name, scene, parent } = ground;
  const { settings, cluster, namespace } = scene;
  const labels = thanosLabels("query");
  const text = pulumi
    .all([addressOf(SIDECARS, namespace), addressOf("thanos-store", namespace)])
    .apply((addresses) => `${JSON.stringify({ endpoints: addresses.map((address) => ({ address })) })}\n`);
  const endpoints = new ConfigMap(
    `${name}-endpoints`,
    {
      metadata: { name: text.apply((content) => contentName("thanos-endpoints", [content])), namespace, labels },
      data: { [ENDPOINTS]: text },
    },
    inside(cluster, parent),
  );
  new Deployment(
    `${name}-query`,
    {
      metadata: { name: "thanos-query", namespace, labels },
      spec: {
        replicas: copies(settings),
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: renderPod(settings, "query", {
            args: [
              "query",
              `--endpoint.sd-config-file=${ENDPOINTS_FOLDER}/${ENDPOINTS}`,
              `--query.replica-label=${REPLICA_LABEL}`,
              "--query.auto-downsampling",
            ],
            memory: "256Mi",
            ephemeral: "128Mi",
            mounts: [{ name: "endpoints", mountPath: ENDPOINTS_FOLDER, readOnly: true }],
            volumes: [{ name: "endpoints", configMap: { name: endpoints.metadata.name } }],
          }),
        },
      },
    },
    optionsOf(ground),
  );
  createBudget(ground, "query", parent);
}

function createBudget({ name, scene }: Ground, part: Part, parent: Archive): void {
  const { settings, cluster, namespace } = scene;
  if (copies(settings) === 1) return;
  const labels = thanosLabels(part);
  new PodDisruptionBudget(
    `${name}-${part}`,
    {
      metadata: { name: `thanos-${part}`, namespace, labels },
      spec: { minAvailable: 1, selector: { matchLabels: labels } },
    },
    inside(cluster, parent),
  );
}

const optionsOf = ({ scene, keeps, parent }: Ground): pulumi.CustomResourceOptions => ({
  ...inside(scene.cluster, parent),
  dependsOn: [...scene.cluster.ready, ...keeps.ready],
  customTimeouts: { create: "10m", update: "10m" },
});
