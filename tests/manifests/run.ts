import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubernetesVersions } from "../../config/versions.js";
import { fillFolder } from "../../plan/folder.js";
import { manifestsOf } from "../../plan/manifests.js";
import { keptCase, planOfCase, servicesCases, stackFileCases, watchedCases } from "../matrix/cases.js";
import { refused } from "../matrix/expect.js";
import { crdsFolder } from "../tools/cache.js";
import { neededBy, tools } from "../tools/table.js";
import { checkov } from "./checkers/checkov.js";
import { kubeScore } from "./checkers/kube-score.js";
import { kubeconform } from "./checkers/kubeconform.js";
import { type Checker, type Finding, nameOf, type Waiver, waives } from "./findings.js";
import { writeSchemas } from "./schemas.js";
import { waivers } from "./waivers.js";

/** `npm run test:manifests`: what others hold of the manifests of every stack file on every cloud. */
if (!neededBy.manifests.every((name) => tools[name].here()) || !existsSync(crdsFolder())) {
  console.error("npm run test:manifests needs the checkers: npm run tools");
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), "manifests-"));
const schemas = join(folder, "schemas");
const checkers: readonly Checker[] = [
  ...kubernetesVersions.map((version) => kubeconform(version, schemas)),
  kubeScore(kubernetesVersions[0]),
  checkov,
];
/** What each must find in `known-bad/`: a schema that is not there would be an error and not `statusInvalid`. */
const knownBad: Readonly<Record<string, readonly Pick<Finding, "check" | "object">[]>> = {
  kubeconform: [
    { check: "statusInvalid", object: "Deployment.known-bad" },
    { check: "statusInvalid", object: "Certificate.known-bad" },
    { check: "statusInvalid", object: "HTTPRoute.known-bad" },
  ],
  "kube-score": [{ check: "container-security-context-privileged", object: "Deployment.known-bad.known-bad" }],
  checkov: [{ check: "CKV_K8S_16", object: "Deployment.known-bad.known-bad" }],
};
const used = new Set<Waiver>();
let passed = 0;
let failed = 0;

try {
  writeSchemas(schemas, kubernetesVersions);
  const stacks = await writeStacks();
  await inTwos(stacks.flatMap((stack) => checkers.map((checker) => () => judge(stack, checker))));
  await inTwos(checkers.map((checker) => () => control(checker)));
  judgeWaivers();
  judgeTruthTables();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** A folder a stack, under its name. What settings refuse has no manifests. */
async function writeStacks(): Promise<readonly string[]> {
  const names: string[] = [];
  const accepted = stackFileCases.filter(({ name }) => !Object.hasOwn(refused, name));
  for (const one of [...accepted, ...servicesCases, ...watchedCases, keptCase]) {
    // Without the releases, which are no objects.
    const objects = manifestsOf(await planOfCase(one)).filter(({ path }) => !path.startsWith("releases/"));
    fillFolder(one.name, join(folder, one.name), objects);
    names.push(one.name);
  }
  return names;
}

async function judge(stack: string, checker: Checker): Promise<void> {
  await attempt(`${stack}, ${checker.name}`, async () => {
    const findings = await checker.look(join(folder, stack));
    return findings.filter((finding) => {
      const covering = waivers.filter((waiver) => waives(waiver, checker.name, finding));
      for (const waiver of covering) used.add(waiver);
      return covering.length === 0;
    });
  });
}

/** A checker that finds nothing in what is known to be bad proves nothing of the rest. */
async function control(checker: Checker): Promise<void> {
  await attempt(`known-bad, ${checker.name} finds it`, async () => {
    const findings = await checker.look(join(import.meta.dirname, "known-bad"));
    return missedBy(checker, findings);
  });
}

function missedBy({ name }: Checker, findings: readonly Finding[]): readonly Finding[] {
  const [program = ""] = name.split(" ");
  const wanted = knownBad[program] ?? [];
  if (wanted.length === 0) throw new Error(`${program} has no row in knownBad, so nothing shows that it sees`);
  return wanted
    .filter(({ check, object }) => !findings.some((one) => one.check === check && one.object === object))
    .map((missed) => ({ ...missed, message: "is there, and was not found" }));
}

function judgeWaivers(): void {
  const idle = waivers.filter((waiver) => !used.has(waiver));
  tell(
    `waivers: ${waivers.length}, each for something`,
    idle.map((waiver) => `${nameOf(waiver)} waives nothing: take it out`),
  );
}

function judgeTruthTables(): void {
  const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
  const { status } = spawnSync(
    process.execPath,
    [mocha, "--reporter", "dot", "--fail-zero", join(import.meta.dirname, "**", "*.real.ts")],
    { stdio: "inherit" },
  );
  tell("network policies, by cyclonus", status === 0 ? [] : [`mocha ended with ${status}`]);
}

async function attempt(title: string, look: () => Promise<readonly Finding[]>): Promise<void> {
  try {
    tell(
      title,
      (await look()).map(({ check, object, message }) => `${object}: ${check}: ${message}`),
    );
  } catch (error) {
    tell(title, [(error as Error).message]);
  }
}

function tell(title: string, faults: readonly string[]): void {
  if (faults.length === 0) passed += 1;
  else failed += 1;
  console.log([`${faults.length === 0 ? "ok" : "!!"} ${title}`, ...faults.map((fault) => `   ${fault}`)].join("\n"));
}

/** Two at a time, which is what two cores are good for. */
async function inTwos(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = jobs.values();
  await Promise.all(
    [1, 2].map(async () => {
      for (const job of queue) await job();
    }),
  );
}
