import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobIn, type ConfigBlob, type Manifest, readBlob } from "./archive.js";
import type { PackedImage } from "./pack.js";

/** An image's files in a folder, to be looked at or run in without a runtime. Only root can. */
export interface Unpacked {
  readonly root: string;
  readonly config: ConfigBlob["config"];
  /** A shell's lines as the image's user, with its variables; what they printed. Throws with that where they fail. */
  sh(script: string): string;
  remove(): void;
}

export function unpack(image: PackedImage): Unpacked {
  const place = mkdtempSync(join(tmpdir(), "unpacked-"));
  const [blobs, root] = [join(place, "archive"), join(place, "root")];
  for (const folder of [blobs, root]) mkdirSync(folder);
  untar(image.archive, blobs, ["--strip-components=2", "--wildcards", "blobs/sha256/*"]);
  const manifest = readBlob<Manifest>(blobs, { digest: image.digest, size: 0, mediaType: "" });
  for (const { digest } of manifest.layers) untar(blobIn(blobs, digest), root, ["--preserve-permissions"]);
  const { config } = readBlob<ConfigBlob>(blobs, manifest.config);
  rmSync(blobs, { recursive: true });
  for (const [name, minor] of devices) {
    mkdirSync(join(root, "dev"), { recursive: true });
    run("mknod", ["--mode=666", join(root, "dev", name), "c", "1", minor]);
  }
  return {
    root,
    config,
    sh: (script) =>
      run("chroot", [
        `--userspec=${typeof config["User"] === "string" && config["User"] !== "" ? config["User"] : "0:0"}`,
        root,
        ...["/usr/bin/env", "-i", ...((config["Env"] ?? []) as string[]), "sh", "-ec", script],
      ]),
    remove: () => rmSync(place, { recursive: true }),
  };
}

/** What the programs in it open; a runtime brings them. */
const devices = [
  ["null", "3"],
  ["urandom", "9"],
] as const;

const untar = (archive: string, into: string, options: readonly string[]): string =>
  run("tar", ["--extract", "--numeric-owner", `--file=${archive}`, `--directory=${into}`, ...options]);

function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: "utf8", timeout: 120_000 });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${status ?? error}:\n${stdout}${stderr}`);
  return stdout;
}
