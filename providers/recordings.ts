import type { Settings } from "../config/settings.js";
import { partName } from "./naming.js";

/** What the rules have in common by which each cloud's own names for its measurements become the same everywhere. */

/** Stores that the cloud runs, and hence measures, by their keys. */
export const storesOfCloud = ({
  databases,
  caches,
}: Settings): Readonly<Record<"databases" | "caches", readonly string[]>> => ({
  databases: keysIn(databases, ["managed", "replica"]),
  caches: keysIn(caches, ["managed"]),
});

const keysIn = (stores: Readonly<Record<string, { readonly mode: string }>>, modes: readonly string[]) =>
  Object.keys(stores).filter((key) => modes.includes(stores[key]?.mode ?? ""));

/** Which of a series' labels says whose it is, and what of it is the key: the first group of the pattern. */
export interface Whose {
  readonly label: string;
  readonly pattern: string;
}

/** Names of databases and of their read replicas, as a cloud has them: `before` and `after` are what it adds. */
export const databaseNames = (stack: Settings, before = "", after = ""): string =>
  `${before}${partName(stack.prefix, "database", "")}(${storesOfCloud(stack).databases.join("|")})(?:-replica-[0-9]+)?${after}`;

export const cacheNames = (stack: Settings, before = "", after = ""): string =>
  `${before}${partName(stack.prefix, "cache", "")}(${storesOfCloud(stack).caches.join("|")})${after}`;

export const selected = (series: string, { label, pattern }: Whose, more = ""): string =>
  `${series}{${more}${label}=~"${pattern}"}`;

/** Of all series of a part the one that matters, under the part's key. */
export const perKey = (
  pick: "max" | "min",
  part: "database" | "cache",
  { label, pattern }: Whose,
  expression: string,
): string =>
  `${pick} by (environment, ${part}) (label_replace(${expression}, "${part}", "$1", "${label}", "${pattern}"))`;

/** The share of places from where a check has an answer. */
export const perCheck = (expression: string): string => `avg by (environment, check) (${expression})`;
