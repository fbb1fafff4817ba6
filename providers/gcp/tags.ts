import type { Settings } from "../../config/settings.js";

/**
 * Labels are what Google Cloud calls tags. They go on every resource that takes them, one by one: the provider's default
 * labels are invisible in a plan, and disks that a service makes by itself would go without.
 */
export const tagsFor = (
  stack: Settings,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> =>
  Object.fromEntries(
    Object.entries({
      ...stack.tags,
      ...more,
      name,
      platform: stack.name,
      environment: stack.environment,
      "managed-by": "pulumi",
    }).map(([key, value]) => [asLabel(key), asLabel(value)]),
  );

/**
 * Lower-case letters, digits, hyphens and underscores, at most 63: anything else is an error of the API.
 * https://cloud.google.com/resource-manager/docs/labels-overview#requirements
 */
const asLabel = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, "-")
    .slice(0, 63);
