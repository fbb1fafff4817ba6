import type { Facts, Planned } from "../contract.js";

/** What stands where only an account could tell; the same text as an unknown value in the plan. */
const UNKNOWN = "[unknown]";

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
const when = (condition: unknown, text: string): string => (condition === true ? text : "");

type Inputs = Readonly<Record<string, unknown>>;

const endpointOf = ({ vpcConfig }: Inputs): string =>
  at(vpcConfig, "endpointPublicAccess") === true
    ? `public for ${list(at(vpcConfig, "publicAccessCidrs")).join(", ")}`
    : "private";

const poolOf = (group: Inputs): string => {
  const scaling = group["scalingConfig"];
  const spot = when(group["capacityType"] === "SPOT", " spot");
  return `${at(scaling, "minSize")}-${at(scaling, "maxSize")} ${list(group["instanceTypes"]).join("/")}${spot}`;
};

const isReplica = (database: Inputs): boolean =>
  database["replicateSourceDb"] !== undefined && database["engine"] === undefined;

/** A standby's database follows one in another stack and is the part itself; a read replica is a copy within its part. */
function factsOfDatabase(database: Inputs): Facts {
  if (isReplica(database) && database["backupRetentionPeriod"] === undefined)
    return { copies: `read replica ${database["instanceClass"]}` };
  const storage = database["allocatedStorage"] === undefined ? {} : { storage: storageOf(database) };
  return {
    service: isReplica(database) ? "RDS PostgreSQL, follows another" : `RDS PostgreSQL ${database["engineVersion"]}`,
    size: String(database["instanceClass"]),
    ...storage,
    ...(database["multiAz"] === true ? { copies: "standby in a second zone" } : {}),
    access: database["publiclyAccessible"] === false ? "private" : "public",
    backup: `${database["backupRetentionPeriod"]} d, point in time`,
  };
}

const storageOf = (database: Inputs): string =>
  `${database["allocatedStorage"]}-${database["maxAllocatedStorage"]} GiB ${database["storageType"]}`;

function factsOfCache(cache: Inputs): Facts {
  const groups = cache["numNodeGroups"];
  const nodes = groups === undefined ? Number(cache["numCacheClusters"]) : Number(cache["replicasPerNodeGroup"]) + 1;
  return {
    service: `ElastiCache Valkey ${cache["engineVersion"]}`,
    size: String(cache["nodeType"]),
    copies: groups === undefined ? `1 shard x ${nodes}` : `${groups} shards x ${nodes}`,
    access: "private",
    ...(cache["transitEncryptionMode"] === "required" ? { transit: "TLS required" } : {}),
    backup: `${cache["snapshotRetentionLimit"]} d`,
  };
}

export const plannedOnAws: Planned = {
  describe: {
    "aws:ec2/vpc:Vpc": (vpc) => `VPC ${vpc["cidrBlock"]}`,
    "aws:ec2/natGateway:NatGateway": () => "NAT gateway",
    "aws:ec2/subnet:Subnet": () => "subnet",
    "aws:ec2/vpcEndpoint:VpcEndpoint": (endpoint) =>
      `${String(endpoint["vpcEndpointType"] ?? "Gateway").toLowerCase()} endpoint`,
    "aws:ec2/flowLog:FlowLog": () => "flow logs",
    "aws:eks/cluster:Cluster": (cluster) =>
      `EKS ${cluster["version"]}, ${endpointOf(cluster).replace(/^(public|private)/, "$1 endpoint")}`,
    "aws:eks/nodeGroup:NodeGroup": (group) => poolOf(group).replace(" ", " nodes "),
    "aws:eks/addon:Addon": () => "add-on",
    "aws:rds/instance:Instance": (database) => {
      const zones = when(database["multiAz"], ", standby in a second zone");
      if (isReplica(database)) {
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
    "aws:route53/record:Record": (record) => `${record["type"]} record ${record["name"]}`,
    "aws:route53/zone:Zone": (zone) => `Route 53 zone ${zone["name"]}`,
    "aws:cloudwatch/logGroup:LogGroup": (group) => `log group, ${group["retentionInDays"]} d`,
    "aws:route53/healthCheck:HealthCheck": (check) =>
      `asks https://${check["fqdn"]}${check["resourcePath"]} each ${check["requestInterval"]} s`,
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => "alarm",
    "aws:sns/topicSubscription:TopicSubscription": (mail) => `mail to ${mail["endpoint"]}`,
  },
  facts: {
    "agent-platform:aws:SecretStore": () => ({ service: "Secrets Manager" }),
    "agent-platform:aws:Registry": () => ({ service: "ECR" }),
    "agent-platform:aws:Observe": () => ({ service: "CloudWatch Logs" }),
    "agent-platform:aws:Uptime": () => ({ service: "Route 53 health checks" }),
    "aws:ec2/vpc:Vpc": (vpc) => ({ service: "VPC", size: String(vpc["cidrBlock"]) }),
    "aws:ec2/natGateway:NatGateway": () => ({ "way out": "NAT gateway" }),
    "aws:cloudwatch/logGroup:LogGroup": (group) => ({ logs: `${group["retentionInDays"]} d` }),
    "aws:eks/cluster:Cluster": (cluster) => ({ service: `EKS ${cluster["version"]}`, access: endpointOf(cluster) }),
    "aws:eks/nodeGroup:NodeGroup": (group) => ({ [`nodes ${at(group["labels"], "role")}`]: poolOf(group) }),
    "aws:rds/instance:Instance": factsOfDatabase,
    "aws:rds/parameterGroup:ParameterGroup": ({ parameters }) =>
      list(parameters).some((one) => at(one, "name") === "rds.force_ssl" && at(one, "value") === "1")
        ? { transit: "TLS required" }
        : {},
    "aws:elasticache/replicationGroup:ReplicationGroup": factsOfCache,
    "aws:s3/bucket:Bucket": () => ({ service: "S3" }),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": (block) =>
      block["blockPublicPolicy"] === true && block["restrictPublicBuckets"] === true ? { access: "private" } : {},
    "aws:s3/bucketVersioning:BucketVersioning": (versioning) =>
      at(versioning["versioningConfiguration"], "status") === "Enabled" ? { backup: "versions kept" } : {},
    "aws:kms/key:Key": (key) => ({ encryption: `own key, new every ${key["rotationPeriodInDays"]} d` }),
    "aws:route53/zone:Zone": (zone) => ({ service: "Route 53", size: String(zone["name"]) }),
  },
  keeps: {
    "aws:eks/cluster:Cluster": "a cluster and its volumes",
    "aws:rds/instance:Instance": "a database, or a copy of one",
    "aws:elasticache/replicationGroup:ReplicationGroup": "a cache",
    "aws:s3/bucket:Bucket": "a bucket",
    "aws:kms/key:Key": "an encryption key",
    "aws:secretsmanager/secret:Secret": "a secret",
    "aws:ecr/repository:Repository": "images",
    "aws:route53/zone:Zone": "a DNS zone",
    "aws:cloudwatch/logGroup:LogGroup": "logs",
  },
  // `ForceNew` in the provider that the SDK is made from; the SDK's own documentation leaves most of it out.
  replacedBy: {
    "aws:ec2/vpc:Vpc": ["cidrBlock"],
    "aws:ec2/subnet:Subnet": ["availabilityZone", "cidrBlock", "vpcId"],
    "aws:eks/cluster:Cluster": [
      "name",
      "kubernetesNetworkConfig.ipFamily",
      "kubernetesNetworkConfig.serviceIpv4Cidr",
      "accessConfig.bootstrapClusterCreatorAdminPermissions",
      "bootstrapSelfManagedAddons",
    ],
    "aws:eks/nodeGroup:NodeGroup": ["amiType", "capacityType", "clusterName", "diskSize", "instanceTypes"],
    "aws:rds/instance:Instance": ["dbName", "engine", "kmsKeyId", "storageEncrypted", "username"],
    "aws:elasticache/replicationGroup:ReplicationGroup": [
      "atRestEncryptionEnabled",
      "kmsKeyId",
      "port",
      "snapshotName",
    ],
    "aws:ecr/repository:Repository": ["encryptionConfigurations", "name"],
    "aws:route53/zone:Zone": ["name"],
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
    "aws:lb/getHostedZoneId:getHostedZoneId": { id: UNKNOWN, loadBalancerType: "network", region: UNKNOWN },
    "aws:kms/getKey:getKey": { arn: UNKNOWN, id: UNKNOWN, keyId: UNKNOWN },
    "aws:route53/getZone:getZone": { zoneId: UNKNOWN, arn: UNKNOWN, name: UNKNOWN, nameServers: [UNKNOWN] },
    "aws:s3/getBucket:getBucket": { arn: UNKNOWN, bucket: UNKNOWN, region: UNKNOWN, bucketRegion: UNKNOWN },
  },
};
