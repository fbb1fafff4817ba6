import assert from "node:assert/strict";
import { plannedOnAzure } from "../../../providers/azure/planned.js";
import type { Facts } from "../../../providers/contract.js";

type Inputs = Readonly<Record<string, unknown>>;

const factsOf = (type: string, inputs: Inputs): Facts | undefined => plannedOnAzure.facts[type]?.(inputs);
const textOf = (type: string, inputs: Inputs): string | undefined => plannedOnAzure.describe[type]?.(inputs);

const SERVER = "azure-native:dbforpostgresql:Server";
const server: Inputs = {
  version: "17",
  sku: { name: "Standard_E8ds_v5" },
  storage: { storageSizeGB: 512, type: "Premium_LRS", autoGrow: "Enabled" },
  backup: { backupRetentionDays: 30, geoRedundantBackup: "Enabled" },
  highAvailability: { mode: "ZoneRedundant" },
  network: { delegatedSubnetResourceId: "subnet" },
};
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const cluster: Inputs = {
  kubernetesVersion: "1.36",
  networkProfile: { outboundType: "loadBalancer" },
  agentPoolProfiles: [{ minCount: 2, maxCount: 3, vmSize: "Standard_D2ps_v6", nodeLabels: { role: "system" } }],
};

describe("providers/azure/planned", () => {
  it("tells of a database by the rows that every cloud has", () => {
    assert.deepEqual(factsOf(SERVER, server), {
      service: "Azure PostgreSQL 17",
      size: "Standard_E8ds_v5",
      access: "private",
      encryption: "provider's key",
      storage: "512 GiB SSD, grows",
      copies: "standby in a second zone",
      backup: "30 d, point in time, second region",
    });
    assert.equal(
      textOf(SERVER, server),
      "Azure PostgreSQL 17, Standard_E8ds_v5, 512 GiB SSD, grows, standby in a second zone, backups 30 d",
    );
  });

  it("names a record as people do", () => {
    assert.equal(
      textOf("azure-native:dns:RecordSet", {
        recordType: "A",
        relativeRecordSetName: "api",
        zoneName: "agents.example.com",
      }),
      "A record api of agents.example.com",
    );
  });

  it("tells a read replica from a database that follows another stack's", () => {
    const copy = { createMode: "Replica", sku: { name: "Standard_D2ds_v5" }, network: server["network"] };
    const replica = { ...copy, storage: server["storage"] };
    assert.deepEqual(factsOf(SERVER, replica), { copies: "read replica Standard_D2ds_v5" });
    assert.equal(textOf(SERVER, replica), "read replica Standard_D2ds_v5");
    assert.deepEqual(factsOf(SERVER, copy), {
      service: "Azure PostgreSQL, follows another",
      size: "Standard_D2ds_v5",
      access: "private",
      encryption: "provider's key",
    });
    assert.equal(textOf(SERVER, copy), "Azure PostgreSQL, follows another, Standard_D2ds_v5");
  });

  it("says who reaches the cluster, and how its nodes go out", () => {
    assert.deepEqual(factsOf(CLUSTER, cluster), {
      service: "AKS 1.36",
      access: "public",
      encryption: "provider's key",
      "way out": "load balancer",
      "nodes system": "2-3 Standard_D2ps_v6",
    });
    const access = (apiServerAccessProfile: Inputs) => factsOf(CLUSTER, { ...cluster, apiServerAccessProfile })?.access;
    assert.equal(access({ authorizedIPRanges: ["203.0.113.0/24"] }), "public for 203.0.113.0/24");
    assert.equal(access({ enablePrivateCluster: true }), "private");
    assert.equal(textOf(CLUSTER, cluster), "AKS 1.36, public endpoint; 2-3 nodes Standard_D2ps_v6");
  });

  it("tells of a cache, and of a cache on disk", () => {
    const cache = { sku: { name: "Balanced_B5" }, highAvailability: "Enabled", publicNetworkAccess: "Disabled" };
    assert.deepEqual(factsOf("azure-native:redisenterprise:RedisEnterprise", cache), {
      service: "Azure Managed Redis",
      size: "Balanced_B5",
      copies: "2 nodes",
      access: "private",
      encryption: "provider's key",
    });
    assert.equal(textOf("azure-native:redisenterprise:RedisEnterprise", cache), "Azure Managed Redis, 2 x Balanced_B5");
    const database = { clientProtocol: "Encrypted", persistence: { rdbEnabled: true, rdbFrequency: "1h" } };
    assert.deepEqual(factsOf("azure-native:redisenterprise:Database", database), {
      transit: "TLS required",
      backup: "on disk, every 1h",
    });
  });

  it("claims nothing that the inputs do not say", () => {
    assert.deepEqual(factsOf("azure-native:redisenterprise:Database", { clientProtocol: "Plaintext" }), {});
    assert.deepEqual(factsOf("azure-native:storage:BlobServiceProperties", { isVersioningEnabled: false }), {});
    assert.deepEqual(
      factsOf("azure-native:dbforpostgresql:Configuration", {
        configurationName: "require_secure_transport",
        value: "off",
      }),
      {},
    );
    assert.equal(
      factsOf("azure-native:storage:StorageAccount", { sku: { name: "Standard_ZRS" } })?.access,
      "public, by roles",
    );
  });
});
