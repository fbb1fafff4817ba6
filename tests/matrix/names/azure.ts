import { domain, type NamesOfCloud } from "./rule.js";

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
const fixed = "Azure gives it the one name that it may have";
const ofNetwork = { at: "name", max: 80, pattern: /^[A-Za-z0-9]([\w.-]*\w)?$/ };
/** Where a name becomes part of a public address: https://learn.microsoft.com/azure/azure-resource-manager/templates/error-reserved-resource-name */
const trademarks = /^(login|xbox)|microsoft|windows/i;

export const azure: NamesOfCloud = {
  rules: {
    "azure-native:authorization:ManagementLockByScope": { at: "lockName", max: 90, pattern: /^[\w().-]*[\w()-]$/ },
    "azure-native:authorization:ManagementLockAtResourceGroupLevel": {
      at: "lockName",
      max: 90,
      pattern: /^[\w().-]*[\w()-]$/,
    },
    "azure-native:containerregistry:Registry": {
      at: "registryName",
      min: 5,
      max: 50,
      pattern: /^[A-Za-z0-9]+$/,
      reserved: trademarks,
    },
    "azure-native:containerservice:AgentPool": {
      at: "agentPoolName",
      max: 12,
      pattern: /^[a-z][a-z0-9]*$/,
      within: "resourceName",
    },
    "azure-native:containerservice:ManagedCluster": {
      at: "resourceName",
      max: 63,
      pattern: /^[A-Za-z0-9]([\w-]*[A-Za-z0-9])?$/,
      reserved: trademarks,
    },
    "azure-native:dbforpostgresql:Database": {
      at: "databaseName",
      max: 63,
      pattern: /^[A-Za-z0-9_-]+$/,
      reserved: /^(postgres|template[01]|azure_sys|azure_maintenance)$/,
      within: "serverName",
    },
    "azure-native:dbforpostgresql:Server": {
      at: "serverName",
      min: 3,
      max: 63,
      pattern: /^[a-z0-9](-?[a-z0-9])*$/,
      reserved: trademarks,
    },
    "azure-native:dns:RecordSet": {
      at: "relativeRecordSetName",
      max: 253,
      pattern: /^(@|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)$/,
      within: "zoneName",
    },
    "azure-native:dns:Zone": { at: "zoneName", max: 253, pattern: domain },
    "azure-native:keyvault:Secret": { at: "secretName", max: 127, pattern: /^[A-Za-z0-9-]+$/, within: "vaultName" },
    "azure-native:keyvault:Vault": {
      at: "vaultName",
      min: 3,
      max: 24,
      pattern: /^[A-Za-z](-?[A-Za-z0-9])*$/,
      reserved: trademarks,
    },
    "azure-native:managedidentity:FederatedIdentityCredential": {
      at: "federatedIdentityCredentialResourceName",
      min: 3,
      max: 120,
      pattern: /^[A-Za-z0-9][\w-]*$/,
      within: "resourceName",
    },
    "azure-native:managedidentity:UserAssignedIdentity": {
      at: "resourceName",
      min: 3,
      max: 128,
      pattern: /^[A-Za-z0-9][\w-]*$/,
    },
    "azure-native:applicationinsights:Component": { at: "resourceName", max: 260, pattern: /^[^%&\\?/]*[^%&\\?/. ]$/ },
    "azure-native:applicationinsights:WebTest": { at: "webTestName", max: 260, pattern: /^[\w-]+$/ },
    "azure-native:monitor:ActionGroup": {
      at: "actionGroupName",
      max: 260,
      pattern: /^[^:<>+/&%\\?|]*[^:<>+/&%\\?| .]$/,
    },
    "azure-native:monitor:MetricAlert": {
      at: "ruleName",
      max: 260,
      pattern: /^[^*#&+:<>?@%{}\\/]*[^*#&+:<>?@%{}\\/. ]$/,
    },
    "azure-native:monitor:DataCollectionEndpoint": {
      at: "dataCollectionEndpointName",
      min: 3,
      max: 44,
      pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])$/,
    },
    "azure-native:monitor:DataCollectionRule": {
      at: "dataCollectionRuleName",
      min: 3,
      max: 64,
      pattern: /^[A-Za-z0-9]([\w-]*[A-Za-z0-9])$/,
    },
    "azure-native:monitor:DiagnosticSetting": { at: "name", max: 260, pattern: /^[^*<>%&:\\?+/]*[^*<>%&:\\?+/. ]$/ },
    "azure-native:network:NatGateway": { ...ofNetwork, at: "natGatewayName" },
    "azure-native:network:NetworkSecurityGroup": { ...ofNetwork, at: "networkSecurityGroupName" },
    "azure-native:network:PrivateDnsZoneGroup": {
      ...ofNetwork,
      at: "privateDnsZoneGroupName",
      within: "privateEndpointName",
    },
    "azure-native:network:PrivateEndpoint": { ...ofNetwork, at: "privateEndpointName", min: 2, max: 64 },
    "azure-native:network:PublicIPAddress": { ...ofNetwork, at: "publicIpAddressName" },
    "azure-native:network:SecurityRule": { ...ofNetwork, at: "securityRuleName", within: "networkSecurityGroupName" },
    "azure-native:network:Subnet": { ...ofNetwork, at: "subnetName", within: "virtualNetworkName" },
    "azure-native:network:VirtualNetwork": { ...ofNetwork, at: "virtualNetworkName", min: 2, max: 64 },
    // The service makes a type of it, and letters of its own end the names of tables that somebody makes.
    "azure-native:operationalinsights:Table": {
      at: "tableName",
      min: 4,
      max: 63,
      pattern: /^[A-Za-z]\w*_CL$/,
      within: "workspaceName",
    },
    "azure-native:operationalinsights:Workspace": {
      at: "workspaceName",
      min: 4,
      max: 63,
      pattern: /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])$/,
    },
    "azure-native:privatedns:PrivateZone": { at: "privateZoneName", max: 253, pattern: domain },
    "azure-native:privatedns:VirtualNetworkLink": {
      ...ofNetwork,
      at: "virtualNetworkLinkName",
      within: "privateZoneName",
    },
    "azure-native:redisenterprise:RedisEnterprise": {
      at: "clusterName",
      max: 60,
      pattern: /^[A-Za-z0-9](-?[A-Za-z0-9])*$/,
      reserved: trademarks,
    },
    "azure-native:resources:ResourceGroup": { at: "resourceGroupName", max: 90, pattern: /^[\w().-]*[\w()-]$/ },
    "azure-native:storage:BlobContainer": {
      at: "containerName",
      min: 3,
      max: 63,
      pattern: /^[a-z0-9](-?[a-z0-9])*$/,
      within: "accountName",
    },
    "azure-native:storage:StorageAccount": {
      at: "accountName",
      min: 3,
      max: 24,
      pattern: /^[a-z0-9]+$/,
      reserved: trademarks,
    },
  },
  nameless: {
    "azure-native:authorization:RoleAssignment": "a GUID that chance gives",
    "azure-native:containerservice:MaintenanceConfiguration": fixed,
    "azure-native:dbforpostgresql:Configuration": "a parameter, whose name PostgreSQL gives",
    "azure-native:redisenterprise:Database": fixed,
    "azure-native:storage:BlobServiceProperties": fixed,
    "azure-native:storage:ManagementPolicy": fixed,
  },
};
