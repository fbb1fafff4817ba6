import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { savedImage } from "./config.js";
import { start } from "./run.js";
import { assemble } from "./stages.js";

/**
 * `node --import tsx service/image/assemble.ts FOLDER [--run] [--arch amd64|arm64]`: makes in FOLDER the files that the
 * image gets, by the lines of `service/Dockerfile`, without a container engine; with `--run` runs them, as the image's
 * user where root asks for it. A folder that has them already is run as it is.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { run: { type: "boolean", default: false }, arch: { type: "string" } },
});
const [folder] = positionals;
if (folder === undefined || positionals.length > 1) {
  console.error("expected: service/image/assemble.ts FOLDER [--run] [--arch amd64|arm64]");
  process.exit(2);
}
const into = resolve(folder);
const image =
  savedImage(into) ??
  (await assemble({
    dockerfile: join(import.meta.dirname, "..", "Dockerfile"),
    context: join(import.meta.dirname, "..", ".."),
    into,
    args: values.arch === undefined ? {} : { TARGETARCH: values.arch },
    onStep: (step) => console.log(step.length > 150 ? `${step.slice(0, 147)}...` : step),
  }));
console.log(`${image.root} is the image's file system without its base, ${image.config.base}`);
if (values.run) {
  // Its own address is one of a container's network, which is not there.
  const child = start(image, { env: { HOST: "127.0.0.1" } });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  child.once("exit", (code) => process.exit(code ?? 1));
}
