import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase, isOnlyRead } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("registry", "any", ({ ran, settings }) => {
  it("says what image references begin with", async () => {
    const url = await valueOf((await ran()).result.outputs.registry);
    assert.equal(typeof url, "string");
    assert.equal(url === "", settings.registry.mode === "none");
    if (settings.registry.mode === "existing") assert.equal(url, settings.registry.url);
  });
});

proves("registry", ["managed"]);

eachCase("registry", ["existing", "none"], ({ resources }) => {
  it("makes nothing", async () => assert.ok((await resources()).every(isOnlyRead)));
});
