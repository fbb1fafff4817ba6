import type { Props } from "../../serve.js";
import { type Read, type Thing, text, type View } from "../kind.js";
import { VAULT } from "./account.js";
import { groupId, SUBSCRIPTION, TENANT } from "./arm.js";
import { CLUSTER, kubeconfigOf } from "./compute.js";
import { SUBNET, VNET } from "./network.js";
import { CONTAINER, REDIS, STORAGE_ACCOUNT } from "./stores.js";
import { hash } from "./words.js";

/** What the cloud's own secrets begin with, so that one that leaked can be found. */
const { STANDIN_PLANT: plant = "" } = process.env;

/** Whoever runs the program. */
export const DEPLOYER = "33333333-3333-3333-3333-333333333333";

function found(view: View, type: string, args: Props, kinds: string): Thing {
  const id = `${groupId(args["resourceGroupName"])}/providers/${kinds}`;
  const thing = view.find(type, id);
  if (thing === undefined)
    throw new Error(
      `ResourceNotFound: The Resource '${kinds}' under resource group '${args["resourceGroupName"]}' was not found.`,
    );
  return thing;
}

/** As the provider answers: inputs under the names of outputs. */
const told = ({ id, inputs, outputs }: Thing): Props => ({ ...inputs, ...outputs, id });

const reader =
  (type: string, kinds: (args: Props) => string): Read =>
  (args, view) =>
    told(found(view, type, args, kinds(args)));

export const reads: Readonly<Record<string, Read>> = {
  "azure-native:authorization:getClientConfig": () => ({
    clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    objectId: DEPLOYER,
    subscriptionId: SUBSCRIPTION,
    tenantId: TENANT,
  }),
  "azure-native:containerservice:getManagedCluster": reader(
    CLUSTER,
    ({ resourceName }) => `Microsoft.ContainerService/managedClusters/${resourceName}`,
  ),
  "azure-native:containerservice:listManagedClusterUserCredentials": (args, view) => {
    const kinds = `Microsoft.ContainerService/managedClusters/${args["resourceName"]}`;
    const { inputs, outputs } = found(view, CLUSTER, args, kinds);
    const value = Buffer.from(kubeconfigOf(inputs, outputs, view.where.kubernetes)).toString("base64");
    return { kubeconfigs: [{ name: "clusterUser", value }] };
  },
  "azure-native:dns:getZone": reader(
    "azure-native:dns:Zone",
    ({ zoneName }) => `Microsoft.Network/dnsZones/${zoneName}`,
  ),
  "azure-native:keyvault:getVault": reader(VAULT, ({ vaultName }) => `Microsoft.KeyVault/vaults/${vaultName}`),
  "azure-native:network:getSubnet": reader(
    SUBNET,
    ({ virtualNetworkName, subnetName }) =>
      `Microsoft.Network/virtualNetworks/${virtualNetworkName}/subnets/${subnetName}`,
  ),
  "azure-native:network:getVirtualNetwork": reader(
    VNET,
    ({ virtualNetworkName }) => `Microsoft.Network/virtualNetworks/${virtualNetworkName}`,
  ),
  "azure-native:redisenterprise:listDatabaseKeys": (args, view) => {
    const { id } = found(view, REDIS, args, `Microsoft.Cache/redisEnterprise/${text(args["clusterName"])}`);
    return { primaryKey: `${plant}${hash(id, 26)}`, secondaryKey: hash(`${id} 2`, 44) };
  },
  "azure-native:storage:getBlobContainer": reader(
    CONTAINER,
    ({ accountName, containerName }) =>
      `Microsoft.Storage/storageAccounts/${accountName}/blobServices/default/containers/${containerName}`,
  ),
  "azure-native:storage:getStorageAccount": reader(
    STORAGE_ACCOUNT,
    ({ accountName }) => `Microsoft.Storage/storageAccounts/${accountName}`,
  ),
};
