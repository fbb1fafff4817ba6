import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cacheSku,
  cacheSkus,
  databaseSku,
  databaseSkus,
  databaseTier,
  gpuNodeTypes,
  nodeType,
  nodeTypes,
} from "../../../providers/azure/sizes.js";
import { arch, cpu, memory, named, onAmd64, presets, refuses } from "../every-cloud/sizes.js";

const nodeOf = onAmd64(nodeType);
const alone = { highAvailability: false, replicas: 0 };

describe("providers/azure/sizes", () => {
  it("gives every preset a machine", () => {
    const chosen = presets(nodeType, ({ database, cache }) => [
      databaseSku(database.cpu, database.memory, { ...alone, replicas: database.replicas }).name,
      cacheSku(cache.memory),
    ]);
    assert.deepEqual(chosen, {
      small: ["Standard_D2pls_v6", "Standard_D2ps_v6", "Standard_D2ps_v6", "Standard_B2s", "Balanced_B1"],
      medium: ["Standard_D2ps_v6", "Standard_D4ps_v6", "Standard_D4ps_v6", "Standard_E2ds_v5", "Balanced_B5"],
      large: ["Standard_D4ps_v6", "Standard_D8ps_v6", "Standard_D8ps_v6", "Standard_E8ds_v5", "MemoryOptimized_M20"],
    });
  });

  it("takes the family that fits the ratio", () => {
    assert.deepEqual(
      [nodeOf(1, 1), nodeOf(8, 16), nodeOf(8, 32), nodeOf(8, 64), nodeOf(2, 32), nodeOf(64, 512)],
      [
        "Standard_D2ls_v6",
        "Standard_D8ls_v6",
        "Standard_D8s_v6",
        "Standard_E8s_v6",
        "Standard_E4s_v6",
        "Standard_E64s_v6",
      ],
    );
  });

  it("no node is too small for the cluster's own pods", () => {
    for (const { cpu: cores, memory: gib } of [...nodeTypes.arm64, ...nodeTypes.amd64])
      assert.ok(cores >= 2 && gib >= 4);
  });

  it("takes a machine with enough accelerators", () => {
    assert.deepEqual(
      [nodeOf(4, 16, 1), nodeOf(16, 100, 1), nodeOf(20, 200, 1), nodeOf(4, 16, 2)],
      ["Standard_NC4as_T4_v3", "Standard_NC16as_T4_v3", "Standard_NC24ads_A100_v4", "Standard_NC64as_T4_v3"],
    );
  });

  it("a node is never smaller than what was asked for", () => {
    fc.assert(
      fc.property(cpu, memory, arch, (cores, gib, kind) => {
        const row = named(nodeTypes[kind], nodeType({ cpu: cores, memory: gib, arch: kind, gpu: 0 }));
        return row.cpu >= cores && row.memory >= gib;
      }),
    );
  });

  it("a database is never smaller than what was asked for, and told its own tier", () => {
    fc.assert(
      fc.property(
        cpu,
        memory,
        fc.boolean(),
        fc.integer({ min: 0, max: 5 }),
        (cores, gib, highAvailability, replicas) => {
          const { name, tier } = databaseSku(cores, gib, { highAvailability, replicas });
          const row = named(databaseSkus, name);
          return row.cpu >= cores && row.memory >= gib && row.tier === tier && databaseTier(name) === tier;
        },
      ),
    );
  });

  it("a database with a standby or replicas is not burstable", () => {
    const tierOf = (kind: typeof alone) => databaseSku(2, 4, kind).tier;
    assert.deepEqual(
      [tierOf(alone), tierOf({ ...alone, highAvailability: true }), tierOf({ ...alone, replicas: 1 })],
      ["Burstable", "GeneralPurpose", "GeneralPurpose"],
    );
  });

  it("a cache has at least the memory that was asked for", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 400 }), (gib) => named(cacheSkus, cacheSku(gib)).memory >= gib));
  });

  it("no type is in a table twice", () => {
    const all = [...nodeTypes.arm64, ...nodeTypes.amd64, ...gpuNodeTypes, ...databaseSkus, ...cacheSkus];
    assert.equal(new Set(all.map(({ type }) => type)).size, all.length);
  });

  it("says what no machine has", () => {
    const node = { cpu: 64, memory: 512, arch: "amd64", gpu: 0 } as const;
    refuses("azure", [
      [() => nodeType({ ...node, cpu: 65 }), "65 cores and 512 GiB (amd64)"],
      [() => nodeType({ ...node, gpu: 8 }), "64 cores, 512 GiB and 8 accelerators (amd64)"],
      [() => nodeType({ ...node, arch: "arm64", gpu: 1 }), "64 cores, 512 GiB and 1 accelerators (arm64)"],
      [() => databaseSku(64, 513, alone), "64 cores and 513 GiB for a database"],
      [() => cacheSku(481), "481 GiB for a cache"],
    ]);
    assert.throws(
      () => databaseTier("db.r7g.large"),
      new Error("azure: db.r7g.large is no type of a database: Standard_B..., _D... or _E..."),
    );
  });
});
