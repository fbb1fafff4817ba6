import { type Need, type Rule, textsAt } from "../kind.js";
import { last, NUMBER, need, refused } from "./words.js";

const KEY = "gcp:kms/cryptoKey:CryptoKey";

/** Google's own accounts in the project, by service. */
export const agents: Readonly<Record<string, string>> = {
  artifactregistry: "gcp-sa-artifactregistry",
  container: "container-engine-robot",
  memorystore: "gcp-sa-memorystore",
  secretmanager: "gcp-sa-secretmanager",
  sqladmin: "gcp-sa-cloud-sql",
  storage: "gs-project-accounts",
};

export const agentOf = (service: string): string =>
  `service-${NUMBER}@${agents[service] ?? `gcp-sa-${service}`}.iam.gserviceaccount.com`;

export const keyAt = (at: string): Need => need(at, KEY, "leaves");

/** A service encrypts with a key of its own place, and as an account that may. */
export const mayEncrypt =
  (at: string, service: string, placeOf: (inputs: Readonly<Record<string, unknown>>) => unknown): Rule =>
  (inputs, view) => {
    const [key] = textsAt(inputs, at.split("."));
    if (key === undefined || view.find(KEY, key)?.planted === true) return undefined;
    const [, place = ""] = /\/locations\/([^/]+)\//.exec(key) ?? [];
    const wanted = last(placeOf(inputs)).toLowerCase();
    if (place !== wanted) {
      return refused(400, `The key '${key}' is in ${place}, and what it should encrypt is in ${wanted}`, "invalid");
    }
    const granted = view
      .all("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember")
      .some(
        ({ inputs, ready }) =>
          ready && inputs["cryptoKeyId"] === key && inputs["member"] === `serviceAccount:${agentOf(service)}`,
      );
    return granted
      ? undefined
      : refused(
          403,
          `Permission denied on Cloud KMS key '${key}'. Please ensure that the service account ${agentOf(service)} has been authorized to use this key.`,
          "forbidden",
        );
  };
