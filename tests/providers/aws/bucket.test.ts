import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AwsBucket } from "../../../providers/aws/bucket.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { dataStore, deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";
import { addressOf, assertS3, s3 } from "../every-cloud/bucket.js";

const COMPONENT = "agent-platform:aws:Bucket";
const BUCKET = "aws:s3/bucket:Bucket";
const NAME = "agents-bucket-main";
const ARN = `arn:aws:s3:::${NAME}-1a2b3c4`;

const bucketOf = (said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => {
      const settings = stack.buckets["main"];
      assert(settings);
      return new AwsBucket(NAME, { key: "main", settings, secrets: dataStore(stack, opts), stack }, opts);
    },
    stubs,
  );

const existing = (bucket: Tree): Tree => ({ ...awsStack, bucket: { mode: "existing", ...bucket } });

const made: Rows = [
  [COMPONENT, NAME],
  ["agent-platform:aws:Key", `${NAME}-key`],
  ["aws:kms/alias:Alias", `${NAME}-key`],
  ["aws:kms/key:Key", `${NAME}-key`],
  [BUCKET, NAME],
  ["aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", NAME],
  ["aws:s3/bucketOwnershipControls:BucketOwnershipControls", NAME],
  ["aws:s3/bucketPolicy:BucketPolicy", NAME],
  ["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", NAME],
  ["aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", NAME],
  ["aws:s3/bucketVersioning:BucketVersioning", NAME],
];

describe("providers/aws/bucket", () => {
  it("makes a bucket and what keeps it safe", async () => {
    assert.deepEqual(inventory((await bucketOf()).resources), sorted(made));
  });

  it("makes a development bucket that goes with its objects", async () => {
    const { inputs, protect } = only((await bucketOf()).resources, BUCKET);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      forceDestroy: true,
      tags: tagsOf(NAME),
    });
  });

  it("keeps a production bucket that holds objects", async () => {
    const { inputs, protect } = only((await bucketOf(awsProduction)).resources, BUCKET);
    assert.deepEqual([protect, inputs["forceDestroy"]], [true, false]);
  });

  it("closes the bucket to the public", async () => {
    const { resources } = await bucketOf();
    const bucket = `${NAME}-1a2b3c4`;
    assert.deepEqual(only(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs, {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    assert.deepEqual(only(resources, "aws:s3/bucketOwnershipControls:BucketOwnershipControls").inputs, {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
  });

  it("encrypts the bucket with a key of its own", async () => {
    const { resources, result } = await bucketOf();
    const key = `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`;
    assert.deepEqual(
      only(resources, "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs,
      {
        bucket: `${NAME}-1a2b3c4`,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key },
            bucketKeyEnabled: true,
          },
        ],
      },
    );
    assert(result.encryptionKey);
    assert.equal(await valueOf(result.encryptionKey), key);
  });

  it("refuses what comes without TLS 1.2", async () => {
    const { resources } = await bucketOf();
    const { inputs, dependsOn } = only(resources, "aws:s3/bucketPolicy:BucketPolicy");
    const deny = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: [ARN, `${ARN}/*`] };
    assert.deepEqual(JSON.parse(String(inputs["policy"])), {
      Version: "2012-10-17",
      Statement: [
        { Sid: "TlsOnly", ...deny, Condition: { Bool: { "aws:SecureTransport": "false" } } },
        { Sid: "NoOldTls", ...deny, Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } } },
      ],
    });
    assert(dependsOn.includes(only(resources, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").urn));
  });

  it("keeps old versions for a while", async () => {
    const { resources } = await bucketOf();
    const versioning = only(resources, "aws:s3/bucketVersioning:BucketVersioning");
    const lifecycle = only(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    assert.deepEqual(versioning.inputs["versioningConfiguration"], { status: "Enabled" });
    assert.deepEqual(lifecycle.inputs, {
      bucket: `${NAME}-1a2b3c4`,
      rules: [
        {
          id: "unfinished-uploads",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
        {
          id: "old-versions",
          status: "Enabled",
          filter: { prefix: "" },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
        },
      ],
    });
    assert(lifecycle.dependsOn.includes(versioning.urn));
  });

  it("lets objects expire where the stack says so", async () => {
    const { resources } = await bucketOf({
      ...awsStack,
      bucket: { versioning: false, noncurrentDays: 5, expireDays: 90 },
    });
    const status = { status: "Enabled", filter: { prefix: "" } };
    assert.deepEqual(only(resources, "aws:s3/bucketVersioning:BucketVersioning").inputs["versioningConfiguration"], {
      status: "Suspended",
    });
    assert.deepEqual(
      only(resources, "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs["rules"],
      [
        { id: "unfinished-uploads", ...status, abortIncompleteMultipartUpload: { daysAfterInitiation: 7 } },
        { id: "old-versions", ...status, noncurrentVersionExpiration: { noncurrentDays: 5 } },
        { id: "old-objects", ...status, expiration: { days: 90 } },
      ],
    );
  });

  it("says where it is", async () => {
    const { result } = await bucketOf();
    assert.deepEqual(await addressOf(result), {
      name: `${NAME}-1a2b3c4`,
      url: `s3://${NAME}-1a2b3c4`,
      region: "eu-west-1",
      endpoint: undefined,
      identity: ARN,
    });
    assert.equal(result.access, "identity");
  });

  it("only reads a bucket that exists", async () => {
    const { resources, result, calls } = await bucketOf(existing({ id: "theirs" }));
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      calls.filter(({ token }) => token.startsWith("aws:s3/")),
      [{ token: "aws:s3/getBucket:getBucket", inputs: { bucket: "theirs" } }],
    );
    assert.deepEqual(await addressOf(result), {
      name: "theirs",
      url: "s3://theirs",
      region: "eu-central-1",
      endpoint: undefined,
      identity: "arn:aws:s3:::theirs",
    });
    assert.deepEqual([result.access, result.encryptionKey], ["identity", undefined]);
  });

  it("takes the bucket of another stack", async () => {
    const { result } = await bucketOf(
      existing({ fromStack: "acme/agent-platform/prod" }),
      otherStack({ buckets: { main: { id: "prods", encryptionKey: "arn:aws:kms:eu-west-1:1:key/k" } } }),
    );
    assert.equal(await valueOf(result.name), "prods");
    assert(result.encryptionKey);
    assert.equal(await valueOf(result.encryptionKey), "arn:aws:kms:eu-west-1:1:key/k");
  });

  it("reads nothing of a store that only speaks the protocol", async () => {
    await assertS3(await bucketOf({ ...awsStack, bucket: s3("team/s3") }), {
      rows: [[COMPONENT, NAME]],
      calls: "aws:s3/",
      store: "eu-west-1",
      key: "team/s3",
    });
  });

  it("fails where the other stack has no such bucket", async () => {
    await assert.rejects(
      bucketOf(existing({ fromStack: "acme/agent-platform/prod" }), otherStack({})),
      /stack acme\/agent-platform\/prod has no output buckets\.main\.id: run 'pulumi up' there first/,
    );
  });

  it("shows every resource in a preview", async () => {
    const unknown = await bucketOf(awsProduction, { preview: true });
    assert.deepEqual(inventory(unknown.resources), sorted(made));
  });
});
