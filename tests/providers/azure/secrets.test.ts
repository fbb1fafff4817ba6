import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureSecretStore } from "../../../providers/azure/secrets.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureProduction, azureStack } from "../../support/settings.js";
import { armId, dataCluster, dataNetwork, deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";
import { keepsEntries, putEntry } from "../every-cloud/secrets.js";

const COMPONENT = "agent-platform:azure:SecretStore";
const VAULT = "azure-native:keyvault:Vault";
const ENTRY = "azure-native:keyvault:Secret";
const NAME = "agents-development";
const VAULT_NAME = "agents-developmen-x7k2p9";
const THEIRS = armId("Microsoft.KeyVault", "vaults", "theirs");

const existing: Tree = { ...azureStack, secretStore: { mode: "existing", id: THEIRS } };

const storeOf = <T>(use: (store: AzureSecretStore) => T | Promise<T>, said: Tree = azureStack, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const args = { stack, ground, settings: stack.secretStore, network: dataNetwork(), cluster: dataCluster() };
      return use(new AzureSecretStore(NAME, args, opts));
    },
    stubs,
  );
const withEntry = (said: Tree = azureStack, stubs: Stubs = {}) => storeOf(putEntry, said, stubs);

const made: Rows = [
  [COMPONENT, NAME],
  [VAULT, NAME],
  ["azure-native:network:PrivateEndpoint", `${NAME}-secrets`],
  ["azure-native:network:PrivateDnsZoneGroup", `${NAME}-secrets`],
];
const entry: Rows = [
  [ENTRY, "agents-thing"],
  ["random:index/randomId:RandomId", "agents-thing"],
];

describe("providers/azure/secrets", () => {
  keepsEntries({
    storeOf,
    store: made,
    entry,
    holder: [ENTRY, "properties.value"],
    address: {
      store: `https://${VAULT_NAME}.vault.azure.net`,
      key: "agents-thing-0a1b2c3d",
      identity: `${NAME}-id/secrets/agents-thing-0a1b2c3d`,
      label: "agents-thing",
    },
    previewed: azureProduction,
  });

  it("makes a vault and no entries", async () => {
    const { resources, result } = await storeOf((store) => store);
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual(
      [await valueOf(result.store), await valueOf(result.identity)],
      [`https://${VAULT_NAME}.vault.azure.net`, `${NAME}-id`],
    );
  });

  it("opens the vault to roles alone, and to nobody from outside", async () => {
    const { inputs, protect } = only((await storeOf((store) => store)).resources, VAULT);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      location: "northeurope",
      properties: {
        enableRbacAuthorization: true,
        enableSoftDelete: true,
        enabledForDeployment: false,
        enabledForDiskEncryption: false,
        enabledForTemplateDeployment: false,
        networkAcls: { bypass: "None", defaultAction: "Deny" },
        publicNetworkAccess: "Disabled",
        sku: { family: "A", name: "standard" },
        softDeleteRetentionInDays: 7,
        tenantId: "tenant",
      },
      resourceGroupName: GROUP,
      tags: tagsOf(NAME),
      vaultName: VAULT_NAME,
    });
  });

  it("lets nobody purge a production vault before its time", async () => {
    const { inputs, protect } = only((await storeOf((store) => store, azureProduction)).resources, VAULT);
    const { enablePurgeProtection, softDeleteRetentionInDays } = inputs["properties"] as Record<string, unknown>;
    assert.deepEqual([protect, enablePurgeProtection, softDeleteRetentionInDays], [true, true, 30]);
  });

  it("ends the entry's name in chance, so that one that stays is in nobody's way", async () => {
    const { inputs, retainOnDelete } = only((await withEntry()).resources, ENTRY);
    assert.equal(retainOnDelete, true);
    assert.deepEqual(inputs, {
      properties: {
        contentType: "application/json",
        value: JSON.stringify({ username: "app", password: "hunter2" }),
      },
      resourceGroupName: GROUP,
      secretName: "agents-thing-0a1b2c3d",
      tags: tagsOf("agents-thing"),
      vaultName: VAULT_NAME,
    });
  });

  it("names an entry of others", async () => {
    const { result } = await storeOf(async (store) => {
      const secret = store.existing("team-owner");
      return [await valueOf(secret.key), await valueOf(secret.identity), secret.label];
    });
    assert.deepEqual(result, ["team-owner", `${NAME}-id/secrets/team-owner`, "team-owner"]);
  });

  it("only reads a vault that exists, and writes entries into it", async () => {
    const { resources, result, calls } = await withEntry(existing);
    assert.deepEqual(inventory(resources), sorted([[COMPONENT, NAME], ...entry]));
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("azure-native:keyvault:")),
      [{ token: "azure-native:keyvault:getVault", inputs: { resourceGroupName: "theirs", vaultName: "theirs" } }],
    );
    const { resourceGroupName, vaultName } = only(resources, ENTRY).inputs;
    assert.deepEqual([resourceGroupName, vaultName], ["theirs", "theirs"]);
    assert.deepEqual(
      [await valueOf(result.store.store), await valueOf(result.store.identity)],
      ["https://theirs.vault.azure.net", THEIRS],
    );
  });

  it("takes the vault of another stack", async () => {
    const { result } = await storeOf(
      (store) => valueOf(store.identity),
      { ...azureStack, secretStore: { mode: "existing", fromStack: "acme/agent-platform/prod" } },
      otherStack({ secretStore: { id: THEIRS } }),
    );
    assert.equal(result, THEIRS);
  });

  it("refuses a vault that gives access by policies, where roles would do nothing", async () => {
    await assert.rejects(
      storeOf((store) => store, existing, {
        calls: {
          "azure-native:keyvault:getVault": () => ({ id: THEIRS, name: "theirs", properties: {} }),
        },
      }),
      /vaults\/theirs gives access by policies, where the platform gives roles: turn on Azure RBAC/,
    );
  });
});
