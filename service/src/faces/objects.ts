import { createHash } from "node:crypto";
import { z } from "zod";
import { pageOf, pageQuery, readPage } from "../http/pages.js";
import { Problem } from "../http/problem.js";
import { type Call, route } from "../http/route.js";
import { byId, idOf, line, newId } from "../http/text.js";
import { type Link, newLinkKey, opens, signLink } from "../objects/links.js";
import { isAmong, mediaTypeOf } from "../objects/media-types.js";
import { NoSuchObject } from "../objects/store.js";

/**
 * Uploads. The bytes go to the store first and the row after them, and on the way out the row goes first: what is
 * listed has its bytes, whatever fails in between. What may be left is bytes without a row. No link opens them, they
 * only take room, and each is logged with its key so that somebody can delete it.
 */

const objectId = idOf("obj");

/** A name and no path. What would be one is refused, not cut: the caller gets back the very name that was sent. */
const objectName = line({ min: 1, max: 255 })
  .regex(/^[^/\\]*$/, { error: "has a / or \\: a name has no folders" })
  .regex(/^(?!\.{1,2}$)/, { error: "is . or .." })
  .regex(/^(?!\s)(?:.*\S)?$/, { error: "begins or ends with a space" })
  // With these a name reads otherwise than it is: https://trojansource.codes
  .regex(/^[^\u2028-\u202e\u2066-\u2069]*$/, { error: "has a character that turns the direction of writing" });

const shown = z.object({
  id: z.string(),
  name: z.string(),
  contentType: z.string(),
  size: z.int().min(0).meta({ description: "bytes" }),
  sha256: z.string().meta({ description: "of the bytes, in hex" }),
  createdAt: z.iso.datetime(),
  url: z.string().meta({ description: "gives the bytes without a key until it expires; relative to this service" }),
  urlExpiresAt: z.iso.datetime(),
});

interface Row {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly content_type: string;
  readonly size: number | string | bigint;
  readonly sha256: Uint8Array;
  readonly link_key: Uint8Array;
  readonly created_at: Date;
}
const COLUMNS = "id, tenant_id, name, content_type, size, sha256, link_key, created_at";

const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

const pathOf = ({ id, expires, signature }: Link): string =>
  `/api/v1/objects/${id}/content?expires=${expires}&signature=${signature}`;

const show = (row: Row, { OBJECT_LINK_TTL }: { readonly OBJECT_LINK_TTL: number }) => {
  const expires = nowInSeconds() + OBJECT_LINK_TTL;
  return {
    id: row.id,
    name: row.name,
    contentType: row.content_type,
    size: Number(row.size),
    sha256: Buffer.from(row.sha256).toString("hex"),
    createdAt: row.created_at.toISOString(),
    url: pathOf(signLink(row.link_key, row.id, expires)),
    urlExpiresAt: new Date(expires * 1000).toISOString(),
  };
};

/** A tenant's name may have any letters, a key's step not all; which tenant's it is stays readable. */
const keyOf = (tenant: string, id: string): string =>
  `${tenant.replaceAll(/[^A-Za-z0-9-]/g, (letter) => `_${letter.charCodeAt(0).toString(16)}`).slice(0, 200)}/${id}`;

const absent = (id: string) => new Problem("not_found", `there is no object '${id}'`);
const noLink = () =>
  new Problem("not_found", "there is nothing behind this link: it is wrong, it is over, or its object was deleted");

function acceptedType({ contentType = "", contentEncoding: encoding = "identity", services }: Call): string {
  const { OBJECT_TYPES } = services.env;
  const type = mediaTypeOf(contentType);
  const refuse = (why: string) => new Problem("unsupported_media_type", why);
  if (type?.essence === "multipart/form-data")
    throw refuse(
      "Content-Type is 'multipart/form-data'; send the file's bytes themselves as the body, with the file's own type",
    );
  if (type === undefined || !isAmong(OBJECT_TYPES, type))
    throw refuse(`Content-Type is '${contentType.slice(0, 100)}'; expected one of ${OBJECT_TYPES.join(", ")}`);
  if (encoding.toLowerCase() !== "identity")
    throw refuse(`Content-Encoding is '${encoding.slice(0, 100)}'; send the bytes as they are`);
  return type.whole;
}

function announcedSize(size: number | undefined, most: number): number {
  if (size === undefined)
    throw new Problem("malformed", "the request has no Content-Length: the store has to know how many bytes will come");
  if (size > most) throw new Problem("too_large", `the body has ${size} bytes; it may have ${most}`);
  return size;
}

/** Deletes bytes that have no row. Asks first: a commit that was cut off may have taken place all the same. */
async function sweep({ principal: { tenant }, services }: Call, id: string): Promise<void> {
  const { database, objects, telemetry } = services;
  const key = keyOf(tenant, id);
  try {
    const rows = await database.query("select id from objects where tenant_id = $1 and id = $2", [tenant, id]);
    if (rows.length === 0) await objects.delete(key);
  } catch (error) {
    telemetry.log.error(
      { err: error, key },
      "the object store may be left with bytes that have no row: delete this key",
    );
  }
}

const face = { face: "objects", limit: "api" } as const;

export const objects = [
  route({
    ...face,
    id: "objects.create",
    method: "post",
    path: "/api/v1/objects",
    summary: "Upload a file",
    description:
      "The body is the file's bytes, with its own Content-Type and its Content-Length; not multipart/form-data.",
    role: "operator",
    mode: "write",
    in: {
      query: z.strictObject({ name: objectName }),
      bytes: true,
    },
    out: { 201: { description: "What is known about it", body: shown, headers: { Location: "its path" } } },
    handler: async ({ query: { name } }, call) => {
      const { env, objects, telemetry } = call.services;
      const { tenant, id: creator } = call.principal;
      const contentType = acceptedType(call);
      const size = announcedSize(call.contentLength, env.OBJECT_MAX_BYTES);
      const id = newId("obj");
      const hash = createHash("sha256");
      const upload = { contentType, size, signal: call.signal, inspect: (chunk: Uint8Array) => hash.update(chunk) };
      try {
        await objects.put(keyOf(tenant, id), call.bytes, upload);
        const sha256 = hash.digest();
        call.signal.throwIfAborted();
        const row = await call.change({
          target: id,
          detail: { name, contentType, size },
          work: async (transaction) => {
            const [made] = await transaction.query<Row>(
              `insert into objects (id, tenant_id, name, content_type, size, sha256, link_key, created_by)
               values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${COLUMNS}`,
              [id, tenant, name, contentType, size, sha256, newLinkKey(), creator],
            );
            if (made === undefined) throw new Error("the object's row was not returned");
            return made;
          },
        });
        telemetry.metrics.objects_stored_total.inc();
        telemetry.metrics.objects_stored_bytes_total.inc(size);
        return { status: 201, headers: { Location: `/api/v1/objects/${id}` }, body: show(row, env) };
      } catch (error) {
        await sweep(call, id);
        throw error;
      }
    },
  }),
  route({
    ...face,
    id: "objects.list",
    method: "get",
    path: "/api/v1/objects",
    summary: "Uploads, newest first",
    role: "viewer",
    mode: "read",
    in: { query: pageQuery },
    out: { 200: { description: "A page", body: pageOf(shown) } },
    handler: async ({ query }, { services: { database, env }, principal: { tenant } }) => {
      const listing = { table: "objects", columns: COLUMNS, show: (row: Row) => show(row, env) };
      return { status: 200, body: await readPage(database.replica, tenant, query, listing) };
    },
  }),
  route({
    ...face,
    id: "objects.read",
    method: "get",
    path: "/api/v1/objects/{id}",
    summary: "What is known about an upload, with a new link to its bytes",
    role: "viewer",
    mode: "read",
    in: { params: byId("obj") },
    out: { 200: { description: "What is known about it", body: shown } },
    problems: ["not_found"],
    handler: async ({ params: { id } }, { services: { database, env }, principal }) => {
      const [row] = await database.query<Row>(`select ${COLUMNS} from objects where tenant_id = $1 and id = $2`, [
        principal.tenant,
        id,
      ]);
      if (row === undefined) throw absent(id);
      return { status: 200, body: show(row, env) };
    },
  }),
  route({
    ...face,
    id: "objects.content",
    method: "get",
    path: "/api/v1/objects/{id}/content",
    summary: "The bytes of an upload, for whoever has a link that is not over",
    role: "open",
    limit: "global",
    mode: "read",
    // A link that is no link gets the answer of any other that does not open.
    in: {
      params: z.object({ id: z.string() }),
      query: z.object({ expires: z.string().catch(""), signature: z.string().catch("") }),
    },
    out: { 200: { description: "The bytes, as an attachment", contentType: "*/*" } },
    problems: ["not_found"],
    handler: async ({ params: { id }, query }, { services, signal }) => {
      const now = nowInSeconds();
      // The one statement that asks for no tenant: the link is the credential, and its secret is the row's own.
      const [row] = objectId.safeParse(id).success
        ? await services.database.query<Row>(`select ${COLUMNS} from objects where id = $1`, [id])
        : [];
      if (!opens({ id, ...query }, row?.link_key, now) || row === undefined) throw noLink();
      const key = keyOf(row.tenant_id, id);
      const stream = await services.objects.get(key, signal).catch((error: unknown) => {
        if (!(error instanceof NoSuchObject)) throw error;
        services.telemetry.log.error({ err: error, key }, "the object store does not have the bytes of a row");
        throw noLink();
      });
      return {
        status: 200,
        headers: {
          "Content-Type": row.content_type,
          "Content-Length": String(row.size),
          // A page of a stranger must not run as one of ours: saved and not shown, and powerless where it is shown.
          "Content-Disposition": `attachment; filename*=UTF-8''${extValue(row.name)}`,
          "X-Content-Type-Options": "nosniff",
          "Content-Security-Policy": "sandbox; default-src 'none'",
          "Cache-Control": `private, max-age=${Number(query.expires) - now}`,
        },
        stream,
      };
    },
  }),
  route({
    ...face,
    id: "objects.delete",
    method: "delete",
    path: "/api/v1/objects/{id}",
    summary: "Delete an upload; its links stop to work at once",
    role: "operator",
    mode: "write",
    in: { params: byId("obj") },
    out: { 204: { description: "It is gone" } },
    problems: ["not_found"],
    handler: async ({ params: { id } }, call) => {
      const { tenant } = call.principal;
      const gone = call.change({
        target: id,
        work: async (transaction) => {
          const rows = await transaction.query("delete from objects where tenant_id = $1 and id = $2 returning id", [
            tenant,
            id,
          ]);
          if (rows.length === 0) throw absent(id);
        },
      });
      await gone.catch(async (error: unknown) => {
        if (!(error instanceof Problem)) await sweep(call, id);
        throw error;
      });
      await sweep(call, id);
      call.services.telemetry.metrics.objects_deleted_total.inc();
      return { status: 204 };
    },
  }),
];

/** https://www.rfc-editor.org/rfc/rfc8187#section-3.2.1: nothing in it can end the header or begin a path. */
const extValue = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
