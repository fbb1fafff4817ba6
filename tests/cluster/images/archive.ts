import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, inOrder, program, text } from "./entries.js";
import { type Written, writeTar } from "./tar.js";

/** What an image says besides its files. */
export interface Config {
  /** @default root */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workdir?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A file of an image's, by what it is. */
export interface Blob extends Written {
  readonly mediaType: string;
}

/** An image whose blobs are in a folder, each under its digest without `sha256:`. */
export interface Layout {
  readonly folder: string;
  readonly manifest: Blob;
}

export const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  // Not compressed: it is read once, a moment after it was written.
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** Node's and Go's names of the same machines. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };
export const architectureOf = (arch: string): string => architectures[arch] ?? arch;

export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

/** What the config blob has of its own format; an image that others built says more, which is kept. */
export interface ConfigBlob {
  readonly config: { readonly Labels?: Readonly<Record<string, string>> | null; readonly [setting: string]: unknown };
  readonly rootfs: { readonly type: "layers"; readonly diff_ids: readonly string[] };
  readonly history?: readonly object[];
  readonly [field: string]: unknown;
}

/** Makes an image of layers, each a list of entries, and leaves its blobs in a folder. */
export function layOut(folder: string, layers: readonly (readonly Entry[])[], config: Config): Layout {
  const blobs = layers.map((entries) => layerBlob(folder, entries));
  return describe(folder, blobs, {
    architecture: architectureOf(process.arch),
    os: process.platform,
    config: {
      ...(config.user === undefined ? {} : { User: config.user }),
      Env: Object.entries({ PATH: defaultPath, ...config.env }).map(([name, value]) => `${name}=${value}`),
      ...(config.entrypoint === undefined ? {} : { Entrypoint: config.entrypoint }),
      ...(config.command === undefined ? {} : { Cmd: config.command }),
      WorkingDir: config.workdir ?? "/",
      ...(config.labels === undefined ? {} : { Labels: config.labels }),
    },
    rootfs: { type: "layers", diff_ids: blobs.map(({ digest }) => digest) },
    // Optional, but who builds on it counts.
    history: blobs.map(() => packed),
  });
}

const packed = { created: "2020-01-01T00:00:00Z", created_by: "packed" } as const;

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const layerBlob = (folder: string, entries: readonly Entry[]): Blob => {
  const unnamed = join(folder, "layer");
  const written = writeTar(unnamed, inOrder(entries));
  renameSync(unnamed, blobIn(folder, written.digest));
  return { mediaType: mediaTypes.layer, ...written };
};

export const blobIn = (folder: string, digest: string): string => join(folder, hexOf(digest));

export function describe(folder: string, layers: readonly Blob[], config: ConfigBlob): Layout {
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: jsonBlob(folder, mediaTypes.config, config),
    layers,
  };
  return { folder, manifest: jsonBlob(folder, mediaTypes.manifest, manifest) };
}

function jsonBlob(folder: string, mediaType: string, content: object): Blob {
  const bytes = Buffer.from(JSON.stringify(content));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  writeFileSync(blobIn(folder, digest), bytes);
  return { mediaType, digest, size: bytes.length };
}

export interface Named {
  readonly layout: Layout;
  /** What the image is found by, as containerd has it in full, such as docker.io/library/busybox:latest. */
  readonly references: readonly string[];
}

/** One file that `ctr images import` and others take: an OCI layout of one image or more. */
export function archive(path: string, images: readonly Named[]): void {
  const blobs = new Map(
    images.flatMap(({ layout: { folder, manifest } }) => {
      const { config, layers } = readBlob<Manifest>(folder, manifest);
      return [manifest, config, ...layers].map(({ digest }) => [digest, blobIn(folder, digest)] as const);
    }),
  );
  const index = {
    schemaVersion: 2,
    manifests: images.flatMap(({ layout: { manifest }, references }) =>
      references.map((name) => ({ ...manifest, annotations: { "io.containerd.image.name": name } })),
    ),
  };
  writeTar(
    path,
    inOrder([
      text("oci-layout", JSON.stringify({ imageLayoutVersion: "1.0.0" })),
      text("index.json", JSON.stringify(index)),
      ...[...blobs].map(([digest, file]) => program(`blobs/sha256/${hexOf(digest)}`, file)),
    ]),
  );
}

export const readBlob = <Content>(folder: string, { digest }: Blob): Content =>
  JSON.parse(readFileSync(blobIn(folder, digest), "utf8")) as Content;

const hexOf = (digest: string): string => digest.slice("sha256:".length);
