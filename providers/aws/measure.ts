import { stringify } from "yaml";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import { type CloudRecord, MEASURE_FILES, type Measure, type MeasureArgs } from "../contract.js";
import { cacheNames, databaseNames, perCheck, perKey, selected, storesOfCloud, type Whose } from "../recordings.js";
import { ROUTE_53_REGION } from "./uptime.js";

const PORT = 5000;
/** Seconds between two readings of CloudWatch, and of the exporter. */
const INTERVAL = 120;
/** Seconds that a measurement is about, and how far back the newest one is looked for: some come minutes late. */
const PERIOD = 60;
const LENGTH = 600;

type Statistic = "Average" | "Maximum" | "Minimum" | "Sum";

/** What is read of one of AWS's services, and the dimensions by which it tells of one thing at a time. */
interface Job {
  readonly type: "AWS/RDS" | "AWS/ElastiCache" | "AWS/NetworkELB" | "AWS/Route53";
  readonly region?: string;
  readonly dimensions: readonly string[];
  readonly metrics: Readonly<Record<string, Statistic>>;
  /** What is not said is nothing, and not unknown: nobody called. */
  readonly silenceIsZero?: true;
}

const databases: Job = {
  type: "AWS/RDS",
  dimensions: ["DBInstanceIdentifier"],
  metrics: { CPUUtilization: "Average", FreeStorageSpace: "Minimum", DatabaseConnections: "Maximum" },
};
const caches: Job = {
  type: "AWS/ElastiCache",
  dimensions: ["CacheClusterId", "CacheNodeId"],
  // The engine works on one core: a machine of many is never busy as a whole.
  metrics: { EngineCPUUtilization: "Average", DatabaseMemoryUsagePercentage: "Maximum" },
};
const loadBalancers: Job = {
  type: "AWS/NetworkELB",
  dimensions: ["LoadBalancer"],
  metrics: { ActiveFlowCount: "Average", TCP_ELB_Reset_Count: "Sum", ProcessedBytes: "Sum" },
  silenceIsZero: true,
};
const uptime: Job = {
  type: "AWS/Route53",
  region: ROUTE_53_REGION,
  dimensions: ["HealthCheckId"],
  metrics: { HealthCheckPercentageHealthy: "Average" },
};

/**
 * Yet Another CloudWatch Exporter, which finds the stack's own by their tags; the nodes of a cache and a load balancer
 * get these too.
 *
 * Costs 0.01 USD for each thousand measurements read: 0.22 USD a month for each one that is read every two minutes, so
 * about 2 USD for a database with a replica and a cache with one.
 */
export function measureOnAws({ loadBalancer, uptime: asked }: MeasureArgs, stack: Settings): Measure {
  const stores = storesOfCloud(stack);
  const jobs = !hasWayOut(stack)
    ? []
    : [
        ...(stores.databases.length > 0 ? [databases] : []),
        ...(stores.caches.length > 0 ? [caches] : []),
        ...(loadBalancer ? [loadBalancers] : []),
        ...(asked === undefined ? [] : [uptime]),
      ];
  return {
    image: images.cloudMetrics.aws,
    args: [`--config.file=${MEASURE_FILES}/yace.yml`, `--listen-address=:${PORT}`, `--scraping-interval=${INTERVAL}`],
    env: { AWS_REGION: stack.region },
    files: { "yace.yml": stringify(configOf(jobs, stack)) },
    port: PORT,
    healthPath: "/healthz",
    scrapes: [{ path: "/metrics" }],
    interval: INTERVAL,
    namings: Object.entries(asked?.checks ?? {}).map(([named, value]) => ({
      label: "dimension_HealthCheckId",
      value,
      gets: "check",
      named,
    })),
    recordings: Object.assign({}, ...jobs.map(({ type }) => recordings[type](stack))),
  };
}

/** CloudWatch of another region, and who knows of tags, are behind no private endpoint. */
const hasWayOut = ({ network }: Settings): boolean => network.mode !== "managed" || network.nat !== "none";

const configOf = (jobs: readonly Job[], stack: Settings) => ({
  apiVersion: "v1alpha1",
  "sts-region": stack.region,
  discovery: {
    exportedTagsOnMetrics: Object.fromEntries(jobs.map(({ type }) => [type, ["Name"]])),
    jobs: jobs.map(({ type, region = stack.region, dimensions, metrics, silenceIsZero = false }) => ({
      type,
      regions: [region],
      searchTags: [
        { key: "platform", value: `^${stack.name}$` },
        { key: "environment", value: `^${stack.environment}$` },
      ],
      dimensionNameRequirements: dimensions,
      period: PERIOD,
      length: LENGTH,
      nilToZero: silenceIsZero,
      metrics: Object.entries(metrics).map(([name, statistic]) => ({ name, statistics: [statistic] })),
    })),
  },
});

type Recordings = Readonly<Partial<Record<CloudRecord, string>>>;

const recordings: Readonly<Record<Job["type"], (stack: Settings) => Recordings>> = {
  "AWS/RDS": (stack) => {
    const whose: Whose = { label: "tag_Name", pattern: databaseNames(stack) };
    const of = (series: string) => selected(series, whose);
    return {
      "cloud:database_cpu_ratio": perKey("max", "database", whose, `${of("aws_rds_cpuutilization_average")} / 100`),
      "cloud:database_free_storage_bytes": perKey("min", "database", whose, of("aws_rds_free_storage_space_minimum")),
      "cloud:database_connections": perKey("max", "database", whose, of("aws_rds_database_connections_maximum")),
    };
  },
  "AWS/ElastiCache": (stack) => {
    const whose: Whose = { label: "tag_Name", pattern: cacheNames(stack) };
    const of = (series: string) => `${selected(series, whose)} / 100`;
    return {
      "cloud:cache_cpu_ratio": perKey("max", "cache", whose, of("aws_elasticache_engine_cpuutilization_average")),
      "cloud:cache_memory_ratio": perKey(
        "max",
        "cache",
        whose,
        of("aws_elasticache_database_memory_usage_percentage_maximum"),
      ),
    };
  },
  "AWS/NetworkELB": ({ prefix }) => {
    const of = (series: string) => `sum by (environment) (${series}{tag_Name="${prefix}-gateway"})`;
    return {
      "cloud:load_balancer_connections": of("aws_networkelb_active_flow_count_average"),
      "cloud:load_balancer_errors_per_second": `${of("aws_networkelb_tcp_elb_reset_count_sum")} / ${PERIOD}`,
      "cloud:load_balancer_bytes_per_second": `${of("aws_networkelb_processed_bytes_sum")} / ${PERIOD}`,
    };
  },
  "AWS/Route53": () => ({
    "cloud:uptime_success": perCheck('aws_route53_health_check_percentage_healthy_average{check!=""} / 100'),
  }),
};
