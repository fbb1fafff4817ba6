import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { GcpBucket } from "../../../providers/gcp/bucket.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployGcpPart, keyRows } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";
import { addressOf, assertS3, s3 } from "../every-cloud/bucket.js";

const COMPONENT = "agent-platform:gcp:Bucket";
const BUCKET = "gcp:storage/bucket:Bucket";
const NAME = "agents-bucket-main";

const bucketOf = (said: Tree = gcpStack, stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.buckets["main"];
      if (settings === undefined) throw new Error("the stack has no bucket main");
      const secrets = dataStore(stack, ground, opts);
      return new GcpBucket(NAME, { key: "main", settings, network: dataNetwork(), secrets, stack, ground }, opts);
    },
    stubs,
  );

const made: Rows = [[COMPONENT, NAME], ...keyRows(`${NAME}-key`), [BUCKET, NAME]];
const existing: Tree = { ...gcpStack, bucket: { mode: "existing", id: "theirs" } };

describe("providers/gcp/bucket", () => {
  it("makes a bucket with its key", async () => {
    assert.deepEqual(inventory((await bucketOf()).resources), sorted(made));
  });

  it("makes a development bucket of these inputs", async () => {
    const { inputs, protect } = only((await bucketOf()).resources, BUCKET);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      encryption: { defaultKmsKeyName: `${NAME}-key-id` },
      forceDestroy: true,
      labels: labelsOf(NAME),
      lifecycleRules: [
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 7 } },
        { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: 30, withState: "ARCHIVED" } },
      ],
      location: "EUROPE-WEST1",
      project: "acme-agents",
      publicAccessPrevention: "enforced",
      softDeletePolicy: { retentionDurationSeconds: 0 },
      storageClass: "STANDARD",
      uniformBucketLevelAccess: true,
      versioning: { enabled: true },
    });
  });

  it("never lets the bucket be public", async () => {
    const { inputs } = only((await bucketOf()).resources, BUCKET);
    assert.deepEqual([inputs["publicAccessPrevention"], inputs["uniformBucketLevelAccess"]], ["enforced", true]);
  });

  it("encrypts the bucket with a key of its own that only Cloud Storage uses", async () => {
    const { resources, result } = await bucketOf();
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    const bucket = only(resources, BUCKET);
    assert.deepEqual(bucket.inputs["encryption"], { defaultKmsKeyName: `${NAME}-key-id` });
    assert.equal(grant.inputs["member"], "serviceAccount:agent of storage");
    assert(bucket.propertyDependencies["encryption"]?.includes(grant.urn));
    assert.equal(result.encryptionKey, undefined);
  });

  it("keeps a production bucket, its old versions and what was deleted", async () => {
    const { inputs, protect } = only((await bucketOf(gcpProduction)).resources, BUCKET);
    assert.deepEqual(
      [protect, inputs["forceDestroy"], inputs["versioning"], inputs["softDeletePolicy"]],
      [true, false, { enabled: true }, { retentionDurationSeconds: 604800 }],
    );
  });

  it("lets go of a production bucket when the one lock is lifted", async () => {
    const { resources } = await bucketOf({ ...gcpProduction, deletionProtection: false });
    const { inputs, protect } = only(resources, BUCKET);
    assert.deepEqual([protect, inputs["forceDestroy"]], [false, true]);
  });

  it("deletes objects at their age where the stack says one, and only those in use", async () => {
    const said = { ...gcpStack, bucket: { versioning: false, expireDays: 90, noncurrentDays: 5 } };
    const { inputs } = only((await bucketOf(said)).resources, BUCKET);
    assert.deepEqual(inputs["versioning"], { enabled: false });
    assert.deepEqual((inputs["lifecycleRules"] as unknown[]).slice(1), [
      { action: { type: "Delete" }, condition: { daysSinceNoncurrentTime: 5, withState: "ARCHIVED" } },
      { action: { type: "Delete" }, condition: { age: 90, withState: "LIVE" } },
    ]);
  });

  it("lets Pulumi name the bucket, because names are the world's", async () => {
    const { resources, result } = await bucketOf(gcpProduction);
    assert.equal(only(resources, BUCKET).inputs["name"], undefined);
    assert.equal(await valueOf(result.name), `${NAME}-1a2b3c4`);
  });

  it("says where it is", async () => {
    const { result } = await bucketOf();
    assert.deepEqual(await addressOf(result), {
      name: `${NAME}-1a2b3c4`,
      url: `gs://${NAME}-1a2b3c4`,
      region: "europe-west1",
      endpoint: undefined,
      identity: `${NAME}-1a2b3c4`,
    });
    assert.equal(result.access, "identity");
  });

  it("only reads a bucket that exists", async () => {
    const { resources, calls, result } = await bucketOf(existing);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls.filter(({ token }) => token === "gcp:storage/getBucket:getBucket"),
      [{ token: "gcp:storage/getBucket:getBucket", inputs: { name: "theirs" } }],
    );
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.region), await valueOf(result.identity), result.access],
      ["gs://theirs", "europe-north1", "theirs", "identity"],
    );
  });

  it("takes the region that the stack says of a bucket that exists", async () => {
    const { result } = await bucketOf({ ...gcpStack, bucket: { mode: "existing", id: "theirs", region: "eu" } });
    assert.equal(await valueOf(result.region), "eu");
  });

  it("reads nothing of a store that only speaks S3, and opens it with keys from the store", async () => {
    await assertS3(await bucketOf({ ...gcpStack, bucket: s3("team-s3") }), {
      rows: [[COMPONENT, NAME]],
      calls: "gcp:storage/",
      store: "acme-agents",
      key: "team-s3",
    });
  });

  it("takes the region of the stack for a store that says none", async () => {
    const { result } = await bucketOf({
      ...gcpStack,
      bucket: { mode: "existing", id: "theirs", endpoint: "https://s3.example.com", credentialsSecret: "team-s3" },
    });
    assert.equal(await valueOf(result.region), "europe-west1");
  });

  it("fails where the other stack has no such bucket", async () => {
    await assert.rejects(
      bucketOf({ ...gcpStack, bucket: { mode: "existing", fromStack: "acme/agent-platform/prod" } }, otherStack({})),
      /stack acme\/agent-platform\/prod has no output buckets\.main\.id: run 'pulumi up' there first/,
    );
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await bucketOf(gcpStack, { preview: true })).resources), sorted(made));
  });
});
