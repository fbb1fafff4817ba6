import assert from "node:assert/strict";
import { plannedOnGcp } from "../../../providers/gcp/planned.js";

type Inputs = Readonly<Record<string, unknown>>;

const CLUSTER = "gcp:container/cluster:Cluster";
const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";
const CACHE = "gcp:memorystore/instance:Instance";
const BUCKET = "gcp:storage/bucket:Bucket";
const ZONE = "gcp:dns/managedZone:ManagedZone";

const facts = (type: string, inputs: Inputs) => plannedOnGcp.facts[type]?.(inputs);
const describes = (type: string, inputs: Inputs) => plannedOnGcp.describe[type]?.(inputs);

const cluster = (address: boolean, named: boolean, more: Inputs = {}): Inputs => ({
  minMasterVersion: "1.36",
  controlPlaneEndpointsConfig: {
    dnsEndpointConfig: { allowExternalTraffic: named },
    ipEndpointsConfig: { enabled: address },
  },
  ...more,
});

const database = (more: Inputs = {}, settings: Inputs = {}): Inputs => ({
  databaseVersion: "POSTGRES_17",
  instanceType: "CLOUD_SQL_INSTANCE",
  encryptionKeyName: "key",
  settings: {
    tier: "db-custom-2-4096",
    availabilityType: "ZONAL",
    diskType: "PD_SSD",
    diskSize: 20,
    diskAutoresizeLimit: 100,
    backupConfiguration: {
      backupRetentionSettings: { retainedBackups: 7 },
      transactionLogRetentionDays: 7,
    },
    ipConfiguration: { ipv4Enabled: false, sslMode: "ENCRYPTED_ONLY" },
    ...settings,
  },
  ...more,
});

describe("providers/gcp/planned", () => {
  it("says who reaches the API server", () => {
    const access = (inputs: Inputs) => facts(CLUSTER, inputs)?.access;
    const ranges = { masterAuthorizedNetworksConfig: { cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }] } };
    assert.equal(access(cluster(false, true)), "by name, IAM only");
    assert.equal(access(cluster(true, false, ranges)), "public for 203.0.113.0/24");
    assert.equal(access(cluster(true, true, ranges)), "public for 203.0.113.0/24, by name, IAM only");
    assert.equal(access(cluster(true, false, { privateClusterConfig: { enablePrivateEndpoint: true } })), "private");
  });

  it("says what a database is, and for how long its seconds are kept", () => {
    assert.deepEqual(facts(INSTANCE, database()), {
      service: "Cloud SQL PostgreSQL 17",
      size: "db-custom-2-4096",
      storage: "20-100 GiB SSD",
      access: "private",
      transit: "TLS required",
      backup: "7 d, point in time",
    });
    const careful = database(
      {},
      {
        availabilityType: "REGIONAL",
        diskType: "HYPERDISK_BALANCED",
        diskAutoresizeLimit: undefined,
        backupConfiguration: {
          backupRetentionSettings: { retainedBackups: 30 },
          transactionLogRetentionDays: 7,
        },
      },
    );
    assert.equal(
      describes(INSTANCE, careful),
      "Cloud SQL PostgreSQL 17, db-custom-2-4096, 20 GiB Hyperdisk, standby in a second zone, backups 30 d, point in time 7 d",
    );
  });

  it("tells a read replica from the copy that a standby keeps", () => {
    const replica = { instanceType: "READ_REPLICA_INSTANCE" };
    assert.deepEqual(facts(INSTANCE, database({ ...replica, encryptionKeyName: undefined })), {
      copies: "read replica db-custom-2-4096",
    });
    assert.deepEqual(facts(INSTANCE, database(replica)), {
      service: "Cloud SQL PostgreSQL, follows another",
      size: "db-custom-2-4096",
      access: "private",
      transit: "TLS required",
    });
  });

  it("says what a cache is", () => {
    const cache = {
      engineVersion: "VALKEY_8_0",
      nodeType: "HIGHMEM_MEDIUM",
      shardCount: 3,
      replicaCount: 2,
      transitEncryptionMode: "SERVER_AUTHENTICATION",
      automatedBackupConfig: { retention: "604800s" },
    };
    assert.deepEqual(facts(CACHE, cache), {
      service: "Memorystore Valkey 8.0",
      size: "HIGHMEM_MEDIUM",
      copies: "3 shards x 3",
      access: "private",
      transit: "TLS required",
      backup: "7 d",
    });
    assert.equal(
      describes(CACHE, { ...cache, shardCount: 1, replicaCount: 0 }),
      "Memorystore Valkey 8.0, 1 x HIGHMEM_MEDIUM",
    );
  });

  it("claims nothing that the inputs do not say", () => {
    assert.deepEqual(facts(BUCKET, {}), { service: "Cloud Storage" });
    assert.deepEqual(facts(ZONE, { visibility: "private", dnsName: "x.sql-psc.goog." }), {});
    assert.deepEqual(facts(CACHE, { engineVersion: "VALKEY_8_0", nodeType: "X", shardCount: 1, replicaCount: 0 }), {
      service: "Memorystore Valkey 8.0",
      size: "X",
      copies: "1 shard x 1",
      access: "private",
    });
  });

  it("names a zone as people do", () => {
    assert.equal(
      describes(ZONE, { visibility: "public", dnsName: "agents.example.com." }),
      "Cloud DNS zone agents.example.com",
    );
  });
});
