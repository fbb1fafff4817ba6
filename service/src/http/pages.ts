import { z } from "zod";
import type { Queryable } from "../storage/database.js";
import { invalidInput } from "./problem.js";

/** Lists come in pages, newest first. */

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

/** Names of our own; nothing that a caller sends. */
interface Listing<Row, Item> {
  readonly table: string;
  readonly columns: string;
  readonly show: (row: Row) => Item;
}

/** One row more than asked for is read: it says that there is a next page. */
export async function readPage<Row extends Listed, Item>(
  database: Queryable,
  tenant: string,
  { limit, cursor }: z.output<typeof pageQuery>,
  { table, columns, show }: Listing<Row, Item>,
) {
  const [at, after] = pointOf(cursor);
  const rows = await database.query<Row>(
    `select ${columns} from ${table}
     where tenant_id = $1 and ($2::timestamptz is null or (created_at, id) < ($2, $3))
     order by created_at desc, id desc limit $4`,
    [tenant, at, after, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last !== undefined ? `${last.created_at.toISOString()}~${last.id}` : null;
  return { items: shown.map(show), next };
}

/** A cursor is the moment of the last row seen and its id, for rows of one moment. */
function pointOf(cursor: string | undefined): readonly [at: string | null, id: string | null] {
  if (cursor === undefined) return [null, null];
  const [at = "", id = ""] = cursor.split("~");
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at) && !Number.isNaN(Date.parse(at)) && /^[\w-]{1,100}$/.test(id))
    return [at, id];
  throw invalidInput([{ pointer: "/query/cursor", message: "is not a cursor of this list" }]);
}
