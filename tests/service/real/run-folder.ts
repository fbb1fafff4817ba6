import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder of this test process, and a watchdog that ends what it started and removes the folder when it is gone,
 * killed or not: the watchdog reads a pipe that only this process holds.
 */
const watchdog = `
pids=
while read -r verb pid; do
  case $verb in
    watch) pids="$pids $pid" ;;
    forget)
      rest=
      for one in $pids; do [ "$one" = "$pid" ] || rest="$rest $one"; done
      pids=$rest
      ;;
  esac
done
living() { for one in $pids; do kill -0 "$one" 2>/dev/null && return; done; false; }
# At SIGQUIT PostgreSQL leaves at once and takes its sessions and shared memory along.
[ -z "$pids" ] || kill -QUIT $pids
tries=50
while living && [ $tries -gt 0 ]; do sleep 0.1; tries=$((tries - 1)); done
[ -z "$pids" ] || kill -KILL $pids
rm -rf "$1"
`;

interface Run {
  readonly folder: string;
  readonly tell: (line: string) => void;
}

let run: Run | undefined;

function begin(): Run {
  const folder = mkdtempSync(join(tmpdir(), "agent-service-"));
  // Started by root, servers run as another user, who must get to their folders.
  chmodSync(folder, 0o711);
  // A session of its own, so that Ctrl-C in the terminal does not reach it.
  const keeper = spawn("/bin/sh", ["-c", watchdog, "watchdog", folder], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  keeper.unref();
  if (keeper.stdin instanceof Socket) keeper.stdin.unref();
  return { folder, tell: (line) => keeper.stdin.write(`${line}\n`) };
}

const current = (): Run => {
  run ??= begin();
  return run;
};

export const runFolder = (): string => current().folder;
export const watch = (pid: number): void => current().tell(`watch ${pid}`);
export const forget = (pid: number): void => current().tell(`forget ${pid}`);
