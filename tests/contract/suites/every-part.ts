import assert from "node:assert/strict";
import { before } from "../graph.js";
import { eachCase, isInCluster, isOnlyRead } from "../parts.js";

/** Stores take as long as the cluster. */
for (const [part, modes] of [
  ["databases", ["managed", "replica"]],
  ["caches", ["managed"]],
  ["buckets", ["managed"]],
] as const)
  eachCase(part, modes, ({ ran, resources }) => {
    it("is made beside the cluster and not after it", async () => {
      const { resources: everything } = await ran();
      const first = before(everything, await resources());
      assert.ok(first.size > 0);
      assert.deepEqual([...first].filter(isInCluster), []);
    });
  });

/** An existing registry is plain text, and not even read. */
for (const part of ["network", "cluster", "databases", "caches", "buckets", "secretStore", "domain"] as const)
  eachCase(part, ["existing"], ({ resources }) => {
    it("is only read", async () => {
      const found = await resources();
      assert.ok(found.length > 0);
      assert.ok(found.every(isOnlyRead));
    });
  });

for (const part of ["network", "domain"] as const)
  eachCase(part, ["none"], ({ resources }) => {
    it("makes nothing", async () => assert.deepEqual(await resources(), []));
  });
