import assert from "node:assert/strict";
import { all, valueOf } from "../../support/deploy.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("identity", "any", ({ one, ran, settings }) => {
  it("gives every service an account without a token", async () => {
    const accounts = all((await ran()).resources, "kubernetes:core/v1:ServiceAccount");
    assert.deepEqual(
      accounts.map(({ inputs }) => (inputs["metadata"] as { name: string }).name),
      Object.keys(settings.services),
    );
    for (const { inputs } of accounts) assert.equal(inputs["automountServiceAccountToken"], false);
  });

  it("says who the service is, where the cloud knows anybody", async () => {
    const { services } = (await ran()).result.outputs;
    const principal = await valueOf(services["api"]?.principal);
    assert.equal(principal !== "", one.cloud !== "local");
  });

  it("needs no access key", async () => {
    const keys = (await ran()).resources.filter(({ type }) => /accessKey|serviceAccountKey|iam\/user:/i.test(type));
    assert.deepEqual(keys, []);
  });
});

proves("identity", "any");
