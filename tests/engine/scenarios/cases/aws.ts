import { change } from "../../providers/cloud/disk.js";
import { type Account, deleteOne, inAccount, plantAll } from "./account.js";
import { type Case, existing, type Faults, type Guarded, type Theirs } from "./case.js";

const CLUSTER = "aws:eks/cluster:Cluster";
const natGateway = "aws:ec2/natGateway:NatGateway";
const nodes = "aws:eks/nodeGroup:NodeGroup";
const addon = "aws:eks/addon:Addon";

const faults: Faults = {
  quota: {
    type: natGateway,
    says: /aws:ec2:NatGateway \(agents-staging-nat-eu-west-1a\):\n +error: NatGatewayLimitExceeded: The maximum number of NAT gateways has been reached\.\n/,
    there: ["aws:ec2/vpc:Vpc"],
    waiting: [natGateway],
  },
  // Nodes wait for the NAT gateway, so that none was made before.
  halfMade: {
    type: nodes,
    says: /aws:eks:NodeGroup \(agents-staging-(?:system|apps|spot)\):\n +error: 1 error occurred:\n\s+\* .*unexpected state 'failed', wanted target 'available'/,
    there: [natGateway, nodes, addon],
  },
  // Add-ons whose pods run on nodes are still to be made.
  throttled: { [`create ${addon}`]: 5, [`update ${nodes}`]: 3 },
  // The last attempt at these nodes failed: the engine asks once more.
  mended: [`update ${nodes}`],
  database: "aws:rds/instance:Instance",
  stays: {
    "aws:kms/key:Key": "pending deletion",
    "aws:secretsmanager/secret:Secret": "soft-deleted",
  },
};

const unlockedKey = (name: string): readonly string[] => [
  `aws:kms/key:Key ${name}: deletionWindowInDays 30 -> 7`,
  `aws:kms/key:Key ${name}: protect true -> undefined`,
];
const DATABASE = "aws:rds/instance:Instance agents-production-db-main";
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup agents-production-kv-main";
const BUCKET = "aws:s3/bucket:Bucket agents-production-bucket-main";

const guarded: Guarded = {
  stack: "prod",
  locked: [
    "agents-production-bucket-main",
    "agents-production-bucket-main-key",
    "agents-production-db-main",
    "agents-production-images",
    "agents-production-key",
    "agents-production-kv-main",
    "agents-production-secrets",
  ],
  lifted: [
    ...["bucket-main-key", "db-main-key", "images", "key", "kv-main-key", "secrets"].flatMap((key) =>
      unlockedKey(`agents-production-${key}`),
    ),
    "aws:ecr/repository:Repository agents-production-api: forceDelete false -> true",
    "aws:eks/cluster:Cluster agents-production: deletionProtection true -> false",
    `${DATABASE}: applyImmediately false -> true`,
    `${DATABASE}: deletionProtection true -> false`,
    `${DATABASE}: protect true -> undefined`,
    `${DATABASE}-replica-1: applyImmediately false -> true`,
    `${DATABASE}-replica-2: applyImmediately false -> true`,
    `${CACHE}: applyImmediately false -> true`,
    `${CACHE}: protect true -> undefined`,
    `${BUCKET}: forceDestroy false -> true`,
    `${BUCKET}: protect true -> undefined`,
  ],
  left: ["aws:kms/key:Key agents-production-db-main-key", "aws:kms/key:Key agents-production-kv-main-key"],
  remains: [
    "automated backup of agents-production-db-main",
    "pending deletion of agents-production-bucket-main-key",
    "pending deletion of agents-production-images",
    "pending deletion of agents-production-key",
    "pending deletion of agents-production-secrets",
    "snapshot of agents-production-db-main",
    "snapshot of agents-production-kv-main",
    "soft-deleted of agents-production-anthropic-api-key",
    "soft-deleted of agents-production-api-db-main",
    "soft-deleted of agents-production-db-main-owner",
    "soft-deleted of agents-production-kv-main-app",
    "soft-deleted of agents-production-openai-api-key",
  ],
};

const KEY = "11111111-2222-3333-4444-555555555555";
const subnets = { private: ["subnet-a", "subnet-b"], data: ["subnet-c", "subnet-d"] };

const account: Account = {
  "aws:ec2/vpc:Vpc": { "vpc-theirs": { cidrBlock: "10.20.0.0/16", enableDnsHostnames: true, enableDnsSupport: true } },
  "aws:ec2/subnet:Subnet": Object.fromEntries(
    [...subnets.private, ...subnets.data].map((id, index) => [
      id,
      {
        vpcId: "vpc-theirs",
        cidrBlock: `10.20.${index * 16}.0/20`,
        availabilityZone: `eu-west-1${"ab"[index % 2]}`,
      },
    ]),
  ),
  "aws:kms/key:Key": { [KEY]: { description: "of the team" } },
  "aws:rds/instance:Instance": { "db-THEIRS": { identifier: "theirs", engine: "postgres", dbName: "agents" } },
  "aws:elasticache/replicationGroup:ReplicationGroup": { theirs: { description: "theirs", engine: "valkey" } },
  "aws:s3/bucket:Bucket": { "their-bucket": {} },
  "aws:ecr/repository:Repository": { "team/api": {} },
  "aws:secretsmanager/secret:Secret": {
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db-owner-a1b2c3": { name: "team/db-owner" },
    "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/cache-a1b2c3": { name: "team/cache" },
  },
  "aws:route53/zone:Zone": { ZTHEIRS: { name: "example.com" } },
  [CLUSTER]: { theirs: { version: "1.36" } },
};

const theirs: Theirs = {
  stack: "staging",
  settings: {
    ...existing("network", {
      id: "vpc-theirs",
      "subnets.private": JSON.stringify(subnets.private),
      "subnets.data": JSON.stringify(subnets.data),
    }),
    ...existing("cluster", { id: "theirs" }),
    ...existing("database", {
      host: "theirs.0123456789ab.eu-west-1.rds.amazonaws.com",
      ownerSecret: "team/db-owner",
    }),
    ...existing("cache", { host: "master.theirs.012345.euw1.cache.amazonaws.com", authSecret: "team/cache" }),
    ...existing("bucket", { id: "their-bucket" }),
    ...existing("secretStore", { id: `arn:aws:kms:eu-west-1:123456789012:key/${KEY}` }),
    ...existing("registry", { url: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team" }),
    ...existing("domain", { name: "agents.example.com", zone: "ZTHEIRS" }),
  },
  plantIn: (cloud, { cluster }) => {
    plantAll(cloud, account);
    const data = Buffer.from(cluster.ca).toString("base64");
    change(cloud, CLUSTER, "theirs", { endpoint: cluster.endpoint, certificateAuthority: { data } });
  },
  objects: {},
  makes: [
    "create aws:cloudwatch/logGroup:LogGroup agents-staging",
    "create aws:eks/podIdentityAssociation:PodIdentityAssociation agents-staging-api",
    "create aws:iam/role:Role agents-staging-api",
    "create aws:iam/rolePolicy:RolePolicy agents-staging-api",
    "create aws:secretsmanager/secret:Secret agents-staging-api-db-main",
    "create aws:secretsmanager/secret:Secret agents-staging-openai-api-key",
    "create aws:secretsmanager/secretVersion:SecretVersion agents-staging-api-db-main",
    "create aws:secretsmanager/secretVersion:SecretVersion agents-staging-openai-api-key",
    "create kubernetes:core/v1:Namespace agents-staging",
    "create kubernetes:core/v1:ServiceAccount agents-staging-api",
    "create random:index/randomPassword:RandomPassword agents-staging-api-db-main",
  ],
  stays: ["soft-deleted of agents-staging-api-db-main", "soft-deleted of agents-staging-openai-api-key"],
};

export const aws: Case = {
  stack: "staging",
  secretNames: ["OPENAI_API_KEY"],
  growth: {
    settings: { size: "medium" },
    changes: [
      "create aws:rds/instance:Instance",
      "create-replacement aws:eks/nodeGroup:NodeGroup",
      "create-replacement aws:eks/nodeGroup:NodeGroup",
      "create-replacement aws:eks/nodeGroup:NodeGroup",
      "delete-replaced aws:eks/nodeGroup:NodeGroup",
      "delete-replaced aws:eks/nodeGroup:NodeGroup",
      "delete-replaced aws:eks/nodeGroup:NodeGroup",
      "replace aws:eks/nodeGroup:NodeGroup",
      "replace aws:eks/nodeGroup:NodeGroup",
      "replace aws:eks/nodeGroup:NodeGroup",
      "update aws:elasticache/replicationGroup:ReplicationGroup",
      "update aws:rds/instance:Instance",
      "update aws:rds/parameterGroup:ParameterGroup",
    ],
  },
  service: [
    "agent-platform:aws:Identity",
    "agent-platform:workload:ServiceAccess",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repository:Repository",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretVersion:SecretVersion",
    "kubernetes:core/v1:ServiceAccount",
    "random:index/randomPassword:RandomPassword",
  ],
  rotation: [
    "create-replacement aws:secretsmanager/secretVersion:SecretVersion",
    "delete-replaced aws:secretsmanager/secretVersion:SecretVersion",
    "replace aws:secretsmanager/secretVersion:SecretVersion",
  ],
  deleteByHand: deleteOne("aws:s3/bucket:Bucket"),
  broughtBack: [
    "create aws:s3/bucket:Bucket",
    "create aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "create aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "create aws:s3/bucketPolicy:BucketPolicy",
    "create aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "create aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "create aws:s3/bucketVersioning:BucketVersioning",
  ],
  ...inAccount,
  faults,
  guarded,
  theirs,
  meantToStay: [
    "pending deletion of agents-staging-bucket-main-key",
    "pending deletion of agents-staging-db-main-key",
    "pending deletion of agents-staging-images",
    "pending deletion of agents-staging-key",
    "pending deletion of agents-staging-kv-main-key",
    "pending deletion of agents-staging-secrets",
    "soft-deleted of agents-staging-api-db-main",
    "soft-deleted of agents-staging-db-main-owner",
    "soft-deleted of agents-staging-kv-main-app",
    "soft-deleted of agents-staging-openai-api-key",
    "soft-deleted of agents-staging-worker-db-main",
  ],
};
