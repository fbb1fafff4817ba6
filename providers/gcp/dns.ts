import { getManagedZoneOutput } from "@pulumi/gcp/dns/getManagedZone.js";
import { ManagedZone } from "@pulumi/gcp/dns/managedZone.js";
import { RecordSet } from "@pulumi/gcp/dns/recordSet.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Dns, DnsArgs } from "../contract.js";
import { References } from "../references.js";
import type { GcpGround } from "./ground.js";
import { tagsFor } from "./tags.js";

/** Of a record: how long after a change some still go where it led before. */
const SECONDS = 300;

export interface GcpDnsArgs extends DnsArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

/**
 * A public Cloud DNS zone of the domain's name, to be delegated to by whoever holds the name above it; or the zone that
 * exists, of which nothing is changed here but the stack's own records; it is in the stack's project.
 *
 * Costs 0.20 USD a month.
 */
export class GcpDns extends pulumi.ComponentResource implements Dns {
  public readonly domain: string;
  public readonly zone: pulumi.Output<string>;
  public readonly nameServers: pulumi.Output<string[]>;
  public readonly solver: Dns["solver"];
  private readonly ground: GcpGround;

  constructor(name: string, args: GcpDnsArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Dns", name, {}, opts);
    const { settings, ground } = args;
    this.domain = settings.name;
    if (settings.mode === "managed") {
      const zone = createZone(name, settings.name, args, { parent: this });
      this.zone = zone.name;
      this.nameServers = zone.nameServers;
    } else {
      const id = new References(name, this, settings.fromStack).id(settings.zone, "domain.zone");
      // Read, so that a zone that is not there is said in the preview and not by the first record.
      this.zone = getManagedZoneOutput({ name: id, project: ground.project("dns") }, { parent: this }).name;
      this.nameServers = pulumi.output([]);
    }
    this.ground = ground;
    // With the zone's name nothing needs to be looked up, which would take a permission on every zone.
    this.solver = { cloudDNS: { project: ground.id, hostedZoneName: this.zone } };
    this.registerOutputs({ domain: this.domain, zone: this.zone, nameServers: this.nameServers });
  }

  public point(
    name: string,
    host: string,
    address: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
  ): RecordSet {
    return new RecordSet(
      name,
      {
        project: this.ground.project("dns"),
        managedZone: this.zone,
        name: `${host}.`,
        type: "A",
        ttl: SECONDS,
        rrdatas: [address],
      },
      opts,
    );
  }
}

function createZone(
  name: string,
  domain: string,
  { stack, ground }: GcpDnsArgs,
  opts: pulumi.CustomResourceOptions,
): ManagedZone {
  return new ManagedZone(
    name,
    {
      project: ground.project("dns"),
      dnsName: `${domain}.`,
      description: `Zone of ${stack.prefix}`,
      visibility: "public",
      // Records that certificates and the gateway left behind would keep the zone.
      forceDestroy: !stack.deletionProtection,
      labels: tagsFor(stack, name),
    },
    // A new zone has other name servers, and the delegation to the old ones would lead nowhere.
    { ...opts, protect: stack.deletionProtection },
  );
}
