import type * as pulumi from "@pulumi/pulumi";
import type { Duty } from "../contract.js";
import type { Statement } from "./statements.js";

type ClusterName = pulumi.Output<string>;

/** What a pod needs that has a duty towards one cluster, and towards no other of the account's. */
export const duties: Readonly<Record<Duty, (cluster: ClusterName) => readonly Statement[]>> = {
  "scale nodes": scaleNodes,
  "make load balancers": makeLoadBalancers,
  "read metrics": readMetrics,
};

/**
 * As the cluster autoscaler asks, less what is for groups of the old kind (by launch configurations), and those that
 * say what a machine must have instead of its type: node groups of EKS are neither.
 * https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md
 */
function scaleNodes(cluster: ClusterName): readonly Statement[] {
  return [
    {
      Sid: "SeeNodeGroups",
      Effect: "Allow",
      Action: [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeTags",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions",
      ],
      // AWS knows no other for what only looks.
      Resource: ["*"],
    },
    {
      // Labels and taints of a group without a node, which tells of none.
      Sid: "SeeEmptyNodeGroups",
      Effect: "Allow",
      Action: ["eks:DescribeNodegroup"],
      Resource: [cluster.apply((name) => `arn:aws:eks:*:*:nodegroup/${name}/*/*`)],
    },
    {
      Sid: "ScaleNodeGroups",
      Effect: "Allow",
      Action: ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
      Resource: ["*"],
      // A tag that EKS itself gives to the groups.
      Condition: cluster.apply((name) => ({
        StringEquals: { [`aws:ResourceTag/k8s.io/cluster-autoscaler/${name}`]: "owned" },
      })),
    },
  ];
}

const SECURITY_GROUPS = "arn:aws:ec2:*:*:security-group/*";
const LISTENERS = "arn:aws:elasticloadbalancing:*:*:listener/net/*/*/*";
const NETWORK_LOAD_BALANCERS = "arn:aws:elasticloadbalancing:*:*:loadbalancer/net/*/*";
const TARGET_GROUPS = "arn:aws:elasticloadbalancing:*:*:targetgroup/*/*";
/** What the controller writes on all that it makes: the cluster's name. */
const OURS = "elbv2.k8s.aws/cluster";

/**
 * As the AWS Load Balancer Controller asks (docs/install/iam_policy.json of v3.1.0), for network load balancers whose
 * TLS ends at the pods: nothing of application load balancers' rules, certificates, logins and firewalls, nor of
 * Outposts, address pools, peered networks and reserved capacity. Where it asks that a thing has the cluster's tag at
 * all, the tag must name this cluster here, as in AWS's own policy for its clusters (AmazonEKSLoadBalancingPolicy).
 */
function makeLoadBalancers(cluster: ClusterName): readonly Statement[] {
  const asksForOurs = { [`aws:RequestTag/${OURS}`]: cluster };
  const isOurs = { [`aws:ResourceTag/${OURS}`]: cluster };
  /** What is the cluster's stays the cluster's. */
  const keepsTheTag = { [`aws:RequestTag/${OURS}`]: "true" };
  return [
    {
      Sid: "SeeLoadBalancers",
      Effect: "Allow",
      Action: [
        "ec2:DescribeAccountAttributes",
        "ec2:DescribeAddresses",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInstances",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeTags",
        "ec2:DescribeVpcs",
        "ec2:GetSecurityGroupsForVpc",
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListenerCertificates",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeSSLPolicies",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      Resource: ["*"],
    },
    {
      // The account's first load balancer needs a role of AWS's own.
      Sid: "BeginWithLoadBalancers",
      Effect: "Allow",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: [
        "arn:aws:iam::*:role/aws-service-role/elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing",
      ],
      Condition: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
    },
    {
      Sid: "MakeLoadBalancers",
      Effect: "Allow",
      Action: [
        "ec2:CreateSecurityGroup",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateTargetGroup",
      ],
      Resource: ["*"],
      Condition: { StringEquals: asksForOurs },
    },
    {
      // The network that a group is in is not tagged by making it.
      Sid: "MakeSecurityGroupsInNetworks",
      Effect: "Allow",
      Action: ["ec2:CreateSecurityGroup"],
      Resource: ["arn:aws:ec2:*:*:vpc/*"],
    },
    {
      Sid: "TagNewSecurityGroups",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: [SECURITY_GROUPS],
      Condition: { StringEquals: { "ec2:CreateAction": "CreateSecurityGroup", ...asksForOurs } },
    },
    {
      Sid: "TagNewLoadBalancers",
      Effect: "Allow",
      Action: ["elasticloadbalancing:AddTags"],
      Resource: [NETWORK_LOAD_BALANCERS, TARGET_GROUPS, LISTENERS],
      Condition: {
        StringEquals: {
          "elasticloadbalancing:CreateAction": ["CreateListener", "CreateLoadBalancer", "CreateTargetGroup"],
          ...asksForOurs,
        },
      },
    },
    {
      Sid: "TagLoadBalancers",
      Effect: "Allow",
      Action: ["ec2:CreateTags", "ec2:DeleteTags", "elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"],
      Resource: [SECURITY_GROUPS, NETWORK_LOAD_BALANCERS, TARGET_GROUPS, LISTENERS],
      Condition: { StringEquals: isOurs, Null: keepsTheTag },
    },
    {
      Sid: "KeepLoadBalancers",
      Effect: "Allow",
      Action: [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:DeleteSecurityGroup",
        "ec2:RevokeSecurityGroupIngress",
        "elasticloadbalancing:DeleteListener",
        "elasticloadbalancing:DeleteLoadBalancer",
        "elasticloadbalancing:DeleteTargetGroup",
        "elasticloadbalancing:DeregisterTargets",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyListenerAttributes",
        "elasticloadbalancing:ModifyLoadBalancerAttributes",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:RegisterTargets",
        "elasticloadbalancing:SetIpAddressType",
        "elasticloadbalancing:SetSecurityGroups",
        "elasticloadbalancing:SetSubnets",
      ],
      Resource: [SECURITY_GROUPS, NETWORK_LOAD_BALANCERS, TARGET_GROUPS, LISTENERS],
      Condition: { StringEquals: isOurs },
    },
    {
      // The nodes' group is made by EKS, which gives it this tag.
      Sid: "LetLoadBalancersIn",
      Effect: "Allow",
      Action: ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
      Resource: [SECURITY_GROUPS],
      Condition: cluster.apply((name) => ({
        StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${name}`]: "owned" },
      })),
    },
  ];
}

/** AWS knows no other resource for measurements than all of them; what is read of them costs by the call. */
function readMetrics(): readonly Statement[] {
  return [
    {
      Sid: "ReadMetrics",
      Effect: "Allow",
      Action: ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "tag:GetResources"],
      Resource: ["*"],
    },
  ];
}
