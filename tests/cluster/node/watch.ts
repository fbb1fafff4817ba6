import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Life, lifeOf } from "./life.js";
import { typescript } from "./typescript.js";

/** However this process ends, by `kill -9` as well, somebody puts the machine back. */
export interface Watch {
  readonly owner: Life;
  end(): void;
}

/** A shell at the other end of a pipe, which closes with this process. */
export function watchOver(): Watch {
  const owner = lifeOf(process.pid);
  if (owner === undefined) throw new Error("a process that does not find itself in /proc");
  const program = [process.execPath, ...typescript(join(import.meta.dirname, "command.ts")), "down"];
  const watcher = spawn(
    "sh",
    ["-c", 'cat >/dev/null; exec "$@"', "sh", ...program, `--of=${owner.pid}:${owner.born}`],
    { stdio: ["pipe", "ignore", "ignore"], detached: true },
  );
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
  return { owner, end: () => watcher.kill("SIGKILL") };
}
