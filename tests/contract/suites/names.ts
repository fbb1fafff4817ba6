import assert from "node:assert/strict";
import { unmarkedSecrets } from "../../matrix/checks.js";
import { nameFaults } from "../../matrix/names/index.js";
import { cases, run } from "../cases.js";

describe("names that chance ends", () => {
  // A plan does not know them, a recording with every answer does.
  for (const one of cases) {
    it(`will do, and secrets are marked: ${one.name}`, async () => {
      const { resources } = await run(one);
      assert.deepEqual([...nameFaults(resources), ...unmarkedSecrets(resources)], []);
    });
  }
});
