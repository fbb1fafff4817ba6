import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import listed from "../../../components/monitoring/metrics/yace.json" with { type: "json" };
import type { Tree } from "../../../config/walk.js";
import { measureOnAws } from "../../../providers/aws/measure.js";
import type { Cluster, Measure, MeasureArgs } from "../../../providers/contract.js";
import { valueOf } from "../../support/deploy.js";
import { awsStack, settingsOf } from "../../support/settings.js";
import { keyIn, namesWhatThereIs } from "../every-cloud/measure.js";

/** Nothing is asked of it. */
const cluster = {} as Cluster;
const asked = { checks: { api: pulumi.output("0f1e2d3c") } };
const measureOf = (said: Tree = {}, args: Partial<MeasureArgs> = {}): Measure =>
  measureOnAws(
    { cluster, loadBalancer: true, uptime: asked, ...args },
    settingsOf({ ...awsStack, databases: { main: {}, history: {} }, ...said }),
  );

const configOf = async ({ files }: Measure) => parse(await valueOf(pulumi.output(files["yace.yml"] ?? "")));

const searchTags = [
  { key: "platform", value: "^agents$" },
  { key: "environment", value: "^development$" },
];
const whole = { period: 60, length: 600 };
const metric = (name: string, statistic: string) => ({ name, statistics: [statistic] });

describe("providers/aws/measure", () => {
  it("reads exactly what rules need, of what carries the stack's tags", async () => {
    const measure = measureOf();
    assert.deepEqual(await configOf(measure), {
      apiVersion: "v1alpha1",
      "sts-region": "eu-west-1",
      discovery: {
        exportedTagsOnMetrics: {
          "AWS/RDS": ["Name"],
          "AWS/ElastiCache": ["Name"],
          "AWS/NetworkELB": ["Name"],
          "AWS/Route53": ["Name"],
        },
        jobs: [
          {
            type: "AWS/RDS",
            regions: ["eu-west-1"],
            searchTags,
            dimensionNameRequirements: ["DBInstanceIdentifier"],
            ...whole,
            nilToZero: false,
            metrics: [
              metric("CPUUtilization", "Average"),
              metric("FreeStorageSpace", "Minimum"),
              metric("DatabaseConnections", "Maximum"),
            ],
          },
          {
            type: "AWS/ElastiCache",
            regions: ["eu-west-1"],
            searchTags,
            dimensionNameRequirements: ["CacheClusterId", "CacheNodeId"],
            ...whole,
            nilToZero: false,
            metrics: [metric("EngineCPUUtilization", "Average"), metric("DatabaseMemoryUsagePercentage", "Maximum")],
          },
          {
            type: "AWS/NetworkELB",
            regions: ["eu-west-1"],
            searchTags,
            dimensionNameRequirements: ["LoadBalancer"],
            ...whole,
            nilToZero: true,
            metrics: [
              metric("ActiveFlowCount", "Average"),
              metric("TCP_ELB_Reset_Count", "Sum"),
              metric("ProcessedBytes", "Sum"),
            ],
          },
          {
            type: "AWS/Route53",
            regions: ["us-east-1"],
            searchTags,
            dimensionNameRequirements: ["HealthCheckId"],
            ...whole,
            nilToZero: false,
            metrics: [metric("HealthCheckPercentageHealthy", "Average")],
          },
        ],
      },
    });
    const { args, env, port, healthPath, scrapes, interval } = measure;
    assert.deepEqual(args, [
      "--config.file=/etc/cloud-metrics/yace.yml",
      "--listen-address=:5000",
      "--scraping-interval=120",
    ]);
    assert.deepEqual(
      { env, port, healthPath, scrapes, interval },
      {
        env: { AWS_REGION: "eu-west-1" },
        port: 5000,
        healthPath: "/healthz",
        scrapes: [{ path: "/metrics" }],
        interval: 120,
      },
    );
  });

  it("names only what the exporter has", () => namesWhatThereIs(measureOf(), listed));

  it("gives every name that all clouds share", () => {
    assert.deepEqual(measureOf().recordings, {
      "cloud:database_cpu_ratio":
        'max by (environment, database) (label_replace(aws_rds_cpuutilization_average{tag_Name=~"agents-development-db-(main|history)(?:-replica-[0-9]+)?"} / 100, "database", "$1", "tag_Name", "agents-development-db-(main|history)(?:-replica-[0-9]+)?"))',
      "cloud:database_free_storage_bytes":
        'min by (environment, database) (label_replace(aws_rds_free_storage_space_minimum{tag_Name=~"agents-development-db-(main|history)(?:-replica-[0-9]+)?"}, "database", "$1", "tag_Name", "agents-development-db-(main|history)(?:-replica-[0-9]+)?"))',
      "cloud:database_connections":
        'max by (environment, database) (label_replace(aws_rds_database_connections_maximum{tag_Name=~"agents-development-db-(main|history)(?:-replica-[0-9]+)?"}, "database", "$1", "tag_Name", "agents-development-db-(main|history)(?:-replica-[0-9]+)?"))',
      "cloud:cache_cpu_ratio":
        'max by (environment, cache) (label_replace(aws_elasticache_engine_cpuutilization_average{tag_Name=~"agents-development-kv-(main)"} / 100, "cache", "$1", "tag_Name", "agents-development-kv-(main)"))',
      "cloud:cache_memory_ratio":
        'max by (environment, cache) (label_replace(aws_elasticache_database_memory_usage_percentage_maximum{tag_Name=~"agents-development-kv-(main)"} / 100, "cache", "$1", "tag_Name", "agents-development-kv-(main)"))',
      "cloud:load_balancer_connections":
        'sum by (environment) (aws_networkelb_active_flow_count_average{tag_Name="agents-development-gateway"})',
      "cloud:load_balancer_errors_per_second":
        'sum by (environment) (aws_networkelb_tcp_elb_reset_count_sum{tag_Name="agents-development-gateway"}) / 60',
      "cloud:load_balancer_bytes_per_second":
        'sum by (environment) (aws_networkelb_processed_bytes_sum{tag_Name="agents-development-gateway"}) / 60',
      "cloud:uptime_success":
        'avg by (environment, check) (aws_route53_health_check_percentage_healthy_average{check!=""} / 100)',
    });
  });

  it("knows a database and its replicas by their keys", () => {
    const { "cloud:database_cpu_ratio": cpu } = measureOf().recordings;
    assert.equal(keyIn(cpu, "agents-development-db-main"), "main");
    assert.equal(keyIn(cpu, "agents-development-db-history-replica-2"), "history");
    assert.equal(keyIn(cpu, "agents-development-db-other"), undefined);
    assert.equal(keyIn(cpu, "agents-production-db-main"), undefined);
  });

  it("says what a check is called by its id", async () => {
    const [naming] = measureOf().namings;
    assert.deepEqual(
      { ...naming, value: await valueOf(naming?.value ?? "") },
      { label: "dimension_HealthCheckId", value: "0f1e2d3c", gets: "check", named: "api" },
    );
  });

  it("reads nothing without a way out", () => {
    const network = { nat: "none", privateEndpoints: true };
    assert.deepEqual(measureOf({ network, cluster: { access: { private: true } } }).recordings, {});
  });

  it("reads nothing of what the cloud does not run", async () => {
    const said = {
      databases: { main: { mode: "inCluster" } },
      caches: { main: { mode: "existing", host: "cache.example.com", authSecret: "cache" } },
    };
    const measure = measureOf(said, { loadBalancer: false, uptime: undefined });
    assert.deepEqual(measure.recordings, {});
    assert.deepEqual((await configOf(measure)).discovery.jobs, []);
  });
});
