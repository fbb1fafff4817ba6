import * as pulumi from "@pulumi/pulumi";
import { UNKNOWN } from "./record.js";

/** What a secret reads as, wherever it would be shown. */
export const SECRET = "[secret]";

interface OutputInternals {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns?: boolean): Promise<unknown>;
}

/** An output's value for people: secrets and unknowns are named and nothing of them is shown. */
export async function reveal(value: unknown): Promise<unknown> {
  if (pulumi.isUnknown(value)) return UNKNOWN;
  if (pulumi.Output.isInstance(value)) {
    const output = value as unknown as OutputInternals;
    if (await output.isSecret) return SECRET;
    // With the unknowns inside it, where only some of a map is unknown.
    const inner = await output.promise(true);
    return (await output.isKnown) || pulumi.containsUnknowns(inner) ? reveal(inner) : UNKNOWN;
  }
  if (Array.isArray(value)) return Promise.all(value.map(reveal));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    async ([key, item]): Promise<[string, unknown]> => [key, await reveal(item)],
  );
  return Object.fromEntries(await Promise.all(entries));
}
