import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
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
const scenarios = join(import.meta.dirname, "scenarios", "*.ts");
const { status } = spawnSync(
  process.execPath,
  [mocha, "--timeout", "300000", "--reporter", "spec", "--slow", "60000", ...options, scenarios],
  { stdio: "inherit", env: { ...process.env, ...(asked.includes("--all") ? { ENGINE_ALL: "1" } : {}) } },
);
process.exit(status ?? 1);
