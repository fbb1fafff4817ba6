import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Links that open one object for a while, without a key. Each object has a secret of its own to sign them with: what is
 * deleted takes its links along, and no secret of the service is in them.
 *
 * They are the service's own and not a store's presigned ones. A bucket may be reached from a private network only. A
 * pod's identity may use objects and yet not sign for them: Google asks for signBlob, Azure for a delegation key of the
 * whole account. And here each use asks anew whether the object is there and whose it is.
 */
export interface Link {
  readonly id: string;
  /** Unix seconds, as the link has them. */
  readonly expires: string;
  readonly signature: string;
}

export const newLinkKey = (): Buffer => randomBytes(32);

const signatureOf = (key: Uint8Array, { id, expires }: Omit<Link, "signature">): string =>
  createHmac("sha256", key).update(`${id}.${expires}`).digest("base64url");

export const signLink = (key: Uint8Array, id: string, expires: number): Link => {
  const about = { id, expires: String(expires) };
  return { ...about, signature: signatureOf(key, about) };
};

/** Signs for objects that are not there, so that looking for them takes the same time. */
const nobodys = newLinkKey();

/** Whether a link is an object's and not over. Texts are compared: the same bytes have more than one in base64. */
export function opens(link: Link, key: Uint8Array | undefined, now: number): boolean {
  const expected = Buffer.from(signatureOf(key ?? nobodys, link));
  const given = Buffer.from(link.signature);
  const same = given.length === expected.length && timingSafeEqual(given, expected);
  return same && key !== undefined && /^\d{1,12}$/.test(link.expires) && Number(link.expires) > now;
}
