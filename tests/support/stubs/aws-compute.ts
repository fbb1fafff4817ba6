import type { RecordedResource } from "../../../plan/record.js";
import type { Stubs } from "../deploy.js";

const ACCOUNT = "123456789012";
const REGION = "eu-west-1";

const arn =
  (service: string, region = REGION) =>
  ({ name }: RecordedResource) => ({ arn: `arn:aws:${service}:${region}:${ACCOUNT}:${name}` });

/** What AWS would answer to a network, a cluster, a key and log groups. */
export const awsComputeStubs = {
  outputs: {
    "aws:kms/key:Key": (key) => ({ ...arn("kms")(key), keyId: `${key.name}-id` }),
    "aws:cloudwatch/logGroup:LogGroup": arn("logs"),
    "aws:iam/role:Role": (role) => ({ ...arn("iam", "")(role), name: `${role.name}-1a2b3c4` }),
    "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 7 }),
    "aws:eks/cluster:Cluster": (cluster) => ({
      ...arn("eks")(cluster),
      endpoint: "https://0A1B2C.gr7.eu-west-1.eks.amazonaws.com",
      certificateAuthority: { data: "Q0E=" },
    }),
  },
  calls: {
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/session`,
      id: ACCOUNT,
      userId: "AROAEXAMPLE:session",
    }),
    "aws:index/getPartition:getPartition": () => ({ partition: "aws", dnsSuffix: "amazonaws.com" }),
    "aws:iam/getSessionContext:getSessionContext": ({ inputs }) => ({
      ...inputs,
      issuerArn: `arn:aws:iam::${ACCOUNT}:role/deployer`,
    }),
    "aws:ec2/getVpc:getVpc": ({ inputs }) => ({ ...inputs, cidrBlock: "10.42.0.0/16" }),
    "aws:eks/getCluster:getCluster": ({ inputs }) => ({
      ...inputs,
      endpoint: "https://9Z8Y7X.gr7.eu-west-1.eks.amazonaws.com",
      certificateAuthorities: [{ data: "RVg=" }],
    }),
    "aws:eks/getAddonVersion:getAddonVersion": ({ inputs }) => ({
      ...inputs,
      version: `v1.0.0-${inputs["addonName"]}-for-${inputs["kubernetesVersion"]}`,
    }),
  },
} satisfies Stubs;
