import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Breaks one safety property at a time and runs the tests that say they guard it: each must go red. Works in copies, one
 * for each core, so that the tree at hand is never touched. With a word behind it, only those whose names have it.
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

const copies = Array.from({ length: availableParallelism() }, () => mkdtempSync(join(tmpdir(), "mutants-")));
try {
  for (const copy of copies) copyTo(copy);
  process.exitCode = (await run()) ? 0 : 1;
} finally {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
}

function copyTo(copy: string): void {
  const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of tracked.trim().split("\n")) cpSync(join(root, file), join(copy, file), { recursive: true });
  for (const modules of ["node_modules", "service/node_modules"]) symlinkSync(join(root, modules), join(copy, modules));
}

/** Each by whichever copy is free. */
async function inCopies<T>(all: readonly T[], work: (one: T, copy: string) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    copies.map(async (copy) => {
      for (const one of left) await work(one, copy);
    }),
  );
}

async function run(): Promise<boolean> {
  const green = await greenTests();
  let judged = 0;
  let survivors = 0;
  await inCopies(mutants, async (mutant, copy) => {
    const verdict = await judge(mutant, green.get(mutant.file) ?? new Set(), copy);
    judged += 1;
    if (verdict !== "killed") survivors += 1;
    const mark = verdict === "killed" ? "killed  " : "SURVIVED";
    const reason = verdict === "killed" ? "" : ` (${verdict})`;
    console.log(`${String(judged).padStart(3)}/${mutants.length} ${mark} ${mutant.name}: ${mutant.safety}${reason}`);
  });
  console.log(`${mutants.length - survivors} passed, ${survivors} failed`);
  return survivors === 0;
}

/** What passes without any mutant, by file: a test that is red anyway proves nothing. */
async function greenTests(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const titles = new Map<string, string[]>();
  for (const mutant of mutants) titles.set(mutant.file, [...(titles.get(mutant.file) ?? []), ...mutant.titles]);
  const green = new Map<string, ReadonlySet<string>>();
  await inCopies([...titles], async ([file, all], copy) => {
    green.set(file, new Set((await outcome(file, all, copy)).passes));
  });
  return green;
}

async function judge({ name, patch, file, titles }: Mutant, green: ReadonlySet<string>, copy: string): Promise<string> {
  const missing = titles.filter((title) => !green.has(title));
  if (missing.length > 0) return `not green without it, or not there: ${missing.join("; ")}`;
  const applied = apply(copy, patch);
  if (applied.status !== 0) return `the patch no longer applies: ${applied.stderr.trim()}`;
  const { failures } = await outcome(file, titles, copy);
  const undone = apply(copy, patch, "-R");
  if (undone.status !== 0) throw new Error(`${name} could not be taken back: ${undone.stderr}`);
  const alive = titles.filter((title) => !failures.includes(title));
  return alive.length === 0 ? "killed" : `still green: ${alive.join("; ")}`;
}

/** The copy is in no repository, whatever is around it, so that paths are those of the patch. */
function apply(copy: string, patch: string, ...options: readonly string[]) {
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

async function outcome(file: string, titles: readonly string[], copy: string): Promise<Outcome> {
  const exact = titles.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const said = await mochaIn(copy, [file, "--reporter", "json", "--grep", `^(${exact.join("|")})$`]);
  try {
    const report = JSON.parse(said.slice(said.indexOf("{\n"))) as Record<string, { fullTitle: string }[]>;
    const named = (list: readonly { fullTitle: string }[] = []) => list.map(({ fullTitle }) => fullTitle);
    return { passes: named(report["passes"]), failures: named(report["failures"]) };
  } catch {
    // A file that does not even load is not a test that saw the fault.
    return { passes: [], failures: [] };
  }
}

/** What it says: that it ends with an error is what is hoped for. */
function mochaIn(copy: string, words: readonly string[]): Promise<string> {
  const program = [join(copy, "node_modules/mocha/bin/mocha.js"), ...words];
  return new Promise((resolve) => {
    execFile(process.execPath, program, { cwd: copy, maxBuffer: Number.POSITIVE_INFINITY }, (_, out) => resolve(out));
  });
}
