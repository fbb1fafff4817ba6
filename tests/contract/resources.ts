import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CloudName } from "../../config/names.js";
import type { RecordedResource } from "../../plan/record.js";

/** What is known of a cloud's resources as such, whatever part they are of. */
export interface CloudResources {
  /** Types begin with it. */
  readonly prefix: string;
  /** Providers at the root, beside the one of chance. */
  readonly providers: readonly string[];
  /** The cluster with which everything inside it goes. */
  readonly cluster: string;
  /** What takes longer than the ten minutes or so that providers wait, or may. */
  readonly slow: readonly string[];
  /** What stays after destroy on purpose. */
  readonly kept: RegExp;
  /** Types that have no tags, each with what it is instead. */
  readonly untaggable: Readonly<Record<string, string>>;
  /** A resource's tags or labels, as the stack says them. */
  readonly tagsOf: (resource: RecordedResource) => Readonly<Record<string, unknown>> | undefined;
  /** Whether the SDK's own arguments of a type have tags. */
  readonly takesTags: (type: string) => boolean;
  /** What the name of a resource is called among its tags. */
  readonly nameTag: string;
}

const modules = join(import.meta.dirname, "../../node_modules/@pulumi");

/** The declaration of a type's arguments in its SDK. */
function argumentsOf(file: string, type: string): string {
  assert.ok(existsSync(file), `${type} has no declarations at ${file}`);
  const [, args] = readFileSync(file, "utf8").split(/^export interface \w+Args \{$/m);
  assert.ok(args !== undefined, `${type} has no arguments`);
  return args;
}

type Tree = Readonly<Record<string, unknown>>;
const treeAt = (value: unknown, key: string): Tree | undefined =>
  (value as Tree | undefined)?.[key] as Tree | undefined;

/** `iAMMember` in a token is `iammember.d.ts` among the files. */
const bridged = (sdk: string, type: string): string => {
  const path = type.split(":")[1] ?? "";
  const file = join(modules, sdk, `${path}.d.ts`);
  return existsSync(file) ? file : join(modules, sdk, `${path.replace(/[^/]+$/, (name) => name.toLowerCase())}.d.ts`);
};

export const resourcesOf: Readonly<Record<Exclude<CloudName, "local">, CloudResources>> = {
  aws: {
    prefix: "aws:",
    providers: ["pulumi:providers:aws"],
    cluster: "aws:eks/cluster:Cluster",
    slow: [
      "aws:ec2/natGateway:NatGateway",
      "aws:eks/addon:Addon",
      "aws:eks/cluster:Cluster",
      "aws:eks/nodeGroup:NodeGroup",
      "aws:elasticache/replicationGroup:ReplicationGroup",
      "aws:rds/instance:Instance",
    ],
    kept: /^aws:kms\/key:Key agents-(production|dr)-(db|kv)-\w+-key$/,
    untaggable: {
      "aws:ec2/route:Route": "a line of a route table",
      "aws:ec2/routeTableAssociation:RouteTableAssociation": "an edge between two that have tags",
      "aws:ecr/lifecyclePolicy:LifecyclePolicy": "a document of its repository",
      "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "an edge between a policy and a tagged entry",
      "aws:iam/rolePolicy:RolePolicy": "a document of its role",
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "an edge between a policy and a tagged role",
      "aws:kms/alias:Alias": "a name of a tagged key",
      "aws:route53/record:Record": "a record of a tagged zone",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "a document of its bucket",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "a document of its bucket",
      "aws:s3/bucketPolicy:BucketPolicy": "a document of its bucket",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "a document of its bucket",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
        "a document of its bucket",
      "aws:s3/bucketVersioning:BucketVersioning": "a document of its bucket",
      "aws:secretsmanager/secretVersion:SecretVersion": "a value of a tagged secret",
      "aws:sns/topicSubscription:TopicSubscription": "an edge between a tagged topic and a mail address",
    },
    tagsOf: ({ inputs }) => treeAt(inputs, "tags"),
    takesTags: (type) => /^ {4}tags\?: pulumi\.Input/m.test(argumentsOf(bridged("aws", type), type)),
    nameTag: "Name",
  },
  gcp: {
    prefix: "gcp:",
    providers: ["pulumi:providers:gcp", "pulumi:providers:time"],
    cluster: "gcp:container/cluster:Cluster",
    slow: [
      "gcp:container/cluster:Cluster",
      "gcp:container/nodePool:NodePool",
      "gcp:memorystore/instance:Instance",
      "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy",
      "gcp:sql/databaseInstance:DatabaseInstance",
    ],
    kept: /^gcp:kms\/cryptoKey(IAMMember)?:\w+ agents-(production|dr)-(db|kv)-\w+-key(-agent)?$/,
    untaggable: {
      "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": "a grant on a labelled repository",
      "gcp:compute/network:Network": "a frame of subnets that have no labels either",
      "gcp:compute/router:Router": "what its NAT gateway is a part of",
      "gcp:compute/routerNat:RouterNat": "a part of its router",
      "gcp:compute/subnetwork:Subnetwork": "a part of its network",
      "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": "a grant on a labelled zone",
      "gcp:dns/recordSet:RecordSet": "a record of a labelled zone",
      "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "a grant on a labelled key",
      "gcp:kms/keyRing:KeyRing": "a folder of labelled keys",
      "gcp:logging/projectBucketConfig:ProjectBucketConfig": "named and described instead",
      "gcp:logging/projectSink:ProjectSink": "described instead",
      "gcp:projects/iAMMember:IAMMember": "a grant on the project",
      "gcp:projects/service:Service": "a switch of the project",
      "gcp:projects/serviceIdentity:ServiceIdentity": "an account of Google's",
      "gcp:secretmanager/secretIamMember:SecretIamMember": "a grant on a labelled secret",
      "gcp:secretmanager/secretVersion:SecretVersion": "a value of a labelled secret",
      "gcp:serviceaccount/account:Account": "named and described instead",
      "gcp:sql/database:Database": "inside a labelled server",
      "gcp:sql/user:User": "inside a labelled server",
      "gcp:storage/bucketIAMMember:BucketIAMMember": "a grant on a labelled bucket",
    },
    tagsOf: ({ inputs }) =>
      // Labels of a channel say where it leads.
      treeAt(inputs, "userLabels") ??
      treeAt(inputs, "labels") ??
      treeAt(inputs, "resourceLabels") ??
      treeAt(treeAt(inputs, "nodeConfig"), "resourceLabels") ??
      treeAt(treeAt(inputs, "settings"), "userLabels"),
    takesTags: (type) =>
      ["gcp:container/nodePool:NodePool", "gcp:sql/databaseInstance:DatabaseInstance"].includes(type) ||
      /^ {4}(labels|resourceLabels|userLabels)\?: pulumi\.Input/m.test(argumentsOf(bridged("gcp", type), type)),
    nameTag: "name",
  },
  azure: {
    prefix: "azure-native:",
    providers: ["pulumi:providers:azure-native", "pulumi:providers:time"],
    cluster: "azure-native:containerservice:ManagedCluster",
    slow: [
      "azure-native:containerservice:AgentPool",
      "azure-native:containerservice:ManagedCluster",
      "azure-native:dbforpostgresql:Server",
      "azure-native:network:PrivateEndpoint",
      "azure-native:redisenterprise:Database",
      "azure-native:redisenterprise:RedisEnterprise",
    ],
    kept: /^azure-native:keyvault:Secret /,
    untaggable: {
      "azure-native:authorization:ManagementLockByScope": "a lock on what has tags",
      "azure-native:authorization:RoleAssignment": "a role on what has tags",
      "azure-native:containerservice:MaintenanceConfiguration": "a part of its cluster",
      "azure-native:dbforpostgresql:Configuration": "a parameter of its server",
      "azure-native:dbforpostgresql:Database": "inside its server",
      "azure-native:dns:RecordSet": "a record of a tagged zone",
      "azure-native:managedidentity:FederatedIdentityCredential": "a part of its identity",
      "azure-native:monitor:DiagnosticSetting": "an edge between two that have tags",
      "azure-native:network:PrivateDnsZoneGroup": "a part of its endpoint",
      "azure-native:network:SecurityRule": "a rule of its group",
      "azure-native:network:Subnet": "a part of its network",
      "azure-native:operationalinsights:Table": "inside its workspace",
      "azure-native:redisenterprise:Database": "inside its cluster",
      "azure-native:storage:BlobContainer": "inside its account",
      "azure-native:storage:BlobServiceProperties": "a document of its account",
      "azure-native:storage:ManagementPolicy": "a document of its account",
    },
    tagsOf: ({ inputs }) => treeAt(inputs, "tags"),
    takesTags: (type) => {
      const [, module = "", name = ""] = type.split(":");
      const file = join(
        modules,
        "azure-native",
        module,
        `${name.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}.d.ts`,
      );
      return /^ {4}tags\?: pulumi\.Input/m.test(argumentsOf(file, type));
    },
    nameTag: "Name",
  },
};
