import type { Problem } from "./problems.js";

/** Configuration as it was found, before anything is believed: `namespace:key` -> value. */
export interface Source {
  /** What errors call it: `Pulumi.prod.yaml`. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Keys whose values are encrypted, whole. */
  readonly encrypted: ReadonlySet<string>;
  /** Environments of Pulumi ESC that add to the configuration when the engine runs, and that nobody else can read. */
  readonly environments?: readonly string[];
  /** What is wrong around the configuration, to be told together with what is wrong in it. */
  readonly problems?: readonly Problem[];
}
