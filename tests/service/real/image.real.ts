import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Image } from "../../../service/image/config.js";
import { check, type Run, start } from "../../../service/image/run.js";
import { discard } from "../../../service/image/seal.js";
import { assemble } from "../../../service/image/stages.js";
import { tool } from "../../tools/cache.js";
import { tools } from "../../tools/table.js";
import { listening } from "../support/listening.js";
import { forget, runFolder, watch } from "./run-folder.js";

const context = join(import.meta.dirname, "../../..");
const dockerfile = join(context, "service/Dockerfile");

/** Only root can choose whom the image runs as; for everybody else it is who they are. */
const mine = process.getuid?.() ?? 0;
const users = mine === 0 ? [10001, 54321] : [mine];

/** This one and the image's, or the same twice. */
const nodes = { "the Node that runs the tests": () => process.execPath, "the image's Node": () => tool("node24") };

interface File {
  readonly path: string;
  readonly size: number;
  readonly state: string;
}

function filesIn(root: string, within = ""): readonly File[] {
  return readdirSync(join(root, within)).flatMap((name) => {
    const path = `${within}/${name}`;
    const stat = lstatSync(join(root, path));
    const { mode, uid, mtimeMs, ctimeMs } = stat;
    const size = stat.isFile() ? stat.size : 0;
    const file = { path, size, state: [mode, uid, size, mtimeMs, ctimeMs].join(" ") };
    return stat.isDirectory() ? [file, ...filesIn(root, path)] : [file];
  });
}

/** What an ELF program says of itself: its machine, and whether it needs a loader, which libraries come with. */
function elf(path: string): { readonly machine: string; readonly needsLoader: boolean } {
  const bytes = readFileSync(path);
  assert.equal(bytes.toString("latin1", 0, 4), "\x7fELF");
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const kinds = Array.from({ length: count }, (_, index) => bytes.readUInt32LE(table + index * size));
  const machines: Readonly<Record<number, string>> = { 62: "amd64", 183: "arm64" };
  return { machine: machines[bytes.readUInt16LE(18)] ?? "another", needsLoader: kinds.includes(3) };
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const isElf = (path: string): boolean => readFileSync(path).toString("latin1", 0, 4) === "\x7fELF";
const isFile = (path: string): boolean => lstatSync(path).isFile();

/** For npm's and pip's packages, a C library and the compiler: a minute or two where nothing else runs. */
const patience = 15 * 60_000;

describe("the image, from its Dockerfile's own lines", () => {
  let folder: string;
  let image: Image;
  let files: readonly File[];

  before(async function () {
    this.timeout(patience);
    folder = mkdtempSync(join(runFolder(), "image-"));
    // Another user has to get through.
    chmodSync(folder, 0o711);
    image = await assemble({ dockerfile, context, into: join(folder, "image") });
    files = filesIn(image.root);
  });
  after(() => {
    if (files !== undefined) printSizes(files);
    discard(folder);
  });

  it("hadolint finds nothing in its Dockerfile", () => {
    const { status, stdout } = spawnSync(tool("hadolint"), ["--no-color", dockerfile], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [0, ""]);
  });

  it("stands on the Node that the tests have, and says what it is and whom it runs as", () => {
    const { healthcheck, ...rest } = image.config;
    assert.deepEqual(rest, {
      base: `node:${tools.node24.version()}-alpine`,
      env: { NODE_ENV: "production", HOST: "0.0.0.0", PORT: "3000", DATA_DIR: "/tmp/agent-service" },
      workdir: "/app/service",
      user: "10001:10001",
      ports: [3000, 9464],
      labels: {
        "org.opencontainers.image.title": "Agent service",
        "org.opencontainers.image.description": "An API for AI agents on Express, PostgreSQL and Redis",
        "org.opencontainers.image.licenses": "Apache-2.0",
        "org.opencontainers.image.version": "development",
        "org.opencontainers.image.revision": "unknown",
      },
      entrypoint: ["dumb-init", "--"],
      command: ["node", "--enable-source-maps", "dist/main.js"],
    });
    assert.equal(healthcheck[0], "node");
  });

  it("has what runs and nothing else", () => {
    const under = (path: string) => readdirSync(join(image.root, path)).sort();
    assert.deepEqual(under("/"), ["app", "usr"]);
    assert.deepEqual(under("/usr/local"), ["bin", "share"]);
    assert.deepEqual(under("/usr/local/bin"), ["dumb-init"]);
    assert.deepEqual(under("/usr/local/share/licenses/dumb-init"), ["LICENSE"]);
    assert.deepEqual(under("/app"), ["node_modules", "service"]);
    assert.deepEqual(under("/app/service"), ["dist", "node_modules", "package.json"]);
    for (const name of ["typescript", "tsx", "@types", "@esbuild", "@pulumi"])
      assert.equal(under("/app/node_modules").includes(name), false, `${name} is in the image`);
    assert.deepEqual(
      files
        .map(({ path }) => path)
        .filter((path) => /\.(map|[cm]?ts|md)$|\/\.(env|npmrc)$/.test(path) && !path.startsWith("/app/service/dist/")),
      [],
    );
    const sql = (path: string) => readdirSync(path).filter((name) => name.endsWith(".sql"));
    assert.deepEqual(
      sql(join(image.root, "app/service/dist/storage/migrations")),
      sql(join(context, "service/src/storage/migrations")),
    );
    assert.equal(files.filter(({ path }) => /^\/app\/service\/dist\/embedded-data-\w+\.tgz$/.test(path)).length, 1);
  });

  it("has every package that the service names, in the version that it names", () => {
    const { dependencies, devDependencies } = manifest(join(image.root, "app/service"));
    const named = manifest(join(context, "service")).dependencies;
    const versionOf = (name: string) =>
      ["app/service/node_modules", "app/node_modules"]
        .map((place) => join(image.root, place, name))
        .filter((place) => existsSync(place))
        .map((place) => manifest(place).version)[0];
    assert.deepEqual([dependencies, devDependencies], [named, undefined]);
    assert.deepEqual(Object.fromEntries(Object.keys(named ?? {}).map((name) => [name, versionOf(name)])), named);
  });

  it("is the same on both machines but for dumb-init, which needs no library on either", async function () {
    this.timeout(patience);
    const programs = files.map(({ path }) => join(image.root, path)).filter((path) => isFile(path) && isElf(path));
    const ours = join(image.root, "usr/local/bin/dumb-init");
    assert.deepEqual(programs, [ours]);
    const [machine, other] = process.arch === "x64" ? ["amd64", "arm64"] : ["arm64", "amd64"];
    assert.deepEqual(elf(ours), { machine, needsLoader: false });
    const into = join(folder, other);
    const { root } = await assemble({ dockerfile, context, into, args: { TARGETARCH: other }, target: "init" });
    assert.deepEqual(elf(join(root, "init/dumb-init")), { machine: other, needsLoader: false });
  });

  it("can be written to by nobody", () => {
    const open = files.filter(({ path }) => {
      const stat = lstatSync(join(image.root, path));
      return !stat.isSymbolicLink() && (stat.mode & 0o222) !== 0;
    });
    assert.deepEqual(open, []);
  });

  for (const [what, path] of Object.entries(nodes))
    for (const uid of users)
      it(`serves on ${what} as user ${uid}, is healthy, ends in peace and writes in DATA_DIR only`, async () => {
        const data = mkdtempSync(join(folder, "data-"));
        const run: Run = { node: nodeForAll(path()), uid, env: { ...(await free()), DATA_DIR: data } };
        if (mine === 0) chownSync(data, uid, uid);
        const before = foreign(uid);

        const child = start(image, { ...run, stdio: ["ignore", "pipe", "pipe"] });
        const ended = exitOf(child);
        if (child.pid !== undefined) watch(child.pid);
        try {
          const url = await serving(child);
          const ready = await fetch(`${url}/health/ready`);
          assert.deepEqual([ready.status, ((await ready.json()) as { status: string }).status], [200, "ready"]);
          const script = await fetch(`${url}/docs/swagger-ui-bundle.js`);
          assert.deepEqual(
            [script.status, script.headers.get("content-type")],
            [200, "text/javascript; charset=utf-8"],
          );
          await script.arrayBuffer();
          assert.equal(await exitOf(check(image, { ...run, stdio: "ignore" })), 0);
          assert.deepEqual(seen(child.pid), {
            words: ["dumb-init", "--", "node", "--enable-source-maps", "dist/main.js"],
            ids: [uid, uid, uid, uid],
          });
          child.kill("SIGTERM");
          assert.equal(await ended, 0);
        } finally {
          child.kill("SIGKILL");
          if (child.pid !== undefined) forget(child.pid);
        }
        assert.equal(await exitOf(check(image, { ...run, stdio: "ignore" })), 1);
        assert.notDeepEqual(readdirSync(data), []);
        assert.deepEqual(foreign(uid), before);
        assert.deepEqual(filesIn(image.root), files);
      });

  it("migrates by the same image's other command", async () => {
    const [uid = mine] = users;
    const data = mkdtempSync(join(folder, "data-"));
    if (mine === 0) chownSync(data, uid, uid);
    const child = start(image, {
      node: nodeForAll(process.execPath),
      uid,
      env: { DATA_DIR: data },
      command: ["node", "dist/main.js", "migrate"],
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => said.push(`${chunk}`));
    assert.equal(await exitOf(child), 0, said.join(""));
  });

  /** A Node in root's own home, such as that of the tools, is not for others to run. */
  function nodeForAll(path: string): string {
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    const bin = join(folder, version);
    mkdirSync(bin, { recursive: true });
    copyFileSync(realpathSync(path), join(bin, "node"));
    chmodSync(join(bin, "node"), 0o755);
    return join(bin, "node");
  }
});

/** The check asks the port that the variable names, so 0 will not do. */
async function free(): Promise<Readonly<Record<string, string>>> {
  const taken = await listening(() => {});
  await taken.close();
  return { HOST: "127.0.0.1", PORT: `${taken.port}`, METRICS_PORT: "0" };
}

/** What a user has in the places that everybody may write to. */
const foreign = (uid: number): readonly string[] =>
  uid === mine
    ? []
    : ["/tmp", "/var/tmp", "/dev/shm", "/run/lock"].flatMap((place) =>
        namesIn(place)
          .map((name) => join(place, name))
          .filter((path) => lstatSync(path, { throwIfNoEntry: false })?.uid === uid),
      );

function namesIn(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

async function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? signal ?? "SIGKILL";
}

/** Where it listens, once it says so. */
function serving(child: ChildProcess): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    for (const input of [child.stdout, child.stderr])
      if (input !== null)
        createInterface({ input }).on("line", (line) => {
          said.push(line);
          if (line.includes('"msg":"serving"')) resolve((JSON.parse(line) as { readonly url: string }).url);
        });
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(new Error(`ended with ${code ?? signal}:\n${said.join("\n")}`)));
  });
}

/** A process as the system sees it: its words, and its user's ids (real, effective, saved, of files). */
function seen(pid: number | undefined) {
  const [, ids = ""] = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
  return { words, ids: ids.split(/\s+/).map(Number) };
}

function printSizes(files: readonly File[]): void {
  const sizes = new Map<string, number>();
  for (const { path, size } of files) {
    const [, place = path] = /^(\/app\/service\/[^/]+|\/app\/node_modules\/(?:@[^/]+)?|\/usr)/.exec(path) ?? [];
    sizes.set(place, (sizes.get(place) ?? 0) + size);
  }
  const whole = files.reduce((sum, { size }) => sum + size, 0);
  const rows = [...sizes].filter(([, size]) => size > 1e6).sort(([, a], [, b]) => b - a);
  for (const [place, size] of [["in all, without its base", whole] as const, ...rows])
    console.log(`${(size / 1e6).toFixed(1).padStart(8)} MB  ${place}`);
}
