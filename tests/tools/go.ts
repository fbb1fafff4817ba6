import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command } from "./command.js";
import { completed, type Missing } from "./completed.js";
import type { Tool } from "./kind.js";
import { filesIn, fillWhole, placeOf } from "./place.js";

/** A program that is built from a Go module beside this file: `go.sum` pins every version. */
export interface GoRow {
  /** The folder of its module. */
  readonly module: string;
  /** @default its folder's name */
  readonly program?: string;
  /** The module that its version is read from, in that folder's go.mod. */
  readonly versionOf: string;
  /** What is built: a package's path, or "." for the folder's own main.go. */
  readonly package: string;
  /** Build tags: what of the program is built. */
  readonly tags?: readonly string[];
  /** What the module comes without. @default nothing */
  readonly missing?: Missing;
  /** The variable that the program reads its own version from. */
  readonly stamp?: string;
  /** On two cores, from nothing. */
  readonly minutes: number;
}

export function go(row: GoRow): Tool {
  const source = join(import.meta.dirname, row.module);
  const { minutes, ...built } = row;
  const { program = row.module, tags = [], missing } = built;
  const version = (): string => requiredVersion(source, row.versionOf);
  const folder = (): string =>
    placeOf(`${program}-${version()}`, [built, process.platform, process.arch], filesIn(source));
  const path = (): string => join(folder(), program);
  return {
    kind: "go",
    minutes,
    version,
    folder,
    path,
    here: () => existsSync(path()),
    lacks: lacksGo,
    bring: (show) =>
      fillWhole(folder(), async (unfinished) => {
        const stamp = row.stamp === undefined ? "" : ` -X ${row.stamp}=${version()}`;
        const flags = [
          ...["-v", "-trimpath", "-buildvcs=false", "-tags", tags.join(",")],
          // Nobody debugs them: a tenth of the time.
          ...["-gcflags", "all=-dwarf=false", "-ldflags", `-s -w${stamp}`],
        ];
        // `-v` names each package on a line as it is done.
        let packages = 0;
        const beside = mkdtempSync(join(tmpdir(), `${program}-`));
        try {
          const whole = missing === undefined ? [] : completed(source, row.versionOf, missing, beside);
          await command(
            "go",
            ["build", ...flags, ...whole, "-o", join(unfinished, program), row.package],
            { cwd: source, env: { ...process.env, CGO_ENABLED: "0" } },
            (text) => {
              packages += text.split("\n").length - 1;
              show(`${packages} packages`);
            },
          );
        } finally {
          rmSync(beside, { recursive: true });
        }
      }),
  };
}

/** `v3.250.0`, as the folder's go.mod says. */
function requiredVersion(source: string, module: string): string {
  const lines = readFileSync(join(source, "go.mod"), "utf8").split("\n");
  const required = lines.map((line) => line.trim().replace(/^require /, ""));
  const version = required.find((line) => line.startsWith(`${module} v`))?.split(" ")[1];
  if (version === undefined) throw new Error(`${source}/go.mod does not require ${module}`);
  return version;
}

export function lacksGo(): string | undefined {
  const { status, stdout, error } = spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" });
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  if (status === 0 && (Number(major) > 1 || Number(minor) >= 26)) return undefined;
  const found = error === undefined ? `found ${stdout.trim()}` : "go is not on PATH";
  return `needs Go 1.26 or newer (${found}): https://go.dev/dl/`;
}
