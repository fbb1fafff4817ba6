import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CloudName, cloudNames } from "../../config/names.js";
import { planStack } from "../../plan/plan.js";
import { benchSource } from "./source.js";

/**
 * `npm run bench:plan [-- --short]`: the plan of each cloud beside a flat program that registers the same resources on
 * the same recorder, in one run, in turns. What counts is the ratio; milliseconds belong to the machine.
 */
const short = process.argv.includes("--short");
const runs = short ? 1 : 7;
/** A row over its aim is looked at again: only what is slow each time is the program's. */
const moreRuns = 4;
/** Services, by cloud: a line is drawn from the first row of a cloud to the last but one. */
const counts: Readonly<Record<CloudName, readonly number[]>> = short
  ? { aws: [50], gcp: [50], azure: [50], local: [5, 25, 50] }
  : { aws: [5, 10, 25, 50], gcp: [5, 10, 25, 50], azure: [5, 10, 25, 50], local: [5, 10, 25, 50] };
/** `growth`: the last row beside that line, 1 where a service more always costs the same. */
const aims = { time: 1.5, memory: 1.5, megabytes: 500, growth: 1.25 };
/** In a small plan most is the load of the program's own files, of which the flat one has a single one. */
const aimOfTime = (resources: number): number => (resources < 1000 ? 1.8 : aims.time);

interface Sample {
  readonly ms: number;
  readonly megabytes: number;
  readonly resources: number;
}
interface Row {
  readonly services: number;
  readonly resources: number;
  readonly ms: number;
  readonly megabytes: number;
  /** Beside the flat program. */
  readonly time: number;
  readonly memory: number;
}

const here = import.meta.dirname;
const directory = mkdtempSync(join(tmpdir(), "bench-plan-"));

function sample(...args: string[]): Sample {
  const run = spawnSync(process.execPath, ["--import", "tsx", join(here, "measure.ts"), ...args], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`measure ${args.join(" ")} failed:\n${run.stderr}`);
  return JSON.parse(run.stdout) as Sample;
}

async function compare(cloud: CloudName, services: number): Promise<Row> {
  const plan = await planStack({ source: benchSource(cloud, services), stack: "bench", stackOutputs: {} });
  const file = join(directory, `${cloud}-${services}.json`);
  writeFileSync(file, JSON.stringify(plan.resources));
  const resources = plan.resources.filter((resource) => resource.custom && !resource.read).length;
  const pair = () => {
    const platform = sample("platform", cloud, String(services));
    const flat = sample("flat", cloud, String(services), file);
    if (flat.resources !== resources) throw new Error("the flat program registered something else");
    return { platform, flat };
  };
  // What else the machine does only adds to a time: the least of each is what comes nearest to the program's own.
  const rowOf = (pairs: readonly ReturnType<typeof pair>[]): Row => {
    const least = (which: "platform" | "flat", what: "ms" | "megabytes") =>
      Math.min(...pairs.map((pair) => pair[which][what]));
    const [ms, megabytes] = [least("platform", "ms"), least("platform", "megabytes")];
    return {
      services,
      resources,
      ms,
      megabytes,
      time: ms / least("flat", "ms"),
      memory: megabytes / least("flat", "megabytes"),
    };
  };
  const pairs = Array.from({ length: runs }, pair);
  const row = rowOf(pairs);
  return misses(row) ? rowOf([...pairs, ...Array.from({ length: moreRuns }, pair)]) : row;
}

const misses = ({ resources, time, memory, megabytes }: Row): boolean =>
  time > aimOfTime(resources) || memory > aims.memory || megabytes > aims.megabytes;

/** The last row beside the line through the first and the last but one; undefined where there are no three. */
function growthOfMemory(rows: readonly Row[]): number | undefined {
  const [first, middle, last] = [rows[0], rows.at(-2), rows.at(-1)];
  if (first === undefined || middle === undefined || last === undefined || first === middle) return undefined;
  const each = (middle.megabytes - first.megabytes) / (middle.services - first.services);
  return last.megabytes / (middle.megabytes + each * (last.services - middle.services));
}

/**
 * The last row beside the others, each beside the flat program, for which a resource always costs the same: rows are
 * minutes apart, in which the machine may have become another one.
 */
function growthOfTime(rows: readonly Row[]): number | undefined {
  const [last, ...others] = rows.map(({ time }) => time).reverse();
  if (last === undefined || others.length < 2) return undefined;
  return (last * others.length) / others.reduce((sum, time) => sum + time, 0);
}

function print(cloud: CloudName, { services, resources, ms, time, megabytes, memory }: Row): void {
  const cells = [
    cloud.padEnd(6),
    String(services).padStart(8),
    String(resources).padStart(9),
    ms.toFixed(0).padStart(8),
    time.toFixed(2).padStart(10),
    megabytes.toFixed(0).padStart(8),
    memory.toFixed(2).padStart(12),
  ];
  console.log(cells.join(" "));
}

/** What one service more costs, and how many of time and memory grow by more than a line would. */
function printGrowth(cloud: CloudName, rows: readonly Row[]): number {
  const [first, last] = [rows[0], rows.at(-1)];
  const [time, memory] = [growthOfTime(rows), growthOfMemory(rows)];
  if (first === undefined || last === undefined || time === undefined || memory === undefined) return 0;
  const each = (what: "ms" | "megabytes") => (last[what] - first[what]) / (last.services - first.services);
  console.log(
    `${cloud.padEnd(6)} a service: ${each("ms").toFixed(0)} ms and ${each("megabytes").toFixed(1)} MB; ` +
      `growth of time ${time.toFixed(2)}, of memory ${memory.toFixed(2)} (1.00 is linear)`,
  );
  return [time, memory].filter((growth) => growth > aims.growth).length;
}

try {
  console.log("cloud  services resources  plan ms  time/flat  plan MB  memory/flat");
  let missed = 0;
  for (const cloud of cloudNames) {
    const rows: Row[] = [];
    for (const services of counts[cloud]) {
      const row = await compare(cloud, services);
      rows.push(row);
      print(cloud, row);
    }
    missed += rows.filter(misses).length + printGrowth(cloud, rows);
  }
  const said = `${aims.time} x flat's time (${aimOfTime(0)} x with less than 1,000 resources), ${aims.memory} x its memory, ${aims.megabytes} MB, growth ${aims.growth}`;
  console.log(missed === 0 ? `within the aims: at most ${said}` : `${missed} over the aims: at most ${said}`);
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
