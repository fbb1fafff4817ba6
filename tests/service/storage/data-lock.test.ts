import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDirectory } from "../../../service/src/storage/data-lock.js";

describe("the lock of a data directory", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lock-"));
    file = join(folder, "database.lock");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const inUse = (by: string) => ({
    name: "StorageRefused",
    message:
      `DATA_DIR: the embedded database takes one process only, and ${by} has it (${file}). ` +
      "End that one, give this one another DATA_DIR, or set DATABASE_URL",
  });
  const pidIn = (text: string): unknown => JSON.parse(text).pid;

  it("is taken, held, and given back once", async () => {
    const release = await lockDirectory(file);
    assert.equal(pidIn(readFileSync(file, "utf8")), process.pid);
    await assert.rejects(lockDirectory(file), inUse("this process itself"));
    release();
    assert.ok(!existsSync(file));
    const again = await lockDirectory(file);
    release();
    assert.ok(existsSync(file));
    again();
  });

  it("is not taken from a process that lives", async () => {
    const text = JSON.stringify({ pid: process.ppid, began: null });
    writeFileSync(file, text);
    await assert.rejects(lockDirectory(file), inUse(`process ${process.ppid}`));
    assert.equal(readFileSync(file, "utf8"), text);
  });

  for (const [what, text] of [
    ["a process that is gone", JSON.stringify({ pid: 2 ** 22 + 1, began: null })],
    ["an earlier process that had this one's number", JSON.stringify({ pid: process.pid, began: "then" })],
    ["nobody, because it was torn", ""],
    ["nobody, because it is something else", "{}"],
  ] as const)
    it(`is taken from ${what}`, async () => {
      writeFileSync(file, text);
      const release = await lockDirectory(file);
      assert.equal(pidIn(readFileSync(file, "utf8")), process.pid);
      assert.deepEqual(readdirSync(folder), ["database.lock"]);
      release();
    });

  it("is taken from another process that has the number of one that is gone", async function () {
    // Only Linux tells when a process began.
    if (!existsSync("/proc/self/stat")) this.skip();
    writeFileSync(file, JSON.stringify({ pid: process.ppid, began: "then" }));
    (await lockDirectory(file))();
  });
});
