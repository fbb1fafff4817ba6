import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { cacheRoot, fillWhole, placeOf } from "../../tools/place.js";
import { archive, type Layout, layOut } from "./archive.js";
import type { Entry } from "./entries.js";
import type { ImageRow } from "./table.js";

/** An image in a file, by the names that manifests have for it. Several may be in one file, which has what they share once. */
export interface PackedImage {
  readonly references: readonly string[];
  readonly archive: string;
  /** Of its manifest: what a registry would call it by. */
  readonly digest: string;
}

export type Say = (what: string) => void;

/** How a tar file and an image are written: another way makes other archives of the same. */
const format = ["tar.ts", "archive.ts"].map((file) => join(import.meta.dirname, file));

/** An image that has no program of others in it and needs no building. */
export async function pack(name: string, { references, config, layers }: ImageRow, say: Say): Promise<PackedImage> {
  const entries = layers();
  const about = [references, config, entries.map((layer) => layer.map(contentOf))];
  const [packed] = await kept(name, about, say, (blobs) => [{ layout: layOut(blobs, entries, config), references }]);
  if (packed === undefined) throw new Error(`the image ${name} is not in its own archive`);
  return packed;
}

/** The cache names a tool's folder by all that goes into it, so a file of one is known by where it is. */
function contentOf(entry: Entry): unknown {
  if (entry.kind !== "file") return entry;
  const { from, ...rest } = entry;
  if (typeof from === "string") return { ...rest, from: relative(cacheRoot(), from) };
  return { ...rest, sum: createHash("sha256").update(from).digest("hex") };
}

export interface Made {
  readonly layout: Layout;
  readonly references: readonly string[];
}

/** What is in the cache stays; else it is made, with a folder for blobs that goes when they are in the archive. */
export async function kept(
  title: string,
  about: unknown,
  say: Say,
  make: (blobs: string) => readonly Made[] | Promise<readonly Made[]>,
): Promise<readonly PackedImage[]> {
  const place = placeOf(`image-${title}`, about, format);
  if (!existsSync(place)) {
    say(`packing the image ${title}`);
    await fillWhole(place, async (unfinished) => {
      const blobs = join(unfinished, "blobs");
      mkdirSync(blobs);
      const made = await make(blobs);
      archive(join(unfinished, "image.tar"), made);
      const images = made.map(({ layout, references }) => ({ references, digest: layout.manifest.digest }));
      writeFileSync(join(unfinished, "images.json"), JSON.stringify(images));
      rmSync(blobs, { recursive: true });
    });
  }
  const images = JSON.parse(readFileSync(join(place, "images.json"), "utf8")) as readonly Omit<
    PackedImage,
    "archive"
  >[];
  return images.map((image) => ({ ...image, archive: join(place, "image.tar") }));
}
