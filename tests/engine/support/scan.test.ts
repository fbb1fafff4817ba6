import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaksIn, leaksUnder } from "./scan.js";

const WORD = "planted-secret-of-a-test";

describe("the search for planted secrets", () => {
  for (const before of ["", "a", "ab", "abc"]) {
    it(`sees one behind ${before.length} letters, plain and in base64`, () => {
      const text = `${before}${WORD}, and more`;
      assert.deepEqual(leaksIn("here", text, [WORD]), [{ where: "here", word: WORD, how: "plain" }]);
      const encoded = Buffer.from(text).toString("base64");
      assert.deepEqual(leaksIn("here", encoded, [WORD]), [{ where: "here", word: WORD, how: "base64" }]);
    });
  }

  it("sees nothing where there is nothing", () => {
    assert.deepEqual(leaksIn("here", Buffer.from("another secret of another test").toString("base64"), [WORD]), []);
  });

  it("goes into every folder but those that it is told to leave", () => {
    const folder = mkdtempSync(join(tmpdir(), "scan-"));
    try {
      for (const name of ["one", "two"]) {
        mkdirSync(join(folder, name, "deep"), { recursive: true });
        writeFileSync(join(folder, name, "deep", "file"), WORD);
      }
      assert.deepEqual(leaksUnder(folder, [WORD], [join(folder, "two")]), [
        { where: join(folder, "one", "deep", "file"), word: WORD, how: "plain" },
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
