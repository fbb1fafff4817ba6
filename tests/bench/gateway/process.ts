import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "./programs.js";

/** A program that was started, with what it used so far. */
export interface Measured {
  /** Of one core, in seconds. */
  cpu(): number;
  /** Megabytes. */
  memory(): number;
  peakMemory(): number;
  end(): Promise<void>;
}

const START_MS = 60_000;
/** Linux counts a process's time in hundredths of a second, whatever the machine. */
const TICKS_A_SECOND = 100;

/** Starts a program and waits until it answers. What it logs goes nowhere, so that nobody else pays for it. */
export async function startMeasured(
  name: string,
  { words: [program, ...options], settings }: Command,
  folder: string,
  answers: () => Promise<boolean>,
): Promise<Measured> {
  const errors = join(folder, "errors.txt");
  const stderr = openSync(errors, "w");
  const child = spawn(program, options, {
    cwd: folder,
    env: { PATH: process.env["PATH"], ...settings },
    stdio: ["ignore", "ignore", stderr],
  });
  closeSync(stderr);
  const ended = once(child, "exit");
  const of = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  const megabytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(of("status"))?.[1]) / 1024;
  const measured: Measured = {
    cpu() {
      // The name in parentheses may have spaces; user and system time are fields 14 and 15 of the whole.
      const fields = of("stat").split(") ").at(-1)?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
    },
    memory: () => megabytes("VmRSS"),
    peakMemory: () => megabytes("VmHWM"),
    async end() {
      child.kill("SIGKILL");
      await ended;
    },
  };
  const deadline = performance.now() + START_MS;
  while (!(await answers().catch(() => false))) {
    const over = child.exitCode !== null || child.signalCode !== null || performance.now() > deadline;
    if (over) {
      await measured.end();
      throw new Error(
        `${name} does not answer (${child.exitCode ?? child.signalCode}):\n${readFileSync(errors, "utf8")}`,
      );
    }
    await sleep(100);
  }
  return measured;
}
