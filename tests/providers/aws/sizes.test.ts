import assert from "node:assert/strict";
import {
  cacheType,
  cacheTypes,
  databaseClass,
  databaseClasses,
  gpuNodeTypes,
  nodeType,
  nodeTypes,
} from "../../../providers/aws/sizes.js";
import { choosesFrom, onAmd64, presets, refuses } from "../every-cloud/sizes.js";

const nodeOf = onAmd64(nodeType);

describe("providers/aws/sizes", () => {
  it("gives every preset a machine", () => {
    const chosen = presets(nodeType, ({ database, cache }) => [
      databaseClass(database.cpu, database.memory),
      cacheType(cache.memory),
    ]);
    assert.deepEqual(chosen, {
      small: ["t4g.medium", "m7g.large", "m7g.large", "db.t4g.medium", "cache.t4g.small"],
      medium: ["m7g.large", "m7g.xlarge", "m7g.xlarge", "db.r7g.large", "cache.m7g.large"],
      large: ["m7g.xlarge", "m7g.2xlarge", "m7g.2xlarge", "db.r7g.2xlarge", "cache.r7g.large"],
    });
  });

  it("takes the family that fits the ratio", () => {
    assert.deepEqual(
      [nodeOf(2, 4), nodeOf(8, 16), nodeOf(8, 32), nodeOf(8, 64), nodeOf(2, 32), nodeOf(64, 512), nodeOf(1, 1)],
      ["t3.medium", "c7i.2xlarge", "m7i.2xlarge", "r7i.2xlarge", "r7i.xlarge", "r7i.16xlarge", "t3.small"],
    );
  });

  it("takes a machine with enough accelerators", () => {
    assert.deepEqual(
      [nodeOf(4, 16, 1), nodeOf(4, 16, 2), nodeOf(48, 200, 4), nodeOf(8, 32, 8), nodeOf(64, 512, 1)],
      ["g6.xlarge", "g6.12xlarge", "g6.24xlarge", "g6.48xlarge", "g6.48xlarge"],
    );
  });

  it("refuses accelerators on arm64", () => {
    refuses("aws", [
      [() => nodeType({ cpu: 4, memory: 16, arch: "arm64", gpu: 1 }), "4 cores, 16 GiB and 1 accelerators (arm64)"],
    ]);
  });

  it("refuses more than there is", () => {
    refuses("aws", [
      [() => databaseClass(96, 512), "96 cores and 512 GiB"],
      [() => cacheType(500), "500 GiB for a cache"],
      [() => nodeOf(65, 1), "65 cores and 1 GiB (amd64)"],
    ]);
  });

  choosesFrom({
    nodeTypes,
    gpuNodeTypes,
    cacheTypes,
    databaseTypes: databaseClasses,
    nodeType,
    cacheType,
    databaseType: databaseClass,
    most: { withGpu: 512, cache: 400 },
  });
});
