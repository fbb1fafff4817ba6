import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../../service/src/main.ts");

/** What a person sees on a terminal, which `script` plays, until the service serves. */
async function seen(settings: Readonly<Record<string, string>>): Promise<string> {
  const command = `exec ${process.execPath} --import tsx ${MAIN}`;
  const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
    env: { PATH: process.env["PATH"], PORT: "0", METRICS_PORT: "0", ...settings },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  const said = new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk) => {
      text += chunk;
      // The greeting ends with an empty line; without one, serving is the last thing said.
      if (/curl -H .*\s+$/.test(text) || (settings["NODE_ENV"] === "production" && /"msg":"serving"/.test(text)))
        resolve();
      else if (/documents .*\r?\n\r?\n$/.test(text)) resolve();
    });
  });
  const ended = once(child, "exit");
  await Promise.race([said, ended]);
  child.stdin.write("\x03");
  await ended;
  return text;
}

describe("the first start on a terminal", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "service-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("shows where it listens, a first key and a line to try, and the key never again", async () => {
    const first = await seen({ DATA_DIR: folder });
    const [, url] = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(first) ?? [];
    const [, key] = /first key {2}(ak_test_\w+_\w+) {3}\(admin; shown this once\)/.exec(first) ?? [];
    assert.ok(url !== undefined && key !== undefined, first);
    assert.ok(first.includes(`curl -H 'Authorization: Bearer ${key}' ${url}/api/v1/templates`), first);
    const second = await seen({ DATA_DIR: folder });
    assert.match(second, /listening on/);
    assert.doesNotMatch(second, /ak_/);
  });

  it("shows none in production", async () => {
    const text = await seen({ DATA_DIR: folder, NODE_ENV: "production" });
    assert.match(text, /"msg":"serving"/);
    assert.doesNotMatch(text, /ak_|listening on/);
  });
});
