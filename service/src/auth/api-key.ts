import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { randomText } from "../http/text.js";
import { derive, type KeyRing } from "./key-ring.js";

/** `ak_<env>_<id>_<secret>`: the id finds the row, the secret is known to the caller alone. */
export interface ApiKey {
  readonly env: string;
  readonly id: string;
  readonly secret: string;
  /** As it was given. */
  readonly whole: string;
}

const SHAPE = /^ak_([A-Za-z0-9-]{1,32})_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{1,256})$/;

export function parseApiKey(text: string): ApiKey | undefined {
  const [whole, env, id, secret] = SHAPE.exec(text) ?? [];
  if (whole === undefined || env === undefined || id === undefined || secret === undefined) return undefined;
  return { whole, env, id, secret };
}

export function newApiKey(env: string): ApiKey {
  const id = randomText(16);
  const secret = randomText(40);
  return { env, id, secret, whole: `ak_${env}_${id}_${secret}` };
}

/** Number 0: no ring was given, and the hash stands on the secret's own 238 bits. */
const WITHOUT_RING = Buffer.alloc(32, "agent-service api keys without a ring");

/**
 * Hashes of API keys. The pepper comes from the key ring and its number stands beside the hash: a stolen table
 * alone tells nothing, and the ring can turn.
 */
export class KeyHashes {
  /** Keys as objects: Node 24 takes five times as long to make a hash with bytes. */
  readonly #peppers: ReadonlyMap<number, KeyObject>;
  readonly current: number;

  constructor(ring: KeyRing | undefined) {
    const derived = [...(ring ?? [])].map(([number, key]) => [number, derive(key, "api-keys")] as const);
    const all = [[0, WITHOUT_RING] as const, ...derived];
    this.#peppers = new Map(all.map(([number, key]) => [number, createSecretKey(key)]));
    this.current = derived[0]?.[0] ?? 0;
  }

  hash(key: ApiKey, pepper = this.current): Buffer {
    const secret = this.#peppers.get(pepper);
    if (secret === undefined) throw new Error(`key ${pepper} is not in ENCRYPTION_KEYS`);
    return createHmac("sha256", secret).update(key.whole).digest();
  }

  has(pepper: number): boolean {
    return this.#peppers.has(pepper);
  }

  matches(key: ApiKey, hash: Buffer, pepper: number): boolean {
    return this.has(pepper) && timingSafeEqual(this.hash(key, pepper), hash);
  }
}
