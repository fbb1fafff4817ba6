import type { Rows } from "./row.js";

/**
 * AKS, flexible servers and Azure Managed Redis are the low end of what Azure's documentation and logs of ordinary runs
 * lead to expect (AKS 5-10 minutes, a server 5-10 and 10-15 with a standby, Redis 10-20); the rest is what such logs show.
 */
export const minutesOnAzure: Rows = {
  "azure-native:applicationinsights:Component": { create: 0.2 },
  "azure-native:authorization:ManagementLockByScope": { create: 0.05 },
  "azure-native:authorization:RoleAssignment": { create: 0.1 },
  "azure-native:containerregistry:Registry": { create: 0.3, delete: 0.2 },
  "azure-native:containerservice:AgentPool": { create: 3, update: 2, delete: 3 },
  "azure-native:containerservice:ManagedCluster": { create: 6, update: 4, delete: 5 },
  "azure-native:dbforpostgresql:Configuration": { create: 0.4, update: 0.4, delete: 0.4 },
  "azure-native:dbforpostgresql:Database": { create: 0.2, delete: 0.2 },
  "azure-native:dbforpostgresql:Server": ({ createMode, highAvailability }) => ({
    create: createMode === "Replica" ? 9 : isSpread(highAvailability) ? 11 : 6,
    update: 4,
    delete: 2,
  }),
  "azure-native:dns:Zone": { create: 0.1 },
  "azure-native:keyvault:Secret": { create: 0.05 },
  "azure-native:keyvault:Vault": { create: 0.6, update: 0.3, delete: 0.2 },
  "azure-native:managedidentity:UserAssignedIdentity": { create: 0.1 },
  "azure-native:monitor:DataCollectionEndpoint": { create: 0.1, delete: 0.1 },
  "azure-native:monitor:DataCollectionRule": { create: 0.1, delete: 0.1 },
  "azure-native:network:NatGateway": { create: 0.2, delete: 0.2 },
  "azure-native:network:NetworkSecurityGroup": { create: 0.1, delete: 0.2 },
  "azure-native:network:PrivateDnsZoneGroup": { create: 0.6, delete: 0.2 },
  "azure-native:network:PrivateEndpoint": { create: 1.2, update: 0.5, delete: 0.7 },
  "azure-native:network:PublicIPAddress": { create: 0.1, delete: 0.2 },
  "azure-native:network:SecurityRule": { create: 0.1, delete: 0.1 },
  "azure-native:network:Subnet": { create: 0.1, update: 0.1, delete: 0.2 },
  "azure-native:network:VirtualNetwork": { create: 0.1, delete: 0.2 },
  "azure-native:operationalinsights:Table": { create: 0.3, update: 0.2, delete: 0.1 },
  "azure-native:operationalinsights:Workspace": { create: 0.5, update: 0.2, delete: 0.2 },
  "azure-native:privatedns:PrivateZone": { create: 0.6, delete: 0.3 },
  "azure-native:privatedns:VirtualNetworkLink": { create: 0.6, delete: 0.6 },
  "azure-native:redisenterprise:Database": { create: 3, update: 2, delete: 1 },
  "azure-native:redisenterprise:RedisEnterprise": { create: 10, update: 8, delete: 4 },
  "azure-native:resources:ResourceGroup": { create: 0.05, delete: 0.4 },
  "azure-native:storage:StorageAccount": { create: 0.4, update: 0.1, delete: 0.1 },
};

const isSpread = (highAvailability: unknown): boolean =>
  (highAvailability as { readonly mode?: string } | undefined)?.mode === "ZoneRedundant";
