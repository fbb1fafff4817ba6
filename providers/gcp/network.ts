import { getSubnetworkOutput } from "@pulumi/gcp/compute/getSubnetwork.js";
import { Network as Vpc } from "@pulumi/gcp/compute/network.js";
import { Router } from "@pulumi/gcp/compute/router.js";
import { RouterNat } from "@pulumi/gcp/compute/routerNat.js";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork.js";
import { ServiceConnectionPolicy } from "@pulumi/gcp/networkconnectivity/serviceConnectionPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { subnetPlan, type Tier } from "../../config/cidr.js";
import type { InMode, NetworkSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import { References } from "../references.js";
import { refuse } from "../support.js";
import type { GcpGround } from "./ground.js";
import { createLogs } from "./logs.js";
import { tagsFor } from "./tags.js";

export interface GcpNetworkArgs {
  /** What the stack says about its network; `mode` decides whether anything is made. */
  readonly settings: NetworkSettings;
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Managed = InMode<NetworkSettings, "managed">;
type Existing = InMode<NetworkSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** The private subnet's further ranges, by the names that the cluster takes them by. */
export const secondaryRanges = { pods: "pods", services: "services" } as const;

/**
 * A VPC with one subnet a tier: private for nodes, pods and internal load balancers, data for the addresses by which
 * databases and caches are reached, which has no way out. A subnet spans all zones of its region, so each tier has one.
 * Load balancers that face the internet stand in none. Nothing is let in: no firewall rule is made here, and where no
 * rule allows it, incoming traffic is refused. Google's own services are reached without the internet. Or a network that
 * exists, only read.
 *
 * Cloud NAT costs about 1 USD a month for each node up to 32, and 0.045 USD a GiB; it is one gateway of the region that
 * survives the loss of a zone, so `single` and `perZone` are the same here. Flow logs cost 0.25 to 0.50 USD a GiB.
 */
export class GcpNetwork extends pulumi.ComponentResource implements Network {
  public readonly id: pulumi.Output<string>;
  public readonly subnets: Readonly<Record<Tier, pulumi.Output<string[]>>>;
  public readonly clientCidrs: readonly pulumi.Output<string>[];
  public readonly dataCidrs: pulumi.Output<string[]>;

  constructor(name: string, args: GcpNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Network", name, {}, opts);
    const network = networkFor(name, args, { parent: this });
    this.id = network.id;
    this.subnets = network.subnets;
    this.clientCidrs = network.clientCidrs;
    this.dataCidrs = network.dataCidrs;
    this.registerOutputs({ id: this.id, subnets: this.subnets, dataCidrs: this.dataCidrs });
  }
}

function networkFor(name: string, { settings, stack, ground }: GcpNetworkArgs, opts: Options): Network {
  if (settings.mode === "managed") return createNetwork(name, settings, stack, ground, opts);
  if (settings.mode === "existing") return readNetwork(name, settings, stack, ground, opts);
  return refuse("gcp", "network.none");
}

function createNetwork(name: string, settings: Managed, stack: Settings, ground: GcpGround, opts: Options): Network {
  const [privateCidr, dataCidr] = rangesFor(settings);
  const vpc = createVpc(name, ground, opts);
  const subnet = (tier: "private" | "data", cidr: string) =>
    createSubnet(`${name}-${tier}`, tier, cidr, vpc, settings, stack, ground, opts);
  const subnets = { private: subnet("private", privateCidr), data: subnet("data", dataCidr) };
  if (settings.nat !== "none") createNat(`${name}-nat`, vpc, subnets.private, stack, ground, opts);
  if (hasCache(stack)) admitCaches(`${name}-caches`, vpc, subnets.data, stack, ground, opts);
  if (settings.flowLogs.enabled) createFlowLogs(`${name}-flow`, settings, Object.values(subnets), stack, ground, opts);
  return {
    id: vpc.id,
    subnets: {
      public: pulumi.output<string[]>([]),
      private: pulumi.all([subnets.private.id]),
      data: pulumi.all([subnets.data.id]),
    },
    clientCidrs: [privateCidr, ...podRange(stack)].map((cidr) => pulumi.output(cidr)),
    dataCidrs: pulumi.output([dataCidr]),
  };
}

/** Of the plan that gives each zone its own range, the first one of each tier: a range that is not used costs nothing. */
function rangesFor({ cidr }: Managed): readonly [privateCidr: string, dataCidr: string] {
  const plan = subnetPlan(cidr, 1);
  const [[privateCidr], [dataCidr]] = [plan.private, plan.data];
  if (privateCidr === undefined || dataCidr === undefined) throw new Error(`${cidr}: the address plan is empty`);
  return [privateCidr, dataCidr];
}

const podRange = ({ cluster }: Settings): readonly string[] => (cluster.mode === "managed" ? [cluster.podCidr] : []);

const hasCache = ({ caches }: Settings): boolean => Object.values(caches).some(({ mode }) => mode === "managed");

function createVpc(name: string, ground: GcpGround, opts: Options): Vpc {
  return new Vpc(
    name,
    { project: ground.project("compute"), autoCreateSubnetworks: false, routingMode: "REGIONAL" },
    opts,
  );
}

function createSubnet(
  subnetName: string,
  tier: "private" | "data",
  ipCidrRange: string,
  vpc: Vpc,
  settings: Managed,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): Subnetwork {
  const { cluster } = stack;
  const holdsCluster = tier === "private" && cluster.mode === "managed";
  return new Subnetwork(
    subnetName,
    {
      project: ground.project("compute"),
      region: stack.region,
      network: vpc.id,
      ipCidrRange,
      // Google's own services, registries and buckets among them, without the internet: free.
      privateIpGoogleAccess: true,
      ...(holdsCluster
        ? {
            secondaryIpRanges: [
              { rangeName: secondaryRanges.pods, ipCidrRange: cluster.podCidr },
              { rangeName: secondaryRanges.services, ipCidrRange: cluster.serviceCidr },
            ],
          }
        : {}),
      ...(settings.flowLogs.enabled
        ? { logConfig: { aggregationInterval: "INTERVAL_10_MIN", flowSampling: 1, metadata: "INCLUDE_ALL_METADATA" } }
        : {}),
    },
    opts,
  );
}

/** The way out of nodes and pods, and of nothing else. */
function createNat(
  natName: string,
  vpc: Vpc,
  subnet: Subnetwork,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): void {
  const place = { project: ground.project("compute"), region: stack.region };
  const router = new Router(natName, { ...place, network: vpc.id }, opts);
  new RouterNat(
    natName,
    {
      ...place,
      router: router.name,
      natIpAllocateOption: "AUTO_ONLY",
      sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
      subnetworks: [{ name: subnet.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
      // A node has many pods: 64 ports, the default, are few, and as many as it may need would be wasted on most.
      enableDynamicPortAllocation: true,
      minPortsPerVm: 128,
      maxPortsPerVm: 32768,
      // The two do not go together.
      enableEndpointIndependentMapping: false,
      logConfig: { enable: true, filter: "ERRORS_ONLY" },
    },
    opts,
  );
}

/**
 * Lets Memorystore put the addresses of its instances into the data subnet. It must be there before the first of them
 * and goes after the last one; a network has one for each region.
 * https://cloud.google.com/memorystore/docs/valkey/networking
 */
function admitCaches(
  policyName: string,
  vpc: Vpc,
  subnet: Subnetwork,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): void {
  new ServiceConnectionPolicy(
    policyName,
    {
      project: ground.project("networkconnectivity", "serviceconsumermanagement"),
      location: stack.region,
      network: vpc.id,
      serviceClass: "gcp-memorystore",
      pscConfig: { subnetworks: [subnet.id] },
      labels: tagsFor(stack, policyName),
    },
    // It waits for the addresses of instances that have just gone.
    { ...opts, customTimeouts: { create: "15m", delete: "30m" } },
  );
}

function createFlowLogs(
  logName: string,
  { flowLogs }: Managed,
  subnets: readonly Subnetwork[],
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): void {
  const names = pulumi.all(subnets.map((subnet) => pulumi.interpolate`"${subnet.name}"`));
  createLogs(
    logName,
    {
      stack,
      ground,
      purpose: `Who talked to whom in the network of ${stack.prefix}`,
      retentionDays: flowLogs.retentionDays,
      filter: names.apply(
        (all) => `log_id("compute.googleapis.com/vpc_flows") AND resource.labels.subnetwork_name=(${all.join(" OR ")})`,
      ),
    },
    opts,
  );
}

/**
 * Somebody else's network: only read. Its way out is its owner's business, and so is, where a cache is made in it, the
 * service connection policy for `gcp-memorystore`, of which a network has but one a region.
 */
function readNetwork(name: string, settings: Existing, stack: Settings, ground: GcpGround, opts: Options): Network {
  const references = new References(name, opts.parent, settings.fromStack);
  const id = references.id(settings.id, "network.id").apply((said) => fullName(said, "global/networks", ground));
  const subnetIds = (tier: Tier) =>
    references
      .ids(settings.subnets?.[tier], `network.subnets.${tier}`)
      .apply((all) => all.map((said) => fullName(said, `regions/${stack.region}/subnetworks`, ground)));
  const optional = (tier: "public" | "data", otherwise: pulumi.Output<string[]>) =>
    settings.subnets?.[tier] === undefined && settings.fromStack === undefined ? otherwise : subnetIds(tier);
  const privateIds = subnetIds("private");
  const data = optional("data", privateIds);
  const privateCidrs = rangesOf(privateIds, opts);
  const said = settings.subnets?.private;
  // A network of this program has one, and its list is another stack's: how long it is must be known here.
  const count = Array.isArray(said) ? said.length : 1;
  return {
    id,
    subnets: { public: optional("public", pulumi.output<string[]>([])), private: privateIds, data },
    clientCidrs: [
      ...Array.from({ length: count }, (_, index) => privateCidrs.apply((all) => all[index] ?? "")),
      ...podRange(stack).map((cidr) => pulumi.output(cidr)),
    ],
    dataCidrs: rangesOf(data, opts),
  };
}

/** From a name, a self link or a path to the path that every API takes. */
function fullName(said: string, collection: string, ground: GcpGround): string {
  const path = /projects\/.*$/.exec(said)?.[0];
  return path ?? `projects/${ground.id}/${collection}/${said}`;
}

const rangesOf = (ids: pulumi.Output<string[]>, opts: Options): pulumi.Output<string[]> =>
  ids.apply((all) => pulumi.all(all.map((selfLink) => getSubnetworkOutput({ selfLink }, opts).ipCidrRange)));
