import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { command } from "./command.js";
import type { Tool } from "./kind.js";
import { fillWhole, placeOf } from "./place.js";

/** A program from npm: its lock file pins every version. Install scripts do not run. */
export interface NpmRow {
  /** `npm/PROJECT/` has its package.json and package-lock.json. */
  readonly project: string;
  /** The package that its version is read from. */
  readonly versionOf: string;
  /** Its name in `node_modules/.bin`. */
  readonly program: string;
  readonly minutes: number;
}

export function npm(row: NpmRow): Tool {
  const source = join(import.meta.dirname, "npm", row.project);
  const files = [".npmrc", "package-lock.json", "package.json"].map((file) => join(source, file));
  const version = (): string => lockedVersion(join(source, "package-lock.json"), row.versionOf);
  const folder = (): string => placeOf(`${row.project}-${version()}`, [process.platform, process.arch], files);
  const path = (): string => join(folder(), "node_modules", ".bin", row.program);
  return {
    kind: "npm",
    minutes: row.minutes,
    version,
    folder,
    path,
    here: () => existsSync(path()),
    lacks: () =>
      spawnSync("npm", ["--version"]).status === 0 ? undefined : "needs npm, which is not on PATH: it comes with Node",
    bring: (show) =>
      fillWhole(folder(), async (unfinished) => {
        for (const file of files) copyFileSync(file, join(unfinished, basename(file)));
        show("npm ci");
        await command("npm", ["ci"], { cwd: unfinished });
      }),
  };
}

function lockedVersion(lock: string, name: string): string {
  const { packages } = JSON.parse(readFileSync(lock, "utf8")) as { packages: Record<string, { version?: string }> };
  const version = packages[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`${lock} does not have ${name}`);
  return version;
}
