import { Address } from "@pulumi/gcp/compute/address.js";
import { ForwardingRule } from "@pulumi/gcp/compute/forwardingRule.js";
import { ManagedZone } from "@pulumi/gcp/dns/managedZone.js";
import { RecordSet } from "@pulumi/gcp/dns/recordSet.js";
import type { DatabaseInstance } from "@pulumi/gcp/sql/databaseInstance.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import type { GcpGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface EndpointArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
  readonly network: Network;
  /** The database server that answers behind the endpoint. */
  readonly instance: DatabaseInstance;
}

/** Seconds that clients remember the address: it changes only when the endpoint is made anew. */
const TTL = 300;

/**
 * The one door to a database server: an address in the data subnet that leads to this server and nothing else (Private
 * Service Connect), and the server's own name for it, which is the name in its certificate. The name is known in this
 * network only. Gives the host, once it leads somewhere.
 *
 * Not a peering of the whole network: that one blocks the network's deletion for days after the last database is gone.
 * https://github.com/hashicorp/terraform-provider-google/issues/16275
 *
 * Costs 0.01 USD an hour, and 0.20 USD a month for the zone.
 */
export function createEndpoint(
  name: string,
  args: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const address = createAddress(name, args, opts);
  const rule = createForwardingRule(name, address, args, opts);
  const zone = createZone(name, args, opts);
  const record = createRecord(name, { zone, address, rule }, args, opts);
  return record.name.apply((host) => host.replace(/\.$/, ""));
}

function createAddress(
  name: string,
  { stack, ground, network }: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): Address {
  return new Address(
    name,
    {
      project: ground.project("compute"),
      region: stack.region,
      description: `Database ${name}`,
      addressType: "INTERNAL",
      subnetwork: network.subnets.data.apply(firstOf),
      labels: tagsFor(stack, name),
    },
    opts,
  );
}

/** Subnets are the region's here and not a zone's: one is as good as all. */
function firstOf([first]: readonly string[]): string {
  if (first === undefined) throw new Error("gcp: the network has no subnet for databases");
  return first;
}

function createForwardingRule(
  name: string,
  address: Address,
  { stack, ground, network, instance }: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): ForwardingRule {
  return new ForwardingRule(
    name,
    {
      project: ground.project("compute"),
      region: stack.region,
      description: `Database ${name}`,
      network: network.id,
      ipAddress: address.selfLink,
      target: instance.pscServiceAttachmentLink,
      // No load balancer: an endpoint of Private Service Connect says so with an empty text, nothing said means EXTERNAL.
      loadBalancingScheme: "",
      labels: tagsFor(stack, name),
    },
    // An endpoint leads to one server for ever, and its address has room for one endpoint.
    { ...opts, replaceOnChanges: ["target"], deleteBeforeReplace: true },
  );
}

/** One zone a server, of the server's whole name, so that no zone hides the names of other people's servers. */
function createZone(
  name: string,
  { stack, ground, network, instance }: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): ManagedZone {
  return new ManagedZone(
    name,
    {
      project: ground.project("dns"),
      description: `Database ${name}`,
      dnsName: instance.dnsName,
      visibility: "private",
      privateVisibilityConfig: { networks: [{ networkUrl: network.id }] },
      labels: tagsFor(stack, name),
    },
    opts,
  );
}

interface RecordParts {
  readonly zone: ManagedZone;
  readonly address: Address;
  readonly rule: ForwardingRule;
}

function createRecord(
  name: string,
  { zone, address, rule }: RecordParts,
  { ground, instance }: EndpointArgs,
  opts: pulumi.CustomResourceOptions,
): RecordSet {
  return new RecordSet(
    name,
    {
      project: ground.project("dns"),
      managedZone: zone.name,
      name: instance.dnsName,
      type: "A",
      ttl: TTL,
      rrdatas: [address.address],
    },
    // The address answers from the rule on, and the record does not name the rule.
    { ...opts, dependsOn: [rule] },
  );
}
