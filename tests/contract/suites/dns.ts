import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase, isOnlyRead } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("domain", "any", ({ ran, settings }) => {
  it("says its name, its zone and what to delegate to", async () => {
    const { domain, nameServers } = (await ran()).result.outputs;
    const { mode } = settings.domain;
    assert.equal(domain.name, settings.domain.mode === "none" ? "" : settings.domain.name);
    assert.equal((await valueOf(domain.zone)) !== "", mode !== "none");
    assert.equal((await valueOf(nameServers)).length > 0, mode === "managed");
  });
});

proves("domain", ["managed"]);

eachCase("domain", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const domain = await resources();
    assert.ok(domain.length > 0);
    assert.ok(domain.every(isOnlyRead));
  });
});

eachCase("domain", ["none"], ({ resources }) => {
  it("makes nothing", async () => assert.deepEqual(await resources(), []));
});
