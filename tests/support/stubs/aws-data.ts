import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Settings } from "../../../config/settings.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AwsSecretStore } from "../../../providers/aws/secrets.js";
import type { Cluster, Network, SecretStore } from "../../../providers/contract.js";
import type { Stubs } from "../deploy.js";
import { partsOn } from "../part.js";
import { dataClusterOf } from "./cluster.js";

const ACCOUNT = "123456789012";
const REGION = "eu-west-1";

const arnOf = (service: string, path: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${path}`;
/** What auto-naming would make of it. */
const named = ({ name, inputs }: RecordedResource) => String(inputs["name"] ?? `${name}-1a2b3c4`);
const withName = (resource: RecordedResource) => ({ name: named(resource) });

/** What AWS would answer to databases, caches, buckets, secrets, identities, registries and zones. */
export const awsDataStubs = {
  outputs: {
    "random:index/randomPassword:RandomPassword": ({ name }) => ({ result: `password of ${name}` }),
    "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
    "aws:kms/key:Key": ({ name }) => ({ arn: arnOf("kms", `key/${name}`), keyId: `${name}-id` }),
    "aws:rds/instance:Instance": ({ name }) => ({
      identifier: `${name}-1a2b3c4`,
      address: `${name}.abc.${REGION}.rds.amazonaws.com`,
      arn: arnOf("rds", `db:${name}-1a2b3c4`),
    }),
    "aws:rds/parameterGroup:ParameterGroup": withName,
    "aws:rds/subnetGroup:SubnetGroup": withName,
    "aws:elasticache/parameterGroup:ParameterGroup": withName,
    "aws:elasticache/subnetGroup:SubnetGroup": withName,
    "aws:elasticache/replicationGroup:ReplicationGroup": ({ name }) => ({
      primaryEndpointAddress: `master.${name}.abc.euw1.cache.amazonaws.com`,
      configurationEndpointAddress: `clustercfg.${name}.abc.euw1.cache.amazonaws.com`,
    }),
    "aws:s3/bucket:Bucket": ({ name }) => ({ bucket: `${name}-1a2b3c4`, arn: `arn:aws:s3:::${name}-1a2b3c4` }),
    "aws:secretsmanager/secret:Secret": (secret) => ({
      ...withName(secret),
      arn: arnOf("secretsmanager", `secret:${named(secret)}-AbCdEf`),
    }),
    "aws:secretsmanager/secretVersion:SecretVersion": () => ({ versionId: "v1" }),
    "aws:iam/role:Role": (role) => ({ ...withName(role), arn: `arn:aws:iam::${ACCOUNT}:role/${named(role)}` }),
    "aws:ecr/repository:Repository": (repository) => ({
      ...withName(repository),
      repositoryUrl: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${named(repository)}`,
    }),
    "aws:sns/topic:Topic": ({ name, inputs }) => ({
      arn: `arn:aws:sns:${inputs["region"] ?? REGION}:${ACCOUNT}:${name}-1a2b3c4`,
    }),
    "aws:route53/zone:Zone": ({ name }) => ({
      zoneId: `Z-${name}`,
      nameServers: ["ns-1.example.org", "ns-2.example.org"],
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
    "aws:kms/getKey:getKey": ({ inputs }) => ({ ...inputs, arn: `arn of ${inputs["keyId"]}` }),
    "aws:s3/getBucket:getBucket": ({ inputs }) => ({
      ...inputs,
      arn: `arn:aws:s3:::${inputs["bucket"]}`,
      bucketRegion: "eu-central-1",
    }),
    "aws:lb/getHostedZoneId:getHostedZoneId": ({ inputs }) => ({ ...inputs, id: `Z of ${inputs["region"]}` }),
    "aws:route53/getZone:getZone": ({ inputs }) => ({ ...inputs, nameServers: ["ns-9.example.org"] }),
  },
} satisfies Stubs;

/** What the platform hands down to every part. */
const awsProviders = () => [new aws.Provider("aws", { region: REGION }), new random.Provider("random")];

export const deployAwsPart = partsOn(awsProviders, () => undefined, awsDataStubs);

const dataSubnets = ["subnet-d1", "subnet-d2"];

export const dataNetwork = (): Network => ({
  id: pulumi.output("vpc-1"),
  subnets: {
    private: pulumi.output(["subnet-a1", "subnet-a2"]),
    public: pulumi.output(["subnet-p1", "subnet-p2"]),
    data: pulumi.output(dataSubnets),
  },
  clientCidrs: [pulumi.output("10.0.0.0/18"), pulumi.output("10.0.64.0/18")],
  dataCidrs: pulumi.output(["10.0.200.0/22", "10.0.204.0/22"]),
});

export const dataCluster = (): Cluster => dataClusterOf("");

export const dataStore = (
  stack: Settings,
  opts: pulumi.ComponentResourceOptions,
  cluster: Cluster = dataCluster(),
): SecretStore => new AwsSecretStore("agents", { stack, settings: stack.secretStore, cluster }, opts);
