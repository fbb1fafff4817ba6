import { PrivateDnsZoneGroup } from "@pulumi/azure-native/network/privateDnsZoneGroup.js";
import { PrivateEndpoint } from "@pulumi/azure-native/network/privateEndpoint.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import type { AzureGround, PrivateService } from "./ground.js";
import { firstOf } from "./subnets.js";
import { tagsFor } from "./tags.js";

export interface EndpointArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
  readonly network: Network;
  readonly service: PrivateService;
  /** The ARM id of what it leads to. */
  readonly resource: pulumi.Input<string>;
}

/** What each service calls the part of it that is reached. */
const groups: Readonly<Record<PrivateService, string>> = {
  bucket: "blob",
  cache: "redisEnterprise",
  registry: "registry",
  secretStore: "vault",
};

/**
 * An address inside the network for a service of Azure, and the name by which it is found there: the service's public
 * name, which leads here from inside. Whoever needs the name to work depends on what is returned.
 *
 * Costs about 7 USD a month and 0.01 USD a GiB.
 */
export function createEndpoint(
  name: string,
  { stack, ground, network, service, resource }: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): PrivateDnsZoneGroup {
  const endpoint = new PrivateEndpoint(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      subnet: { id: firstOf(network.subnets.private, "an endpoint") },
      privateLinkServiceConnections: [{ name, privateLinkServiceId: resource, groupIds: [groups[service]] }],
      tags: tagsFor(stack, name),
    },
    { ...opts, customTimeouts: { create: "20m", delete: "20m" } },
  );
  return new PrivateDnsZoneGroup(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      privateEndpointName: endpoint.name,
      privateDnsZoneConfigs: [{ name: service, privateDnsZoneId: ground.zone(service).id }],
    },
    opts,
  );
}
