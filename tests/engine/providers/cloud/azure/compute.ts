import type { Props } from "../../serve.js";
import { at, type Kind, type Rule, text, textsAt, type UpdateRule, type View } from "../kind.js";
import { ASSIGNMENT, hasRole, IDENTITY } from "./account.js";
import { allOf, firstOf, fixed, groupId, inGroup, isBusy, names, type Step } from "./arm.js";
import { SUBNET } from "./network.js";
import { codes, hash } from "./words.js";

const SERVICE = "Microsoft.ContainerService";
export const CLUSTER = "azure-native:containerservice:ManagedCluster";
export const POOL = "azure-native:containerservice:AgentPool";

const NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7";
const IDENTITY_OPERATOR = "f1a07417-d97a-45cb-824c-7a7467783830";

const subnetsOf = (inputs: Props): readonly string[] => textsAt(inputs, ["agentPoolProfiles", "vnetSubnetID"]);

const identityOf = (inputs: Props, view: View) =>
  view.find(IDENTITY, textsAt(inputs, ["identity", "userAssignedIdentities"])[0]);

/** The control plane joins machines to the subnet, and hands them their identity. */
const mayWork: Rule = (inputs, view) => {
  const principal = identityOf(inputs, view)?.outputs["principalId"];
  const roles = view.all(ASSIGNMENT);
  const closed = subnetsOf(inputs).find((subnet) => !hasRole(roles, principal, NETWORK_CONTRIBUTOR, subnet));
  if (closed !== undefined)
    return `LinkedAuthorizationFailed: The client with object id '${principal}' does not have permission to perform action 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '${closed}'.`;
  const nodes = text(at(inputs, "identityProfile.kubeletidentity.resourceId"));
  return nodes === "" || hasRole(roles, principal, IDENTITY_OPERATOR, nodes)
    ? undefined
    : `CustomKubeletIdentityMissingPermissionError: The cluster identity must be given permission 'Managed Identity Operator' on the kubelet identity ${nodes}.`;
};

/** Nodes come up by pulling images: by the way out that the cluster was told, which the subnet must have. */
const hasWayOut: Rule = (inputs, view) => {
  if (at(inputs, "networkProfile.outboundType") !== "userAssignedNATGateway") return undefined;
  const without = subnetsOf(inputs).find((id) => {
    const subnet = view.find(SUBNET, id);
    return subnet?.planted !== true && at(subnet?.inputs, "natGateway.id") === undefined;
  });
  return without === undefined
    ? undefined
    : `BadRequest: OutboundType is userAssignedNATGateway, but subnet ${without} is not associated with a NAT gateway.`;
};

const accessIsWhole: Rule = ({ disableLocalAccounts, aadProfile }) =>
  disableLocalAccounts === true && at(aadProfile, "managed") !== true
    ? "BadRequest: Disabling local accounts is only supported for clusters with managed AAD enabled."
    : undefined;

const notAllowed = (path: string): string => `PropertyChangeNotAllowed: Changing property '${path}' is not allowed.`;

/** What no pool can change, inside a cluster or beside it. */
const FOR_GOOD = ["osDiskSizeGB", "osDiskType", "osType", "availabilityZones", "vnetSubnetID", "scaleSetPriority"];

const firstPoolStays: UpdateRule = (olds, news) => {
  const first = ({ agentPoolProfiles }: Props) => (agentPoolProfiles as readonly Props[])[0] ?? {};
  return fixed(
    (path) => notAllowed(`agentPoolProfile.${path}`),
    "name",
    "vmSize",
    ...FOR_GOOD,
  )(first(olds), first(news));
};

const noDowngrade: UpdateRule = (olds, news) =>
  Number(text(news["kubernetesVersion"]).split(".")[1]) < Number(text(olds["kubernetesVersion"]).split(".")[1])
    ? `OperationNotAllowed: Downgrading cluster from version ${olds["kubernetesVersion"]} to ${news["kubernetesVersion"]} is not allowed.`
    : undefined;

const wellNamed: Rule = ({ agentPoolName }) =>
  /^[a-z][a-z0-9]{0,11}$/.test(text(agentPoolName))
    ? undefined
    : `InvalidParameter: The value of parameter agentPoolProfile.name is invalid: '${agentPoolName}' must start with a lowercase letter, have max length of 12, and only have characters a-z0-9.`;

const spotIsMarked: Rule = ({ scaleSetPriority, nodeTaints, upgradeSettings }) => {
  if (scaleSetPriority !== "Spot") return undefined;
  if (at(upgradeSettings, "maxSurge") !== undefined) return "InvalidParameter: Spot pools can't set max surge.";
  return textsAt(nodeTaints, []).includes("kubernetes.azure.com/scalesetpriority=spot:NoSchedule")
    ? undefined
    : notAllowed("properties.nodeTaints");
};

const clusterIsFree: Rule = ({ resourceName, resourceGroupName }, view) =>
  isBusy(view, [CLUSTER], "resourceName", { resourceName, resourceGroupName })
    ? `OperationNotAllowed: Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation.`
    : undefined;

const cluster: Step = { of: "managedClusters", named: "resourceName", type: CLUSTER };

export const compute: Readonly<Record<string, Kind>> = {
  [CLUSTER]: inGroup(SERVICE, [cluster], {
    noun: "managed cluster",
    codes: codes({ quota: "ErrCode_InsufficientVCPUQuota" }),
    max: 63,
    quota: 100,
    // Its machines are in a group of its own, which goes with it.
    calledBy: ["nodeResourceGroup"],
    needs: [
      names("agentPoolProfiles.vnetSubnetID", SUBNET),
      names("identity.userAssignedIdentities", IDENTITY, "leaves"),
      names("identityProfile.kubeletidentity.resourceId", IDENTITY, "leaves"),
    ],
    refuses: {
      create: allOf(accessIsWhole, mayWork, hasWayOut),
      update: firstOf(noDowngrade, firstPoolStays),
    },
    replaceOn: [
      "location",
      "dnsPrefix",
      "fqdnSubdomain",
      "diskEncryptionSetID",
      "nodeResourceGroup",
      "networkProfile.networkPlugin",
      "networkProfile.networkPluginMode",
      "networkProfile.networkDataplane",
      "networkProfile.networkPolicy",
      "networkProfile.podCidr",
      "networkProfile.serviceCidr",
      "networkProfile.dnsServiceIP",
      "networkProfile.outboundType",
    ],
    outputs: ({ resourceName, resourceGroupName, dnsPrefix, location }, id, where) => ({
      fqdn: `${dnsPrefix}-${hash(id, 8)}.hcp.${location}.azmk8s.io`,
      currentKubernetesVersion: "1.36.2",
      nodeResourceGroup: `MC_${resourceGroupName}_${resourceName}_${location}`,
      oidcIssuerProfile: {
        enabled: true,
        issuerURL: `https://${where.region}.oic.prod-aks.azure.com/${hash(id, 32)}/`,
      },
      powerState: { code: "Running" },
      provisioningState: "Succeeded",
    }),
  }),
  [POOL]: inGroup(SERVICE, [cluster, { of: "agentPools", named: "agentPoolName" }], {
    noun: "agent pool",
    codes: codes({ quota: "ErrCode_InsufficientVCPUQuota" }),
    max: 12,
    needs: [names("vnetSubnetID", SUBNET)],
    refuses: {
      create: allOf(wellNamed, spotIsMarked, clusterIsFree),
      update: firstOf(
        fixed((path) => notAllowed(`properties.${path}`), ...FOR_GOOD),
        (_, news, view, id) => allOf(spotIsMarked, clusterIsFree)(news, view, id),
      ),
      delete: clusterIsFree,
    },
    replaceOn: ["vmSize", "gpuInstanceProfile"],
    outputs: () => ({ powerState: { code: "Running" }, provisioningState: "Succeeded" }),
  }),
  "azure-native:containerservice:MaintenanceConfiguration": inGroup(
    SERVICE,
    [cluster, { of: "maintenanceConfigurations", named: "configName" }],
    {
      noun: "maintenance configuration",
      max: 63,
      like: /^(default|aksManagedAutoUpgradeSchedule|aksManagedNodeOSUpgradeSchedule)$/,
    },
  ),
};

/** A kubeconfig as Azure gives it out: the only place in which it tells a cluster's address and CA. */
export function kubeconfigOf(
  inputs: Props,
  outputs: Props,
  real: { readonly endpoint: string; readonly ca: string } | undefined,
): string {
  const server = real?.endpoint ?? `https://${outputs["fqdn"]}:443`;
  const ca = real?.ca ?? Buffer.from(`CA of ${inputs["resourceName"]}`).toString("base64");
  return [
    "apiVersion: v1",
    "clusters:",
    "- cluster:",
    `    certificate-authority-data: ${ca}`,
    `    server: ${server}`,
    `  name: ${inputs["resourceName"]}`,
    "contexts: []",
    "kind: Config",
    "users: []",
    "",
  ].join("\n");
}

/** The name of a cluster of a group, as a read names it. */
export const clusterId = ({ resourceGroupName, resourceName }: Props): string =>
  `${groupId(resourceGroupName)}/providers/${SERVICE}/managedClusters/${resourceName}`;
