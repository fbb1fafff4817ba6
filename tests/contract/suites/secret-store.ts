import assert from "node:assert/strict";
import { all, valueOf } from "../../support/deploy.js";
import { PLANTED } from "../../support/platform.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";
import { entryTypes, textsIn } from "../values.js";

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
      [[entryTypes[one.cloud], `${settings.prefix}-openai-api-key`]],
    );
    const told = await valueOf(result.outputs.services["api"]?.secrets["OPENAI_API_KEY"]);
    assert.match(String(told), /openai-api-key/);
  });

  it("marks every value in the cluster secret", async () => {
    const inCluster = all((await ran()).resources, entryTypes.local).filter(({ read }) => !read);
    for (const { secretInputs, name } of inCluster) {
      assert.ok(
        secretInputs.some((path) => path.startsWith("stringData")),
        name,
      );
    }
  });
});

proves("secretStore", "any");
