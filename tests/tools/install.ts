import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname, join } from "node:path";
import { binaryOf, cacheRoot, crdsFolder, crdsModule, moduleFolder, versionOf } from "./cache.js";
import { crds } from "./crds.js";
import { type ToolName, tools } from "./table.js";

/**
 * `npm run tools [-- NAME ...]`: builds what the tests need of the real thing, once, into a cache outside the
 * repository. What was built stays; what was interrupted goes on from where Go's own cache has got to.
 */
const names = Object.keys(tools) as ToolName[];

function wanted(asked: readonly string[]): readonly ToolName[] {
  const unknown = asked.filter((name) => !names.includes(name as ToolName));
  if (unknown.length > 0) {
    console.error(`no tool ${unknown.join(", ")}; there are ${names.join(", ")}`);
    process.exit(2);
  }
  return asked.length === 0 ? names : (asked as ToolName[]);
}

function demandGo(): void {
  const { status, stdout, error } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  if (status === 0 && (Number(major) > 1 || Number(minor) >= 26)) return;
  const found = error === undefined ? `found ${stdout.trim()}` : "go is not on PATH";
  console.error(`npm run tools needs Go 1.26 or newer (${found}): https://go.dev/dl/`);
  process.exit(1);
}

async function build(name: ToolName): Promise<void> {
  const { package: target, stamp, minutes } = tools[name];
  const path = binaryOf(name);
  const title = `${name} ${versionOf(name)}`.padEnd(22);
  if (existsSync(path)) return console.log(`${title} is there`);
  mkdirSync(dirname(path), { recursive: true });
  const began = Date.now();
  const progress = startProgress(title, minutes, began);
  // Another process may build the same; whoever is done first, the file is whole.
  const unfinished = `${path}.${process.pid}`;
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-ldflags", `-s -w -X ${stamp}=${versionOf(name)}`];
  const go = spawn("go", ["build", ...flags, "-o", unfinished, target], {
    cwd: moduleFolder(name),
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  if (go.pid !== undefined) setPriority(go.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let said = "";
  go.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    progress.built(text.split("\n").length - 1);
  });
  const code = await new Promise((resolve) => go.on("close", resolve));
  progress.end();
  if (code !== 0) throw new Error(`${title} was not built:\n${said.split("\n").slice(-20).join("\n")}`);
  renameSync(unfinished, path);
  console.log(`${title} built in ${clock(Date.now() - began)}`);
}

/** Custom resource definitions as published, out of the modules that carry them. */
function fetchCrds(): void {
  const folder = crdsFolder();
  const title = "crds".padEnd(22);
  if (existsSync(folder)) {
    console.log(`${title} are there`);
    return;
  }
  const unfinished = `${folder}.${process.pid}`;
  for (const [chart, { module, folder: within }] of Object.entries(crds)) {
    const { status, stdout, stderr } = spawnSync("go", ["mod", "download", "-json", module], {
      cwd: crdsModule,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${title} of ${chart} could not be fetched:\n${stdout}${stderr}`);
    const { Dir } = JSON.parse(stdout) as { Dir: string };
    const files = readdirSync(join(Dir, within)).filter((file) => file.endsWith(".yaml"));
    mkdirSync(join(unfinished, chart), { recursive: true });
    for (const file of files) writeFileSync(join(unfinished, chart, file), readFileSync(join(Dir, within, file)));
  }
  renameSync(unfinished, folder);
  console.log(`${title} fetched`);
}

/** On a terminal a line that moves; elsewhere a line a minute. */
function startProgress(title: string, minutes: number, began: number) {
  const live = process.stderr.isTTY === true;
  let packages = 0;
  const show = () => {
    const line = `${title} building, ${packages} packages, ${clock(Date.now() - began)} of about ${minutes} min`;
    process.stderr.write(live ? `\r${line}\x1b[K` : `${line}\n`);
  };
  show();
  const timer = setInterval(show, live ? 1000 : 60_000);
  return {
    built: (count: number) => {
      packages += count;
    },
    end: () => {
      clearInterval(timer);
      if (live) process.stderr.write("\r\x1b[K");
    },
  };
}

const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

const asked = wanted(process.argv.slice(2));
const missing = asked.filter((name) => !existsSync(binaryOf(name)));
if (missing.length > 0 || !existsSync(crdsFolder())) demandGo();
const expected = missing.reduce((sum, name) => sum + tools[name].minutes, 0);
console.log(
  `tools are kept in ${cacheRoot()}${missing.length === 0 ? "" : `; about ${expected} min to go on two cores`}`,
);
try {
  // One after the other: each build keeps every core busy.
  for (const name of asked) await build(name);
  if (process.argv.length === 2) fetchCrds();
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
