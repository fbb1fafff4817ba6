import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cloudNames } from "../config/names.js";
import { referenceFiles } from "../config/reference.js";
import { findStackFile, readStackFile } from "../config/stackfile.js";
import { planStack } from "../plan/plan.js";
import { planAsSummary } from "../plan/summary.js";
import { type Capability, support } from "../providers/support.js";
import { metricsJson } from "../service/src/telemetry/metrics-json.js";
import { alertTable } from "./alert-table.js";
import { faultTable } from "./fault-table.js";
import { environmentTables } from "./service-environment.js";

/** `npm run docs`: the documents that the code writes. A test says when one of them is stale. */
export async function generated(): Promise<Readonly<Record<string, string>>> {
  return {
    ...referenceFiles(),
    "docs/alerts.md": withTable(readFileSync(pathOf("docs/alerts.md"), "utf8"), alertTable()),
    "docs/clouds.md": withTable(readFileSync(pathOf("docs/clouds.md"), "utf8"), supportTable()),
    "docs/faults.md": withTable(readFileSync(pathOf("docs/faults.md"), "utf8"), faultTable()),
    "docs/plan.txt": await plans(),
    "service/README.md": withTable(readFileSync(pathOf("service/README.md"), "utf8"), environmentTables()),
    "service/metrics.json": metricsJson(),
  };
}

export const pathOf = (file: string): string => join(import.meta.dirname, "..", file);

async function plans(): Promise<string> {
  const shown = [];
  for (const stack of ["prod", "dev"]) {
    const plan = await planStack({ source: readStackFile(findStackFile(stack)), stack, stackOutputs: {} });
    shown.push(`$ npm run plan -- --stack ${stack}\n${planAsSummary(plan)}`);
  }
  return shown.join("\n");
}

const BEGIN = "<!-- generated: npm run docs -->";
const END = "<!-- end of generated -->";

function withTable(text: string, table: string): string {
  const [before] = text.split(BEGIN, 1);
  const after = text.split(END).at(-1) ?? "";
  return `${before}${BEGIN}\n\n${table}\n${END}${after}`;
}

function supportTable(): string {
  const head = [`| | ${cloudNames.join(" | ")} |`, `|---|${cloudNames.map(() => "---|").join("")}`];
  const rows = (Object.keys(support) as Capability[]).map((capability) => {
    const cells = cloudNames.map((cloud) => {
      const answer = support[capability][cloud];
      return answer === true ? "yes" : `no: ${answer.reason}. Instead: ${answer.alternative}`;
    });
    return `| \`${capability}\` | ${cells.join(" | ")} |`;
  });
  return `${[...head, ...rows].join("\n")}\n`;
}

if (import.meta.filename === process.argv[1]) {
  for (const [file, text] of Object.entries(await generated())) writeFileSync(pathOf(file), text);
}
