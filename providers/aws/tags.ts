import type { Settings } from "../../config/settings.js";

/**
 * Tags go on every resource that takes them, one by one: the provider's default tags are invisible in a plan, and the
 * instances and volumes that a service makes by itself would go without.
 */
export const tagsFor = (stack: Settings, name: string): Record<string, string> => ({
  ...stack.tags,
  Name: name,
  platform: stack.name,
  environment: stack.environment,
  "managed-by": "pulumi",
});
