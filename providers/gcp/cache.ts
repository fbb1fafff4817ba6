import { Instance } from "@pulumi/gcp/memorystore/instance.js";
import type { memorystore as inputs } from "@pulumi/gcp/types/input.js";
import type { memorystore } from "@pulumi/gcp/types/output.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CacheSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Cache, CacheArgs, Tls } from "../contract.js";
import { dailyHour, keepsCopies, weeklyHour } from "./datastore.js";
import type { GcpGround } from "./ground.js";
import { GcpKey } from "./key.js";
import { cacheType } from "./sizes.js";
import { tagsFor } from "./tags.js";

export interface GcpCacheArgs extends CacheArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Managed = InMode<CacheSettings, "managed">;

const PORT = 6379;
const SECONDS_A_DAY = 86_400;
/** What each major version of the settings is called in Memorystore. */
const engineVersions = { "8": "VALKEY_8_0" } as const;
/** An instance of many shards takes up to an hour to make or to change. */
const TIMEOUTS = { create: "90m", update: "120m", delete: "60m" };

/**
 * Valkey on Memorystore: an address in the data subnet, TLS only with a private CA, encrypted with a key of its own.
 * More than one shard makes it a cluster, which clients must know how to talk to; that makes it anew.
 *
 * It has no password: Memorystore keeps none, and the tokens of IAM that it would take instead are good for an hour, which
 * few clients can follow. TLS, the private address and the network policies of whoever may not talk to it guard it.
 *
 * There is no last backup when it goes; the daily ones have an age limit of their own, and its key outlives them.
 *
 * Costs by the hour of the node in `sizes.ts`, times shards, times one and the replicas.
 */
export class GcpCache extends pulumi.ComponentResource implements Cache {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly tls: Tls;
  public readonly auth = "none";
  public readonly clusterMode: boolean;
  public readonly cidrs: pulumi.Output<string[]>;

  constructor(name: string, args: GcpCacheArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Cache", name, {}, opts);
    const { settings, network } = args;
    const child = { parent: this };
    this.clusterMode = settings.shards > 1;

    const key = createKey(name, args, child);
    const instance = createInstance(name, args, { key, id: createId(name, args, child) }, child);

    this.host = instance.endpoints.apply((endpoints) => addressOf(name, endpoints));
    this.port = pulumi.output(PORT);
    this.tls = { ca: instance.managedServerCas.apply(authoritiesOf) };
    this.cidrs = network.dataCidrs;
    this.registerOutputs({ host: this.host, port: this.port, clusterMode: this.clusterMode });
  }
}

/** Where clients begin: the cluster's discovery address, or the one that always leads to the primary. */
function addressOf(name: string, endpoints: readonly memorystore.InstanceEndpoint[]): string {
  const connections = endpoints.flatMap((endpoint) => endpoint.connections ?? []).map((one) => one.pscAutoConnection);
  const first = connections.find((one) => beginnings.has(one?.connectionType ?? "")) ?? connections[0];
  // The service connection policy made no address: better than a host that is empty.
  if (first?.ipAddress === undefined) throw new Error(`gcp: the cache ${name} has no address in the network`);
  return first.ipAddress;
}
const beginnings: ReadonlySet<string> = new Set(["CONNECTION_TYPE_DISCOVERY", "CONNECTION_TYPE_PRIMARY"]);

/** All that are in use: while they are renewed there are two. */
const authoritiesOf = (authorities: readonly memorystore.InstanceManagedServerCa[]): string =>
  authorities
    .flatMap(({ caCerts }) => caCerts.flatMap(({ certificates }) => certificates))
    .map((pem) => `${pem.trim()}\n`)
    .join("");

const createKey = (name: string, { key, stack, ground }: GcpCacheArgs, opts: pulumi.ComponentResourceOptions): GcpKey =>
  new GcpKey(
    `${name}-key`,
    { stack, ground, purpose: `Cache ${key} of ${stack.prefix}`, agent: "memorystore", outlives: keepsCopies(stack) },
    opts,
  );

const modeOf = ({ shards }: Managed): string => (shards > 1 ? "CLUSTER" : "CLUSTER_DISABLED");

/**
 * The end of its id: Memorystore names are not Pulumi's to complete. Other than the instance's for as long as it is the
 * same, so that one which must be made anew can be there before the old one goes.
 */
function createId(
  name: string,
  { settings, stack }: GcpCacheArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const keepers = { mode: modeOf(settings), region: stack.region };
  const suffix = new random.RandomId(`${name}-id`, { byteLength: 3, keepers }, opts);
  return pulumi.interpolate`${name}-${suffix.hex}`;
}

interface InstanceParts {
  readonly key: GcpKey;
  readonly id: pulumi.Output<string>;
}

function createInstance(
  name: string,
  { key: cacheKey, settings, stack, ground, network }: GcpCacheArgs,
  { key, id }: InstanceParts,
  opts: pulumi.CustomResourceOptions,
): Instance {
  const { shards, replicas, memory } = settings;
  return new Instance(
    name,
    {
      project: ground.project("memorystore", "networkconnectivity"),
      instanceId: id,
      location: stack.region,
      engineVersion: engineVersions[settings.version],
      engineConfigs: { "maxmemory-policy": settings.evictionPolicy },
      mode: modeOf(settings),
      nodeType: stack.gcp.machineTypes[`caches.${cacheKey}`] ?? cacheType(memory, shards),
      shardCount: shards,
      replicaCount: replicas,
      zoneDistributionConfig: { mode: "MULTI_ZONE" },
      desiredAutoCreatedEndpoints: [{ network: network.id, projectId: ground.id }],
      authorizationMode: "AUTH_DISABLED",
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      kmsKey: key.id,
      persistenceConfig: persistenceOf(stack),
      ...backupsOf(settings),
      maintenancePolicy: { weeklyMaintenanceWindows: [maintenanceOf(settings)] },
      deletionProtectionEnabled: stack.deletionProtection,
      labels: tagsFor(stack, name),
    },
    {
      ...opts,
      protect: stack.deletionProtection,
      // The network's service connection policy, which no argument names: Memorystore refuses without it, and it cannot
      // go before the last address that it let in. A network of somebody else's has its own.
      dependsOn: pulumi.Resource.isInstance(network) ? [network] : [],
      customTimeouts: TIMEOUTS,
    },
  );
}

/** Where losing every node of a shard at once would cost, at most the last second is lost; elsewhere the cache is empty. */
const persistenceOf = (stack: Settings): inputs.InstancePersistenceConfig =>
  keepsCopies(stack) ? { mode: "AOF", aofConfig: { appendFsync: "EVERY_SEC" } } : { mode: "DISABLED" };

const backupsOf = ({ snapshots }: Managed): { automatedBackupConfig?: inputs.InstanceAutomatedBackupConfig } =>
  snapshots.retentionDays === 0
    ? {}
    : {
        automatedBackupConfig: {
          retention: `${snapshots.retentionDays * SECONDS_A_DAY}s`,
          fixedFrequencySchedule: { startTime: { hours: dailyHour(snapshots.window) } },
        },
      };

function maintenanceOf({ maintenanceWindow }: Managed): inputs.InstanceMaintenancePolicyWeeklyMaintenanceWindow {
  const { day, hour } = weeklyHour(maintenanceWindow);
  return { day, startTime: { hours: hour } };
}
