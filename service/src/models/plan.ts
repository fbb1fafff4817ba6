import { distance } from "fastest-levenshtein";
import { Problem } from "../http/problem.js";
import { type Catalog, keyOf, type Target } from "./catalog.js";
import type { ChatRequest } from "./chat.js";
import { type Capability, capabilityNames } from "./config.js";

/** Which models may answer a call, and in which order: by its model's name, what it needs, and weights. */

export type Random = () => number;

export function targetsFor(
  catalog: Catalog,
  model: string,
  needs: ReadonlySet<Capability>,
  random: Random,
): readonly Target[] {
  const named = targetsOf(catalog, model);
  const able = named.filter((target) => lacks(target, needs).length === 0);
  if (able.length === 0) throw cantDo(model, named, needs);
  return byWeight(able, random);
}

/** `auto`, `route:<name>`, `<provider>/<model>`. */
function targetsOf({ routes, providers }: Catalog, name: string): readonly Target[] {
  const route = routes.get(name === "auto" ? name : name.startsWith("route:") ? name.slice("route:".length) : "");
  if (route !== undefined) return route;
  const provider = providers.find((one) => name.startsWith(`${one.name}/`));
  const model = provider?.models.find((one) => `${provider.name}/${one.name}` === name);
  if (provider !== undefined && model !== undefined) return [{ provider, model, weight: undefined }];
  throw new Problem("model_not_found", nearestModels({ routes, providers }, name));
}

/** Everything that a call may name. */
export const modelNames = ({ routes, providers }: Pick<Catalog, "routes" | "providers">): readonly string[] => [
  ...[...routes.keys()].map((route) => (route === "auto" ? route : `route:${route}`)),
  ...providers.flatMap((provider) => provider.models.map((model) => `${provider.name}/${model.name}`)),
];

/** By the whole name, or by the model's part of it: who knows the model seldom knows what its provider is called here. */
export function nearestModels(catalog: Pick<Catalog, "routes" | "providers">, wrong: string): string {
  const nearest = modelNames(catalog)
    .map((name) => ({
      name,
      far: Math.min(distance(wrong, name), distance(wrong, name.slice(name.indexOf("/") + 1))),
    }))
    .sort((one, other) => one.far - other.far)
    .slice(0, 3);
  return `there is no model '${wrong.slice(0, 100)}'; the nearest are ${nearest.map(({ name }) => name).join(", ")}`;
}

const lacks = ({ model }: Target, needs: ReadonlySet<Capability>): readonly Capability[] =>
  capabilityNames.filter((capability) => needs.has(capability) && !model.capabilities.has(capability));

function cantDo(name: string, targets: readonly Target[], needs: ReadonlySet<Capability>): Problem {
  const reasons = targets
    .slice(0, 5)
    .map((target) => `${keyOf(target)} has no ${lacks(target, needs).join(" and no ")}`);
  return new Problem("model_unable", `no model of '${name}' can do this: ${reasons.join("; ")}`);
}

export function needsOf(request: ChatRequest): ReadonlySet<Capability> {
  const needs = new Set<Capability>(["chat"]);
  if ((request.tools ?? []).length > 0) needs.add("tools");
  if (request.response_format != null && request.response_format.type !== "text") needs.add("json");
  const images = request.messages.some(
    ({ content }) => Array.isArray(content) && content.some(({ type }) => type === "image_url"),
  );
  if (images) needs.add("images");
  return needs;
}

/** Drawn without putting back; those without a weight follow, in the order of the route. */
function byWeight(targets: readonly Target[], random: Random): readonly Target[] {
  const left = targets.flatMap((target) => (target.weight === undefined ? [] : [{ target, weight: target.weight }]));
  const drawn: Target[] = [];
  while (left.length > 0) {
    let ticket = random() * left.reduce((sum, { weight }) => sum + weight, 0);
    const found = left.findIndex(({ weight }) => {
      ticket -= weight;
      return ticket < 0;
    });
    const [one] = left.splice(found === -1 ? left.length - 1 : found, 1);
    if (one !== undefined) drawn.push(one.target);
  }
  return [...drawn, ...targets.filter(({ weight }) => weight === undefined)];
}
