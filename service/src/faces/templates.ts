import { z } from "zod";
import { pageOf, pageQuery, readPage } from "../http/pages.js";
import { type Fault, invalidInput, Problem } from "../http/problem.js";
import { route } from "../http/route.js";
import { byId, line, newId, text } from "../http/text.js";
import { Duplicate } from "../storage/database.js";
import { placeholdersOf, render, type Variable } from "../templates.js";

const variable = z.strictObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, {
    error: "expected a name of letters, digits and '_' that begins with a letter",
  }),
  description: line({ max: 500 }).optional(),
  required: z.boolean().default(true),
  default: text().optional(),
});
const fields = {
  name: line({ min: 1, max: 200 }),
  description: text({ max: 2000 }),
  body: text({ min: 1 }),
  variables: z.array(variable).max(100),
};
const shown = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  body: z.string(),
  variables: z.array(variable),
  version: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

interface Row {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly body: string;
  readonly variables: readonly Variable[];
  readonly version: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}
const COLUMNS = "id, name, description, body, variables, version, created_at, updated_at";

const show = ({ created_at, updated_at, ...row }: Row) => ({
  ...row,
  createdAt: created_at.toISOString(),
  updatedAt: updated_at.toISOString(),
});

const etagOf = (row: Pick<Row, "version">): string => `"${row.version}"`;
const absent = (id: string) => new Problem("not_found", `there is no template '${id}'`);
const ifMatch = z.object({
  "if-match": z.string().max(100).optional().meta({ description: "the ETag that the change is of" }),
});

/** Every placeholder has its variable, every variable is used, no name stands twice. */
function check({ body, variables }: Pick<Row, "body" | "variables">): void {
  const placeholders = placeholdersOf(body);
  const names = variables.map(({ name }) => name);
  const faults: Fault[] = [
    ...placeholders
      .filter((name) => !names.includes(name))
      .map((name) => ({ pointer: "/body/body", message: `'{{${name}}}' is not among the variables` })),
    ...names.flatMap((name, at) => [
      ...(placeholders.includes(name) ? [] : [{ pointer: `/body/variables/${at}`, message: `'${name}' is not used` }]),
      ...(names.indexOf(name) === at
        ? []
        : [{ pointer: `/body/variables/${at}`, message: `'${name}' is there twice` }]),
    ]),
  ];
  if (faults.length > 0) throw invalidInput(faults);
}

const onClash = (name: string | undefined) => (error: unknown) => {
  throw error instanceof Duplicate ? new Problem("conflict", `there is a template '${name}' already`) : error;
};

const face = { face: "templates", limit: "api" } as const;

export const templates = [
  route({
    ...face,
    id: "templates.create",
    method: "post",
    path: "/api/v1/templates",
    summary: "Make a template",
    description: "`{{name}}` in the body is a placeholder; each has its variable.",
    role: "operator",
    mode: "write",
    in: {
      body: z.strictObject({
        ...fields,
        description: fields.description.default(""),
        variables: fields.variables.default([]),
      }),
    },
    out: { 201: { description: "The template", body: shown, headers: { ETag: "its version", Location: "its path" } } },
    problems: ["conflict"],
    handler: async ({ body }, call) => {
      check(body);
      const id = newId("tpl");
      const row = await call
        .change({
          target: id,
          detail: { name: body.name },
          work: async (transaction) => {
            const [made] = await transaction.query<Row>(
              `insert into templates (id, tenant_id, name, description, body, variables)
               values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
              [id, call.principal.tenant, body.name, body.description, body.body, JSON.stringify(body.variables)],
            );
            if (made === undefined) throw new Error("the template's row was not returned");
            return made;
          },
        })
        .catch(onClash(body.name));
      const headers = { ETag: etagOf(row), Location: `/api/v1/templates/${row.id}` };
      return { status: 201, headers, body: show(row) };
    },
  }),
  route({
    ...face,
    id: "templates.list",
    method: "get",
    path: "/api/v1/templates",
    summary: "Templates, newest first",
    role: "viewer",
    mode: "read",
    in: { query: pageQuery },
    out: { 200: { description: "A page", body: pageOf(shown) } },
    handler: async ({ query }, { services: { database }, principal: { tenant } }) => {
      const listing = { table: "templates", columns: COLUMNS, show };
      return { status: 200, body: await readPage(database.replica, tenant, query, listing) };
    },
  }),
  route({
    ...face,
    id: "templates.read",
    method: "get",
    path: "/api/v1/templates/{id}",
    summary: "One template",
    role: "viewer",
    mode: "read",
    in: { params: byId("tpl") },
    out: { 200: { description: "The template", body: shown, headers: { ETag: "its version" } } },
    problems: ["not_found"],
    handler: async ({ params: { id } }, { services, principal }) => {
      const [row] = await services.database.query<Row>(
        `select ${COLUMNS} from templates where tenant_id = $1 and id = $2`,
        [principal.tenant, id],
      );
      if (row === undefined) throw absent(id);
      return { status: 200, headers: { ETag: etagOf(row) }, body: show(row) };
    },
  }),
  route({
    ...face,
    id: "templates.update",
    method: "patch",
    path: "/api/v1/templates/{id}",
    summary: "Change a template; what is not given stays",
    role: "operator",
    mode: "write",
    in: {
      params: byId("tpl"),
      headers: ifMatch,
      body: z
        .strictObject(fields)
        .partial()
        .refine((body) => Object.keys(body).length > 0, { error: "changes nothing" })
        .meta({ minProperties: 1 }),
    },
    out: { 200: { description: "The template", body: shown, headers: { ETag: "its version" } } },
    problems: ["not_found", "conflict", "precondition_failed"],
    handler: async ({ params: { id }, headers, body }, call) => {
      const row = await call
        .change({
          target: id,
          detail: { changed: Object.keys(body) },
          work: async (transaction) => {
            const [before] = await transaction.query<Row>(
              `select ${COLUMNS} from templates where tenant_id = $1 and id = $2 for update`,
              [call.principal.tenant, id],
            );
            if (before === undefined) throw absent(id);
            const expected = headers["if-match"];
            if (expected !== undefined && expected !== "*" && expected !== etagOf(before))
              throw new Problem("precondition_failed", `If-Match is ${expected}; the template is at ${etagOf(before)}`);
            const next = {
              name: body.name ?? before.name,
              description: body.description ?? before.description,
              body: body.body ?? before.body,
              variables: body.variables ?? before.variables,
            };
            check(next);
            const [after] = await transaction.query<Row>(
              `update templates set name = $3, description = $4, body = $5, variables = $6,
                 version = version + 1, updated_at = now()
               where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
              [call.principal.tenant, id, next.name, next.description, next.body, JSON.stringify(next.variables)],
            );
            if (after === undefined) throw absent(id);
            return after;
          },
        })
        .catch(onClash(body.name));
      return { status: 200, headers: { ETag: etagOf(row) }, body: show(row) };
    },
  }),
  route({
    ...face,
    id: "templates.delete",
    method: "delete",
    path: "/api/v1/templates/{id}",
    summary: "Delete a template",
    role: "operator",
    mode: "write",
    in: { params: byId("tpl") },
    out: { 204: { description: "It is gone" } },
    problems: ["not_found"],
    handler: async ({ params: { id } }, call) => {
      await call.change({
        target: id,
        work: async (transaction) => {
          const rows = await transaction.query("delete from templates where tenant_id = $1 and id = $2 returning id", [
            call.principal.tenant,
            id,
          ]);
          if (rows.length === 0) throw absent(id);
        },
      });
      return { status: 204 };
    },
  }),
  route({
    ...face,
    id: "templates.render",
    method: "post",
    path: "/api/v1/templates/{id}/render",
    summary: "Fill in a template",
    role: "viewer",
    mode: "read",
    in: {
      params: byId("tpl"),
      body: z.strictObject({ variables: z.record(z.string().max(64), text()).default({}) }),
    },
    out: { 200: { description: "The text", body: z.object({ text: z.string(), version: z.int() }) } },
    problems: ["not_found"],
    handler: async ({ params: { id }, body }, { services, principal }) => {
      const [row] = await services.database.query<Row>(
        `select ${COLUMNS} from templates where tenant_id = $1 and id = $2`,
        [principal.tenant, id],
      );
      if (row === undefined) throw absent(id);
      const { metrics } = services.telemetry;
      const began = performance.now();
      const rendered = render(row, body.variables);
      metrics.templates_processing_duration_seconds.observe((performance.now() - began) / 1000);
      metrics.templates_generated_total.inc();
      return { status: 200, body: { text: rendered, version: row.version } };
    },
  }),
];
