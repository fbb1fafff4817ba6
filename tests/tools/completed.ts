import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** Files that a module comes without: what its makers generate before they build. */
export type Missing = Readonly<Record<string, string>>;

/**
 * The flags that build with a copy of a module that has them. The module itself is in Go's cache, which nobody may
 * change, not by an overlay either.
 */
export function completed(source: string, module: string, missing: Missing, folder: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync("go", ["mod", "download", "-json", module], {
    cwd: source,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${module} could not be fetched:\n${stdout}${stderr}`);
  const { Dir: original } = JSON.parse(stdout) as { Dir: string };
  const copy = join(folder, "module");
  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), content);
  };
  for (const entry of readdirSync(original, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // Written anew: files of the cache are read-only, and so would be their copies.
    if (entry.isFile()) write(relative(original, path), readFileSync(path));
  }
  for (const [path, content] of Object.entries(missing)) write(path, content);
  const instead = `\nreplace ${module} => ${copy}\n`;
  writeFileSync(join(folder, "go.mod"), readFileSync(join(source, "go.mod"), "utf8") + instead);
  writeFileSync(join(folder, "go.sum"), readFileSync(join(source, "go.sum")));
  return ["-modfile", join(folder, "go.mod")];
}
