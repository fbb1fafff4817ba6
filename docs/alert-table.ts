import { alertTables } from "../components/monitoring/rules/index.js";
import type { AlertRow } from "../components/monitoring/rules/row.js";
import { alerts } from "../config/monitoring/alerts.js";
import { valueAt } from "../config/walk.js";

/** What each alert tells, and what it begins at where a stack says nothing. */
const themes: { readonly [T in keyof typeof alertTables]: string } = {
  calls: "What callers see",
  saturation: "What services use of what they have",
  agents: "Runs of agents",
  models: "Providers of models",
  budget: "What models cost",
  slo: "Promises",
  stores: "Databases and caches",
  pods: "Pods, Jobs and autoscalers",
  nodes: "Nodes and volumes",
  outside: "The way in",
  watching: "Those who watch",
};

const defaults = alerts.parse({});

function beginsAt({ setting }: AlertRow): string {
  if (setting === undefined) return "";
  const value = valueAt(defaults, setting.split("."));
  return value === undefined ? `\`${setting}\`` : `\`${setting}\` ${value}`;
}

const lasts = ({ for: time }: AlertRow): string =>
  typeof time === "function" ? "as said" : time === undefined ? "at once" : time;

/** What stands for a label or the value: `{{ $labels.service }}` is `SERVICE`. */
const inWords = (text: string): string =>
  text
    .replace(/\{\{ with \$labels\.service \}\} \{\{ \. \}\} spent\{\{ else \}\}(.*?)\{\{ end \}\}/, "$1")
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => label.toUpperCase())
    .replace(/\{\{ \$value[^}]*\}\}/g, "N");

export function alertTable(): string {
  const head = ["| alert | severity | begins at | after | what it tells |", "|---|---|---|---|---|"];
  const rows = Object.entries(alertTables).flatMap(([theme, table]) => [
    `| **${themes[theme as keyof typeof themes]}** | | | | |`,
    ...Object.entries<AlertRow>(table).map(([id, row]) => {
      const [name = "", severity] = id.split("/");
      const page = `[${name}](runbooks/${name}.md)`;
      return `| ${page} | ${severity} | ${beginsAt(row)} | ${lasts(row)} | ${inWords(row.description)} |`;
    }),
  ]);
  return `${[...head, ...rows].join("\n")}\n`;
}
