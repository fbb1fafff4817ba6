import type { Settings } from "../../config/settings.js";

/**
 * Tags go on every resource that takes them, one by one: a resource group hands none down to what is in it. Azure
 * compares their names without regard to case, so a stack's `name` would be refused next to our `Name`: ours stays.
 */
export function tagsFor(stack: Settings, name: string): Record<string, string> {
  const ours = { Name: name, platform: stack.name, environment: stack.environment, "managed-by": "pulumi" };
  const byName = new Map(
    Object.entries({ ...stack.tags, ...ours }).map(([key, value]) => [key.toLowerCase(), [key, value] as const]),
  );
  return Object.fromEntries(byName.values());
}

/** As text, for the cluster's controllers, which make disks and addresses by themselves: they cut it at these signs. */
export const tagText = (stack: Settings, name: string): string =>
  Object.entries(tagsFor(stack, name))
    .filter(([, value]) => !/[=,]/.test(value))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
