import type { PoolSettings, SettingsOfSchema } from "../config/schema.js";
import * as aws from "./aws/sizes.js";
import * as azure from "./azure/sizes.js";
import * as gcp from "./gcp/sizes.js";
import type { RegionalCloud } from "./regions.js";

export interface AskedDatabase {
  readonly cpu: number;
  readonly memory: number;
  readonly highAvailability: boolean;
  readonly replicas: number;
}

/** What each cloud calls the machine that fits; each throws, with what was asked for, where none does. */
interface Machines {
  readonly node: (pool: PoolSettings) => string;
  readonly database: (asked: AskedDatabase, settings: SettingsOfSchema) => string;
  readonly cache: (memory: number, shards: number) => string;
}

/** Tables alone, so that settings can be held against them before anything of a cloud is loaded. */
export const machines: Readonly<Record<RegionalCloud, Machines>> = {
  aws: {
    node: aws.nodeType,
    database: ({ cpu, memory }) => aws.databaseClass(cpu, memory),
    cache: aws.cacheType,
  },
  gcp: {
    node: gcp.nodeType,
    database: ({ cpu, memory }, settings) => gcp.databaseTier(cpu, memory, settings.gcp.databaseEdition),
    cache: gcp.cacheType,
  },
  azure: {
    node: azure.nodeType,
    database: ({ cpu, memory, ...kind }) => azure.databaseSku(cpu, memory, kind).name,
    cache: azure.cacheSku,
  },
};
