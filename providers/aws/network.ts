import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { DefaultSecurityGroup } from "@pulumi/aws/ec2/defaultSecurityGroup.js";
import { Eip } from "@pulumi/aws/ec2/eip.js";
import { FlowLog } from "@pulumi/aws/ec2/flowLog.js";
import { getVpcOutput } from "@pulumi/aws/ec2/getVpc.js";
import { InternetGateway } from "@pulumi/aws/ec2/internetGateway.js";
import { NatGateway } from "@pulumi/aws/ec2/natGateway.js";
import { Route } from "@pulumi/aws/ec2/route.js";
import { RouteTable } from "@pulumi/aws/ec2/routeTable.js";
import { RouteTableAssociation } from "@pulumi/aws/ec2/routeTableAssociation.js";
import { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Subnet } from "@pulumi/aws/ec2/subnet.js";
import { Vpc } from "@pulumi/aws/ec2/vpc.js";
import { VpcEndpoint } from "@pulumi/aws/ec2/vpcEndpoint.js";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import { SecurityGroupIngressRule } from "@pulumi/aws/vpc/securityGroupIngressRule.js";
import * as pulumi from "@pulumi/pulumi";
import { subnetPlan, type Tier } from "../../config/cidr.js";
import type { InMode, NetworkSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Network } from "../contract.js";
import { References } from "../references.js";
import { refuse } from "../support.js";
import { tagsFor } from "./tags.js";

export interface AwsNetworkArgs {
  /** What the stack says about its network; `mode` decides whether anything is made. */
  readonly settings: NetworkSettings;
  readonly stack: Settings;
}

type Managed = InMode<NetworkSettings, "managed">;
type Existing = InMode<NetworkSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };
/** Something for each zone, in the order of the stack's zones. */
type ByZone<T> = ReadonlyMap<string, T>;

/**
 * A VPC with three tiers in every zone: public for load balancers and NAT gateways, private for nodes and pods, data
 * for databases and caches, which has no way out at all. Or one that exists, only read.
 *
 * A NAT gateway costs about 35 USD a month and 0.045 USD a GiB: one in development and staging, one a zone in
 * production. Private endpoints cost about 8 USD a month each and zone: production has them, the others go by NAT. The
 * endpoint for S3 is free and always there.
 */
export class AwsNetwork extends pulumi.ComponentResource implements Network {
  public readonly id: pulumi.Output<string>;
  public readonly subnets: Readonly<Record<Tier, pulumi.Output<string[]>>>;
  public readonly clientCidrs: readonly pulumi.Output<string>[];
  public readonly dataCidrs: pulumi.Output<string[]>;

  constructor(name: string, { settings, stack }: AwsNetworkArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Network", name, {}, opts);
    const network = networkFor(name, settings, stack, { parent: this });
    this.id = network.id;
    this.subnets = network.subnets;
    this.clientCidrs = network.clientCidrs;
    this.dataCidrs = network.dataCidrs;
    this.registerOutputs({ id: this.id, subnets: this.subnets, dataCidrs: this.dataCidrs });
  }
}

function networkFor(name: string, settings: NetworkSettings, stack: Settings, opts: Options): Network {
  if (settings.mode === "managed") return createNetwork(name, settings, stack, opts);
  if (settings.mode === "existing") return readNetwork(name, settings, opts);
  return refuse("aws", "network.none");
}

function createNetwork(name: string, settings: Managed, stack: Settings, opts: Options): Network {
  const plan = subnetPlan(settings.cidr, stack.zones.length);
  const vpc = createVpc(name, settings, stack, opts);
  lockDefaultSecurityGroup(name, vpc, stack, opts);
  const internet = createInternetGateway(name, vpc, stack, opts);
  const subnets = {
    public: createSubnets(name, "public", plan.public, vpc, stack, opts),
    private: createSubnets(name, "private", plan.private, vpc, stack, opts),
    data: createSubnets(name, "data", plan.data, vpc, stack, opts),
  };
  routePublic(name, subnets.public, vpc, internet, stack, opts);
  const gateways = createNatGateways(name, settings, subnets.public, internet, stack, opts);
  const privateTables = routePrivate(name, subnets.private, gateways, vpc, stack, opts);
  isolateData(name, subnets.data, vpc, stack, opts);
  createStorageEndpoint(name, privateTables, vpc, stack, opts);
  if (settings.privateEndpoints) createInterfaceEndpoints(name, settings, subnets.private, vpc, stack, opts);
  if (settings.flowLogs.enabled) createFlowLogs(name, settings, vpc, stack, opts);
  const ids = (tier: ByZone<Subnet>) => pulumi.all([...tier.values()].map((subnet) => subnet.id));
  return {
    id: vpc.id,
    subnets: { public: ids(subnets.public), private: ids(subnets.private), data: ids(subnets.data) },
    clientCidrs: plan.private.map((cidr) => pulumi.output(cidr)),
    dataCidrs: pulumi.output([...plan.data]),
  };
}

function createVpc(name: string, settings: Managed, stack: Settings, opts: Options): Vpc {
  return new Vpc(
    name,
    {
      cidrBlock: settings.cidr,
      // Nodes cannot register, and private endpoints are not found, unless both are on.
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

/** Whatever is started without a group gets this one: it lets nothing in and nothing out. */
function lockDefaultSecurityGroup(name: string, vpc: Vpc, stack: Settings, opts: Options): void {
  new DefaultSecurityGroup(
    `${name}-default`,
    { vpcId: vpc.id, ingress: [], egress: [], tags: tagsFor(stack, `${name}-default`) },
    opts,
  );
}

function createInternetGateway(name: string, vpc: Vpc, stack: Settings, opts: Options): InternetGateway {
  return new InternetGateway(`${name}-internet`, { vpcId: vpc.id, tags: tagsFor(stack, `${name}-internet`) }, opts);
}

/** By these the load balancer controller finds where its load balancers belong. */
const tierTags: Readonly<Record<Tier, Readonly<Record<string, string>>>> = {
  public: { "kubernetes.io/role/elb": "1" },
  private: { "kubernetes.io/role/internal-elb": "1" },
  data: {},
};

function createSubnets(
  name: string,
  tier: Tier,
  cidrs: readonly string[],
  vpc: Vpc,
  stack: Settings,
  opts: Options,
): ByZone<Subnet> {
  return byZone(stack.zones, (zone, index) => {
    const subnetName = `${name}-${tier}-${zone}`;
    const cidrBlock = cidrs[index];
    if (cidrBlock === undefined) throw new Error(`${subnetName}: the address plan has no range for it`);
    return new Subnet(
      subnetName,
      {
        vpcId: vpc.id,
        cidrBlock,
        availabilityZone: zone,
        mapPublicIpOnLaunch: false,
        tags: { ...tagsFor(stack, subnetName), ...tierTags[tier] },
      },
      opts,
    );
  });
}

function routePublic(
  name: string,
  subnets: ByZone<Subnet>,
  vpc: Vpc,
  internet: InternetGateway,
  stack: Settings,
  opts: Options,
): void {
  const table = createRouteTable(`${name}-public`, vpc, stack, opts);
  new Route(
    `${name}-public`,
    { routeTableId: table.id, destinationCidrBlock: EVERYWHERE, gatewayId: internet.id },
    opts,
  );
  for (const [zone, subnet] of subnets) associate(`${name}-public-${zone}`, table, subnet, opts);
}

function createNatGateways(
  name: string,
  { nat }: Managed,
  subnets: ByZone<Subnet>,
  internet: InternetGateway,
  stack: Settings,
  opts: Options,
): readonly NatGateway[] {
  return natZones[nat](stack.zones).map((zone) => {
    const gatewayName = `${name}-nat-${zone}`;
    const address = new Eip(gatewayName, { domain: "vpc", tags: tagsFor(stack, gatewayName) }, opts);
    return new NatGateway(
      gatewayName,
      { subnetId: inZone(subnets, zone).id, allocationId: address.id, tags: tagsFor(stack, gatewayName) },
      {
        ...opts,
        // It does not come up in a VPC that has no internet gateway yet, and the latter does not go while the former's
        // public address is mapped.
        dependsOn: [internet],
        customTimeouts: { create: "15m", delete: "30m" },
      },
    );
  });
}

const natZones: Readonly<Record<Managed["nat"], (zones: readonly string[]) => readonly string[]>> = {
  none: () => [],
  single: (zones) => zones.slice(0, 1),
  perZone: (zones) => zones,
};

/** A table a zone, so that a zone's traffic can leave by its own gateway. */
function routePrivate(
  name: string,
  subnets: ByZone<Subnet>,
  gateways: readonly NatGateway[],
  vpc: Vpc,
  stack: Settings,
  opts: Options,
): readonly RouteTable[] {
  return [...subnets].map(([zone, subnet], index) => {
    const tableName = `${name}-private-${zone}`;
    const table = createRouteTable(tableName, vpc, stack, opts);
    associate(tableName, table, subnet, opts);
    const gateway = gateways[index] ?? gateways[0];
    if (gateway !== undefined) {
      new Route(
        tableName,
        { routeTableId: table.id, destinationCidrBlock: EVERYWHERE, natGatewayId: gateway.id },
        opts,
      );
    }
    return table;
  });
}

/** A table with no route but the VPC's own: databases and caches neither reach the internet nor are reached from it. */
function isolateData(name: string, subnets: ByZone<Subnet>, vpc: Vpc, stack: Settings, opts: Options): void {
  const table = createRouteTable(`${name}-data`, vpc, stack, opts);
  for (const [zone, subnet] of subnets) associate(`${name}-data-${zone}`, table, subnet, opts);
}

/** Image layers and buckets without NAT: this endpoint is free. */
function createStorageEndpoint(
  name: string,
  tables: readonly RouteTable[],
  vpc: Vpc,
  stack: Settings,
  opts: Options,
): void {
  new VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: vpc.id,
      vpcEndpointType: "Gateway",
      serviceName: serviceName(stack, "s3"),
      routeTableIds: tables.map((table) => table.id),
      tags: tagsFor(stack, `${name}-s3`),
    },
    opts,
  );
}

interface InterfaceEndpoint {
  readonly reason: string;
  readonly needed: (stack: Settings) => boolean;
}

const always = () => true;
const ourNodes = (stack: Settings) => stack.cluster.mode === "managed";

/**
 * What nodes, add-ons and pods call. KMS is not here: volumes, secrets, buckets and images are decrypted by the services
 * that keep them, and nothing of the platform calls it itself.
 * https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
 */
export const interfaceEndpoints: Readonly<Record<string, InterfaceEndpoint>> = {
  ec2: { reason: "nodes learn their names, and the CNI and the volume driver attach what they need", needed: ourNodes },
  "ecr.api": { reason: "nodes log in to registries; the images of EKS add-ons are in ECR too", needed: always },
  "ecr.dkr": { reason: "nodes pull manifests of images; the layers come by the endpoint for S3", needed: always },
  eks: { reason: "nodes join the cluster, and the autoscaler reads node groups", needed: ourNodes },
  "eks-auth": { reason: "the pod identity agent fetches credentials", needed: always },
  sts: { reason: "SDKs ask who they are", needed: always },
  elasticloadbalancing: { reason: "the load balancer controller keeps the gateway's load balancer", needed: always },
  autoscaling: {
    reason: "the cluster autoscaler resizes node groups",
    needed: ({ cluster }) =>
      cluster.mode === "managed" && Object.values(cluster.pools).some((pool) => pool.max > pool.min),
  },
  logs: { reason: "the log collector ships what pods say", needed: always },
  secretsmanager: { reason: "secrets are synced to pods, whoever made the key of the store", needed: always },
};

function createInterfaceEndpoints(
  name: string,
  { cidr }: Managed,
  subnets: ByZone<Subnet>,
  vpc: Vpc,
  stack: Settings,
  opts: Options,
): void {
  const group = createEndpointGroup(`${name}-endpoints`, cidr, vpc, stack, opts);
  const services = Object.entries(interfaceEndpoints).filter(([, { needed }]) => needed(stack));
  for (const [service] of services) {
    const endpointName = `${name}-${service.replace(".", "-")}`;
    new VpcEndpoint(
      endpointName,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Interface",
        serviceName: serviceName(stack, service),
        subnetIds: [...subnets.values()].map((subnet) => subnet.id),
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        tags: tagsFor(stack, endpointName),
      },
      { ...opts, customTimeouts: { create: "15m", update: "15m", delete: "15m" } },
    );
  }
}

function createEndpointGroup(groupName: string, cidr: string, vpc: Vpc, stack: Settings, opts: Options): SecurityGroup {
  const tags = tagsFor(stack, groupName);
  const group = new SecurityGroup(
    groupName,
    { vpcId: vpc.id, description: "Private endpoints of AWS services: HTTPS from this network only", tags },
    opts,
  );
  new SecurityGroupIngressRule(
    groupName,
    { securityGroupId: group.id, cidrIpv4: cidr, ipProtocol: "tcp", fromPort: 443, toPort: 443, tags },
    opts,
  );
  return group;
}

function createFlowLogs(name: string, { flowLogs }: Managed, vpc: Vpc, stack: Settings, opts: Options): void {
  const logName = `${name}-flow`;
  const tags = tagsFor(stack, logName);
  const group = new LogGroup(
    logName,
    { name: `/agent-platform/${stack.prefix}/network`, retentionInDays: flowLogs.retentionDays, tags },
    opts,
  );
  const role = new Role(logName, { assumeRolePolicy: flowLogTrust(opts), tags }, opts);
  const policy = new RolePolicy(logName, { role: role.name, policy: flowLogPolicy(group) }, opts);
  new FlowLog(
    logName,
    {
      vpcId: vpc.id,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      tags,
    },
    // Records are dropped until the role may write them, and at the end the recording must stop first.
    { ...opts, dependsOn: [policy] },
  );
}

function flowLogTrust(opts: Options): pulumi.Output<string> {
  const { accountId } = getCallerIdentityOutput({}, opts);
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "vpc-flow-logs.amazonaws.com" },
        Action: "sts:AssumeRole",
        // Otherwise the service could be sent here on behalf of another account.
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  });
}

/** It may not create groups: it would bring this one back, without retention, after the stack is gone. */
function flowLogPolicy(group: LogGroup): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"],
        Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
      },
    ],
  });
}

/** Somebody else's network: only read. Its subnets must have the tags by which load balancers find them. */
function readNetwork(name: string, settings: Existing, opts: Options): Network {
  const references = new References(name, opts.parent, settings.fromStack);
  const id = references.id(settings.id, "network.id");
  const privateIds = references.ids(settings.subnets?.private, "network.subnets.private");
  const optional = (tier: "public" | "data", otherwise: pulumi.Output<string[]>) =>
    settings.subnets?.[tier] === undefined && settings.fromStack === undefined
      ? otherwise
      : references.ids(settings.subnets?.[tier], `network.subnets.${tier}`);
  const { cidrBlock } = getVpcOutput({ id }, opts);
  return {
    id,
    subnets: {
      public: optional("public", pulumi.output<string[]>([])),
      private: privateIds,
      data: optional("data", privateIds),
    },
    clientCidrs: [cidrBlock],
    dataCidrs: cidrBlock.apply((cidr) => [cidr]),
  };
}

const EVERYWHERE = "0.0.0.0/0";

const serviceName = (stack: Settings, service: string): string => `com.amazonaws.${stack.region}.${service}`;

function createRouteTable(name: string, vpc: Vpc, stack: Settings, opts: Options): RouteTable {
  return new RouteTable(name, { vpcId: vpc.id, tags: tagsFor(stack, name) }, opts);
}

function associate(name: string, table: RouteTable, subnet: Subnet, opts: Options): void {
  new RouteTableAssociation(name, { routeTableId: table.id, subnetId: subnet.id }, opts);
}

const byZone = <T>(zones: readonly string[], make: (zone: string, index: number) => T): ByZone<T> =>
  new Map(zones.map((zone, index) => [zone, make(zone, index)]));

function inZone<T>(map: ByZone<T>, zone: string): T {
  const found = map.get(zone);
  if (found === undefined) throw new Error(`nothing was made in zone ${zone}`);
  return found;
}
