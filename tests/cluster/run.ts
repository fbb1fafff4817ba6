import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packImages } from "./images/index.js";
import { scenarioFolder, scenarios } from "./scenarios.js";
import { beside } from "./support/beside.js";
import { lacking, runOnGround } from "./support/ground.js";

/**
 * `npm run test:cluster [-- --kubeconfig FILE [--address ADDRESS]] [-- SCENARIO.ts ...] [-- mocha's options]`: every
 * scenario on a real node, or on a cluster that is there and has the images.
 */
const asked = process.argv.slice(2);
const taken = (option: string): string | undefined =>
  asked.includes(option) ? asked.splice(asked.indexOf(option), 2)[1] : undefined;
const kubeconfig = taken("--kubeconfig");
/** As kind's port mappings have it. */
const address = taken("--address") ?? "127.0.0.1";

const missing = lacking();
if (missing.length > 0) {
  console.error(`npm run test:cluster lacks ${missing.join(", ")}: npm run tools`);
  process.exit(1);
}

/** What a node is made of, by itself: what it leaves on the machine, while it is the only one there, and its images. */
const parts = { traces: "node/traces.real.ts", images: "images/images.real.ts" } as const;

const all = !asked.some((word) => word.endsWith(".ts"));
const files = all ? scenarios.map((name) => join(scenarioFolder, `${name}.ts`)) : [];

const mochaWith = (...words: readonly string[]): readonly string[] => [
  createRequire(import.meta.url).resolve("mocha/bin/mocha.js"),
  ...["--timeout", "600000", "--slow", "60000", "--reporter", "spec"],
  ...words,
];

const partWith = (file: string): readonly string[] => mochaWith(join(import.meta.dirname, file));

const own = all && kubeconfig === undefined;
if (own) {
  const { status } = spawnSync(process.execPath, partWith(parts.traces), { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
const images = await packImages((what) => console.log(what));
/** Beside the node: what it says comes behind. */
const imagesTested = own ? beside(partWith(parts.images)) : undefined;
/** One scenario after the other: they have the stack in common. */
const hooks = ["--require", join(import.meta.dirname, "support/hooks.ts")];
const existing = kubeconfig === undefined ? undefined : { kubeconfig, address };
process.exitCode = await runOnGround(images, mochaWith(...hooks, ...asked, ...files), existing);

const tested = await imagesTested;
if (tested !== undefined) console.log(tested.out + tested.problems);
if (tested?.failed === true) process.exitCode = 1;
