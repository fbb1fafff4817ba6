import { join } from "node:path";
import { packImages } from "../cluster/images/index.js";
import { lacking, runOnGround } from "../cluster/support/ground.js";

/**
 * `npm run bench:cluster [-- --short] [--write]`: on a real node, the time from `pulumi up` to the first good answer
 * through the gateway, and what calls through gateway and service take beside the same ones of the model provider
 * asked directly, in one run, in turns. It has no aim, and fails where calls do. `--write` puts what was found into
 * docs/benchmarks.md.
 */
const missing = lacking();
if (missing.length > 0) {
  console.error(`npm run bench:cluster lacks ${missing.join(", ")}: npm run tools`);
  process.exit(2);
}
// Where clients are is another network, and so another process.
const measured = ["--import", "tsx", join(import.meta.dirname, "cluster/measured.ts")];
const images = await packImages((what) => console.log(what));
process.exitCode = await runOnGround(images, [...measured, ...process.argv.slice(2)]);
