import assert from "node:assert/strict";
import { images } from "../../../config/versions.js";
import type { Tree } from "../../../config/walk.js";
import { AzureGround } from "../../../providers/azure/ground.js";
import { AzureObserve } from "../../../providers/azure/observe.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { unknownToPlugin } from "../../support/fluent-bit.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";

const WORKSPACE = "azure-native:operationalinsights:Workspace";
const TABLE = "azure-native:operationalinsights:Table";
const RULE = "azure-native:monitor:DataCollectionRule";

const observeOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...azureStack, ...said });
  return deploy(
    () => {
      const opts = { providers: azureComputeProviders() };
      const ground = new AzureGround("agents", { stack }, opts);
      return new AzureObserve("agents-logs", { stack, ground }, opts);
    },
    {
      ...azureComputeStubs,
      outputs: {
        ...azureComputeStubs.outputs,
        [WORKSPACE]: ({ name }) => ({ name: `${name}1a2b3c4d` }),
        [RULE]: () => ({ immutableId: "dcr-1" }),
        "azure-native:monitor:DataCollectionEndpoint": () => ({
          logsIngestion: { endpoint: "https://agents.northeurope-1.ingest.monitor.azure.com" },
        }),
      },
      ...stubs,
    },
  );
};
const days = async (said: Tree) => only((await observeOf(said)).resources, WORKSPACE).inputs["retentionInDays"];

const PREFIX = "/subscriptions/0a1b2c3d-0000-4000-8000-1234567890ab/resourceGroups/agents";
const texts = [
  "message",
  "level",
  "stack",
  "environment",
  "service",
  "namespace",
  "pod",
  "container",
  "node",
  "stream",
  "requestId",
  "traceId",
  "spanId",
];
const columns = [
  { name: "TimeGenerated", type: "datetime" },
  ...texts.map((name) => ({ name, type: "string" })),
  { name: "fields", type: "dynamic" },
];
const way = [
  ["azure-native:monitor:DataCollectionEndpoint", "agents-logs-pods"],
  [RULE, "agents-logs-pods"],
  [TABLE, "agents-logs-pods"],
  [WORKSPACE, "agents-logs"],
];
const madeBy = ({ resources }: Awaited<ReturnType<typeof observeOf>>) =>
  inventory(resources.filter(({ type }) => /operationalinsights|monitor:/.test(type)));

describe("providers/azure/observe", () => {
  it("makes one workspace that only identities write into, and the way there", async () => {
    const ran = await observeOf();
    assert.deepEqual(madeBy(ran), way);
    assert.deepEqual(only(ran.resources, WORKSPACE).inputs, {
      resourceGroupName: "agents1a2b3c4d",
      location: "northeurope",
      sku: { name: "PerGB2018" },
      retentionInDays: 30,
      features: { disableLocalAuth: true },
      tags: tagsOf("agents-logs"),
    });
  });

  it("has a table of the fields that lines have, and a rule that takes them and no others", async () => {
    const { resources } = await observeOf();
    const table = only(resources, TABLE);
    assert.deepEqual(table.inputs, {
      resourceGroupName: "agents1a2b3c4d",
      workspaceName: "agents-logs1a2b3c4d",
      tableName: "Pods_CL",
      plan: "Analytics",
      schema: { name: "Pods_CL", columns },
    });
    assert.equal(table.deletedWith, only(resources, WORKSPACE).urn);
    const rule = only(resources, RULE);
    assert.deepEqual(rule.inputs, {
      resourceGroupName: "agents1a2b3c4d",
      location: "northeurope",
      description: "Lines of the pods of agents-development",
      dataCollectionEndpointId: "agents-logs-pods-id",
      streamDeclarations: { "Custom-Pods_CL": { columns } },
      destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: "agents-logs-id" }] },
      dataFlows: [
        {
          streams: ["Custom-Pods_CL"],
          destinations: ["workspace"],
          outputStream: "Custom-Pods_CL",
          transformKql: "source",
        },
      ],
      tags: tagsOf("agents-logs-pods"),
    });
    assert.ok(rule.dependsOn.includes(table.urn));
  });

  it("tells Fluent Bit to write by the rule, with tokens that Azure's sidecar gets for the pod, and no secret", async () => {
    const { result } = await observeOf();
    assert.ok(result.logOutput !== undefined);
    const { section, identity, ...rest } = result.logOutput;
    assert.deepEqual(unknownToPlugin("outputs", section), []);
    assert.deepEqual(await valueOf(section), {
      name: "azure_logs_ingestion",
      auth_url: "http://127.0.0.1:8000/metadata/identity/oauth2/token?resource=https%3A%2F%2Fmonitor.azure.com",
      client_id: "none",
      client_secret: "none",
      dce_url: "https://agents.northeurope-1.ingest.monitor.azure.com",
      dcr_id: "dcr-1",
      table_name: "Pods_CL",
      time_key: "TimeGenerated",
      time_generated: "on",
      compress: "on",
    });
    assert.equal(await valueOf(identity), "agents-logs-pods-id");
    assert.deepEqual(rest, {
      tokens: {
        image: images.azureTokens,
        command: ["/proxy", "--proxy-port=8000"],
        probe: ["/proxy", "--proxy-port=8000", "--probe"],
        user: 65_532,
      },
      collected: { namespaces: [], events: false },
    });
  });

  it("what pods said stays as long as the settings of logs say, whatever the cluster's are", async () => {
    assert.equal(await days({ cluster: { logRetentionDays: 365 }, monitoring: { logs: { retention: 90 } } }), 90);
  });

  it("where nobody watches, the workspace alone is there for whatever collects then, with the cluster's days", async () => {
    const monitoring = { mode: "none" };
    const ran = await observeOf({ monitoring, cluster: { logRetentionDays: 365 } });
    assert.deepEqual(madeBy(ran), way.slice(-1));
    assert.equal(only(ran.resources, WORKSPACE).inputs["retentionInDays"], 365);
    assert.equal(ran.result.logOutput, undefined);
    const id = `${PREFIX}/providers/Microsoft.ContainerService/managedClusters/theirs`;
    assert.equal(await days({ monitoring, cluster: { mode: "existing", id } }), 30);
  });

  it("makes nothing where lines go elsewhere", async () => {
    for (const to of ["openSearch", "none"]) {
      const ran = await observeOf({ monitoring: { logs: { to } } });
      assert.deepEqual(madeBy(ran), []);
      assert.equal(await valueOf(ran.result.logs), "");
      assert.equal(ran.result.logOutput, undefined);
    }
  });

  it("says the workspace's id", async () => {
    const { result } = await observeOf();
    assert.equal(await valueOf(result.logs), "agents-logs-id");
  });

  it("a preview shows the same", async () => {
    const ran = await observeOf({}, { preview: true });
    assert.deepEqual(madeBy(ran), way);
  });
});
