import type { Kind, Package } from "../kind.js";
import { account } from "./account.js";
import { compute } from "./compute.js";
import { monitoring } from "./monitoring.js";
import { network } from "./network.js";
import { reads } from "./reads.js";
import { stores } from "./stores.js";
import { words } from "./words.js";

/** The only account there is. */
const ACCOUNT = "123456789012";

export const aws: Package = {
  kinds: tagged({ ...network, ...account, ...compute, ...stores, ...monitoring }),
  reads,
  words,
  where: (settings) => {
    const region = String(settings["region"] ?? "");
    if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw new Error(`invalid AWS Region: ${region}`);
    const allowed = listed(settings["allowedAccountIds"]);
    if (allowed.length > 0 && !allowed.includes(ACCOUNT)) throw new Error(`AWS account ID not allowed: ${ACCOUNT}`);
    return { region, account: ACCOUNT };
  },
};

/** What every kind has: an ARN to be named by, and as an output its tags, with the default ones of the provider. */
function tagged(kinds: Readonly<Record<string, Kind>>): Readonly<Record<string, Kind>> {
  const withTags = (kind: Kind): Kind => ({
    calledBy: ["arn"],
    ...kind,
    outputs: (inputs, ...more) => ({
      ...(inputs["tags"] === undefined ? {} : { tagsAll: inputs["tags"] }),
      ...kind.outputs?.(inputs, ...more),
    }),
  });
  return Object.fromEntries(Object.entries(kinds).map(([type, kind]) => [type, withTags(kind)]));
}

/** Settings that are not texts reach a provider as JSON. */
function listed(value: unknown): readonly unknown[] {
  const list: unknown = typeof value === "string" && value !== "" ? JSON.parse(value) : value;
  return Array.isArray(list) ? list : [];
}
