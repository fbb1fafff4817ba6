import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { generated, pathOf } from "../../docs/generate.js";

describe("documents that the code writes", () => {
  it("are what the code would write now", async () => {
    for (const [file, text] of Object.entries(await generated())) {
      assert.equal(readFileSync(pathOf(file), "utf8"), text, `${file} is stale: npm run docs`);
    }
  });

  it("show a plan of at most 60 lines and 80 columns a stack", async () => {
    const text = readFileSync(pathOf("docs/plan.txt"), "utf8");
    for (const plan of text.split(/^\$ /m).slice(1)) {
      const lines = plan.trimEnd().split("\n").slice(1);
      assert.ok(lines.length <= 60, `${lines.length} lines`);
      for (const line of lines) assert.ok([...line].length <= 80, line);
    }
  });
});
