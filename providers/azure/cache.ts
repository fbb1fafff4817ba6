import { Database } from "@pulumi/azure-native/redisenterprise/database.js";
import { listDatabaseKeysOutput } from "@pulumi/azure-native/redisenterprise/listDatabaseKeys.js";
import { RedisEnterprise } from "@pulumi/azure-native/redisenterprise/redisEnterprise.js";
import * as pulumi from "@pulumi/pulumi";
import { isCareful } from "../../config/names.js";
import type { CacheSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Cache, CacheArgs, SecretRef, Tls } from "../contract.js";
import type { AzureGround } from "./ground.js";
import { createLock } from "./lock.js";
import { createEndpoint } from "./private.js";
import { cacheSku } from "./sizes.js";
import { tagsFor } from "./tags.js";

export interface AzureCacheArgs extends CacheArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

const PORT = 10000;
/** Whom Azure's key lets in; there is no other user. */
const USER = "default";
/** The number in a size's name up to which a cache may be one server: 24 GB. */
const LAST_WHOLE_SIZE = 20;
/** Ten to twenty minutes as a rule; a change of size copies everything. */
const TIMEOUTS = { create: "60m", update: "120m", delete: "60m" };

const evictionPolicies: Readonly<Record<InMode<CacheSettings, "managed">["evictionPolicy"], string>> = {
  "allkeys-lru": "AllKeysLRU",
  "allkeys-lfu": "AllKeysLFU",
  "volatile-lru": "VolatileLRU",
  "volatile-ttl": "VolatileTTL",
  noeviction: "NoEviction",
};

/**
 * Azure Managed Redis, which speaks as Valkey does: reached by a private endpoint only, TLS only, encrypted with Azure's
 * keys. Its password is the key that Azure makes for it, read once it is there and put into the secret store.
 *
 * Clients talk to it as to one server. Up to 24 GB it is one; a larger one parts its keys behind one address, and takes
 * scripts and transactions only on keys of one slot.
 *
 * It keeps no copy of what it held when it is deleted: what guards a protected one is the lock on it.
 *
 * Costs by the hour of the size in `sizes.ts`, twice that with a replica: small is one Balanced_B1, about 30 USD a
 * month, and about 7 USD for the endpoint.
 */
export class AzureCache extends pulumi.ComponentResource implements Cache {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** Its certificates are signed by public roots. */
  public readonly tls: Tls = "system";
  public readonly auth: SecretRef;
  public readonly clusterMode = false;
  public readonly cidrs: pulumi.Output<string[]>;

  constructor(name: string, args: AzureCacheArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Cache", name, {}, opts);
    const { stack, ground, network, secrets } = args;
    const child = { parent: this };

    const cluster = createCluster(name, args, child);
    createLock(name, { stack, scope: cluster.id, what: `Cache ${args.key}` }, child);
    const database = createDatabase(name, args, cluster, child);
    const endpoint = createEndpoint(name, { stack, ground, network, service: "cache", resource: cluster.id }, child);
    const password = keyOf(ground, cluster, database, child);
    this.auth = secrets.put(`${name}-${USER}`, { username: USER, password }, child);

    // Through the endpoint, so that whoever connects finds the name.
    this.host = pulumi.all([cluster.hostName, endpoint.id]).apply(([host]) => host);
    this.port = pulumi.output(PORT);
    this.cidrs = network.dataCidrs;
    this.registerOutputs({ host: this.host, port: this.port, clusterMode: this.clusterMode });
  }
}

const sizeOf = ({ key, settings, stack }: AzureCacheArgs): string =>
  stack.azure.machineTypes[`caches.${key}`] ?? cacheSku(settings.memory);

function createCluster(name: string, args: AzureCacheArgs, opts: pulumi.CustomResourceOptions): RedisEnterprise {
  const { settings, stack, ground } = args;
  return new RedisEnterprise(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      sku: { name: sizeOf(args) },
      // With it the two nodes are in different zones, where the region has some.
      highAvailability: settings.replicas > 0 ? "Enabled" : "Disabled",
      minimumTlsVersion: "1.2",
      publicNetworkAccess: "Disabled",
      tags: tagsFor(stack, name),
    },
    { ...opts, protect: stack.deletionProtection, customTimeouts: TIMEOUTS },
  );
}

function createDatabase(
  name: string,
  args: AzureCacheArgs,
  cluster: RedisEnterprise,
  opts: pulumi.CustomResourceOptions,
): Database {
  const { settings, stack, ground } = args;
  return new Database(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      clusterName: cluster.name,
      // Azure takes no other name, and no second one.
      databaseName: "default",
      port: PORT,
      clientProtocol: "Encrypted",
      // Never `OSSCluster`: clients would have to follow to other ports.
      clusteringPolicy: isWhole(sizeOf(args)) ? "NoCluster" : "EnterpriseCluster",
      evictionPolicy: evictionPolicies[settings.evictionPolicy],
      accessKeysAuthentication: "Enabled",
      persistence: isCareful(stack.environment)
        ? { aofEnabled: false, rdbEnabled: true, rdbFrequency: "1h" }
        : { aofEnabled: false, rdbEnabled: false },
    },
    { ...opts, protect: stack.deletionProtection, deletedWith: cluster, customTimeouts: TIMEOUTS },
  );
}

/** `Balanced_B20`: the number is about the GB, and says more than the memory that was asked for. */
const isWhole = (size: string): boolean => Number(/\d+$/.exec(size)?.[0]) <= LAST_WHOLE_SIZE;

/** A key that somebody renews is read again by the next `up`. */
function keyOf(
  ground: AzureGround,
  cluster: RedisEnterprise,
  database: Database,
  opts: pulumi.InvokeOutputOptions,
): pulumi.Output<string> {
  const keys = listDatabaseKeysOutput(
    { resourceGroupName: ground.resourceGroup, clusterName: cluster.name, databaseName: database.name },
    opts,
  );
  return pulumi.secret(keys.primaryKey);
}
