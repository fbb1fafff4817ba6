import assert from "node:assert/strict";
import type { CacheSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { AzureCache } from "../../../providers/azure/cache.js";
import { inventory, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureProduction, azureStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Cache";
const CLUSTER = "azure-native:redisenterprise:RedisEnterprise";
const DATABASE = "azure-native:redisenterprise:Database";
const ENDPOINT = "azure-native:network:PrivateEndpoint";
const ENTRY = "azure-native:keyvault:Secret";
const LOCK = "azure-native:authorization:ManagementLockByScope";
const NAME = "agents-kv-main";

const cacheOf = (said: Tree = azureStack, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.caches["main"] as InMode<CacheSettings, "managed">;
      const secrets = dataStore(stack, ground, opts);
      return new AzureCache(NAME, { key: "main", settings, network: dataNetwork(), secrets, stack, ground }, opts);
    },
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  [CLUSTER, NAME],
  [DATABASE, NAME],
  [ENDPOINT, NAME],
  ["azure-native:network:PrivateDnsZoneGroup", NAME],
  [ENTRY, `${NAME}-default`],
  ["random:index/randomId:RandomId", `${NAME}-default`],
];
const lock: Rows = [[LOCK, `${NAME}-lock`]];

describe("providers/azure/cache", () => {
  it("makes a cache and the door to it", async () => {
    assert.deepEqual(inventory((await cacheOf()).resources), sorted(made));
  });

  it("makes a development cache of these inputs", async () => {
    const { resources } = await cacheOf();
    const { inputs, protect } = only(resources, CLUSTER);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      highAvailability: "Disabled",
      location: "northeurope",
      minimumTlsVersion: "1.2",
      publicNetworkAccess: "Disabled",
      resourceGroupName: GROUP,
      sku: { name: "Balanced_B1" },
      tags: tagsOf(NAME),
    });
    assert.deepEqual(only(resources, DATABASE).inputs, {
      accessKeysAuthentication: "Enabled",
      clientProtocol: "Encrypted",
      clusterName: `${NAME}1a2b3c4d`,
      clusteringPolicy: "NoCluster",
      databaseName: "default",
      evictionPolicy: "AllKeysLRU",
      persistence: { aofEnabled: false, rdbEnabled: false },
      port: 10000,
      resourceGroupName: GROUP,
    });
  });

  it("makes a production cache with a second node, on disk, and locked", async () => {
    const { resources } = await cacheOf({ ...azureProduction, size: "medium" });
    assert.deepEqual(inventory(resources), sorted([...made, ...lock]));
    const cluster = only(resources, CLUSTER);
    const database = only(resources, DATABASE);
    assert.deepEqual(
      [cluster.protect, cluster.inputs["highAvailability"], cluster.inputs["sku"]],
      [true, "Enabled", { name: "Balanced_B5" }],
    );
    assert.deepEqual(
      [database.protect, database.deletedWith, database.inputs["persistence"]],
      [true, cluster.urn, { aofEnabled: false, rdbEnabled: true, rdbFrequency: "1h" }],
    );
    assert.deepEqual(only(resources, LOCK).inputs, {
      level: "CanNotDelete",
      notes: "Cache main of agents-production: lifted by agent-platform:deletionProtection false",
      scope: `${NAME}-id`,
    });
  });

  it("is one server as long as Azure lets it, and never makes clients follow", async () => {
    const policyOf = async (memory: number, type?: string) => {
      const azure = { ...azureStack.azure, machineTypes: type === undefined ? {} : { "caches.main": type } };
      const { resources, result } = await cacheOf({ ...azureStack, azure, cache: { memory } });
      assert.equal(result.clusterMode, false);
      return [
        (only(resources, CLUSTER).inputs["sku"] as { name: string }).name,
        only(resources, DATABASE).inputs["clusteringPolicy"],
      ];
    };
    assert.deepEqual(await policyOf(24), ["MemoryOptimized_M20", "NoCluster"]);
    assert.deepEqual(await policyOf(25), ["MemoryOptimized_M50", "EnterpriseCluster"]);
    assert.deepEqual(await policyOf(1, "ComputeOptimized_X50"), ["ComputeOptimized_X50", "EnterpriseCluster"]);
  });

  it("drops keys as the stack says", async () => {
    const policies = ["allkeys-lfu", "volatile-lru", "volatile-ttl", "noeviction"] as const;
    const made = await Promise.all(
      policies.map(async (evictionPolicy) => {
        const { resources } = await cacheOf({ ...azureStack, cache: { evictionPolicy } });
        return only(resources, DATABASE).inputs["evictionPolicy"];
      }),
    );
    assert.deepEqual(made, ["AllKeysLFU", "VolatileLRU", "VolatileTTL", "NoEviction"]);
  });

  it("is reached by its private endpoint alone", async () => {
    const { resources } = await cacheOf();
    assert.equal(only(resources, CLUSTER).inputs["publicNetworkAccess"], "Disabled");
    const { subnet, privateLinkServiceConnections } = only(resources, ENDPOINT).inputs;
    assert.equal((subnet as { id: string }).id, "subnet-nodes");
    assert.deepEqual(privateLinkServiceConnections, [
      { groupIds: ["redisEnterprise"], name: NAME, privateLinkServiceId: `${NAME}-id` },
    ]);
  });

  it("keeps the key that Azure made secret, and in the store", async () => {
    const { resources, result, calls } = await cacheOf();
    const { inputs, secretInputs } = only(resources, ENTRY);
    const { value } = inputs["properties"] as { value: string };
    assert.deepEqual(JSON.parse(value), { username: "default", password: `key of ${NAME}1a2b3c4d` });
    assert.deepEqual(secretInputs, ["properties.value"]);
    assert.deepEqual(
      calls.filter(({ token }) => token.endsWith("listDatabaseKeys")).map(({ inputs: asked }) => asked),
      [{ clusterName: `${NAME}1a2b3c4d`, databaseName: "default", resourceGroupName: GROUP }],
    );
    assert.deepEqual(
      [await valueOf(result.auth.key), await isSecret(result.auth.key)],
      [`${NAME}-default-0a1b2c3d`, false],
    );
  });

  it("says where it is", async () => {
    const { result } = await cacheOf();
    assert.deepEqual(
      [await valueOf(result.host), await valueOf(result.port), result.tls, await valueOf(result.cidrs)],
      [`${NAME}1a2b3c4d.northeurope.redis.azure.net`, 10000, "system", ["10.0.0.0/18", "10.0.200.0/22"]],
    );
  });

  it("shows every resource in a preview", async () => {
    const { resources, calls } = await cacheOf({ ...azureProduction, size: "medium" }, { preview: true });
    assert.deepEqual(inventory(resources), sorted([...made, ...lock]));
    assert.deepEqual(
      calls.filter(({ token }) => token.endsWith("listDatabaseKeys")),
      [],
    );
  });
});
