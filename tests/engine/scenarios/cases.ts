import { Api } from "../cluster/api.js";
import { objectsOf, remainsOf, remove } from "../providers/cloud/disk.js";
import { namespacesIn } from "../support/objects.js";
import type { StackOptions } from "../support/stack.js";
import type { Trial } from "../support/trial.js";

/** A cloud in the scenarios, on the smallest stack that shows them; what is said is what the engine is seen to do. */
export interface Case extends StackOptions {
  readonly secretNames: readonly string[];
  /** More of everything, and what it changes. */
  readonly growth: { readonly settings: Readonly<Record<string, string>>; readonly changes: readonly string[] };
  /** What a service that uses a database is made of. */
  readonly service: readonly string[];
  /** What changes with the value of a secret. */
  readonly rotation: readonly string[];
  deleteByHand(trial: Trial): Promise<void>;
  readonly broughtBack: readonly string[];
  /** What is there of the stack, and what stays of it on purpose. */
  left(trial: Trial): Promise<readonly string[]>;
  remains(trial: Trial): Promise<readonly string[]>;
  readonly meantToStay: readonly string[];
}

const aws: Case = {
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
  deleteByHand: async ({ stack }) => {
    const type = "aws:s3/bucket:Bucket";
    const bucket = objectsOf(stack.cloud).find((one) => one.type === type);
    if (bucket === undefined) throw new Error("there is no bucket");
    remove(stack.cloud, type, bucket.id);
  },
  broughtBack: [
    "create aws:s3/bucket:Bucket",
    "create aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "create aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "create aws:s3/bucketPolicy:BucketPolicy",
    "create aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "create aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "create aws:s3/bucketVersioning:BucketVersioning",
  ],
  left: async ({ stack }) => objectsOf(stack.cloud).map(({ type, id }) => `${type} ${id}`),
  remains: async ({ stack }) =>
    remainsOf(stack.cloud)
      .map(({ kind, name }) => `${kind} of ${name}`)
      .sort(),
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

const local: Case = {
  stack: "dev",
  secretNames: ["OPENAI_API_KEY"],
  growth: {
    settings: { size: "medium" },
    changes: [
      "update kubernetes:apps/v1:StatefulSet",
      "update kubernetes:core/v1:ConfigMap",
      "update kubernetes:core/v1:PersistentVolumeClaim",
      "update kubernetes:postgresql.cnpg.io/v1:Cluster",
    ],
  },
  service: [
    "agent-platform:workload:ServiceAccess",
    "kubernetes:core/v1:Secret",
    "kubernetes:core/v1:ServiceAccount",
    "random:index/randomPassword:RandomPassword",
  ],
  rotation: ["update kubernetes:core/v1:Secret"],
  deleteByHand: async ({ ground }) => {
    const api = new Api(ground.cluster);
    await api.remove("/apis/apps/v1/namespaces/agents-development-data/statefulsets/agents-development-kv-main");
    api.close();
  },
  broughtBack: ["create kubernetes:apps/v1:StatefulSet"],
  left: ({ ground }) => namespacesIn(ground.cluster),
  remains: async () => [],
  meantToStay: [],
};

export const cases: Readonly<Record<string, Case>> = { aws, local };
