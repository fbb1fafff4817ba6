import { BlobContainer } from "@pulumi/azure-native/storage/blobContainer.js";
import { BlobServiceProperties } from "@pulumi/azure-native/storage/blobServiceProperties.js";
import { getBlobContainerOutput } from "@pulumi/azure-native/storage/getBlobContainer.js";
import { getStorageAccountOutput } from "@pulumi/azure-native/storage/getStorageAccount.js";
import { ManagementPolicy } from "@pulumi/azure-native/storage/managementPolicy.js";
import { StorageAccount } from "@pulumi/azure-native/storage/storageAccount.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { BucketSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Bucket, BucketArgs, SecretRef } from "../contract.js";
import { References } from "../references.js";
import { parseArmId } from "./arm-id.js";
import { globalName } from "./global-name.js";
import type { AzureGround } from "./ground.js";
import { createEndpoint } from "./private.js";
import { tagsFor } from "./tags.js";

export interface AzureBucketArgs extends BucketArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

type Managed = InMode<BucketSettings, "managed">;
type Existing = InMode<BucketSettings, "existing">;

/** Days for which Azure keeps what is deleted, at the most. */
const MOST_DAYS = 365;
/** Days for which a container that was deleted can be brought back. */
const CONTAINER_DAYS = 7;

/**
 * A blob container in a storage account of its own: reached by a private endpoint only, TLS 1.2 or newer, opened by
 * identities and by no key, encrypted with Azure's keys, in three zones, with versions of what is overwritten.
 * `existing` is somebody else's container, or a store that only speaks S3, of which nothing is read.
 *
 * Its address is `azblob://ACCOUNT/CONTAINER`; the account answers at `https://ACCOUNT.blob.core.windows.net`.
 *
 * Azure deletes an account with all that is in it, and no setting of the account forbids that. A lock on it would, but
 * would keep services from losing their roles on the container too; so a protected bucket is guarded by `protect`, and
 * by the fortnight in which Azure brings a deleted account back.
 *
 * Costs about 7 USD a month for the endpoint, and the objects.
 */
export class AzureBucket extends pulumi.ComponentResource implements Bucket {
  public readonly name: pulumi.Output<string>;
  public readonly url: pulumi.Output<string>;
  public readonly region: pulumi.Output<string>;
  public readonly endpoint: string | undefined;
  public readonly access: "identity" | SecretRef;
  /** ARM id of the container. */
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, args: AzureBucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Bucket", name, {}, opts);
    const { settings } = args;
    const made =
      settings.mode === "managed" ? createBucket(name, args, settings, this) : findBucket(name, args, settings, this);

    this.name = made.name;
    this.url = made.url;
    this.region = made.region;
    this.endpoint = made.endpoint;
    this.access = made.access;
    this.identity = made.identity;
    this.registerOutputs({ name: this.name, url: this.url, region: this.region });
  }
}

type Made = Pick<Bucket, "name" | "url" | "region" | "endpoint" | "access" | "identity">;

function findBucket(
  name: string,
  { key, secrets, stack }: AzureBucketArgs,
  { id, endpoint, region, credentialsSecret, fromStack }: Existing,
  parent: AzureBucket,
): Made {
  const references = new References(name, parent, fromStack);
  const access = credentialsSecret === undefined ? "identity" : secrets.existing(credentialsSecret);
  if (endpoint !== undefined) {
    const bucket = references.id(id, `buckets.${key}.id`);
    return {
      name: bucket,
      url: pulumi.interpolate`s3://${bucket}`,
      region: pulumi.output(region ?? stack.region),
      endpoint,
      access,
      // No role opens it: the keys in the store do.
      identity: pulumi.output(""),
    };
  }
  const container = references.id(id, `buckets.${key}.identity`).apply((armId) => {
    const { resourceGroup, names } = parseArmId(armId, "Microsoft.Storage/storageAccounts/blobServices/containers");
    const [accountName = "", , containerName = ""] = names;
    return { resourceGroupName: resourceGroup, accountName, containerName };
  });
  const { resourceGroupName, accountName, containerName } = container;
  const child = { parent };
  // Read, so that a container that is not there is said in the preview and not by the first pod.
  const found = getBlobContainerOutput({ resourceGroupName, accountName, containerName }, child);
  const account = getStorageAccountOutput({ resourceGroupName, accountName }, child);
  return {
    ...named(account.name, found.name),
    region: region === undefined ? account.location : pulumi.output(region),
    endpoint: undefined,
    access,
    identity: found.id,
  };
}

const named = (account: pulumi.Output<string>, container: pulumi.Output<string>): Pick<Made, "name" | "url"> => ({
  name: pulumi.interpolate`${account}/${container}`,
  url: pulumi.interpolate`azblob://${account}/${container}`,
});

function createBucket(name: string, args: AzureBucketArgs, settings: Managed, parent: AzureBucket): Made {
  const { stack, ground, network } = args;
  const child = { parent };
  const account = createAccount(name, args, child);
  const properties = createProperties(name, args, settings, account, child);
  // Azure takes one change of an account at a time.
  const lifecycle = createLifecycle(name, args, settings, account, { ...child, dependsOn: properties });
  const container = createContainer(name, args, account, { ...child, dependsOn: properties });
  const endpoint = createEndpoint(
    name,
    { stack, ground, network, service: "bucket", resource: account.id },
    { ...child, dependsOn: [lifecycle, container] },
  );
  return {
    // Through the endpoint, so that whoever calls finds the name.
    ...named(
      pulumi.all([account.name, endpoint.id]).apply(([accountName]) => accountName),
      container.name,
    ),
    region: pulumi.output(ground.location),
    endpoint: undefined,
    access: "identity",
    identity: container.id,
  };
}

function createAccount(
  name: string,
  { key, stack, ground }: AzureBucketArgs,
  opts: pulumi.CustomResourceOptions,
): StorageAccount {
  const chance = new random.RandomString(`${name}-account`, { length: 6, special: false, upper: false }, opts);
  return new StorageAccount(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      accountName: chance.result.apply((end) => globalName("storageAccount", `${stack.name}${key}`, end)),
      kind: "StorageV2",
      sku: { name: "Standard_ZRS" },
      accessTier: "Hot",
      minimumTlsVersion: "TLS1_2",
      enableHttpsTrafficOnly: true,
      publicNetworkAccess: "Disabled",
      networkRuleSet: { defaultAction: "Deny", bypass: "None" },
      allowBlobPublicAccess: false,
      allowSharedKeyAccess: false,
      allowCrossTenantReplication: false,
      defaultToOAuthAuthentication: true,
      encryption: { keySource: "Microsoft.Storage", services: { blob: { enabled: true, keyType: "Account" } } },
      tags: tagsFor(stack, name),
    },
    { ...opts, protect: stack.deletionProtection },
  );
}

/**
 * Azure counts a version's age from when it was written, not from when it was overwritten: what was old by then goes
 * with the next round of the lifecycle. What goes can still be brought back for as many days again, so that nothing is
 * lost before its time. https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure
 */
function createProperties(
  name: string,
  { ground }: AzureBucketArgs,
  { versioning, noncurrentDays }: Managed,
  account: StorageAccount,
  opts: pulumi.CustomResourceOptions,
): BlobServiceProperties {
  return new BlobServiceProperties(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      accountName: account.name,
      blobServicesName: "default",
      isVersioningEnabled: versioning,
      deleteRetentionPolicy: { enabled: true, days: Math.min(noncurrentDays, MOST_DAYS) },
      containerDeleteRetentionPolicy: { enabled: true, days: CONTAINER_DAYS },
    },
    // A part of the account that cannot be deleted.
    { ...opts, deletedWith: account },
  );
}

/** Unfinished uploads need no rule: Azure drops them after a week. */
function createLifecycle(
  name: string,
  { ground }: AzureBucketArgs,
  { expireDays, noncurrentDays }: Managed,
  account: StorageAccount,
  opts: pulumi.CustomResourceOptions,
): ManagementPolicy {
  const rule = { enabled: true, type: "Lifecycle" };
  const blocks = { blobTypes: ["blockBlob"] };
  // Append blobs have no versions, and go as others do.
  const everything = { blobTypes: ["blockBlob", "appendBlob"] };
  return new ManagementPolicy(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      accountName: account.name,
      managementPolicyName: "default",
      policy: {
        rules: [
          {
            name: "old-versions",
            ...rule,
            definition: {
              filters: blocks,
              actions: { version: { delete: { daysAfterCreationGreaterThan: noncurrentDays } } },
            },
          },
          ...(expireDays === undefined
            ? []
            : [
                {
                  name: "old-objects",
                  ...rule,
                  definition: {
                    filters: everything,
                    actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: expireDays } } },
                  },
                },
              ]),
        ],
      },
    },
    { ...opts, deletedWith: account },
  );
}

function createContainer(
  name: string,
  { stack, ground }: AzureBucketArgs,
  account: StorageAccount,
  opts: pulumi.CustomResourceOptions,
): BlobContainer {
  return new BlobContainer(
    name,
    { resourceGroupName: ground.resourceGroup, accountName: account.name, containerName: name, publicAccess: "None" },
    { ...opts, protect: stack.deletionProtection, deletedWith: account },
  );
}
