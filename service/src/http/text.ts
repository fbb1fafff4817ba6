import { randomBytes } from "node:crypto";
import { z } from "zod";
import { Problem } from "./problem.js";

/** What people type, and the ids and pages that every list has. */

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
  while (made.length < length)
    // 248 = 4 x 62: bytes above would favour the first letters.
    for (const byte of randomBytes(length)) if (byte < 248 && made.length < length) made += LETTERS[byte % 62];
  return made;
}

export const newId = (prefix: string): string => `${prefix}_${randomText()}`;

export const idOf = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-Za-z]{1,64}$`), { error: `expected an id such as ${prefix}_...` });

/** A path names one thing by its id. */
export const byId = (prefix: string) => z.strictObject({ id: idOf(prefix) });

/** Query values are text: `limit=50`. */
export const pageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: "expected a whole number from 1 to 200" })
    .transform(Number)
    .pipe(z.number().min(1, { error: "is below 1" }).max(200, { error: "is above 200" }))
    .default(50)
    .meta({ override: { type: "integer", minimum: 1, maximum: 200, default: 50 } }),
  cursor: z.string().max(200).optional().meta({ description: "`next` of the page before" }),
});

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    next: z.string().nullable().meta({ description: "the cursor of the next page; null at the end" }),
  });

interface Listed {
  readonly created_at: Date;
  readonly id: string;
}

/** One row more than asked for was read: it says that there is a next page. */
export function toPage<Row extends Listed, Item>(rows: readonly Row[], limit: number, show: (row: Row) => Item) {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? `${last.created_at.toISOString()}~${last.id}` : null;
  return { items: shown.map(show), next };
}

/** A cursor is the moment of the last row seen and its id, for rows of one moment. */
export function pointOf(cursor: string | undefined): readonly [at: string | null, id: string | null] {
  if (cursor === undefined) return [null, null];
  const [at = "", id = ""] = cursor.split("~");
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && !Number.isNaN(Date.parse(at)) && /^[\w-]{1,100}$/.test(id))
    return [at, id];
  const fault = { pointer: "/query/cursor", message: "is not a cursor of this list" };
  throw new Problem("invalid", `${fault.pointer}: ${fault.message}`, { errors: [fault] });
}
