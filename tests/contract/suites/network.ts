import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase } from "../parts.js";
import { proves } from "../proofs.js";

eachCase("network", "any", ({ one, ran }) => {
  it("says its id and its subnets by tier", async () => {
    const { network } = (await ran()).result.outputs;
    const { public: open, private: inner, data } = await valueOf(network.subnets);
    assert.equal(typeof (await valueOf(network.id)), "string");
    for (const tier of [open, inner, data]) assert.ok(Array.isArray(tier));
    // Where there is one, nodes and data have a place in it: a subnet is in one zone on AWS, and in all elsewhere.
    const least = one.cloud === "aws" ? 2 : 1;
    assert.equal(inner.length >= least && data.length >= least, one.cloud !== "local");
  });
});

proves("network", ["managed"]);
