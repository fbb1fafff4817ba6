import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createServer } from "node:net";

/** A server of the cluster, as a child of this process whose words go to a file. */
export interface Running {
  readonly pid: number;
  /** Throws, with the last words, where it has ended. */
  check(): void;
  /** At once: nothing of what it holds is needed afterwards. */
  kill(): Promise<void>;
}

export interface StartArgs {
  readonly env?: NodeJS.ProcessEnv;
  /** Something else ends it, which may be after this process. */
  readonly outlives?: boolean;
}

export function start(
  name: string,
  binary: string,
  args: readonly string[],
  log: string,
  { env: more, outlives = false }: StartArgs = {},
): Running {
  const out = openSync(log, "a");
  // In a group of its own: Ctrl-C is for the tests, which then end it.
  // Memory is cheaper than the third of their time that they would otherwise spend on collecting garbage.
  const env = { ...process.env, GOGC: "400", ...more };
  const child = spawn(binary, [...args], { stdio: ["ignore", out, out], detached: true, env });
  closeSync(out);
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  // Where it could not be spawned there is no pid, and the error that says why comes a moment later.
  const { pid } = child;
  if (pid === undefined) return { pid: 0, check: () => fail(name, failure?.message ?? `no ${binary}`), kill: gone };
  const watcher = outlives ? undefined : endWithThisProcess(pid);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  ended.then(() => watcher?.kill("SIGKILL"));
  child.unref();

  return {
    pid,
    check: () => {
      if (hasEnded(child))
        fail(name, `ended with ${child.signalCode ?? child.exitCode}:\n${tail(log)}\nThe whole log: ${log}`);
    },
    kill: async () => {
      if (hasEnded(child)) return;
      child.ref();
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;
const gone = async (): Promise<void> => {};
const fail = (name: string, why: string): never => {
  throw new Error(`${name} ${why}`);
};
const tail = (log: string): string => readFileSync(log, "utf8").trimEnd().split("\n").slice(-15).join("\n");

/**
 * A shell at the other end of a pipe. However this process ends, by `kill -9` as well, the pipe closes, and the shell
 * ends the server.
 */
function endWithThisProcess(pid: number): ChildProcess {
  const watcher = spawn("sh", ["-c", `cat >/dev/null; kill -9 ${pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref();
  return watcher;
}

/**
 * Ports that nobody listens on. They are below those that Linux hands out to clients: a client that tries a port of its
 * own range again and again, while its server is away, ends up connected to itself.
 */
export async function freePorts(count: number): Promise<number[]> {
  const free = new Set<number>();
  while (free.size < count) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) free.add(port);
  }
  return [...free];
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
