import { readFileSync } from "node:fs";

/** A process, and not another one that later got its number. */
export interface Life {
  readonly pid: number;
  /** In ticks since the machine began. */
  readonly born: string;
}

/** Undefined where there is no such process, or only what is left of it until its parent looks. */
export function lifeOf(pid: number): Life | undefined {
  const stat = statOf(pid);
  return stat === undefined || stat.state === "Z" || stat.state === "X" ? undefined : { pid, born: stat.born };
}

export const lives = (life: Life): boolean => lifeOf(life.pid)?.born === life.born;

/** Undefined in the first moment: it may still be about to become what it will be. */
export function onlyChildOf(pid: number): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return child === undefined || child === "" ? undefined : Number(child);
}

const GONE_MS = 20_000;

/** At once, and back when nothing of it is left. The first process of a namespace takes all the others with it. */
export async function end(life: Life): Promise<void> {
  if (!lives(life)) return;
  process.kill(life.pid, "SIGKILL");
  await gone(life);
}

export async function gone(life: Life): Promise<void> {
  for (const began = Date.now(); lives(life); await pause(10))
    if (Date.now() - began > GONE_MS) throw new Error(`process ${life.pid} does not end`);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function statOf(pid: number): { readonly state: string; readonly born: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { state: fields[0] ?? "", born: fields[19] ?? "" };
  } catch {
    return undefined;
  }
}
