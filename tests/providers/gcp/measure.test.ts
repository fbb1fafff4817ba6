import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import listed from "../../../components/monitoring/metrics/stackdriver.json" with { type: "json" };
import type { Tree } from "../../../config/walk.js";
import type { Cluster, Measure, MeasureArgs } from "../../../providers/contract.js";
import { measureOnGcp } from "../../../providers/gcp/measure.js";
import { valueOf } from "../../support/deploy.js";
import { gcpStack, settingsOf } from "../../support/settings.js";
import { keyIn, namesWhatThereIs } from "../every-cloud/measure.js";

/** Nothing is asked of it. */
const cluster = {} as Cluster;
const asked = { checks: { api: pulumi.output("api-9fLK"), web: pulumi.output("web-bN0b") } };
const measureOf = (said: Tree = {}, args: Partial<MeasureArgs> = {}): Measure =>
  measureOnGcp(
    { cluster, loadBalancer: true, uptime: asked, ...args },
    settingsOf({ ...gcpStack, databases: { main: {}, history: {} }, ...said }),
  );

describe("providers/gcp/measure", () => {
  it("reads exactly what rules need, of what is called as the stack's own is", async () => {
    const { args, files, env, port, healthPath, scrapes, interval } = measureOf();
    const filters = await Promise.all(args.map((arg) => valueOf(pulumi.output(arg))));
    assert.deepEqual(filters, [
      "--google.project-ids=acme-agents",
      "--web.listen-address=:9255",
      "--monitoring.descriptor-cache-ttl=1h",
      "--monitoring.metrics-prefixes=cloudsql.googleapis.com/database/cpu/utilization",
      "--monitoring.metrics-prefixes=cloudsql.googleapis.com/database/disk/quota",
      "--monitoring.metrics-prefixes=cloudsql.googleapis.com/database/disk/bytes_used",
      "--monitoring.metrics-prefixes=cloudsql.googleapis.com/database/postgresql/num_backends",
      "--monitoring.metrics-prefixes=memorystore.googleapis.com/instance/cpu/maximum_utilization",
      "--monitoring.metrics-prefixes=memorystore.googleapis.com/instance/memory/maximum_utilization",
      "--monitoring.metrics-prefixes=loadbalancing.googleapis.com/l3/external/ingress_bytes_count",
      "--monitoring.metrics-prefixes=loadbalancing.googleapis.com/l3/external/egress_bytes_count",
      "--monitoring.metrics-prefixes=monitoring.googleapis.com/uptime_check/check_passed",
      '--monitoring.filters=cloudsql.googleapis.com/database:resource.labels.database_id=monitoring.regex.full_match(".*agents-development-db-.+")',
      '--monitoring.filters=memorystore.googleapis.com/instance:resource.labels.instance_id=monitoring.regex.full_match(".*agents-development-kv-.+")',
      '--monitoring.filters=loadbalancing.googleapis.com/l3/external:resource.labels.backend_target_name=monitoring.regex.full_match("k8s2-.+-agents-develop.*")',
      '--monitoring.filters=monitoring.googleapis.com/uptime_check/check_passed:metric.labels.check_id=one_of("api-9fLK","web-bN0b")',
    ]);
    // The exporter cuts a filter at its colons and loses them.
    for (const filter of filters.filter((one) => one.includes("filters"))) assert.equal(filter.split(":").length, 2);
    assert.deepEqual(
      { files, env, port, healthPath, scrapes, interval },
      { files: {}, env: {}, port: 9255, healthPath: "/", scrapes: [{ path: "/metrics" }], interval: 120 },
    );
  });

  it("names only what the exporter has", () => namesWhatThereIs(measureOf(), listed));

  it("gives every name that all clouds share, but what a passthrough load balancer does not tell", () => {
    const sql = "stackdriver_cloudsql_database_cloudsql_googleapis_com_database_";
    const store = "stackdriver_memorystore_googleapis_com_instance_memorystore_googleapis_com_instance_";
    const balancer = "stackdriver_tcp_lb_rule_loadbalancing_googleapis_com_l_3_external_";
    const databases = ".+:agents-development-db-(main|history)(?:-replica-[0-9]+)?-[0-9a-f]{7}";
    const caches = "(?:.+/)?agents-development-kv-(main)-[0-9a-f]{6}";
    const target = '{backend_target_name=~"k8s2-.+-agents-develop.*"}';
    const ofDatabases = (series: string) => `${sql}${series}{database_id=~"${databases}"}`;
    const perDatabase = (pick: string, expression: string) =>
      `${pick} by (environment, database) (label_replace(${expression}, "database", "$1", "database_id", "${databases}"))`;
    const perCache = (series: string) =>
      `max by (environment, cache) (label_replace(${store}${series}{instance_id=~"${caches}"}, "cache", "$1", "instance_id", "${caches}"))`;
    assert.deepEqual(measureOf().recordings, {
      "cloud:database_cpu_ratio": perDatabase("max", ofDatabases("cpu_utilization")),
      "cloud:database_free_storage_bytes": perDatabase(
        "min",
        `${ofDatabases("disk_quota")} - on (environment, database_id) ${ofDatabases("disk_bytes_used")}`,
      ),
      "cloud:database_connections": perDatabase(
        "max",
        `sum by (environment, database_id) (${ofDatabases("postgresql_num_backends")})`,
      ),
      "cloud:cache_cpu_ratio": perCache("cpu_maximum_utilization"),
      "cloud:cache_memory_ratio": perCache("memory_maximum_utilization"),
      "cloud:load_balancer_bytes_per_second": `(sum by (environment) (${balancer}ingress_bytes_count${target}) + sum by (environment) (${balancer}egress_bytes_count${target})) / 60`,
      "cloud:uptime_success":
        'avg by (environment, check) (stackdriver_uptime_url_monitoring_googleapis_com_uptime_check_check_passed{check!=""})',
    });
  });

  it("knows databases, replicas and caches by their keys, whatever chance adds to their names", () => {
    const { "cloud:database_cpu_ratio": cpu, "cloud:cache_cpu_ratio": cache } = measureOf().recordings;
    assert.equal(keyIn(cpu, "acme-agents:agents-development-db-main-1a2b3c4"), "main");
    assert.equal(keyIn(cpu, "acme-agents:agents-development-db-history-replica-1-1a2b3c4"), "history");
    assert.equal(keyIn(cpu, "acme-agents:agents-development-db-mainly-1a2b3c4"), undefined);
    assert.equal(keyIn(cache, "agents-development-kv-main-0a1b2c"), "main");
    assert.equal(keyIn(cache, "projects/1/locations/x/instances/agents-development-kv-main-0a1b2c"), "main");
  });

  it("says what a check is called by its id", async () => {
    const namings = await Promise.all(
      measureOf().namings.map(async (naming) => ({ ...naming, value: await valueOf(naming.value) })),
    );
    assert.deepEqual(namings, [
      { label: "check_id", value: "api-9fLK", gets: "check", named: "api" },
      { label: "check_id", value: "web-bN0b", gets: "check", named: "web" },
    ]);
  });

  it("reads nothing of what the cloud does not run, nor of an internal load balancer", () => {
    const said = { databases: { main: { mode: "inCluster" } }, caches: { main: { mode: "inCluster" } } };
    const internal = { ...said, gateway: { internal: true } };
    assert.deepEqual(measureOf(internal, { uptime: undefined }).recordings, {});
    assert.deepEqual(Object.keys(measureOf(said, { uptime: undefined }).recordings), [
      "cloud:load_balancer_bytes_per_second",
    ]);
  });
});
