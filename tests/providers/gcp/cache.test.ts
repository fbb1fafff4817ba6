import assert from "node:assert/strict";
import type { CacheSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import type { Network } from "../../../providers/contract.js";
import { GcpCache } from "../../../providers/gcp/cache.js";
import type { GcpGround } from "../../../providers/gcp/ground.js";
import { GcpNetwork } from "../../../providers/gcp/network.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import type { Given } from "../../support/part.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployGcpPart, keyRows } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:gcp:Cache";
const INSTANCE = "gcp:memorystore/instance:Instance";
const POLICY = "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy";
const NAME = "agents-cache-main";

type NetworkOf = (given: Given<GcpGround>) => Network;

const cacheOf = (said: Tree = gcpStack, stubs: Stubs = {}, networkOf: NetworkOf = dataNetwork) =>
  deployGcpPart(
    COMPONENT,
    said,
    (given) => {
      const { stack, ground, opts } = given;
      const settings = stack.caches["main"] as InMode<CacheSettings, "managed">;
      const secrets = dataStore(stack, ground, opts);
      return new GcpCache(NAME, { key: "main", settings, network: networkOf(given), secrets, stack, ground }, opts);
    },
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  ...keyRows(`${NAME}-key`),
  [INSTANCE, NAME],
  ["random:index/randomId:RandomId", `${NAME}-id`],
];

describe("providers/gcp/cache", () => {
  it("makes one instance with its key", async () => {
    assert.deepEqual(inventory((await cacheOf()).resources), sorted(made));
  });

  it("makes a development cache of these inputs", async () => {
    const { inputs, protect } = only((await cacheOf()).resources, INSTANCE);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      authorizationMode: "AUTH_DISABLED",
      automatedBackupConfig: { retention: "86400s", fixedFrequencySchedule: { startTime: { hours: 2 } } },
      deletionProtectionEnabled: false,
      desiredAutoCreatedEndpoints: [
        { network: "projects/acme-agents/global/networks/agents", projectId: "acme-agents" },
      ],
      engineConfigs: { "maxmemory-policy": "allkeys-lru" },
      engineVersion: "VALKEY_8_0",
      instanceId: `${NAME}-0a1b2c`,
      kmsKey: `${NAME}-key-id`,
      labels: labelsOf(NAME),
      location: "europe-west1",
      maintenancePolicy: { weeklyMaintenanceWindows: [{ day: "SUNDAY", startTime: { hours: 5 } }] },
      mode: "CLUSTER_DISABLED",
      nodeType: "CUSTOM_PICO",
      persistenceConfig: { mode: "DISABLED" },
      project: "acme-agents",
      replicaCount: 0,
      shardCount: 1,
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      zoneDistributionConfig: { mode: "MULTI_ZONE" },
    });
  });

  it("takes connections with TLS only, and hands its CA on", async () => {
    const { resources, result } = await cacheOf();
    assert.equal(only(resources, INSTANCE).inputs["transitEncryptionMode"], "SERVER_AUTHENTICATION");
    assert(typeof result.tls === "object");
    assert.equal(
      await valueOf(result.tls.ca),
      "-----BEGIN CERTIFICATE-----\nCA of the cache\n-----END CERTIFICATE-----\n",
    );
  });

  it("encrypts the cache with a key of its own that only Memorystore uses", async () => {
    const { resources } = await cacheOf();
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    const instance = only(resources, INSTANCE);
    assert.equal(instance.inputs["kmsKey"], `${NAME}-key-id`);
    assert.equal(grant.inputs["member"], "serviceAccount:agent of memorystore.googleapis.com");
    assert(instance.propertyDependencies["kmsKey"]?.includes(grant.urn));
  });

  it("has no password, because Memorystore keeps none", async () => {
    const { resources, result } = await cacheOf();
    assert.equal(result.auth, "none");
    assert.equal(only(resources, INSTANCE).inputs["authorizationMode"], "AUTH_DISABLED");
  });

  it("waits for the policy that lets its address into the network", async () => {
    const network: NetworkOf = ({ stack, ground, opts }) =>
      new GcpNetwork("agents", { settings: stack.network, stack, ground }, opts);
    const { everything, resources } = await cacheOf(gcpStack, {}, network);
    assert(only(resources, INSTANCE).dependsOn.includes(only(everything, POLICY).urn));
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
      { host: "10.0.200.5", port: 6379, clusterMode: false, cidrs: ["10.0.200.0/22"] },
    );
  });

  it("makes a cluster of several shards, whose clients begin at its discovery address", async () => {
    const { resources, result } = await cacheOf({ ...gcpStack, cache: { shards: 3, replicas: 1, memory: 13 } });
    const { mode, nodeType, shardCount, replicaCount } = only(resources, INSTANCE).inputs;
    assert.deepEqual([mode, nodeType, shardCount, replicaCount], ["CLUSTER", "HIGHMEM_MEDIUM", 3, 1]);
    assert.deepEqual([result.clusterMode, await valueOf(result.host)], [true, "10.0.200.5"]);
  });

  it("gives the instance another name where it must be made anew", async () => {
    const keepers = async (shards: number) =>
      only((await cacheOf({ ...gcpStack, cache: { shards } })).resources, "random:index/randomId:RandomId").inputs;
    assert.deepEqual(await keepers(1), {
      byteLength: 3,
      keepers: { mode: "CLUSTER_DISABLED", region: "europe-west1" },
    });
    assert.deepEqual(await keepers(2), { byteLength: 3, keepers: { mode: "CLUSTER", region: "europe-west1" } });
  });

  it("makes a production cache that survives a zone and cannot be deleted", async () => {
    const { resources } = await cacheOf(gcpProduction);
    const { inputs, protect, customTimeouts } = only(resources, INSTANCE);
    assert.deepEqual([protect, inputs["deletionProtectionEnabled"]], [true, true]);
    assert.deepEqual(customTimeouts, { create: "90m", update: "120m", delete: "60m" });
    assert.deepEqual(
      [inputs["replicaCount"], inputs["zoneDistributionConfig"], inputs["persistenceConfig"]],
      [2, { mode: "MULTI_ZONE" }, { mode: "AOF", aofConfig: { appendFsync: "EVERY_SEC" } }],
    );
    assert.deepEqual(inputs["automatedBackupConfig"], {
      retention: "604800s",
      fixedFrequencySchedule: { startTime: { hours: 2 } },
    });
  });

  it("lets go of a production cache when the one lock is lifted, and keeps the key of its backups", async () => {
    const { resources } = await cacheOf({ ...gcpProduction, deletionProtection: false });
    const { inputs, protect } = only(resources, INSTANCE);
    assert.deepEqual([protect, inputs["deletionProtectionEnabled"]], [false, false]);
    assert.equal(only(resources, "gcp:kms/cryptoKey:CryptoKey").retainOnDelete, true);
  });

  it("makes no backups where none are to be kept", async () => {
    const { resources } = await cacheOf({ ...gcpStack, cache: { snapshots: { retentionDays: 0 } } });
    assert.equal(only(resources, INSTANCE).inputs["automatedBackupConfig"], undefined);
  });

  it("takes the node that the stack names", async () => {
    const said = { ...gcpStack, gcp: { ...gcpStack.gcp, machineTypes: { "caches.main": "HIGHMEM_XLARGE" } } };
    assert.equal(only((await cacheOf(said)).resources, INSTANCE).inputs["nodeType"], "HIGHMEM_XLARGE");
  });

  it("fails where it got no address, rather than say an empty one", async () => {
    const outputs = { [INSTANCE]: () => ({ endpoints: [], managedServerCas: [] }) };
    await assert.rejects(
      cacheOf(gcpStack, { outputs }),
      /gcp: the cache agents-cache-main has no address in the network$/,
    );
  });

  it("shows every resource in a preview", async () => {
    const known = await cacheOf(gcpProduction);
    const unknown = await cacheOf(gcpProduction, { preview: true });
    assert.deepEqual(inventory(unknown.resources), inventory(known.resources));
  });
});
