import { parse } from "yaml";
import { manifestsOf } from "../../../plan/manifests.js";
import type { Props } from "../../engine/providers/serve.js";
import { planOfCase } from "../../matrix/cases.js";
import { cases } from "./planned.js";

/** Says the objects of all cases, in their order, as `planned` reads them. */
const all: (readonly Props[])[] = [];
for (const one of cases) {
  const manifests = manifestsOf(await planOfCase(one)).filter(({ path }) => !path.startsWith("releases/"));
  all.push(manifests.map(({ text }) => parse(text) as Props));
}
process.stdout.write(JSON.stringify(all));
