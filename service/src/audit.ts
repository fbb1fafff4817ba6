import type { Queryable } from "./storage/database.js";

/** Who did what to what. Rows are only ever added: the database refuses anything else. */
export interface AuditEntry {
  readonly tenant: string;
  readonly principal: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export async function writeAudit(transaction: Queryable, entry: AuditEntry): Promise<void> {
  await transaction.query(
    `insert into audit (tenant_id, at, principal, address, action, target, detail, request_id)
     values ($1, now(), $2, $3, $4, $5, $6, $7)`,
    [
      entry.tenant,
      entry.principal,
      entry.address,
      entry.action,
      entry.target,
      JSON.stringify(entry.detail),
      entry.requestId,
    ],
  );
}
