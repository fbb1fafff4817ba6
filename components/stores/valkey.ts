import { createHash } from "node:crypto";
import type * as kubernetes from "@pulumi/kubernetes";
import { StatefulSet, type StatefulSetArgs } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CacheSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cache, Cluster, SecretRef, SecretStore, StorePods, Tls } from "../../providers/contract.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { measurersOf, renderStorePolicy } from "./policies.js";

type CacheSpec = InMode<CacheSettings, "inCluster">;
type Input<T> = pulumi.Input<T>;

const PORT = 6379;
const USER = "default";

export interface ValkeyArgs {
  /** The key in the settings' map. */
  readonly key: string;
  readonly settings: CacheSpec;
  readonly stack: Settings;
  readonly cluster: Cluster;
  readonly secrets: SecretStore;
  /** Where it runs; made once for all in-cluster stores. */
  readonly namespace: Input<string>;
}

/**
 * Valkey in the cluster: one primary that keeps an append-only file on a volume, and replicas that follow it. There is
 * no failover: when the primary's node goes, the cache is away until Kubernetes has started it again, and replicas are
 * warm copies for reading. Clients need a password; there is no TLS, so it is for a cluster whose network is trusted. A
 * managed cache has both. The default (small, development) is one pod of 1 GiB with a volume of 2 GiB.
 */
export class ValkeyCache extends pulumi.ComponentResource implements Cache {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly tls: Tls = "off";
  public readonly auth: SecretRef;
  public readonly clusterMode = false;
  public readonly cidrs: pulumi.Output<string[]>;
  public readonly pods: StorePods;

  constructor(name: string, args: ValkeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:stores:Valkey", name, {}, opts);
    refuseShards(args);
    const password = createPassword(name, this);
    this.auth = args.secrets.put(`${name}-auth`, { username: USER, password }, { parent: this });
    const login = createLogin(name, password, args, this);
    new NetworkPolicy(
      name,
      renderStorePolicy({
        name,
        namespace: args.namespace,
        labels: labelsOf(name),
        port: PORT,
        clients: args.stack.prefix,
        neighbours: [],
        measuredBy: measurersOf("cache", args.key, args.stack),
        callsOut: false,
      }),
      inside(args.cluster, this),
    );
    const service = createServices(name, args, this);
    const primary = createNodes(name, "primary", { ...args, password, login }, this);
    if (args.settings.replicas > 0) {
      createNodes(name, "replica", { ...args, password, login }, this);
      createDisruptionBudget(name, args, this);
    }

    // By way of the pods, so that whoever is given the address also waits until something answers there.
    this.host = pulumi.interpolate`${service.metadata.name}.${primary.metadata.namespace}.svc`;
    this.port = pulumi.output(PORT);
    this.cidrs = pulumi.output([]);
    this.pods = { namespace: pulumi.output(args.namespace), labels: labelsOf(name) };
    this.registerOutputs({ host: this.host, port: this.port });
  }
}

/** Settings never let it come to that. */
function refuseShards({ key, settings }: ValkeyArgs): void {
  if (settings.shards > 1)
    throw new Error(`caches.${key}.shards: a cache in the cluster has one shard and not ${settings.shards}`);
}

const createPassword = (name: string, parent: ValkeyCache): pulumi.Output<string> =>
  new random.RandomPassword(`${name}-auth`, { length: 32, special: false }, { parent }).result;

/** The server's own copy, as a file that its configuration includes and as what the probes log in with. */
const createLogin = (
  name: string,
  password: pulumi.Output<string>,
  { cluster, namespace }: ValkeyArgs,
  parent: ValkeyCache,
) =>
  new Secret(
    `${name}-login`,
    {
      metadata: { name: `${name}-login`, namespace },
      stringData: {
        password,
        "auth.conf": pulumi.interpolate`requirepass ${password}\nmasterauth ${password}\n`,
      },
    },
    inside(cluster, parent),
  );

/** One address for clients, which is the primary's, and a name of its own for each pod. */
function createServices(name: string, { cluster, namespace }: ValkeyArgs, parent: ValkeyCache) {
  const create = (logical: string, spec: kubernetes.types.input.core.v1.ServiceSpec) =>
    new Service(
      logical,
      {
        // Pulumi would wait for pods behind it a second time: it already does for the sets.
        metadata: { name: logical, namespace, labels: labelsOf(name), annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { ports: [{ name: "valkey", port: PORT, targetPort: "valkey" }], ...spec },
      },
      inside(cluster, parent),
    );
  create(`${name}-nodes`, { clusterIP: "None", selector: labelsOf(name) });
  return create(name, { type: "ClusterIP", selector: labelsOf(name, "primary") });
}

interface NodesArgs extends ValkeyArgs {
  readonly password: pulumi.Output<string>;
  readonly login: Secret;
}

function createNodes(name: string, role: Role, args: NodesArgs, parent: ValkeyCache): StatefulSet {
  const { settings, stack, cluster, namespace, password, login } = args;
  const stem = role === "primary" ? name : `${name}-replica`;
  const text = renderConfig(settings, role === "primary" ? undefined : name);
  const volumes = createVolumes(stem, role, args, parent);
  const config = new ConfigMap(
    stem,
    { metadata: { name: stem, namespace, labels: labelsOf(name, role) }, data: { "valkey.conf": text } },
    inside(cluster, parent),
  );
  return new StatefulSet(
    stem,
    renderNodes({
      name,
      role,
      namespace,
      settings,
      image: imageOf(images.valkey[settings.version], stack.mirror.images),
      storageClass: cluster.storageClasses.ssd,
      config: config.metadata.name,
      login: login.metadata.name,
      checksum: password.apply((value) => sha256(`${text}${value}`)),
    }),
    {
      ...inside(cluster, parent),
      protect: stack.deletionProtection,
      // What the set would make of it is there already, and bigger than it may know.
      ignoreChanges: ["spec.volumeClaimTemplates"],
      // A pod waits for a node and the driver of its volume, which nothing in it names; without a claim of its name the
      // set would make one.
      dependsOn: [...cluster.ready, ...volumes],
      customTimeouts: { create: "15m", update: "15m", delete: "10m" },
    },
  );
}

/**
 * Claims of our own, by the names that a set gives to its pods' claims. A set's template cannot be changed, so with that
 * alone a cache could grow only by being deleted; a claim grows in place. Replicas are copies, which may go.
 */
function createVolumes(
  stem: string,
  role: Role,
  { settings, stack, cluster, namespace }: NodesArgs,
  parent: ValkeyCache,
): readonly PersistentVolumeClaim[] {
  return Array.from({ length: countOf(role, settings) }, (_, ordinal) => {
    const name = `data-${stem}-${ordinal}`;
    return new PersistentVolumeClaim(
      name,
      {
        // It is bound when its pod comes, which the set waits for.
        metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: renderClaim(settings, cluster.storageClasses.ssd),
      },
      { ...inside(cluster, parent), protect: role === "primary" && stack.deletionProtection },
    );
  });
}

const countOf = (role: Role, { replicas }: CacheSpec): number => (role === "primary" ? 1 : replicas);

const renderClaim = ({ storage }: CacheSpec, storageClassName: Input<string> | undefined) => ({
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: `${storage}Gi` } },
  ...(storageClassName === undefined ? {} : { storageClassName }),
});

const createDisruptionBudget = (name: string, { cluster, namespace }: ValkeyArgs, parent: ValkeyCache) =>
  new PodDisruptionBudget(
    name,
    {
      metadata: { name, namespace, labels: labelsOf(name) },
      spec: { maxUnavailable: 1, selector: { matchLabels: labelsOf(name) } },
    },
    inside(cluster, parent),
  );

type Role = "primary" | "replica";

const labelsOf = (name: string, role?: Role): Record<string, string> => ({
  "app.kubernetes.io/name": "valkey",
  "app.kubernetes.io/instance": name,
  ...(role === undefined ? {} : { "app.kubernetes.io/component": role }),
});

const MIB_PER_GIB = 1024;
/** The rest is for buffers, and for pages that change while the append-only file is rewritten by a fork. */
const SHARE_FOR_DATA = 0.75;

/** The password is in a file that this one includes. */
export const renderConfig = (
  { memory, evictionPolicy }: Pick<CacheSpec, "memory" | "evictionPolicy">,
  primary: string | undefined,
): string =>
  [
    `port ${PORT}`,
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    `maxmemory ${memory * MIB_PER_GIB * SHARE_FOR_DATA}mb`,
    `maxmemory-policy ${evictionPolicy}`,
    ...(primary === undefined ? [] : [`replicaof ${primary} ${PORT}`]),
    "include /etc/valkey/auth/auth.conf",
    "",
  ].join("\n");

export interface ValkeyNodes {
  readonly name: string;
  readonly role: Role;
  readonly namespace: Input<string>;
  readonly settings: CacheSpec;
  readonly image: string;
  /** The cluster's default class where undefined. */
  readonly storageClass: Input<string> | undefined;
  /** The ConfigMap with `valkey.conf`. */
  readonly config: Input<string>;
  /** The Secret with `auth.conf` and `password`. */
  readonly login: Input<string>;
  /** Of all that is mounted: a change restarts the pods, which read their configuration once. */
  readonly checksum: Input<string>;
}

export function renderNodes(nodes: ValkeyNodes) {
  const { name, role, namespace, settings } = nodes;
  const labels = labelsOf(name, role);
  return {
    metadata: { name: role === "primary" ? name : `${name}-replica`, namespace, labels },
    spec: {
      replicas: countOf(role, settings),
      serviceName: `${name}-nodes`,
      podManagementPolicy: "Parallel",
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "checksum/config": nodes.checksum } },
        spec: renderPod(nodes),
      },
      volumeClaimTemplates: [{ metadata: { name: "data" }, spec: renderClaim(settings, nodes.storageClass) }],
    },
  } satisfies StatefulSetArgs;
}

/** The number of the user `valkey` in the image. */
const UID = 999;

function renderPod({ name, settings, image, config, login }: ValkeyNodes) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: UID,
      runAsGroup: UID,
      fsGroup: UID,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labelsOf(name) },
    })),
    containers: [
      {
        name: "valkey",
        image,
        command: ["valkey-server", "/etc/valkey/config/valkey.conf"],
        ports: [{ name: "valkey", containerPort: PORT }],
        // Older than the name that begins with VALKEY, and read by every version.
        env: [{ name: "REDISCLI_AUTH", valueFrom: { secretKeyRef: { name: login, key: "password" } } }],
        ...probes(),
        resources: {
          requests: { cpu: "250m", memory: `${settings.memory}Gi`, "ephemeral-storage": "128Mi" },
          limits: { memory: `${settings.memory}Gi`, "ephemeral-storage": "128Mi" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [
          { name: "data", mountPath: "/data" },
          { name: "config", mountPath: "/etc/valkey/config", readOnly: true },
          { name: "auth", mountPath: "/etc/valkey/auth", readOnly: true },
        ],
      },
    ],
    volumes: [
      { name: "config", configMap: { name: config } },
      // Read by the group only, which is the pod's own.
      {
        name: "auth",
        secret: { secretName: login, defaultMode: 0o440, items: [{ key: "auth.conf", path: "auth.conf" }] },
      },
    ],
  } satisfies kubernetes.types.input.core.v1.PodSpec;
}

/**
 * `valkey-cli` ends with 0 on an error that the server answers, so readiness asks for the answer itself. A server that
 * loads its file answers with an error: it is alive and not ready, for as long as half an hour.
 */
function probes() {
  const answers = { exec: { command: ["valkey-cli", "ping"] }, timeoutSeconds: 5 };
  const serves = { exec: { command: ["sh", "-c", '[ "$(valkey-cli ping)" = PONG ]'] }, timeoutSeconds: 5 };
  return {
    startupProbe: { ...serves, periodSeconds: 2, failureThreshold: 900 },
    readinessProbe: { ...serves, periodSeconds: 5, failureThreshold: 3 },
    livenessProbe: { ...answers, periodSeconds: 10, failureThreshold: 6 },
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
