import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import listed from "../../../components/monitoring/metrics/azure-metrics.json" with { type: "json" };
import type { Tree } from "../../../config/walk.js";
import { measureOnAzure } from "../../../providers/azure/measure.js";
import type { Cluster, Measure, MeasureArgs } from "../../../providers/contract.js";
import { valueOf } from "../../support/deploy.js";
import { azureStack } from "../../support/settings.js";
import { dataCluster, deployAzurePart, GROUP, SUBSCRIPTION } from "../../support/stubs/azure-data.js";
import { dataClusterOf } from "../../support/stubs/cluster.js";
import { keyIn, namesWhatThereIs } from "../every-cloud/measure.js";

const asked = { checks: { api: pulumi.output("agents-development-uptime-api") } };

interface Asked extends Partial<Omit<MeasureArgs, "cluster">> {
  readonly cluster?: () => Cluster;
}
const measureOf = async (said: Tree = {}, { cluster = dataCluster, ...args }: Asked = {}): Promise<Measure> => {
  const { result } = await deployAzurePart(
    "agent-platform:azure:Ground",
    { ...azureStack, databases: { main: {}, history: {} }, ...said },
    ({ stack, ground }) =>
      measureOnAzure({ cluster: cluster(), loadBalancer: true, uptime: asked, ...args }, { stack, ground }),
  );
  return result;
};

const pagesOf = async ({ scrapes }: Measure) =>
  (await valueOf(pulumi.output(scrapes.map(({ path, params = {} }) => ({ path, params: { ...params } }))))) as unknown;

const found = (resourceType: string) => ({
  subscription: [SUBSCRIPTION],
  resourceType: [resourceType],
  filter: [`where resourceGroup =~ '${GROUP}'`],
});
const five = { interval: ["PT5M"], timespan: ["PT5M"] };

describe("providers/azure/measure", () => {
  it("reads exactly what rules need, of the stack's group", async () => {
    const measure = await measureOf();
    assert.deepEqual(await pagesOf(measure), [
      {
        path: "/probe/metrics/resourcegraph",
        params: {
          ...found("Microsoft.DBforPostgreSQL/flexibleServers"),
          name: ["azure_database"],
          metric: ["cpu_percent", "storage_free", "active_connections"],
          aggregation: ["average", "minimum", "maximum"],
          ...five,
        },
      },
      {
        path: "/probe/metrics/resourcegraph",
        params: {
          ...found("Microsoft.Cache/redisEnterprise"),
          name: ["azure_cache"],
          metric: ["percentProcessorTime", "usedmemorypercentage"],
          aggregation: ["maximum"],
          ...five,
        },
      },
      {
        path: "/probe/metrics/resource",
        params: {
          subscription: [SUBSCRIPTION],
          target: [
            `/subscriptions/${SUBSCRIPTION}/resourceGroups/MC_agents/providers/Microsoft.Network/loadBalancers/kubernetes`,
          ],
          name: ["azure_load_balancer"],
          metric: ["ByteCount"],
          aggregation: ["total"],
          ...five,
        },
      },
      {
        path: "/probe/metrics/resourcegraph",
        params: {
          ...found("Microsoft.Insights/components"),
          name: ["azure_uptime"],
          metric: ["availabilityResults/availabilityPercentage"],
          aggregation: ["average"],
          interval: ["PT15M"],
          timespan: ["PT15M"],
          metricFilter: ["availabilityResult/name eq '*'"],
          metricTop: ["100"],
        },
      },
    ]);
    const { args, files, env, port, healthPath, interval } = measure;
    assert.deepEqual(
      { args, files, env, port, healthPath, interval },
      { args: [], files: {}, env: {}, port: 8080, healthPath: "/metrics", interval: 120 },
    );
  });

  it("names only what the exporter has", async () => namesWhatThereIs(await measureOf(), listed));

  it("gives every name that all clouds share, but what a load balancer does not tell", async () => {
    const databases = "agents-development-db-(main|history)(?:-replica-[0-9]+)?[0-9a-f]{8}";
    const caches = "agents-development-kv-(main)[0-9a-f]{8}";
    const one = (series: string, metric: string, aggregation: string, pattern: string) =>
      `${series}{metric="${metric}",aggregation="${aggregation}",resourceName=~"${pattern}"}`;
    const perDatabase = (pick: string, expression: string) =>
      `${pick} by (environment, database) (label_replace(${expression}, "database", "$1", "resourceName", "${databases}"))`;
    const perCache = (metric: string) =>
      `max by (environment, cache) (label_replace(${one("azure_cache", metric, "maximum", caches)} / 100, "cache", "$1", "resourceName", "${caches}"))`;
    assert.deepEqual((await measureOf()).recordings, {
      "cloud:database_cpu_ratio": perDatabase(
        "max",
        `${one("azure_database", "cpu_percent", "average", databases)} / 100`,
      ),
      "cloud:database_free_storage_bytes": perDatabase(
        "min",
        one("azure_database", "storage_free", "minimum", databases),
      ),
      "cloud:database_connections": perDatabase(
        "max",
        one("azure_database", "active_connections", "maximum", databases),
      ),
      "cloud:cache_cpu_ratio": perCache("percentProcessorTime"),
      "cloud:cache_memory_ratio": perCache("usedmemorypercentage"),
      "cloud:load_balancer_bytes_per_second":
        'sum by (environment) (azure_load_balancer{metric="ByteCount",aggregation="total"}) / 300',
      "cloud:uptime_success":
        'avg by (environment, check) (azure_uptime{metric="availabilityResults/availabilityPercentage",check!=""} / 100)',
    });
  });

  it("knows databases and replicas by their keys, whatever chance adds to their names", async () => {
    const { "cloud:database_cpu_ratio": cpu } = (await measureOf()).recordings;
    assert.equal(keyIn(cpu, "agents-development-db-main1a2b3c4d"), "main");
    assert.equal(keyIn(cpu, "agents-development-db-history-replica-11a2b3c4d"), "history");
    assert.equal(keyIn(cpu, "agents-development-db-mainly1a2b3c4d"), undefined);
  });

  it("reads an internal load balancer by its own name", async () => {
    const { scrapes } = await measureOf({ gateway: { internal: true } });
    const [target = ""] = scrapes.flatMap(({ params }) => params?.["target"] ?? []);
    assert.match(await valueOf(pulumi.output(target)), /\/loadBalancers\/kubernetes-internal$/);
  });

  it("wants a cluster that says where its machines are", async () => {
    await assert.rejects(measureOf({}, { cluster: () => dataClusterOf("") }), {
      message: "azure: a cluster of Azure is needed, which says where its machines are",
    });
  });

  it("reads nothing of what the cloud does not run", async () => {
    const said = { databases: { main: { mode: "inCluster" } }, caches: { main: { mode: "inCluster" } } };
    const measure = await measureOf(said, { loadBalancer: false, uptime: undefined });
    assert.deepEqual([measure.recordings, measure.scrapes], [{}, []]);
  });
});
