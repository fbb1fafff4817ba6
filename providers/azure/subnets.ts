import { getSubnetOutput } from "@pulumi/azure-native/network/getSubnet.js";
import type * as pulumi from "@pulumi/pulumi";
import { parseArmId } from "./arm-id.js";

/** A tier has one subnet here, in all zones; a network that exists may have several, of which the first is taken. */
export const firstOf = (subnets: pulumi.Output<string[]>, purpose: string): pulumi.Output<string> =>
  subnets.apply(([first]) => {
    if (first === undefined) throw new Error(`azure: the network has no subnet for ${purpose}`);
    return first;
  });

/** Reads a subnet by its ARM id. */
export function readSubnet(id: pulumi.Output<string>, opts: pulumi.InvokeOutputOptions) {
  const parts = id.apply((one) => parseArmId(one, "Microsoft.Network/virtualNetworks/subnets"));
  return getSubnetOutput(
    {
      resourceGroupName: parts.resourceGroup,
      virtualNetworkName: parts.names.apply(([network = ""]) => network),
      subnetName: parts.names.apply(([, subnet = ""]) => subnet),
    },
    opts,
  );
}
