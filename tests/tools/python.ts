import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "./command.js";
import type { Tool } from "./kind.js";
import { filesIn, fillWhole, placeOf } from "./place.js";

/** A program from PyPI. The tools of a group share an environment, and a list of every version in it. */
export interface PythonRow {
  /** `python/GROUP.txt` is its list. */
  readonly group: string;
  /** The package that its version is read from. */
  readonly versionOf: string;
  /** Where the program is: among the environment's commands, or inside a package. */
  readonly program: { readonly command: string } | { readonly inPackages: string };
  /** For the whole group. */
  readonly minutes: number;
}

export function python(row: PythonRow): Tool {
  const list = join(import.meta.dirname, "python", `${row.group}.txt`);
  const folder = (): string => placeOf(row.group, [process.platform, process.arch], [list]);
  const path = (): string =>
    "command" in row.program
      ? join(folder(), "bin", row.program.command)
      : join(packagesOf(folder()), row.program.inPackages);
  return {
    kind: "python",
    minutes: row.minutes,
    version: () => listedVersion(list, row.versionOf),
    folder,
    path,
    // An environment is of one Python: where that was replaced, its link leads nowhere.
    here: () => existsSync(join(folder(), "bin", "python")) && existsSync(path()),
    lacks: () => findPython().lacks,
    bring: (show) => fillWhole(folder(), (unfinished) => install(list, unfinished, folder(), show)),
  };
}

async function install(list: string, unfinished: string, place: string, show: (state: string) => void): Promise<void> {
  show("making an environment");
  await command(findPython().program, ["-m", "venv", unfinished]);
  const pip = [join(unfinished, "bin", "python"), "-m", "pip", "--disable-pip-version-check"] as const;
  // Without dependencies, because the list has them: one that is missing there is told by `check`.
  const options = ["install", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "-r", list];
  await command(pip[0], [...pip.slice(1), ...options], {}, (text) => show(text.trim().split("\n").at(-1) ?? ""));
  await command(pip[0], [...pip.slice(1), "check"]);
  // Commands name the Python that they were installed with by its whole path.
  for (const script of filesIn(join(unfinished, "bin")).filter((path) => statSync(path).isFile())) {
    const text = readFileSync(script, "latin1");
    if (text.startsWith("#!")) writeFileSync(script, text.replaceAll(unfinished, place), "latin1");
  }
}

function packagesOf(folder: string): string {
  const lib = join(folder, "lib");
  const versions = existsSync(lib) ? readdirSync(lib) : [];
  return join(lib, versions.find((name) => name.startsWith("python")) ?? "python3", "site-packages");
}

function listedVersion(list: string, name: string): string {
  const line = readFileSync(list, "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`${list} does not list ${name}==VERSION`);
  return line.slice(name.length + 2).trim();
}

/** The real path of Python, with its version in it: `python3` may be another one tomorrow. */
function findPython(): { readonly program: string; readonly lacks: string | undefined } {
  const script = "import ensurepip, os, sys; print(os.path.realpath(sys.executable), *sys.version_info[:2])";
  const { status, stdout, stderr } = spawnSync("python3", ["-c", script], { encoding: "utf8" });
  if (stdout === null) return { program: "python3", lacks: "needs Python 3.11 or newer: python3 is not on PATH" };
  const [program = "python3", major, minor] = stdout.trim().split(" ");
  if (status === 0 && Number(major) === 3 && Number(minor) >= 11) return { program, lacks: undefined };
  const found = status === 0 ? `found ${major}.${minor}` : (stderr.trim().split("\n").at(-1) ?? "");
  return { program, lacks: `needs Python 3.11 or newer with venv (${found}): apt-get install python3-venv` };
}
