import { join } from "node:path";
import { buildSync } from "esbuild";

/** The fake provider with all that it imports, as one file. */
export function modelProgram(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(import.meta.dirname, "main.ts")],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node24",
    logLevel: "error",
  });
  return outputFiles.map((file) => file.text).join("");
}
