import type { ServerArgs } from "@pulumi/azure-native/dbforpostgresql/server.js";
import { PrivateZone } from "@pulumi/azure-native/privatedns/privateZone.js";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import type { AzureGround } from "./ground.js";
import { firstOf } from "./subnets.js";
import { tagsFor } from "./tags.js";

interface DoorArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
  readonly network: Network;
}

/** Where the servers of a database stand and are found. */
export interface Door {
  readonly network: NonNullable<ServerArgs["network"]>;
  /** Before a server, so that its name is found from the moment when it is there. */
  readonly link: VirtualNetworkLink;
}

/**
 * The subnet that databases have to themselves, and a zone for the names in it. Azure wants the zone's ending, and no
 * server of its name. It has no lock, whatever is protected: the service changes its records when a standby takes over.
 * https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private
 */
export function createDoor(
  name: string,
  { stack, ground, network }: DoorArgs,
  opts: pulumi.CustomResourceOptions,
): Door {
  const zone = new PrivateZone(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      // Zones are everywhere, and say so.
      location: "Global",
      privateZoneName: `${name}.private.postgres.database.azure.com`,
      tags: tagsFor(stack, name),
    },
    opts,
  );
  const link = new VirtualNetworkLink(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: "Global",
      privateZoneName: zone.name,
      virtualNetwork: { id: network.id },
      registrationEnabled: false,
      tags: tagsFor(stack, name),
    },
    opts,
  );
  return {
    network: {
      delegatedSubnetResourceId: firstOf(network.subnets.data, "a database"),
      privateDnsZoneArmResourceId: zone.id,
    },
    link,
  };
}
