import assert from "node:assert/strict";
import fc from "fast-check";
import { capacities } from "../../../config/presets.js";
import {
  cacheType,
  cacheTypes,
  databaseClass,
  databaseClasses,
  gpuNodeTypes,
  nodeType,
  nodeTypes,
} from "../../../providers/aws/sizes.js";

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

describe("providers/aws/sizes", () => {
  it("gives every preset a machine", () => {
    const chosen = Object.fromEntries(
      Object.entries(capacities).map(([size, { pools, database, cache }]) => [
        size,
        [
          ...Object.values(pools).map((pool) => nodeType({ ...pool, arch: "arm64", gpu: 0 })),
          databaseClass(database.cpu, database.memory),
          cacheType(cache.memory),
        ],
      ]),
    );
    assert.deepEqual(chosen, {
      small: ["t4g.medium", "m7g.large", "m7g.large", "db.t4g.medium", "cache.t4g.small"],
      medium: ["m7g.large", "m7g.xlarge", "m7g.xlarge", "db.r7g.large", "cache.m7g.large"],
      large: ["m7g.xlarge", "m7g.2xlarge", "m7g.2xlarge", "db.r7g.2xlarge", "cache.r7g.large"],
    });
  });

  it("takes the family that fits the ratio", () => {
    const of = (cores: number, gib: number) => nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu: 0 });
    assert.deepEqual(
      [of(2, 4), of(8, 16), of(8, 32), of(8, 64), of(2, 32), of(64, 512), of(1, 1)],
      ["t3.medium", "c7i.2xlarge", "m7i.2xlarge", "r7i.2xlarge", "r7i.xlarge", "r7i.16xlarge", "t3.small"],
    );
  });

  it("takes a machine with enough accelerators", () => {
    const of = (cores: number, gib: number, gpu: number) => nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu });
    assert.deepEqual(
      [of(4, 16, 1), of(4, 16, 2), of(48, 200, 4), of(8, 32, 8), of(64, 512, 1)],
      ["g6.xlarge", "g6.12xlarge", "g6.24xlarge", "g6.48xlarge", "g6.48xlarge"],
    );
  });

  it("refuses accelerators on arm64", () => {
    assert.throws(
      () => nodeType({ cpu: 4, memory: 16, arch: "arm64", gpu: 1 }),
      new Error("aws: no machine has 4 cores, 16 GiB and 1 accelerators (arm64); name one in aws.machineTypes"),
    );
  });

  it("refuses more than there is", () => {
    assert.throws(
      () => databaseClass(96, 512),
      new Error("aws: no machine has 96 cores and 512 GiB; name one in aws.machineTypes"),
    );
    assert.throws(
      () => cacheType(500),
      new Error("aws: no machine has 500 GiB for a cache; name one in aws.machineTypes"),
    );
    assert.throws(
      () => nodeType({ cpu: 65, memory: 1, arch: "amd64", gpu: 0 }),
      new Error("aws: no machine has 65 cores and 1 GiB (amd64); name one in aws.machineTypes"),
    );
  });

  it("fits whatever settings may ask for", () => {
    fc.assert(
      fc.property(cpu, memory, arch, (cores, gib, kind) => {
        const node = named(nodeTypes[kind], nodeType({ cpu: cores, memory: gib, arch: kind, gpu: 0 }));
        const database = named(databaseClasses, databaseClass(cores, gib));
        assert(node.cpu >= cores && node.memory >= gib && database.cpu >= cores && database.memory >= gib);
      }),
    );
    fc.assert(
      fc.property(cpu, memory, fc.integer({ min: 1, max: 8 }), (cores, gib, gpu) => {
        const node = named(gpuNodeTypes, nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu }));
        assert(node.cpu >= cores && node.memory >= gib && node.gpu >= gpu);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), (gib) => {
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
        assert(
          place(databaseClasses, databaseClass(more.cpu, more.memory)) >=
            place(databaseClasses, databaseClass(less.cpu, less.memory)),
        );
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
