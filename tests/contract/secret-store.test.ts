import assert from "node:assert/strict";
import { all, valueOf } from "../support/deploy.js";
import { PLANTED } from "../support/platform.js";
import { eachCase, isOnlyRead } from "./parts.js";
import { textsIn } from "./values.js";

const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";

eachCase("secretStore", "any", ({ one, ran, settings }) => {
  it("says what it is and where", async () => {
    const { secretStore } = (await ran()).result.outputs;
    assert.notEqual(await valueOf(secretStore.id), "");
    assert.notEqual(await valueOf(secretStore.store), "");
  });

  it("keeps the stack's own secret, whose service is told where and not what", async () => {
    const { resources, result } = await ran();
    const holders = resources.filter(({ inputs }) =>
      textsIn(inputs).some(([, text]) => text.includes(`${PLANTED}-OPENAI_API_KEY`)),
    );
    assert.deepEqual(
      holders.map(({ type, name }) => [type, name]),
      [[one.cloud === "aws" ? VERSION : "kubernetes:core/v1:Secret", `${settings.prefix}-openai-api-key`]],
    );
    const told = await valueOf(result.outputs.services["api"]?.secrets["OPENAI_API_KEY"]);
    assert.match(String(told), /openai-api-key/);
  });

  it("marks every value secret", async () => {
    const { resources } = await ran();
    for (const { secretInputs, name } of all(resources, VERSION))
      assert.deepEqual(secretInputs, ["secretString"], name);
    const inCluster = all(resources, "kubernetes:core/v1:Secret").filter(({ read }) => !read);
    for (const { secretInputs, name } of inCluster) {
      assert.ok(
        secretInputs.some((path) => path.startsWith("stringData")),
        name,
      );
    }
    assert.ok(all(resources, VERSION).length + inCluster.length > 0);
  });

  if (one.cloud !== "aws") return;
  it("encrypts every entry with its one key", async () => {
    const { resources, result } = await ran();
    const key = await valueOf(result.outputs.secretStore.id);
    const entries = all(resources, "aws:secretsmanager/secret:Secret");
    assert.ok(entries.length > 0);
    for (const { inputs, name } of entries) assert.equal(inputs["kmsKeyId"], key, name);
  });

  it("frees names at once where nothing is protected, and keeps entries where it is", async () => {
    const store = settings.secretStore;
    const expected = store.mode === "existing" ? 7 : settings.deletionProtection ? 30 : 0;
    for (const { inputs, name } of all((await ran()).resources, "aws:secretsmanager/secret:Secret")) {
      assert.equal(inputs["recoveryWindowInDays"], expected, name);
      // The name is Pulumi's to end: a deleted entry keeps its own for as long as it can be brought back.
      assert.equal("name" in inputs, false, name);
    }
  });
});

eachCase("secretStore", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const store = await resources();
    assert.ok(store.length > 0);
    assert.ok(store.every(isOnlyRead));
  });
});
