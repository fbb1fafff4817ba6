import type { CloudName } from "../names.js";
import { formatPath, type Path, type Tree, valueAt } from "../walk.js";
import { type Check, set } from "./finding.js";

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
      } else if (formatPath(field) === "subnets.private" && Array.isArray(given) && given.length < 2) {
        found.problem(
          [...path, ...field],
          "one subnet",
          "subnets in two zones or more",
          set(context, [...path, ...field], example),
        );
      }
    }
  };
  for (const part of ["network", "cluster", "secretStore", "domain"] as const) complete(part, [part], settings[part]);
  for (const part of ["databases", "caches", "buckets"] as const) {
    for (const [key, one] of Object.entries(settings[part])) complete(part, [part, key], one);
  }
};
