import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { codeOf } from "../error-code.js";
import { StorageRefused } from "./database.js";

/** Which process has a data directory. */
interface Holder {
  readonly pid: number;
  /** When it began, where the system tells: a later process may have the same number. */
  readonly began: string | null;
}

/** Locks that this very process has: its own number in a file proves nothing, an earlier one may have had it. */
const ours = new Set<string>();

const inUse = (path: string, holder: string) =>
  new StorageRefused(
    `DATA_DIR: the embedded database takes one process only, and ${holder} has it (${path}). ` +
      "End that one, give this one another DATA_DIR, or set DATABASE_URL",
  );

/**
 * Makes the lock file and gives what removes it, or throws `StorageRefused`. The file of a process that is gone,
 * however it ended, holds nobody back.
 */
export async function lockDirectory(path: string): Promise<() => void> {
  if (ours.has(path)) throw inUse(path, "this process itself");
  // The second turn comes after the file of a dead process, further ones only when others take and leave it meanwhile.
  for (let turn = 0; turn < 10; turn++) {
    if (create(path)) {
      ours.add(path);
      let held = true;
      return () => {
        // A second call must not remove the file of whoever took it since.
        if (!held) return;
        held = false;
        ours.delete(path);
        rmSync(path, { force: true });
      };
    }
    const found = await read(path);
    if (found === undefined) continue;
    const holder = holderIn(found);
    if (holder !== undefined && lives(holder)) throw inUse(path, `process ${holder.pid}`);
    remove(path, found);
  }
  throw inUse(path, "another process that starts now");
}

function create(path: string): boolean {
  const me: Holder = { pid: process.pid, began: beganOf(process.pid) ?? null };
  try {
    writeFileSync(path, JSON.stringify(me), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** `undefined` when it is gone again. A file without a holder is given a moment, since it may just be being written. */
async function read(path: string): Promise<string | undefined> {
  const text = textOf(path);
  if (text === undefined || holderIn(text) !== undefined) return text;
  await pause(100);
  return textOf(path);
}

/** Of two processes that find the same stale file, the later one must not remove what the earlier one wrote since. */
function remove(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (textOf(aside) === stale) rmSync(aside, { force: true });
  else renameSync(aside, path);
}

function holderIn(text: string): Holder | undefined {
  try {
    const { pid, began }: Partial<Holder> = JSON.parse(text);
    return Number.isInteger(pid) && pid !== undefined ? { pid, began: began ?? null } : undefined;
  } catch {
    return undefined;
  }
}

function lives({ pid, began }: Holder): boolean {
  if (pid === process.pid) return false;
  const now = beganOf(pid);
  if (now !== undefined) return began === null || now === began;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and is somebody else's.
    return codeOf(error) === "EPERM";
  }
}

/** From Linux's /proc, with the machine's own start; `ended` for a process that nobody has waited for yet. */
function beganOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets, which may hold anything.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const boot = textOf("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return state === "Z" || state === "X" ? "ended" : `${boot}:${rest[18]}`;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
