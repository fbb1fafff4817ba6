import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { openObjects } from "../../../service/src/objects/open.js";
import { ObjectAway, type ObjectStore } from "../../../service/src/objects/store.js";
import { keepsObjects, type StandIn } from "../support/object-store-contract.js";

const open = (BUCKET_URL: string) => openObjects({ BUCKET_URL, DATA_DIR: "/nowhere" });

async function folder(): Promise<StandIn> {
  const root = mkdtempSync(join(tmpdir(), "objects-"));
  writeFileSync(join(root, "file"), "");
  const address = join(root, "store");
  return {
    address,
    dead: { address: join(root, "file", "store"), word: "ENOTDIR" },
    missing: join(root, "other"),
    open,
    keys: async () =>
      readdirSync(address, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => join(parentPath, name).slice(address.length + 1)),
    stop: async () => rmSync(root, { recursive: true, force: true }),
  };
}

keepsObjects("a folder", folder, "are made when needed");

describe("a folder of objects", () => {
  let root: string;
  let outside: string;
  let store: ObjectStore;
  beforeEach(async () => {
    const parent = mkdtempSync(join(tmpdir(), "objects-"));
    root = join(parent, "store");
    outside = join(parent, "outside");
    mkdirSync(root);
    mkdirSync(outside);
    store = await open(root);
  });
  afterEach(() => rmSync(join(root, ".."), { recursive: true, force: true }));

  const put = (key: string) => store.put(key, Readable.from(["x"]), { contentType: "text/plain", size: 1 });
  const everyWay = (key: string) => [() => put(key), () => store.get(key), () => store.delete(key)];

  it("is one by its URL as well", async () => {
    await put("acme/obj_1");
    const named = await open(pathToFileURL(root).href);
    assert.equal(Buffer.concat(await (await named.get("acme/obj_1")).toArray()).toString(), "x");
  });

  it("is in DATA_DIR where no bucket is named", async () => {
    store = await openObjects({ BUCKET_URL: undefined, DATA_DIR: root });
    await put("acme/obj_1");
    assert.equal(readFileSync(join(root, "objects", "acme", "obj_1"), "utf8"), "x");
  });

  it("refuses what is no key", async () => {
    const bad = [
      "",
      "/",
      "/etc/passwd",
      "../outside/x",
      "acme/../../outside/x",
      "a//b",
      "a/",
      "a/.hidden",
      ".",
      "a\\b",
    ];
    for (const key of [...bad, "a\0b", "a b", "a/../b", "%2e%2e/x", "é"])
      for (const ask of everyWay(key))
        await assert.rejects(ask, { message: `the key ${JSON.stringify(key)} is not one of this service` });
    assert.deepEqual([readdirSync(root), readdirSync(outside)], [[], []]);
  });

  it("follows no link out of itself", async () => {
    writeFileSync(join(outside, "obj_1"), "theirs");
    symlinkSync(outside, join(root, "acme"));
    for (const ask of everyWay("acme/obj_1")) await assert.rejects(ask, ObjectAway);
    assert.equal(readFileSync(join(outside, "obj_1"), "utf8"), "theirs");
    assert.deepEqual(readdirSync(outside), ["obj_1"]);
  });

  it("reads and writes no file behind a link", async () => {
    writeFileSync(join(outside, "secret"), "theirs");
    mkdirSync(join(root, "acme"));
    symlinkSync(join(outside, "secret"), join(root, "acme", "obj_1"));
    await assert.rejects(store.get("acme/obj_1"), { message: "the object store can't be used: ELOOP" });
    await put("acme/obj_1");
    assert.equal(readFileSync(join(outside, "secret"), "utf8"), "theirs");
    assert.equal(readFileSync(join(root, "acme", "obj_1"), "utf8"), "x");
  });

  it("may itself be behind a link", async () => {
    symlinkSync(root, join(outside, "link"));
    store = await open(join(outside, "link"));
    await put("acme/obj_1");
    assert.equal(readFileSync(join(root, "acme", "obj_1"), "utf8"), "x");
  });
});
