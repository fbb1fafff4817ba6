import { Bucket as StorageBucket } from "@pulumi/gcp/storage/bucket.js";
import { getBucketOutput } from "@pulumi/gcp/storage/getBucket.js";
import type { storage } from "@pulumi/gcp/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { BucketSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Bucket, BucketArgs, SecretRef } from "../contract.js";
import { References } from "../references.js";
import { keepsCopies } from "./datastore.js";
import type { GcpGround } from "./ground.js";
import { GcpKey } from "./key.js";
import { tagsFor } from "./tags.js";

export interface GcpBucketArgs extends BucketArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Managed = InMode<BucketSettings, "managed">;
type Existing = InMode<BucketSettings, "existing">;

/** Days after which the parts of an upload that nobody finished go. They cost like objects and are in no listing. */
const UNFINISHED_UPLOAD_DAYS = 7;
/** Seconds in which a deleted object, or the whole bucket, can be brought back: a week, the least that is not none. */
const SOFT_DELETE = 604_800;

/**
 * A Cloud Storage bucket in the stack's region: never public, permissions by IAM alone, encrypted with a key of its own,
 * with versions of what is overwritten. `existing` is somebody else's bucket, or a store that only speaks S3, of which
 * nothing is read.
 *
 * No bucket can refuse what does not speak TLS here; an organization can, with the policy
 * `constraints/storage.secureHttpTransport`. Google's own clients never speak anything else.
 *
 * Costs the objects, and where copies are kept what was deleted for a week more.
 */
export class GcpBucket extends pulumi.ComponentResource implements Bucket {
  public readonly name: pulumi.Output<string>;
  public readonly url: pulumi.Output<string>;
  public readonly region: pulumi.Output<string>;
  public readonly endpoint: string | undefined;
  public readonly access: "identity" | SecretRef;
  public readonly identity: pulumi.Output<string>;
  /** Nobody needs a permission on it: Cloud Storage's own account encrypts and decrypts. */
  public readonly encryptionKey = undefined;

  constructor(name: string, args: GcpBucketArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Bucket", name, {}, opts);
    const { settings } = args;
    const made =
      settings.mode === "managed" ? createBucket(name, args, settings, this) : findBucket(name, args, settings, this);

    this.name = made.name;
    this.url = pulumi.interpolate`${made.endpoint === undefined ? "gs" : "s3"}://${made.name}`;
    this.region = made.region;
    this.endpoint = made.endpoint;
    this.access = made.access;
    this.identity = made.identity;
    this.registerOutputs({ name: this.name, url: this.url, region: this.region });
  }
}

type Made = Pick<Bucket, "name" | "region" | "endpoint" | "access" | "identity">;

function findBucket(name: string, { key, secrets, stack }: GcpBucketArgs, settings: Existing, parent: GcpBucket): Made {
  const { id, endpoint, region, credentialsSecret, fromStack } = settings;
  const bucket = new References(name, parent, fromStack).id(id, `buckets.${key}.id`);
  const access = credentialsSecret === undefined ? "identity" : secrets.existing(credentialsSecret);
  if (endpoint !== undefined) {
    return {
      endpoint,
      access,
      name: bucket,
      region: pulumi.output(region ?? stack.region),
      // No permission of the project opens it: the keys in the store do.
      identity: pulumi.output(""),
    };
  }
  const found = getBucketOutput({ name: bucket }, { parent });
  return {
    endpoint,
    access,
    name: found.name,
    region: region === undefined ? found.location.apply((location) => location.toLowerCase()) : pulumi.output(region),
    identity: found.name,
  };
}

function createBucket(
  name: string,
  { key: bucketKey, stack, ground }: GcpBucketArgs,
  settings: Managed,
  parent: GcpBucket,
): Made {
  const child = { parent };
  const purpose = `Bucket ${bucketKey} of ${stack.prefix}`;
  const key = new GcpKey(`${name}-key`, { stack, ground, purpose, agent: "storage" }, child);
  const bucket = new StorageBucket(
    name,
    {
      project: ground.project("storage"),
      // Cloud Storage gives regions back in capitals.
      location: stack.region.toUpperCase(),
      storageClass: "STANDARD",
      // No access lists: who may do what is said by IAM alone.
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      encryption: { defaultKmsKeyName: key.id },
      versioning: { enabled: settings.versioning },
      softDeletePolicy: { retentionDurationSeconds: keepsCopies(stack) ? SOFT_DELETE : 0 },
      lifecycleRules: lifecycleOf(settings),
      forceDestroy: !stack.deletionProtection,
      labels: tagsFor(stack, name),
    },
    { ...child, protect: stack.deletionProtection },
  );
  return {
    name: bucket.name,
    region: pulumi.output(stack.region),
    endpoint: undefined,
    access: "identity",
    identity: bucket.name,
  };
}

const lifecycleOf = ({ expireDays, noncurrentDays }: Managed): storage.BucketLifecycleRule[] => [
  { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: UNFINISHED_UPLOAD_DAYS } },
  { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: noncurrentDays, withState: "ARCHIVED" } },
  ...(expireDays === undefined
    ? []
    : [{ action: { type: "Delete" }, condition: { age: expireDays, withState: "LIVE" } }]),
];
