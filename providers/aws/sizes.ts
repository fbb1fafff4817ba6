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
 * From what a stack asks for (cores, GiB) to what AWS calls it. Tables of the current generation that all regions
 * with a cluster have; the first row that fits is taken, so more is never answered with less. A stack that wants
 * another type says so in `aws.machineTypes`.
 */

const cores = {
  large: 2,
  xlarge: 4,
  "2xlarge": 8,
  "4xlarge": 16,
  "8xlarge": 32,
  "12xlarge": 48,
  "16xlarge": 64,
} as const;

const family = (name: string, gibPerCore: number): Machine[] =>
  Object.entries(cores).map(([size, cpu]) => ({ type: `${name}.${size}`, cpu, memory: cpu * gibPerCore }));

/** A core costs about as much as 10 GiB in every family. */
const inOrder = (...machines: Machine[]): readonly Machine[] => byPrice(10, machines);

/** Burstable ones only where nothing steady is so small: above 4 GiB their credits cost more than they save. */
export const nodeTypes: Readonly<Record<PoolSettings["arch"], readonly Machine[]>> = {
  arm64: [
    { type: "t4g.small", cpu: 2, memory: 2 },
    { type: "t4g.medium", cpu: 2, memory: 4 },
    ...inOrder(...family("c7g", 2), ...family("m7g", 4), ...family("r7g", 8)),
  ],
  amd64: [
    { type: "t3.small", cpu: 2, memory: 2 },
    { type: "t3.medium", cpu: 2, memory: 4 },
    ...inOrder(...family("c7i", 2), ...family("m7i", 4), ...family("r7i", 8)),
  ],
};

/** One NVIDIA L4 with 24 GiB of its own each. */
export const gpuNodeTypes: readonly GpuMachine[] = [
  { type: "g6.xlarge", cpu: 4, memory: 16, gpu: 1 },
  { type: "g6.2xlarge", cpu: 8, memory: 32, gpu: 1 },
  { type: "g6.4xlarge", cpu: 16, memory: 64, gpu: 1 },
  { type: "g6.8xlarge", cpu: 32, memory: 128, gpu: 1 },
  { type: "g6.16xlarge", cpu: 64, memory: 256, gpu: 1 },
  { type: "g6.12xlarge", cpu: 48, memory: 192, gpu: 4 },
  { type: "g6.24xlarge", cpu: 96, memory: 384, gpu: 4 },
  { type: "g6.48xlarge", cpu: 192, memory: 768, gpu: 8 },
];

/** db.m7g and the burstable ones run PostgreSQL 17; that db.r7g does too, and all of them 18, was not looked up. */
export const databaseClasses: readonly Machine[] = [
  { type: "db.t4g.micro", cpu: 2, memory: 1 },
  { type: "db.t4g.small", cpu: 2, memory: 2 },
  { type: "db.t4g.medium", cpu: 2, memory: 4 },
  ...inOrder(...family("db.m7g", 4), ...family("db.r7g", 8)),
];

/**
 * Memory as ElastiCache counts it, in GiB; a quarter of it is kept free for snapshots and failover by default. Above
 * 6 GiB all are memory-optimised: cache.r7g.large holds more than cache.m7g.xlarge and costs less.
 */
export const cacheTypes: readonly CacheNode[] = [
  { type: "cache.t4g.small", memory: 1.37 },
  { type: "cache.t4g.medium", memory: 3.09 },
  { type: "cache.m7g.large", memory: 6.38 },
  { type: "cache.r7g.large", memory: 13.07 },
  { type: "cache.r7g.xlarge", memory: 26.32 },
  { type: "cache.r7g.2xlarge", memory: 52.82 },
  { type: "cache.r7g.4xlarge", memory: 105.81 },
  { type: "cache.r7g.8xlarge", memory: 209.55 },
  { type: "cache.r7g.12xlarge", memory: 317.77 },
  { type: "cache.r7g.16xlarge", memory: 419.09 },
];

/** The smallest machine for the nodes of a pool. */
export const nodeType = (pool: AskedNode): string => nodeTypeOf("aws", nodeTypes, gpuNodeTypes, pool);

/** The smallest class for a database. */
export const databaseClass = (cpu: number, memory: number): string =>
  machineFor("aws", databaseClasses, cpu, memory).type;

/** The smallest node for a shard of a cache. */
export const cacheType = (memory: number): string => cacheTypeOf("aws", cacheTypes, memory);
