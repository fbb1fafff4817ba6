import type { Plan } from "./plan.js";
import { type RecordedResource, UNKNOWN } from "./record.js";
import { SECRET } from "./values.js";

/** The plan as other programs read it: an interface, described in docs/plan-json.md. */
export function planAsJson(plan: Plan): string {
  const { stack, settings, resources, outputs, warnings, beforeUp } = plan;
  const json = {
    stack,
    cloud: settings.cloud,
    environment: settings.environment,
    settings,
    resources: resources.map(resourceAsJson),
    outputs,
    warnings,
    beforeUp,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function resourceAsJson(resource: RecordedResource) {
  const { name, type, urn, parent, custom, read, dependsOn, protect, retainOnDelete, deletedWith, provider } = resource;
  return {
    name,
    type,
    urn,
    parent: parent ?? null,
    custom,
    read,
    inputs: masked(resource.inputs, resource.secretInputs),
    dependsOn,
    protect,
    retainOnDelete,
    deletedWith: deletedWith ?? null,
    provider: provider ?? null,
  };
}

/** Inputs with their secrets named and not shown. */
export function masked(inputs: unknown, secretPaths: readonly string[], path = ""): unknown {
  if (secretPaths.includes(path)) return inputs === UNKNOWN ? UNKNOWN : SECRET;
  if (Array.isArray(inputs)) return inputs.map((item, index) => masked(item, secretPaths, `${path}[${index}]`));
  if (typeof inputs !== "object" || inputs === null) return inputs;
  return Object.fromEntries(
    Object.entries(inputs).map(([key, item]) => [key, masked(item, secretPaths, path === "" ? key : `${path}.${key}`)]),
  );
}
