import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { eachCase, isOnlyRead } from "../parts.js";
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

eachCase("network", ["existing"], ({ resources }) => {
  it("is only read", async () => {
    const network = await resources();
    assert.ok(network.length > 0);
    assert.ok(network.every(isOnlyRead));
  });
});

eachCase("network", ["none"], ({ resources }) => {
  it("makes nothing", async () => assert.deepEqual(await resources(), []));
});
