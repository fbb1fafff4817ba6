import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { cloudNames } from "../../config/names.js";
import { refusedCases, stackFileCases } from "./cases.js";
import { refusalLines, refusedFile } from "./expect.js";

/** `npm run test:matrix [-- CLOUD] [-- mocha's options]`; with --write the list of what is refused is written anew. */
const asked = process.argv.slice(2);
process.exitCode = asked.includes("--write") ? await write() : test();

function test(): number {
  const clouds = cloudNames.filter((cloud) => asked.includes(cloud));
  const options = asked.filter((word) => !(cloudNames as readonly string[]).includes(word));
  // Those that take longest first.
  const files =
    clouds.length === 0
      ? ["clouds/azure.ts", "clouds/aws.ts", "clouds/gcp.ts", "../config/properties.test.ts", "clouds/local.ts"]
      : clouds.map((cloud) => `clouds/${cloud}.ts`);
  const mocha = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
  const { status } = spawnSync(
    process.execPath,
    [
      mocha,
      "--parallel",
      "--jobs",
      "2",
      "--timeout",
      "60000",
      "--reporter",
      "dot",
      ...options,
      ...files.map((file) => join(import.meta.dirname, file)),
    ],
    { stdio: "inherit", env: { ...process.env, SETTINGS_TREES: "5000" } },
  );
  return status ?? 1;
}

async function write(): Promise<number> {
  const lines: Record<string, readonly string[]> = {};
  for (const one of [...stackFileCases, ...cloudNames.flatMap(refusedCases)]) {
    const refusal = await refusalLines(one);
    if (refusal !== undefined) lines[one.name] = refusal;
  }
  writeFileSync(refusedFile, `${JSON.stringify(lines, null, 2)}\n`);
  console.log(`${Object.keys(lines).length} refusals written: read what changed`);
  return 0;
}
