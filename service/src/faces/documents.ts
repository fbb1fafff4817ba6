import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { Problem } from "../http/problem.js";
import { route } from "../http/route.js";

/** Swagger UI's own files, served from here: the page asks nothing of anywhere else. */
const files = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
} as const;
const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Agent service</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/page.js"></script>
</html>
`;
/** A file of its own: a script in the page itself is refused by the Content-Security-Policy. */
const SCRIPT = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#page", deepLinking: true, validatorUrl: null });
`;

const open = { face: "open", method: "get", role: "open", limit: "global", mode: "read" } as const;
const cached = { "Cache-Control": "public, max-age=3600" };

export const documents = [
  route({
    ...open,
    id: "documents.openapi",
    path: "/openapi.json",
    summary: "This API as OpenAPI 3.1",
    in: {},
    out: { 200: { description: "The document", body: z.looseObject({ openapi: z.string() }) } },
    handler: (_, { services: { openApi } }) => ({ status: 200, body: openApi }),
  }),
  route({
    ...open,
    id: "documents.page",
    path: "/docs",
    summary: "This API as a page to read and try",
    in: {},
    out: { 200: { description: "The page", contentType: "text/html" } },
    handler: () => ({ status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: PAGE }),
  }),
  route({
    ...open,
    id: "documents.file",
    path: "/docs/{file}",
    summary: "What the page is made of",
    in: { params: z.strictObject({ file: z.string().max(64) }) },
    out: { 200: { description: "A file", contentType: "*/*" } },
    problems: ["not_found"],
    handler: async ({ params: { file } }) => {
      if (file === "page.js")
        return { status: 200, headers: { ...cached, "Content-Type": "text/javascript; charset=utf-8" }, body: SCRIPT };
      const type = Object.entries(files).find(([name]) => name === file)?.[1];
      if (type === undefined) throw new Problem("not_found", `there is no file '${file}' here`);
      const path = join(folder, file);
      const { size } = await stat(path);
      const headers = { ...cached, "Content-Type": type, "Content-Length": String(size) };
      return { status: 200, headers, stream: createReadStream(path) };
    },
  }),
];
