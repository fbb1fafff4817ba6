import assert from "node:assert/strict";
import type { CloudName } from "../../../config/names.js";
import { valueOf } from "../../support/deploy.js";
import { cases, run, settingsOfCase } from "../cases.js";
import { proves } from "../proofs.js";

const wayIn: Readonly<Record<CloudName, readonly [url: string, address: string]>> = {
  aws: ["https://agents.example.com", "nlb.example.com"],
  gcp: ["https://agents.example.com", "203.0.113.9"],
  azure: ["https://agents.example.com", "203.0.113.9"],
  local: ["https://localhost:30443", "localhost"],
};

for (const one of cases) {
  describe(`edge and observe of ${one.name}`, () => {
    it("says where logs go, where the cloud keeps them", async () => {
      const { result } = await run(one);
      assert.equal((await valueOf(result.outputs.logs)) !== "", one.cloud !== "local");
    });

    it("has a gateway where services have routes, and nothing in front of it", async () => {
      const { resources, result } = await run(one);
      const edge = resources.filter(({ type }) =>
        /cloudfront|wafv2|globalaccelerator|securityPolicy|:cdn:|frontdoor/.test(type),
      );
      assert.deepEqual(edge, []);
      const { url, gatewayAddress } = result.outputs;
      const isReached = Object.values(settingsOfCase(one).services).some(
        ({ image, routes }) => image !== undefined && routes.length > 0,
      );
      const said = await Promise.all([valueOf(url), valueOf(gatewayAddress)]);
      assert.deepEqual(said, isReached ? wayIn[one.cloud] : ["", ""]);
    });
  });
}

proves("observe", "any");
