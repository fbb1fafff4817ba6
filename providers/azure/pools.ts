import { AgentPool } from "@pulumi/azure-native/containerservice/agentPool.js";
import type { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ClusterSettings, InMode, PoolSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import { partName } from "../naming.js";
import type { AzureGround } from "./ground.js";
import { nodeType } from "./sizes.js";
import { tagsFor } from "./tags.js";
import { zonesOf } from "./zones.js";

type Managed = InMode<ClusterSettings, "managed">;

export interface PoolsArgs {
  readonly settings: Managed;
  readonly subnet: pulumi.Output<string>;
  readonly stack: Settings;
}

export interface KeyedPool {
  readonly key: string;
  readonly pool: PoolSettings;
}

const poolsOf = ({ pools }: Managed): readonly KeyedPool[] =>
  Object.entries(pools)
    .filter(([, pool]) => pool.max > 0)
    .map(([key, pool]) => ({ key, pool }));

const steady = ({ pool }: KeyedPool): boolean => pool.min > 0 && !pool.spot && pool.taints.length === 0;

/**
 * A cluster is born with a pool for its own pods: the first that is always there and that keeps nobody away. Settings
 * refuse a stack on azure that has none: this is for the compiler, and for whoever goes round them.
 */
export function firstPool(settings: Managed): KeyedPool {
  const found = poolsOf(settings).find(steady);
  if (found === undefined) throw new Error("azure: no pool is always there for the cluster's own pods");
  return found;
}

/**
 * The pool inside the cluster. It has the one name for ever: the cluster refuses another. Azure changes the machine and
 * the disk of no pool. Others are made anew; this one goes only with the cluster, so Azure refuses the change, and
 * `azure.machineTypes` keeps the type that it has.
 */
export const firstProfile = (args: PoolsArgs) => {
  const { key, pool } = firstPool(args.settings);
  return { name: "system", mode: "System", ...machines(key, pool, args) };
};

/** All pools but the one inside the cluster. */
export function createPools(
  cluster: ManagedCluster,
  args: PoolsArgs,
  ground: AzureGround,
  opts: pulumi.CustomResourceOptions,
): readonly AgentPool[] {
  const first = firstPool(args.settings);
  return poolsOf(args.settings)
    .filter(({ key }) => key !== first.key)
    .map((one) => createPool(one, cluster, args, ground, opts));
}

function createPool(
  { key, pool }: KeyedPool,
  cluster: ManagedCluster,
  args: PoolsArgs,
  ground: AzureGround,
  opts: pulumi.CustomResourceOptions,
): AgentPool {
  const poolName = partName(args.stack.prefix, "pool", key);
  const made = machines(key, pool, args);
  return new AgentPool(
    poolName,
    {
      resourceGroupName: ground.resourceGroup,
      resourceName: cluster.name,
      agentPoolName: shortName(poolName, key, made, opts),
      mode: "User",
      ...made,
      ...(pool.spot
        ? // At most the price of a node on demand, and gone for good when it is taken away.
          { scaleSetPriority: "Spot", scaleSetEvictionPolicy: "Delete", spotMaxPrice: -1 }
        : {}),
    },
    {
      ...opts,
      // How many nodes there are is the autoscaler's to say.
      ignoreChanges: ["count"],
      // What has a name of ours the provider would delete first, and its pods would have no nodes until the new ones come.
      deleteBeforeReplace: false,
      customTimeouts: { create: "30m", update: "120m", delete: "30m" },
    },
  );
}

type Machines = ReturnType<typeof machines>;

/** What Azure gives a pool of spot nodes by itself, and misses where it is not said. */
const SPOT = { key: "kubernetes.azure.com/scalesetpriority", value: "spot", effect: "NoSchedule" } as const;

function machines(key: string, pool: PoolSettings, { settings, subnet, stack }: PoolsArgs) {
  const taints = pool.spot ? [...pool.taints, SPOT] : pool.taints;
  return {
    orchestratorVersion: settings.version,
    type: "VirtualMachineScaleSets",
    vmSize: stack.azure.machineTypes[`pools.${key}`] ?? nodeType(pool),
    osType: "Linux",
    osSKU: pool.gpu > 0 ? "Ubuntu" : "AzureLinux",
    // Encrypted with Azure's keys, as every managed disk; the least that Azure takes is 30 GiB.
    osDiskType: "Managed",
    osDiskSizeGB: Math.max(pool.disk, 30),
    availabilityZones: [...zonesOf(stack)],
    vnetSubnetID: subnet,
    enableNodePublicIP: false,
    enableAutoScaling: true,
    minCount: pool.min,
    maxCount: pool.max,
    count: pool.min,
    nodeLabels: pool.spot ? { ...pool.labels, [SPOT.key]: SPOT.value } : { ...pool.labels },
    nodeTaints: taints.map(({ key, value, effect }) => `${key}${value === undefined ? "" : `=${value}`}:${effect}`),
    // Azure takes no surge for spot nodes: they are replaced one by one.
    ...(pool.spot ? {} : { upgradeSettings: { maxSurge: "33%" } }),
    tags: tagsFor(stack, partName(stack.prefix, "pool", key)),
  };
}

/**
 * A pool's name has at most twelve letters and digits, which settings see to. Its end changes with what no pool can change, so that the new
 * pool is there before the old one goes.
 */
function shortName(
  poolName: string,
  key: string,
  { vmSize, osSKU, osDiskSizeGB, availabilityZones, vnetSubnetID, nodeLabels }: Machines,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const end = new random.RandomString(
    poolName,
    {
      length: 4,
      special: false,
      upper: false,
      keepers: {
        vmSize,
        osSKU,
        disk: String(osDiskSizeGB),
        zones: availabilityZones.join(","),
        subnet: vnetSubnetID,
        spot: String(SPOT.key in nodeLabels),
      },
    },
    opts,
  );
  return pulumi.interpolate`${key.replaceAll("-", "")}${end.result}`;
}
