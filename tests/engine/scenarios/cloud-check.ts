import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject, objectsOf } from "../providers/cloud/disk.js";
import { all } from "../support/all.js";
import { writeExecutables } from "../support/executables.js";
import { type Ground, openGround, standInEnv } from "../support/trial.js";

const repository = join(import.meta.dirname, "../../..");

/** `npm run test:cloud` is for a person with an account; its own ways, above all its way out, are tried on the stand-ins. */
describe("the check on an account", () => {
  let ground: Ground;
  let folder: string;
  let cloud: string;

  before(async () => {
    ground = await openGround();
  });
  after(async () => {
    await ground?.close();
  });
  beforeEach(async () => {
    await ground.cluster.reset();
    folder = mkdtempSync(join(tmpdir(), "cloud-check-"));
    cloud = join(folder, "cloud");
    mkdirSync(cloud);
    writeExecutables(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(): { readonly child: ChildProcess; readonly ended: Promise<{ code: number | null; output: string }> } {
    const child = spawn(
      process.execPath,
      ["--import", "tsx", "tests/cloud/run.ts", "aws", "--account", "123456789012", "--yes"],
      {
        cwd: repository,
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...process.env,
          ...standInEnv(ground),
          STANDIN_CLOUD: cloud,
          PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
          HOME: folder,
          PULUMI_HOME: folder,
          AGENT_PLATFORM_CACHE: folder,
          PULUMI_SKIP_UPDATE_CHECK: "true",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        },
      },
    );
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
      child.on("close", (code) => resolve({ code, output })),
    );
    return { child, ended };
  }

  function assertNothingLeft(): void {
    assert.deepEqual(objectsOf(cloud), []);
    assert.deepEqual(readdirSync(join(folder, "cloud-check")), []);
  }

  it("brings a stack up, sees that it stays as it is, and takes it down", async () => {
    const { code, output } = await start().ended;
    assert.equal(code, 0, output);
    assert.match(output, /^\d+ resources in account 123456789012, at most \$\d\.\d\d$/m);
    assert.match(output, /^it comes up, stays as it is, and goes away$/m);
    assertNothingLeft();
  });

  it("takes down what an up left half done", async function () {
    if (!all) this.skip();
    inject(cloud, { op: "create", type: "aws:eks/nodeGroup:NodeGroup", fault: "quota" });
    const { code, output } = await start().ended;
    assert.equal(code, 1, output);
    assert.match(output, /^FAILED$/m);
    assertNothingLeft();
  });

  it("takes everything down when it is interrupted", async () => {
    const { child, ended } = start();
    while (!objectsOf(cloud).some(({ type }) => type === "aws:eks/cluster:Cluster") && child.exitCode === null)
      await sleep(20);
    child.kill("SIGINT");
    const { code, output } = await ended;
    assert.equal(code, 1, output);
    assert.match(output, /^interrupted$/m);
    assertNothingLeft();
  });
});
