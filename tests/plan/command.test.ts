import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../plan/run.js";

const root = join(import.meta.dirname, "..", "..");

/** As a shell runs it. */
const command = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", "plan/command.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr };
};

/** The same in this process, which has the program loaded already. */
async function plan(...args: string[]) {
  const said = { out: "", err: "" };
  const status = await run(args, {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    watched: false,
  });
  return { status, ...said };
}

describe("npm run plan", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "plan-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));
  const file = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };

  it("prints the committed plan of prod and ends with 0", () => {
    const { status, out, err } = command();
    assert.equal(err, "");
    assert.equal(status, 0);
    assert.ok(readFileSync(join(root, "docs/plan.txt"), "utf8").includes(out));
  });

  it("shows names whole, in as many lines as they need", async () => {
    const image = "services.a-rather-long-name-of-a-service.image=ghcr.io/acme/api:1.4.2";
    const { out } = await plan("--stack", "dev", "--set", image);
    assert.match(out, /^pods of a-rather- api:1\.4\.2, .* \d+\nlong-name-of-a-\nservice$/m);
  });

  it("writes JSON to a file, or alone to standard output", async () => {
    const path = join(directory, "plan.json");
    assert.equal((await plan("--stack", "dev", "--json", path)).status, 0);
    assert.equal((await plan("--stack", "dev", "--json", "-")).out, readFileSync(path, "utf8"));
  });

  it("ends with 1 and one line a problem for settings that will not do, without a stack trace", () => {
    const path = file(
      "Pulumi.bad.yaml",
      "config:\n  agent-platform:cloud: aws\n  agent-platform:region: eu-west\n  agent-platform:size: big\n  agent-platform:cache:\n    shards: 0\n",
    );
    const { status, out, err } = command("--config", path);
    assert.equal(status, 1);
    assert.equal(out, "");
    assert.deepEqual(err.trimEnd().split("\n").slice(1), [
      '  agent-platform:size: "big" will not do; expected small, medium or large; set it with: pulumi config set size small',
      "  agent-platform:cache.shards: 0 is below 1; expected a whole number from 1 to 250; set it with: pulumi config set --path cache.shards 1",
    ]);
  });

  it("ends with 1 where there is no such stack, and says which there are", async () => {
    const { status, err } = await plan("--stack", "prd");
    assert.equal(status, 1);
    assert.equal(
      err,
      "no stack prd: Pulumi.prd.yaml is not here; did you mean prod?; there are dev, dr, prod and staging\n",
    );
  });

  it("ends with 2 and the usage on wrong usage", () => {
    const { status, err } = command("--stak", "prod");
    assert.equal(status, 2);
    assert.match(err, /^--stak is no option; did you mean --stack\?\n\nnpm run plan -- \[options\]\n/);
  });

  it("ends with 1 in --strict where a secret is not set, and with 0 where all are", async () => {
    assert.equal((await plan("--stack", "dev", "--strict")).status, 1);
    const set = readFileSync(join(root, "Pulumi.dev.yaml"), "utf8").concat(
      "  agent-secrets:OPENAI_API_KEY:\n    secure: v1:abc\n",
    );
    assert.equal((await plan("--config", file("Pulumi.dev.yaml", set), "--strict")).status, 0);
  });

  it("says what is wrong with a file of stack outputs", async () => {
    const path = file("outputs.json", "[1");
    const { status, err } = await plan("--stack", "dr", "--stack-outputs", path);
    assert.equal(status, 1);
    assert.match(err, /^--stack-outputs .*outputs\.json: .*; write it with: pulumi stack output --json\n$/);
  });

  it("shows several clouds side by side, and ends with 1 where one of them does not fit", async () => {
    const both = await plan("--stack", "prod", "--clouds", "aws,local");
    assert.equal(both.err, "");
    assert.equal(both.status, 0);
    assert.match(both.out, /^prod: the same settings on aws and local\n/);
    const { status, out, err } = await plan(
      "--stack",
      "prod",
      "--clouds",
      "local,aws",
      "--set",
      "network.mode=managed",
    );
    assert.equal(err, "");
    assert.equal(status, 1);
    assert.match(
      out,
      /^local: the settings do not fit\n {2}Pulumi\.prod\.yaml: 1 problem\n {4}agent-platform:network\.mode: /m,
    );
    assert.match(out, /^service {5}RDS PostgreSQL 17$/m);
  });

  it("ends with 1 in --strict where a secret is not set for any of several clouds", async () => {
    const { status, err } = await plan("--stack", "prod", "--clouds", "aws,local", "--strict");
    assert.equal(status, 1);
    assert.equal(err, "--strict: 4 to set before up\n");
  });

  it("says what changes from an earlier plan, and ends with 0", async () => {
    const path = join(directory, "before.json");
    assert.equal((await plan("--stack", "dev", "--json", path)).status, 0);
    const same = await plan("--stack", "dev", "--against", path);
    assert.equal(same.status, 0);
    assert.equal(same.out, `dev: this plan against ${path}\nno change\n`);
    const other = await plan("--stack", "dev", "--against", path, "--set", "database.storage=30");
    assert.equal(other.status, 0);
    assert.match(
      other.out,
      /^Changed \(1\)\n.*Cluster {2}agents-development-db-main\n {6}spec\.storage\.size: 20Gi -> 30Gi$/m,
    );
  });

  it("says what is wrong with an earlier plan before it plans anything", async () => {
    const { status, out, err } = await plan("--stack", "dev", "--against", file("none.json", "{}"));
    assert.equal(status, 1);
    assert.equal(out, "");
    assert.match(
      err,
      /^--against .*none\.json: it holds no plan; write one with: npm run plan -- --json plan\.json\n$/,
    );
  });

  it("writes a page beside what it prints, and says so where it cannot", async () => {
    const path = join(directory, "plan.html");
    assert.match((await plan("--stack", "dev", "--html", path)).out, /^dev: agents-development on local\n/);
    assert.match(readFileSync(path, "utf8"), /^<!doctype html>\n<html lang="en">\n/);
    const { status, err } = await plan("--stack", "dev", "--html", join(directory, "none", "plan.html"));
    assert.equal(status, 1);
    assert.match(err, /^--html .*plan\.html: ENOENT: .*; give a file in a folder that is there\n$/);
  });
});
