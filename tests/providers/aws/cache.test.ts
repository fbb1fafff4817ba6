import assert from "node:assert/strict";
import type { CacheSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { AwsCache } from "../../../providers/aws/cache.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:aws:Cache";
const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const NAME = "agents-cache-main";

const cacheOf = (said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => {
      const settings = stack.caches["main"] as InMode<CacheSettings, "managed">;
      const args = { key: "main", settings, network: dataNetwork(), secrets: dataStore(stack, opts), stack };
      return new AwsCache(NAME, args, opts);
    },
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  ["agent-platform:aws:Key", `${NAME}-key`],
  ["aws:ec2/securityGroup:SecurityGroup", NAME],
  ["aws:elasticache/parameterGroup:ParameterGroup", NAME],
  [GROUP, NAME],
  ["aws:elasticache/subnetGroup:SubnetGroup", NAME],
  ["aws:elasticache/user:User", `${NAME}-app`],
  ["aws:elasticache/userGroup:UserGroup", NAME],
  ["aws:kms/alias:Alias", `${NAME}-key`],
  ["aws:kms/key:Key", `${NAME}-key`],
  ["aws:secretsmanager/secret:Secret", `${NAME}-app`],
  ["aws:secretsmanager/secretVersion:SecretVersion", `${NAME}-app`],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", `${NAME}-from-1`],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", `${NAME}-from-2`],
  ["random:index/randomPassword:RandomPassword", `${NAME}-app`],
];

/** What decides the shape of the group. */
const shapeOf = ({ inputs }: { readonly inputs: Readonly<Record<string, unknown>> }) =>
  Object.fromEntries(
    [
      "numCacheClusters",
      "numNodeGroups",
      "replicasPerNodeGroup",
      "automaticFailoverEnabled",
      "multiAzEnabled",
      "nodeType",
    ].map((key) => [key, inputs[key]]),
  );

describe("providers/aws/cache", () => {
  it("makes one node with what it stands on", async () => {
    assert.deepEqual(inventory((await cacheOf()).resources), sorted(made));
  });

  it("makes a development cache of these inputs", async () => {
    const { inputs, protect } = only((await cacheOf()).resources, GROUP);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      applyImmediately: true,
      atRestEncryptionEnabled: true,
      autoMinorVersionUpgrade: true,
      automaticFailoverEnabled: false,
      clusterMode: "disabled",
      description: "Cache main of agents-development",
      engine: "valkey",
      engineVersion: "8.2",
      kmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      maintenanceWindow: "sun:05:30-sun:06:30",
      multiAzEnabled: false,
      nodeType: "cache.t4g.small",
      numCacheClusters: 1,
      parameterGroupName: `${NAME}-1a2b3c4`,
      port: 6379,
      securityGroupIds: [`${NAME}-id`],
      snapshotRetentionLimit: 1,
      snapshotWindow: "02:00-03:00",
      subnetGroupName: `${NAME}-1a2b3c4`,
      tags: tagsOf(NAME),
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      userGroupIds: [NAME],
    });
  });

  it("encrypts the cache with a key of its own", async () => {
    const { resources } = await cacheOf();
    const { atRestEncryptionEnabled, kmsKeyId } = only(resources, GROUP).inputs;
    assert.deepEqual(
      [atRestEncryptionEnabled, kmsKeyId],
      [true, `arn:aws:kms:eu-west-1:123456789012:key/${only(resources, "aws:kms/key:Key").name}`],
    );
  });

  it("requires TLS of every client of the cache", async () => {
    const { resources, result } = await cacheOf();
    const { transitEncryptionEnabled, transitEncryptionMode } = only(resources, GROUP).inputs;
    assert.deepEqual([transitEncryptionEnabled, transitEncryptionMode, result.tls], [true, "required", "system"]);
  });

  it("lets in one user, with a password", async () => {
    const { resources } = await cacheOf();
    const user = only(resources, "aws:elasticache/user:User");
    assert.deepEqual(user.inputs, {
      userId: `${NAME}-app`,
      userName: "app",
      engine: "valkey",
      accessString: "on ~* &* +@all -@dangerous +info",
      authenticationMode: { type: "password", passwords: [`password of ${NAME}-app`] },
      tags: tagsOf(`${NAME}-app`),
    });
    assert.deepEqual(only(resources, "aws:elasticache/userGroup:UserGroup").inputs, {
      userGroupId: NAME,
      engine: "valkey",
      userIds: [`${NAME}-app`],
      tags: tagsOf(NAME),
    });
  });

  it("keeps the cache's password secret and in the store", async () => {
    const { resources, result } = await cacheOf();
    const password = only(resources, "random:index/randomPassword:RandomPassword");
    const version = only(resources, "aws:secretsmanager/secretVersion:SecretVersion");
    assert.deepEqual(password.inputs, { length: 32, special: false });
    assert.deepEqual(JSON.parse(String(version.inputs["secretString"])), {
      username: "app",
      password: `password of ${NAME}-app`,
    });
    assert.deepEqual(version.secretInputs, ["secretString"]);
    assert.deepEqual(only(resources, "aws:elasticache/user:User").secretInputs, ["authenticationMode.passwords[0]"]);
    assert.deepEqual(
      [await valueOf(result.auth.store), await valueOf(result.auth.key)],
      ["eu-west-1", `${NAME}-app-1a2b3c4`],
    );
  });

  it("puts the cache into the data subnets", async () => {
    const { inputs } = only((await cacheOf()).resources, "aws:elasticache/subnetGroup:SubnetGroup");
    assert.deepEqual(inputs["subnetIds"], ["subnet-d1", "subnet-d2"]);
  });

  it("lets only nodes and pods reach the cache", async () => {
    const { resources } = await cacheOf();
    const group = only(resources, "aws:ec2/securityGroup:SecurityGroup");
    assert.deepEqual(group.inputs, { description: `Valkey ${NAME}`, vpcId: "vpc-1", tags: tagsOf(NAME) });
    assert.deepEqual(
      all(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(({ inputs }) => inputs),
      ["10.0.0.0/18", "10.0.64.0/18"].map((cidrIpv4, index) => ({
        securityGroupId: `${NAME}-id`,
        description: "Valkey from nodes and pods",
        ipProtocol: "tcp",
        fromPort: 6379,
        toPort: 6379,
        cidrIpv4,
        tags: tagsOf(`${NAME}-from-${index + 1}`),
      })),
    );
  });

  it("sets what goes when memory is full", async () => {
    const said = { ...awsStack, cache: { evictionPolicy: "noeviction" } };
    const { inputs } = only((await cacheOf(said)).resources, "aws:elasticache/parameterGroup:ParameterGroup");
    assert.deepEqual(inputs, {
      description: `Cache ${NAME}`,
      family: "valkey8",
      parameters: [{ name: "maxmemory-policy", value: "noeviction" }],
      tags: tagsOf(NAME),
    });
  });

  it("fails over to a replica in another zone", async () => {
    assert.deepEqual(
      shapeOf(only((await cacheOf({ ...awsStack, cache: { replicas: 2, memory: 6 } })).resources, GROUP)),
      {
        numCacheClusters: 3,
        numNodeGroups: undefined,
        replicasPerNodeGroup: undefined,
        automaticFailoverEnabled: true,
        multiAzEnabled: true,
        nodeType: "cache.m7g.large",
      },
    );
  });

  it("makes a cluster of several shards", async () => {
    const { resources, result } = await cacheOf({ ...awsStack, cache: { shards: 3, replicas: 1, memory: 13 } });
    // Between one shard and several there is no way in place, and AWS says so only in mid-`up`.
    assert.equal(only(resources, GROUP).inputs["clusterMode"], "enabled");
    assert.deepEqual(only(resources, GROUP).replaceOnChanges, ["clusterMode"]);
    assert.deepEqual(shapeOf(only(resources, GROUP)), {
      numCacheClusters: undefined,
      numNodeGroups: 3,
      replicasPerNodeGroup: 1,
      automaticFailoverEnabled: true,
      multiAzEnabled: true,
      nodeType: "cache.r7g.large",
    });
    assert.deepEqual(only(resources, "aws:elasticache/parameterGroup:ParameterGroup").inputs["parameters"], [
      { name: "maxmemory-policy", value: "allkeys-lru" },
      { name: "cluster-enabled", value: "yes" },
    ]);
    assert.equal(result.clusterMode, true);
    assert.equal(await valueOf(result.host), `clustercfg.${NAME}.abc.euw1.cache.amazonaws.com`);
  });

  it("turns failover on for shards without replicas, as a cluster must", async () => {
    assert.deepEqual(
      shapeOf(only((await cacheOf({ ...awsStack, cache: { shards: 2, replicas: 0 } })).resources, GROUP)),
      {
        numCacheClusters: undefined,
        numNodeGroups: 2,
        replicasPerNodeGroup: 0,
        automaticFailoverEnabled: true,
        multiAzEnabled: false,
        nodeType: "cache.t4g.small",
      },
    );
  });

  it("makes a production cache that is kept when the stack goes", async () => {
    const { resources } = await cacheOf(awsProduction);
    const suffix = ["random:index/randomId:RandomId", `${NAME}-final`] as const;
    assert.deepEqual(inventory(resources), sorted([...made, suffix]));
    const { inputs, protect } = only(resources, GROUP);
    assert.deepEqual(
      [protect, inputs["finalSnapshotIdentifier"], inputs["applyImmediately"], inputs["snapshotRetentionLimit"]],
      [true, `${NAME}-final-0a1b2c3d`, false, 7],
    );
  });

  it("lets go of a production cache when the one lock is lifted, and keeps a copy with its key", async () => {
    const { resources } = await cacheOf({ ...awsProduction, deletionProtection: false });
    const { inputs, protect } = only(resources, GROUP);
    assert.deepEqual([protect, inputs["finalSnapshotIdentifier"]], [false, `${NAME}-final-0a1b2c3d`]);
    assert.equal(only(resources, "aws:kms/key:Key").retainOnDelete, true);
  });

  it("takes the node type that the stack names", async () => {
    const said = { ...awsStack, aws: { machineTypes: { "caches.main": "cache.m8g.large" } } };
    assert.equal(only((await cacheOf(said)).resources, GROUP).inputs["nodeType"], "cache.m8g.large");
  });

  it("says where it is", async () => {
    const { result } = await cacheOf();
    assert.deepEqual(
      {
        host: await valueOf(result.host),
        port: await valueOf(result.port),
        clusterMode: result.clusterMode,
        cidrs: await valueOf(result.cidrs),
      },
      {
        host: `master.${NAME}.abc.euw1.cache.amazonaws.com`,
        port: 6379,
        clusterMode: false,
        cidrs: ["10.0.200.0/22", "10.0.204.0/22"],
      },
    );
  });

  it("makes the largest cache that settings allow", async () => {
    const said = { ...awsStack, cache: { memory: 400 } };
    assert.equal(only((await cacheOf(said)).resources, GROUP).inputs["nodeType"], "cache.r7g.16xlarge");
  });

  it("shows every resource in a preview", async () => {
    const known = await cacheOf(awsProduction);
    const unknown = await cacheOf(awsProduction, { preview: true });
    assert.deepEqual(inventory(unknown.resources), inventory(known.resources));
  });
});
