import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const root = join(here, "..", "..");
const patches = readdirSync(here).filter((file) => file.endsWith(".patch"));

describe("mutants", () => {
  it("are at least fifteen, each of a safety property of its own", () => {
    const properties = patches.map((file) => /^Safety: (.+)$/m.exec(readFileSync(join(here, file), "utf8"))?.[1]);
    assert.ok(patches.length >= 15);
    assert.equal(properties.includes(undefined), false);
    assert.equal(new Set(properties).size, patches.length);
  });

  it("still apply to the source", () => {
    const { status, stderr } = spawnSync("git", ["apply", "--check", ...patches.map((file) => join(here, file))], {
      cwd: root,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
  });
});
