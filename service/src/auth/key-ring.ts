import { hkdfSync } from "node:crypto";

/** Keys by number, newest first. What is kept with a key says its number, so that the ring can turn while serving. */
export type KeyRing = ReadonlyMap<number, Buffer>;

/** `2:<base64>,1:<base64>`; a text says what is wrong with it, never what it holds. */
export function parseKeyRing(text: string): KeyRing | string {
  const ring = new Map<number, Buffer>();
  for (const item of text.split(",")) {
    const [, number, encoded = ""] = /^\s*([1-9]\d{0,8}):([A-Za-z0-9+/_-]+={0,2})\s*$/.exec(item) ?? [];
    if (number === undefined) return "expected <number>:<base64 of 32 bytes>, separated by commas";
    const key = Buffer.from(encoded, "base64");
    if (key.length !== 32) return `key ${number} has ${key.length} bytes; expected 32: openssl rand -base64 32`;
    if (ring.has(Number(number))) return `key ${number} is there twice`;
    ring.set(Number(number), key);
  }
  return ring;
}

/** Each use has a key of its own, so that a leak of one tells nothing of another. */
export const derive = (key: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, "", `agent-service/${use}`, 32));
