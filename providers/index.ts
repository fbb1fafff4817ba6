import type { CloudName } from "../config/names.js";
import { plannedOnAws } from "./aws/planned.js";
import { plannedOnAzure } from "./azure/planned.js";
import type { OpenCloud, Planned } from "./contract.js";
import { plannedOnGcp } from "./gcp/planned.js";
import { plannedOnLocal } from "./local/planned.js";

/** The one place where a cloud's SDK is loaded: only the chosen one is. */
const clouds: { readonly [C in CloudName]: () => Promise<OpenCloud> } = {
  aws: async () => (await import("./aws/index.js")).openAws,
  gcp: async () => (await import("./gcp/index.js")).openGcp,
  azure: async () => (await import("./azure/index.js")).openAzure,
  local: async () => (await import("./local/index.js")).openLocal,
};

export async function loadCloud(name: CloudName): Promise<OpenCloud> {
  try {
    return await clouds[name]();
  } catch (error) {
    const missing = /Cannot find package '(@pulumi(?:verse)?\/[^']+)'/.exec((error as Error).message)?.[1];
    throw missing === undefined ? error : new Error(`cloud '${name}' needs ${missing}: npm install ${missing}`);
  }
}

/** What the plan knows of each cloud: data only, so all of it is at hand without any SDK. */
export const planned: { readonly [C in CloudName]: Planned } = {
  aws: plannedOnAws,
  gcp: plannedOnGcp,
  azure: plannedOnAzure,
  local: plannedOnLocal,
};
