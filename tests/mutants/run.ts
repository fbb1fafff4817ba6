import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Breaks one safety property at a time and runs the tests that say they guard it: each must go red. Works in a copy, so
 * that the tree at hand is never touched. With a word behind it, only those whose names have it.
 */
interface Mutant {
  readonly name: string;
  readonly patch: string;
  readonly safety: string;
  readonly file: string;
  /** Full titles: the suites' names and the test's own. */
  readonly titles: readonly string[];
}

const here = import.meta.dirname;
const root = join(here, "..", "..");

function readMutant(file: string): Mutant {
  const text = readFileSync(join(here, file), "utf8");
  const safety = /^Safety: (.+)$/m.exec(text)?.[1];
  const tests = [...text.matchAll(/^Test: (\S+): (.+)$/gm)].map(([, in_ = "", title = ""]) => ({ in_, title }));
  const files = [...new Set(tests.map(({ in_ }) => in_))];
  const [first] = files;
  if (safety === undefined || first === undefined || files.length > 1) {
    throw new Error(`${file} must begin with 'Safety: ...' and one 'Test: FILE: TITLE' or more, all of one file`);
  }
  const name = file.replace(/\.patch$/, "");
  return { name, patch: join(here, file), safety, file: first, titles: tests.map(({ title }) => title) };
}

const mutants: readonly Mutant[] = readdirSync(here)
  .filter((file) => file.endsWith(".patch") && file.includes(process.argv[2] ?? ""))
  .sort()
  .map(readMutant);
if (mutants.length === 0) throw new Error(`no mutant has ${process.argv[2]} in its name`);

const copy = mkdtempSync(join(tmpdir(), "mutants-"));
try {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of tracked.trim().split("\n")) cpSync(join(root, file), join(copy, file), { recursive: true });
  for (const modules of ["node_modules", "service/node_modules"]) symlinkSync(join(root, modules), join(copy, modules));
  process.exitCode = run() ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true, force: true });
}

function run(): boolean {
  const green = greenTests();
  const survivors = mutants.filter((mutant, index) => {
    const verdict = judge(mutant, green.get(mutant.file) ?? new Set());
    const mark = verdict === "killed" ? "killed  " : "SURVIVED";
    const reason = verdict === "killed" ? "" : ` (${verdict})`;
    console.log(`${String(index + 1).padStart(2)}/${mutants.length} ${mark} ${mutant.name}: ${mutant.safety}${reason}`);
    return verdict !== "killed";
  });
  console.log(`${mutants.length - survivors.length} passed, ${survivors.length} failed`);
  return survivors.length === 0;
}

/** What passes without any mutant, by file: a test that is red anyway proves nothing. */
function greenTests(): ReadonlyMap<string, ReadonlySet<string>> {
  const titles = new Map<string, string[]>();
  for (const mutant of mutants) titles.set(mutant.file, [...(titles.get(mutant.file) ?? []), ...mutant.titles]);
  return new Map([...titles].map(([file, all]) => [file, new Set(outcome(file, all).passes)]));
}

function judge({ name, patch, file, titles }: Mutant, green: ReadonlySet<string>): string {
  const missing = titles.filter((title) => !green.has(title));
  if (missing.length > 0) return `not green without it, or not there: ${missing.join("; ")}`;
  const applied = apply(patch);
  if (applied.status !== 0) return `the patch no longer applies: ${applied.stderr.trim()}`;
  const { failures } = outcome(file, titles);
  const undone = apply(patch, "-R");
  if (undone.status !== 0) throw new Error(`${name} could not be taken back: ${undone.stderr}`);
  const alive = titles.filter((title) => !failures.includes(title));
  return alive.length === 0 ? "killed" : `still green: ${alive.join("; ")}`;
}

/** The copy is in no repository, whatever is around it, so that paths are those of the patch. */
function apply(patch: string, ...options: readonly string[]) {
  return spawnSync("git", ["apply", ...options, patch], {
    cwd: copy,
    encoding: "utf8",
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });
}

interface Outcome {
  readonly passes: readonly string[];
  readonly failures: readonly string[];
}

function outcome(file: string, titles: readonly string[]): Outcome {
  const exact = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const result = spawnSync(
    process.execPath,
    [join(copy, "node_modules/mocha/bin/mocha.js"), file, "--reporter", "json", "--grep", `^(${exact.join("|")})$`],
    { cwd: copy, encoding: "utf8" },
  );
  try {
    const report = JSON.parse(result.stdout.slice(result.stdout.indexOf("{\n"))) as Record<
      string,
      { fullTitle: string }[]
    >;
    const named = (list: readonly { fullTitle: string }[] = []) => list.map(({ fullTitle }) => fullTitle);
    return { passes: named(report["passes"]), failures: named(report["failures"]) };
  } catch {
    // A file that does not even load is not a test that saw the fault.
    return { passes: [], failures: [] };
  }
}
