import type { CloudName } from "../names.js";
import { show } from "../show.js";
import { formatPath, type Path, type Tree, valueAt } from "../walk.js";
import { type Check, set } from "./finding.js";

const azureGroup = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/team/providers";

/** Subnets in which a cluster's nodes are in two zones or more: on the other clouds one subnet has them all. */
const leastSubnets: Readonly<Record<CloudName, number>> = { aws: 2, gcp: 1, azure: 1, local: 0 };

/** What an existing part must say, by cloud; a part-wide `fromStack` says it all. */
const existingNeeds: Readonly<
  Record<CloudName, Readonly<Record<string, readonly (readonly [path: Path, example: string])[]>>>
> = {
  aws: {
    network: [
      [["id"], "vpc-0a1b2c3d"],
      [["subnets", "private"], '["subnet-0a1b2c3d","subnet-4e5f6a7b"]'],
    ],
    cluster: [[["id"], "my-cluster"]],
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "team/db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [[["id"], "my-bucket"]],
    secretStore: [[["id"], "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d"]],
    domain: [[["zone"], "Z0123456789"]],
  },
  gcp: {
    network: [
      [["id"], "projects/acme-agents/global/networks/main"],
      [["subnets", "private"], '["projects/acme-agents/regions/europe-west1/subnetworks/nodes"]'],
    ],
    cluster: [[["id"], "my-cluster"]],
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "team-db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [[["id"], "my-bucket"]],
    secretStore: [[["id"], "acme-secrets"]],
    domain: [[["zone"], "my-zone"]],
  },
  azure: {
    network: [
      [["id"], `${azureGroup}/Microsoft.Network/virtualNetworks/main`],
      [["subnets", "private"], `["${azureGroup}/Microsoft.Network/virtualNetworks/main/subnets/nodes"]`],
    ],
    cluster: [[["id"], `${azureGroup}/Microsoft.ContainerService/managedClusters/my-cluster`]],
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "team-db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [
      [
        ["id"],
        `${azureGroup}/Microsoft.Storage/storageAccounts/myaccount/blobServices/default/containers/my-container`,
      ],
    ],
    secretStore: [[["id"], `${azureGroup}/Microsoft.KeyVault/vaults/my-vault`]],
    domain: [[["zone"], `${azureGroup}/Microsoft.Network/dnszones/example.com`]],
  },
  local: {
    databases: [
      [["host"], "db.example.com"],
      [["ownerSecret"], "db-owner"],
    ],
    caches: [[["host"], "cache.example.com"]],
    buckets: [
      [["id"], "my-bucket"],
      [["endpoint"], "https://s3.example.com"],
      [["credentialsSecret"], "s3"],
    ],
    secretStore: [[["id"], "agents-secrets"]],
  },
};

/** What no stack has for another: it decides how the part is used, or is a name in this stack's own store. */
const notAnId = ["endpoint", "credentialsSecret"];

export const existingComplete: Check = (settings, context, found) => {
  const complete = (part: string, path: Path, value: Tree): void => {
    if (value["mode"] !== "existing") return;
    for (const [field, example] of existingNeeds[settings.cloud][part] ?? []) {
      if (value["fromStack"] !== undefined && !notAnId.includes(formatPath(field))) continue;
      const given = valueAt(value, field);
      if (given === undefined) {
        found.problem(
          [...path, ...field],
          "missing: an existing part must say it",
          notAnId.includes(formatPath(field)) ? "a value" : "a value, or fromStack for the whole part",
          set(context, [...path, ...field], example),
        );
      } else if (
        formatPath(field) === "subnets.private" &&
        Array.isArray(given) &&
        given.length < leastSubnets[settings.cloud]
      ) {
        found.problem(
          [...path, ...field],
          "one subnet",
          "subnets in two zones or more",
          set(context, [...path, ...field], example),
        );
      } else if (value["endpoint"] === undefined) {
        // A store that only speaks the protocol knows names.
        foreign(given, example).forEach(([index, id]) => {
          const at = [...path, ...field, ...index];
          found.problem(
            at,
            `${show(id)} is no id of that kind`,
            "an id as Azure writes it",
            set(context, at, armIdIn(example)),
          );
        });
      }
    }
  };
  delegatedSubnet(settings, context, found);
  for (const part of ["network", "cluster", "secretStore", "domain"] as const) complete(part, [part], settings[part]);
  for (const part of ["databases", "caches", "buckets"] as const) {
    for (const [key, one] of Object.entries(settings[part])) complete(part, [part, key], one);
  }
};

/** What an ARM id is an id of: `microsoft.network/virtualnetworks/subnets`. Azure writes them in changing case. */
function armKind(id: string): string | undefined {
  const [, namespace, path] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/([^/]+)\/(.+)$/i.exec(id) ?? [];
  const words = path?.split("/") ?? [];
  if (words.length % 2 === 1 || words.includes("")) return undefined;
  return [namespace, ...words.filter((_, index) => index % 2 === 0)].join("/").toLowerCase();
}

const armIdIn = (example: string): string => /\/subscriptions\/[^"\]]+/.exec(example)?.[0] ?? example;

/** Which of the ids are not of the example's kind, with their place in the list where it is one. */
function foreign(given: unknown, example: string): readonly (readonly [index: Path, id: string])[] {
  const kind = armKind(armIdIn(example));
  if (kind === undefined) return [];
  const ids = Array.isArray(given) ? given.map((id, index) => [[index], id] as const) : [[[], given] as const];
  return ids.flatMap(([index, id]) => (typeof id === "string" && armKind(id) !== kind ? [[index, id] as const] : []));
}

/** A flexible server takes a subnet that is given to such servers alone: no other one will do for it. */
const delegatedSubnet: Check = ({ cloud, network, databases }, context, found) => {
  if (cloud !== "azure" || network.mode !== "existing" || network.fromStack !== undefined) return;
  const managed = Object.values(databases).some(({ mode }) => mode === "managed" || mode === "replica");
  if (!managed || network.subnets === undefined || network.subnets.data !== undefined) return;
  const path = ["network", "subnets", "data"];
  found.problem(
    path,
    "missing: a managed database stands in it",
    "a subnet delegated to Microsoft.DBforPostgreSQL/flexibleServers",
    set(context, path, `["${azureGroup}/Microsoft.Network/virtualNetworks/main/subnets/data"]`),
  );
};
