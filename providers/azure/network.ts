import { getVirtualNetworkOutput } from "@pulumi/azure-native/network/getVirtualNetwork.js";
import { NatGateway } from "@pulumi/azure-native/network/natGateway.js";
import { NetworkSecurityGroup } from "@pulumi/azure-native/network/networkSecurityGroup.js";
import { PublicIPAddress } from "@pulumi/azure-native/network/publicIPAddress.js";
import { SecurityRule } from "@pulumi/azure-native/network/securityRule.js";
import { Subnet, type SubnetArgs } from "@pulumi/azure-native/network/subnet.js";
import { VirtualNetwork } from "@pulumi/azure-native/network/virtualNetwork.js";
import { VirtualNetworkLink } from "@pulumi/azure-native/privatedns/virtualNetworkLink.js";
import * as pulumi from "@pulumi/pulumi";
import { subnetPlan, type Tier } from "../../config/cidr.js";
import type { InMode, NetworkSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import { References } from "../references.js";
import { refuse } from "../support.js";
import { parseArmId } from "./arm-id.js";
import { type AzureGround, privateDomains } from "./ground.js";
import { firstOf, readSubnet } from "./subnets.js";
import { tagsFor } from "./tags.js";

export interface AzureNetworkArgs {
  /** What the stack says about its network; `mode` decides whether anything is made. */
  readonly settings: NetworkSettings;
  readonly stack: Settings;
  readonly ground: AzureGround;
}

type Managed = InMode<NetworkSettings, "managed">;
type Existing = InMode<NetworkSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** A network as the contract has it, and the addresses by which its private subnet goes out, where they are its own. */
interface Made extends Network {
  readonly egress: readonly pulumi.Output<string>[];
}

/**
 * A virtual network with two subnets, each over all zones as Azure's are: private for nodes and private endpoints, data
 * for the databases, which nobody but the nodes reaches and which has no way to the internet. Or one that exists, only
 * read; it has to be in the stack's subscription. Either is linked to the private domains by which the stack's services
 * are found: a network can have one domain of a name, so one that exists must not have them yet.
 *
 * A NAT gateway costs about 35 USD a month and 0.045 USD a GiB, and stands in one zone: development and staging have
 * it. In production nodes go out by the cluster's own load balancer, which survives a zone.
 *
 * The rules of the data subnet are resources of their own, so that those that others add stay: a standby in another
 * region needs a peered network and a rule for its range.
 */
export class AzureNetwork extends pulumi.ComponentResource implements Network {
  public readonly id: pulumi.Output<string>;
  public readonly subnets: Readonly<Record<Tier, pulumi.Output<string[]>>>;
  public readonly clientCidrs: readonly pulumi.Output<string>[];
  public readonly dataCidrs: pulumi.Output<string[]>;
  /** Public addresses of the NAT gateway; empty where there is none, or where it is somebody else's. */
  public readonly egress: readonly pulumi.Output<string>[];

  constructor(name: string, { settings, stack, ground }: AzureNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Network", name, {}, opts);
    const network = networkFor(name, settings, stack, ground, { parent: this });
    // They are the ground's: a network that exists is only read.
    linkZones(name, network.id, ground, stack, { parent: ground });
    this.id = network.id;
    this.subnets = network.subnets;
    this.clientCidrs = network.clientCidrs;
    this.dataCidrs = network.dataCidrs;
    this.egress = network.egress;
    this.registerOutputs({ id: this.id, subnets: this.subnets, dataCidrs: this.dataCidrs });
  }
}

function networkFor(
  name: string,
  settings: NetworkSettings,
  stack: Settings,
  ground: AzureGround,
  opts: Options,
): Made {
  if (settings.mode === "managed") return createNetwork(name, settings, stack, ground, opts);
  if (settings.mode === "existing") return readNetwork(name, settings, opts);
  return refuse("azure", "network.none");
}

function createNetwork(name: string, settings: Managed, stack: Settings, ground: AzureGround, opts: Options): Made {
  const cidrs = cidrsOf(settings, stack);
  const network = createVirtualNetwork(name, settings, stack, ground, opts);
  const address = settings.nat === "single" ? createAddress(name, stack, ground, opts) : undefined;
  const gateway = address === undefined ? undefined : createNatGateway(name, address, stack, ground, opts);
  const nodes = createGroup(`${name}-private`, nodeRules, stack, ground, opts);
  const servers = createGroup(`${name}-data`, dataRules(cidrs), stack, ground, opts);
  const privateSubnet = createSubnet(
    `${name}-private`,
    {
      ...inside(network, ground, nodes),
      addressPrefix: cidrs.private,
      ...(gateway === undefined ? {} : { natGateway: { id: gateway.id } }),
      // By default a private endpoint is out of reach of every rule.
      privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
    },
    nodes.rules,
    opts,
  );
  const dataSubnet = createSubnet(
    `${name}-data`,
    {
      ...inside(network, ground, servers),
      addressPrefix: cidrs.data,
      delegations: [{ name: "postgres", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
      // Servers archive their logs there. The service would set it by itself, and an update would take it away again.
      serviceEndpoints: [{ service: "Microsoft.Storage" }],
    },
    // A network takes one change at a time.
    [...servers.rules, privateSubnet],
    opts,
  );
  return {
    id: network.id,
    subnets: {
      public: pulumi.output<string[]>([]),
      private: pulumi.all([privateSubnet.id]),
      data: pulumi.all([dataSubnet.id]),
    },
    // Pods are seen under the addresses of their nodes.
    clientCidrs: [pulumi.output(cidrs.private)],
    // Databases answer in the data subnet, everything behind a private endpoint in the private one.
    dataCidrs: pulumi.output([cidrs.private, cidrs.data]),
    egress: address === undefined ? [] : [knownAddress(name, address)],
  };
}

interface Cidrs {
  readonly private: string;
  readonly data: string;
}

/** A subnet is over all zones here: of the address plan each tier takes the first zone's range. */
function cidrsOf({ cidr }: Managed, { zones }: Settings): Cidrs {
  const plan = subnetPlan(cidr, zones.length);
  const [nodes] = plan.private;
  const [data] = plan.data;
  if (nodes === undefined || data === undefined) throw new Error(`azure: the address plan of ${cidr} has no subnets`);
  return { private: nodes, data };
}

function createVirtualNetwork(
  name: string,
  { cidr }: Managed,
  stack: Settings,
  ground: AzureGround,
  opts: Options,
): VirtualNetwork {
  return new VirtualNetwork(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      addressSpace: { addressPrefixes: [cidr] },
      tags: tagsFor(stack, name),
    },
    // They are resources of their own.
    { ...opts, ignoreChanges: ["subnets"] },
  );
}

function createAddress(name: string, stack: Settings, ground: AzureGround, opts: Options): PublicIPAddress {
  return new PublicIPAddress(
    `${name}-nat`,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      sku: { name: "Standard" },
      publicIPAllocationMethod: "Static",
      zones: stack.zones.slice(0, 1),
      tags: tagsFor(stack, `${name}-nat`),
    },
    opts,
  );
}

function createNatGateway(
  name: string,
  address: PublicIPAddress,
  stack: Settings,
  ground: AzureGround,
  opts: Options,
): NatGateway {
  return new NatGateway(
    `${name}-nat`,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      sku: { name: "Standard" },
      publicIpAddresses: [{ id: address.id }],
      // Models are silent for longer than the four minutes after which it would drop a connection.
      idleTimeoutInMinutes: 30,
      zones: stack.zones.slice(0, 1),
      tags: tagsFor(stack, `${name}-nat`),
    },
    opts,
  );
}

/** A static address has its number from the beginning. */
const knownAddress = (name: string, { ipAddress }: PublicIPAddress): pulumi.Output<string> =>
  ipAddress.apply((address) => {
    if (address === undefined) throw new Error(`azure: the address of ${name}-nat has no number`);
    return address;
  });

interface Rule {
  readonly name: string;
  readonly direction: "Inbound" | "Outbound";
  readonly access: "Allow" | "Deny";
  readonly priority: number;
  readonly source: string;
  readonly destination: string;
  readonly protocol: "Tcp" | "*";
  readonly ports: readonly string[];
  readonly why: string;
}

/** Next to Azure's own: whatever is in the network may, the load balancer may, nobody else comes in. */
const nodeRules: readonly Rule[] = [
  {
    name: "gateway",
    direction: "Inbound",
    access: "Allow",
    priority: 100,
    source: "Internet",
    destination: "*",
    protocol: "Tcp",
    ports: ["80", "443"],
    // Nodes have no public addresses: what comes from outside has come by a load balancer.
    why: "The gateway's load balancer passes connections on with their callers' addresses",
  },
];

const LAST = 4096;

/**
 * What a flexible server needs: https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private
 * Answers to what was let in need no rule.
 */
const dataRules = (cidrs: Cidrs): readonly Rule[] => [
  {
    name: "clients",
    direction: "Inbound",
    access: "Allow",
    priority: 100,
    source: cidrs.private,
    destination: cidrs.data,
    protocol: "Tcp",
    ports: ["5432"],
    why: "PostgreSQL from nodes and pods",
  },
  {
    name: "standby",
    direction: "Inbound",
    access: "Allow",
    priority: 110,
    source: cidrs.data,
    destination: cidrs.data,
    protocol: "*",
    ports: ["*"],
    why: "A server and its standby",
  },
  {
    name: "nobody-else",
    direction: "Inbound",
    access: "Deny",
    priority: LAST,
    source: "*",
    destination: "*",
    protocol: "*",
    ports: ["*"],
    why: "Without it the whole network would be let in",
  },
  {
    name: "storage",
    direction: "Outbound",
    access: "Allow",
    priority: 100,
    source: "*",
    destination: "Storage",
    protocol: "Tcp",
    ports: ["443"],
    why: "Backups and logs",
  },
  {
    name: "no-internet",
    direction: "Outbound",
    access: "Deny",
    priority: LAST,
    source: "*",
    destination: "Internet",
    protocol: "*",
    ports: ["*"],
    why: "Data has no way out",
  },
];

interface Group {
  readonly group: NetworkSecurityGroup;
  /** A subnet waits for them: nothing stands in it before they hold. */
  readonly rules: readonly SecurityRule[];
}

function createGroup(name: string, rules: readonly Rule[], stack: Settings, ground: AzureGround, opts: Options): Group {
  const group = new NetworkSecurityGroup(
    name,
    { resourceGroupName: ground.resourceGroup, location: ground.location, tags: tagsFor(stack, name) },
    // They are resources of their own.
    { ...opts, ignoreChanges: ["securityRules"] },
  );
  const made: SecurityRule[] = [];
  for (const rule of rules) {
    // A group takes one change at a time.
    made.push(createRule(`${name}-${rule.name}`, rule, group, ground, { ...opts, dependsOn: made.slice(-1) }));
  }
  return { group, rules: made };
}

function createRule(
  name: string,
  { direction, access, priority, source, destination, protocol, ports, why }: Rule,
  group: NetworkSecurityGroup,
  ground: AzureGround,
  opts: Options,
): SecurityRule {
  return new SecurityRule(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      networkSecurityGroupName: group.name,
      description: why,
      direction,
      access,
      priority,
      protocol,
      sourceAddressPrefix: source,
      sourcePortRange: "*",
      destinationAddressPrefix: destination,
      destinationPortRanges: [...ports],
    },
    // No two rules of a group have the same priority, not even for the moment in which one takes another's place.
    { ...opts, deleteBeforeReplace: true },
  );
}

const inside = (network: VirtualNetwork, ground: AzureGround, { group }: Group) => ({
  resourceGroupName: ground.resourceGroup,
  virtualNetworkName: network.name,
  networkSecurityGroup: { id: group.id },
  // Otherwise machines without a way out are given one behind everybody's back.
  defaultOutboundAccess: false,
});

const createSubnet = (name: string, args: SubnetArgs, after: readonly pulumi.Resource[], opts: Options): Subnet =>
  new Subnet(name, args, { ...opts, dependsOn: [...after] });

/** From inside, a service's public name leads to its private endpoint. */
function linkZones(
  name: string,
  network: pulumi.Output<string>,
  ground: AzureGround,
  stack: Settings,
  opts: Options,
): void {
  for (const [service, zone] of ground.zones) {
    const linkName = `${name}-${privateDomains[service].noun}`;
    new VirtualNetworkLink(
      linkName,
      {
        resourceGroupName: ground.resourceGroup,
        privateZoneName: zone.name,
        location: "Global",
        virtualNetwork: { id: network },
        registrationEnabled: false,
        tags: tagsFor(stack, linkName),
      },
      opts,
    );
  }
}

/** Somebody else's network: only read. Nodes stand in the first of its private subnets. */
function readNetwork(name: string, settings: Existing, opts: Options): Made {
  const references = new References(name, opts.parent, settings.fromStack);
  const id = references.id(settings.id, "network.id");
  const privateIds = references.ids(settings.subnets?.private, "network.subnets.private");
  const optional = (tier: "public" | "data") =>
    settings.subnets?.[tier] === undefined && settings.fromStack === undefined
      ? pulumi.output<string[]>([])
      : references.ids(settings.subnets?.[tier], `network.subnets.${tier}`);
  const parts = id.apply((one) => parseArmId(one, "Microsoft.Network/virtualNetworks"));
  const network = getVirtualNetworkOutput(
    { resourceGroupName: parts.resourceGroup, virtualNetworkName: parts.names.apply(([network = ""]) => network) },
    opts,
  );
  return {
    id,
    subnets: { public: optional("public"), private: privateIds, data: optional("data") },
    clientCidrs: [readSubnet(firstOf(privateIds, "nodes"), opts).apply(rangeOf)],
    dataCidrs: network.apply(({ addressSpace }) => addressSpace?.addressPrefixes ?? []),
    egress: [],
  };
}

/** Azure tells a subnet's range under the one name or the other, as it was made. */
function rangeOf({
  addressPrefix,
  addressPrefixes,
}: {
  readonly addressPrefix?: string;
  readonly addressPrefixes?: readonly string[];
}): string {
  const range = addressPrefix ?? addressPrefixes?.[0];
  if (range === undefined) throw new Error("azure: the private subnet has no range");
  return range;
}
