import assert from "node:assert/strict";
import fc from "fast-check";
import { capacities } from "../../../config/presets.js";
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

const cpu = fc.integer({ min: 1, max: 64 });
const memory = fc.integer({ min: 1, max: 512 });
const arch = fc.constantFrom("arm64" as const, "amd64" as const);

const named = <Row extends { readonly type: string }>(rows: readonly Row[], type: string): Row => {
  const row = rows.find((one) => one.type === type);
  assert(row, `${type} is in the table`);
  return row;
};
const place = (rows: readonly { readonly type: string }[], type: string): number =>
  rows.findIndex((row) => row.type === type);
/** `db-custom-4-16384` as cores and GiB. */
const custom = (tier: string): { cores: number; gib: number } => {
  const [, cores, mib] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  return { cores: Number(cores), gib: Number(mib) / 1024 };
};

describe("providers/gcp/sizes", () => {
  it("gives every preset a machine", () => {
    const chosen = Object.fromEntries(
      Object.entries(capacities).map(([size, { pools, database, cache }]) => [
        size,
        [
          ...Object.values(pools).map((pool) => nodeType({ ...pool, arch: "arm64", gpu: 0 })),
          databaseTier(database.cpu, database.memory, "enterprise"),
          databaseTier(database.cpu, database.memory, "enterprisePlus"),
          cacheType(cache.memory, cache.shards),
        ],
      ]),
    );
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
    const of = (cores: number, gib: number) => nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu: 0 });
    assert.deepEqual(
      [of(2, 4), of(8, 16), of(8, 32), of(8, 64), of(2, 32), of(64, 512), of(1, 1)],
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
    const of = (cores: number, gib: number, gpu: number) => nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu });
    assert.deepEqual(
      [of(4, 16, 1), of(4, 16, 2), of(24, 96, 1), of(48, 192, 4), of(8, 32, 8)],
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
    assert.throws(
      () => nodeType({ cpu: 4, memory: 16, arch: "arm64", gpu: 1 }),
      new Error("gcp: no machine has 4 cores, 16 GiB and 1 accelerators (arm64); name one in gcp.machineTypes"),
    );
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
    assert.throws(
      () => databaseTier(97, 512, "enterprise"),
      new Error("gcp: no machine has 97 cores and 512 GiB; name one in gcp.machineTypes"),
    );
    assert.throws(
      () => databaseTier(97, 512, "enterprisePlus"),
      new Error("gcp: no machine has 97 cores and 512 GiB (Enterprise Plus); name one in gcp.machineTypes"),
    );
    assert.throws(
      () => cacheType(111),
      new Error("gcp: no machine has 111 GiB for a cache; name one in gcp.machineTypes"),
    );
    assert.throws(
      () => nodeType({ cpu: 65, memory: 1, arch: "amd64", gpu: 0 }),
      new Error("gcp: no machine has 65 cores and 1 GiB (amd64); name one in gcp.machineTypes"),
    );
  });

  it("a cache in cluster mode gets no node that has none", () => {
    assert.deepEqual(
      [cacheType(1), cacheType(1, 1), cacheType(1, 3)],
      ["CUSTOM_PICO", "CUSTOM_PICO", "STANDARD_SMALL"],
    );
  });

  it("fits whatever settings may ask for", () => {
    fc.assert(
      fc.property(cpu, memory, arch, (cores, gib, kind) => {
        const node = named(nodeTypes[kind], nodeType({ cpu: cores, memory: gib, arch: kind, gpu: 0 }));
        const database = named(databaseTiers, databaseTier(cores, gib, "enterprisePlus"));
        assert(node.cpu >= cores && node.memory >= gib && database.cpu >= cores && database.memory >= gib);
      }),
    );
    fc.assert(
      fc.property(cpu, fc.integer({ min: 1, max: 384 }), fc.integer({ min: 1, max: 8 }), (cores, gib, gpu) => {
        const node = named(gpuNodeTypes, nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu }));
        assert(node.cpu >= cores && node.memory >= gib && node.gpu >= gpu);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 110 }), (gib) => {
        assert(named(cacheTypes, cacheType(gib)).memory >= gib);
      }),
    );
  });

  it("never answers more with less", () => {
    fc.assert(
      fc.property(cpu, memory, cpu, memory, arch, (cores, gib, moreCores, moreGib, kind) => {
        const less = { cpu: cores, memory: gib, arch: kind, gpu: 0 };
        const more = { ...less, cpu: Math.max(cores, moreCores), memory: Math.max(gib, moreGib) };
        assert(place(nodeTypes[kind], nodeType(more)) >= place(nodeTypes[kind], nodeType(less)));
        const [small, large] = [less, more].map((one) => custom(databaseTier(one.cpu, one.memory, "enterprise")));
        assert(small !== undefined && large !== undefined && large.cores >= small.cores && large.gib >= small.gib);
      }),
    );
    assert.deepEqual(
      [...cacheTypes].sort((a, b) => a.memory - b.memory),
      cacheTypes,
    );
  });

  it("wastes no more than the next size", () => {
    fc.assert(
      fc.property(cpu, memory, arch, (cores, gib, kind) => {
        const chosen = named(nodeTypes[kind], nodeType({ cpu: cores, memory: gib, arch: kind, gpu: 0 }));
        const cheaper = nodeTypes[kind].filter((row) => row.cpu < chosen.cpu && row.memory <= chosen.memory);
        assert(cheaper.every((row) => row.cpu < cores || row.memory < gib));
      }),
    );
  });
});
