import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { scenarioFolder, scenarios } from "./scenarios.js";

describe("the scenarios on a real node", () => {
  it("are all in the order in which they run", () => {
    assert.deepEqual(readdirSync(scenarioFolder).sort(), scenarios.map((name) => `${name}.ts`).sort());
  });
});
