import assert from "node:assert/strict";
import { all, valueOf } from "../support/deploy.js";
import { eachCase, isOnlyRead } from "./parts.js";

eachCase("registry", "any", ({ ran, settings }) => {
  it("says what image references begin with", async () => {
    const url = await valueOf((await ran()).result.outputs.registry);
    assert.equal(typeof url, "string");
    assert.equal(url === "", settings.registry.mode === "none");
    if (settings.registry.mode === "existing") assert.equal(url, settings.registry.url);
  });
});

eachCase("registry", ["managed"], ({ resources, settings }) => {
  it("has a repository for each service, where a tag means one image and every image is scanned", async () => {
    const repositories = all(await resources(), "aws:ecr/repository:Repository");
    assert.deepEqual(
      repositories.map(({ inputs }) => inputs["name"]),
      Object.keys(settings.services).map((service) => `${settings.prefix}/${service}`),
    );
    for (const { inputs } of repositories) {
      assert.equal(inputs["imageTagMutability"], "IMMUTABLE");
      assert.deepEqual(inputs["imageScanningConfiguration"], { scanOnPush: true });
      assert.equal(inputs["forceDelete"], !settings.deletionProtection);
    }
  });

  it("encrypts images with a key that rotates", async () => {
    for (const { inputs } of all(await resources(), "aws:ecr/repository:Repository")) {
      const [encryption] = inputs["encryptionConfigurations"] as Record<string, string>[];
      assert.equal(encryption?.["encryptionType"], "KMS");
      assert.match(String(encryption?.["kmsKey"]), /^arn:aws:kms:/);
    }
    for (const { inputs } of all(await resources(), "aws:kms/key:Key")) assert.equal(inputs["enableKeyRotation"], true);
  });

  it("lets old images go", async () => {
    assert.equal(
      all(await resources(), "aws:ecr/lifecyclePolicy:LifecyclePolicy").length,
      all(await resources(), "aws:ecr/repository:Repository").length,
    );
  });
});

eachCase("registry", ["existing", "none"], ({ resources }) => {
  it("makes nothing", async () => assert.ok((await resources()).every(isOnlyRead)));
});
