import assert from "node:assert/strict";
import { type ChildProcess, type SpawnSyncOptions, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packImages, packNodeImages } from "../images/index.js";
import { down } from "./down.js";
import { pause } from "./life.js";
import { found, up } from "./node.js";
import { type NodeRecord, readRecord, recordFile } from "./record.js";
import { type Inventory, takeInventory } from "./traces.js";
import { typescript } from "./typescript.js";

/**
 * Needs root, the tools and a machine on which no node is up. What a node leaves is looked for on the whole machine:
 * nothing else should begin or end on it meanwhile.
 *
 *     npx mocha --timeout 300000 tests/cluster/node/traces.real.ts
 */
describe("a node on this machine", () => {
  let stock: Inventory | undefined;
  const unchanged = () => isSame(stock ?? {});

  before(async () => {
    // A builder would pack on its way what is not there yet, for minutes.
    await packImages((what) => console.log(what));
    await packNodeImages((what) => console.log(what));
    // Somebody's node is not to be ended here, and nothing is known of the machine while it is up.
    assert.equal(readRecord(), undefined, "a node is up");
    stock = takeInventory();
  });
  after(async () => {
    if (stock !== undefined) await down();
  });

  it("leaves no trace", async () => {
    const node = await up();
    const during = takeInventory();
    for (const shelf of ["cgroups", "processes", "sysctls", "own files"])
      assert.notDeepEqual(during[shelf], stock?.[shelf], `${shelf}: blind to a node that is up`);
    await assert.rejects(
      up(),
      /^Error: a node needs to be the only one: a node is up since .*Z, and process \d+ ends it$/,
    );
    await node.down();
    await node.down();
    await unchanged();
  });

  it("stays when it is left, and is ended by another process", async () => {
    const program = `import(${JSON.stringify(join(import.meta.dirname, "node.ts"))}).then(async ({ up }) => (await up()).leave())`;
    const { status, stderr } = run(["--import", import.meta.resolve("tsx"), "--eval", program]);
    assert.equal(status, 0, stderr);
    assert.match(await (found()?.run("ctr", ["-n", "k8s.io", "tasks", "list"]) ?? ""), /RUNNING/);
    assert.equal(run(command("down")).stdout, "the node is gone\n");
    assert.equal(run(command("down")).stdout, "no node is up\n");
    await unchanged();
  });

  /** How far it has got when the process that builds it is killed. */
  const stages: Readonly<Record<string, (record: NodeRecord) => boolean>> = {
    "before anything is there": () => true,
    "with its namespaces": ({ holder }) => holder !== undefined,
    "with its API server": ({ parts }) => parts["kube-apiserver"] !== undefined,
    "with its kubelet": ({ parts }) => parts["kubelet"] !== undefined,
    "with pods": () => existsSync("/sys/fs/cgroup/memory/agent-platform-node/kubepods/burstable"),
  };
  for (const [stage, reached] of Object.entries(stages)) {
    it(`ends with the process that builds it, killed ${stage}`, async () => {
      const builder = await buildUntil(reached);
      builder.kill("SIGKILL");
      await unchanged();
    });
  }

  it("ends before the next one begins, where nobody was left to end it", async () => {
    const builder = await buildUntil(({ parts }) => parts["kubelet"] !== undefined);
    process.kill(watcherOf(builder), "SIGKILL");
    builder.kill("SIGKILL");
    await new Promise((resolve) => builder.once("exit", resolve));
    assert.ok(existsSync(recordFile));
    await (await up()).down();
    await unchanged();
  });

  it("says which part has ended, with its last words", async () => {
    const building = up();
    // Looked at below; without this it would count as unhandled meanwhile.
    building.catch(() => {});
    const record = await recorded(({ parts }) => parts["kube-apiserver"] !== undefined);
    process.kill(record.parts["kube-apiserver"]?.pid ?? 0, "SIGKILL");
    await assert.rejects(
      building,
      /^Error: kube-apiserver ended with SIGKILL:\n.*\nThe whole log: \S*kube-apiserver\.log$/s,
    );
    await unchanged();
  });

  it("takes no folder that holds something", async () => {
    const directory = mkdtempSync(join(tmpdir(), "not-a-node-"));
    writeFileSync(join(directory, "mine"), "");
    await assert.rejects(
      up({ directory }),
      new Error(`a node needs a folder of its own, and ${directory} holds something else`),
    );
    assert.ok(existsSync(join(directory, "mine")));
    rmSync(directory, { recursive: true });
    await assert.rejects(
      up({ directory: "/var/lib/node" }),
      /a folder that is not in \/var\/lib \(\/var\/lib\/node\)$/,
    );
    await unchanged();
  });

  it("says in a line what is missing", async () => {
    const asked = (options: SpawnSyncOptions) =>
      spawnSync(process.execPath, command("up"), { ...options, encoding: "utf8" }).stderr;
    assert.equal(asked({ uid: 65534, gid: 65534 }), "a node needs root\n");
    assert.equal(
      asked({ env: { ...process.env, PATH: "" } }),
      "a node needs ip, mount, nsenter, sh, unshare on PATH (iproute2, util-linux)\n",
    );
    assert.match(
      asked({ env: { ...process.env, AGENT_PLATFORM_CACHE: "/nowhere" } }),
      /^a node needs kubernetes, .*\n$/,
    );
    await unchanged();
  });
});

const command = (name: string): readonly string[] => [...typescript(join(import.meta.dirname, "command.ts")), name];
const run = (args: readonly string[]) => spawnSync(process.execPath, args, { encoding: "utf8" });

const DEADLINE_MS = 60_000;

/** What goes with a process goes a moment after it. */
async function isSame(before: Inventory): Promise<void> {
  for (const began = Date.now(); Date.now() - began < DEADLINE_MS; await pause(200)) {
    if (JSON.stringify(takeInventory()) === JSON.stringify(before)) return;
  }
  assert.deepEqual(takeInventory(), before);
}

async function buildUntil(reached: (record: NodeRecord) => boolean): Promise<ChildProcess> {
  const builder = spawn(process.execPath, command("up"), { stdio: ["ignore", "ignore", "inherit"] });
  try {
    await recorded(reached);
  } catch (error) {
    builder.kill("SIGKILL");
    throw error;
  }
  return builder;
}

async function recorded(reached: (record: NodeRecord) => boolean): Promise<NodeRecord> {
  for (const began = Date.now(); ; await pause(10)) {
    const record = readRecord();
    if (record !== undefined && reached(record)) return record;
    assert.ok(Date.now() - began < DEADLINE_MS, "the node does not get so far");
  }
}

function watcherOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  const watcher = children.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("cat >/dev/null"));
  assert.ok(watcher !== undefined);
  return watcher;
}
