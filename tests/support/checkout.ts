import { copyFileSync, existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const repository = join(import.meta.dirname, "../..");

/** A folder with the program in it as the repository has it now, whose stack files the CLI may write to. */
export function checkOut(folder: string): void {
  for (const entry of readdirSync(repository)) {
    if (entry.startsWith(".")) continue;
    const [from, to] = [join(repository, entry), join(folder, entry)];
    if (/^Pulumi\..*yaml$/.test(entry)) copyFileSync(from, to);
    else if (!existsSync(to)) symlinkSync(from, to);
  }
}
