import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AwsNetwork, interfaceEndpoints } from "../../../providers/aws/network.js";
import { all, deploy, inventory, isKnown, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { sorted } from "../../support/rows.js";
import { awsProduction, awsStack, settingsOf } from "../../support/settings.js";
import { awsComputeStubs } from "../../support/stubs/aws-compute.js";
import { tagsOf } from "../../support/tags.js";

const NAME = "agents-development-network";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const ROUTE = "aws:ec2/route:Route";
const SUBNET = "aws:ec2/subnet:Subnet";
const ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";

const networkOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...awsStack, ...said });
  return deploy(
    () => {
      const provider = new aws.Provider("aws", { region: "eu-west-1" });
      return new AwsNetwork(NAME, { settings: stack.network, stack }, { providers: [provider] });
    },
    { ...awsComputeStubs, ...stubs },
  );
};

const made: [type: string, name: string][] = [
  ["agent-platform:aws:Network", NAME],
  ["aws:cloudwatch/logGroup:LogGroup", `${NAME}-flow`],
  ["aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", `${NAME}-default`],
  ["aws:ec2/eip:Eip", `${NAME}-nat-eu-west-1a`],
  ["aws:ec2/flowLog:FlowLog", `${NAME}-flow`],
  ["aws:ec2/internetGateway:InternetGateway", `${NAME}-internet`],
  ["aws:ec2/natGateway:NatGateway", `${NAME}-nat-eu-west-1a`],
  [ROUTE, `${NAME}-private-eu-west-1a`],
  [ROUTE, `${NAME}-private-eu-west-1b`],
  [ROUTE, `${NAME}-public`],
  ["aws:ec2/routeTable:RouteTable", `${NAME}-data`],
  ["aws:ec2/routeTable:RouteTable", `${NAME}-private-eu-west-1a`],
  ["aws:ec2/routeTable:RouteTable", `${NAME}-private-eu-west-1b`],
  ["aws:ec2/routeTable:RouteTable", `${NAME}-public`],
  [ASSOCIATION, `${NAME}-data-eu-west-1a`],
  [ASSOCIATION, `${NAME}-data-eu-west-1b`],
  [ASSOCIATION, `${NAME}-private-eu-west-1a`],
  [ASSOCIATION, `${NAME}-private-eu-west-1b`],
  [ASSOCIATION, `${NAME}-public-eu-west-1a`],
  [ASSOCIATION, `${NAME}-public-eu-west-1b`],
  [SUBNET, `${NAME}-data-eu-west-1a`],
  [SUBNET, `${NAME}-data-eu-west-1b`],
  [SUBNET, `${NAME}-private-eu-west-1a`],
  [SUBNET, `${NAME}-private-eu-west-1b`],
  [SUBNET, `${NAME}-public-eu-west-1a`],
  [SUBNET, `${NAME}-public-eu-west-1b`],
  ["aws:ec2/vpc:Vpc", NAME],
  [ENDPOINT, `${NAME}-s3`],
  ["aws:iam/role:Role", `${NAME}-flow`],
  ["aws:iam/rolePolicy:RolePolicy", `${NAME}-flow`],
  ["pulumi:providers:aws", "aws"],
];

/** `table -> where its default route goes`. */
const defaultRoutes = (resources: readonly RecordedResource[]) =>
  Object.fromEntries(
    all(resources, ROUTE).map(({ inputs }) => [
      inputs["routeTableId"],
      [inputs["destinationCidrBlock"], inputs["natGatewayId"] ?? inputs["gatewayId"]],
    ]),
  );

const existing = {
  mode: "existing",
  id: "vpc-1",
  subnets: { private: ["subnet-a", "subnet-b"] },
} as const;

describe("providers/aws/network", () => {
  describe("managed, with nothing said", () => {
    it("makes a VPC of three tiers in two zones with one NAT gateway", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(inventory(resources), sorted(made));
    });

    it("everything belongs to the network", async () => {
      const { resources } = await networkOf();
      const urn = only(resources, "agent-platform:aws:Network").urn;
      const others = resources.filter(
        ({ type }) => type !== "agent-platform:aws:Network" && !type.startsWith("pulumi:"),
      );
      assert.deepEqual([...new Set(others.map(({ parent }) => parent))], [urn]);
    });

    it("the VPC answers to names", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, "aws:ec2/vpc:Vpc").inputs, {
        cidrBlock: "10.0.0.0/16",
        enableDnsSupport: true,
        enableDnsHostnames: true,
        tags: tagsOf(NAME),
      });
    });

    it("no subnet hands out public addresses", async () => {
      const { resources } = await networkOf();
      const subnets = all(resources, SUBNET);
      assert.equal(subnets.length, 6);
      assert.deepEqual(
        subnets.map(({ inputs }) => inputs["mapPublicIpOnLaunch"]),
        subnets.map(() => false),
      );
    });

    it("each tier has its range and load balancers find their subnets", async () => {
      const { resources } = await networkOf();
      const subnet = (tier: string, zone: string) => only(resources, SUBNET, `${NAME}-${tier}-${zone}`).inputs;
      const expected = (tier: string, zone: string, cidrBlock: string, role: Record<string, string>) => ({
        vpcId: `${NAME}-id`,
        cidrBlock,
        availabilityZone: zone,
        mapPublicIpOnLaunch: false,
        tags: { ...tagsOf(`${NAME}-${tier}-${zone}`), ...role },
      });
      const inside = { "kubernetes.io/role/internal-elb": "1" };
      const outside = { "kubernetes.io/role/elb": "1" };
      for (const [tier, zone, cidr, role] of [
        ["private", "eu-west-1a", "10.0.0.0/18", inside],
        ["private", "eu-west-1b", "10.0.64.0/18", inside],
        ["public", "eu-west-1a", "10.0.192.0/22", outside],
        ["public", "eu-west-1b", "10.0.196.0/22", outside],
        ["data", "eu-west-1a", "10.0.224.0/22", {}],
        ["data", "eu-west-1b", "10.0.228.0/22", {}],
      ] as const) {
        assert.deepEqual(subnet(tier, zone), expected(tier, zone, cidr, role));
      }
    });

    it("the data subnets have no way out", async () => {
      const { resources } = await networkOf();
      const routes = defaultRoutes(resources);
      assert.equal(`${NAME}-data-id` in routes, false);
      for (const zone of ["eu-west-1a", "eu-west-1b"]) {
        assert.deepEqual(only(resources, ASSOCIATION, `${NAME}-data-${zone}`).inputs, {
          routeTableId: `${NAME}-data-id`,
          subnetId: `${NAME}-data-${zone}-id`,
        });
      }
      const tables = all(resources, "aws:ec2/routeTable:RouteTable");
      assert.deepEqual(
        tables.filter(({ inputs }) => "routes" in inputs || "propagatingVgws" in inputs),
        [],
      );
    });

    it("private subnets leave by the one NAT gateway and public ones by the internet gateway", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(defaultRoutes(resources), {
        [`${NAME}-public-id`]: ["0.0.0.0/0", `${NAME}-internet-id`],
        [`${NAME}-private-eu-west-1a-id`]: ["0.0.0.0/0", `${NAME}-nat-eu-west-1a-id`],
        [`${NAME}-private-eu-west-1b-id`]: ["0.0.0.0/0", `${NAME}-nat-eu-west-1a-id`],
      });
      for (const zone of ["eu-west-1a", "eu-west-1b"]) {
        assert.deepEqual(only(resources, ASSOCIATION, `${NAME}-private-${zone}`).inputs, {
          routeTableId: `${NAME}-private-${zone}-id`,
          subnetId: `${NAME}-private-${zone}-id`,
        });
        assert.deepEqual(only(resources, ASSOCIATION, `${NAME}-public-${zone}`).inputs, {
          routeTableId: `${NAME}-public-id`,
          subnetId: `${NAME}-public-${zone}-id`,
        });
      }
    });

    it("the NAT gateway stands in a public subnet and waits for the internet gateway", async () => {
      const { resources } = await networkOf();
      const gateway = only(resources, "aws:ec2/natGateway:NatGateway");
      assert.deepEqual(gateway.inputs, {
        subnetId: `${NAME}-public-eu-west-1a-id`,
        allocationId: `${NAME}-nat-eu-west-1a-id`,
        tags: tagsOf(`${NAME}-nat-eu-west-1a`),
      });
      assert.ok(gateway.dependsOn.includes(only(resources, "aws:ec2/internetGateway:InternetGateway").urn));
      assert.deepEqual(only(resources, "aws:ec2/eip:Eip").inputs, {
        domain: "vpc",
        tags: tagsOf(`${NAME}-nat-eu-west-1a`),
      });
    });

    it("the default security group lets nothing in or out", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").inputs, {
        vpcId: `${NAME}-id`,
        ingress: [],
        egress: [],
        tags: tagsOf(`${NAME}-default`),
      });
    });

    it("all traffic is recorded", async () => {
      const { resources } = await networkOf();
      const flow = only(resources, "aws:ec2/flowLog:FlowLog");
      assert.deepEqual(flow.inputs, {
        vpcId: `${NAME}-id`,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: `arn:aws:logs:eu-west-1:123456789012:${NAME}-flow`,
        iamRoleArn: `arn:aws:iam::123456789012:${NAME}-flow`,
        tags: tagsOf(`${NAME}-flow`),
      });
      assert.ok(flow.dependsOn.includes(only(resources, "aws:iam/rolePolicy:RolePolicy").urn));
      assert.deepEqual(only(resources, "aws:cloudwatch/logGroup:LogGroup").inputs, {
        name: "/agent-platform/agents-development/network",
        retentionInDays: 7,
        tags: tagsOf(`${NAME}-flow`),
      });
    });

    it("the flow log role writes to its group and nowhere else", async () => {
      const { resources } = await networkOf();
      const group = `arn:aws:logs:eu-west-1:123456789012:${NAME}-flow`;
      assert.deepEqual(JSON.parse(String(only(resources, "aws:iam/rolePolicy:RolePolicy").inputs["policy"])), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"],
            Resource: [group, `${group}:*`],
          },
        ],
      });
      assert.deepEqual(JSON.parse(String(only(resources, "aws:iam/role:Role").inputs["assumeRolePolicy"])), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "vpc-flow-logs.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
          },
        ],
      });
    });

    it("buckets are reached without NAT", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, ENDPOINT).inputs, {
        vpcId: `${NAME}-id`,
        vpcEndpointType: "Gateway",
        serviceName: "com.amazonaws.eu-west-1.s3",
        routeTableIds: [`${NAME}-private-eu-west-1a-id`, `${NAME}-private-eu-west-1b-id`],
        tags: tagsOf(`${NAME}-s3`),
      });
    });

    it("says its id, subnets and ranges", async () => {
      const { result } = await networkOf();
      const ids = (tier: string) => [`${NAME}-${tier}-eu-west-1a-id`, `${NAME}-${tier}-eu-west-1b-id`];
      assert.equal(await valueOf(result.id), `${NAME}-id`);
      assert.deepEqual(await valueOf(result.subnets.public), ids("public"));
      assert.deepEqual(await valueOf(result.subnets.private), ids("private"));
      assert.deepEqual(await valueOf(result.subnets.data), ids("data"));
      assert.deepEqual(await Promise.all(result.clientCidrs.map(valueOf)), ["10.0.0.0/18", "10.0.64.0/18"]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.0.224.0/22", "10.0.228.0/22"]);
    });

    it("a preview shows the same network and knows its ranges", async () => {
      const { resources, result } = await networkOf({}, { preview: true });
      assert.deepEqual(inventory(resources), sorted(made));
      assert.equal(await isKnown(result.id), false);
      assert.deepEqual(await Promise.all(result.clientCidrs.map(valueOf)), ["10.0.0.0/18", "10.0.64.0/18"]);
    });
  });

  describe("managed, customised", () => {
    it("production has a NAT gateway in every zone, and each zone leaves by its own", async () => {
      const { resources } = await networkOf(awsProduction);
      const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
      assert.deepEqual(
        all(resources, "aws:ec2/natGateway:NatGateway").map(({ name, inputs }) => [name, inputs["subnetId"]]),
        zones.map((zone) => [`${NAME}-nat-${zone}`, `${NAME}-public-${zone}-id`]),
      );
      assert.deepEqual(defaultRoutes(resources), {
        [`${NAME}-public-id`]: ["0.0.0.0/0", `${NAME}-internet-id`],
        ...Object.fromEntries(
          zones.map((zone) => [`${NAME}-private-${zone}-id`, ["0.0.0.0/0", `${NAME}-nat-${zone}-id`]]),
        ),
      });
    });

    it("no NAT means no way out for private subnets", async () => {
      const { resources } = await networkOf({ network: { nat: "none", privateEndpoints: true } });
      assert.deepEqual(all(resources, "aws:ec2/natGateway:NatGateway"), []);
      assert.deepEqual(all(resources, "aws:ec2/eip:Eip"), []);
      assert.deepEqual(defaultRoutes(resources), { [`${NAME}-public-id`]: ["0.0.0.0/0", `${NAME}-internet-id`] });
    });

    it("private endpoints stand in the private subnets for every service that is called", async () => {
      const { resources } = await networkOf({ network: { privateEndpoints: true } });
      const endpoints = all(resources, ENDPOINT).filter(({ inputs }) => inputs["vpcEndpointType"] === "Interface");
      const services = [
        "ec2",
        "ecr.api",
        "ecr.dkr",
        "eks",
        "eks-auth",
        "sts",
        "elasticloadbalancing",
        "autoscaling",
        "logs",
        "secretsmanager",
      ];
      assert.deepEqual(
        endpoints.map(({ inputs }) => inputs),
        services.map((service) => ({
          vpcId: `${NAME}-id`,
          vpcEndpointType: "Interface",
          serviceName: `com.amazonaws.eu-west-1.${service}`,
          subnetIds: [`${NAME}-private-eu-west-1a-id`, `${NAME}-private-eu-west-1b-id`],
          securityGroupIds: [`${NAME}-endpoints-id`],
          privateDnsEnabled: true,
          tags: tagsOf(`${NAME}-${service.replace(".", "-")}`),
        })),
      );
    });

    it("private endpoints let in HTTPS from the network only", async () => {
      const { resources } = await networkOf({ network: { privateEndpoints: true, cidr: "10.8.0.0/16" } });
      assert.deepEqual(only(resources, "aws:ec2/securityGroup:SecurityGroup").inputs, {
        vpcId: `${NAME}-id`,
        description: "Private endpoints of AWS services: HTTPS from this network only",
        tags: tagsOf(`${NAME}-endpoints`),
      });
      assert.deepEqual(
        all(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(({ inputs }) => inputs),
        [
          {
            securityGroupId: `${NAME}-endpoints-id`,
            cidrIpv4: "10.8.0.0/16",
            ipProtocol: "tcp",
            fromPort: 443,
            toPort: 443,
            tags: tagsOf(`${NAME}-endpoints`),
          },
        ],
      );
      assert.deepEqual(all(resources, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"), []);
    });

    it("every private endpoint has a reason, and is left out where nothing calls it", () => {
      const needed = (said: Tree) => {
        const stack = settingsOf({ ...awsStack, ...said });
        return Object.entries(interfaceEndpoints).flatMap(([service, { needed }]) => (needed(stack) ? [service] : []));
      };
      const fixed = { min: 1, max: 1 };
      assert.deepEqual(
        Object.values(interfaceEndpoints).filter(({ reason }) => reason === ""),
        [],
      );
      assert.equal(needed({}).includes("autoscaling"), true);
      assert.equal(
        needed({ cluster: { pools: { system: fixed, apps: fixed, spot: fixed } } }).includes("autoscaling"),
        false,
      );
      assert.deepEqual(needed({ cluster: { mode: "existing", id: "theirs" } }), [
        "ecr.api",
        "ecr.dkr",
        "eks-auth",
        "sts",
        "elasticloadbalancing",
        "logs",
        "secretsmanager",
      ]);
    });

    it("slow parts are given their time", async () => {
      const { resources } = await networkOf({ network: { privateEndpoints: true } });
      const gateway = only(resources, "aws:ec2/natGateway:NatGateway");
      assert.deepEqual(gateway.customTimeouts, { create: "15m", delete: "30m" });
      const endpoint = only(resources, ENDPOINT, `${NAME}-ecr-api`);
      assert.deepEqual(endpoint.customTimeouts, { create: "15m", update: "15m", delete: "15m" });
    });

    it("flow logs can be left out", async () => {
      const { resources } = await networkOf({ network: { flowLogs: { enabled: false } } });
      assert.deepEqual(inventory(resources), sorted(made.filter(([type]) => !/FlowLog|LogGroup|iam/.test(type))));
    });

    it("flow logs stay as long as the stack says", async () => {
      const { resources } = await networkOf({ network: { flowLogs: { retentionDays: 180 } } });
      assert.equal(only(resources, "aws:cloudwatch/logGroup:LogGroup").inputs["retentionInDays"], 180);
    });

    it("subnets stand in the zones that the stack names", async () => {
      const { resources } = await networkOf({ aws: { zones: ["eu-west-1b", "eu-west-1c"] } });
      assert.deepEqual(
        all(resources, SUBNET).map(({ inputs }) => inputs["availabilityZone"]),
        ["eu-west-1b", "eu-west-1c", "eu-west-1b", "eu-west-1c", "eu-west-1b", "eu-west-1c"],
      );
    });

    it("the stack's tags are on everything that takes them", async () => {
      const { resources } = await networkOf({ ...awsProduction, tags: { owner: "team-a" } });
      const untagged = resources.filter(
        ({ custom, type, inputs }) =>
          custom &&
          !type.startsWith("pulumi:") &&
          ![ROUTE, ASSOCIATION, "aws:iam/rolePolicy:RolePolicy"].includes(type) &&
          (inputs["tags"] as Record<string, string> | undefined)?.["owner"] !== "team-a",
      );
      assert.deepEqual(untagged, []);
    });
  });

  describe("existing", () => {
    const reads: [string, string][] = [
      ["agent-platform:aws:Network", NAME],
      ["pulumi:providers:aws", "aws"],
    ];

    it("an existing network is only read", async () => {
      const { resources, calls } = await networkOf({ network: existing });
      assert.deepEqual(inventory(resources), reads);
      assert.deepEqual(
        calls.map(({ token, inputs }) => [token, inputs]),
        [["aws:ec2/getVpc:getVpc", { id: "vpc-1" }]],
      );
    });

    it("data goes to the private subnets and all of the network may call it", async () => {
      const { result } = await networkOf({ network: existing });
      assert.equal(await valueOf(result.id), "vpc-1");
      assert.deepEqual(await valueOf(result.subnets.public), []);
      assert.deepEqual(await valueOf(result.subnets.private), ["subnet-a", "subnet-b"]);
      assert.deepEqual(await valueOf(result.subnets.data), ["subnet-a", "subnet-b"]);
      assert.deepEqual(await Promise.all(result.clientCidrs.map(valueOf)), ["10.42.0.0/16"]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.42.0.0/16"]);
    });

    it("every tier can be said", async () => {
      const subnets = { public: ["subnet-p"], private: ["subnet-a", "subnet-b"], data: ["subnet-d", "subnet-e"] };
      const { result } = await networkOf({ network: { ...existing, subnets } });
      assert.deepEqual(await valueOf(result.subnets.public), ["subnet-p"]);
      assert.deepEqual(await valueOf(result.subnets.data), ["subnet-d", "subnet-e"]);
    });

    it("another stack fills what is not said", async () => {
      const { resources, result } = await networkOf(
        { network: { mode: "existing", fromStack: "base", subnets: { private: ["subnet-a", "subnet-b"] } } },
        otherStack({
          network: { id: "vpc-9", subnets: { public: ["subnet-9p"], private: [], data: ["subnet-9d"] } },
        }),
      );
      assert.deepEqual(inventory(resources), [
        ["agent-platform:aws:Network", NAME],
        ["pulumi:providers:aws", "aws"],
        ["pulumi:pulumi:StackReference", `${NAME}-from-acme-agent-platform-base`],
      ]);
      assert.equal(await valueOf(result.id), "vpc-9");
      assert.deepEqual(await valueOf(result.subnets.public), ["subnet-9p"]);
      assert.deepEqual(await valueOf(result.subnets.private), ["subnet-a", "subnet-b"]);
      assert.deepEqual(await valueOf(result.subnets.data), ["subnet-9d"]);
    });

    it("a preview of an existing network shows the same", async () => {
      const { resources } = await networkOf({ network: existing }, { preview: true });
      assert.deepEqual(inventory(resources), reads);
    });

    it("an existing network must say which", async () => {
      const stack = settingsOf({ ...awsStack, network: existing });
      await assert.rejects(
        deploy(() => {
          const provider = new aws.Provider("aws", { region: "eu-west-1" });
          return new AwsNetwork(NAME, { settings: { mode: "existing" }, stack }, { providers: [provider] });
        }, awsComputeStubs),
        { message: `${NAME}: neither network.id nor fromStack is said` },
      );
    });
  });

  it("refuses to do without a network", async () => {
    const stack = settingsOf(awsStack);
    await assert.rejects(
      deploy(() => {
        const provider = new aws.Provider("aws", { region: "eu-west-1" });
        return new AwsNetwork(NAME, { settings: { mode: "none" }, stack }, { providers: [provider] });
      }, awsComputeStubs),
      { message: "aws: no network.none: nodes and databases need subnets; use mode managed or existing" },
    );
  });
});
