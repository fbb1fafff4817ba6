import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase } from "../parts.js";
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
