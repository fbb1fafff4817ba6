import type { Rule } from "../kind.js";
import { NUMBER, refused } from "./words.js";

/**
 * What somebody turned on by hand, without whom no program can turn on anything: the provider asks the second one
 * whether the project is there. https://github.com/hashicorp/terraform-provider-google/issues/6101
 */
const BY_HAND: ReadonlySet<string> = new Set(["serviceusage", "cloudresourcemanager"]);

/** The service that answers for a type, by the module that the type is in. */
const apis: Readonly<Record<string, readonly string[]>> = {
  artifactregistry: ["artifactregistry"],
  compute: ["compute"],
  container: ["container", "compute"],
  dns: ["dns"],
  kms: ["cloudkms"],
  logging: ["logging"],
  memorystore: ["memorystore"],
  monitoring: ["monitoring"],
  networkconnectivity: ["networkconnectivity", "serviceconsumermanagement"],
  organizations: ["cloudresourcemanager"],
  projects: ["cloudresourcemanager"],
  secretmanager: ["secretmanager"],
  serviceaccount: ["iam"],
  sql: ["sqladmin"],
  storage: ["storage"],
};

/** How old it must be in minutes until every server has heard of it; clocks are not exact. */
const SETTLED = 0.9;

export const SERVICE = "gcp:projects/service:Service";

/** A service that is off, or was turned on just now, refuses whatever it is asked to make. */
export const isOn =
  (type: string): Rule =>
  (_, view) => {
    const { account, minuteMs = 0 } = view.where;
    const wanted = apis[type.split(/[:/]/)[1] ?? ""] ?? [];
    const off = wanted.find((api) => {
      const service = view.find(SERVICE, `${account}/${api}.googleapis.com`);
      const settled = service?.planted || Date.now() >= (service?.readyAt ?? Infinity) + SETTLED * minuteMs;
      return !BY_HAND.has(api) && !settled;
    });
    return off === undefined ? undefined : notUsed(off);
  };

export const notUsed = (api: string): string =>
  refused(
    403,
    `${api}.googleapis.com has not been used in project ${NUMBER} before or it is disabled. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    "accessNotConfigured",
  );
