import assert from "node:assert/strict";
import fc from "fast-check";
import {
  accelerators,
  bootDiskType,
  cacheType,
  cacheTypes,
  databaseTier,
  databaseTiers,
  gpuNodeTypes,
  nodeType,
  nodeTypes,
} from "../../../providers/gcp/sizes.js";
import { choosesFrom, cpu, memory, onAmd64, presets, refuses } from "../every-cloud/sizes.js";

const nodeOf = onAmd64(nodeType);

/** `db-custom-4-16384` as cores and GiB. */
const custom = (tier: string): { cores: number; gib: number } => {
  const [, cores, mib] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  return { cores: Number(cores), gib: Number(mib) / 1024 };
};

describe("providers/gcp/sizes", () => {
  it("gives every preset a machine", () => {
    const chosen = presets(nodeType, ({ database, cache }) => [
      databaseTier(database.cpu, database.memory, "enterprise"),
      databaseTier(database.cpu, database.memory, "enterprisePlus"),
      cacheType(cache.memory, cache.shards),
    ]);
    assert.deepEqual(chosen, {
      small: [
        "c4a-highcpu-2",
        "c4a-standard-2",
        "c4a-standard-2",
        "db-custom-2-4096",
        "db-perf-optimized-N-2",
        "CUSTOM_PICO",
      ],
      medium: [
        "c4a-standard-2",
        "c4a-standard-4",
        "c4a-standard-4",
        "db-custom-4-16384",
        "db-perf-optimized-N-2",
        "STANDARD_SMALL",
      ],
      large: [
        "c4a-standard-4",
        "c4a-standard-8",
        "c4a-standard-8",
        "db-custom-10-65536",
        "db-perf-optimized-N-8",
        "HIGHMEM_MEDIUM",
      ],
    });
  });

  it("takes the family that fits the ratio", () => {
    assert.deepEqual(
      [nodeOf(2, 4), nodeOf(8, 16), nodeOf(8, 32), nodeOf(8, 64), nodeOf(2, 32), nodeOf(64, 512), nodeOf(1, 1)],
      [
        "n4-highcpu-2",
        "n4-highcpu-8",
        "n4-standard-8",
        "n4-highmem-8",
        "n4-highmem-4",
        "n4-highmem-64",
        "n4-highcpu-2",
      ],
    );
  });

  it("takes a machine with enough accelerators", () => {
    assert.deepEqual(
      [nodeOf(4, 16, 1), nodeOf(4, 16, 2), nodeOf(24, 96, 1), nodeOf(48, 192, 4), nodeOf(8, 32, 8)],
      ["g2-standard-4", "g2-standard-24", "g2-standard-32", "g2-standard-48", "g2-standard-96"],
    );
  });

  it("GKE is told how many accelerators a machine has, not how many were asked for", () => {
    assert.deepEqual(accelerators("g2-standard-48", 3), { type: "nvidia-l4", count: 4 });
    assert.deepEqual(accelerators("a3-highgpu-8g", 8), { type: "nvidia-h100-80gb", count: 8 });
  });

  it("refuses accelerators on machines that have none", () => {
    assert.throws(
      () => accelerators("n4-standard-8", 1),
      new Error(
        "gcp: machine type n4-standard-8 has no accelerators that are known; take one of g2, a2-highgpu, a2-ultragpu, a3-highgpu",
      ),
    );
    refuses("gcp", [
      [() => nodeType({ cpu: 4, memory: 16, arch: "arm64", gpu: 1 }), "4 cores, 16 GiB and 1 accelerators (arm64)"],
    ]);
  });

  it("a machine gets the disk that its family takes", () => {
    assert.deepEqual(
      ["c4a-standard-4", "n4-highmem-2", "c4d-standard-8", "e2-standard-4", "g2-standard-4", "n2d-standard-2"].map(
        bootDiskType,
      ),
      ["hyperdisk-balanced", "hyperdisk-balanced", "hyperdisk-balanced", "pd-balanced", "pd-balanced", "pd-balanced"],
    );
  });

  it("every machine for nodes without accelerators takes the same disks, so that volumes can move", () => {
    const types = Object.values(nodeTypes).flatMap((rows) => rows.map(({ type }) => bootDiskType(type)));
    assert.deepEqual([...new Set(types)], ["hyperdisk-balanced"]);
  });

  it("a database's machine is one that Cloud SQL Enterprise makes", () => {
    fc.assert(
      fc.property(cpu, memory, (cores, gib) => {
        const machine = custom(databaseTier(cores, gib, "enterprise"));
        assert(machine.cores >= cores && machine.gib >= gib);
        assert(machine.cores === 1 || machine.cores % 2 === 0);
        assert(machine.cores <= 96 && machine.gib >= 3.75 && (machine.gib * 1024) % 256 === 0);
        assert(machine.gib / machine.cores >= 0.9 && machine.gib / machine.cores <= 6.5);
      }),
    );
    assert.equal(databaseTier(1, 1, "enterprise"), "db-custom-1-3840");
    assert.equal(databaseTier(64, 1, "enterprise"), "db-custom-64-59136");
  });

  it("refuses more than there is", () => {
    refuses("gcp", [
      [() => databaseTier(97, 512, "enterprise"), "97 cores and 512 GiB"],
      [() => databaseTier(97, 512, "enterprisePlus"), "97 cores and 512 GiB (Enterprise Plus)"],
      [() => cacheType(111), "111 GiB for a cache"],
      [() => nodeOf(65, 1), "65 cores and 1 GiB (amd64)"],
    ]);
  });

  it("a cache in cluster mode gets no node that has none", () => {
    assert.deepEqual(
      [cacheType(1), cacheType(1, 1), cacheType(1, 3)],
      ["CUSTOM_PICO", "CUSTOM_PICO", "STANDARD_SMALL"],
    );
  });

  it("never makes less to measure for more", () => {
    fc.assert(
      fc.property(cpu, memory, cpu, memory, (cores, gib, moreCores, moreGib) => {
        const less = custom(databaseTier(cores, gib, "enterprise"));
        const more = custom(databaseTier(Math.max(cores, moreCores), Math.max(gib, moreGib), "enterprise"));
        assert(more.cores >= less.cores && more.gib >= less.gib);
      }),
    );
  });

  choosesFrom({
    nodeTypes,
    gpuNodeTypes,
    cacheTypes,
    databaseTypes: databaseTiers,
    nodeType,
    cacheType,
    databaseType: (cores, gib) => databaseTier(cores, gib, "enterprisePlus"),
    most: { withGpu: 384, cache: 110 },
  });
});
