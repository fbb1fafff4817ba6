import assert from "node:assert/strict";
import { all, only, valueOf } from "../support/deploy.js";
import { before } from "./graph.js";
import { eachCase, isOnlyRead } from "./parts.js";

eachCase("buckets", "any", ({ ran, settings }) => {
  it("says where it is, and how a pod gets in", async () => {
    const { buckets } = (await ran()).result.outputs;
    assert.deepEqual(Object.keys(buckets), Object.keys(settings.buckets));
    for (const [key, bucket] of Object.entries(buckets)) {
      const id = await valueOf(bucket.id);
      assert.notEqual(id, "");
      assert.equal(await valueOf(bucket.url), `s3://${id}`);
      assert.notEqual(await valueOf(bucket.region), "");
      // By its identity where the cloud has identities, and with keys from the store where it only speaks the protocol.
      const said = settings.buckets[key];
      const speaksOnly = said?.mode === "existing" && said.endpoint !== undefined;
      assert.equal((await valueOf(bucket.credentialsSecret)) !== "", speaksOnly);
      assert.equal((await valueOf(bucket.endpoint)) !== "", speaksOnly);
    }
  });
});

eachCase("buckets", ["managed"], ({ ran, resources }) => {
  it("is closed to the public in every way", async () => {
    const blocks = all(await resources(), "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    assert.equal(blocks.length, all(await resources(), "aws:s3/bucket:Bucket").length);
    for (const { inputs } of blocks) {
      const { blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets } = inputs;
      assert.deepEqual(
        [blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets],
        [true, true, true, true],
      );
    }
    const { inputs } = only(await resources(), "aws:s3/bucketOwnershipControls:BucketOwnershipControls");
    assert.deepEqual(inputs["rule"], { objectOwnership: "BucketOwnerEnforced" });
  });

  it("refuses requests without TLS", async () => {
    const policies = all(await resources(), "aws:s3/bucketPolicy:BucketPolicy");
    assert.equal(policies.length, all(await resources(), "aws:s3/bucket:Bucket").length);
    for (const { inputs, name } of policies) {
      const { Statement } = JSON.parse(String(inputs["policy"])) as { Statement: Record<string, unknown>[] };
      const arn = `arn:aws:s3:::${name}-1a2b3c4`;
      assert.deepEqual(
        Statement.find(({ Sid }) => Sid === "TlsOnly"),
        {
          Sid: "TlsOnly",
          Effect: "Deny",
          Principal: "*",
          Action: "s3:*",
          Resource: [arn, `${arn}/*`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      );
      assert.deepEqual([...new Set(Statement.map(({ Effect }) => Effect))], ["Deny"]);
    }
  });

  it("is encrypted with a key that rotates", async () => {
    const encryption = all(
      await resources(),
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    );
    assert.equal(encryption.length, all(await resources(), "aws:s3/bucket:Bucket").length);
    for (const { inputs } of encryption) {
      const [rule] = inputs["rules"] as { applyServerSideEncryptionByDefault: Record<string, string> }[];
      const { sseAlgorithm, kmsMasterKeyId } = rule?.applyServerSideEncryptionByDefault ?? {};
      assert.equal(sseAlgorithm, "aws:kms");
      assert.match(String(kmsMasterKeyId), /^arn:aws:kms:/);
    }
    for (const { inputs } of all(await resources(), "aws:kms/key:Key")) assert.equal(inputs["enableKeyRotation"], true);
  });

  it("is made beside the cluster and not after it", async () => {
    const { resources: everything } = await ran();
    const first = before(everything, await resources());
    assert.ok(first.size > 0);
    assert.deepEqual(
      [...first].filter((urn) => urn.includes("agent-platform:aws:Cluster")),
      [],
    );
  });
});

eachCase("buckets", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const bucket = await resources();
    assert.ok(bucket.length > 0);
    assert.ok(bucket.every(isOnlyRead));
  });
});
