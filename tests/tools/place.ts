import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

/** Outside the repository, so that a fresh clone finds what another one built. */
export const cacheRoot = (): string =>
  process.env["AGENT_PLATFORM_CACHE"] ??
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "agent-platform");

export const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .sort()
    .map((file) => join(folder, file));

/** Whatever goes into a tool is in its folder's name: another content is another place in the cache. */
export function placeOf(title: string, about: unknown, files: readonly string[] = []): string {
  const hash = createHash("sha256").update(JSON.stringify(about));
  for (const file of files) hash.update(basename(file)).update(readFileSync(file));
  return join(cacheRoot(), "tools", `${title}-${hash.digest("hex").slice(0, 12)}`);
}

/** Fills a folder beside its place and moves it there whole: what was interrupted is never taken for done. */
export async function fillWhole(place: string, fill: (unfinished: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(place), { recursive: true });
  removeInterrupted(place);
  const unfinished = `${place}.${process.pid}`;
  mkdirSync(unfinished);
  try {
    await fill(unfinished);
    rmSync(place, { recursive: true, force: true });
    renameSync(unfinished, place);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function removeInterrupted(place: string): void {
  for (const path of filesIn(dirname(place))) {
    const pid = path.startsWith(`${place}.`) ? Number(path.slice(place.length + 1)) : Number.NaN;
    if (pid > 0 && !lives(pid)) rmSync(path, { recursive: true, force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
