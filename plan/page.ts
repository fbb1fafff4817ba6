import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isReal } from "./cluster-objects.js";
import { masked } from "./json.js";
import { anchorOf, drawing } from "./page/drawing.js";
import { type Content, Html, html } from "./page/markup.js";
import { isMade, type Part, partsOf } from "./parts.js";
import type { Plan } from "./plan.js";
import type { RecordedResource } from "./record.js";

const file = (name: string): string => readFileSync(join(import.meta.dirname, "page", name), "utf8");

/**
 * The plan as one page for a browser: it asks nobody for anything, and its policy forbids it to. Opens and closes
 * without its script; that only adds the filter and the switch between dark and light.
 */
export function planAsPage(plan: Plan): string {
  const [style, script] = [file("page.css"), file("page.js")];
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const parts = partsOf(plan);
  const title = `${plan.stack}: ${plan.settings.prefix} on ${plan.settings.cloud}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${asIs(style)}</style>
</head>
<body>
${head(plan, title)}
<main>
${list("Warnings", "warnings", plan.warnings)}
${list("Before up", "commands", plan.beforeUp)}
${drawing(plan, parts)}
<section aria-labelledby="resources"><h2 id="resources">Resources</h2>
<p class="tools"><label>Filter <input id="filter" type="search" autocomplete="off" spellcheck="false"></label>
<button type="button" id="open">Open all</button> <button type="button" id="close">Close all</button>
<span id="found" role="status"></span></p>
${parts.map(partOf)}
${rest(plan, parts)}
</section>
${outputs(plan)}
</main>
<script>${asIs(script)}</script>
</body>
</html>
`.toString();
}

/** Our own style and script, which are markup of their own. */
const asIs = (text: string): Html => new Html(text);
const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function head({ settings, resources }: Plan, title: string): Html {
  const made = resources.filter(isMade);
  const facts: readonly (readonly [string, string])[] = [
    ["environment", settings.environment],
    ["size", settings.size],
    ...(settings.cloud === "local" ? [] : [["region", settings.region] as const]),
    ...(settings.zones.length === 0 ? [] : [["zones", settings.zones.join(", ")] as const]),
    ["resources", String(made.length)],
    ["protected", String(made.filter(({ protect }) => protect).length)],
  ];
  return html`<header><div><h1>${title}</h1>
<button type="button" id="theme">Dark or light</button></div>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

const list = (title: string, kind: string, items: readonly string[]): Content =>
  items.length === 0
    ? []
    : html`<section class="${kind}"><h2>${title}</h2><ul>${items.map(
        (item) => html`<li>${kind === "commands" ? html`<code>${item}</code>` : item}</li>`,
      )}</ul></section>`;

function partOf(part: Part): Html {
  const resources = part.resources.filter(isReal);
  const facts = [...(part.mode === undefined ? [] : [["mode", part.mode] as const]), ...part.facts];
  const table = facts.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`);
  return html`<details class="part" id="${anchorOf(part)}"><summary><strong>${part.title}</strong>
<span class="what">${part.facts.get("service") ?? part.becomes.join("; ")}</span>
<span class="count">${resources.length}</span></summary>
${facts.length === 0 ? [] : html`<dl class="facts">${table}</dl>`}
${resources.map(resource)}</details>
`;
}

/** What stands under the platform itself, and the providers: no part's own. */
function rest(plan: Plan, parts: readonly Part[]): Content {
  const shown = new Set(parts.flatMap(({ resources }) => resources.map(({ urn }) => urn)));
  const others = plan.resources.filter((one) => isReal(one) && !shown.has(one.urn));
  return others.length === 0
    ? []
    : html`<details class="part" id="part-platform"><summary><strong>platform</strong>
<span class="what">the marker, the lock, namespaces, the stack's own secrets, providers</span>
<span class="count">${others.length}</span></summary>
${others.map(resource)}</details>
`;
}

function resource(one: RecordedResource): Html {
  const { type, name, urn, inputs, secretInputs, dependsOn, provider, deletedWith } = one;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["waits for", dependsOn.map(shortUrn)],
    ["gone with", deletedWith === undefined ? [] : [shortUrn(deletedWith)]],
    ["provider", provider === undefined ? [] : [shortUrn(provider)]],
    ["URN", [urn]],
  ];
  return html`<details class="resource"><summary><span class="type">${type}</span> <span class="name">${name}</span>${marks(
    one,
  ).map((mark) => html` <span class="mark">${mark}</span>`)}</summary>
<pre tabindex="0" aria-label="Inputs of ${name}">${JSON.stringify(masked(inputs, secretInputs), null, 2)}</pre>
<dl class="more">${rows
    .filter(([, values]) => values.length > 0)
    .map(([label, values]) => html`<div><dt>${label}</dt>${values.map((value) => html`<dd>${value}</dd>`)}</div>`)}</dl>
</details>
`;
}

const marks = ({ read, protect, retainOnDelete }: RecordedResource): readonly string[] => [
  ...(read ? ["read"] : []),
  ...(protect ? ["protected"] : []),
  ...(retainOnDelete ? ["stays"] : []),
];

/** The type and the name: the rest of a URN is the same for all. */
const shortUrn = (urn: string): string => {
  const [types = "", name = ""] = urn.split("::").slice(2);
  return `${types.split("$").at(-1)} ${name}`;
};

const outputs = (plan: Plan): Html =>
  html`<section aria-labelledby="outputs"><h2 id="outputs">Outputs</h2>
${Object.entries(plan.outputs).map(
  ([name, value]) =>
    html`<details class="resource"><summary><span class="name">${name}</span>
<span class="type">${typeof value === "object" ? "" : String(value)}</span></summary>
<pre tabindex="0" aria-label="Output ${name}">${JSON.stringify(value, null, 2) ?? "undefined"}</pre></details>
`,
)}</section>`;
