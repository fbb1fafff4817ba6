import type { Settings } from "../../config/settings.js";
import type { Part, Place } from "../parts.js";
import type { Plan } from "../plan.js";
import { type Content, type Html, html } from "./markup.js";

/** A part's place on the page: what a box in the drawing leads to. */
export const anchorOf = ({ title }: Part): string => `part-${title.replaceAll(" ", "-")}`;

/** The parts as boxes within boxes: what stands in the network, what in the cluster, and what beside both. */
export function drawing({ settings }: Plan, parts: readonly Part[]): Html {
  const at = (place: Place): readonly Part[] => parts.filter((part) => part.place === place);
  const inCluster = at("in cluster").map((part) => box(part, settings));
  const cluster = at("cluster").map((part) => frame(part, inCluster));
  const data = at("in network").map((part) => box(part, settings));
  const inside: Content = [...(cluster.length === 0 ? inCluster : cluster), group("data", data)];
  const network = at("network");
  const where = settings.cloud === "local" ? "" : `, ${settings.region}`;
  return html`<section class="drawing" aria-label="The parts and where they stand">
<div class="frame cloud"><p class="frame-title">${settings.cloud}${where}</p>
<div class="inside">${network.length === 0 ? inside : network.map((part) => frame(part, inside))}
${group(
  "beside",
  at("beside").map((part) => box(part, settings)),
)}</div></div></section>`;
}

const group = (name: string, boxes: readonly Html[]): Content =>
  boxes.length === 0 ? [] : html`<div class="group ${name}">${boxes}</div>`;

const frame = (part: Part, inside: Content): Html =>
  html`<div class="frame"><a class="frame-title" href="#${anchorOf(part)}">${part.title} <span>${brief(part)}</span></a>
<div class="inside">${inside}</div></div>`;

const box = (part: Part, settings: Settings): Html =>
  html`<a class="box" href="#${anchorOf(part)}"><strong>${part.title}</strong>${notes(part, settings).map(
    (note) => html`<span>${note}</span>`,
  )}</a>`;

const brief = ({ facts, becomes }: Part): string =>
  [facts.get("service"), facts.get("size")].filter((text) => text !== undefined).join(", ") || (becomes[0] ?? "");

/** The few words that tell most, and for a service what it uses. */
function notes(part: Part, settings: Settings): readonly string[] {
  const service = part.title.startsWith("service ")
    ? settings.services[part.title.slice("service ".length)]
    : undefined;
  const uses = service === undefined || service.uses.length === 0 ? [] : [`uses ${service.uses.join(", ")}`];
  const told = [part.facts.get("service"), part.facts.get("size"), part.facts.get("copies")];
  const facts = told.filter((text) => text !== undefined);
  return [...(facts.length > 0 ? facts : part.becomes.slice(0, 2)), ...uses];
}
