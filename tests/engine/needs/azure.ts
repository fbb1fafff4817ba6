import type { Need, Needs } from "../order.js";
import { always, of } from "./need.js";

const group = of("azure-native:resources:ResourceGroup");
const vnet = of("azure-native:network:VirtualNetwork");
const subnet = of("azure-native:network:Subnet");
const role = of("azure-native:authorization:RoleAssignment");
const wait = of("time:index/sleep:Sleep");
const identity = of("azure-native:managedidentity:UserAssignedIdentity");
const password = of("random:index/randomPassword:RandomPassword");
const cluster = of("azure-native:containerservice:ManagedCluster");
const primary = of("azure-native:dbforpostgresql:Server", (inputs) => inputs["createMode"] !== "Replica");

/** Azure changes one thing of a server at a time, in whichever order: each of these waits for the one before. */
const parameters = [
  "maintenance_work_mem",
  "work_mem",
  "log_lock_waits",
  "log_min_duration_statement",
  "log_temp_files",
  "pg_stat_statements.track",
  "azure.extensions",
  "require_secure_transport",
];
const parameter = (name: string | undefined): Need =>
  name === undefined
    ? primary
    : of("azure-native:dbforpostgresql:Configuration", (inputs) => inputs["configurationName"] === name);

/** The provider puts letters and digits of chance behind the logical name. */
const numberOf = (serverName: unknown): number => Number(/-replica-(\d)/.exec(String(serverName))?.[1] ?? 1);
const copy = (number: number): Need =>
  of(
    "azure-native:dbforpostgresql:Server",
    ({ createMode, serverName }) => createMode === "Replica" && numberOf(serverName) === number,
  );

export const needsOnAzure: Needs = {
  "azure-native:network:VirtualNetwork": always(group),
  "azure-native:network:Subnet": always(vnet, of("azure-native:network:NetworkSecurityGroup")),
  "azure-native:network:PrivateEndpoint": always(subnet),
  "azure-native:managedidentity:UserAssignedIdentity": always(group),
  "azure-native:privatedns:PrivateZone": always(group),
  "azure-native:privatedns:VirtualNetworkLink": always(of("azure-native:privatedns:PrivateZone"), vnet),
  // The control plane joins machines to the subnet with a role that acts only after a while, and nothing says when.
  "time:index/sleep:Sleep": always(role),
  "azure-native:authorization:RoleAssignment": always(identity),
  "azure-native:containerservice:ManagedCluster": always(subnet, wait),
  "azure-native:containerservice:AgentPool": always(cluster),
  // The server finds its own name when it comes.
  "azure-native:dbforpostgresql:Server": ({ createMode, serverName }) =>
    createMode === "Replica"
      ? [of("azure-native:dbforpostgresql:Database"), copy(numberOf(serverName) - 1)]
      : [subnet, of("azure-native:privatedns:VirtualNetworkLink"), password],
  "azure-native:dbforpostgresql:Configuration": ({ configurationName }) => [
    parameter(parameters[parameters.indexOf(String(configurationName)) - 1]),
  ],
  "azure-native:dbforpostgresql:Database": always(parameter(parameters.at(-1))),
  "azure-native:redisenterprise:RedisEnterprise": always(group),
  "azure-native:applicationinsights:Component": always(of("azure-native:operationalinsights:Workspace")),
  "azure-native:applicationinsights:WebTest": always(of("azure-native:applicationinsights:Component")),
  "azure-native:monitor:DataCollectionRule": always(
    of("azure-native:monitor:DataCollectionEndpoint"),
    of("azure-native:operationalinsights:Table"),
  ),
  "azure-native:monitor:MetricAlert": always(
    of("azure-native:applicationinsights:WebTest"),
    of("azure-native:monitor:ActionGroup"),
  ),
  "azure-native:redisenterprise:Database": always(of("azure-native:redisenterprise:RedisEnterprise")),
};
