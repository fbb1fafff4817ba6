import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { PersonError, UsageError } from "../config/problems.js";
import { applySets, findStackFile, readStackFile, StackFileError } from "../config/stackfile.js";
import { planAsJson } from "./json.js";
import { type Options, readOptions, usage } from "./options.js";
import { type Plan, type PlanInput, planStack } from "./plan.js";
import { planAsSummary } from "./summary.js";
import { planAsTree } from "./tree.js";

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof PersonError)) throw error;
  process.stderr.write(`${error.message}\n`);
  if (error instanceof UsageError) process.stderr.write(`\n${usage}`);
  process.exitCode = error.exitCode;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const file = options.config ?? findStackFile(options.stack);
  const stack = options.config === undefined ? options.stack : stackIn(file);
  const plan = await planStack({
    source: applySets(readStackFile(file), options.sets),
    stack,
    stackOutputs: readStackOutputs(options.stackOutputs),
    ...(options.today === undefined ? {} : { today: options.today }),
    ...(process.stderr.isTTY ? { onProgress: progress(stack) } : {}),
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  write(plan, options);
  if (!options.strict || plan.beforeUp.length === 0) return 0;
  process.stderr.write(`--strict: ${plan.beforeUp.length} to set before up\n`);
  return 1;
}

/** `path/Pulumi.prod.yaml` -> `prod`; a file of another name is a stack of that name. */
function stackIn(file: string): string {
  return basename(file)
    .replace(/^Pulumi\./, "")
    .replace(/\.ya?ml$/, "");
}

function progress(stack: string): (resources: number) => void {
  return (resources) => void process.stderr.write(`\rplanning ${stack}: ${resources} resources\u001b[K`);
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

function write(plan: Plan, { json, all }: Options): void {
  if (json !== undefined && json !== "-") writeFileSync(json, planAsJson(plan));
  if (json === "-") process.stdout.write(planAsJson(plan));
  else process.stdout.write(all ? planAsTree(plan) : planAsSummary(plan));
}
