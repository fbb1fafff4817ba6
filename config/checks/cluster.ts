import { listed } from "../problems.js";
import type { Path } from "../walk.js";
import { type Check, minAboveMax, remove, set } from "./finding.js";

export const pools: Check = ({ cluster, cloud }, context, found) => {
  if (cluster.mode !== "managed") return;
  const entries = Object.entries(cluster.pools);
  for (const [key, pool] of entries) {
    const at = (field: string): Path => ["cluster", "pools", key, field];
    minAboveMax(["cluster", "pools", key], pool, context, found);
    if (cloud === "aws" && pool.gpu > 0 && pool.arch !== "amd64") {
      found.problem(
        at("arch"),
        "arm64 machines with accelerators are not offered",
        "amd64 with gpu",
        set(context, at("arch"), "amd64"),
      );
    }
  }
  const steady = entries.some(([, pool]) => pool.min > 0 && !pool.spot && pool.taints.length === 0);
  if (!steady)
    found.problem(
      ["cluster", "pools"],
      "no pool that is always there for the cluster's own pods",
      "one with min above 0, no taints and not spot",
      set(context, ["cluster", "pools", entries.some(([key]) => key === "base") ? "steady" : "base"], {
        min: 1,
        max: 3,
      }),
    );
};

export const machineTypes: Check = (settings, context, found) => {
  const targets = [
    ...(settings.cluster.mode === "managed" ? Object.keys(settings.cluster.pools).map((key) => `pools.${key}`) : []),
    ...Object.keys(settings.databases).map((key) => `databases.${key}`),
    ...Object.keys(settings.caches).map((key) => `caches.${key}`),
  ];
  if (settings.cloud !== "aws") return;
  for (const target of Object.keys(settings.aws.machineTypes)) {
    if (targets.includes(target)) continue;
    const path = ["aws", "machineTypes", target];
    found.problem(path, `there is no ${target}`, listed(targets), remove(context, path));
  }
};
