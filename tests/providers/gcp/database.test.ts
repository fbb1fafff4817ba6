import assert from "node:assert/strict";
import type { DatabaseSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { GcpDatabase } from "../../../providers/gcp/database.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployGcpPart, keyRows } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";
import { addressOf, assertOwnerOf, followsAnother, standbyOf, withPrimary } from "../every-cloud/database.js";

const COMPONENT = "agent-platform:gcp:Database";
const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";
const DATABASE = "gcp:sql/database:Database";
const USER = "gcp:sql/user:User";
const ADDRESS = "gcp:compute/address:Address";
const RULE = "gcp:compute/forwardingRule:ForwardingRule";
const ZONE = "gcp:dns/managedZone:ManagedZone";
const RECORD = "gcp:dns/recordSet:RecordSet";
const NAME = "agents-db-main";

const databaseOf = (said: Tree = gcpStack, stubs: Stubs = {}, network = dataNetwork) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.databases["main"] as InMode<DatabaseSettings, "managed" | "replica">;
      const secrets = dataStore(stack, ground, opts);
      return new GcpDatabase(NAME, { key: "main", settings, network: network(), secrets, stack, ground }, opts);
    },
    stubs,
  );

const primary = {
  identity: "agents-db-main-9f8e7d6",
  name: "agents",
  version: "17",
  ownerStore: "acme-agents",
  ownerSecret: "agents-production-db-main-owner-9f8e7d6",
  ownerIdentity: "projects/acme-agents/secrets/agents-production-db-main-owner-9f8e7d6",
};
const standby = standbyOf(gcpProduction);

const endpointRows = (name: string): Rows => [
  [ADDRESS, name],
  [RULE, name],
  [ZONE, name],
  [RECORD, name],
];
/** The same in every stack. */
const made: Rows = [[COMPONENT, NAME], ...keyRows(`${NAME}-key`), [INSTANCE, NAME], ...endpointRows(NAME)];
const owned: Rows = [
  [DATABASE, NAME],
  [USER, `${NAME}-owner`],
  ["gcp:secretmanager/secret:Secret", `${NAME}-owner`],
  ["gcp:secretmanager/secretVersion:SecretVersion", `${NAME}-owner`],
  ["random:index/randomPassword:RandomPassword", `${NAME}-owner`],
];

type Settings = Readonly<Record<string, unknown>>;
const settingsIn = ({ inputs }: { readonly inputs: Readonly<Record<string, unknown>> }): Settings =>
  inputs["settings"] as Settings;

const ipConfiguration = {
  ipv4Enabled: false,
  pscConfigs: [{ pscEnabled: true, allowedConsumerProjects: ["acme-agents"] }],
  serverCaMode: "GOOGLE_MANAGED_CAS_CA",
  serverCertificateRotationMode: "AUTOMATIC_ROTATION_DURING_MAINTENANCE",
  sslMode: "ENCRYPTED_ONLY",
};

const flags = [
  { name: "max_connections", value: "400" },
  { name: "pg_stat_statements.track", value: "all" },
  { name: "work_mem", value: "4194" },
  { name: "maintenance_work_mem", value: "262144" },
  { name: "log_min_duration_statement", value: "1000" },
  { name: "log_checkpoints", value: "on" },
  { name: "log_connections", value: "on" },
  { name: "log_disconnections", value: "on" },
  { name: "log_lock_waits", value: "on" },
  { name: "log_temp_files", value: "0" },
];

describe("providers/gcp/database", () => {
  it("makes one server with what it stands on", async () => {
    assert.deepEqual(inventory((await databaseOf()).resources), sorted([...made, ...owned]));
  });

  it("makes a development server of these inputs", async () => {
    const { inputs } = only((await databaseOf()).resources, INSTANCE);
    assert.deepEqual(inputs, {
      databaseVersion: "POSTGRES_17",
      deletionProtection: false,
      encryptionKeyName: `${NAME}-key-id`,
      instanceType: "CLOUD_SQL_INSTANCE",
      project: "acme-agents",
      region: "europe-west1",
      settings: {
        availabilityType: "ZONAL",
        backupConfiguration: {
          enabled: true,
          startTime: "03:00",
          location: "europe-west1",
          backupRetentionSettings: { retainedBackups: 1, retentionUnit: "COUNT" },
          pointInTimeRecoveryEnabled: true,
          transactionLogRetentionDays: 1,
        },
        databaseFlags: flags,
        deletionProtectionEnabled: false,
        diskAutoresize: true,
        diskAutoresizeLimit: 100,
        diskSize: 20,
        diskType: "PD_SSD",
        edition: "ENTERPRISE",
        insightsConfig: { queryInsightsEnabled: true },
        ipConfiguration,
        maintenanceWindow: { day: 7, hour: 4, updateTrack: "canary" },
        retainBackupsOnDelete: false,
        tier: "db-custom-2-4096",
        userLabels: labelsOf(NAME),
      },
    });
  });

  it("encrypts the database with a key of its own that only Cloud SQL uses", async () => {
    const { resources } = await databaseOf();
    const key = only(resources, "gcp:kms/cryptoKey:CryptoKey");
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    assert.equal(only(resources, INSTANCE).inputs["encryptionKeyName"], `${key.name}-id`);
    assert.equal(grant.inputs["member"], "serviceAccount:agent of sqladmin.googleapis.com");
  });

  it("makes the server once Cloud SQL may use its key", async () => {
    const { resources } = await databaseOf();
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    const waits = only(resources, INSTANCE).propertyDependencies["encryptionKeyName"];
    assert(waits?.includes(grant.urn));
  });

  it("gives the database no public address", async () => {
    const { resources } = await databaseOf({ ...gcpStack, database: { replicas: 2 } });
    assert.deepEqual(
      all(resources, INSTANCE).map((one) => settingsIn(one)["ipConfiguration"]),
      [ipConfiguration, ipConfiguration, ipConfiguration],
    );
  });

  it("takes connections with TLS only", async () => {
    const { resources } = await databaseOf();
    const { sslMode } = settingsIn(only(resources, INSTANCE))["ipConfiguration"] as typeof ipConfiguration;
    assert.equal(sslMode, "ENCRYPTED_ONLY");
  });

  it("lets clients in by an address in the data subnet that leads to this server alone", async () => {
    const { resources } = await databaseOf();
    assert.deepEqual(only(resources, ADDRESS).inputs, {
      addressType: "INTERNAL",
      description: `Database ${NAME}`,
      labels: labelsOf(NAME),
      project: "acme-agents",
      region: "europe-west1",
      subnetwork: "subnet-data",
    });
    assert.deepEqual(only(resources, RULE).inputs, {
      description: `Database ${NAME}`,
      ipAddress: `link to ${NAME}`,
      labels: labelsOf(NAME),
      loadBalancingScheme: "",
      network: "projects/acme-agents/global/networks/agents",
      project: "acme-agents",
      region: "europe-west1",
      target: `attachment of ${NAME}`,
    });
  });

  it("names the server in this network only, by the name in its certificate", async () => {
    const { resources, result } = await databaseOf();
    const dnsName = `${NAME}.abc.europe-west1.sql-psc.goog.`;
    assert.deepEqual(only(resources, ZONE).inputs, {
      description: `Database ${NAME}`,
      dnsName,
      labels: labelsOf(NAME),
      privateVisibilityConfig: { networks: [{ networkUrl: "projects/acme-agents/global/networks/agents" }] },
      project: "acme-agents",
      visibility: "private",
    });
    assert.deepEqual(only(resources, RECORD).inputs, {
      managedZone: `${NAME}-1a2b3c4`,
      name: dnsName,
      project: "acme-agents",
      rrdatas: [`address of ${NAME}`],
      ttl: 300,
      type: "A",
    });
    assert.equal(await valueOf(result.host), `${NAME}.abc.europe-west1.sql-psc.goog`);
  });

  it("makes the door anew where the server is another one", async () => {
    const { replaceOnChanges, deleteBeforeReplace } = only((await databaseOf()).resources, RULE);
    assert.deepEqual([replaceOnChanges, deleteBeforeReplace], [["target"], true]);
  });

  it("gives the name once there is something behind it", async () => {
    const { resources } = await databaseOf();
    assert(only(resources, RECORD).dependsOn.includes(only(resources, RULE).urn));
  });

  it("keeps the owner's password secret and in the store", async () => {
    const { resources, result } = await databaseOf();
    const password = only(resources, "random:index/randomPassword:RandomPassword");
    const version = only(resources, "gcp:secretmanager/secretVersion:SecretVersion");
    const user = only(resources, USER);
    assert.deepEqual(password.inputs, { length: 32, special: false });
    assert.deepEqual(JSON.parse(String(version.inputs["secretData"])), {
      username: "agents_owner",
      password: `password of ${NAME}-owner`,
    });
    assert.deepEqual([version.secretInputs, user.secretInputs], [["secretData"], ["password"]]);
    assert.deepEqual(user.inputs, {
      deletionPolicy: "ABANDON",
      instance: `${NAME}-1a2b3c4`,
      name: "agents_owner",
      password: `password of ${NAME}-owner`,
      project: "acme-agents",
    });
    assert.deepEqual(
      [await valueOf(result.owner.store), await valueOf(result.owner.key)],
      ["acme-agents", `${NAME}-owner-1a2b3c4`],
    );
  });

  it("leaves database and owner to go with their server, which PostgreSQL would not drop", async () => {
    const { resources } = await databaseOf();
    assert.deepEqual(only(resources, DATABASE).inputs, {
      deletionPolicy: "ABANDON",
      instance: `${NAME}-1a2b3c4`,
      name: "agents",
      project: "acme-agents",
    });
    assert.equal(only(resources, USER).inputs["deletionPolicy"], "ABANDON");
  });

  it("gives clients the CA of the server, once for all servers of the region", async () => {
    const { tls } = (await databaseOf({ ...gcpStack, database: { replicas: 2 } })).result;
    assert(typeof tls === "object");
    assert.equal(await valueOf(tls.ca), "-----BEGIN CERTIFICATE-----\nCA of europe-west1\n-----END CERTIFICATE-----\n");
  });

  it("sets the platform's parameters, and those of the stack over them", async () => {
    const said = { ...gcpStack, database: { version: "18", parameters: { work_mem: "9999", jit: "off" } } };
    const instance = only((await databaseOf(said)).resources, INSTANCE);
    assert.equal(instance.inputs["databaseVersion"], "POSTGRES_18");
    assert.deepEqual(settingsIn(instance)["databaseFlags"], [
      ...flags.map((flag) => (flag.name === "work_mem" ? { name: "work_mem", value: "9999" } : flag)),
      { name: "jit", value: "off" },
    ]);
  });

  it("lets Pulumi name the server, whose name cannot be had again for a week", async () => {
    const instance = only((await databaseOf(gcpProduction)).resources, INSTANCE, NAME);
    assert.deepEqual([instance.inputs["name"], instance.deleteBeforeReplace], [undefined, false]);
  });

  it("says the edition, which would be the dearer one otherwise", async () => {
    const enterprise = settingsIn(only((await databaseOf()).resources, INSTANCE));
    const said = { ...gcpStack, gcp: { ...gcpStack.gcp, databaseEdition: "enterprisePlus" } };
    const plus = settingsIn(only((await databaseOf(said)).resources, INSTANCE));
    assert.deepEqual(
      [enterprise, plus].map(({ edition, tier }) => [edition, tier]),
      [
        ["ENTERPRISE", "db-custom-2-4096"],
        ["ENTERPRISE_PLUS", "db-perf-optimized-N-2"],
      ],
    );
  });

  it("keeps logs for 7 days at most, and for 35 on the edition that can", async () => {
    const days = async (edition: string, retentionDays: number) => {
      const said = { ...gcpStack, gcp: { ...gcpStack.gcp, databaseEdition: edition } };
      const { resources } = await databaseOf({ ...said, database: { backup: { retentionDays } } });
      return settingsIn(only(resources, INSTANCE))["backupConfiguration"] as Settings;
    };
    assert.equal((await days("enterprise", 30))["transactionLogRetentionDays"], 7);
    assert.equal((await days("enterprise", 3))["transactionLogRetentionDays"], 3);
    assert.equal((await days("enterprisePlus", 35))["transactionLogRetentionDays"], 35);
    assert.deepEqual((await days("enterprise", 30))["backupRetentionSettings"], {
      retainedBackups: 30,
      retentionUnit: "COUNT",
    });
  });

  it("does not make a disk smaller again that grew by itself", async () => {
    const { ignoreChanges } = only((await databaseOf()).resources, INSTANCE);
    assert.deepEqual(ignoreChanges, ["settings.diskSize"]);
  });

  it("makes a disk larger that may not grow by itself", async () => {
    const said = { ...gcpStack, database: { storage: 100, maxStorage: 100 } };
    const instance = only((await databaseOf(said)).resources, INSTANCE);
    const { diskSize, diskAutoresize, diskAutoresizeLimit } = settingsIn(instance);
    assert.deepEqual(
      [instance.ignoreChanges, diskSize, diskAutoresize, diskAutoresizeLimit],
      [[], 100, false, undefined],
    );
  });

  it("takes the tier that the stack names, with the disk that its machines take", async () => {
    const disk = async (tier: string) => {
      const said = { ...gcpStack, gcp: { ...gcpStack.gcp, machineTypes: { "databases.main": tier } } };
      const settings = settingsIn(only((await databaseOf(said)).resources, INSTANCE));
      return [settings["tier"], settings["diskType"]];
    };
    assert.deepEqual(await disk("db-custom-4-16384"), ["db-custom-4-16384", "PD_SSD"]);
    assert.deepEqual(await disk("db-c4a-highmem-4"), ["db-c4a-highmem-4", "HYPERDISK_BALANCED"]);
  });

  it("makes a production database that survives a zone and cannot be deleted", async () => {
    const { resources } = await databaseOf({ ...gcpProduction, size: "medium" });
    const reader = `${NAME}-replica-1`;
    assert.deepEqual(inventory(resources), sorted([...made, ...owned, [INSTANCE, reader], ...endpointRows(reader)]));
    const { inputs, protect, customTimeouts } = only(resources, INSTANCE, NAME);
    const settings = settingsIn({ inputs });
    assert.deepEqual(
      [protect, inputs["deletionProtection"], settings["deletionProtectionEnabled"]],
      [true, true, true],
    );
    assert.deepEqual(customTimeouts, { create: "90m", update: "120m", delete: "90m" });
    assert.deepEqual(
      {
        availabilityType: settings["availabilityType"],
        finalBackupConfig: settings["finalBackupConfig"],
        maintenanceWindow: settings["maintenanceWindow"],
        retainBackupsOnDelete: settings["retainBackupsOnDelete"],
        tier: settings["tier"],
      },
      {
        availabilityType: "REGIONAL",
        finalBackupConfig: { enabled: true, retentionDays: 30 },
        maintenanceWindow: { day: 7, hour: 4, updateTrack: "stable" },
        retainBackupsOnDelete: true,
        tier: "db-custom-4-16384",
      },
    );
  });

  it("lets go of a production database when the one lock is lifted, and keeps its backups with their key", async () => {
    const { resources } = await databaseOf({ ...gcpProduction, deletionProtection: false });
    const { inputs, protect } = only(resources, INSTANCE, NAME);
    const settings = settingsIn({ inputs });
    assert.deepEqual(
      [protect, inputs["deletionProtection"], settings["deletionProtectionEnabled"]],
      [false, false, false],
    );
    assert.deepEqual(
      [settings["retainBackupsOnDelete"], settings["finalBackupConfig"]],
      [true, { enabled: true, retentionDays: 30 }],
    );
    assert.equal(only(resources, "gcp:kms/cryptoKey:CryptoKey").retainOnDelete, true);
  });

  it("keeps no copy of a development database", async () => {
    const { resources } = await databaseOf();
    const settings = settingsIn(only(resources, INSTANCE));
    assert.deepEqual([settings["retainBackupsOnDelete"], settings["finalBackupConfig"]], [false, undefined]);
    assert.equal(only(resources, "gcp:kms/cryptoKey:CryptoKey").retainOnDelete, false);
  });

  it("makes read replicas like the primary, each with a door of its own", async () => {
    const { resources, result } = await databaseOf({ ...gcpStack, database: { replicas: 2 } });
    const reader = `${NAME}-replica-1`;
    const { inputs, protect, ignoreChanges } = only(resources, INSTANCE, reader);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      databaseVersion: "POSTGRES_17",
      deletionProtection: false,
      instanceType: "READ_REPLICA_INSTANCE",
      masterInstanceName: `${NAME}-1a2b3c4`,
      project: "acme-agents",
      region: "europe-west1",
      settings: {
        availabilityType: "ZONAL",
        databaseFlags: flags,
        deletionProtectionEnabled: false,
        diskAutoresize: true,
        diskAutoresizeLimit: 100,
        diskType: "PD_SSD",
        edition: "ENTERPRISE",
        insightsConfig: { queryInsightsEnabled: true },
        ipConfiguration,
        tier: "db-custom-2-4096",
        userLabels: labelsOf(reader),
      },
    });
    assert.deepEqual(ignoreChanges, ["encryptionKeyName"]);
    assert.equal(only(resources, RULE, reader).inputs["target"], `attachment of ${reader}`);
    assert.deepEqual(await valueOf(result.readHosts), [
      `${NAME}-replica-1.abc.europe-west1.sql-psc.goog`,
      `${NAME}-replica-2.abc.europe-west1.sql-psc.goog`,
    ]);
  });

  it("says where it is", async () => {
    const { result } = await databaseOf();
    assert.deepEqual(await addressOf(result), {
      host: `${NAME}.abc.europe-west1.sql-psc.goog`,
      port: 5432,
      name: "agents",
      readHosts: [`${NAME}.abc.europe-west1.sql-psc.goog`],
      cidrs: ["10.0.200.0/22"],
      identity: `${NAME}-1a2b3c4`,
    });
  });

  it("follows the database of another stack, in another region", async () => {
    const { resources, result } = await databaseOf(standby, withPrimary(primary));
    const reference = ["pulumi:pulumi:StackReference", `${NAME}-from-acme-agent-platform-prod`] as const;
    assert.deepEqual(inventory(resources), sorted([...made, reference]));
    const { inputs, protect } = only(resources, INSTANCE);
    assert.equal(protect, true);
    assert.deepEqual(inputs, {
      databaseVersion: "POSTGRES_17",
      deletionProtection: true,
      encryptionKeyName: `${NAME}-key-id`,
      instanceType: "READ_REPLICA_INSTANCE",
      masterInstanceName: "agents-db-main-9f8e7d6",
      project: "acme-agents",
      region: "europe-west1",
      settings: {
        availabilityType: "REGIONAL",
        databaseFlags: flags,
        deletionProtectionEnabled: true,
        diskAutoresize: true,
        diskType: "PD_SSD",
        edition: "ENTERPRISE",
        insightsConfig: { queryInsightsEnabled: true },
        ipConfiguration,
        tier: "db-custom-2-4096",
        userLabels: labelsOf(NAME, "dr"),
      },
    });
    await assertOwnerOf(primary, result, `${NAME}-owner`);
  });

  it("promotes a copy where the mode is taken away, and does not make it anew", async () => {
    const kind = async (said: Tree) =>
      only((await databaseOf(said, withPrimary(primary))).resources, INSTANCE).inputs["instanceType"];
    assert.deepEqual(
      [await kind(standby), await kind({ ...standby, database: { mode: "managed", replicas: 0 } })],
      ["READ_REPLICA_INSTANCE", "CLOUD_SQL_INSTANCE"],
    );
  });

  it("fails where the network has no subnet for it", async () => {
    const without = () => {
      const network = dataNetwork();
      return { ...network, subnets: { ...network.subnets, data: network.subnets.public } };
    };
    await assert.rejects(databaseOf(gcpStack, {}, without), /gcp: the network has no subnet for databases/);
  });

  followsAnother({ databaseOf, production: gcpProduction, primary });
});
