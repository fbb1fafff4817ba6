import assert from "node:assert/strict";
import fc from "fast-check";
import { capacities } from "../../../config/presets.js";
import type { AskedNode, CacheNode, GpuMachine, Machine } from "../../../providers/sizes.js";

export const cpu = fc.integer({ min: 1, max: 64 });
export const memory = fc.integer({ min: 1, max: 512 });
export const arch = fc.constantFrom("arm64" as const, "amd64" as const);

export const named = <Row extends { readonly type: string }>(rows: readonly Row[], type: string): Row => {
  const row = rows.find((one) => one.type === type);
  assert(row, `${type} is in the table`);
  return row;
};
const place = (rows: readonly { readonly type: string }[], type: string): number =>
  rows.findIndex((row) => row.type === type);

type Capacity = (typeof capacities)[keyof typeof capacities];
type NodeType = (pool: AskedNode) => string;

/** What each size gets: the nodes of its pools, and the machines of its stores. */
export const presets = (nodeType: NodeType, stores: (capacity: Capacity) => readonly string[]) =>
  Object.fromEntries(
    Object.entries(capacities).map(([size, capacity]) => [
      size,
      [
        ...Object.values(capacity.pools).map((pool) => nodeType({ ...pool, arch: "arm64", gpu: 0 })),
        ...stores(capacity),
      ],
    ]),
  );

/** The type of a node by its cores, GiB and accelerators. */
export const onAmd64 =
  (nodeType: NodeType) =>
  (cores: number, gib: number, gpu = 0): string =>
    nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu });

export function refuses(cloud: string, rows: readonly (readonly [choose: () => unknown, asked: string])[]): void {
  for (const [choose, asked] of rows)
    assert.throws(choose, new Error(`${cloud}: no machine has ${asked}; name one in ${cloud}.machineTypes`));
}

export interface Tables {
  readonly nodeTypes: Readonly<Record<AskedNode["arch"], readonly Machine[]>>;
  readonly gpuNodeTypes: readonly GpuMachine[];
  readonly cacheTypes: readonly CacheNode[];
  readonly databaseTypes: readonly Machine[];
  readonly nodeType: NodeType;
  readonly cacheType: (memory: number) => string;
  readonly databaseType: (cpu: number, memory: number) => string;
  /** GiB of the largest that there is. */
  readonly most: { readonly withGpu: number; readonly cache: number };
}

/** What is the same of tables from which the first row that fits is taken. */
export function choosesFrom(tables: Tables): void {
  const { nodeTypes, gpuNodeTypes, cacheTypes, databaseTypes, nodeType, cacheType, databaseType, most } = tables;

  it("fits whatever settings may ask for", () => {
    fc.assert(
      fc.property(cpu, memory, arch, (cores, gib, kind) => {
        const node = named(nodeTypes[kind], nodeType({ cpu: cores, memory: gib, arch: kind, gpu: 0 }));
        const database = named(databaseTypes, databaseType(cores, gib));
        assert(node.cpu >= cores && node.memory >= gib && database.cpu >= cores && database.memory >= gib);
      }),
    );
    const gpus = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(cpu, fc.integer({ min: 1, max: most.withGpu }), gpus, (cores, gib, gpu) => {
        const node = named(gpuNodeTypes, nodeType({ cpu: cores, memory: gib, arch: "amd64", gpu }));
        assert(node.cpu >= cores && node.memory >= gib && node.gpu >= gpu);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: most.cache }), (gib) => {
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
          place(databaseTypes, databaseType(more.cpu, more.memory)) >=
            place(databaseTypes, databaseType(less.cpu, less.memory)),
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
}
