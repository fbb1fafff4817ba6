import type { Cluster as GkeCluster } from "@pulumi/gcp/container/cluster.js";
import { NodePool } from "@pulumi/gcp/container/nodePool.js";
import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { Account } from "@pulumi/gcp/serviceaccount/account.js";
import type { container } from "@pulumi/gcp/types/input.js";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode, PoolSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import { partName } from "../naming.js";
import type { GcpGround } from "./ground.js";
import { accelerators, bootDiskType, nodeType } from "./sizes.js";
import { tagsFor } from "./tags.js";

type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** Who nodes are. */
export interface NodeIdentity {
  readonly email: pulumi.Output<string>;
  readonly member: pulumi.Output<string>;
  /** What whoever uses the identity depends on, so that it has its rights from first to last. */
  readonly grant: pulumi.Resource;
}

/**
 * An account that may do what a node must, which is to write logs and metrics: the project's default one may change
 * nearly everything in it. Images are the registry's to let it read.
 * https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa
 */
export function createNodeIdentity(name: string, stack: Settings, ground: GcpGround, opts: Options): NodeIdentity {
  const account = new Account(
    name,
    {
      project: ground.project("iam"),
      // Named, because at most 30 characters leave none for random ones; the name of a deleted one is free at once.
      accountId: `${stack.prefix}-nodes`,
      displayName: `Nodes of ${stack.prefix}`,
    },
    opts,
  );
  const grant = new IAMMember(
    name,
    {
      project: ground.project("cloudresourcemanager"),
      role: "roles/container.defaultNodeServiceAccount",
      member: account.member,
    },
    opts,
  );
  return { email: account.email, member: account.member, grant };
}

export function createNodePools(
  settings: InMode<ClusterSettings, "managed">,
  cluster: GkeCluster,
  identity: NodeIdentity,
  stack: Settings,
  ground: GcpGround,
  after: readonly pulumi.Resource[],
  opts: Options,
): readonly NodePool[] {
  const dependsOn = [...after, identity.grant];
  return Object.entries(settings.pools)
    .filter(([, pool]) => pool.max > 0)
    .map(([key, pool]) => createNodePool(key, pool, cluster, identity, stack, ground, { ...opts, dependsOn }));
}

function createNodePool(
  key: string,
  pool: PoolSettings,
  cluster: GkeCluster,
  identity: NodeIdentity,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): NodePool {
  const poolName = partName(stack.prefix, "pool", key);
  // Each zone begins with as many nodes as the others: of a pool that is smaller than that, some zones have none.
  const zones = stack.zones.slice(0, pool.max);
  return new NodePool(
    poolName,
    {
      project: ground.project("container"),
      cluster: cluster.name,
      location: stack.region,
      ...(zones.length === 0 ? {} : { nodeLocations: zones }),
      initialNodeCount: pool.min === 0 ? 0 : Math.max(1, Math.floor(pool.min / Math.max(1, zones.length))),
      // Totals: the other way of saying it is for each zone, and would be three times as much.
      autoscaling: {
        totalMinNodeCount: pool.min,
        totalMaxNodeCount: pool.max,
        // Spot nodes are where there are any left.
        locationPolicy: pool.spot ? "ANY" : "BALANCED",
      },
      management: { autoRepair: true, autoUpgrade: true },
      upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
      networkConfig: { enablePrivateNodes: true },
      nodeConfig: nodeConfigFor(key, pool, poolName, identity, stack),
    },
    {
      ...opts,
      // How many nodes there are is the autoscaler's to say, and another beginning would be another pool.
      ignoreChanges: ["initialNodeCount"],
      customTimeouts: { create: "45m", update: "60m", delete: "45m" },
    },
  );
}

function nodeConfigFor(
  key: string,
  pool: PoolSettings,
  poolName: string,
  identity: NodeIdentity,
  stack: Settings,
): container.NodePoolNodeConfig {
  const machineType = stack.gcp.machineTypes[`pools.${key}`] ?? nodeType(pool);
  return {
    machineType,
    imageType: "COS_CONTAINERD",
    // Encrypted whatever is said, with keys of Google's.
    diskType: bootDiskType(machineType),
    diskSizeGb: pool.disk,
    serviceAccount: identity.email,
    // What the account may do is what counts: scopes are the older way to limit it.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    // Pods are given their own identity by a server on the node, which keeps the node's from them.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
    metadata: { "disable-legacy-endpoints": "true" },
    // Secure Boot of Axion machines was not found to be supported.
    shieldedInstanceConfig: { enableSecureBoot: pool.arch === "amd64", enableIntegrityMonitoring: true },
    kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
    spot: pool.spot,
    ...(pool.gpu === 0 ? {} : { guestAccelerators: [acceleratorFor(machineType, pool)] }),
    labels: pool.labels,
    taints: pool.taints.map(({ key, value, effect }) => ({ key, value: value ?? "", effect: taintEffects[effect] })),
    resourceLabels: tagsFor(stack, poolName),
  };
}

const acceleratorFor = (machineType: string, { gpu }: PoolSettings): container.NodePoolNodeConfigGuestAccelerator => ({
  ...accelerators(machineType, gpu),
  gpuDriverInstallationConfig: { gpuDriverVersion: "DEFAULT" },
});

const taintEffects: Readonly<Record<PoolSettings["taints"][number]["effect"], string>> = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
};
