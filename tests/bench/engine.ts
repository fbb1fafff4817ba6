import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changesOf, EngineStack } from "../engine/support/stack.js";
import { type Ground, openGround, Trial } from "../engine/support/trial.js";
import { flatten } from "./engine/flatten.js";
import { median } from "./median.js";

/**
 * `npm run bench:engine [-- --short]`: preview and no-op `up` of production under the real engine, beside a flat program
 * that registers the same resources, in one run, in turns. What counts is the ratio.
 */
const short = process.argv.includes("--short");
const pairs = short ? 2 : 7;
/** A row over its aim is looked at again: only what is slow each time is the program's. */
const morePairs = 3;
const aim = 1.3;
/** Few pairs differ by a tenth from one time to the next: the short form tells a miss, and fails where it is no chance. */
const limit = short ? 1.4 : aim;

interface Sample {
  /** Of the command, as a person waits for it. */
  readonly seconds: number;
  /** Of the program's own process: its life, and the most memory that it held. */
  readonly program: number;
  readonly megabytes: number;
  /** Registered; components are not. */
  readonly resources: number;
}

const directory = mkdtempSync(join(tmpdir(), "bench-engine-"));
const usageLog = join(directory, "usage.jsonl");
/** Every Node process of the command loads it; only the program is the SDK's `run`. */
const usage = `
  import { appendFileSync } from "node:fs";
  if (/@pulumi\\/pulumi\\/cmd\\/run/.test(process.argv[1])) process.on("exit", () => {
    const megabytes = process.resourceUsage().maxRSS / 1024;
    appendFileSync(process.env.USAGE_LOG, JSON.stringify({ program: performance.now() / 1000, megabytes }) + "\\n");
  });`;
const watched = { USAGE_LOG: usageLog, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(usage)}` };

const operations = {
  preview: (stack: EngineStack) => stack.preview(),
  up: (stack: EngineStack) => stack.up(),
} as const;
type Operation = keyof typeof operations;

const grouping = /^(pulumi:pulumi:Stack|agent-platform:.*)$/;

async function measured(stack: EngineStack, operation: Operation): Promise<Sample> {
  writeFileSync(usageLog, "");
  const ran = await operations[operation](stack);
  const lines = readFileSync(usageLog, "utf8").trim().split("\n");
  if (ran.code !== 0 || changesOf(ran).length > 0 || lines.length !== 1)
    throw new Error(`${operation} of ${stack.options.main ?? "the platform"} is not a no-op:\n${ran.output}`);
  const resources = ran.steps.filter(({ op, type }) => op !== "read" && !grouping.test(type)).length;
  const used = JSON.parse(lines[0] ?? "") as Pick<Sample, "program" | "megabytes">;
  return { seconds: ran.seconds, resources, ...used };
}

/** The same resources with no program of ours around them, on the same cloud: as if they had always been made so. */
async function flatBeside({ stack }: Trial): Promise<EngineStack> {
  const exported = JSON.parse(await stack.must("stack", "export", "--show-secrets"));
  const { rows, resources } = flatten(exported.deployment);
  const [rowsFile, stateFile] = [join(directory, "rows.json"), join(directory, "state.json")];
  writeFileSync(rowsFile, JSON.stringify(rows));
  const flat = await EngineStack.create({
    ...stack.options,
    secrets: {},
    main: "tests/bench/engine/flat.ts",
    env: { ...stack.options.env, STANDIN_CLOUD: stack.cloud, FLAT_ROWS: rowsFile },
  });
  writeFileSync(stateFile, JSON.stringify({ ...exported, deployment: { ...exported.deployment, resources } }));
  await flat.must("stack", "import", "--file", stateFile);
  return flat;
}

/** One after the other in turns, so that what else the machine does meets both. */
async function compare(operation: Operation, platform: EngineStack, flat: EngineStack) {
  const taken: { readonly platform: Sample; readonly flat: Sample }[] = [];
  const ratio = (what: keyof Sample) => median(taken.map((pair) => pair.platform[what] / pair.flat[what]));
  const misses = () => [ratio("seconds"), ratio("megabytes")].filter((one) => one > aim);
  const take = async (count: number): Promise<void> => {
    for (let pair = 0; pair < count; pair++)
      taken.push({ platform: await measured(platform, operation), flat: await measured(flat, operation) });
  };
  await take(pairs);
  if (misses().length > 0) await take(morePairs);
  const counts = new Set(taken.flatMap((pair) => [pair.platform.resources, pair.flat.resources]));
  if (counts.size > 1) throw new Error(`the flat program registered something else: ${[...counts].join(", ")}`);
  const of = (which: "platform" | "flat", what: keyof Sample) => median(taken.map((pair) => pair[which][what]));
  return { of, ratio, misses: misses() };
}

let ground: Ground | undefined;
let trial: Trial | undefined;
let flat: EngineStack | undefined;
try {
  ground = await openGround();
  trial = await Trial.open(ground, {
    stack: "prod",
    secretNames: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"],
    env: watched,
  });
  const up = await trial.stack.up();
  if (up.code !== 0) throw new Error(up.output);
  flat = await flatBeside(trial);
  console.log("aws prod   command s  ratio   program s  ratio   program MB  ratio");
  const missed: number[] = [];
  for (const operation of ["preview", "up"] as const) {
    const { of, ratio, misses } = await compare(operation, trial.stack, flat);
    const cells = [
      of("platform", "seconds").toFixed(2).padStart(9),
      ratio("seconds").toFixed(2).padStart(6),
      of("platform", "program").toFixed(2).padStart(11),
      ratio("program").toFixed(2).padStart(6),
      of("platform", "megabytes").toFixed(0).padStart(12),
      ratio("megabytes").toFixed(2).padStart(6),
    ];
    console.log(`${operation.padEnd(10)} ${cells.join(" ")}`);
    missed.push(...misses);
  }
  console.log(
    missed.length === 0
      ? `within the aim: at most ${aim} x flat in the command's time and the program's memory`
      : `${missed.length} over the aim of ${aim} x flat; it fails above ${limit} x`,
  );
  process.exitCode = missed.every((one) => one <= limit) ? 0 : 1;
} finally {
  flat?.remove();
  await trial?.close();
  await ground?.close();
  rmSync(directory, { recursive: true, force: true });
}
