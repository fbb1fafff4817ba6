import { isCareful } from "../names.js";
import type { SettingsOfSchema } from "../schema.js";
import { runsHere } from "../uses.js";

/**
 * How much there is to measure, and the disk and the memory that it takes. An estimate for planning: what scales by
 * itself is counted half way between its fewest and its most, and of each exporter only the names that are kept.
 */

type Measured = Pick<SettingsOfSchema, "cluster" | "services" | "databases" | "caches" | "gateway" | "monitoring"> & {
  readonly environment: SettingsOfSchema["environment"];
};

export interface Counted {
  /** What there is, in the plural. */
  readonly of: string;
  readonly count: number;
  /** Series of each. */
  readonly series: number;
}

/** Series of one of each. The agent service shows more than most: histograms by model, provider and route. */
const SERIES = { node: 220, pod: 80, service: 600, agents: 1500, proxy: 800, database: 120, cache: 150 } as const;
/** Pods that each node has by itself, and that the platform runs beside services. */
const PODS = { ofNode: 6, ofPlatform: 35 } as const;
/** Of a cluster that exists: how many nodes it has is not the platform's to know. */
const ASSUMED_NODES = 3;

const between = (min: number, max: number): number => Math.ceil((min + max) / 2);

const nodesOf = ({ cluster }: Measured): number =>
  cluster.mode === "managed"
    ? Object.values(cluster.pools).reduce((sum, { min, max }) => sum + between(min, max), 0)
    : ASSUMED_NODES;

export function countSeries(settings: Measured): readonly Counted[] {
  const nodes = nodesOf(settings);
  const running = Object.values(settings.services).filter(runsHere);
  const podsOf = ({ replicas }: { replicas: { min: number; max: number } }) => between(replicas.min, replicas.max);
  const count = (some: typeof running): number => some.reduce((sum, one) => sum + podsOf(one), 0);
  const measured = running.filter(({ metrics }) => metrics !== undefined);
  const agents = measured.filter((one) => one.agents !== undefined);
  const routed = running.some(({ routes }) => routes.length > 0);
  return [
    { of: "nodes", count: nodes, series: SERIES.node },
    { of: "pods", count: PODS.ofPlatform + nodes * PODS.ofNode + count(running), series: SERIES.pod },
    { of: "pods of agent services", count: count(agents), series: SERIES.agents },
    { of: "pods of other services", count: count(measured) - count(agents), series: SERIES.service },
    { of: "proxies", count: routed ? podsOf(settings.gateway) : 0, series: SERIES.proxy },
    { of: "databases", count: Object.keys(settings.databases).length, series: SERIES.database },
    { of: "caches", count: Object.keys(settings.caches).length, series: SERIES.cache },
  ].filter(({ count: some }) => some > 0);
}

const SECONDS_A_DAY = 86_400;
/** Prometheus packs a sample into one or two bytes, its index and the log of what is newest included. */
const BYTES_A_SAMPLE = 2;
const GIB = 1024 ** 3;

export const seriesOf = (settings: Measured): number =>
  countSeries(settings).reduce((sum, { count, series }) => sum + count * series, 0);

const intervalOf = ({ monitoring }: Measured): number => (monitoring.mode === "none" ? 15 : monitoring.scrapeInterval);

/** GiB that a day of measurements takes. */
export const gibPerDay = (settings: Measured): number =>
  (seriesOf(settings) * (SECONDS_A_DAY / intervalOf(settings)) * BYTES_A_SAMPLE) / GIB;

/** The rest is for blocks that are being put together, and for what is newest and not packed yet. */
export const SHARE_FOR_BLOCKS = 0.8;

/** GiB of a volume that holds so many days. */
export const storageFor = (days: number, settings: Measured): number =>
  Math.max(1, Math.ceil((days * gibPerDay(settings)) / SHARE_FOR_BLOCKS));

/** Days that a volume of so many GiB holds. */
export const daysIn = (storage: number, settings: Measured): number =>
  Math.floor((storage * SHARE_FOR_BLOCKS) / gibPerDay(settings));

/** What was counted, for a person: `9 nodes x 220, 95 pods x 80`. */
export const tell = (settings: Measured): string =>
  countSeries(settings)
    .map(({ of, count, series }) => `${count} ${of} x ${series}`)
    .join(", ");

/** Days that a Prometheus keeps which hands everything on: enough for its rules, and for an outage of the other. */
const FORWARDED_DAYS = 1;
const LEAST_FORWARDED = 5;

/** What Prometheus keeps on its disk: as the stack says, or a day where somebody else keeps it. */
export function keeping(settings: Measured): { readonly days: number; readonly storage: number } {
  const { monitoring } = settings;
  if (monitoring.mode === "inCluster") return { days: monitoring.retention, storage: monitoring.storage };
  return { days: FORWARDED_DAYS, storage: Math.max(LEAST_FORWARDED, storageFor(FORWARDED_DAYS, settings)) };
}

/** Two look at everything and each keeps all of it, so that one may go; where another keeps it, one is enough. */
export const prometheusReplicas = ({ environment, monitoring }: Measured): number =>
  isCareful(environment) && monitoring.mode === "inCluster" ? 2 : 1;

export const alertmanagerReplicas = ({ environment }: Measured): number => (isCareful(environment) ? 3 : 1);

const roundUp = (value: number, step: number): number => Math.ceil(value / step) * step;

/** MiB and thousandths of a core: a base, and so much for each series that is held in memory and asked for. */
export const prometheusMemory = (settings: Measured): number => roundUp(512 + seriesOf(settings) / 64, 256);
export const prometheusCpu = (settings: Measured): number => roundUp(100 + seriesOf(settings) / 100, 50);
