import assert from "node:assert/strict";
import { valueOf } from "../../support/deploy.js";
import { cases, run } from "../cases.js";
import { proves } from "../proofs.js";

for (const one of cases) {
  describe(`edge and observe of ${one.name}`, () => {
    it("says where logs go, where the cloud keeps them", async () => {
      const { result } = await run(one);
      assert.equal((await valueOf(result.outputs.logs)) !== "", one.cloud !== "local");
    });

    it("has nothing in front of a gateway that is not there yet", async () => {
      const { resources, result } = await run(one);
      const edge = resources.filter(({ type }) =>
        /cloudfront|wafv2|globalaccelerator|securityPolicy|:cdn:|frontdoor/.test(type),
      );
      assert.deepEqual(edge, []);
      const { url, gatewayAddress } = result.outputs;
      assert.deepEqual([url, gatewayAddress], ["", ""]);
    });
  });
}

proves("observe", "any");
