import { Bucket as S3Bucket } from "@pulumi/aws/s3/bucket.js";
import { BucketLifecycleConfiguration } from "@pulumi/aws/s3/bucketLifecycleConfiguration.js";
import { BucketOwnershipControls } from "@pulumi/aws/s3/bucketOwnershipControls.js";
import { BucketPolicy } from "@pulumi/aws/s3/bucketPolicy.js";
import { BucketPublicAccessBlock } from "@pulumi/aws/s3/bucketPublicAccessBlock.js";
import { BucketServerSideEncryptionConfiguration } from "@pulumi/aws/s3/bucketServerSideEncryptionConfiguration.js";
import { BucketVersioning } from "@pulumi/aws/s3/bucketVersioning.js";
import { getBucketOutput } from "@pulumi/aws/s3/getBucket.js";
import * as pulumi from "@pulumi/pulumi";
import type { BucketSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Bucket, BucketArgs, SecretRef } from "../contract.js";
import { References } from "../references.js";
import { AwsKey } from "./key.js";
import { tagsFor } from "./tags.js";

export interface AwsBucketArgs extends Omit<BucketArgs, "network"> {
  readonly stack: Settings;
}

type Managed = InMode<BucketSettings, "managed">;
type Existing = InMode<BucketSettings, "existing">;

/** Days after which the parts of an upload that nobody finished go. They cost like objects and are in no listing. */
const UNFINISHED_UPLOAD_DAYS = 7;

/**
 * An S3 bucket: private, TLS 1.2 or newer only, encrypted with a key of its own, with versions of what is overwritten.
 * `existing` is somebody else's bucket, or a store that only speaks the protocol, of which nothing is read.
 *
 * Costs 1 USD a month for the key, and the objects.
 */
export class AwsBucket extends pulumi.ComponentResource implements Bucket {
  public readonly name: pulumi.Output<string>;
  public readonly url: pulumi.Output<string>;
  public readonly region: pulumi.Output<string>;
  public readonly endpoint: string | undefined;
  public readonly access: "identity" | SecretRef;
  public readonly identity: pulumi.Output<string>;
  public readonly encryptionKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: AwsBucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Bucket", name, {}, opts);
    const { settings } = args;
    const made =
      settings.mode === "managed" ? createBucket(name, args, settings, this) : findBucket(name, args, settings, this);

    this.name = made.name;
    this.url = pulumi.interpolate`s3://${made.name}`;
    this.region = made.region;
    this.endpoint = made.endpoint;
    this.access = made.access;
    this.identity = made.identity;
    this.encryptionKey = made.encryptionKey;
    this.registerOutputs({ name: this.name, url: this.url, region: this.region });
  }
}

type Made = Pick<Bucket, "name" | "region" | "endpoint" | "access" | "identity"> & {
  readonly encryptionKey: pulumi.Output<string> | undefined;
};

function findBucket(name: string, { key, secrets, stack }: AwsBucketArgs, settings: Existing, parent: AwsBucket): Made {
  const { id, endpoint, region, credentialsSecret, fromStack } = settings;
  const references = new References(name, parent, fromStack);
  const bucket = references.id(id, `buckets.${key}.id`);
  const access = credentialsSecret === undefined ? "identity" : secrets.existing(credentialsSecret);
  // Only a stack of this program tells; what else encrypts a bucket must let the account's roles use its key itself.
  const encryptionKey = fromStack === undefined ? undefined : references.id(undefined, `buckets.${key}.encryptionKey`);
  const shared = { endpoint, access, encryptionKey } as const;
  if (endpoint !== undefined) {
    return {
      ...shared,
      name: bucket,
      region: pulumi.output(region ?? stack.region),
      // No permission of the account opens it: the keys in the store do.
      identity: pulumi.output(""),
    };
  }
  const found = getBucketOutput({ bucket }, { parent });
  return {
    ...shared,
    name: found.bucket,
    region: region === undefined ? found.bucketRegion : pulumi.output(region),
    identity: found.arn,
  };
}

function createBucket(
  name: string,
  { key: bucketKey, stack }: AwsBucketArgs,
  settings: Managed,
  parent: AwsBucket,
): Made {
  const child = { parent };
  const key = new AwsKey(`${name}-key`, { stack, purpose: `Bucket ${bucketKey} of ${stack.prefix}` }, child);
  const bucket = new S3Bucket(
    name,
    { forceDestroy: !stack.deletionProtection, tags: tagsFor(stack, name) },
    { ...child, protect: stack.deletionProtection },
  );
  const versioning = createVersioning(name, bucket, settings, child);
  createEncryption(name, bucket, key, child);
  createOwnership(name, bucket, child);
  const publicAccess = createPublicAccessBlock(name, bucket, child);
  // S3 refuses two changes of a bucket's access at the same time.
  createPolicy(name, bucket, { ...child, dependsOn: publicAccess });
  // What to do with old versions may only be said of a bucket that has them.
  createLifecycle(name, bucket, settings, { ...child, dependsOn: versioning });
  return {
    name: bucket.bucket,
    region: pulumi.output(stack.region),
    endpoint: undefined,
    access: "identity",
    identity: bucket.arn,
    encryptionKey: key.arn,
  };
}

function createVersioning(
  name: string,
  bucket: S3Bucket,
  { versioning }: Managed,
  opts: pulumi.CustomResourceOptions,
): BucketVersioning {
  return new BucketVersioning(
    name,
    {
      bucket: bucket.bucket,
      // `Disabled` is refused for a bucket that once had versions.
      versioningConfiguration: { status: versioning ? "Enabled" : "Suspended" },
    },
    opts,
  );
}

/** With a bucket key S3 asks KMS once for many objects, at a hundredth of the requests. */
function createEncryption(name: string, bucket: S3Bucket, key: AwsKey, opts: pulumi.CustomResourceOptions): void {
  new BucketServerSideEncryptionConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
          bucketKeyEnabled: true,
        },
      ],
    },
    opts,
  );
}

/** No access lists: who may do what is said by policies alone. */
function createOwnership(name: string, bucket: S3Bucket, opts: pulumi.CustomResourceOptions): void {
  new BucketOwnershipControls(name, { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } }, opts);
}

function createPublicAccessBlock(
  name: string,
  bucket: S3Bucket,
  opts: pulumi.CustomResourceOptions,
): BucketPublicAccessBlock {
  return new BucketPublicAccessBlock(
    name,
    {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    opts,
  );
}

function createPolicy(name: string, bucket: S3Bucket, opts: pulumi.CustomResourceOptions): void {
  const deny = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucket.arn, pulumi.interpolate`${bucket.arn}/*`],
  };
  new BucketPolicy(
    name,
    {
      bucket: bucket.bucket,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          { Sid: "TlsOnly", ...deny, Condition: { Bool: { "aws:SecureTransport": "false" } } },
          { Sid: "NoOldTls", ...deny, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
        ],
      }),
    },
    opts,
  );
}

function createLifecycle(
  name: string,
  bucket: S3Bucket,
  { expireDays, noncurrentDays }: Managed,
  opts: pulumi.CustomResourceOptions,
): void {
  const everything = { status: "Enabled", filter: { prefix: "" } };
  new BucketLifecycleConfiguration(
    name,
    {
      bucket: bucket.bucket,
      rules: [
        {
          id: "unfinished-uploads",
          ...everything,
          abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
        },
        { id: "old-versions", ...everything, noncurrentVersionExpiration: { noncurrentDays } },
        ...(expireDays === undefined ? [] : [{ id: "old-objects", ...everything, expiration: { days: expireDays } }]),
      ],
    },
    opts,
  );
}
