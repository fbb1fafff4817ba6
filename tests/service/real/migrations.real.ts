import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../../tools/cache.js";

const service = join(import.meta.dirname, "../../../service");
const folder = join(service, "src/storage/migrations");
const squawk = (...given: readonly string[]) =>
  spawnSync(tool("squawk"), ["--config", join(service, ".squawk.toml"), ...given], { encoding: "utf8" });

describe("migrations, by squawk", () => {
  it("are safe on a table that is in use", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
    assert.ok(files.length > 0);
    const { status, stdout, stderr } = squawk(...files.map((file) => join(folder, file)));
    assert.equal(status, 0, `${stdout}${stderr}`);
  });

  it("would be refused where they are not", () => {
    const { status, stdout } = squawk(join(import.meta.dirname, "unsafe.fixture.sql"));
    assert.equal(status, 1);
    assert.match(stdout, /require-concurrent-index-creation/);
  });
});
