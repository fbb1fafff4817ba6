import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { type ProblemCode, problems } from "./problem.js";
import type { Route } from "./route.js";

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    requestId: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })),
    error: z.object({ message: z.string(), type: z.string(), param: z.string().nullable(), code: z.string() }),
  })
  .meta({ id: "Problem", description: "RFC 9457, with OpenAI's `error` in the same body" });

/** OpenAPI 3.1 of these routes, and so of what this process serves. */
export function openApiOf(routes: readonly Route[], version: string) {
  const paths: Record<string, ZodOpenApiPathsObject[string]> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Agent service",
      version,
      description: "An API for AI agents. Errors are problem+json and OpenAI's error in one body.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [...new Set(routes.map(tagOf))].map((name) => ({ name })),
    security: [{ bearer: [] }, { key: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An API key, or a token of the configured issuer" },
        key: { type: "apiKey", in: "header", name: "X-API-Key" },
      },
    },
  });
}

const tagOf = ({ id }: Route): string => id.split(".")[0] ?? id;

function operationOf(route: Route): ZodOpenApiOperationObject {
  const { params, query, headers, body, bytes } = route.in;
  const content = { "*/*": { schema: { type: "string", format: "binary" } } } as const;
  return {
    operationId: route.id.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [tagOf(route)],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    ...(route.role === "open" ? { security: [] } : {}),
    requestParams: {
      ...(params === undefined ? {} : { path: params }),
      ...(query === undefined ? {} : { query }),
      ...(headers === undefined ? {} : { header: headers }),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    ...(bytes === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.out).map(([status, answer]) => [status, responseOf(answer)])),
      ...problemResponses(route),
    },
  };
}

function responseOf({ description, body, contentType, headers }: Route["out"][number]) {
  return {
    description,
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, about]) => [
              name,
              { description: about, schema: { type: "string" as const } },
            ]),
          ),
        }),
    ...(body === undefined && contentType === undefined
      ? {}
      : {
          content: {
            ...(body === undefined ? {} : { "application/json": { schema: body } }),
            ...(contentType === undefined ? {} : { [contentType]: { schema: { type: "string" as const } } }),
          },
        }),
  };
}

/** What every route of a kind may answer, and what this one says beside. */
function codesOf({ role, limit, mode, in: input, face, problems: own = [] }: Route): ReadonlySet<ProblemCode> {
  const codes = new Set<ProblemCode>(["malformed", "internal", "deadline", "header_too_large", ...own]);
  if (role !== "open") codes.add("unauthenticated").add("forbidden");
  if (limit !== "none") codes.add("rate_limited").add("unavailable");
  if (mode === "write") codes.add("read_only");
  if (face !== "open" && face !== "admin") codes.add("maintenance");
  if (input.params ?? input.query ?? input.body) codes.add("invalid");
  if (input.body ?? input.bytes) codes.add("too_large").add("unsupported_media_type");
  return codes;
}

function problemResponses(route: Route) {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codesOf(route)) {
    const { status } = problems[code];
    if (!(status in route.out)) byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([one], [other]) => one - other)
      .map(([status, codes]) => [
        status,
        {
          description: codes.map((code) => `\`${code}\`: ${problems[code].title.toLowerCase()}`).join("; "),
          content: { "application/problem+json": { schema: problem } },
        },
      ]),
  );
}
