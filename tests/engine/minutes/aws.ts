import type { Rows } from "./row.js";

/**
 * EKS, RDS and ElastiCache are the low end of the ranges that the AWS user guides and the provider's own time-outs lead
 * to expect (EKS 10-15 minutes, RDS with a standby 15-40, ElastiCache 12-60); the rest is what logs of ordinary runs of
 * the provider show.
 */
export const minutesOnAws: Rows = {
  "aws:cloudwatch/logGroup:LogGroup": { create: 0.03 },
  "aws:ec2/internetGateway:InternetGateway": { create: 0.05, delete: 0.2 },
  "aws:ec2/natGateway:NatGateway": { create: 2, delete: 1 },
  "aws:ec2/securityGroup:SecurityGroup": { create: 0.05 },
  "aws:ec2/subnet:Subnet": { create: 0.05 },
  "aws:ec2/vpc:Vpc": { create: 0.2 },
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ vpcEndpointType }) =>
    vpcEndpointType === "Interface" ? { create: 1.5, update: 0.5, delete: 1 } : { create: 0.1 },
  "aws:eks/accessEntry:AccessEntry": { create: 0.05 },
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": { create: 0.05 },
  "aws:eks/addon:Addon": { create: 1, update: 1, delete: 0.3 },
  "aws:eks/cluster:Cluster": { create: 11, update: 8, delete: 9 },
  "aws:eks/nodeGroup:NodeGroup": { create: 3, update: 5, delete: 5 },
  "aws:elasticache/parameterGroup:ParameterGroup": { create: 0.05 },
  "aws:elasticache/replicationGroup:ReplicationGroup": { create: 12, update: 10, delete: 8 },
  "aws:elasticache/user:User": { create: 0.2, update: 0.2, delete: 0.2 },
  "aws:elasticache/userGroup:UserGroup": { create: 0.5, update: 0.5, delete: 0.5 },
  // IAM answers at once, and the provider then waits until the role is seen everywhere.
  "aws:iam/role:Role": { create: 0.15, delete: 0.02 },
  "aws:kms/key:Key": { create: 0.2, update: 0.1 },
  "aws:rds/instance:Instance": ({ replicateSourceDb, multiAz }) => ({
    create: replicateSourceDb !== undefined ? 12 : multiAz === true ? 15 : 8,
    update: 5,
    delete: 5,
  }),
  "aws:rds/parameterGroup:ParameterGroup": { create: 0.05 },
  "aws:route53/zone:Zone": { create: 0.6, delete: 0.2 },
  "aws:s3/bucket:Bucket": { create: 0.05 },
};
