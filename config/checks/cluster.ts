import type { Path } from "../walk.js";
import { readRange } from "./addresses.js";
import { type Check, minAboveMax, set } from "./finding.js";

/** Addresses for pods come to a node in blocks of this size, on gcp and azure. */
const BLOCK = 24;
/** What is smaller is refused as such. */
const SMALLEST = 20;

/** Each pool may be a node larger while it is changed. */
export const roomForNodes: Check = ({ cluster, cloud }, context, found) => {
  if (cluster.mode !== "managed" || (cloud !== "gcp" && cloud !== "azure")) return;
  const { range } = readRange(cluster.podCidr);
  const pools = Object.values(cluster.pools).filter(({ max }) => max > 0);
  const nodes = pools.reduce((sum, { max }) => sum + max + 1, 0);
  if (range === undefined || range.bits > SMALLEST || nodes <= 2 ** (BLOCK - range.bits)) return;
  const path = ["cluster", "podCidr"];
  found.problem(
    path,
    `${cluster.podCidr} has addresses for ${2 ** (BLOCK - range.bits)} nodes, and the pools may have ${nodes}`,
    "a larger range, or fewer nodes",
    set(context, path, "100.64.0.0/10"),
  );
};

export const pools: Check = ({ cluster }, context, found) => {
  if (cluster.mode !== "managed") return;
  const entries = Object.entries(cluster.pools);
  for (const [key, pool] of entries) {
    const at = (field: string): Path => ["cluster", "pools", key, field];
    minAboveMax(["cluster", "pools", key], pool, context, found);
    if (pool.gpu > 0 && pool.arch !== "amd64") {
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
