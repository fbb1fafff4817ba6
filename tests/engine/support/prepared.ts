import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { crdsThere } from "../../tools/cache.js";
import { writeCharts } from "./charts.js";

const engineFolder = join(import.meta.dirname, "..");
let made: string | undefined;

/** What every command of the engine would have to make anew: made once a process, and gone with it. */
function folder(): string {
  if (made === undefined) {
    const place = mkdtempSync(join(tmpdir(), "engine-prepared-"));
    process.on("exit", () => rmSync(place, { recursive: true, force: true }));
    bundlePlugins(place);
    writeCharts(crdsThere(), join(place, "charts"));
    made = place;
  }
  return made;
}

/**
 * One of the engine's plugins as plain JavaScript. Six of them start with a command, and by tsx each would take a second
 * of a core to load; the program itself goes by tsx, as Pulumi.yaml says.
 */
export const pluginFile = (file: string): string => join(folder(), file.replace(/\.ts$/, ".cjs"));

/** `CHART.json`: what is kept of each chart. */
export const chartsFolder = (): string => join(folder(), "charts");

function bundlePlugins(outdir: string): void {
  buildSync({
    absWorkingDir: engineFolder,
    entryPoints: ["host/main.ts", "providers/cloud/main.ts", "providers/kubernetes/main.ts"],
    outbase: engineFolder,
    outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    format: "cjs",
    target: `node${process.versions.node}`,
    logLevel: "error",
  });
}
