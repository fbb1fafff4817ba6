import type { Props } from "../../serve.js";
import { at, type Kind, type Rule, text, textsAt, type UpdateRule } from "../kind.js";
import { allOf, firstOf, fixed, inGroup, isBusy, names, oneByOne, type Step } from "./arm.js";
import { codes, hash } from "./words.js";

const NETWORK = "Microsoft.Network";

export const VNET = "azure-native:network:VirtualNetwork";
export const SUBNET = "azure-native:network:Subnet";
const RULES = "azure-native:network:NetworkSecurityGroup";
const RULE = "azure-native:network:SecurityRule";
const ADDRESS = "azure-native:network:PublicIPAddress";
const NAT = "azure-native:network:NatGateway";
export const ENDPOINT = "azure-native:network:PrivateEndpoint";
const ZONE = "azure-native:privatedns:PrivateZone";
export const LINK = "azure-native:privatedns:VirtualNetworkLink";

const vnet: Step = { of: "virtualNetworks", named: "virtualNetworkName", type: VNET };
const group: Step = { of: "networkSecurityGroups", named: "networkSecurityGroupName", type: RULES };
const zone: Step = { of: "privateDnsZones", named: "privateZoneName", type: ZONE };
const endpoint: Step = { of: "privateEndpoints", named: "privateEndpointName", type: ENDPOINT };

const inProgress = (): string =>
  "AnotherOperationInProgress: Another operation on this or dependent resource is in progress. To retrieve status of the operation use uri: https://management.azure.com/...";

const oneSubnetAtATime = oneByOne([SUBNET], "virtualNetworkName", inProgress);
const oneRuleAtATime = oneByOne([RULE], "networkSecurityGroupName", inProgress);

const noRangeTwice: Rule = (inputs, view) =>
  view
    .all(SUBNET)
    .some((one) =>
      ["resourceGroupName", "virtualNetworkName", "addressPrefix"].every((key) => one.inputs[key] === inputs[key]),
    )
    ? `NetcfgSubnetRangesOverlap: Subnet '${inputs["subnetName"]}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${inputs["virtualNetworkName"]}'.`
    : undefined;

/** Where something stands in a subnet, its range and whom it is for stay as they are. */
const stays: UpdateRule = (olds, news, view, id) => {
  const used =
    view.all(ENDPOINT).some(({ inputs }) => at(inputs, "subnet.id") === id) ||
    view
      .all("azure-native:dbforpostgresql:Server")
      .some(({ inputs }) => at(inputs, "network.delegatedSubnetResourceId") === id) ||
    view
      .all("azure-native:containerservice:ManagedCluster")
      .some(({ inputs }) => textsAt(inputs, ["agentPoolProfiles", "vnetSubnetID"]).includes(id));
  if (!used) return undefined;
  return firstOf(
    fixed(
      () =>
        `InUsePrefixCannotBeDeleted: IpPrefix ${olds["addressPrefix"]} on Subnet ${olds["subnetName"]} has active allocations and cannot be deleted.`,
      "addressPrefix",
    ),
    fixed(
      () => `SubnetMissingRequiredDelegation: Subnet ${id} is in use and its delegations cannot be changed.`,
      "delegations",
    ),
  )(olds, news, view, id);
};

const outwardOnce = fixed(
  () => "SubnetDefaultOutboundAccessCannotBeChanged: DefaultOutboundAccess can only be set when a subnet is created.",
  "defaultOutboundAccess",
);

const noPriorityTwice: Rule = (inputs, view, id) => {
  const other = view
    .all(RULE)
    .find(
      (one) =>
        one.id !== id &&
        ["resourceGroupName", "networkSecurityGroupName", "priority", "direction"].every(
          (key) => one.inputs[key] === inputs[key],
        ),
    );
  return other === undefined
    ? undefined
    : `SecurityRuleConflict: Security rule ${inputs["securityRuleName"]} conflicts with rule ${other.inputs["securityRuleName"]}. Rules cannot have the same Priority and Direction.`;
};

/** A gateway of a zone takes addresses of that zone or of all, and only Standard ones. */
const addressesFit: Rule = ({ publicIpAddresses }, view) => {
  const wrong = textsAt(publicIpAddresses, ["id"]).find(
    (id) => at(view.find(ADDRESS, id)?.inputs, "sku.name") !== "Standard",
  );
  return wrong === undefined
    ? undefined
    : `NatGatewayPublicIpAddressSkuNotSupported: NAT gateway cannot use the public IP address ${wrong}: its sku is not Standard.`;
};

/** What can be reached by an endpoint, and as what. */
const reachable: Readonly<Record<string, string>> = {
  "azure-native:storage:StorageAccount": "blob",
  "azure-native:keyvault:Vault": "vault",
  "azure-native:redisenterprise:RedisEnterprise": "redisEnterprise",
  "azure-native:containerregistry:Registry": "registry",
};

const leadsSomewhere: Rule = ({ privateLinkServiceConnections }, view) => {
  for (const target of textsAt(privateLinkServiceConnections, ["privateLinkServiceId"])) {
    const [type, found] = Object.keys(reachable)
      .map((one) => [one, view.find(one, target)] as const)
      .find(([, thing]) => thing !== undefined) ?? ["", undefined];
    if (found?.ready !== true) return `LinkedResourceNotFound: The private link service ${target} was not found.`;
    const groups = textsAt(privateLinkServiceConnections, ["groupIds"]);
    if (groups.some((one) => one !== reachable[type]))
      return `CannotPrivateLinkToGroup: ${target} has no group ${groups.join(", ")}.`;
    if (type.endsWith(":Registry") && at(found.inputs, "sku.name") !== "Premium")
      return `PrivateEndpointsNotSupported: Private endpoints of ${target} need the Premium SKU.`;
  }
  return undefined;
};

/** An account is changed by one at a time, and an endpoint changes it too. */
export const accountIsBusy = (account: string): string =>
  `StorageAccountOperationInProgress: Call to Microsoft.Storage/storageAccounts failed. Error message: An operation is currently performing on this storage account that requires exclusive access. (${account})`;

const IN_ACCOUNTS = ["azure-native:storage:BlobServiceProperties", "azure-native:storage:ManagementPolicy"];

const accountIsFree: Rule = ({ privateLinkServiceConnections, resourceGroupName }, view, id) => {
  for (const target of textsAt(privateLinkServiceConnections, ["privateLinkServiceId"])) {
    const account = view.find("azure-native:storage:StorageAccount", target)?.inputs["accountName"];
    if (account === undefined) continue;
    const others = view
      .busy(ENDPOINT)
      .some(
        (one) =>
          one.id !== id &&
          textsAt(one.inputs, ["privateLinkServiceConnections", "privateLinkServiceId"]).includes(target),
      );
    if (others || isBusy(view, IN_ACCOUNTS, "accountName", { accountName: account, resourceGroupName }))
      return accountIsBusy(text(account));
  }
  return undefined;
};

/** By a name from inside, one zone is asked. */
const noZoneTwice: Rule = (inputs, view) => {
  const network = at(inputs, "virtualNetwork.id");
  return view
    .all(LINK)
    .some(
      (one) =>
        at(one.inputs, "virtualNetwork.id") === network && one.inputs["privateZoneName"] === inputs["privateZoneName"],
    )
    ? "Conflict: A virtual network cannot be linked to multiple zones with overlapping namespaces."
    : undefined;
};

export const network: Readonly<Record<string, Kind>> = {
  [VNET]: inGroup(NETWORK, [vnet], {
    noun: "virtual network",
    max: 64,
    quota: 1000,
    replaceOn: ["location"],
    outputs: ({ subnets }) => ({ provisioningState: "Succeeded", ...(subnets === undefined ? { subnets: [] } : {}) }),
  }),
  [SUBNET]: inGroup(NETWORK, [vnet, { of: "subnets", named: "subnetName", type: SUBNET }], {
    noun: "subnet",
    codes: codes({ inUse: "InUseSubnetCannotBeDeleted" }),
    max: 80,
    needs: [names("networkSecurityGroup.id", RULES), names("natGateway.id", NAT)],
    refuses: {
      create: allOf(noRangeTwice, oneSubnetAtATime.create),
      update: firstOf(outwardOnce, stays, oneSubnetAtATime.update),
      delete: oneSubnetAtATime.delete,
    },
  }),
  [RULES]: inGroup(NETWORK, [group], {
    noun: "network security group",
    codes: codes({ inUse: "InUseNetworkSecurityGroupCannotBeDeleted" }),
    max: 80,
    replaceOn: ["location"],
  }),
  [RULE]: inGroup(NETWORK, [group, { of: "securityRules", named: "securityRuleName" }], {
    noun: "security rule",
    max: 80,
    refuses: {
      create: allOf(noPriorityTwice, oneRuleAtATime.create),
      update: firstOf((_, news, view, id) => noPriorityTwice(news, view, id), oneRuleAtATime.update),
      delete: oneRuleAtATime.delete,
    },
  }),
  [ADDRESS]: inGroup(NETWORK, [{ of: "publicIPAddresses", named: "publicIpAddressName" }], {
    noun: "public IP address",
    codes: codes({ inUse: "PublicIPAddressCannotBeDeleted", quota: "PublicIPCountLimitReached" }),
    max: 80,
    quota: 20,
    replaceOn: ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
    outputs: (_, id) => ({
      ipAddress: `198.51.100.${Number.parseInt(hash(id, 2), 16)}`,
      provisioningState: "Succeeded",
    }),
  }),
  [NAT]: inGroup(NETWORK, [{ of: "natGateways", named: "natGatewayName" }], {
    noun: "NAT gateway",
    codes: codes({ inUse: "InUseNatGatewayCannotBeDeleted", quota: "NatGatewayCountLimitReached" }),
    max: 80,
    needs: [names("publicIpAddresses.id", ADDRESS)],
    refuses: {
      create: addressesFit,
      update: fixed(
        () => "ResourceAvailabilityZonesCannotBeModified: Zones of a NAT gateway cannot be changed.",
        "zones",
      ),
    },
    replaceOn: ["location"],
  }),
  [ENDPOINT]: inGroup(NETWORK, [endpoint], {
    noun: "private endpoint",
    max: 80,
    needs: [names("subnet.id", SUBNET)],
    refuses: {
      create: allOf(leadsSomewhere, accountIsFree),
      update: fixed(
        (path) => `PrivateEndpointCannotBeUpdated: ${path} of a private endpoint cannot be changed.`,
        "privateLinkServiceConnections",
      ),
    },
    replaceOn: ["location", "subnet"],
    outputs: (inputs) => ({
      provisioningState: "Succeeded",
      customDnsConfigs: [],
      networkInterfaces: [{ id: `${inputs["privateEndpointName"]}.nic` }],
    }),
  }),
  "azure-native:network:PrivateDnsZoneGroup": inGroup(
    NETWORK,
    [endpoint, { of: "privateDnsZoneGroups", named: "privateDnsZoneGroupName" }],
    {
      noun: "private DNS zone group",
      max: 80,
      needs: [names("privateDnsZoneConfigs.privateDnsZoneId", ZONE, "leaves")],
    },
  ),
  [ZONE]: inGroup(NETWORK, [zone], {
    noun: "private DNS zone",
    max: 63 * 4,
    given: true,
    replaceOn: ["location"],
  }),
  [LINK]: inGroup(NETWORK, [zone, { of: "virtualNetworkLinks", named: "virtualNetworkLinkName" }], {
    noun: "link of a private DNS zone",
    max: 80,
    // A zone does not go before its links.
    holds: true,
    needs: [names("virtualNetwork.id", VNET, "leaves")],
    refuses: { create: noZoneTwice },
    replaceOn: ["location", "virtualNetwork"],
    outputs: () => ({ virtualNetworkLinkState: "Completed" }),
  }),
  "azure-native:dns:Zone": inGroup(NETWORK, [{ of: "dnsZones", named: "zoneName" }], {
    noun: "DNS zone",
    max: 63 * 4,
    given: true,
    replaceOn: ["location", "zoneType"],
    outputs: (_, id) => ({
      nameServers: [1, 2, 3, 4].map((server) => `ns${server}-${hash(id, 2)}.azure-dns.example.`),
    }),
  }),
};

/** Whether a network finds names of a zone. */
export const isLinked = (
  zoneId: string,
  links: readonly { readonly inputs: Props; readonly id: string; readonly ready: boolean }[],
  vnetId: string,
): boolean =>
  links.some(
    ({ id, inputs, ready }) =>
      ready && id.startsWith(`${zoneId}/virtualNetworkLinks/`) && at(inputs, "virtualNetwork.id") === vnetId,
  );
