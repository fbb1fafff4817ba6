import type { Need, Needs } from "../order.js";
import { always, of } from "./need.js";

const vpc = of("aws:ec2/vpc:Vpc");
const subnet = of("aws:ec2/subnet:Subnet");
const role = of("aws:iam/role:Role");
const key = of("aws:kms/key:Key");
const password = of("random:index/randomPassword:RandomPassword");
const cluster = of("aws:eks/cluster:Cluster");
const nodes = of("aws:eks/nodeGroup:NodeGroup");

const addon = (name: string): Need => of("aws:eks/addon:Addon", (inputs) => inputs["addonName"] === name);
const agent = addon("eks-pod-identity-agent");

/**
 * What add-ons need beside the cluster. A role for an add-on is given by the agent, which is to be there before it:
 * https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html
 */
const addons: Readonly<Record<string, readonly Need[]>> = {
  "vpc-cni": [agent],
  // Their pods run on nodes, and the add-on is made when they do.
  coredns: [nodes],
  "aws-ebs-csi-driver": [agent, nodes],
};

export const needsOnAws: Needs = {
  "aws:ec2/subnet:Subnet": always(vpc),
  "aws:ec2/natGateway:NatGateway": always(subnet, of("aws:ec2/eip:Eip")),
  "aws:eks/cluster:Cluster": always(subnet, role, key),
  // Nodes join by pulling images, for which they need the way out, and are ready when they have a pod network, whose
  // settings they read when they join.
  "aws:eks/nodeGroup:NodeGroup": always(cluster, of("aws:ec2/natGateway:NatGateway"), addon("vpc-cni")),
  "aws:eks/addon:Addon": ({ addonName }) => [cluster, ...(addons[String(addonName)] ?? [])],
  "aws:rds/subnetGroup:SubnetGroup": always(subnet),
  "aws:rds/instance:Instance": ({ replicateSourceDb }) =>
    replicateSourceDb === undefined
      ? [of("aws:rds/subnetGroup:SubnetGroup"), of("aws:rds/parameterGroup:ParameterGroup"), key, password]
      : [of("aws:rds/instance:Instance", (inputs) => inputs["replicateSourceDb"] === undefined)],
  "aws:cloudwatch/metricAlarm:MetricAlarm": always(
    of("aws:route53/healthCheck:HealthCheck"),
    of("aws:sns/topic:Topic"),
  ),
  "aws:sns/topicSubscription:TopicSubscription": always(of("aws:sns/topic:Topic")),
  "aws:elasticache/subnetGroup:SubnetGroup": always(subnet),
  "aws:elasticache/user:User": always(password),
  "aws:elasticache/userGroup:UserGroup": always(of("aws:elasticache/user:User")),
  "aws:elasticache/replicationGroup:ReplicationGroup": always(
    of("aws:elasticache/subnetGroup:SubnetGroup"),
    of("aws:elasticache/userGroup:UserGroup"),
    of("aws:elasticache/parameterGroup:ParameterGroup"),
    key,
  ),
};
