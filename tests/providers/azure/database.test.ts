import assert from "node:assert/strict";
import type { DatabaseSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { AzureDatabase } from "../../../providers/azure/database.js";
import { all, inventory, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureProduction, azureStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";
import { addressOf, assertOwnerOf, standbyOf, withPrimary } from "../every-cloud/database.js";

const COMPONENT = "agent-platform:azure:Database";
const SERVER = "azure-native:dbforpostgresql:Server";
const PARAMETER = "azure-native:dbforpostgresql:Configuration";
const DATABASE = "azure-native:dbforpostgresql:Database";
const LOCK = "azure-native:authorization:ManagementLockByScope";
const LOGS = "azure-native:monitor:DiagnosticSetting";
const WORKSPACE = "azure-native:operationalinsights:Workspace";
const LINK = "azure-native:privatedns:VirtualNetworkLink";
const NAME = "agents-db-main";

const databaseOf = (said: Tree = azureStack, stubs: Stubs = {}, network = dataNetwork()) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.databases["main"] as InMode<DatabaseSettings, "managed" | "replica">;
      const args = { key: "main", settings, network, secrets: dataStore(stack, ground, opts), stack, ground };
      return new AzureDatabase(NAME, args, opts);
    },
    stubs,
  );

const SOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DBforPostgreSQL/flexibleServers/primary";
const primary = {
  identity: SOURCE,
  name: "agents",
  version: "17",
  ownerStore: "https://prods.vault.azure.net",
  ownerSecret: "agents-production-db-main-owner-9f8e7d6c",
  ownerIdentity: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/prods/secrets/owner",
};
const standby = standbyOf(azureProduction);

const parameters = [
  "pg-stat-statements-track",
  "work-mem",
  "maintenance-work-mem",
  "log-min-duration-statement",
  "log-lock-waits",
  "log-temp-files",
  "azure-extensions",
  "require-secure-transport",
];

/** The same in every stack. */
const door: Rows = [
  [COMPONENT, NAME],
  ["azure-native:privatedns:PrivateZone", NAME],
  [LINK, NAME],
  [SERVER, NAME],
  [WORKSPACE, `${NAME}-logs`],
  [LOGS, `${NAME}-logs`],
];
const made: Rows = [
  ...door,
  [DATABASE, NAME],
  ["random:index/randomPassword:RandomPassword", `${NAME}-owner`],
  ["random:index/randomId:RandomId", `${NAME}-owner`],
  ["azure-native:keyvault:Secret", `${NAME}-owner`],
  ...parameters.map((name) => [PARAMETER, `${NAME}-${name}`] as const),
];
const lock: Rows = [[LOCK, `${NAME}-lock`]];

describe("providers/azure/database", () => {
  it("makes one server with what it stands on", async () => {
    assert.deepEqual(inventory((await databaseOf()).resources), sorted(made));
  });

  it("makes a development server of these inputs", async () => {
    const { inputs, protect } = only((await databaseOf()).resources, SERVER);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      administratorLogin: "agents_owner",
      administratorLoginPassword: `password of ${NAME}-owner`,
      authConfig: { passwordAuth: "Enabled", activeDirectoryAuth: "Disabled", tenantId: "" },
      availabilityZone: "1",
      backup: { backupRetentionDays: 7, geoRedundantBackup: "Disabled" },
      highAvailability: { mode: "Disabled", standbyAvailabilityZone: "" },
      location: "northeurope",
      maintenanceWindow: { customWindow: "Enabled", dayOfWeek: 0, startHour: 4, startMinute: 30 },
      network: {
        delegatedSubnetResourceId: "subnet-data",
        privateDnsZoneArmResourceId: `${NAME}-id`,
      },
      resourceGroupName: GROUP,
      sku: { name: "Standard_B2s", tier: "Burstable" },
      storage: { autoGrow: "Enabled", storageSizeGB: 32, type: "Premium_LRS" },
      tags: tagsOf(NAME),
      version: "17",
    });
  });

  it("makes a production server with a standby in a second zone and backups in a second region", async () => {
    const { resources } = await databaseOf({ ...azureProduction, size: "large" });
    const { inputs, protect } = only(resources, SERVER, NAME);
    const { backup, highAvailability, availabilityZone, sku, storage } = inputs;
    assert.equal(protect, true);
    assert.deepEqual(
      { backup, highAvailability, availabilityZone, sku, storage },
      {
        backup: { backupRetentionDays: 30, geoRedundantBackup: "Enabled" },
        highAvailability: { mode: "ZoneRedundant", standbyAvailabilityZone: "2" },
        availabilityZone: "1",
        sku: { name: "Standard_E8ds_v5", tier: "MemoryOptimized" },
        storage: { autoGrow: "Enabled", storageSizeGB: 512, type: "Premium_LRS" },
      },
    );
  });

  it("puts the database into the data subnet, where it has no public address", async () => {
    const { resources } = await databaseOf({ ...azureStack, database: { replicas: 2 } });
    for (const { inputs } of all(resources, SERVER)) {
      assert.deepEqual(inputs["network"], {
        delegatedSubnetResourceId: "subnet-data",
        privateDnsZoneArmResourceId: `${NAME}-id`,
      });
    }
  });

  it("links the network to the server's names before there is a server", async () => {
    const { resources } = await databaseOf();
    const link = only(resources, LINK);
    assert.deepEqual(link.inputs, {
      location: "Global",
      privateZoneName: `${NAME}.private.postgres.database.azure.com`,
      registrationEnabled: false,
      resourceGroupName: GROUP,
      tags: tagsOf(NAME),
      virtualNetwork: { id: "vnet-1" },
    });
    assert(only(resources, SERVER).dependsOn.includes(link.urn));
  });

  it("refuses connections without TLS", async () => {
    const { resources, result } = await databaseOf({
      ...azureStack,
      database: { parameters: { require_secure_transport: "off" } },
    });
    assert.equal(only(resources, PARAMETER, `${NAME}-require-secure-transport`).inputs["value"], "on");
    assert.equal(result.tls, "system");
  });

  it("keeps the owner's password secret and in the store", async () => {
    const { resources, result } = await databaseOf();
    assert.deepEqual(only(resources, "random:index/randomPassword:RandomPassword").inputs, {
      length: 32,
      special: false,
      minLower: 1,
      minUpper: 1,
      minNumeric: 1,
    });
    const entry = only(resources, "azure-native:keyvault:Secret");
    const { value } = entry.inputs["properties"] as { value: string };
    assert.deepEqual(JSON.parse(value), { username: "agents_owner", password: `password of ${NAME}-owner` });
    assert.deepEqual(entry.secretInputs, ["properties.value"]);
    assert.deepEqual(only(resources, SERVER).secretInputs, ["administratorLoginPassword"]);
    assert.deepEqual(
      [await valueOf(result.owner.store), await valueOf(result.owner.key), await isSecret(result.owner.key)],
      ["https://agents-developmen-x7k2p9.vault.azure.net", `${NAME}-owner-0a1b2c3d`, false],
    );
  });

  it("sets one parameter after the other, and makes the database after them", async () => {
    const { resources } = await databaseOf();
    const chain = parameters.map((name) => only(resources, PARAMETER, `${NAME}-${name}`));
    const server = only(resources, SERVER);
    chain.forEach(({ dependsOn, deletedWith }, index) => {
      assert(dependsOn.includes((chain[index - 1] ?? server).urn));
      assert.equal(deletedWith, server.urn);
    });
    const database = only(resources, DATABASE);
    assert(database.dependsOn.includes(chain.at(-1)?.urn ?? ""));
    assert.deepEqual(database.inputs, {
      charset: "UTF8",
      collation: "en_US.utf8",
      databaseName: "agents",
      resourceGroupName: GROUP,
      serverName: `${NAME}1a2b3c4d`,
    });
  });

  it("allows the extensions that the bootstrap makes", async () => {
    const { resources } = await databaseOf();
    assert.deepEqual(only(resources, PARAMETER, `${NAME}-azure-extensions`).inputs, {
      configurationName: "azure.extensions",
      resourceGroupName: GROUP,
      serverName: `${NAME}1a2b3c4d`,
      source: "user-override",
      value: "VECTOR,UUID-OSSP,PG_STAT_STATEMENTS",
    });
  });

  it("makes replicas of the primary's size, one after the other and after everything else", async () => {
    const { resources, result } = await databaseOf({ ...azureStack, database: { replicas: 2 } });
    assert.deepEqual(
      inventory(resources),
      sorted([
        ...made,
        [SERVER, `${NAME}-replica-1`],
        [SERVER, `${NAME}-replica-2`],
        [LOGS, `${NAME}-replica-1-logs`],
        [LOGS, `${NAME}-replica-2-logs`],
      ]),
    );
    const first = only(resources, SERVER, `${NAME}-replica-1`);
    assert(first.dependsOn.includes(only(resources, DATABASE).urn));
    assert(only(resources, SERVER, `${NAME}-replica-2`).dependsOn.includes(first.urn));
    assert.deepEqual(first.inputs, {
      // What the SDK says for an argument that is left out.
      availabilityZone: "",
      createMode: "Replica",
      location: "northeurope",
      maintenanceWindow: { customWindow: "Enabled", dayOfWeek: 0, startHour: 4, startMinute: 30 },
      network: { delegatedSubnetResourceId: "subnet-data", privateDnsZoneArmResourceId: `${NAME}-id` },
      resourceGroupName: GROUP,
      sku: only(resources, SERVER, NAME).inputs["sku"],
      sourceServerResourceId: `${NAME}-id`,
      storage: only(resources, SERVER, NAME).inputs["storage"],
      tags: tagsOf(`${NAME}-replica-1`),
    });
    assert.deepEqual(first.inputs["sku"], { name: "Standard_D2ds_v5", tier: "GeneralPurpose" });
    assert.deepEqual(await valueOf(result.readHosts), [
      `${NAME}-replica-11a2b3c4d.postgres.database.azure.com`,
      `${NAME}-replica-21a2b3c4d.postgres.database.azure.com`,
    ]);
  });

  it("leaves a standby where a failover has put it", async () => {
    const { resources } = await databaseOf({ ...azureProduction, database: { replicas: 1 } });
    for (const { ignoreChanges } of all(resources, SERVER))
      assert.deepEqual(ignoreChanges, ["availabilityZone", "highAvailability.standbyAvailabilityZone"]);
  });

  it("keeps what the servers write down, for as long as the cluster's logs", async () => {
    const { resources } = await databaseOf({ ...azureProduction, size: "small", database: { replicas: 1 } });
    assert.equal(only(resources, WORKSPACE).inputs["retentionInDays"], 90);
    for (const { inputs } of all(resources, LOGS)) {
      const { logs, workspaceId } = inputs;
      assert.deepEqual([logs, workspaceId], [[{ category: "PostgreSQLLogs", enabled: true }], `${NAME}-logs-id`]);
    }
    assert.deepEqual(
      all(resources, LOGS).map(({ inputs }) => inputs["resourceUri"]),
      [`${NAME}-id`, `${NAME}-replica-1-id`],
    );
  });

  it("locks a protected database, which Azure would delete with its backups", async () => {
    const { resources } = await databaseOf({ ...azureProduction, size: "small" });
    assert.deepEqual(inventory(resources), sorted([...made, ...lock]));
    assert.deepEqual(only(resources, LOCK).inputs, {
      level: "CanNotDelete",
      notes: "Database main of agents-production: lifted by agent-platform:deletionProtection false",
      scope: `${NAME}-id`,
    });
    assert.equal(only(resources, DATABASE).protect, true);
  });

  it("lifts the lock with every other one", async () => {
    const { resources } = await databaseOf({ ...azureProduction, size: "small", deletionProtection: false });
    assert.deepEqual(inventory(resources), sorted(made));
    assert.equal(only(resources, SERVER).protect, false);
  });

  it("takes the type, the disk and the parameters that the stack says", async () => {
    const { resources } = await databaseOf({
      ...azureStack,
      azure: {
        ...azureStack.azure,
        machineTypes: { "databases.main": "Standard_E4ds_v5" },
        databaseDisk: { type: "premiumV2", iops: 4000, throughput: 200 },
      },
      database: { storage: 100, parameters: { random_page_cost: "1.1" } },
    });
    const { sku, storage } = only(resources, SERVER).inputs;
    assert.deepEqual(sku, { name: "Standard_E4ds_v5", tier: "MemoryOptimized" });
    assert.deepEqual(storage, {
      autoGrow: "Disabled",
      iops: 4000,
      storageSizeGB: 100,
      throughput: 200,
      type: "PremiumV2_LRS",
    });
    assert.equal(only(resources, PARAMETER, `${NAME}-random-page-cost`).inputs["value"], "1.1");
  });

  it("says where it is", async () => {
    const { result } = await databaseOf();
    const host = `${NAME}1a2b3c4d.postgres.database.azure.com`;
    assert.deepEqual(await addressOf(result), {
      host,
      port: 5432,
      name: "agents",
      readHosts: [host],
      cidrs: ["10.0.0.0/18", "10.0.200.0/22"],
      identity: `${NAME}-id`,
    });
  });

  it("follows the database of another stack", async () => {
    const { resources, result } = await databaseOf(standby, withPrimary(primary));
    const reference: Rows = [["pulumi:pulumi:StackReference", `${NAME}-from-acme-agent-platform-prod`]];
    assert.deepEqual(inventory(resources), sorted([...door, ...lock, ...reference]));
    const { inputs, protect, dependsOn } = only(resources, SERVER);
    assert.equal(protect, true);
    assert(dependsOn.includes(only(resources, LINK).urn));
    assert.deepEqual(inputs, {
      availabilityZone: "",
      createMode: "Replica",
      location: "northeurope",
      maintenanceWindow: { customWindow: "Enabled", dayOfWeek: 0, startHour: 4, startMinute: 30 },
      network: { delegatedSubnetResourceId: "subnet-data", privateDnsZoneArmResourceId: `${NAME}-id` },
      resourceGroupName: GROUP,
      sku: { name: "Standard_D2ds_v5", tier: "GeneralPurpose" },
      sourceServerResourceId: SOURCE,
      tags: tagsOf(NAME, "dr"),
    });
    await assertOwnerOf(primary, result, `${NAME}-owner`);
  });

  it("fails in a network without a subnet for databases", async () => {
    const { subnets, ...rest } = dataNetwork();
    const network = { ...rest, subnets: { ...subnets, data: subnets.public } };
    await assert.rejects(databaseOf(azureStack, {}, network), /azure: the network has no subnet for a database/);
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await databaseOf({ ...azureProduction, size: "small" }, { preview: true });
    assert.deepEqual(inventory(resources), sorted([...made, ...lock]));
  });
});
