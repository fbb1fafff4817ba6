import { groups, variables } from "../service/src/env.js";

/** The tables of service/README.md, of the schema that parses the environment. */
export function environmentTables(): string {
  const sections = Object.entries(groups).map(([group, title]) => {
    const rows = Object.entries(variables)
      .filter(([, { about }]) => about.group === group)
      .map(([name, { about }]) => {
        const fallback = about.default === undefined || about.default === "" ? "" : `\`${about.default}\``;
        return `| \`${name}\` | ${fallback} | ${about.about}${about.secret ? " (secret)" : ""} |`;
      });
    return `### ${title}\n\n| variable | default | |\n|---|---|---|\n${rows.join("\n")}\n`;
  });
  return sections.join("\n");
}
