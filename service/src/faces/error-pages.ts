import { z } from "zod";
import { Problem, type ProblemCode, type ProblemKind, problems } from "../http/problem.js";
import { route } from "../http/route.js";

const codes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

function page(code: ProblemCode): string {
  const { status, title, help, retry }: ProblemKind = problems[code];
  const again = retry ? "<p>The same call may succeed later by itself.</p>" : "";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${code}</title>
<style>:root { color-scheme: light dark } body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }</style>
<h1>${title}</h1>
<p><code>${status} ${code}</code></p>
<p>${help.replaceAll(/`([^`]*)`/g, "<code>$1</code>")}</p>
${again}</html>
`;
}

export const errorPages = [
  route({
    id: "errors.explain",
    face: "open",
    method: "get",
    path: "/errors/{code}",
    summary: "What an error means and what to do",
    role: "open",
    limit: "global",
    mode: "read",
    in: { params: z.strictObject({ code: z.string().max(64) }) },
    out: { 200: { description: "A page", contentType: "text/html" } },
    problems: ["not_found"],
    handler: ({ params: { code } }) => {
      const known = codes.find((one) => one === code);
      if (known === undefined)
        throw new Problem("not_found", `there is no error '${code}'; there are ${codes.join(", ")}`);
      return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: page(known) };
    },
  }),
];
