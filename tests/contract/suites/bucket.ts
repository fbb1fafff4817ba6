import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";

/** How each cloud's own stores are addressed. */
const schemes = { aws: "s3", gcp: "gs", azure: "azblob", local: "s3" } as const;

eachCase("buckets", "any", ({ one, ran, settings }) => {
  it("says where it is, and how a pod gets in", async () => {
    const { buckets } = (await ran()).result.outputs;
    assert.deepEqual(Object.keys(buckets), Object.keys(settings.buckets));
    for (const [key, bucket] of Object.entries(buckets)) {
      const id = await valueOf(bucket.id);
      assert.notEqual(id, "");
      assert.notEqual(await valueOf(bucket.region), "");
      // By its identity where the cloud has identities, and with keys from the store where it only speaks the protocol.
      const said = settings.buckets[key];
      const speaksOnly = said?.mode === "existing" && said.endpoint !== undefined;
      assert.ok((await valueOf(bucket.url)).startsWith(`${speaksOnly ? "s3" : schemes[one.cloud]}://`));
      assert.equal((await valueOf(bucket.credentialsSecret)) !== "", speaksOnly);
      assert.equal((await valueOf(bucket.endpoint)) !== "", speaksOnly);
    }
  });
});

proves("buckets", ["managed"]);
