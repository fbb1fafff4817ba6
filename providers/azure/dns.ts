import { getZoneOutput } from "@pulumi/azure-native/dns/getZone.js";
import { Zone } from "@pulumi/azure-native/dns/zone.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Dns, DnsArgs } from "../contract.js";
import { References } from "../references.js";
import { parseArmId } from "./arm-id.js";
import type { AzureGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface AzureDnsArgs extends DnsArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/**
 * A public DNS zone of the domain's name, to be delegated to by whoever holds the name above it; or the zone that
 * exists, of which nothing is changed here. Azure deletes a zone with its records.
 *
 * Costs 0.50 USD a month.
 */
export class AzureDns extends pulumi.ComponentResource implements Dns {
  public readonly domain: string;
  /** ARM id of the zone. */
  public readonly zone: pulumi.Output<string>;
  public readonly nameServers: pulumi.Output<string[]>;

  constructor(name: string, args: AzureDnsArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Dns", name, {}, opts);
    const { settings } = args;
    this.domain = settings.name;
    if (settings.mode === "managed") {
      const zone = createZone(name, settings.name, args, { parent: this });
      this.zone = zone.id;
      this.nameServers = zone.nameServers;
    } else {
      const id = new References(name, this, settings.fromStack).id(settings.zone, "domain.zone");
      this.zone = findZone(id, { parent: this });
      this.nameServers = pulumi.output([]);
    }
    this.registerOutputs({ domain: this.domain, zone: this.zone, nameServers: this.nameServers });
  }
}

/** Read, so that a zone that is not there is said in the preview and not by the first record. */
function findZone(id: pulumi.Output<string>, opts: pulumi.InvokeOutputOptions): pulumi.Output<string> {
  const { resourceGroupName, zoneName } = id.apply((armId) => {
    const { resourceGroup, names } = parseArmId(armId, "Microsoft.Network/dnszones");
    return { resourceGroupName: resourceGroup, zoneName: names[0] ?? "" };
  });
  return getZoneOutput({ resourceGroupName, zoneName }, opts).id;
}

function createZone(
  name: string,
  domain: string,
  { stack, ground }: AzureDnsArgs,
  opts: pulumi.CustomResourceOptions,
): Zone {
  return new Zone(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      zoneName: domain,
      zoneType: "Public",
      // Zones are everywhere, and say so.
      location: "Global",
      tags: tagsFor(stack, name),
    },
    // A new zone has other name servers, and the delegation to the old ones would lead nowhere.
    { ...opts, protect: stack.deletionProtection },
  );
}
