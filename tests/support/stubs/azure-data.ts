import { Provider } from "@pulumi/azure-native/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../../../config/settings.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AzureGround } from "../../../providers/azure/ground.js";
import { withoutOldTypes } from "../../../providers/azure/old-types.js";
import { AzureSecretStore } from "../../../providers/azure/secrets.js";
import type { Cluster, Network } from "../../../providers/contract.js";
import type { Stubs } from "../deploy.js";
import { partsOn } from "../part.js";
import { azureStack } from "../settings.js";
import { dataClusterOf } from "./cluster.js";

export const SUBSCRIPTION = azureStack.azure.subscription;
export const GROUP = "agents-group";
/** The end of every name that the whole world shares. */
export const CHANCE = "x7k2p9";

export const armId = (type: string, ...names: readonly string[]): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/theirs/providers/${type}/${names.join("/")}`;

/** What auto-naming would make of it; what stands under something else is named as it is called here. */
const chosen =
  (input: string) =>
  ({ name, inputs }: RecordedResource) => ({ name: String(inputs[input] ?? `${name}1a2b3c4d`) });
const copied =
  (input: string) =>
  ({ name, inputs }: RecordedResource) => ({ name: String(inputs[input] ?? name) });

/** What Azure would answer to databases, caches, buckets, secrets, identities, registries and zones. */
export const azureDataStubs = {
  outputs: {
    "random:index/randomPassword:RandomPassword": ({ name }) => ({ result: `password of ${name}` }),
    "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
    "random:index/randomString:RandomString": () => ({ result: CHANCE }),
    "random:index/randomUuid:RandomUuid": ({ name }) => ({ result: `uuid of ${name}` }),
    "azure-native:resources:ResourceGroup": () => ({ name: GROUP }),
    "azure-native:privatedns:PrivateZone": copied("privateZoneName"),
    "azure-native:network:PrivateEndpoint": chosen("privateEndpointName"),
    "azure-native:dbforpostgresql:Server": (server) => ({
      ...chosen("serverName")(server),
      fullyQualifiedDomainName: `${server.name}1a2b3c4d.postgres.database.azure.com`,
    }),
    "azure-native:redisenterprise:RedisEnterprise": (cache) => ({
      ...chosen("clusterName")(cache),
      hostName: `${cache.name}1a2b3c4d.northeurope.redis.azure.net`,
    }),
    "azure-native:redisenterprise:Database": copied("databaseName"),
    "azure-native:storage:StorageAccount": chosen("accountName"),
    "azure-native:storage:BlobContainer": copied("containerName"),
    "azure-native:keyvault:Vault": chosen("vaultName"),
    "azure-native:keyvault:Secret": copied("secretName"),
    "azure-native:containerregistry:Registry": ({ inputs }) => ({
      name: inputs["registryName"],
      loginServer: `${inputs["registryName"]}.azurecr.io`,
    }),
    "azure-native:applicationinsights:WebTest": chosen("webTestName"),
    "azure-native:dns:Zone": () => ({ nameServers: ["ns1-01.azure-dns.com.", "ns2-01.azure-dns.net."] }),
    "azure-native:managedidentity:UserAssignedIdentity": (identity) => ({
      ...chosen("resourceName")(identity),
      clientId: `client of ${identity.name}`,
      principalId: `principal of ${identity.name}`,
    }),
  },
  calls: {
    "azure-native:authorization:getClientConfig": () => ({
      clientId: "client",
      objectId: "deployer",
      subscriptionId: SUBSCRIPTION,
      tenantId: "tenant",
    }),
    "azure-native:redisenterprise:listDatabaseKeys": ({ inputs }) => ({
      primaryKey: `key of ${inputs["clusterName"]}`,
      secondaryKey: "another",
    }),
    "azure-native:storage:getBlobContainer": ({ inputs }) => ({
      ...inputs,
      name: inputs["containerName"],
      id: armId(
        "Microsoft.Storage",
        "storageAccounts",
        String(inputs["accountName"]),
        "blobServices/default/containers",
        String(inputs["containerName"]),
      ),
    }),
    "azure-native:storage:getStorageAccount": ({ inputs }) => ({
      ...inputs,
      name: inputs["accountName"],
      location: "westeurope",
    }),
    "azure-native:keyvault:getVault": ({ inputs }) => ({
      ...inputs,
      name: inputs["vaultName"],
      id: armId("Microsoft.KeyVault", "vaults", String(inputs["vaultName"])),
      properties: { enableRbacAuthorization: true },
    }),
    "azure-native:dns:getZone": ({ inputs }) => ({
      ...inputs,
      id: armId("Microsoft.Network", "dnszones", String(inputs["zoneName"])),
      nameServers: ["ns9-01.azure-dns.com."],
    }),
  },
} satisfies Stubs;

/** What the platform hands down to every part. */
export const azureProviders = () => [
  new Provider("azure", { subscriptionId: SUBSCRIPTION }),
  new random.Provider("random"),
];

export const dataNetwork = (): Network => ({
  id: pulumi.output("vnet-1"),
  subnets: {
    private: pulumi.output(["subnet-nodes"]),
    public: pulumi.output<string[]>([]),
    data: pulumi.output(["subnet-data"]),
  },
  clientCidrs: [pulumi.output("10.0.0.0/18")],
  dataCidrs: pulumi.output(["10.0.0.0/18", "10.0.200.0/22"]),
});

/** A cluster as Azure gives one: it tells who signs its tokens, and where its machines are. */
export const dataCluster = (): Cluster & { readonly issuer: pulumi.Output<string> } & {
  readonly nodeGroup: pulumi.Output<string>;
} => ({
  ...dataClusterOf("kubelet"),
  nodeGroup: pulumi.output("MC_agents"),
  issuer: pulumi.output("https://northeurope.oic.prod-aks.azure.com/tenant/cluster/"),
});

const dataGround = (stack: Settings, opts: pulumi.ComponentResourceOptions): AzureGround =>
  new AzureGround("agents", { stack }, opts);

export const deployAzurePart = partsOn(azureProviders, dataGround, azureDataStubs, [withoutOldTypes]);

export const dataStore = (
  stack: Settings,
  ground: AzureGround,
  opts: pulumi.ComponentResourceOptions,
  cluster: Cluster = dataCluster(),
): AzureSecretStore =>
  new AzureSecretStore("agents", { stack, ground, settings: stack.secretStore, network: dataNetwork(), cluster }, opts);
