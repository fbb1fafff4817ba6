import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import { callerRoles, type Principal } from "../auth/principal.js";
import type { Queryable } from "../storage/database.js";

/**
 * What opens one socket, once. Tickets are rows and not Redis keys, because Redis owns nothing: while it is away
 * sockets are opened as ever. A stolen table opens none: it has hashes only.
 */

const LIFE_SECONDS = 30;
/** Each new ticket clears away this many that were never used, so that they can't pile up. */
const SWEPT = 100;
/** 32 bytes as base64url. */
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

const kept = z.object({
  id: z.string(),
  role: z.enum(callerRoles),
  scopes: z.array(z.string()),
  expiresAt: z.iso
    .datetime()
    .transform((text) => new Date(text))
    .exactOptional(),
});

// 256 bits of chance can't be guessed from their hash, so it needs no salt and no work.
const hashOf = (ticket: string): Buffer => createHash("sha256").update(ticket).digest();

export async function issueTicket(
  database: Queryable,
  { tenant, ...principal }: Principal,
): Promise<{ readonly ticket: string; readonly expiresAt: Date }> {
  const ticket = randomBytes(32).toString("base64url");
  // Rows that another replica sweeps are skipped: two sweeps never wait for each other.
  const [row] = await database.query<{ readonly expires_at: Date }>(
    `with swept as (
       delete from ws_tickets where hash in (
         select hash from ws_tickets where expires_at <= now() order by expires_at limit ${SWEPT} for update skip locked
       )
     )
     insert into ws_tickets (hash, tenant_id, principal, expires_at)
     values ($1, $2, $3, now() + interval '${LIFE_SECONDS} seconds') returning expires_at`,
    [hashOf(ticket), tenant, JSON.stringify(principal)],
  );
  if (row === undefined) throw new Error("the ticket's row was not returned");
  return { ticket, expiresAt: row.expires_at };
}

/** Whose it was; of two that come with the same ticket one deletes the row, and the other is `undefined`. */
export async function redeemTicket(database: Queryable, ticket: string): Promise<Principal | undefined> {
  // What can't be one costs no query.
  if (!SHAPE.test(ticket)) return undefined;
  const [row] = await database.query<{ readonly tenant_id: string; readonly principal: unknown }>(
    "delete from ws_tickets where hash = $1 and expires_at > now() returning tenant_id, principal",
    [hashOf(ticket)],
  );
  return row === undefined ? undefined : { tenant: row.tenant_id, ...kept.parse(row.principal) };
}
