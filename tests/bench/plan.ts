import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planStack } from "../../plan/plan.js";
import { benchSource } from "./source.js";

/**
 * `npm run bench:plan [-- --short]`: the plan of each cloud beside a flat program that registers the same resources on
 * the same recorder, in one run, in turns. What counts is the ratio; milliseconds belong to the machine.
 */
const short = process.argv.includes("--short");
const runs = short ? 2 : 7;
const counts = short ? [50] : [1, 10, 50];
const clouds = ["aws", "gcp", "azure", "local"];
const aims = { time: 1.5, megabytes: 350 };

interface Sample {
  readonly ms: number;
  readonly megabytes: number;
  readonly resources: number;
}

const here = import.meta.dirname;
const directory = mkdtempSync(join(tmpdir(), "bench-plan-"));
/** Of two the lower one: what slows a run down is never the program. */
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

function sample(...args: string[]): Sample {
  const run = spawnSync(process.execPath, ["--import", "tsx", join(here, "measure.ts"), ...args], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`measure ${args.join(" ")} failed:\n${run.stderr}`);
  return JSON.parse(run.stdout) as Sample;
}

async function compare(cloud: string, services: number) {
  const plan = await planStack({ source: benchSource(cloud, services), stack: "bench", stackOutputs: {} });
  const file = join(directory, `${cloud}-${services}.json`);
  writeFileSync(file, JSON.stringify(plan.resources));
  const custom = plan.resources.filter((resource) => resource.custom && !resource.read).length;
  const pairs = Array.from({ length: runs }, () => ({
    platform: sample("platform", cloud, String(services)),
    flat: sample("flat", cloud, String(services), file),
  }));
  if (pairs.some(({ flat }) => flat.resources !== custom))
    throw new Error("the flat program registered something else");
  return {
    cloud,
    services,
    resources: custom,
    ms: median(pairs.map(({ platform }) => platform.ms)),
    time: median(pairs.map(({ platform, flat }) => platform.ms / flat.ms)),
    megabytes: median(pairs.map(({ platform }) => platform.megabytes)),
    memory: median(pairs.map(({ platform, flat }) => platform.megabytes / flat.megabytes)),
  };
}

try {
  console.log("cloud  services resources  plan ms  time/flat  plan MB  memory/flat");
  let missed = 0;
  for (const cloud of clouds) {
    const rows = [];
    for (const services of counts) {
      const row = await compare(cloud, services);
      rows.push(row);
      const cells = [
        row.ms.toFixed(0).padStart(8),
        row.time.toFixed(2).padStart(10),
        row.megabytes.toFixed(0).padStart(8),
        row.memory.toFixed(2).padStart(12),
      ];
      console.log(
        `${cloud.padEnd(6)} ${String(services).padStart(8)} ${String(row.resources).padStart(9)} ${cells.join(" ")}`,
      );
      if (row.time > aims.time || row.megabytes > aims.megabytes) missed += 1;
    }
    const [first, last] = [rows[0], rows.at(-1)];
    if (first !== undefined && last !== undefined && first !== last) {
      const growth = (last.ms - first.ms) / (last.resources - first.resources) / (first.ms / first.resources);
      console.log(
        `${cloud.padEnd(6)} growth: a resource more costs ${growth.toFixed(2)} of the first ones' share (1.00 is linear)`,
      );
    }
  }
  console.log(
    missed === 0
      ? `within the aims: at most ${aims.time} x flat and ${aims.megabytes} MB`
      : `${missed} rows over the aims`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
