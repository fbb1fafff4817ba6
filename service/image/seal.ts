import { chmodSync, existsSync, lchownSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Root's, and without a bit that lets anybody write: what a read-only root file system is to the service. */
export function seal(path: string): void {
  const stat = lstatSync(path);
  if (process.getuid?.() === 0) lchownSync(path, 0, 0);
  if (stat.isSymbolicLink()) return;
  if (stat.isDirectory()) for (const name of readdirSync(path)) seal(join(path, name));
  chmodSync(path, stat.mode & 0o7555);
}

/** Deletes what was sealed, which as it is even its owner could not. */
export function discard(folder: string): void {
  if (existsSync(folder)) unseal(folder);
  rmSync(folder, { recursive: true, force: true });
}

function unseal(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) unseal(join(folder, entry.name));
}
