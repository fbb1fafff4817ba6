import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tool } from "./cache.js";
import type { Tool } from "./kind.js";
import { fillWhole } from "./place.js";
import { neededBy, type ToolName, tools } from "./table.js";
import { wanted } from "./wanted.js";

const names = Object.keys(tools) as ToolName[];

describe("the tools of the tests", () => {
  let folder: string;
  const before = { PATH: process.env["PATH"], AGENT_PLATFORM_CACHE: process.env["AGENT_PLATFORM_CACHE"] };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tools-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it("are each needed by a command", () => {
    assert.deepEqual(new Set<ToolName>(Object.values(neededBy).flat()), new Set(names));
  });

  it("are pinned: every package of a Python list, and no registry in a lock file of npm", () => {
    const lists = join(import.meta.dirname, "python");
    for (const list of readdirSync(lists)) {
      const lines = readFileSync(join(lists, list), "utf8").trimEnd().split("\n").slice(1);
      assert.deepEqual(
        lines.filter((line) => !/^[\w.-]+==[\w.]+$/.test(line)),
        [],
        list,
      );
    }
    const projects = join(import.meta.dirname, "npm");
    for (const project of readdirSync(projects)) {
      assert.doesNotMatch(readFileSync(join(projects, project, "package-lock.json"), "utf8"), /"resolved"/, project);
    }
  });

  it("are brought by their names, or by the suite that needs them, each once and in the table's order", () => {
    assert.deepEqual(wanted(["redis", "helm"]), { tools: ["helm", "redis"], crds: false });
    assert.deepEqual(wanted(["engine", "pulumi", "squawk"]), {
      tools: ["pulumi", "kubernetes", "helm", "squawk"],
      crds: true,
    });
    const { tools: all, crds } = wanted([]);
    assert.deepEqual(
      Object.keys(tools).filter((name) => !all.includes(name as ToolName)),
      ["litellm"],
    );
    assert.equal(crds, true);
    assert.throws(
      () => wanted(["engin", "gateway", "rediss"]),
      /^Error: no tool engin, rediss; there are pulumi, .*; or for a suite: engine, cluster, service, manifests, monitoring, gateway$/,
    );
  });

  it("say how they are brought where they are not", () => {
    process.env["AGENT_PLATFORM_CACHE"] = folder;
    for (const name of names) {
      const message = `not here yet: ${name} ${tools[name].version()}; bring it with: npm run tools`;
      assert.throws(() => tool(name), { message });
    }
  });

  it("say what a machine lacks", () => {
    process.env["PATH"] = folder;
    const said: Readonly<Record<Tool["kind"], string>> = {
      go: "needs Go 1.26 or newer (go is not on PATH): https://go.dev/dl/",
      python: "needs Python 3.11 or newer: python3 is not on PATH",
      debian: "needs Debian or Ubuntu (apt-get, dpkg, dpkg-deb not on PATH)",
      npm: "needs npm, which is not on PATH: it comes with Node",
    };
    for (const name of names) assert.equal(tools[name].lacks(), said[tools[name].kind], name);
  });

  it("are there whole or not at all", async () => {
    const place = join(folder, "cache", "tool-1");
    const interrupted = `${place}.${2 ** 22 + 1}`;
    mkdirSync(interrupted, { recursive: true });
    const fails = fillWhole(place, async (unfinished) => {
      writeFileSync(join(unfinished, "half"), "");
      throw new Error("the network went away");
    });
    await assert.rejects(fails, { message: "the network went away" });
    assert.deepEqual(readdirSync(join(folder, "cache")), []);
    await fillWhole(place, async (unfinished) => {
      assert.equal(existsSync(place), false);
      writeFileSync(join(unfinished, "whole"), "");
    });
    assert.deepEqual(readdirSync(join(folder, "cache"), { recursive: true }), ["tool-1", "tool-1/whole"]);
  });
});
