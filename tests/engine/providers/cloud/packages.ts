import { aws } from "./aws/index.js";
import { azure } from "./azure/index.js";
import { gcp } from "./gcp/index.js";
import type { Package } from "./kind.js";

/** The clouds, by the name of their package. */
export const packages: Readonly<Record<string, Package>> = { aws, gcp, "azure-native": azure };

/** Which of them has that type. */
export function packageOf(type: string): Package {
  const found = packages[type.split(":", 1).join()];
  if (found === undefined) throw new Error(`no stand-in has resource type ${type}`);
  return found;
}
