import { DataCollectionEndpoint } from "@pulumi/azure-native/monitor/dataCollectionEndpoint.js";
import { DataCollectionRule } from "@pulumi/azure-native/monitor/dataCollectionRule.js";
import { Table } from "@pulumi/azure-native/operationalinsights/table.js";
import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import { type LogOutput, logTexts, type Observe } from "../contract.js";
import { podLogDays, sendsLogs } from "../log-days.js";
import type { AzureGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface AzureObserveArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/**
 * The workspace for what pods say, made here so that its age limit holds from the first line, and the way there: a table
 * of our own, a rule that says which fields it takes, and an endpoint, which takes lines from whoever has a role on the
 * rule. AKS sends nothing of pods by itself.
 *
 * Costs 2.30 to 2.80 USD a GiB taken in, and 0.10 USD a GiB and month after the first 31 days.
 */
export class AzureObserve extends pulumi.ComponentResource implements Observe {
  /** The workspace's ARM id. */
  public readonly logs: pulumi.Output<string>;
  public readonly logOutput: LogOutput | undefined;

  constructor(name: string, { stack, ground }: AzureObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Observe", name, {}, opts);
    const child = { parent: this };
    const days = podLogDays(stack);
    const workspace = days === undefined ? undefined : createWorkspace(name, days, stack, ground, child);
    this.logs = workspace?.id ?? pulumi.output("");
    this.logOutput =
      workspace !== undefined && sendsLogs(stack) ? createWay(name, workspace, stack, ground, child) : undefined;
    this.registerOutputs({ logs: this.logs });
  }
}

/** Settings see to it that no log is to be kept for less than the 30 days that are the least here. */
export function createWorkspace(
  name: string,
  days: number,
  stack: Settings,
  ground: AzureGround,
  opts: pulumi.CustomResourceOptions,
): Workspace {
  return new Workspace(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      sku: { name: "PerGB2018" },
      retentionInDays: days,
      // Whoever has only the key of a workspace could write into it.
      features: { disableLocalAuth: true },
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

/** Names of tables of one's own end so. */
const TABLE = "Pods_CL";
const STREAM = `Custom-${TABLE}`;

/** A column more is no trouble; none changes its type. */
const columns = [
  { name: "TimeGenerated", type: "datetime" },
  ...logTexts.map((name) => ({ name, type: "string" })),
  { name: "fields", type: "dynamic" },
];

function createWay(
  name: string,
  workspace: Workspace,
  stack: Settings,
  ground: AzureGround,
  opts: pulumi.CustomResourceOptions,
): LogOutput {
  const { resourceGroup: resourceGroupName, location } = ground;
  const table = new Table(
    `${name}-pods`,
    {
      resourceGroupName,
      workspaceName: workspace.name,
      tableName: TABLE,
      plan: "Analytics",
      // Lines stay as long as the workspace says.
      schema: { name: TABLE, columns: columns.map((column) => ({ ...column })) },
    },
    { ...opts, deletedWith: workspace },
  );
  const endpoint = new DataCollectionEndpoint(
    `${name}-pods`,
    {
      resourceGroupName,
      location,
      description: `Lines of the pods of ${stack.prefix}`,
      // By its name it is found from anywhere; it takes nothing from whoever has no role on the rule.
      networkAcls: { publicNetworkAccess: "Enabled" },
      tags: tagsFor(stack, `${name}-pods`),
    },
    opts,
  );
  const rule = new DataCollectionRule(
    `${name}-pods`,
    {
      resourceGroupName,
      location,
      description: `Lines of the pods of ${stack.prefix}`,
      dataCollectionEndpointId: endpoint.id,
      streamDeclarations: { [STREAM]: { columns: columns.map((column) => ({ ...column })) } },
      destinations: { logAnalytics: [{ name: "workspace", workspaceResourceId: workspace.id }] },
      dataFlows: [{ streams: [STREAM], destinations: ["workspace"], outputStream: STREAM, transformKql: "source" }],
      tags: tagsFor(stack, `${name}-pods`),
    },
    // Azure refuses a rule for a table that is not there.
    { ...opts, dependsOn: [table] },
  );
  return outputTo(rule, endpoint);
}

const PORT = 8000;
const PROXY = ["/proxy", `--proxy-port=${PORT}`];

/**
 * Fluent Bit asks for tokens with a secret only (https://github.com/fluent/fluent-bit/issues/7525). It may be told whom to
 * ask, though: Azure's own sidecar, which answers like a machine's metadata service and changes the pod's token for one
 * of its identity. What Fluent Bit says of a client and a secret the sidecar does not read.
 */
const outputTo = (rule: DataCollectionRule, endpoint: DataCollectionEndpoint): LogOutput => ({
  section: {
    name: "azure_logs_ingestion",
    auth_url: `http://127.0.0.1:${PORT}/metadata/identity/oauth2/token?resource=https%3A%2F%2Fmonitor.azure.com`,
    client_id: "none",
    client_secret: "none",
    dce_url: endpoint.logsIngestion.apply((ingestion) => ingestion?.endpoint ?? ""),
    dcr_id: rule.immutableId,
    table_name: TABLE,
    time_key: "TimeGenerated",
    time_generated: "on",
    // A call takes 1 MiB, and a chunk of lines is up to 2.
    compress: "on",
  },
  tokens: {
    image: images.azureTokens,
    command: PROXY,
    probe: [...PROXY, "--probe"],
    user: 65_532,
  },
  identity: rule.id,
  collected: { namespaces: [], events: false },
});
