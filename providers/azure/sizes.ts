import type { PoolSettings } from "../../config/schema.js";
import {
  type AskedNode,
  byPrice,
  type CacheNode,
  cacheTypeOf,
  type GpuMachine,
  type Machine,
  machineFor,
  nodeTypeOf,
} from "../sizes.js";

/**
 * From what a stack asks for (cores, GiB) to what Azure calls it; the first row that fits is taken, so more is never
 * answered with less. Not every region has every series: a stack that wants another type says so in
 * `azure.machineTypes`.
 */

const cores = [2, 4, 8, 16, 32, 48, 64] as const;

/** `family("Standard_D*ps_v6", 4)`: the star is the number of cores. */
const family = (name: string, gibPerCore: number): Machine[] =>
  cores.map((cpu) => ({ type: name.replace("*", String(cpu)), cpu, memory: cpu * gibPerCore }));

/** A core costs about as much as 10 GiB in every family. */
const inOrder = (...machines: Machine[]): readonly Machine[] => byPrice(10, machines);

/** None is burstable: the smallest ones have the two cores and 4 GiB that AKS wants for its own pods. */
export const nodeTypes: Readonly<Record<PoolSettings["arch"], readonly Machine[]>> = {
  arm64: inOrder(...family("Standard_D*pls_v6", 2), ...family("Standard_D*ps_v6", 4), ...family("Standard_E*ps_v6", 8)),
  amd64: inOrder(...family("Standard_D*ls_v6", 2), ...family("Standard_D*s_v6", 4), ...family("Standard_E*s_v6", 8)),
};

/** An NVIDIA T4 with 16 GiB of its own each, and an A100 with 80 GiB where that is not enough. */
export const gpuNodeTypes: readonly GpuMachine[] = [
  { type: "Standard_NC4as_T4_v3", cpu: 4, memory: 28, gpu: 1 },
  { type: "Standard_NC8as_T4_v3", cpu: 8, memory: 56, gpu: 1 },
  { type: "Standard_NC16as_T4_v3", cpu: 16, memory: 110, gpu: 1 },
  { type: "Standard_NC24ads_A100_v4", cpu: 24, memory: 220, gpu: 1 },
  { type: "Standard_NC64as_T4_v3", cpu: 64, memory: 440, gpu: 4 },
];

/** Azure wants both told of a database. */
export interface Sku {
  readonly name: string;
  readonly tier: "Burstable" | "GeneralPurpose" | "MemoryOptimized";
}

interface DatabaseMachine extends Machine {
  readonly tier: Sku["tier"];
}
const inTier = (tier: Sku["tier"], machines: readonly Machine[]): readonly DatabaseMachine[] =>
  machines.map((machine) => ({ ...machine, tier }));

/** Their credits cost more than they save on anything larger. */
const burstable = inTier("Burstable", [
  { type: "Standard_B1ms", cpu: 1, memory: 2 },
  { type: "Standard_B2s", cpu: 2, memory: 4 },
]);
const steady = byPrice(10, [
  ...inTier("GeneralPurpose", family("Standard_D*ds_v5", 4)),
  ...inTier("MemoryOptimized", family("Standard_E*ds_v5", 8)),
]);

/** https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-compute */
export const databaseSkus: readonly DatabaseMachine[] = [...burstable, ...steady];

/**
 * GiB as Azure counts them; a fifth of it is kept for its own work. From 12 GiB on the memory-optimised ones cost less
 * for the same memory. Above 350 GiB Azure calls them a preview.
 * https://learn.microsoft.com/azure/redis/how-to-scale
 */
export const cacheSkus: readonly CacheNode[] = [
  { type: "Balanced_B1", memory: 1 },
  { type: "Balanced_B3", memory: 3 },
  { type: "Balanced_B5", memory: 6 },
  { type: "MemoryOptimized_M10", memory: 12 },
  { type: "MemoryOptimized_M20", memory: 24 },
  { type: "MemoryOptimized_M50", memory: 60 },
  { type: "MemoryOptimized_M100", memory: 120 },
  { type: "MemoryOptimized_M150", memory: 175 },
  { type: "MemoryOptimized_M250", memory: 235 },
  { type: "MemoryOptimized_M350", memory: 350 },
  { type: "MemoryOptimized_M500", memory: 480 },
];

/** The smallest machine for the nodes of a pool. */
export const nodeType = (pool: AskedNode): string => nodeTypeOf("azure", nodeTypes, gpuNodeTypes, pool);

/** The smallest sku for a database. Burstable ones have neither a standby nor replicas. */
export function databaseSku(
  cpu: number,
  memory: number,
  { highAvailability, replicas }: { readonly highAvailability: boolean; readonly replicas: number },
): Sku {
  const rows = highAvailability || replicas > 0 ? steady : databaseSkus;
  const { type, tier } = machineFor("azure", rows, cpu, memory, " for a database");
  return { name: type, tier };
}

const prefixes: readonly (readonly [RegExp, Sku["tier"]])[] = [
  [/^Standard_B/, "Burstable"],
  [/^Standard_D/, "GeneralPurpose"],
  [/^Standard_E/, "MemoryOptimized"],
];

/** The tier of a type that the stack names itself: Azure wants both told. */
export function databaseTier(type: string): Sku["tier"] {
  const tier = prefixes.find(([prefix]) => prefix.test(type))?.[1];
  if (tier === undefined) throw new Error(`azure: ${type} is no type of a database: Standard_B..., _D... or _E...`);
  return tier;
}

/** The smallest sku for a cache. */
export const cacheSku = (memory: number): string => cacheTypeOf("azure", cacheSkus, memory);
