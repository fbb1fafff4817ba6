import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { CloudRecord, Measure, MeasureArgs, Scrape } from "../contract.js";
import { cacheNames, databaseNames, perCheck, perKey, selected, storesOfCloud, type Whose } from "../recordings.js";
import { nodeGroupOf } from "./cluster.js";
import type { AzureGround } from "./ground.js";

const PORT = 8080;
/** Seconds between two readings: each is a call for every thing that is measured. */
const INTERVAL = 120;
/** Seconds that one measurement is about: caches have none that are about less. */
const SAMPLE = 300;
/** Standard tests ask each quarter of an hour at the latest. */
const TESTED = "PT15M";

/** By which AKS calls its load balancers. */
const BALANCERS = { public: "kubernetes", internal: "kubernetes-internal" } as const;

type Params = Readonly<Record<string, readonly pulumi.Input<string>[]>>;
type Recordings = Readonly<Partial<Record<CloudRecord, string>>>;

interface Job {
  readonly scrape: Scrape;
  readonly recordings: Recordings;
}

interface Place {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/**
 * The exporter for Azure Monitor, which is asked for one kind of thing at a time and finds those of the stack's resource
 * group. A load balancer of AKS tells no more than bytes; how many connections there are, and how many fail, the gateway
 * behind it says.
 *
 * Costs nothing up to a million calls a month, which is what 46 things take at every two minutes; 10 USD for a million
 * more.
 */
export function measureOnAzure({ cluster, loadBalancer, uptime }: MeasureArgs, { stack, ground }: Place): Measure {
  const stores = storesOfCloud(stack);
  const found = (resourceType: string, params: Params): Scrape => ({
    path: "/probe/metrics/resourcegraph",
    params: {
      subscription: [ground.subscription],
      resourceType: [resourceType],
      filter: [pulumi.interpolate`where resourceGroup =~ '${ground.resourceGroup}'`],
      ...params,
    },
  });
  const balancer = stack.gateway.internal ? BALANCERS.internal : BALANCERS.public;
  const jobs = [
    ...(stores.databases.length > 0 ? [databases(stack, found)] : []),
    ...(stores.caches.length > 0 ? [caches(stack, found)] : []),
    ...(loadBalancer
      ? [
          loadBalancers(
            ground,
            pulumi.interpolate`/subscriptions/${ground.subscription}/resourceGroups/${nodeGroupOf(cluster)}/providers/Microsoft.Network/loadBalancers/${balancer}`,
          ),
        ]
      : []),
    ...(uptime === undefined ? [] : [checks(found)]),
  ];
  return {
    image: images.cloudMetrics.azure,
    args: [],
    env: {},
    files: {},
    port: PORT,
    // What the exporter says of itself: it asks Azure nothing.
    healthPath: "/metrics",
    scrapes: jobs.map(({ scrape }) => scrape),
    interval: INTERVAL,
    namings: Object.entries(uptime?.checks ?? {}).map(([named, value]) => ({
      label: "dimension",
      value,
      gets: "check",
      named,
    })),
    recordings: Object.assign({}, ...jobs.map(({ recordings }) => recordings)),
  };
}

const asked = (name: string, metrics: readonly string[], aggregations: readonly string[]): Params => ({
  name: [name],
  metric: metrics,
  aggregation: aggregations,
  interval: ["PT5M"],
  timespan: ["PT5M"],
});

const measured = (series: string, whose: Whose, metric: string, aggregation: string): string =>
  selected(series, whose, `metric="${metric}",aggregation="${aggregation}",`);

function databases(stack: Settings, found: (type: string, params: Params) => Scrape): Job {
  const series = "azure_database";
  const whose: Whose = { label: "resourceName", pattern: databaseNames(stack, "", "[0-9a-f]{8}") };
  const of = (metric: string, aggregation: string) => measured(series, whose, metric, aggregation);
  const metrics = ["cpu_percent", "storage_free", "active_connections"];
  return {
    scrape: found(
      "Microsoft.DBforPostgreSQL/flexibleServers",
      asked(series, metrics, ["average", "minimum", "maximum"]),
    ),
    recordings: {
      "cloud:database_cpu_ratio": perKey("max", "database", whose, `${of("cpu_percent", "average")} / 100`),
      "cloud:database_free_storage_bytes": perKey("min", "database", whose, of("storage_free", "minimum")),
      "cloud:database_connections": perKey("max", "database", whose, of("active_connections", "maximum")),
    },
  };
}

function caches(stack: Settings, found: (type: string, params: Params) => Scrape): Job {
  const series = "azure_cache";
  const whose: Whose = { label: "resourceName", pattern: cacheNames(stack, "", "[0-9a-f]{8}") };
  const of = (metric: string) => `${measured(series, whose, metric, "maximum")} / 100`;
  return {
    scrape: found(
      "Microsoft.Cache/redisEnterprise",
      asked(series, ["percentProcessorTime", "usedmemorypercentage"], ["maximum"]),
    ),
    recordings: {
      "cloud:cache_cpu_ratio": perKey("max", "cache", whose, of("percentProcessorTime")),
      "cloud:cache_memory_ratio": perKey("max", "cache", whose, of("usedmemorypercentage")),
    },
  };
}

/** Of the group that AKS keeps its machines in, so it is named and not looked for. */
function loadBalancers(ground: AzureGround, target: pulumi.Output<string>): Job {
  const series = "azure_load_balancer";
  return {
    scrape: {
      path: "/probe/metrics/resource",
      params: { subscription: [ground.subscription], target: [target], ...asked(series, ["ByteCount"], ["total"]) },
    },
    recordings: {
      "cloud:load_balancer_bytes_per_second": `sum by (environment) (${series}{metric="ByteCount",aggregation="total"}) / ${SAMPLE}`,
    },
  };
}

function checks(found: (type: string, params: Params) => Scrape): Job {
  const series = "azure_uptime";
  const percent = "availabilityResults/availabilityPercentage";
  return {
    scrape: found("Microsoft.Insights/components", {
      ...asked(series, [percent], ["average"]),
      interval: [TESTED],
      timespan: [TESTED],
      metricFilter: ["availabilityResult/name eq '*'"],
      metricTop: ["100"],
    }),
    recordings: { "cloud:uptime_success": perCheck(`${series}{metric="${percent}",check!=""} / 100`) },
  };
}
