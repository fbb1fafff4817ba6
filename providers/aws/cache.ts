import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { ParameterGroup } from "@pulumi/aws/elasticache/parameterGroup.js";
import { ReplicationGroup } from "@pulumi/aws/elasticache/replicationGroup.js";
import { SubnetGroup } from "@pulumi/aws/elasticache/subnetGroup.js";
import { User } from "@pulumi/aws/elasticache/user.js";
import { UserGroup } from "@pulumi/aws/elasticache/userGroup.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../../config/settings.js";
import type { Cache, CacheArgs, SecretRef, Tls } from "../contract.js";
import { createDoor, finalSnapshotName, keepsCopies, weeklyWindow } from "./datastore.js";
import { AwsKey } from "./key.js";
import { cacheType } from "./sizes.js";
import { tagsFor } from "./tags.js";

export interface AwsCacheArgs extends CacheArgs {
  readonly stack: Settings;
}

const PORT = 6379;
const USER = "app";
/**
 * Everything on every key, but for what empties, reconfigures or scans the whole server. `info` is among those and
 * is what clients ask to learn whether the server is up.
 */
const ACCESS = "on ~* &* +@all -@dangerous +info";
/** The minor version that each major one of the settings means on ElastiCache. */
const engineVersions = { "8": "8.2" } as const;
/** A group of many shards takes up to an hour to make or to change. */
const TIMEOUTS = { create: "90m", update: "120m", delete: "60m" };

/**
 * Valkey on ElastiCache: private, TLS only, encrypted with a key of its own, one user with a password that is in the
 * secret store. More than one shard makes it a cluster, which clients must know how to talk to; that cannot be changed
 * later without making it anew.
 *
 * A change that needs a restart waits for the maintenance window where the stack is protected.
 *
 * Costs by the hour of the node in `sizes.ts`, times shards, times one and the replicas: small is one cache.t4g.small,
 * about 20 USD a month.
 */
export class AwsCache extends pulumi.ComponentResource implements Cache {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  /** Its certificates are signed by Amazon's public roots. */
  public readonly tls: Tls = "system";
  public readonly auth: SecretRef;
  public readonly clusterMode: boolean;
  public readonly cidrs: pulumi.Output<string[]>;

  constructor(name: string, args: AwsCacheArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Cache", name, {}, opts);
    const { settings, stack, secrets, network } = args;
    const child = { parent: this };
    this.clusterMode = settings.shards > 1;

    const key = new AwsKey(
      `${name}-key`,
      { stack, purpose: `Cache ${args.key} of ${stack.prefix}`, outlives: keepsCopies(stack) },
      child,
    );
    const password = new random.RandomPassword(`${name}-${USER}`, { length: 32, special: false }, child);
    this.auth = secrets.put(`${name}-${USER}`, { username: USER, password: password.result }, child);
    const group = createGroup(
      name,
      args,
      {
        key,
        users: createUsers(name, args, password.result, child),
        subnetGroup: createSubnetGroup(name, args, child),
        securityGroup: createDoor(name, { stack, network, port: PORT, service: "Valkey" }, child),
        parameters: createParameterGroup(name, args, child),
      },
      child,
    );

    this.host = this.clusterMode ? group.configurationEndpointAddress : group.primaryEndpointAddress;
    this.port = pulumi.output(PORT);
    this.cidrs = network.dataCidrs;
    this.registerOutputs({ host: this.host, port: this.port, clusterMode: this.clusterMode });
  }
}

/** ElastiCache's ids of users are the region's, so they carry the cache's name. */
function createUsers(
  name: string,
  { stack }: AwsCacheArgs,
  password: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): UserGroup {
  const user = new User(
    `${name}-${USER}`,
    {
      userId: `${name}-${USER}`,
      userName: USER,
      engine: "valkey",
      accessString: ACCESS,
      authenticationMode: { type: "password", passwords: [password] },
      tags: tagsFor(stack, `${name}-${USER}`),
    },
    opts,
  );
  return new UserGroup(
    name,
    { userGroupId: name, engine: "valkey", userIds: [user.userId], tags: tagsFor(stack, name) },
    opts,
  );
}

function createSubnetGroup(
  name: string,
  { stack, network }: AwsCacheArgs,
  opts: pulumi.CustomResourceOptions,
): SubnetGroup {
  return new SubnetGroup(
    name,
    { description: `Cache ${name}`, subnetIds: network.subnets.data, tags: tagsFor(stack, name) },
    opts,
  );
}

/** Its name is left to Pulumi: another version is another family, so another group. */
function createParameterGroup(
  name: string,
  { settings, stack }: AwsCacheArgs,
  opts: pulumi.CustomResourceOptions,
): ParameterGroup {
  return new ParameterGroup(
    name,
    {
      description: `Cache ${name}`,
      family: `valkey${settings.version}`,
      parameters: [
        { name: "maxmemory-policy", value: settings.evictionPolicy },
        ...(settings.shards > 1 ? [{ name: "cluster-enabled", value: "yes" }] : []),
      ],
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

interface GroupParts {
  readonly key: AwsKey;
  readonly users: UserGroup;
  readonly subnetGroup: SubnetGroup;
  readonly securityGroup: SecurityGroup;
  readonly parameters: ParameterGroup;
}

function createGroup(
  name: string,
  { key: cacheKey, settings, stack }: AwsCacheArgs,
  { key, users, subnetGroup, securityGroup, parameters }: GroupParts,
  opts: pulumi.CustomResourceOptions,
): ReplicationGroup {
  const { shards, replicas, memory, snapshots } = settings;
  const clusterMode = shards > 1;
  const finalSnapshotIdentifier = finalSnapshotName(name, stack, opts);
  return new ReplicationGroup(
    name,
    {
      description: `Cache ${cacheKey} of ${stack.prefix}`,
      engine: "valkey",
      engineVersion: engineVersions[settings.version],
      nodeType: stack.aws.machineTypes[`caches.${cacheKey}`] ?? cacheType(memory),
      clusterMode: clusterMode ? "enabled" : "disabled",
      ...(clusterMode ? { numNodeGroups: shards, replicasPerNodeGroup: replicas } : { numCacheClusters: 1 + replicas }),
      // A cluster must have it, even where a shard has nobody to fail over to.
      automaticFailoverEnabled: clusterMode || replicas > 0,
      multiAzEnabled: replicas > 0,
      port: PORT,
      subnetGroupName: subnetGroup.name,
      securityGroupIds: [securityGroup.id],
      parameterGroupName: parameters.name,
      atRestEncryptionEnabled: true,
      kmsKeyId: key.arn,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      userGroupIds: [users.userGroupId],
      snapshotRetentionLimit: snapshots.retentionDays,
      snapshotWindow: snapshots.window,
      maintenanceWindow: weeklyWindow(settings.maintenanceWindow),
      autoMinorVersionUpgrade: true,
      applyImmediately: !stack.deletionProtection,
      ...(finalSnapshotIdentifier === undefined ? {} : { finalSnapshotIdentifier }),
      tags: tagsFor(stack, name),
    },
    {
      ...opts,
      protect: stack.deletionProtection,
      // One shard never becomes several, nor the other way: AWS refuses it in mid-`up`, where a replacement is in the
      // preview, and stops there where data is protected.
      replaceOnChanges: ["clusterMode"],
      customTimeouts: TIMEOUTS,
    },
  );
}
