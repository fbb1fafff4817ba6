import assert from "node:assert/strict";
import { all, valueOf } from "../support/deploy.js";
import { cases, run, settingsOfCase } from "./cases.js";

for (const one of cases) {
  describe(`edge and observe of ${one.name}`, () => {
    it("says where logs go, and they have an age limit", async () => {
      const { resources, result } = await run(one);
      const logs = await valueOf(result.outputs.logs);
      const groups = all(resources, "aws:cloudwatch/logGroup:LogGroup");
      if (one.cloud === "aws") assert.equal(logs, `/agent-platform/${settingsOfCase(one).prefix}/services`);
      else assert.deepEqual([logs, groups.length], ["", 0]);
      for (const { inputs, name } of groups) assert.ok(Number(inputs["retentionInDays"]) > 0, name);
    });

    it("has nothing in front of a gateway that is not there yet", async () => {
      const { resources, result } = await run(one);
      const edge = resources.filter(({ type }) => /cloudfront|wafv2|globalaccelerator/.test(type));
      assert.deepEqual(edge, []);
      const { url, gatewayAddress } = result.outputs;
      assert.deepEqual([url, gatewayAddress], ["", ""]);
    });
  });
}
