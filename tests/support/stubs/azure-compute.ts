import { Provider } from "@pulumi/azure-native/provider.js";
import * as random from "@pulumi/random";
import { Provider as TimeProvider } from "@pulumiverse/time/provider.js";
import type { RecordedResource } from "../../../plan/record.js";
import type { Stubs } from "../deploy.js";
import { azureStack } from "../settings.js";

const SUBSCRIPTION = azureStack.azure.subscription;

/** What auto-naming would make of it. */
const named = ({ name }: RecordedResource) => ({ name: `${name}1a2b3c4d` });

/** A kubeconfig as Azure gives it: it would ask a person to log in. */
const kubeconfigOf = (host: string) =>
  Buffer.from(
    [
      "apiVersion: v1",
      "clusters:",
      "- cluster:",
      "    certificate-authority-data: Q0E=",
      `    server: https://${host}:443`,
      "  name: theirs",
      "users:",
      "- name: clusterUser",
      "  user:",
      "    exec:",
      "      command: kubelogin",
      "      args: [get-token, --login, devicecode]",
    ].join("\n"),
  ).toString("base64");

/** What Azure would answer to a ground, a network, a cluster and its logs. */
export const azureComputeStubs = {
  outputs: {
    "random:index/randomString:RandomString": ({ inputs }) => ({ result: "x7k2p9".slice(0, Number(inputs["length"])) }),
    "random:index/randomUuid:RandomUuid": ({ name }) => ({ result: `guid of ${name}` }),
    "azure-native:resources:ResourceGroup": named,
    "azure-native:privatedns:PrivateZone": ({ inputs }) => ({ name: inputs["privateZoneName"] }),
    "azure-native:network:VirtualNetwork": named,
    "azure-native:network:NetworkSecurityGroup": named,
    "azure-native:network:PrivateEndpoint": named,
    "azure-native:network:PublicIPAddress": () => ({ ipAddress: "198.51.100.7" }),
    "azure-native:managedidentity:UserAssignedIdentity": (identity) => ({
      ...named(identity),
      clientId: `client of ${identity.name}`,
      principalId: `principal of ${identity.name}`,
    }),
    "azure-native:containerservice:ManagedCluster": named,
  },
  calls: {
    "azure-native:authorization:getClientConfig": () => ({
      clientId: "client",
      objectId: "deployer",
      subscriptionId: SUBSCRIPTION,
      tenantId: "tenant",
    }),
    "azure-native:network:getVirtualNetwork": ({ inputs }) => ({
      ...inputs,
      addressSpace: { addressPrefixes: ["10.42.0.0/16", "10.43.0.0/16"] },
    }),
    "azure-native:network:getSubnet": ({ inputs }) => ({ ...inputs, addressPrefix: "10.42.8.0/21" }),
    "azure-native:containerservice:getManagedCluster": ({ inputs }) => ({
      ...inputs,
      identityProfile: { kubeletidentity: { objectId: "their-nodes" } },
      nodeResourceGroup: `MC_${inputs["resourceName"]}`,
      oidcIssuerProfile: {
        enabled: true,
        issuerURL: `https://northeurope.oic.prod-aks.azure.com/tenant/${inputs["resourceName"]}/`,
      },
    }),
    "azure-native:containerservice:listManagedClusterUserCredentials": ({ inputs }) => ({
      kubeconfigs: [
        { name: "clusterUser", value: kubeconfigOf(`${inputs["resourceName"]}.hcp.northeurope.azmk8s.io`) },
      ],
    }),
  },
} satisfies Stubs;

/** What the platform hands down to every part. */
export const azureComputeProviders = () => [
  new Provider("azure", { subscriptionId: SUBSCRIPTION, location: azureStack.region }),
  new random.Provider("random"),
  new TimeProvider("time"),
];
