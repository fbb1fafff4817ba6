import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ADMIN_KEY } from "./service.js";

const ROOT = join(import.meta.dirname, "../../..");
const MAIN = join(ROOT, "service/src/main.ts");

/** The service as a process of its own: what only shows between its start and its end. */
export interface ServiceProcess {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  readonly log: readonly string[];
  /** Resident memory in MB. */
  memory(): number;
  /** Sends a signal; the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** The `migrate` command, to its end. */
export async function migrate(settings: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, ["--import", "tsx", MAIN, "migrate"], {
    env: { PATH: process.env["PATH"], ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`migrate ended with ${code}:\n${said}`);
}

export interface ProcessOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** What was built, something to compare with, `npm start`. The sources otherwise. */
  readonly command?: readonly [program: string, ...options: string[]];
}

/** On embedded parts in a folder of its own, with an admin key, and limits out of the way. */
export async function startAlone(
  settings: Readonly<Record<string, string>> = {},
  options: Pick<ProcessOptions, "command"> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "service-"));
  const service = await startProcess({
    ...options,
    settings: {
      DATA_DIR: folder,
      BOOTSTRAP_API_KEY: ADMIN_KEY,
      RATE_LIMIT_MAX: "1000000",
      LIMIT_API: "0",
      LIMIT_CREDENTIALS: "0",
      ...settings,
    },
  });
  return {
    ...service,
    async remove() {
      await service.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts it and waits until it says that it serves. */
export async function startProcess({
  settings = {},
  command: [program, ...options] = [process.execPath, "--import", "tsx", MAIN],
}: ProcessOptions = {}): Promise<ServiceProcess> {
  const child = spawn(program, options, {
    cwd: ROOT,
    env: { PATH: process.env["PATH"], NODE_ENV: "test", PORT: "0", METRICS_PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const log: string[] = [];
  const url = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => {
        log.push(line);
        if (line.includes('"msg":"serving"')) resolve((JSON.parse(line) as { readonly url: string }).url);
      });
    exited.then((code) => reject(new Error(`the service ended with ${code}:\n${log.join("\n")}`)));
  });
  const base = await url;
  return {
    url: base,
    port: Number(new URL(base).port),
    child,
    log,
    memory() {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
    },
    async end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
