import { type SpawnOptions, spawn } from "node:child_process";
import { constants, setPriority } from "node:os";

/** Runs an installer below normal priority. `heard` gets its output in pieces; an error carries the end of it. */
export async function command(
  program: string,
  options: readonly string[],
  { cwd, env }: Pick<SpawnOptions, "cwd" | "env"> = {},
  heard: (text: string) => void = () => {},
): Promise<void> {
  const child = spawn(program, options, { cwd, env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let said = "";
  const hear = (text: string) => {
    said = (said + text).slice(-20_000);
    heard(text);
  };
  child.stdout.setEncoding("utf8").on("data", hear);
  child.stderr.setEncoding("utf8").on("data", hear);
  const code = await new Promise<number | string | null>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (exit, signal) => resolve(exit ?? signal));
  });
  if (code === 0) return;
  throw new Error(`${program} ended with ${code}:\n${lastLines(said)}`);
}

const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-60).join("\n");
