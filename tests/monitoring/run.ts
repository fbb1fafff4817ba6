import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { neededBy, tools } from "../tools/table.js";

/**
 * `npm run test:monitoring [-- WORD ...] [-- mocha's options]`: rules, routes, dashboards and traces by the real
 * programs. Words choose tests by their titles.
 */
const asked = process.argv.slice(2);
const missing = neededBy.monitoring.filter((name) => !tools[name].here());
if (missing.length > 0) {
  console.error(`npm run test:monitoring needs ${missing.join(", ")}: npm run tools -- ${missing.join(" ")}`);
  process.exit(1);
}
const firstOption = asked.findIndex((word) => word.startsWith("-"));
const words = firstOption === -1 ? asked : asked.slice(0, firstOption);
const options = asked.slice(words.length);
const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
const { status } = spawnSync(
  process.execPath,
  [
    mocha,
    ...["--reporter", "spec", "--timeout", "300000", "--slow", "60000", "--fail-zero"],
    ...(words.length === 0 ? [] : ["--grep", words.join(" ")]),
    ...options,
    join(import.meta.dirname, "**", "*.real.ts"),
  ],
  { stdio: "inherit" },
);
process.exit(status ?? 1);
