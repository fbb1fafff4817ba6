import type { Props } from "../../serve.js";
import { at, type Kind, type Need, type Rule, text, textsAt, type UpdateRule } from "../kind.js";
import { allOf, firstOf, fixed, GROUP, groupId, inGroup, names, oneByOne, onScope, type Step, TENANT } from "./arm.js";
import { codes, guid } from "./words.js";

const IDENTITIES = "Microsoft.ManagedIdentity";
const AUTHORIZATION = "Microsoft.Authorization";
const VAULTS = "Microsoft.KeyVault";
const INSIGHTS = "Microsoft.OperationalInsights";
const COLLECTION = "Microsoft.Insights";

export const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential";
export const ASSIGNMENT = "azure-native:authorization:RoleAssignment";
export const LOCK = "azure-native:authorization:ManagementLockByScope";
export const VAULT = "azure-native:keyvault:Vault";
export const SECRET = "azure-native:keyvault:Secret";
export const WORKSPACE = "azure-native:operationalinsights:Workspace";
const TABLE = "azure-native:operationalinsights:Table";
const ENDPOINT = "azure-native:monitor:DataCollectionEndpoint";
const RULE = "azure-native:monitor:DataCollectionRule";

/** What roles and locks are put on: the kinds of an ARM id -> the resource type. */
const scopes: Readonly<Record<string, string>> = {
  "": GROUP,
  "Microsoft.Network/virtualNetworks": "azure-native:network:VirtualNetwork",
  "Microsoft.Network/virtualNetworks/subnets": "azure-native:network:Subnet",
  "Microsoft.ManagedIdentity/userAssignedIdentities": IDENTITY,
  "Microsoft.ContainerService/managedClusters": "azure-native:containerservice:ManagedCluster",
  "Microsoft.ContainerRegistry/registries": "azure-native:containerregistry:Registry",
  "Microsoft.KeyVault/vaults": VAULT,
  "Microsoft.KeyVault/vaults/secrets": SECRET,
  "Microsoft.DBforPostgreSQL/flexibleServers": "azure-native:dbforpostgresql:Server",
  "Microsoft.Cache/redisEnterprise": "azure-native:redisenterprise:RedisEnterprise",
  "Microsoft.Insights/dataCollectionRules": RULE,
  "Microsoft.Storage/storageAccounts": "azure-native:storage:StorageAccount",
  "Microsoft.Storage/storageAccounts/blobServices/containers": "azure-native:storage:BlobContainer",
};

/** `Microsoft.Network/virtualNetworks/subnets` of an id. */
function kindsOf(id: string): string {
  const [namespace = "", ...words] = (id.split("/providers/")[1] ?? "").split("/");
  return [namespace, ...words.filter((_, index) => index % 2 === 0)].filter((word) => word !== "").join("/");
}

/** The group that a cluster makes for its machines. */
const nodeGroup = (id: string): readonly string[] => /\/resourceGroups\/(MC_[^/]+)$/.exec(id)?.slice(1) ?? [];

/** Whatever it is that the input names; it takes along what is put on it. */
const scoped = (input: string): readonly Need[] => [
  ...Object.entries(scopes).map(
    ([kinds, type]): Need => ({
      at: (inputs) => {
        const id = text(inputs[input]);
        return kindsOf(id) === kinds && nodeGroup(id).length === 0 ? [id] : [];
      },
      type,
      named: "takes",
    }),
  ),
  {
    at: (inputs) => nodeGroup(text(inputs[input])),
    type: "azure-native:containerservice:ManagedCluster",
    named: "takes",
  },
];

const assignedOnce: Rule = (inputs, view) =>
  view
    .all(ASSIGNMENT)
    .some((one) => ["principalId", "roleDefinitionId", "scope"].every((key) => one.inputs[key] === inputs[key]))
    ? "RoleAssignmentExists: The role assignment already exists."
    : undefined;

/** What a rule sends to a table of somebody's own goes to one that is there. */
const tableIsThere: Rule = ({ dataFlows, destinations }, view) => {
  const wanted = textsAt(dataFlows, ["outputStream"]).flatMap((stream) => /^Custom-(.+_CL)$/.exec(stream)?.[1] ?? []);
  const workspaces = textsAt(destinations, ["logAnalytics", "workspaceResourceId"]);
  const missing = wanted.find((table) => !workspaces.some((id) => view.find(TABLE, `${id}/tables/${table}`)?.ready));
  return missing === undefined
    ? undefined
    : `InvalidOutputTable: Table for output stream 'Custom-${missing}' is not available.`;
};

/** A column may come, and none may become another. */
const keepsColumns: UpdateRule = (olds, news) => {
  const typesOf = (inputs: Props) =>
    new Map(
      ((at(inputs, "schema.columns") ?? []) as readonly Props[]).map(({ name, type }) => [text(name), text(type)]),
    );
  const [before, after] = [typesOf(olds), typesOf(news)];
  const changed = [...before].find(([name, type]) => after.has(name) && after.get(name) !== type)?.[0];
  return changed === undefined ? undefined : `InvalidParameter: The type of column '${changed}' cannot be changed.`;
};

/** Whether somebody has a role, by its id, on a thing or on what it is in. */
export const hasRole = (
  all: readonly { readonly inputs: Props; readonly ready: boolean }[],
  principal: unknown,
  role: string,
  id: string,
): boolean =>
  all.some(
    ({ inputs, ready }) =>
      ready &&
      inputs["principalId"] === principal &&
      text(inputs["roleDefinitionId"]).endsWith(`/${role}`) &&
      `${id}/`.startsWith(`${text(inputs["scope"])}/`),
  );

const oneCredentialAtATime = oneByOne(
  [CREDENTIAL],
  "resourceName",
  ({ resourceName }) =>
    `ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity: Too many Federated Identity Credentials are written concurrently for the managed identity '${resourceName}'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported.`,
);

const notTooMany: Rule = ({ resourceName, resourceGroupName }, view) =>
  view
    .all(CREDENTIAL)
    .filter(
      ({ inputs }) => inputs["resourceName"] === resourceName && inputs["resourceGroupName"] === resourceGroupName,
    ).length >= 20
    ? `FederatedIdentityCredentialLimitExceeded: Too many Federated Identity Credentials for the managed identity '${resourceName}'.`
    : undefined;

/** The resource manager cannot delete an entry: the provider asks the vault itself, from wherever it runs. */
const vaultAnswers: Rule = ({ resourceGroupName, vaultName }, view) => {
  const vault = view.find(VAULT, `${groupId(resourceGroupName)}/providers/${VAULTS}/vaults/${vaultName}`);
  return at(vault?.inputs, "properties.publicNetworkAccess") === "Disabled"
    ? "Forbidden: Public network access is disabled and request is not from a trusted service nor via an approved private link."
    : undefined;
};

const purgeable = (olds: Props, news: Props): string | undefined =>
  at(olds, "properties.enablePurgeProtection") === true && at(news, "properties.enablePurgeProtection") === false
    ? 'BadRequest: The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.'
    : undefined;

const premiumOnly: Rule = ({ sku, zoneRedundancy, policies, anonymousPullEnabled }) => {
  const tier = at(sku, "name");
  const asked = [
    ...(zoneRedundancy === "Enabled" ? ["zone redundancy"] : []),
    ...(at(policies, "retentionPolicy.status") === "enabled" ? ["a retention policy"] : []),
    ...(anonymousPullEnabled === true && tier === "Basic" ? ["anonymous pull"] : []),
  ];
  return tier === "Premium" || asked.length === 0
    ? undefined
    : `SkuNotSupported: A registry of SKU ${tier} does not support ${asked.join(", ")}.`;
};

const keepsLongEnough: Rule = ({ retentionInDays }) =>
  Number(retentionInDays) >= 30 && Number(retentionInDays) <= 730
    ? undefined
    : "InvalidParameter: 'RetentionInDays' property doesn't match the SKU limits.";

const identity: Step = { of: "userAssignedIdentities", named: "resourceName", type: IDENTITY };
const vault: Step = { of: "vaults", named: "vaultName", type: VAULT };

/** What belongs to the subscription rather than to a network: groups, identities, roles, locks, secrets, images, logs. */
export const account: Readonly<Record<string, Kind>> = {
  [GROUP]: {
    noun: "resource group",
    codes: codes({ missing: "ResourceGroupNotFound" }),
    naming: { property: "resourceGroupName", max: 90, auto: (name, chance) => name + chance },
    id: ({ resourceGroupName }) => groupId(resourceGroupName),
    global: true,
    quota: 980,
    replaceOn: ["location"],
    outputs: ({ resourceGroupName }) => ({
      name: resourceGroupName,
      type: "Microsoft.Resources/resourceGroups",
      properties: { provisioningState: "Succeeded" },
    }),
  },
  [IDENTITY]: inGroup(IDENTITIES, [identity], {
    noun: "managed identity",
    max: 128,
    replaceOn: ["location"],
    outputs: (_, id) => ({ principalId: guid(`${id} principal`), clientId: guid(`${id} client`), tenantId: TENANT }),
  }),
  [CREDENTIAL]: inGroup(
    IDENTITIES,
    [identity, { of: "federatedIdentityCredentials", named: "federatedIdentityCredentialResourceName" }],
    {
      noun: "federated identity credential",
      max: 120,
      refuses: { ...oneCredentialAtATime, create: allOf(notTooMany, oneCredentialAtATime.create) },
    },
  ),
  [ASSIGNMENT]: onScope(
    AUTHORIZATION,
    { of: "roleAssignments", named: "roleAssignmentName", scope: "scope" },
    {
      noun: "role assignment",
      max: 36,
      given: true,
      needs: scoped("scope"),
      refuses: {
        create: assignedOnce,
        update: fixed(
          () =>
            "RoleAssignmentUpdateNotPermitted: Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
          "roleDefinitionId",
          "principalType",
        ),
      },
      replaceOn: ["principalId"],
    },
  ),
  [LOCK]: onScope(
    AUTHORIZATION,
    { of: "locks", named: "lockName", scope: "scope" },
    { noun: "management lock", max: 90, needs: scoped("scope") },
  ),
  [VAULT]: inGroup(VAULTS, [vault], {
    noun: "vault",
    codes: codes({ taken: "VaultAlreadyExists" }),
    max: 24,
    like: /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,22}[a-zA-Z0-9]$/,
    given: true,
    unique: ({ vaultName }) => text(vaultName),
    replaceOn: ["location"],
    refuses: {
      update: firstOf(
        fixed(
          () => 'BadRequest: The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
          "properties.softDeleteRetentionInDays",
        ),
        purgeable,
      ),
    },
    stays: () => "soft-deleted",
    outputs: ({ vaultName, properties }) => ({
      properties: {
        ...(properties as Props),
        vaultUri: `https://${vaultName}.vault.azure.net/`,
        provisioningState: "Succeeded",
      },
    }),
  }),
  [SECRET]: inGroup(VAULTS, [vault, { of: "secrets", named: "secretName" }], {
    noun: "secret",
    max: 127,
    like: /^[a-zA-Z0-9-]+$/,
    refuses: { delete: vaultAnswers },
    // Another value is another version.
    changing: ["properties"],
    // The resource manager never gives a value back.
    outputs: ({ vaultName, secretName, properties }, id) => ({
      properties: {
        contentType: at(properties, "contentType"),
        secretUri: `https://${vaultName}.vault.azure.net/secrets/${secretName}`,
        secretUriWithVersion: `https://${vaultName}.vault.azure.net/secrets/${secretName}/${guid(`${id} ${at(properties, "value")}`).replaceAll("-", "")}`,
      },
    }),
  }),
  "azure-native:containerregistry:Registry": inGroup(
    "Microsoft.ContainerRegistry",
    [{ of: "registries", named: "registryName" }],
    {
      noun: "registry",
      codes: codes({ taken: "AlreadyInUse" }),
      max: 50,
      like: /^[a-zA-Z0-9]{5,50}$/,
      given: true,
      unique: ({ registryName }) => text(registryName).toLowerCase(),
      replaceOn: ["location"],
      refuses: {
        create: premiumOnly,
        update: firstOf(
          fixed(() => "ZoneRedundancyNotUpdatable: Zone redundancy of a registry cannot be changed.", "zoneRedundancy"),
          (_, news, view, id) => premiumOnly(news, view, id),
        ),
      },
      outputs: ({ registryName }) => ({ loginServer: `${text(registryName).toLowerCase()}.azurecr.io` }),
    },
  ),
  [WORKSPACE]: inGroup(INSIGHTS, [{ of: "workspaces", named: "workspaceName" }], {
    noun: "workspace",
    max: 63,
    like: /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
    replaceOn: ["location"],
    refuses: { create: keepsLongEnough, update: (_, news, view, id) => keepsLongEnough(news, view, id) },
    // For a fortnight it can be brought back.
    stays: () => "soft-deleted",
    outputs: (_, id) => ({ customerId: guid(id), provisioningState: "Succeeded" }),
  }),
  [TABLE]: inGroup(
    INSIGHTS,
    [
      { of: "workspaces", named: "workspaceName", type: WORKSPACE },
      { of: "tables", named: "tableName" },
    ],
    { noun: "table", max: 63, like: /^[A-Za-z]\w{0,59}_CL$/, refuses: { update: keepsColumns } },
  ),
  [ENDPOINT]: inGroup(COLLECTION, [{ of: "dataCollectionEndpoints", named: "dataCollectionEndpointName" }], {
    noun: "data collection endpoint",
    max: 44,
    like: /^[A-Za-z0-9][A-Za-z0-9-]{1,42}[A-Za-z0-9]$/,
    replaceOn: ["location"],
    outputs: ({ dataCollectionEndpointName }, id) => ({
      immutableId: `dce-${guid(id).replaceAll("-", "")}`,
      logsIngestion: { endpoint: `https://${dataCollectionEndpointName}.ingest.monitor.azure.com` },
    }),
  }),
  [RULE]: inGroup(COLLECTION, [{ of: "dataCollectionRules", named: "dataCollectionRuleName" }], {
    noun: "data collection rule",
    max: 64,
    needs: [
      names("dataCollectionEndpointId", ENDPOINT),
      names("destinations.logAnalytics.workspaceResourceId", WORKSPACE, "leaves"),
    ],
    replaceOn: ["location"],
    refuses: { create: tableIsThere, update: (_, news, view, id) => tableIsThere(news, view, id) },
    outputs: (_, id) => ({ immutableId: `dcr-${guid(id).replaceAll("-", "")}`, provisioningState: "Succeeded" }),
  }),
  "azure-native:monitor:DiagnosticSetting": onScope(
    COLLECTION,
    { of: "diagnosticSettings", named: "name", scope: "resourceUri" },
    {
      noun: "diagnostic setting",
      max: 260,
      needs: [...scoped("resourceUri"), names("workspaceId", WORKSPACE, "leaves")],
    },
  ),
};
