import type { PoolSettings, SettingsOfSchema } from "../../config/schema.js";
import {
  type AskedNode,
  byPrice,
  type CacheNode,
  cacheTypeOf,
  type GpuMachine,
  type Machine,
  machineFor,
  nodeTypeOf,
  noMachine,
} from "../sizes.js";

/**
 * From what a stack asks for (cores, GiB) to what Google Cloud calls it. The first row that fits is taken, so more is
 * never answered with less. A stack that wants another type says so in `gcp.machineTypes`.
 */

const family = (name: string, cores: readonly number[], gibPerCore: number): Machine[] =>
  cores.map((cpu) => ({ type: `${name}-${cpu}`, cpu, memory: cpu * gibPerCore }));

/** A core costs about as much as 9 GiB in every family. */
const general = (name: string, cores: readonly number[]): readonly Machine[] =>
  byPrice(9, [
    ...family(`${name}-highcpu`, cores, 2),
    ...family(`${name}-standard`, cores, 4),
    ...family(`${name}-highmem`, cores, 8),
  ]);

/**
 * One family for each architecture: Axion, and the Intel family that costs least. Both take Hyperdisks, so a volume can
 * follow its pod to any of these nodes.
 * https://cloud.google.com/compute/docs/general-purpose-machines
 */
export const nodeTypes: Readonly<Record<PoolSettings["arch"], readonly Machine[]>> = {
  arm64: general("c4a", [1, 2, 4, 8, 16, 32, 48, 64]),
  amd64: general("n4", [2, 4, 8, 16, 32, 48, 64]),
};

/** NVIDIA L4, 24 GiB of its own each. https://cloud.google.com/compute/docs/accelerator-optimized-machines#g2-vms */
export const gpuNodeTypes: readonly GpuMachine[] = [
  { type: "g2-standard-4", cpu: 4, memory: 16, gpu: 1 },
  { type: "g2-standard-8", cpu: 8, memory: 32, gpu: 1 },
  { type: "g2-standard-12", cpu: 12, memory: 48, gpu: 1 },
  { type: "g2-standard-16", cpu: 16, memory: 64, gpu: 1 },
  { type: "g2-standard-32", cpu: 32, memory: 128, gpu: 1 },
  { type: "g2-standard-24", cpu: 24, memory: 96, gpu: 2 },
  { type: "g2-standard-48", cpu: 48, memory: 192, gpu: 4 },
  { type: "g2-standard-96", cpu: 96, memory: 384, gpu: 8 },
];

/** What GKE calls the accelerators of a machine family, whose driver it installs. */
const acceleratorTypes: Readonly<Record<string, string>> = {
  g2: "nvidia-l4",
  "a2-highgpu": "nvidia-tesla-a100",
  "a2-ultragpu": "nvidia-a100-80gb",
  "a3-highgpu": "nvidia-h100-80gb",
};

/** How many of which accelerators nodes of a machine type have: what GKE must be told to the number. */
export function accelerators(machineType: string, asked: number): { readonly type: string; readonly count: number } {
  const row = Object.entries(acceleratorTypes).find(([family]) => machineType.startsWith(`${family}-`));
  if (row === undefined) {
    const known = Object.keys(acceleratorTypes).join(", ");
    throw new Error(`gcp: machine type ${machineType} has no accelerators that are known; take one of ${known}`);
  }
  const machine = gpuNodeTypes.find(({ type }) => type === machineType);
  return { type: row[1], count: machine?.gpu ?? asked };
}

/**
 * Boot disks: from their fourth generation on machines take Hyperdisks only, and the ones before mostly do not.
 * https://cloud.google.com/compute/docs/disks/hyperdisks#machine-type-support
 */
export const bootDiskType = (machineType: string): "hyperdisk-balanced" | "pd-balanced" =>
  /^[a-z]+4/.test(machineType) ? "hyperdisk-balanced" : "pd-balanced";

type Edition = SettingsOfSchema["gcp"]["databaseEdition"];

/** Cloud SQL Enterprise makes machines to measure: an even number of cores, and memory within these bounds. */
const custom = { gibPerCoreMin: 0.9, gibPerCoreMax: 6.5, mibMin: 3840, mibStep: 256, coresMax: 96 } as const;

/**
 * Enterprise Plus has machines off the rack, 8 GiB a core.
 * https://cloud.google.com/sql/docs/postgres/machine-series-overview
 */
export const databaseTiers: readonly Machine[] = family("db-perf-optimized-N", [2, 4, 8, 16, 32, 48, 64, 80, 96], 8);

/**
 * Memory of a node, in GB, of which a fifth is kept free by default. The `CUSTOM` ones only exist without cluster mode.
 * https://cloud.google.com/memorystore/docs/valkey/instance-node-specification
 */
export const cacheTypes: readonly CacheNode[] = [
  { type: "CUSTOM_PICO", memory: 1.25 },
  { type: "CUSTOM_MICRO", memory: 2.5 },
  { type: "CUSTOM_MINI", memory: 3.75 },
  { type: "STANDARD_SMALL", memory: 6.5 },
  { type: "HIGHMEM_MEDIUM", memory: 13 },
  { type: "STANDARD_LARGE", memory: 26 },
  { type: "HIGHMEM_XLARGE", memory: 58 },
  { type: "HIGHMEM_2XLARGE", memory: 110 },
];

/** The smallest machine for the nodes of a pool. */
export const nodeType = (pool: AskedNode): string => nodeTypeOf("gcp", nodeTypes, gpuNodeTypes, pool);

/** The smallest tier for a database. */
export function databaseTier(cpu: number, memory: number, edition: Edition): string {
  if (edition === "enterprisePlus") return machineFor("gcp", databaseTiers, cpu, memory, " (Enterprise Plus)").type;
  const needed = Math.max(cpu, memory / custom.gibPerCoreMax);
  const cores = needed <= 1 ? 1 : Math.ceil(needed / 2) * 2;
  if (cores > custom.coresMax) throw noMachine("gcp", `${cpu} cores and ${memory} GiB`);
  const mib = Math.max(memory * 1024, custom.mibMin, cores * custom.gibPerCoreMin * 1024);
  return `db-custom-${cores}-${Math.ceil(mib / custom.mibStep) * custom.mibStep}`;
}

/** The smallest node for a shard of a cache. */
export const cacheType = (memory: number, shards = 1): string =>
  cacheTypeOf("gcp", shards === 1 ? cacheTypes : cacheTypes.filter(({ type }) => !type.startsWith("CUSTOM")), memory);
