import type { Planned } from "../contract.js";

/** What stands where only an account could tell; the same text as an unknown value in the plan. */
const UNKNOWN = "[unknown]";

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
const when = (condition: unknown, text: string): string => (condition === true ? text : "");

export const plannedOnAws: Planned = {
  describe: {
    "aws:ec2/vpc:Vpc": (vpc) => `VPC ${vpc["cidrBlock"]}`,
    "aws:ec2/natGateway:NatGateway": () => "NAT gateway",
    "aws:ec2/subnet:Subnet": () => "subnet",
    "aws:ec2/vpcEndpoint:VpcEndpoint": (endpoint) =>
      `${String(endpoint["vpcEndpointType"] ?? "Gateway").toLowerCase()} endpoint`,
    "aws:ec2/flowLog:FlowLog": () => "flow logs",
    "aws:eks/cluster:Cluster": (cluster) =>
      `EKS ${cluster["version"]}, ${at(cluster["vpcConfig"], "endpointPublicAccess") === true ? `public endpoint for ${list(at(cluster["vpcConfig"], "publicAccessCidrs")).join(", ")}` : "private endpoint"}`,
    "aws:eks/nodeGroup:NodeGroup": (group) => {
      const scaling = group["scalingConfig"];
      const spot = when(group["capacityType"] === "SPOT", " spot");
      return `${at(scaling, "minSize")}-${at(scaling, "maxSize")} nodes ${list(group["instanceTypes"]).join("/")}${spot}`;
    },
    "aws:eks/addon:Addon": () => "add-on",
    "aws:rds/instance:Instance": (database) => {
      const zones = when(database["multiAz"], ", standby in a second zone");
      if (database["replicateSourceDb"] !== undefined && database["engine"] === undefined) {
        return `read replica ${database["instanceClass"]}${zones}`;
      }
      const storage = `${database["allocatedStorage"]}-${database["maxAllocatedStorage"]} GiB`;
      return `RDS PostgreSQL ${database["engineVersion"]}, ${database["instanceClass"]}, ${storage}${zones}, backups ${database["backupRetentionPeriod"]} d`;
    },
    "aws:elasticache/replicationGroup:ReplicationGroup": (cache) => {
      const groups = cache["numNodeGroups"];
      const shape =
        groups === undefined
          ? `${cache["numCacheClusters"]} x ${cache["nodeType"]}`
          : `${groups} shards x ${Number(cache["replicasPerNodeGroup"]) + 1} ${cache["nodeType"]}`;
      return `ElastiCache Valkey ${cache["engineVersion"]}, ${shape}${when(cache["multiAzEnabled"], ", several zones")}`;
    },
    "aws:s3/bucket:Bucket": () => "S3 bucket",
    "aws:s3/bucketVersioning:BucketVersioning": () => "versioned",
    "aws:kms/key:Key": (key) => `KMS key, new every ${key["rotationPeriodInDays"]} d`,
    "aws:secretsmanager/secret:Secret": () => "secret in Secrets Manager",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => "pod identity",
    "aws:ecr/repository:Repository": () => "ECR repository",
    "aws:route53/zone:Zone": (zone) => `Route 53 zone ${zone["name"]}`,
    "aws:cloudwatch/logGroup:LogGroup": (group) => `log group, ${group["retentionInDays"]} d`,
  },
  reads: {
    "aws:index/getCallerIdentity:getCallerIdentity": { accountId: UNKNOWN, arn: UNKNOWN, userId: UNKNOWN, id: UNKNOWN },
    "aws:index/getPartition:getPartition": {
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      reverseDnsPrefix: "com.amazonaws",
      id: "aws",
    },
    "aws:iam/getSessionContext:getSessionContext": {
      arn: UNKNOWN,
      issuerArn: UNKNOWN,
      issuerId: UNKNOWN,
      issuerName: UNKNOWN,
      sessionName: UNKNOWN,
      id: UNKNOWN,
    },
    "aws:eks/getAddonVersion:getAddonVersion": { version: UNKNOWN, addonName: UNKNOWN, kubernetesVersion: UNKNOWN },
    "aws:ec2/getVpc:getVpc": { id: UNKNOWN, arn: UNKNOWN, cidrBlock: UNKNOWN },
    "aws:eks/getCluster:getCluster": {
      name: UNKNOWN,
      arn: UNKNOWN,
      endpoint: UNKNOWN,
      certificateAuthorities: [{ data: UNKNOWN }],
      identities: [{ oidcs: [{ issuer: UNKNOWN }] }],
    },
    "aws:kms/getKey:getKey": { arn: UNKNOWN, id: UNKNOWN, keyId: UNKNOWN },
    "aws:route53/getZone:getZone": { zoneId: UNKNOWN, arn: UNKNOWN, name: UNKNOWN, nameServers: [UNKNOWN] },
    "aws:s3/getBucket:getBucket": { arn: UNKNOWN, bucket: UNKNOWN, region: UNKNOWN, bucketRegion: UNKNOWN },
  },
};
