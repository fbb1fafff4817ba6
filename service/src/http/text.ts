import { randomBytes } from "node:crypto";
import { z } from "zod";

/** What people type, and ids. */

const MAX_TEXT = 10_000;

export interface TextBounds {
  readonly min?: number;
  readonly max?: number;
}

const bounded = ({ min = 0, max = MAX_TEXT }: TextBounds, pattern: RegExp, error: string) =>
  z
    .string()
    .min(min, { error: min === 1 ? "is empty" : `is shorter than ${min} characters` })
    .max(max, { error: `is longer than ${max} characters` })
    .regex(pattern, { error })
    // Half a surrogate pair is not UTF-8: it would become another text on the way.
    .refine((value) => !/\p{Surrogate}/u.test(value), { error: "has half a surrogate pair" });

/** PostgreSQL takes no NUL. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that character is what this is about.
export const text = (bounds: TextBounds = {}) => bounded(bounds, /^[^\u0000]*$/, "has a NUL character");

/** One line for people: a name, a reason. */
export const line = (bounds: TextBounds) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those characters are what this is about.
  bounded(bounds, /^[^\u0000-\u001f\u007f-\u009f]*$/, "has a control character");

/** 24 letters and digits of chance: 142 bits. */
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
export function randomText(length = 24): string {
  let made = "";
  while (made.length < length) {
    const byte = randomByte();
    // 248 = 4 x 62: bytes above would favour the first letters.
    if (byte < 248) made += LETTERS[byte % 62];
  }
  return made;
}

/** Chance is fetched for many at once: asking costs more than all else. */
let chance = Buffer.alloc(0);
let used = 0;
function randomByte(): number {
  if (used === chance.length) {
    chance = randomBytes(4096);
    used = 0;
  }
  const byte = chance[used] ?? 0;
  used += 1;
  return byte;
}

export const newId = (prefix: string): string => `${prefix}_${randomText()}`;

export const idOf = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]{1,64}$`), { error: `expected an id such as ${prefix}_...` });

/** A path names one thing by its id. */
export const byId = (prefix: string) => z.strictObject({ id: idOf(prefix) });
