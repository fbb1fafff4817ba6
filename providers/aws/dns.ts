import { getHostedZoneIdOutput } from "@pulumi/aws/lb/getHostedZoneId.js";
import { getZoneOutput } from "@pulumi/aws/route53/getZone.js";
import { Record as Route53Record } from "@pulumi/aws/route53/record.js";
import { Zone as Route53Zone } from "@pulumi/aws/route53/zone.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Dns, DnsArgs } from "../contract.js";
import { References } from "../references.js";
import { tagsFor } from "./tags.js";

export interface AwsDnsArgs extends DnsArgs {
  readonly stack: Settings;
}

/**
 * A public Route 53 zone of the domain's name, to be delegated to by whoever holds the name above it; or the zone that
 * exists, of which nothing is changed here but the stack's own records; it is in the stack's account.
 *
 * Costs 0.50 USD a month; a record that leads to a load balancer costs nothing.
 */
export class AwsDns extends pulumi.ComponentResource implements Dns {
  public readonly domain: string;
  public readonly zone: pulumi.Output<string>;
  public readonly nameServers: pulumi.Output<string[]>;
  public readonly solver: Dns["solver"];
  private readonly region: string;

  constructor(name: string, args: AwsDnsArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Dns", name, {}, opts);
    const { settings, stack } = args;
    this.domain = settings.name;
    if (settings.mode === "managed") {
      const zone = createZone(name, settings.name, stack, { parent: this });
      this.zone = zone.zoneId;
      this.nameServers = zone.nameServers;
    } else {
      const id = new References(name, this, settings.fromStack).id(settings.zone, "domain.zone");
      // Read, so that a zone that is not there is said in the preview and not by the first record.
      this.zone = getZoneOutput({ zoneId: id }, { parent: this }).zoneId;
      this.nameServers = pulumi.output([]);
    }
    this.region = stack.region;
    // With the zone's id nothing needs to be looked up, which would take a permission on every zone.
    this.solver = { route53: { region: this.region, hostedZoneID: this.zone } };
    this.registerOutputs({ domain: this.domain, zone: this.zone, nameServers: this.nameServers });
  }

  /** A network load balancer is known by a name, which every region's are behind a zone of. */
  public point(
    name: string,
    host: string,
    address: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
  ): Route53Record {
    const balancers = getHostedZoneIdOutput({ loadBalancerType: "network", region: this.region }, { parent: this });
    return new Route53Record(
      name,
      {
        zoneId: this.zone,
        name: host,
        type: "A",
        // Whoever fails over by this record hears at once that nobody is behind it.
        aliases: [{ name: address, zoneId: balancers.id, evaluateTargetHealth: true }],
      },
      opts,
    );
  }
}

function createZone(name: string, domain: string, stack: Settings, opts: pulumi.CustomResourceOptions): Route53Zone {
  return new Route53Zone(
    name,
    {
      name: domain,
      comment: `Zone of ${stack.prefix}`,
      // Records that certificates and the gateway left behind would keep the zone.
      forceDestroy: !stack.deletionProtection,
      tags: tagsFor(stack, name),
    },
    // A new zone has other name servers, and the delegation to the old ones would lead nowhere.
    { ...opts, protect: stack.deletionProtection },
  );
}
