import { getZoneOutput } from "@pulumi/azure-native/dns/getZone.js";
import { RecordSet } from "@pulumi/azure-native/dns/recordSet.js";
import { Zone } from "@pulumi/azure-native/dns/zone.js";
import { Provider } from "@pulumi/azure-native/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { Ref } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Dns, DnsArgs } from "../contract.js";
import { References } from "../references.js";
import { parseArmId } from "./arm-id.js";
import { type AzureGround, subscriptionOf } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface AzureDnsArgs extends DnsArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

const ZONE = "Microsoft.Network/dnszones";
/** Of a record: how long after a change some still go where it led before. */
const SECONDS = 300;

/** Where a zone is, in the words of Azure's API. */
interface Place {
  readonly subscription: pulumi.Input<string>;
  readonly resourceGroup: pulumi.Input<string>;
  /** The domain's own, or of one above it. */
  readonly zoneName: pulumi.Input<string>;
}

/**
 * A public DNS zone of the domain's name, to be delegated to by whoever holds the name above it; or the zone that
 * exists, of which nothing is changed here but the stack's own records. Azure deletes a zone with its records.
 *
 * Costs 0.50 USD a month.
 */
export class AzureDns extends pulumi.ComponentResource implements Dns {
  public readonly domain: string;
  /** ARM id of the zone. */
  public readonly zone: pulumi.Output<string>;
  public readonly nameServers: pulumi.Output<string[]>;
  public readonly solver: Dns["solver"];
  private readonly place: Place;
  /** Of the subscription that a zone is in, where that is not the stack's. */
  private readonly reach: { readonly provider?: Provider };

  constructor(name: string, args: AzureDnsArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Dns", name, {}, opts);
    const { settings, stack, ground } = args;
    this.domain = settings.name;
    if (settings.mode === "managed") {
      const zone = createZone(name, settings.name, args, { parent: this });
      this.zone = zone.id;
      this.nameServers = zone.nameServers;
      this.place = {
        subscription: ground.subscription,
        resourceGroup: ground.resourceGroup,
        // Through the zone, so that records wait for it; by what every preview knows of it.
        zoneName: zone.urn.apply(() => settings.name),
      };
      this.reach = {};
    } else {
      this.reach = reachOf(name, settings.zone, stack, { parent: this });
      const id = new References(name, this, settings.fromStack).id(settings.zone, "domain.zone");
      this.place = placeOf(this.reach.provider === undefined ? id.apply((one) => near(one, stack)) : id);
      this.zone = findZone(this.place, { parent: this, ...this.reach });
      this.nameServers = pulumi.output([]);
    }
    this.solver = solverOf(this.place);
    this.registerOutputs({ domain: this.domain, zone: this.zone, nameServers: this.nameServers });
  }

  public point(
    name: string,
    host: string,
    address: pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions,
  ): RecordSet {
    const { resourceGroup, zoneName } = this.place;
    return new RecordSet(
      name,
      {
        resourceGroupName: resourceGroup,
        zoneName,
        relativeRecordSetName: pulumi.output(zoneName).apply((zone) => relativeName(host, zone)),
        recordType: "A",
        ttl: SECONDS,
        aRecords: [{ ipv4Address: address }],
      },
      { ...opts, ...this.reach },
    );
  }
}

/** Zones are kept apart from what uses them as a rule, and a provider reaches one subscription only. */
function reachOf(
  name: string,
  said: Ref | undefined,
  stack: Settings,
  opts: pulumi.ResourceOptions,
): { readonly provider?: Provider } {
  if (typeof said !== "string") return {};
  const { subscription } = parseArmId(said, ZONE);
  if (isStacks(subscription, stack)) return {};
  return { provider: new Provider(`${name}-zone`, { subscriptionId: subscription }, opts) };
}

const isStacks = (subscription: string, stack: Settings): boolean =>
  subscription.toLowerCase() === subscriptionOf(stack).toLowerCase();

/** What another stack says is known too late for a provider of its own. */
function near(id: string, stack: Settings): string {
  if (isStacks(parseArmId(id, ZONE).subscription, stack)) return id;
  throw new Error(
    `agent-platform:domain.fromStack: its zone is ${id}; expected one in subscription ${subscriptionOf(stack)}, or its id said: pulumi config set --path agent-platform:domain.zone ${id}`,
  );
}

function placeOf(id: pulumi.Output<string>): Place {
  const parts = id.apply((one) => parseArmId(one, ZONE));
  return {
    subscription: parts.subscription,
    resourceGroup: parts.resourceGroup,
    zoneName: parts.names.apply(([zone = ""]) => zone),
  };
}

/** Read, so that a zone that is not there is said in the preview and not by the first record. */
const findZone = ({ resourceGroup, zoneName }: Place, opts: pulumi.InvokeOutputOptions): pulumi.Output<string> =>
  getZoneOutput({ resourceGroupName: resourceGroup, zoneName }, opts).id;

/** Whose pods they are stands in their environment, by the label and the annotation of their identity. */
const solverOf = ({ subscription, resourceGroup, zoneName }: Place): Dns["solver"] => ({
  azureDNS: {
    subscriptionID: subscription,
    resourceGroupName: resourceGroup,
    hostedZoneName: zoneName,
    environment: "AzurePublicCloud",
  },
});

/** `app.example.com` in `example.com` -> `app`; the zone's own name is `@`. */
function relativeName(host: string, zone: string): string {
  if (host.toLowerCase() === zone.toLowerCase()) return "@";
  const end = `.${zone.toLowerCase()}`;
  if (!host.toLowerCase().endsWith(end)) throw new Error(`azure: ${host} is not in the zone ${zone}`);
  return host.slice(0, -end.length);
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
