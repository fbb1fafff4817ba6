import { type Kind, type Need, type Rule, text, type View } from "../kind.js";
import { keyAt } from "./account.js";
import { securityGroups, subnets } from "./network.js";
import { arn, ec2, eks, hash, named, short } from "./words.js";

const cluster = (named: Need["named"]): Need => ({ at: "clusterName", type: "aws:eks/cluster:Cluster", named });
const roleAt = (at: string): Need => ({ at, type: "aws:iam/role:Role", named: "leaves" });

const CLUSTER_POLICY = "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy";
const NODE_POLICIES = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];

export const hasPolicy = (view: View, roleArn: unknown, policyArn: string): boolean => {
  const role = view.find("aws:iam/role:Role", roleArn);
  return (
    role?.planted === true ||
    view
      .all("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .some(({ inputs, ready }) => ready && inputs["role"] === role?.id && inputs["policyArn"] === policyArn)
  );
};

/** EKS works with the role to its end: without the policy it cannot take its network interfaces away. */
const roleHasPolicy: Rule = ({ roleArn }, view) =>
  hasPolicy(view, roleArn, CLUSTER_POLICY)
    ? undefined
    : `InvalidParameterException: The role '${roleArn}' does not have the policy ${CLUSTER_POLICY}`;

const mayGo: Rule = (inputs, view, id) =>
  inputs["deletionProtection"] === true
    ? `InvalidRequestException: The cluster '${id}' cannot be deleted because deletion protection is enabled`
    : roleHasPolicy(inputs, view, id);

const failed = (why: string): string => `NodeCreationFailure: Instances failed to join the kubernetes cluster: ${why}`;

/** A node joins with its role's permissions, by a road to the API of EKS, and is ready with the network's add-on. */
const nodesJoin: Rule = ({ clusterName, nodeRoleArn, subnetIds }, view) => {
  for (const policy of NODE_POLICIES) {
    if (!hasPolicy(view, nodeRoleArn, `arn:aws:iam::aws:policy/${policy}`)) return failed(`no ${policy}`);
  }
  const ours = view.find("aws:eks/cluster:Cluster", clusterName);
  const addons = view.all("aws:eks/addon:Addon").filter(({ ready }) => ready);
  const hasAddon = (name: string) =>
    addons.some(({ inputs }) => inputs["clusterName"] === clusterName && inputs["addonName"] === name);
  if (ours?.inputs["bootstrapSelfManagedAddons"] === false) {
    const without = ["vpc-cni", "kube-proxy"].find((name) => !hasAddon(name));
    if (without !== undefined) return failed(`no add-on ${without}`);
  }
  const lost = (Array.isArray(subnetIds) ? subnetIds : []).find((subnet) => !hasRoad(view, subnet));
  return lost === undefined ? undefined : failed(`no road out of subnet ${lost}`);
};

function hasRoad(view: View, subnetId: unknown): boolean {
  const subnet = view.find("aws:ec2/subnet:Subnet", subnetId);
  if (subnet === undefined || subnet.planted) return true;
  const endpoint = view
    .all("aws:ec2/vpcEndpoint:VpcEndpoint")
    .some(
      ({ inputs, ready }) =>
        ready && inputs["vpcId"] === subnet.inputs["vpcId"] && text(inputs["serviceName"]).endsWith(".eks"),
    );
  const tables = view
    .all("aws:ec2/routeTableAssociation:RouteTableAssociation")
    .filter(({ inputs, ready }) => ready && inputs["subnetId"] === subnetId)
    .map(({ inputs }) => inputs["routeTableId"]);
  const routed = view
    .all("aws:ec2/route:Route")
    .some(({ inputs, ready }) => ready && tables.includes(inputs["routeTableId"]));
  return endpoint || routed;
}

/** Their pods need a node to run on, or they never report success. */
const ON_NODES: ReadonlySet<unknown> = new Set(["coredns", "aws-ebs-csi-driver"]);

const podsRun: Rule = ({ addonName, clusterName }, view) => {
  const nodes = view
    .all("aws:eks/nodeGroup:NodeGroup")
    .some(({ inputs, ready }) => ready && inputs["clusterName"] === clusterName);
  return ON_NODES.has(addonName) && !nodes
    ? `waiting for EKS Add-On (${clusterName}:${addonName}) create: unexpected state 'DEGRADED': no nodes to run its pods`
    : undefined;
};

export const compute: Readonly<Record<string, Kind>> = {
  "aws:ec2/launchTemplate:LaunchTemplate": {
    noun: "launch template",
    codes: { ...ec2("LaunchTemplate"), missing: "InvalidLaunchTemplateId.NotFound" },
    naming: { property: "name", max: 125 },
    id: short("lt"),
    unique: named("name"),
    changing: ["latestVersion", "defaultVersion"],
    outputs: (_, id, where, before) => {
      const version = Number(before["latestVersion"] ?? 0) + 1;
      return { arn: arn(where, "ec2", `launch-template/${id}`), latestVersion: version, defaultVersion: version };
    },
  },
  "aws:eks/cluster:Cluster": {
    noun: "cluster",
    codes: eks,
    naming: { property: "name", max: 100 },
    id: named("name"),
    quota: 100,
    needs: [
      roleAt("roleArn"),
      subnets("vpcConfig.subnetIds"),
      securityGroups("vpcConfig.securityGroupIds"),
      keyAt("encryptionConfig.provider.keyArn"),
    ],
    refuses: { create: roleHasPolicy, delete: mayGo },
    replaceOn: [
      "roleArn",
      "bootstrapSelfManagedAddons",
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "encryptionConfig",
      "kubernetesNetworkConfig.serviceIpv4Cidr",
      "kubernetesNetworkConfig.ipFamily",
    ],
    outputs: ({ name, vpcConfig }, _, where) => ({
      arn: arn(where, "eks", `cluster/${name}`),
      endpoint: endpointOf(text(name), where.region, where.kubernetes?.endpoint),
      certificateAuthority: { data: where.kubernetes?.ca ?? Buffer.from(`CA of ${name}`).toString("base64") },
      identities: [
        { oidcs: [{ issuer: `https://oidc.eks.${where.region}.amazonaws.com/id/${clusterHash(text(name))}` }] },
      ],
      platformVersion: "eks.1",
      status: "ACTIVE",
      vpcConfig: {
        ...(typeof vpcConfig === "object" ? vpcConfig : {}),
        clusterSecurityGroupId: `sg-${hash(`${name} cluster`, 17)}`,
      },
    }),
  },
  "aws:eks/nodeGroup:NodeGroup": {
    noun: "node group",
    codes: eks,
    naming: { property: "nodeGroupName", max: 63 },
    id: ({ clusterName, nodeGroupName }) => `${clusterName}:${nodeGroupName}`,
    needs: [
      cluster("stays"),
      roleAt("nodeRoleArn"),
      subnets("subnetIds"),
      { at: "launchTemplate.id", type: "aws:ec2/launchTemplate:LaunchTemplate", named: "leaves" },
    ],
    refuses: { create: nodesJoin },
    replaceOn: [
      "clusterName",
      "nodeRoleArn",
      "subnetIds",
      "amiType",
      "instanceTypes",
      "capacityType",
      "diskSize",
      "launchTemplate.id",
    ],
    outputs: ({ clusterName, nodeGroupName }, _, where) => ({
      arn: arn(where, "eks", `nodegroup/${clusterName}/${nodeGroupName}/${hash(text(nodeGroupName), 8)}`),
      status: "ACTIVE",
    }),
  },
  "aws:eks/addon:Addon": {
    noun: "add-on",
    codes: eks,
    id: ({ clusterName, addonName }) => `${clusterName}:${addonName}`,
    needs: [cluster("takes"), roleAt("podIdentityAssociations.roleArn")],
    refuses: { create: podsRun },
    replaceOn: ["clusterName", "addonName"],
    outputs: ({ clusterName, addonName }, _, where) => ({
      arn: arn(where, "eks", `addon/${clusterName}/${addonName}/${hash(text(addonName), 8)}`),
    }),
  },
  "aws:eks/accessEntry:AccessEntry": {
    noun: "access entry",
    codes: eks,
    id: ({ clusterName, principalArn }) => `${clusterName}:${principalArn}`,
    needs: [cluster("takes")],
    replaceOn: ["clusterName", "principalArn", "type"],
    outputs: ({ clusterName, principalArn }, _, where) => ({
      accessEntryArn: arn(where, "eks", `access-entry/${clusterName}/${hash(text(principalArn), 8)}`),
    }),
  },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
    noun: "access policy association",
    codes: eks,
    id: ({ clusterName, principalArn, policyArn }) => [clusterName, principalArn, policyArn].join("#"),
    overwrites: true,
    needs: [cluster("takes")],
    refuses: {
      create: ({ clusterName, principalArn }, view) =>
        view.find("aws:eks/accessEntry:AccessEntry", `${clusterName}:${principalArn}`) === undefined
          ? `ResourceNotFoundException: The specified principalArn '${principalArn}' could not be found`
          : undefined,
    },
    replaceOn: ["clusterName", "principalArn", "policyArn", "accessScope"],
  },
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": {
    noun: "pod identity association",
    codes: eks,
    id: short("a"),
    unique: ({ clusterName, namespace, serviceAccount }) => [clusterName, namespace, serviceAccount].join("/"),
    needs: [cluster("takes"), roleAt("roleArn")],
    replaceOn: ["clusterName", "namespace", "serviceAccount"],
    outputs: ({ clusterName }, id, where) => ({
      associationArn: arn(where, "eks", `podidentityassociation/${clusterName}/${id}`),
      associationId: id,
    }),
  },
};

const clusterHash = (name: string): string => hash(name, 32).toUpperCase();

const endpointOf = (name: string, region: string, real: string | undefined): string =>
  real ?? `https://${clusterHash(name)}.gr7.${region}.eks.amazonaws.com`;
