import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { counted, PersonError, UsageError } from "../config/problems.js";
import type { Source } from "../config/source.js";
import { applySets, findStackFile, readStackFile, StackFileError } from "../config/stackfile.js";
import { planAsChanges } from "./against.js";
import { readEarlier } from "./changes.js";
import { type Outcome, planAsComparison } from "./compare.js";
import { fillFolder } from "./folder.js";
import { planAsImages } from "./images.js";
import { planAsJson } from "./json.js";
import { manifestsOf } from "./manifests.js";
import { type Options, readOptions, usage } from "./options.js";
import { planAsPage } from "./page.js";
import { type Plan, type PlanInput, planStack } from "./plan.js";
import { planAsSummary } from "./summary.js";
import { planAsTree } from "./tree.js";
import { verifyImages } from "./verify-images.js";

/** Where the words of the command go. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether somebody watches `err`, who is then shown how far it is. */
  readonly watched: boolean;
}

/** The whole command: what it prints and the code that it ends with. */
export async function run(args: readonly string[], streams: Streams): Promise<number> {
  try {
    return await answer(args, streams);
  } catch (error) {
    if (!(error instanceof PersonError)) throw error;
    streams.err(`${error.message}\n`);
    if (error instanceof UsageError) streams.err(`\n${usage}`);
    return error.exitCode;
  }
}

async function answer(args: readonly string[], streams: Streams): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    streams.out(usage);
    return 0;
  }
  const { stack, planOf } = planner(options, streams);
  if (options.clouds.length > 0) {
    const outcomes: Outcome[] = [];
    // One after the other: the runtime that a program runs on is the process's own.
    for (const cloud of options.clouds) outcomes.push(await outcomeOn(cloud, planOf));
    streams.out(planAsComparison(stack, outcomes));
    const plans = outcomes.flatMap((outcome) => ("plan" in outcome ? [outcome.plan] : []));
    return plans.length < outcomes.length ? 1 : strictness(plans, options, streams);
  }
  // Read before the plan is made: a file that is not there is said at once.
  const earlier = options.against === undefined ? undefined : readEarlier(options.against);
  const plan = await planOf();
  if (options.json !== undefined && options.json !== "-") write("--json", options.json, planAsJson(plan));
  if (options.html !== undefined) write("--html", options.html, planAsPage(plan));
  if (options.manifests !== undefined) fillFolder("--manifests", options.manifests, manifestsOf(plan));
  streams.out(earlier === undefined ? printed(plan, options) : planAsChanges(earlier, plan));
  return Math.max(options.verify ? verified(plan, options, streams) : 0, strictness([plan], options, streams));
}

/** What all plans of one command have in common. */
function planner(options: Options, { err, watched }: Streams) {
  const file = options.config ?? findStackFile(options.stack);
  const stack = options.config === undefined ? options.stack : stackIn(file);
  const source = applySets(readStackFile(file), options.sets);
  const stackOutputs = readStackOutputs(options.stackOutputs);
  const planOf = async (from: Source = source): Promise<Plan> => {
    try {
      return await planStack({
        source: from,
        stack,
        stackOutputs,
        ...(options.today === undefined ? {} : { today: options.today }),
        ...(watched ? { onProgress: (resources) => err(`\rplanning ${stack}: ${resources} resources\u001b[K`) } : {}),
      });
    } finally {
      if (watched) err("\r\u001b[K");
    }
  };
  return { stack, planOf: (sets: readonly string[] = []) => planOf(applySets(source, sets)) };
}

/** A cloud that the settings do not fit is an outcome like any other: the rest is planned still. */
async function outcomeOn(
  cloud: Outcome["cloud"],
  planOf: (sets: readonly string[]) => Promise<Plan>,
): Promise<Outcome> {
  try {
    return { cloud, plan: await planOf([`cloud=${cloud}`]) };
  } catch (error) {
    if (!(error instanceof PersonError)) throw error;
    return { cloud, error };
  }
}

/** `path/Pulumi.prod.yaml` -> `prod`; a file of another name is a stack of that name. */
function stackIn(file: string): string {
  return basename(file)
    .replace(/^Pulumi\./, "")
    .replace(/\.ya?ml$/, "");
}

function readStackOutputs(file: string | undefined): PlanInput["stackOutputs"] {
  if (file === undefined) return {};
  try {
    const outputs = JSON.parse(readFileSync(file, "utf8")) as unknown;
    if (typeof outputs === "object" && outputs !== null && !Array.isArray(outputs))
      return outputs as PlanInput["stackOutputs"];
    throw new Error("it holds no map of outputs");
  } catch (error) {
    throw new StackFileError(
      `--stack-outputs ${file}: ${(error as Error).message}; write it with: pulumi stack output --json`,
    );
  }
}

function write(option: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new StackFileError(`${option} ${file}: ${(error as Error).message}; give a file in a folder that is there`);
  }
}

/** What could not be looked at is no failure as long as something could, but for whoever asks for --strict. */
function verified(plan: Plan, { strict }: Options, { err }: Streams): number {
  const { text, wrong, unanswered, releases } = verifyImages(plan);
  err(text);
  if (unanswered > 0) err(`--verify: ${unanswered} of ${counted(releases, "chart")} not verified\n`);
  return wrong > 0 || (unanswered > 0 && (strict || unanswered === releases)) ? 1 : 0;
}

function printed(plan: Plan, { json, all, images }: Options): string {
  if (json === "-") return planAsJson(plan);
  if (images) return planAsImages(plan);
  return all ? planAsTree(plan) : planAsSummary(plan);
}

function strictness(plans: readonly Plan[], { strict }: Options, { err }: Streams): number {
  const open = new Set(plans.flatMap(({ beforeUp }) => beforeUp));
  if (!strict || open.size === 0) return 0;
  err(`--strict: ${open.size} to set before up\n`);
  return 1;
}
