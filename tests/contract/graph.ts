import type { RecordedResource } from "../../plan/record.js";

type Resources = readonly RecordedResource[];

/** Components of that type and all that is below them. */
export function below(resources: Resources, ...componentTypes: readonly string[]): Resources {
  const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  const types = new Map(resources.map(({ urn, type }) => [urn, type]));
  const inside = (urn: string | undefined): boolean =>
    urn !== undefined && (componentTypes.includes(types.get(urn) ?? "") || inside(parents.get(urn)));
  return resources.filter(({ urn }) => inside(urn));
}

/** What must be there before a resource is made: what it says, what its inputs come from, and its provider. */
export const needs = ({ dependsOn, propertyDependencies, provider }: RecordedResource): readonly string[] => [
  ...dependsOn,
  ...Object.values(propertyDependencies).flat(),
  ...(provider === undefined ? [] : [provider]),
];

/** URNs of all that is there before any of these are made. */
export function before(resources: Resources, of: Resources): ReadonlySet<string> {
  const byUrn = new Map(resources.map((one) => [one.urn, one]));
  const found = new Set<string>();
  const visit = (one: RecordedResource): void => {
    for (const urn of needs(one)) {
      if (found.has(urn)) continue;
      found.add(urn);
      const next = byUrn.get(urn);
      if (next !== undefined) visit(next);
    }
  };
  for (const one of of) visit(one);
  return found;
}

/** Whether the one is only made when the other is there. */
export const waitsFor = (resources: Resources, one: RecordedResource, other: RecordedResource): boolean =>
  before(resources, [one]).has(other.urn);
