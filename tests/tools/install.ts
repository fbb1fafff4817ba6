import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crdsFolder, crdsModule } from "./cache.js";
import { crds } from "./crds.js";
import { lacksGo } from "./go.js";
import { cacheRoot, fillWhole } from "./place.js";
import { about, startProgress } from "./progress.js";
import { type ToolName, tools } from "./table.js";
import { type Wanted, wanted } from "./wanted.js";

/**
 * `npm run tools [-- NAME or SUITE ...]`: brings what the tests need of the real thing, once, into a cache outside the
 * repository. What is there stays; what was interrupted goes on from where the installer's own cache has got to.
 */
function askedFor(words: readonly string[]): Wanted {
  try {
    return wanted(words);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

const titleOf = (name: ToolName): string => `${name} ${tools[name].version()}`.padEnd(30);

async function bring(name: ToolName): Promise<void> {
  const tool = tools[name];
  if (tool.here()) return console.log(`${titleOf(name)} is there`);
  const lacks = tool.lacks();
  if (lacks !== undefined) throw new Error(`${titleOf(name)} ${lacks}`);
  const progress = startProgress(titleOf(name), tool.minutes);
  let took = "";
  try {
    await tool.bring(progress.show);
  } catch (error) {
    throw new Error(`${titleOf(name)} could not be brought: ${(error as Error).message}`);
  } finally {
    took = progress.end();
  }
  console.log(`${titleOf(name)} brought in ${took}`);
}

/** Custom resource definitions as published, out of the modules that carry them. */
async function fetchCrds(): Promise<void> {
  const title = "crds".padEnd(30);
  if (existsSync(crdsFolder())) return console.log(`${title} are there`);
  const lacks = lacksGo();
  if (lacks !== undefined) throw new Error(`${title} ${lacks}`);
  await fillWhole(crdsFolder(), async (unfinished) => {
    for (const [chart, sources] of Object.entries(crds)) {
      mkdirSync(join(unfinished, chart), { recursive: true });
      for (const { module, folder: within } of sources) {
        const { status, stdout, stderr } = spawnSync("go", ["mod", "download", "-json", module], {
          cwd: crdsModule,
          encoding: "utf8",
        });
        if (status !== 0) throw new Error(`${title} of ${chart} could not be fetched:\n${stdout}${stderr}`);
        const { Dir } = JSON.parse(stdout) as { Dir: string };
        const files = readdirSync(join(Dir, within)).filter((file) => file.endsWith(".yaml"));
        for (const file of files) writeFileSync(join(unfinished, chart, file), readFileSync(join(Dir, within, file)));
      }
    }
  });
  console.log(`${title} fetched`);
}

// PostgreSQL refuses to run as root: another user must be able to read what root brings.
if (process.getuid?.() === 0) process.umask(0o022);
const asked = askedFor(process.argv.slice(2));
const missing = asked.tools.filter((name) => !tools[name].here());
const expected = missing.reduce((sum, name) => sum + tools[name].minutes, 0);
console.log(`tools are kept in ${cacheRoot()}${missing.length === 0 ? "" : `; ${about(expected)} to go on two cores`}`);
let failures = 0;
const attempt = async (work: Promise<void>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    failures += 1;
    console.error((error as Error).message);
  }
};
// One after the other: a build keeps every core busy. One that cannot be had does not keep back the others.
for (const name of asked.tools) await attempt(bring(name));
if (asked.crds) await attempt(fetchCrds());
process.exitCode = failures === 0 ? 0 : 1;
