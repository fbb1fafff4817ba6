import type { Props } from "../../providers/serve.js";
import { type Account, deleteOne, inAccount, plantAll } from "./account.js";
import { type Case, existing, type Faults, type Guarded, type Theirs } from "./case.js";

const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const NAT = "azure-native:network:NatGateway";
const VNET = "azure-native:network:VirtualNetwork";
const SUBNET = "azure-native:network:Subnet";
const SERVER = "azure-native:dbforpostgresql:Server";
const VAULT = "azure-native:keyvault:Vault";
const CONTAINER = "azure-native:storage:BlobContainer";
const SECRET = "azure-native:keyvault:Secret";
const LOCK = "azure-native:authorization:ManagementLockByScope";
const WORKSPACE = "azure-native:operationalinsights:Workspace";

const faults: Faults = {
  // Nodes wait for their subnet, and that for its way out.
  quota: {
    type: NAT,
    says: /azure-native:network:NatGateway \(agents-staging-nat\):\n +error: NatGatewayCountLimitReached: .*\n/,
    there: [VNET],
    waiting: [NAT, SUBNET, CLUSTER],
  },
  halfMade: {
    type: CLUSTER,
    says: /azure-native:containerservice:ManagedCluster \(agents-staging\):\n +error: 1 error occurred:\n\s+\* .*Code="ProvisioningFailed"/,
    there: [NAT, CLUSTER],
  },
  throttled: { [`create ${POOL}`]: 5, [`update ${CLUSTER}`]: 3 },
  // The last attempt at it failed: the engine asks once more.
  mended: [`update ${CLUSTER}`],
  database: SERVER,
  stays: { [VAULT]: "soft-deleted", [WORKSPACE]: "soft-deleted" },
};

const guarded: Guarded = {
  stack: "prod",
  settings: { cloud: "azure" },
  locked: [
    "agents-production",
    "agents-production-bucket-main",
    "agents-production-db-main",
    "agents-production-kv-main",
  ],
  lifted: [
    "azure-native:containerregistry:Registry agents-production",
    `${CLUSTER} agents-production`,
    "azure-native:dbforpostgresql:Database agents-production-db-main",
    `${SERVER} agents-production-db-main`,
    `${VAULT} agents-production`,
    "azure-native:redisenterprise:Database agents-production-kv-main",
    "azure-native:redisenterprise:RedisEnterprise agents-production-kv-main",
    "azure-native:resources:ResourceGroup agents-production",
    `${CONTAINER} agents-production-bucket-main`,
    "azure-native:storage:StorageAccount agents-production-bucket-main",
  ].map((one) => `${one}: protect true -> undefined`),
  locks: [`${LOCK} agents-production-db-main-lock`, `${LOCK} agents-production-kv-main-lock`],
  left: [],
  // Vault and workspaces, as long as Azure brings them back.
  remains: [
    "soft-deleted of agents-production",
    "soft-deleted of agents-production",
    "soft-deleted of agents-production-db-main-logs",
    "soft-deleted of agents-production-logs",
  ],
};

const GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/team";
const within = (path: string): string => `${GROUP}/providers/${path}`;
const theirNetwork = within("Microsoft.Network/virtualNetworks/theirs");
const theirVault = within("Microsoft.KeyVault/vaults/team-secrets");
const theirAccount = within("Microsoft.Storage/storageAccounts/theirfiles");
const theirContainer = `${theirAccount}/blobServices/default/containers/files`;
const theirCluster = within("Microsoft.ContainerService/managedClusters/theirs");
const theirZone = within("Microsoft.Network/dnsZones/example.com");

const inGroup = { resourceGroupName: "team", location: "northeurope" };
const subnet = (name: string, addressPrefix: string, more: Props = {}): readonly [string, Props] => [
  `${theirNetwork}/subnets/${name}`,
  { ...inGroup, virtualNetworkName: "theirs", subnetName: name, addressPrefix, ...more },
];

const account: Account = {
  "azure-native:resources:ResourceGroup": { [GROUP]: { resourceGroupName: "team", location: "northeurope" } },
  [VNET]: {
    [theirNetwork]: { ...inGroup, virtualNetworkName: "theirs", addressSpace: { addressPrefixes: ["10.20.0.0/16"] } },
  },
  [SUBNET]: Object.fromEntries([
    subnet("nodes", "10.20.0.0/20", { natGateway: { id: within("Microsoft.Network/natGateways/theirs") } }),
    subnet("databases", "10.20.16.0/24"),
  ]),
  [CLUSTER]: {
    [theirCluster]: {
      ...inGroup,
      resourceName: "theirs",
      dnsPrefix: "theirs",
      kubernetesVersion: "1.36",
      identityProfile: { kubeletidentity: { objectId: "44444444-4444-4444-4444-444444444444" } },
    },
  },
  [VAULT]: {
    [theirVault]: {
      ...inGroup,
      vaultName: "team-secrets",
      properties: { enableRbacAuthorization: true, publicNetworkAccess: "Disabled" },
    },
  },
  [SECRET]: Object.fromEntries(
    ["db-owner", "cache"].map((secretName) => [
      `${theirVault}/secrets/${secretName}`,
      { resourceGroupName: "team", vaultName: "team-secrets", secretName, properties: {} },
    ]),
  ),
  "azure-native:storage:StorageAccount": { [theirAccount]: { ...inGroup, accountName: "theirfiles" } },
  [CONTAINER]: {
    [theirContainer]: { resourceGroupName: "team", accountName: "theirfiles", containerName: "files" },
  },
  "azure-native:dns:Zone": { [theirZone]: { resourceGroupName: "team", zoneName: "example.com", location: "Global" } },
};

const theirs: Theirs = {
  stack: "staging",
  settings: {
    cloud: "azure",
    ...existing("network", {
      id: theirNetwork,
      "subnets.private": JSON.stringify([`${theirNetwork}/subnets/nodes`]),
      "subnets.data": JSON.stringify([`${theirNetwork}/subnets/databases`]),
    }),
    ...existing("cluster", { id: theirCluster }),
    ...existing("database", { host: "theirs.postgres.database.azure.com", ownerSecret: "db-owner" }),
    ...existing("cache", { host: "theirs.northeurope.redis.azure.net", authSecret: "cache" }),
    ...existing("bucket", { id: theirContainer }),
    ...existing("secretStore", { id: theirVault }),
    ...existing("registry", { url: "team.azurecr.io" }),
    ...existing("domain", { name: "agents.example.com", zone: theirZone }),
  },
  plantIn: (cloud) => plantAll(cloud, account, "northeurope"),
  objects: {},
  makes: [
    "create azure-native:authorization:RoleAssignment agents-staging-api-secret-agents-staging-api-db-main",
    "create azure-native:authorization:RoleAssignment agents-staging-api-secret-agents-staging-openai-api-key",
    "create azure-native:authorization:RoleAssignment agents-staging-api-secret-cache",
    "create azure-native:keyvault:Secret agents-staging-api-db-main",
    "create azure-native:keyvault:Secret agents-staging-openai-api-key",
    "create azure-native:managedidentity:FederatedIdentityCredential agents-staging-api",
    "create azure-native:managedidentity:UserAssignedIdentity agents-staging-api",
    "create azure-native:operationalinsights:Workspace agents-staging",
    "create azure-native:resources:ResourceGroup agents-staging",
    "create kubernetes:core/v1:Namespace agents-staging",
    "create kubernetes:core/v1:ServiceAccount agents-staging-api",
    "create random:index/randomId:RandomId agents-staging-api-db-main",
    "create random:index/randomId:RandomId agents-staging-openai-api-key",
    "create random:index/randomPassword:RandomPassword agents-staging-api-db-main",
    "create random:index/randomString:RandomString agents-staging-suffix",
    "create random:index/randomUuid:RandomUuid agents-staging-api-secret-agents-staging-api-db-main",
    "create random:index/randomUuid:RandomUuid agents-staging-api-secret-agents-staging-openai-api-key",
    "create random:index/randomUuid:RandomUuid agents-staging-api-secret-cache",
  ],
  stays: ["soft-deleted of agents-staging"],
  leaves: [`${SECRET} agents-staging-api-db-main`, `${SECRET} agents-staging-openai-api-key`],
};

export const azure: Case = {
  stack: "staging",
  settings: { cloud: "azure" },
  secretNames: ["OPENAI_API_KEY"],
  growth: {
    // Azure changes no machine of the pool that a cluster is born with.
    settings: { size: "medium", 'azure.machineTypes["pools.system"]': "Standard_D2pls_v6" },
    changes: [
      "create azure-native:dbforpostgresql:Server",
      "create azure-native:monitor:DiagnosticSetting",
      "create-replacement azure-native:containerservice:AgentPool",
      "create-replacement azure-native:containerservice:AgentPool",
      "create-replacement random:index/randomString:RandomString",
      "create-replacement random:index/randomString:RandomString",
      "delete-replaced azure-native:containerservice:AgentPool",
      "delete-replaced azure-native:containerservice:AgentPool",
      "delete-replaced random:index/randomString:RandomString",
      "delete-replaced random:index/randomString:RandomString",
      "replace azure-native:containerservice:AgentPool",
      "replace azure-native:containerservice:AgentPool",
      "replace random:index/randomString:RandomString",
      "replace random:index/randomString:RandomString",
      "update azure-native:containerservice:ManagedCluster",
      "update azure-native:dbforpostgresql:Configuration",
      "update azure-native:dbforpostgresql:Configuration",
      "update azure-native:dbforpostgresql:Server",
      "update azure-native:redisenterprise:RedisEnterprise",
    ],
  },
  service: [
    "agent-platform:azure:Identity",
    "agent-platform:workload:ServiceAccess",
    "azure-native:authorization:RoleAssignment",
    "azure-native:keyvault:Secret",
    "azure-native:managedidentity:FederatedIdentityCredential",
    "azure-native:managedidentity:UserAssignedIdentity",
    "kubernetes:core/v1:ServiceAccount",
    "random:index/randomId:RandomId",
    "random:index/randomPassword:RandomPassword",
    "random:index/randomUuid:RandomUuid",
  ],
  rotation: [`update ${SECRET}`],
  deleteByHand: deleteOne(CONTAINER),
  broughtBack: [`create ${CONTAINER}`],
  ...inAccount,
  // Vault and workspaces, as long as Azure brings them back.
  meantToStay: [
    "soft-deleted of agents-staging",
    "soft-deleted of agents-staging",
    "soft-deleted of agents-staging-db-main-logs",
    "soft-deleted of agents-staging-logs",
  ],
  faults,
  guarded,
  theirs,
};
