import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { crdsFolder } from "../tools/cache.js";
import { neededBy, tools } from "../tools/table.js";

/** `npm run test:engine [-- --all] [-- mocha's options]`: every scenario once on the smallest stack that shows it. */
const asked = process.argv.slice(2);
if (!neededBy.engine.every((name) => tools[name].here()) || !existsSync(crdsFolder())) {
  console.error("npm run test:engine needs the real engine and API server: npm run tools");
  process.exit(1);
}
const options = asked.filter((option) => option !== "--all");
const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");

/** What takes longest begins first, so that no core waits for it in the end. */
const longest = ["life.ts", "services-on-clouds.ts", "order.ts", "protection.ts", "faults.ts", "services.ts"];
const folder = join(import.meta.dirname, "scenarios");
const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
const scenarios = [...new Set([...longest, ...files])].map((file) => join(folder, file));

// A file has an API server of its own, which waits as often as it works: one more than there are cores.
const jobs = String(availableParallelism() + 1);
const { status } = spawnSync(
  process.execPath,
  [
    mocha,
    "--parallel",
    "--jobs",
    jobs,
    "--timeout",
    "300000",
    "--reporter",
    "spec",
    "--slow",
    "60000",
    ...options,
    ...scenarios,
  ],
  { stdio: "inherit", env: { ...process.env, ...(asked.includes("--all") ? { ENGINE_ALL: "1" } : {}) } },
);
process.exit(status ?? 1);
