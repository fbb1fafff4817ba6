import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Breaks one safety property at a time and runs the tests that say they guard it: each must go red. Works in a copy, so
 * that the tree at hand is never touched.
 */
interface Mutant {
  readonly name: string;
  readonly patch: string;
  readonly safety: string;
  readonly file: string;
  readonly tests: readonly string[];
}

const here = import.meta.dirname;
const root = join(here, "..", "..");

const mutants: readonly Mutant[] = readdirSync(here)
  .filter((file) => file.endsWith(".patch"))
  .sort()
  .map((file) => {
    const text = readFileSync(join(here, file), "utf8");
    const safety = /^Safety: (.+)$/m.exec(text)?.[1];
    const tests = [...text.matchAll(/^Test: (\S+): (.+)$/gm)];
    const [first] = tests;
    if (safety === undefined || first?.[1] === undefined) {
      throw new Error(`${file} must begin with 'Safety: ...' and 'Test: FILE: TITLE'`);
    }
    return {
      name: file.replace(/\.patch$/, ""),
      patch: join(here, file),
      safety,
      file: first[1],
      tests: tests.map((match) => match[2] ?? ""),
    };
  });

const copy = mkdtempSync(join(tmpdir(), "mutants-"));
try {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of tracked.trim().split("\n")) cpSync(join(root, file), join(copy, file), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  process.exitCode = run() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function run(): boolean {
  const survivors = mutants.filter((mutant, index) => {
    const verdict = judge(mutant);
    const mark = verdict === "killed" ? "killed  " : "SURVIVED";
    console.log(
      `${String(index + 1).padStart(2)}/${mutants.length} ${mark} ${mutant.name}: ${mutant.safety}${verdict === "killed" ? "" : ` (${verdict})`}`,
    );
    return verdict !== "killed";
  });
  console.log(`${mutants.length - survivors.length} passed, ${survivors.length} failed`);
  return survivors.length === 0;
}

/** A mutant counts as killed only where its tests are green without it and red with it. */
function judge(mutant: Mutant): string {
  const before = outcome(mutant);
  if (before.passed !== mutant.tests.length || before.failed > 0)
    return `its tests are not green without it: ${before.passed} passed, ${before.failed} failed of ${mutant.tests.length}`;
  const applied = spawnSync("git", ["apply", "--unsafe-paths", "--directory", copy, mutant.patch], {
    cwd: copy,
    encoding: "utf8",
  });
  if (applied.status !== 0) return `the patch no longer applies: ${applied.stderr.trim()}`;
  const after = outcome(mutant);
  const undone = spawnSync("git", ["apply", "-R", "--unsafe-paths", "--directory", copy, mutant.patch], {
    cwd: copy,
    encoding: "utf8",
  });
  if (undone.status !== 0) throw new Error(`${mutant.name} could not be taken back: ${undone.stderr}`);
  return after.failed === mutant.tests.length ? "killed" : `${after.failed} of ${mutant.tests.length} tests went red`;
}

function outcome({ file, tests }: Mutant): { passed: number; failed: number } {
  const titles = tests.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const result = spawnSync(
    join(copy, "node_modules/.bin/mocha"),
    [file, "--reporter", "json", "--grep", `(${titles.join("|")})$`],
    { cwd: copy, encoding: "utf8" },
  );
  const json = result.stdout.slice(result.stdout.indexOf("{\n"));
  try {
    const { stats } = JSON.parse(json) as { stats: { passes: number; failures: number } };
    return { passed: stats.passes, failed: stats.failures };
  } catch {
    // A file that does not even load is not a test that saw the fault.
    return { passed: 0, failed: 0 };
  }
}
