import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureBucket } from "../../../providers/azure/bucket.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureProduction, azureStack } from "../../support/settings.js";
import { armId, dataNetwork, dataStore, deployAzurePart, GROUP } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";
import { addressOf, assertS3, s3 } from "../every-cloud/bucket.js";

const COMPONENT = "agent-platform:azure:Bucket";
const ACCOUNT = "azure-native:storage:StorageAccount";
const CONTAINER = "azure-native:storage:BlobContainer";
const PROPERTIES = "azure-native:storage:BlobServiceProperties";
const LIFECYCLE = "azure-native:storage:ManagementPolicy";
const ENDPOINT = "azure-native:network:PrivateEndpoint";
const NAME = "agents-bucket-main";
const ACCOUNT_NAME = "agentsmainx7k2p9";

const bucketOf = (said: Tree = azureStack, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.buckets["main"];
      assert(settings);
      const secrets = dataStore(stack, ground, opts);
      return new AzureBucket(NAME, { key: "main", settings, network: dataNetwork(), secrets, stack, ground }, opts);
    },
    stubs,
  );

const existing = (bucket: Tree): Tree => ({ ...azureStack, bucket: { mode: "existing", ...bucket } });
const THEIRS = armId("Microsoft.Storage", "storageAccounts", "theirs", "blobServices/default/containers", "documents");

const made: Rows = [
  [COMPONENT, NAME],
  ["random:index/randomString:RandomString", `${NAME}-account`],
  [ACCOUNT, NAME],
  [CONTAINER, NAME],
  [PROPERTIES, NAME],
  [LIFECYCLE, NAME],
  [ENDPOINT, NAME],
  ["azure-native:network:PrivateDnsZoneGroup", NAME],
];

describe("providers/azure/bucket", () => {
  it("makes an account, a container and what keeps them safe", async () => {
    assert.deepEqual(inventory((await bucketOf()).resources), sorted(made));
  });

  it("opens the account to identities alone, by TLS 1.2 alone, and to nobody from outside", async () => {
    const { inputs, protect } = only((await bucketOf()).resources, ACCOUNT);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      accessTier: "Hot",
      accountName: ACCOUNT_NAME,
      allowBlobPublicAccess: false,
      allowCrossTenantReplication: false,
      allowSharedKeyAccess: false,
      defaultToOAuthAuthentication: true,
      enableHttpsTrafficOnly: true,
      encryption: { keySource: "Microsoft.Storage", services: { blob: { enabled: true, keyType: "Account" } } },
      kind: "StorageV2",
      location: "northeurope",
      minimumTlsVersion: "TLS1_2",
      networkRuleSet: { bypass: "None", defaultAction: "Deny" },
      publicNetworkAccess: "Disabled",
      resourceGroupName: GROUP,
      sku: { name: "Standard_ZRS" },
      tags: tagsOf(NAME),
    });
  });

  it("closes the container to the public", async () => {
    const { inputs } = only((await bucketOf()).resources, CONTAINER);
    assert.deepEqual(inputs, {
      accountName: ACCOUNT_NAME,
      containerName: NAME,
      publicAccess: "None",
      resourceGroupName: GROUP,
    });
  });

  it("reaches the account by a private endpoint", async () => {
    const { privateLinkServiceConnections } = only((await bucketOf()).resources, ENDPOINT).inputs;
    assert.deepEqual(privateLinkServiceConnections, [
      { groupIds: ["blob"], name: NAME, privateLinkServiceId: `${NAME}-id` },
    ]);
  });

  it("protects the account and the container of a production bucket, without a lock that would keep roles in place", async () => {
    const { resources } = await bucketOf(azureProduction);
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual([only(resources, ACCOUNT).protect, only(resources, CONTAINER).protect], [true, true]);
  });

  it("keeps what the lifecycle takes away for as long again", async () => {
    const { resources } = await bucketOf({ ...azureStack, bucket: { noncurrentDays: 14 } });
    assert.deepEqual(only(resources, PROPERTIES).inputs, {
      accountName: ACCOUNT_NAME,
      blobServicesName: "default",
      containerDeleteRetentionPolicy: { days: 7, enabled: true },
      deleteRetentionPolicy: { days: 14, enabled: true },
      isVersioningEnabled: true,
      resourceGroupName: GROUP,
    });
    const lifecycle = only(resources, LIFECYCLE);
    assert.deepEqual(lifecycle.inputs, {
      accountName: ACCOUNT_NAME,
      managementPolicyName: "default",
      policy: {
        rules: [
          {
            definition: {
              actions: { version: { delete: { daysAfterCreationGreaterThan: 14 } } },
              filters: { blobTypes: ["blockBlob"] },
            },
            enabled: true,
            name: "old-versions",
            type: "Lifecycle",
          },
        ],
      },
      resourceGroupName: GROUP,
    });
    assert(lifecycle.dependsOn.includes(only(resources, PROPERTIES).urn));
  });

  it("lets objects expire where the stack says so", async () => {
    const { resources } = await bucketOf({
      ...azureStack,
      bucket: { versioning: false, noncurrentDays: 1000, expireDays: 90 },
    });
    const { isVersioningEnabled, deleteRetentionPolicy } = only(resources, PROPERTIES).inputs;
    assert.deepEqual([isVersioningEnabled, deleteRetentionPolicy], [false, { days: 365, enabled: true }]);
    const { rules } = only(resources, LIFECYCLE).inputs["policy"] as { rules: readonly unknown[] };
    assert.deepEqual(rules[1], {
      definition: {
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 90 } } },
        filters: { blobTypes: ["blockBlob", "appendBlob"] },
      },
      enabled: true,
      name: "old-objects",
      type: "Lifecycle",
    });
  });

  it("says where it is", async () => {
    const { result } = await bucketOf();
    assert.deepEqual(await addressOf(result), {
      name: `${ACCOUNT_NAME}/${NAME}`,
      url: `azblob://${ACCOUNT_NAME}/${NAME}`,
      region: "northeurope",
      endpoint: undefined,
      identity: `${NAME}-id`,
    });
    assert.equal(result.access, "identity");
  });

  it("only reads a container that exists", async () => {
    const { resources, result, calls } = await bucketOf(existing({ id: THEIRS }));
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls
        .filter(({ token }) => token.startsWith("azure-native:storage:"))
        .sort((a, b) => (a.token < b.token ? -1 : 1)),
      [
        {
          token: "azure-native:storage:getBlobContainer",
          inputs: { accountName: "theirs", containerName: "documents", resourceGroupName: "theirs" },
        },
        {
          token: "azure-native:storage:getStorageAccount",
          inputs: { accountName: "theirs", resourceGroupName: "theirs" },
        },
      ],
    );
    assert.deepEqual(await addressOf(result), {
      name: "theirs/documents",
      url: "azblob://theirs/documents",
      region: "westeurope",
      endpoint: undefined,
      identity: THEIRS,
    });
    assert.equal(result.access, "identity");
  });

  it("takes the container of another stack", async () => {
    const { result } = await bucketOf(
      existing({ fromStack: "acme/agent-platform/prod" }),
      otherStack({ buckets: { main: { identity: THEIRS } } }),
    );
    assert.equal(await valueOf(result.identity), THEIRS);
  });

  it("reads nothing of a store that only speaks S3", async () => {
    await assertS3(await bucketOf({ ...azureStack, bucket: s3("team-s3") }), {
      rows: [[COMPONENT, NAME]],
      calls: "azure-native:storage:",
      store: "https://agents-developmen-x7k2p9.vault.azure.net",
      key: "team-s3",
    });
  });

  it("fails where the other stack has no such container", async () => {
    await assert.rejects(
      bucketOf(existing({ fromStack: "acme/agent-platform/prod" }), otherStack({})),
      /stack acme\/agent-platform\/prod has no output buckets\.main\.identity: run 'pulumi up' there first/,
    );
  });

  it("fails where the id is of something else", async () => {
    const id = armId("Microsoft.Storage", "storageAccounts", "theirs");
    await assert.rejects(
      bucketOf(
        existing({ fromStack: "acme/agent-platform/prod" }),
        otherStack({ buckets: { main: { identity: id } } }),
      ),
      /is no ARM id of Microsoft\.Storage\/storageAccounts\/blobServices\/containers/,
    );
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await bucketOf(azureProduction, { preview: true })).resources), sorted(made));
  });
});
