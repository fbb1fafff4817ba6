import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { forget, watch } from "./run-folder.js";

export interface ServerSpec {
  readonly program: string;
  readonly options: readonly string[];
  /** What it writes goes here. */
  readonly log: string;
  /** What it writes when it serves. */
  readonly ready: RegExp;
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A server that was started here and is stopped by the handle that this gave, never by its name. */
export interface Running {
  readonly pid: number;
  /** Sends the signal, and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const patience = 30_000;

/** Nothing of the tests' own environment: PGDATA, PGPORT and their like would be heard. */
export const plainEnvironment = { PATH: process.env["PATH"] ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" };

export async function startServer({ program, options, log, ready, user }: ServerSpec): Promise<Running> {
  const output = openSync(log, "w");
  const child = spawn(program, options, { ...user, env: plainEnvironment, stdio: ["ignore", output, output] });
  closeSync(output);
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  const { pid } = child;
  const gone = new Promise<void>((resolve) => {
    child.on("exit", () => {
      if (pid !== undefined) forget(pid);
      resolve();
    });
  });
  if (pid !== undefined) watch(pid);
  const deadline = Date.now() + patience;
  while (!ready.test(readFileSync(log, "utf8"))) {
    if (failure !== undefined) throw failure;
    if (over(child)) throw new Error(`${program} ended before it served:\n${readFileSync(log, "utf8")}`);
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`${program} did not serve within ${patience / 1000} s:\n${readFileSync(log, "utf8")}`);
    }
    await pause(20);
  }
  if (pid === undefined) throw new Error(`${program} has no process id`);
  // A server that a test forgets must not keep the tests from ending: the watchdog ends it then.
  child.unref();
  return {
    pid,
    end: async (signal) => {
      if (over(child)) return;
      child.ref();
      child.kill(signal);
      const late = setTimeout(() => child.kill("SIGKILL"), patience);
      await gone;
      clearTimeout(late);
    },
  };
}

const over = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
