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
  const root = join(place, "root");
  mkdirSync(root);
  const { config, layers, remove } = openArchive(image);
  for (const layer of layers) tar("extract", layer, `--directory=${root}`, "--preserve-permissions");
  remove();
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

/** What an image says of itself, and the paths of its files. */
export function listed(image: PackedImage): {
  readonly config: Unpacked["config"];
  readonly paths: ReadonlySet<string>;
} {
  const { config, layers, remove } = openArchive(image);
  const paths = new Set(layers.flatMap((layer) => tar("list", layer).trimEnd().split("\n")));
  remove();
  return { config, paths };
}

/** Its layers, the lowest first, as files. */
function openArchive({ archive, digest }: PackedImage) {
  const blobs = mkdtempSync(join(tmpdir(), "archive-"));
  tar("extract", archive, `--directory=${blobs}`, "--strip-components=2", "--wildcards", "blobs/sha256/*");
  const manifest = readBlob<Manifest>(blobs, { digest, size: 0, mediaType: "" });
  return {
    config: readBlob<ConfigBlob>(blobs, manifest.config).config,
    layers: manifest.layers.map((layer) => blobIn(blobs, layer.digest)),
    remove: () => rmSync(blobs, { recursive: true }),
  };
}

/** What the programs in it open; a runtime brings them. */
const devices = [
  ["null", "3"],
  ["urandom", "9"],
] as const;

const tar = (what: "extract" | "list", archive: string, ...options: readonly string[]): string =>
  run("tar", [`--${what}`, "--numeric-owner", `--file=${archive}`, ...options]);

function run(program: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    encoding: "utf8",
    timeout: 120_000,
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} ended with ${status ?? error}:\n${stdout}${stderr}`);
  return stdout;
}
