import { z } from "zod";
import { pageQuery } from "../http/pages.js";
import { route } from "../http/route.js";

const entry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  principal: z.string(),
  address: z.string(),
  action: z.string(),
  target: z.string(),
  detail: z.record(z.string(), z.unknown()),
  requestId: z.string(),
});

interface Row {
  readonly id: number;
  readonly at: Date;
  readonly principal: string;
  readonly address: string;
  readonly action: string;
  readonly target: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly request_id: string;
}

export const audit = [
  route({
    id: "audit.list",
    face: "admin",
    method: "get",
    path: "/api/v1/admin/audit",
    summary: "Who did what, newest first",
    role: "admin",
    limit: "api",
    mode: "read",
    in: {
      query: pageQuery.extend({
        action: z
          .string()
          .regex(/^[a-z.-]{1,64}$/, { error: "expected an action such as templates.create" })
          .optional(),
        cursor: z
          .string()
          .regex(/^\d{1,18}$/, { error: "is not a cursor of this list" })
          .optional(),
      }),
    },
    out: {
      200: { description: "A page", body: z.object({ items: z.array(entry), next: z.string().nullable() }) },
    },
    handler: async ({ query: { limit, cursor, action } }, { services, principal }) => {
      const rows = await services.database.replica.query<Row>(
        `select id, at, principal, address, action, target, detail, request_id from audit
         where tenant_id = $1 and ($2::bigint is null or id < $2) and ($3::text is null or action = $3)
         order by id desc limit $4`,
        [principal.tenant, cursor ?? null, action ?? null, limit + 1],
      );
      const items = rows.slice(0, limit).map(({ id, at, request_id, ...row }) => ({
        ...row,
        id: String(id),
        at: at.toISOString(),
        requestId: request_id,
      }));
      return { status: 200, body: { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null } };
    },
  }),
];
