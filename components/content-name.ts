import { createHash } from "node:crypto";

const HASH_LENGTH = 10;
/** Names of objects that become labels of pods. */
const MAX_NAME = 63;

/** A name that ends in a hash of what the object holds or does: with another content it is another object. */
export const contentName = (stem: string, content: unknown): string => {
  const hash = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, HASH_LENGTH);
  return `${stem.slice(0, MAX_NAME - HASH_LENGTH - 1).replace(/-+$/, "")}-${hash}`;
};
