import type { Kind, Need, Rule } from "../kind.js";
import { arn, ec2, hash, short } from "./words.js";

const vpc: Need = { at: "vpcId", type: "aws:ec2/vpc:Vpc", named: "stays" };
const subnet = (at: string, named: Need["named"] = "stays"): Need => ({ at, type: "aws:ec2/subnet:Subnet", named });
export const subnets = subnet;
export const securityGroups = (at: string): Need => ({
  at,
  type: "aws:ec2/securityGroup:SecurityGroup",
  named: "stays",
});
const table = (named: Need["named"], at = "routeTableId"): Need => ({
  at,
  type: "aws:ec2/routeTable:RouteTable",
  named,
});

/** A public gateway does not come up in a network without a way to the internet. */
const needsInternet: Rule = ({ subnetId }, view) => {
  const network = view.find("aws:ec2/subnet:Subnet", subnetId)?.inputs["vpcId"];
  const gateways = view.all("aws:ec2/internetGateway:InternetGateway");
  return gateways.some(({ inputs, ready }) => ready && inputs["vpcId"] === network)
    ? undefined
    : `Gateway.NotAttached: Network ${network} has no Internet gateway attached`;
};

const noAddressesMapped: Rule = ({ vpcId }, view) => {
  const mapped = view
    .all("aws:ec2/natGateway:NatGateway")
    .some(({ inputs }) => view.find("aws:ec2/subnet:Subnet", inputs["subnetId"])?.inputs["vpcId"] === vpcId);
  return mapped
    ? `DependencyViolation: Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`
    : undefined;
};

const noRangeTwice: Rule = ({ vpcId, cidrBlock }, view) =>
  view.all("aws:ec2/subnet:Subnet").some(({ inputs }) => inputs["vpcId"] === vpcId && inputs["cidrBlock"] === cidrBlock)
    ? `InvalidSubnet.Conflict: The CIDR '${cidrBlock}' conflicts with another subnet`
    : undefined;

export const network: Readonly<Record<string, Kind>> = {
  "aws:ec2/vpc:Vpc": {
    noun: "VPC",
    codes: ec2("Vpc"),
    id: short("vpc"),
    quota: 5,
    replaceOn: ["cidrBlock"],
    outputs: (_, id, where) => ({
      arn: arn(where, "ec2", `vpc/${id}`),
      ownerId: where.account,
      defaultSecurityGroupId: `sg-${hash(id, 17)}`,
      mainRouteTableId: `rtb-${hash(id, 17)}`,
    }),
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
    noun: "default security group",
    codes: ec2("Group"),
    // It is there already: the provider takes it over, and lets it be when it is deleted.
    id: ({ vpcId }) => `sg-${hash(String(vpcId), 17)}`,
    overwrites: true,
    needs: [{ ...vpc, named: "takes" }],
    replaceOn: ["vpcId"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `security-group/${id}`), name: "default" }),
  },
  "aws:ec2/eip:Eip": {
    noun: "Elastic IP address",
    codes: { ...ec2("Address"), missing: "InvalidAllocationID.NotFound", inUse: "InvalidIPAddress.InUse" },
    id: short("eipalloc"),
    quota: 5,
    replaceOn: ["domain"],
    outputs: (_, id) => ({
      allocationId: id,
      publicIp: `198.51.100.${Number.parseInt(hash(id, 2), 16)}`,
    }),
  },
  "aws:ec2/flowLog:FlowLog": {
    noun: "flow log",
    codes: ec2("FlowLog"),
    id: short("fl"),
    needs: [
      { ...vpc, named: "takes" },
      { at: "logDestination", type: "aws:cloudwatch/logGroup:LogGroup", named: "leaves" },
      { at: "iamRoleArn", type: "aws:iam/role:Role", named: "leaves" },
    ],
    replaceOn: ["vpcId", "trafficType", "logDestination", "logDestinationType", "iamRoleArn"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `vpc-flow-log/${id}`) }),
  },
  "aws:ec2/internetGateway:InternetGateway": {
    noun: "internet gateway",
    codes: ec2("InternetGateway"),
    id: short("igw"),
    quota: 5,
    needs: [vpc],
    refuses: { delete: noAddressesMapped },
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `internet-gateway/${id}`), ownerId: where.account }),
  },
  "aws:ec2/natGateway:NatGateway": {
    noun: "NAT gateway",
    codes: { ...ec2("NatGateway"), missing: "NatGatewayNotFound" },
    id: short("nat"),
    needs: [subnet("subnetId"), { at: "allocationId", type: "aws:ec2/eip:Eip", named: "stays" }],
    refuses: { create: needsInternet },
    replaceOn: ["allocationId", "subnetId", "connectivityType"],
    outputs: (_, id) => ({ networkInterfaceId: `eni-${hash(id, 17)}`, privateIp: "10.0.192.10" }),
  },
  "aws:ec2/route:Route": {
    noun: "route",
    codes: { ...ec2("Route"), taken: "RouteAlreadyExists" },
    id: ({ routeTableId, destinationCidrBlock }) => `r-${routeTableId}-${hash(String(destinationCidrBlock), 10)}`,
    needs: [
      table("takes"),
      { at: "gatewayId", type: "aws:ec2/internetGateway:InternetGateway", named: "leaves" },
      { at: "natGatewayId", type: "aws:ec2/natGateway:NatGateway", named: "leaves" },
    ],
    replaceOn: ["routeTableId", "destinationCidrBlock"],
    deleteBeforeReplace: true,
    outputs: () => ({ state: "active", origin: "CreateRoute" }),
  },
  "aws:ec2/routeTable:RouteTable": {
    noun: "route table",
    codes: ec2("RouteTable"),
    id: short("rtb"),
    needs: [vpc],
    replaceOn: ["vpcId"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `route-table/${id}`), ownerId: where.account }),
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": {
    noun: "route table association",
    codes: { ...ec2("AssociationID"), taken: "Resource.AlreadyAssociated" },
    id: short("rtbassoc"),
    // A subnet has one table.
    unique: ({ subnetId }) => String(subnetId),
    needs: [table("stays"), subnet("subnetId", "takes")],
    replaceOn: ["subnetId"],
  },
  "aws:ec2/securityGroup:SecurityGroup": {
    noun: "security group",
    codes: { ...ec2("Group"), missing: "InvalidGroup.NotFound" },
    naming: { property: "name", max: 255 },
    id: short("sg"),
    unique: ({ vpcId, name }) => `${vpcId}/${name}`,
    quota: 2500,
    needs: [vpc],
    replaceOn: ["description", "vpcId"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `security-group/${id}`), ownerId: where.account }),
  },
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
    noun: "security group rule",
    codes: { ...ec2("SecurityGroupRuleId"), taken: "InvalidPermission.Duplicate" },
    id: short("sgr"),
    unique: ({ securityGroupId, cidrIpv4, ipProtocol, fromPort, toPort }) =>
      [securityGroupId, cidrIpv4, ipProtocol, fromPort, toPort].join("/"),
    needs: [{ ...securityGroups("securityGroupId"), named: "takes" }],
    replaceOn: ["securityGroupId"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `security-group-rule/${id}`), securityGroupRuleId: id }),
  },
  "aws:ec2/subnet:Subnet": {
    noun: "subnet",
    codes: ec2("Subnet"),
    id: short("subnet"),
    needs: [vpc],
    refuses: { create: noRangeTwice },
    replaceOn: ["vpcId", "cidrBlock", "availabilityZone"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `subnet/${id}`), ownerId: where.account }),
  },
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    noun: "VPC endpoint",
    codes: ec2("VpcEndpoint"),
    id: short("vpce"),
    quota: 50,
    needs: [vpc, subnet("subnetIds"), securityGroups("securityGroupIds"), table("leaves", "routeTableIds")],
    replaceOn: ["vpcId", "serviceName", "vpcEndpointType"],
    outputs: (_, id, where) => ({ arn: arn(where, "ec2", `vpc-endpoint/${id}`), state: "available" }),
  },
};
