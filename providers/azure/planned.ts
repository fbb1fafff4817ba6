import type { Facts, Planned } from "../contract.js";

/** What stands where only an account could tell; the same text as an unknown value in the plan. */
const UNKNOWN = "[unknown]";
/** Azure hands out the address of a cluster inside a kubeconfig, and that encoded. */
const UNKNOWN_KUBECONFIG = Buffer.from(
  `    certificate-authority-data: ${UNKNOWN}\n    server: ${UNKNOWN}\n`,
  "utf8",
).toString("base64");

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
const when = (condition: boolean, text: string): string => (condition ? text : "");

type Inputs = Readonly<Record<string, unknown>>;

const THEIR_KEY = "provider's key";

/** Closed to the internet: what is left is the private endpoint. */
const accessOf = (publicNetworkAccess: unknown): Facts => ({
  access: publicNetworkAccess === "Disabled" ? "private" : "public, by roles",
});

function endpointOf({ apiServerAccessProfile }: Inputs): string {
  if (at(apiServerAccessProfile, "enablePrivateCluster") === true) return "private";
  const ranges = list(at(apiServerAccessProfile, "authorizedIPRanges"));
  return ranges.length === 0 ? "public" : `public for ${ranges.join(", ")}`;
}

const poolOf = (pool: unknown): string => {
  const spot = when(at(pool, "scaleSetPriority") === "Spot", " spot");
  return `${at(pool, "minCount")}-${at(pool, "maxCount")} ${at(pool, "vmSize")}${spot}`;
};
const rowOf = (pool: unknown): Facts => ({ [`nodes ${at(pool, "nodeLabels", "role")}`]: poolOf(pool) });

/** The pool that the cluster is born with is no resource of its own. */
const firstPoolOf = ({ agentPoolProfiles }: Inputs): unknown => list(agentPoolProfiles)[0];

const isCopy = (server: Inputs): boolean => server["createMode"] === "Replica";
/** A standby's database follows one in another stack and takes its disk from there; a read replica says its own. */
const isReadReplica = (server: Inputs): boolean => isCopy(server) && server["storage"] !== undefined;
const skuOf = (resource: Inputs): string => String(at(resource["sku"], "name"));
const hasStandby = (server: Inputs): boolean => at(server["highAvailability"], "mode") === "ZoneRedundant";

const diskOf = ({ storage }: Inputs): string => {
  const grows = when(at(storage, "autoGrow") === "Enabled", ", grows");
  const type = at(storage, "type") === "PremiumV2_LRS" ? "SSD v2" : "SSD";
  return `${at(storage, "storageSizeGB")} GiB ${type}${grows}`;
};

function backupOf({ backup }: Inputs): string {
  const region = when(at(backup, "geoRedundantBackup") === "Enabled", ", second region");
  return `${at(backup, "backupRetentionDays")} d, point in time${region}`;
}

function factsOfServer(server: Inputs): Facts {
  if (isReadReplica(server)) return { copies: `read replica ${skuOf(server)}` };
  const ground: Facts = {
    size: skuOf(server),
    access: at(server["network"], "delegatedSubnetResourceId") === undefined ? "public" : "private",
    encryption: THEIR_KEY,
  };
  if (isCopy(server)) return { service: "Azure PostgreSQL, follows another", ...ground };
  return {
    service: `Azure PostgreSQL ${server["version"]}`,
    ...ground,
    storage: diskOf(server),
    ...(hasStandby(server) ? { copies: "standby in a second zone" } : {}),
    backup: backupOf(server),
  };
}

function describeServer(server: Inputs): string {
  if (isReadReplica(server)) return `read replica ${skuOf(server)}`;
  if (isCopy(server)) return `Azure PostgreSQL, follows another, ${skuOf(server)}`;
  const zones = when(hasStandby(server), ", standby in a second zone");
  const days = at(server["backup"], "backupRetentionDays");
  return `Azure PostgreSQL ${server["version"]}, ${skuOf(server)}, ${diskOf(server)}${zones}, backups ${days} d`;
}

const nodesOf = (cache: Inputs): string => (cache["highAvailability"] === "Enabled" ? "2 nodes" : "1 node");

function factsOfCacheDatabase(database: Inputs): Facts {
  const persistence = database["persistence"];
  return {
    ...(database["clientProtocol"] === "Encrypted" ? { transit: "TLS required" } : {}),
    ...(at(persistence, "rdbEnabled") === true ? { backup: `on disk, every ${at(persistence, "rdbFrequency")}` } : {}),
  };
}

const versionDaysOf = ({ policy }: Inputs): unknown =>
  list(at(policy, "rules"))
    .map((rule) => at(rule, "definition", "actions", "version", "delete", "daysAfterCreationGreaterThan"))
    .find((days) => days !== undefined);

export const plannedOnAzure: Planned = {
  // The most telling first: that is the order in which a part's are said.
  describe: {
    "azure-native:resources:ResourceGroup": () => "resource group",
    "azure-native:network:VirtualNetwork": (network) =>
      `VNet ${list(at(network["addressSpace"], "addressPrefixes")).join(", ")}`,
    "azure-native:network:NatGateway": () => "NAT gateway",
    "azure-native:network:Subnet": () => "subnet",
    "azure-native:containerservice:ManagedCluster": (cluster) =>
      `AKS ${cluster["kubernetesVersion"]}, ${endpointOf(cluster).replace(/^(public|private)/, "$1 endpoint")}; ${poolOf(firstPoolOf(cluster)).replace(" ", " nodes ")}`,
    "azure-native:containerservice:AgentPool": (pool) => poolOf(pool).replace(" ", " nodes "),
    "azure-native:dbforpostgresql:Server": describeServer,
    "azure-native:redisenterprise:RedisEnterprise": (cache) =>
      `Azure Managed Redis, ${nodesOf(cache).replace(" node", " x").replace("xs", "x")} ${skuOf(cache)}`,
    "azure-native:storage:StorageAccount": (account) => `storage account, ${skuOf(account).replace("Standard_", "")}`,
    "azure-native:storage:BlobContainer": () => "blob container",
    "azure-native:storage:BlobServiceProperties": (properties) =>
      properties["isVersioningEnabled"] === true ? "versioned" : "not versioned",
    "azure-native:keyvault:Vault": () => "Key Vault",
    "azure-native:containerregistry:Registry": (registry) => `Container Registry, ${skuOf(registry)}`,
    "azure-native:dns:Zone": (zone) => `Azure DNS zone ${zone["zoneName"]}`,
    "azure-native:dns:RecordSet": (record) =>
      `${record["recordType"]} record ${record["relativeRecordSetName"]} of ${record["zoneName"]}`,
    "azure-native:keyvault:Secret": () => "secret in Key Vault",
    "azure-native:managedidentity:FederatedIdentityCredential": () => "workload identity",
    "azure-native:network:PrivateEndpoint": () => "private endpoint",
    "azure-native:operationalinsights:Workspace": (workspace) =>
      `Log Analytics workspace, ${workspace["retentionInDays"]} d`,
    "azure-native:privatedns:PrivateZone": () => "private DNS zone",
    "azure-native:authorization:ManagementLockByScope": () => "lock against deletion",
    "azure-native:applicationinsights:WebTest": (test) =>
      `asks ${at(test["request"], "requestUrl")} each ${test["frequency"]} s`,
    "azure-native:applicationinsights:Component": () => "Application Insights",
    "azure-native:monitor:MetricAlert": () => "alert",
    "azure-native:monitor:ActionGroup": (group) =>
      `mail to ${list(group["emailReceivers"])
        .map((one) => at(one, "emailAddress"))
        .join(", ")}`,
  },
  facts: {
    "agent-platform:azure:SecretStore": () => ({ service: "Key Vault" }),
    "agent-platform:azure:Registry": () => ({ service: "Container Registry" }),
    "agent-platform:azure:Uptime": () => ({ service: "Application Insights tests" }),
    "agent-platform:azure:Observe": () => ({ service: "Log Analytics" }),
    "azure-native:network:VirtualNetwork": (network) => ({
      service: "VNet",
      size: list(at(network["addressSpace"], "addressPrefixes")).join(", "),
    }),
    "azure-native:network:NatGateway": () => ({ "way out": "NAT gateway" }),
    "azure-native:containerservice:ManagedCluster": (cluster) => ({
      service: `AKS ${cluster["kubernetesVersion"]}`,
      access: endpointOf(cluster),
      encryption: THEIR_KEY,
      ...(at(cluster["networkProfile"], "outboundType") === "loadBalancer" ? { "way out": "load balancer" } : {}),
      ...rowOf(firstPoolOf(cluster)),
    }),
    "azure-native:containerservice:AgentPool": rowOf,
    "azure-native:operationalinsights:Workspace": (workspace) => ({ logs: `${workspace["retentionInDays"]} d` }),
    "azure-native:dbforpostgresql:Server": factsOfServer,
    "azure-native:dbforpostgresql:Configuration": (parameter): Facts =>
      parameter["configurationName"] === "require_secure_transport" && parameter["value"] === "on"
        ? { transit: "TLS required" }
        : {},
    "azure-native:redisenterprise:RedisEnterprise": (cache) => ({
      service: "Azure Managed Redis",
      size: skuOf(cache),
      copies: nodesOf(cache),
      ...accessOf(cache["publicNetworkAccess"]),
      encryption: THEIR_KEY,
    }),
    "azure-native:redisenterprise:Database": factsOfCacheDatabase,
    "azure-native:storage:StorageAccount": (account) => ({
      service: "Blob Storage",
      size: skuOf(account).replace("Standard_", ""),
      ...accessOf(account["publicNetworkAccess"]),
      encryption: THEIR_KEY,
      ...(account["enableHttpsTrafficOnly"] === true ? { transit: "TLS required" } : {}),
    }),
    "azure-native:storage:BlobServiceProperties": (properties): Facts =>
      properties["isVersioningEnabled"] === true ? { backup: "versions kept" } : {},
    "azure-native:storage:ManagementPolicy": (policy): Facts => ({ backup: `old versions ${versionDaysOf(policy)} d` }),
    "azure-native:keyvault:Vault": (vault) => ({
      ...accessOf(at(vault["properties"], "publicNetworkAccess")),
      encryption: THEIR_KEY,
    }),
    "azure-native:containerregistry:Registry": (registry) => ({
      size: skuOf(registry),
      ...accessOf(registry["publicNetworkAccess"]),
      encryption: THEIR_KEY,
    }),
    "azure-native:dns:Zone": (zone) => ({ service: "Azure DNS", size: String(zone["zoneName"]) }),
  },
  keeps: {
    "azure-native:resources:ResourceGroup": "a resource group and all that is in it",
    "azure-native:containerservice:ManagedCluster": "a cluster and its volumes",
    "azure-native:operationalinsights:Workspace": "logs",
    "azure-native:dbforpostgresql:Server": "a database, or a copy of one",
    "azure-native:dbforpostgresql:Database": "a database",
    "azure-native:redisenterprise:RedisEnterprise": "a cache",
    "azure-native:redisenterprise:Database": "a cache",
    "azure-native:storage:StorageAccount": "a bucket",
    "azure-native:storage:BlobContainer": "a bucket",
    "azure-native:keyvault:Vault": "a secret store",
    "azure-native:containerregistry:Registry": "images",
    "azure-native:dns:Zone": "a DNS zone",
  },
  // Names are part of a resource's path; for the rest see `forceNew` in the provider. What else cannot be changed makes
  // an error of Azure's and no new resource.
  replacedBy: {
    "azure-native:resources:ResourceGroup": ["location"],
    "azure-native:containerservice:ManagedCluster": [
      "dnsPrefix",
      "location",
      "networkProfile.networkDataplane",
      "networkProfile.networkPlugin",
      "networkProfile.outboundType",
      "networkProfile.podCidr",
      "networkProfile.serviceCidr",
    ],
    "azure-native:containerservice:AgentPool": ["agentPoolName", "vmSize"],
    "azure-native:dbforpostgresql:Server": ["serverName"],
    "azure-native:dbforpostgresql:Database": ["databaseName", "serverName"],
    "azure-native:redisenterprise:RedisEnterprise": ["clusterName"],
    "azure-native:storage:StorageAccount": ["accountName", "location"],
    "azure-native:storage:BlobContainer": ["accountName", "containerName"],
    "azure-native:keyvault:Vault": ["vaultName"],
    "azure-native:keyvault:Secret": ["secretName", "vaultName"],
    "azure-native:containerregistry:Registry": ["registryName"],
    "azure-native:dns:Zone": ["zoneName"],
  },
  reads: {
    "azure-native:authorization:getClientConfig": {
      clientId: UNKNOWN,
      objectId: UNKNOWN,
      subscriptionId: UNKNOWN,
      tenantId: UNKNOWN,
    },
    "azure-native:network:getVirtualNetwork": {
      id: UNKNOWN,
      name: UNKNOWN,
      addressSpace: { addressPrefixes: [UNKNOWN] },
    },
    "azure-native:network:getSubnet": { id: UNKNOWN, name: UNKNOWN, addressPrefix: UNKNOWN },
    "azure-native:containerservice:getManagedCluster": {
      id: UNKNOWN,
      name: UNKNOWN,
      identityProfile: { kubeletidentity: { objectId: UNKNOWN } },
      nodeResourceGroup: UNKNOWN,
      oidcIssuerProfile: { enabled: true, issuerURL: UNKNOWN },
    },
    "azure-native:containerservice:listManagedClusterUserCredentials": {
      kubeconfigs: [{ name: UNKNOWN, value: UNKNOWN_KUBECONFIG }],
    },
    "azure-native:redisenterprise:listDatabaseKeys": { primaryKey: UNKNOWN, secondaryKey: UNKNOWN },
    "azure-native:storage:getBlobContainer": { id: UNKNOWN, name: UNKNOWN },
    "azure-native:storage:getStorageAccount": { id: UNKNOWN, name: UNKNOWN, location: UNKNOWN },
    "azure-native:keyvault:getVault": {
      id: UNKNOWN,
      name: UNKNOWN,
      properties: { enableRbacAuthorization: true, tenantId: UNKNOWN },
    },
    "azure-native:dns:getZone": { id: UNKNOWN, name: UNKNOWN, nameServers: [UNKNOWN] },
  },
};
