import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { CloudRecord, Measure, MeasureArgs, Uptime } from "../contract.js";
import { partName } from "../naming.js";
import { cacheNames, databaseNames, perCheck, perKey, selected, storesOfCloud, type Whose } from "../recordings.js";
import { projectOf } from "./ground.js";

const PORT = 9255;
/** Seconds between two readings: each is a call for every kind of measurement. */
const INTERVAL = 120;
/** Seconds that traffic of a load balancer is told by. */
const SAMPLE = 60;

type Recordings = Readonly<Partial<Record<CloudRecord, string>>>;

/** What is read of one of Google's services: kinds of measurements, and which of the project's things are the stack's. */
interface Job {
  readonly metrics: readonly string[];
  /** What the kinds begin with, and the filter: without a colon, which the exporter would lose. */
  readonly filter: readonly [prefix: string, filter: pulumi.Input<string>];
  readonly recordings: Recordings;
}

/**
 * The exporter for Cloud Monitoring (Stackdriver, as it was called). Nothing there carries the stack's labels, so its
 * own are found by how they are called.
 *
 * A passthrough load balancer tells no more than bytes; how many connections there are, and how many fail, the gateway
 * behind it says. Of an internal one nothing is read.
 *
 * Costs nothing up to a million series read a month, which is what 45 take at every two minutes; 0.50 USD for a million
 * more.
 */
export function measureOnGcp({ loadBalancer, uptime }: MeasureArgs, stack: Settings): Measure {
  const stores = storesOfCloud(stack);
  const jobs = [
    ...(stores.databases.length > 0 ? [databases(stack)] : []),
    ...(stores.caches.length > 0 ? [caches(stack)] : []),
    ...(loadBalancer && !stack.gateway.internal ? [loadBalancers(stack)] : []),
    ...(uptime === undefined ? [] : [checks(uptime)]),
  ];
  return {
    image: images.cloudMetrics.gcp,
    args: [
      `--google.project-ids=${projectOf(stack)}`,
      `--web.listen-address=:${PORT}`,
      // What kinds there are does not change from one reading to the next.
      "--monitoring.descriptor-cache-ttl=1h",
      ...jobs.flatMap(({ metrics }) => metrics.map((metric) => `--monitoring.metrics-prefixes=${metric}`)),
      ...jobs.map(({ filter: [prefix, filter] }) => pulumi.interpolate`--monitoring.filters=${prefix}:${filter}`),
    ],
    env: {},
    files: {},
    port: PORT,
    healthPath: "/",
    scrapes: [{ path: "/metrics" }],
    interval: INTERVAL,
    namings: Object.entries(uptime?.checks ?? {}).map(([named, value]) => ({
      label: "check_id",
      value,
      gets: "check",
      named,
    })),
    recordings: Object.assign({}, ...jobs.map(({ recordings }) => recordings)),
  };
}

function databases(stack: Settings): Job {
  const root = "cloudsql.googleapis.com/database";
  const series = "stackdriver_cloudsql_database_cloudsql_googleapis_com_database";
  const whose: Whose = { label: "database_id", pattern: databaseNames(stack, ".+:", "-[0-9a-f]{7}") };
  const of = (noun: string) => selected(`${series}_${noun}`, whose);
  return {
    metrics: ["cpu/utilization", "disk/quota", "disk/bytes_used", "postgresql/num_backends"].map(
      (noun) => `${root}/${noun}`,
    ),
    filter: [root, named("database_id", partName(stack.prefix, "database", ""))],
    recordings: {
      "cloud:database_cpu_ratio": perKey("max", "database", whose, of("cpu_utilization")),
      "cloud:database_free_storage_bytes": perKey(
        "min",
        "database",
        whose,
        `${of("disk_quota")} - on (environment, database_id) ${of("disk_bytes_used")}`,
      ),
      // A series for each database within a server, whose label is `database` too.
      "cloud:database_connections": perKey(
        "max",
        "database",
        whose,
        `sum by (environment, database_id) (${of("postgresql_num_backends")})`,
      ),
    },
  };
}

function caches(stack: Settings): Job {
  const root = "memorystore.googleapis.com/instance";
  const series = "stackdriver_memorystore_googleapis_com_instance_memorystore_googleapis_com_instance";
  const whose: Whose = { label: "instance_id", pattern: cacheNames(stack, "(?:.+/)?", "-[0-9a-f]{6}") };
  const of = (noun: string) => selected(`${series}_${noun}`, whose);
  return {
    metrics: ["cpu/maximum_utilization", "memory/maximum_utilization"].map((noun) => `${root}/${noun}`),
    filter: [root, named("instance_id", partName(stack.prefix, "cache", ""))],
    recordings: {
      "cloud:cache_cpu_ratio": perKey("max", "cache", whose, of("cpu_maximum_utilization")),
      "cloud:cache_memory_ratio": perKey("max", "cache", whose, of("memory_maximum_utilization")),
    },
  };
}

/**
 * GKE calls the backend of a Service `k8s2-CLUSTER-NAMESPACE-NAME-HASH`, both cut so that it has 63 letters; what is
 * left of the gateway's Service is enough to tell stacks apart.
 */
function loadBalancers({ prefix }: Settings): Job {
  const root = "loadbalancing.googleapis.com/l3/external";
  const series = "stackdriver_tcp_lb_rule_loadbalancing_googleapis_com_l_3_external";
  const label = "backend_target_name";
  const pattern = `k8s2-.+-${prefix.slice(0, 14)}.*`;
  const of = (noun: string) => `sum by (environment) (${selected(`${series}_${noun}`, { label, pattern })})`;
  return {
    metrics: ["ingress_bytes_count", "egress_bytes_count"].map((noun) => `${root}/${noun}`),
    filter: [root, `resource.labels.${label}=monitoring.regex.full_match("${pattern}")`],
    recordings: {
      "cloud:load_balancer_bytes_per_second": `(${of("ingress_bytes_count")} + ${of("egress_bytes_count")}) / ${SAMPLE}`,
    },
  };
}

function checks(uptime: Uptime): Job {
  const root = "monitoring.googleapis.com/uptime_check/check_passed";
  const ids = pulumi.all(Object.values(uptime.checks)).apply((all) => all.map((id) => JSON.stringify(id)).join(","));
  return {
    metrics: [root],
    filter: [root, pulumi.interpolate`metric.labels.check_id=one_of(${ids})`],
    recordings: {
      "cloud:uptime_success": perCheck(
        'stackdriver_uptime_url_monitoring_googleapis_com_uptime_check_check_passed{check!=""}',
      ),
    },
  };
}

/** A thing whose name has the stem in it, whatever is before and after. */
const named = (label: string, stem: string): string =>
  `resource.labels.${label}=monitoring.regex.full_match(".*${stem}.+")`;
