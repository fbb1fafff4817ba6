import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Env } from "../env.js";
import type { ObjectStore } from "./store.js";
import { type BucketKind, buckets } from "./urls.js";

/** A cloud's SDK is loaded where its bucket is used, and nowhere else. */
const drivers: { readonly [S in BucketKind["scheme"]]: (address: string) => Promise<ObjectStore> } = {
  s3: async (address) => (await import("./s3.js")).openS3(address),
  gs: async (address) => (await import("./gs.js")).openGs(address),
  azblob: async (address) => (await import("./azblob.js")).openAzblob(address),
  file: async (address) => (await import("./folder.js")).openFolder(address),
};

/** The bucket of BUCKET_URL, or a folder beside the embedded database. */
export async function openObjects({
  BUCKET_URL,
  DATA_DIR,
}: Pick<Env, "BUCKET_URL" | "DATA_DIR">): Promise<ObjectStore> {
  const address = BUCKET_URL ?? pathToFileURL(join(DATA_DIR, "objects")).href;
  const kind = buckets.find(({ pattern }) => pattern.test(address));
  if (kind === undefined) throw new Error(`BUCKET_URL: expected ${buckets.map(({ example }) => example).join(" or ")}`);
  return drivers[kind.scheme](address);
}
