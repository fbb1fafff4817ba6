import { createHash } from "node:crypto";
import type { Codes, Words } from "../kind.js";

/** What the resource manager and the services behind it say: a code, and a sentence. */
export const words: Words = {
  missing: ({ codes, noun }, value) => `${codes.missing}: The ${noun} '${value}' was not found.`,
  unready: (_, value) =>
    `ReferencedResourceNotProvisioned: Cannot proceed with operation because resource ${value} is not in Succeeded state.`,
  quota: ({ codes, noun }) =>
    `${codes.quota}: Operation could not be completed as it results in exceeding the approved quota of ${noun}s.`,
  inUse: ({ codes, noun }, id, users) =>
    `${codes.inUse}: The ${noun} ${id} is in use by ${users.join(", ")} and cannot be deleted.`,
  // Azure would write over it: it is the provider that asks first.
  taken: ({ codes, noun }, key) => `${codes.taken}: ${noun} '${key}'`,
  reserved: ({ codes, noun }, key) =>
    `${codes.taken}: A ${noun} with the name '${key}' already exists in deleted state. You need to either recover or purge it.`,
  failed: (_, id, op) => `the ${op} of ${id} ended: Status="Failed" Code="ProvisioningFailed"`,
  throttled: "SubscriptionRequestsThrottled: Number of requests for subscription exceeded the limit. Try again later.",
};

const manager: Codes = {
  taken: "cannot create already existing resource",
  missing: "ResourceNotFound",
  inUse: "CannotDeleteResource",
  quota: "QuotaExceeded",
};
/** The resource manager's codes, and those that a service has of its own. */
export const codes = (own: Partial<Codes> = {}): Codes => ({ ...manager, ...own });

/** Letters that look like chance and are the same each time. */
export const hash = (seed: string, length: number): string =>
  createHash("sha256").update(seed).digest("hex").slice(0, length);

/** A GUID that belongs to it. */
export const guid = (seed: string): string =>
  hash(seed, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
