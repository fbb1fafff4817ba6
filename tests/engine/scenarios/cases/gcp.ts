import { change } from "../../providers/cloud/disk.js";
import { type Account, deleteOne, inAccount, plantAll } from "./account.js";
import { type Case, existing, type Faults, type Guarded, type Theirs } from "./case.js";

const CLUSTER = "gcp:container/cluster:Cluster";
const NETWORK = "gcp:compute/network:Network";
const POOL = "gcp:container/nodePool:NodePool";
const BUCKET = "gcp:storage/bucket:Bucket";
const DATABASE = "gcp:sql/databaseInstance:DatabaseInstance";
const settings = { cloud: "gcp" };

const faults: Faults = {
  quota: {
    type: NETWORK,
    says: /gcp:compute:Network \(agents-staging\):\n +error: googleapi: Error 403: Quota 'NETWORKS' exceeded, quotaExceeded\n/,
    there: ["gcp:projects/service:Service"],
    waiting: [NETWORK, CLUSTER],
  },
  // A cluster waits for its network, so that none was made before.
  halfMade: {
    type: CLUSTER,
    says: /gcp:container:Cluster \(agents-staging\):\n +error: 1 error occurred:\n\s+\* Error waiting for creating cluster: .*Error code 13/,
    there: [NETWORK, CLUSTER],
  },
  throttled: { [`create ${POOL}`]: 5, [`update ${CLUSTER}`]: 3 },
  // The last attempt at it failed: the engine asks once more.
  mended: [`update ${CLUSTER}`],
  database: DATABASE,
  stays: {
    "gcp:kms/cryptoKey:CryptoKey": "pending deletion",
    "gcp:kms/keyRing:KeyRing": "leftover",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "soft-deleted",
    "gcp:memorystore/instance:Instance": "automated backup",
    "gcp:projects/service:Service": "leftover",
    "gcp:projects/serviceIdentity:ServiceIdentity": "leftover",
    [DATABASE]: "taken name",
  },
};

/** APIs, and the accounts by which Google's services encrypt. */
const services = [
  "artifactregistry",
  "cloudkms",
  "cloudresourcemanager",
  "compute",
  "container",
  "dns",
  "iam",
  "logging",
  "memorystore",
  "networkconnectivity",
  "secretmanager",
  "serviceconsumermanagement",
  "sqladmin",
  "storage",
];
const agents = ["artifactregistry", "container", "memorystore", "secretmanager", "sqladmin"];

/** What Google does not delete: it is the project's. */
const lasting = (stack: string): readonly string[] =>
  [...services, ...agents.map((agent) => `${agent}-agent`)].map((one) => `leftover of ${stack}-${one}`);

const produced = "agents-production";
const guarded: Guarded = {
  stack: "prod",
  settings,
  locked: ["api", "bucket-main", "db-main", "key", "kv-main", "secrets"].map((part) => `${produced}-${part}`),
  lifted: [
    `gcp:artifactregistry/repository:Repository ${produced}-api: protect true -> undefined`,
    `${CLUSTER} ${produced}: deletionProtection true -> false`,
    ...["bucket-main-key", "db-main-key", "images", "key", "kv-main-key", "secrets"].map(
      (key) => `gcp:kms/cryptoKey:CryptoKey ${produced}-${key}: protect true -> undefined`,
    ),
    `gcp:memorystore/instance:Instance ${produced}-kv-main: deletionProtectionEnabled true -> false`,
    `gcp:memorystore/instance:Instance ${produced}-kv-main: protect true -> undefined`,
    `${DATABASE} ${produced}-db-main: deletionProtection true -> false`,
    `${DATABASE} ${produced}-db-main: protect true -> undefined`,
    `${DATABASE} ${produced}-db-main: settings.deletionProtectionEnabled true -> false`,
    `${BUCKET} ${produced}-bucket-main: forceDestroy false -> true`,
    `${BUCKET} ${produced}-bucket-main: protect true -> undefined`,
  ],
  left: [
    `gcp:kms/cryptoKey:CryptoKey ${produced}-db-main-key`,
    `gcp:kms/cryptoKey:CryptoKey ${produced}-kv-main-key`,
    `gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember ${produced}-db-main-key-agent`,
    `gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember ${produced}-kv-main-key-agent`,
  ],
  remains: [
    `automated backup of ${produced}-db-main`,
    `automated backup of ${produced}-kv-main`,
    `leftover of ${produced}-keys`,
    ...["bucket-main-key", "images", "key", "secrets"].map((key) => `pending deletion of ${produced}-${key}`),
    `snapshot of ${produced}-db-main`,
    ...["bucket-main", "flow", "logs"].map((one) => `soft-deleted of ${produced}-${one}`),
    ...["", "-replica-1", "-replica-2"].map((one) => `taken name of ${produced}-db-main${one}`),
  ],
  once: lasting(produced),
};

const PROJECT = "acme-agents-staging";
/** Whose Secret Manager it is. */
const SECRETS = "acme-secrets";
const network = `projects/${PROJECT}/global/networks/theirs`;
const subnet = (name: string): string => `projects/${PROJECT}/regions/europe-west1/subnetworks/${name}`;
const secret = (name: string): string => `projects/${SECRETS}/secrets/${name}`;

const account: Account = {
  "gcp:organizations/project:Project": { [SECRETS]: {} },
  [NETWORK]: { [network]: { name: "theirs" } },
  "gcp:compute/subnetwork:Subnetwork": {
    [subnet("nodes")]: { name: "nodes", network, ipCidrRange: "10.20.0.0/20" },
    [subnet("data")]: { name: "data", network, ipCidrRange: "10.20.16.0/20" },
  },
  [DATABASE]: { theirs: { databaseVersion: "POSTGRES_17", region: "europe-west1", settings: {} } },
  [BUCKET]: { "their-bucket": { location: "EUROPE-WEST1" } },
  "gcp:secretmanager/secret:Secret": {
    [secret("team-db-owner")]: { secretId: "team-db-owner" },
    [secret("team-cache")]: { secretId: "team-cache" },
  },
  "gcp:dns/managedZone:ManagedZone": {
    [`projects/${PROJECT}/managedZones/theirs`]: { name: "theirs", dnsName: "example.com.", visibility: "public" },
  },
  [CLUSTER]: {
    [`projects/${PROJECT}/locations/europe-west1/clusters/theirs`]: { name: "theirs", location: "europe-west1" },
  },
};

/** APIs of what the stack makes and reads all the same. */
const asked = ["cloudresourcemanager", "dns", "logging", "secretmanager"];

const theirs: Theirs = {
  stack: "staging",
  settings: {
    ...settings,
    ...existing("network", {
      id: network,
      "subnets.private": JSON.stringify([subnet("nodes")]),
      "subnets.data": JSON.stringify([subnet("data")]),
    }),
    ...existing("cluster", { id: "theirs" }),
    ...existing("database", { host: "theirs.example.com", ownerSecret: "team-db-owner" }),
    ...existing("cache", { host: "10.20.16.5", authSecret: "team-cache" }),
    ...existing("bucket", { id: "their-bucket" }),
    ...existing("secretStore", { id: SECRETS }),
    ...existing("registry", { url: `europe-west1-docker.pkg.dev/${PROJECT}/team` }),
    ...existing("domain", { name: "agents.example.com", zone: "theirs" }),
  },
  plantIn: (cloud, { cluster }) => {
    plantAll(cloud, account);
    const [id = ""] = Object.keys(account[CLUSTER] ?? {});
    change(cloud, CLUSTER, id, {
      endpoint: cluster.endpoint.replace("https://", ""),
      masterAuth: { clusterCaCertificate: Buffer.from(cluster.ca).toString("base64") },
    });
  },
  objects: {},
  makes: [
    "create gcp:logging/projectBucketConfig:ProjectBucketConfig agents-staging-logs",
    "create gcp:logging/projectSink:ProjectSink agents-staging-logs",
    ...asked.map((api) => `create gcp:projects/service:Service agents-staging-${api}`),
    "create gcp:secretmanager/secret:Secret agents-staging-api-db-main",
    "create gcp:secretmanager/secret:Secret agents-staging-openai-api-key",
    "create gcp:secretmanager/secretIamMember:SecretIamMember agents-staging-api-reads-agents-staging-api-db-main",
    "create gcp:secretmanager/secretIamMember:SecretIamMember agents-staging-api-reads-agents-staging-openai-api-key",
    "create gcp:secretmanager/secretIamMember:SecretIamMember agents-staging-api-reads-team-cache",
    "create gcp:secretmanager/secretVersion:SecretVersion agents-staging-api-db-main",
    "create gcp:secretmanager/secretVersion:SecretVersion agents-staging-openai-api-key",
    "create kubernetes:core/v1:Namespace agents-staging",
    "create kubernetes:core/v1:ServiceAccount agents-staging-api",
    "create random:index/randomId:RandomId agents-staging-logs",
    "create random:index/randomPassword:RandomPassword agents-staging-api-db-main",
    ...asked.map((api) => `create time:index/sleep:Sleep agents-staging-${api}`),
  ],
  stays: [...asked.map((api) => `leftover of agents-staging-${api}`), "soft-deleted of agents-staging-logs"],
};

export const gcp: Case = {
  stack: "staging",
  settings,
  secretNames: ["OPENAI_API_KEY"],
  growth: {
    settings: { size: "medium" },
    changes: [
      "create gcp:compute/address:Address",
      "create gcp:compute/forwardingRule:ForwardingRule",
      "create gcp:dns/managedZone:ManagedZone",
      "create gcp:dns/recordSet:RecordSet",
      "create gcp:sql/databaseInstance:DatabaseInstance",
      "update gcp:container/nodePool:NodePool",
      "update gcp:container/nodePool:NodePool",
      "update gcp:container/nodePool:NodePool",
      "update gcp:memorystore/instance:Instance",
      "update gcp:sql/databaseInstance:DatabaseInstance",
    ],
  },
  service: [
    "agent-platform:gcp:Identity",
    "agent-platform:workload:ServiceAccess",
    "gcp:artifactregistry/repository:Repository",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:secretmanager/secret:Secret",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
    "gcp:secretmanager/secretVersion:SecretVersion",
    "kubernetes:core/v1:ServiceAccount",
    "random:index/randomPassword:RandomPassword",
  ],
  rotation: [
    "create-replacement gcp:secretmanager/secretVersion:SecretVersion",
    "delete-replaced gcp:secretmanager/secretVersion:SecretVersion",
    "replace gcp:secretmanager/secretVersion:SecretVersion",
  ],
  deleteByHand: deleteOne(BUCKET),
  broughtBack: [`create ${BUCKET}`],
  ...inAccount,
  meantToStay: [
    "automated backup of agents-staging-kv-main",
    ...lasting("agents-staging"),
    "leftover of agents-staging-keys",
    ...["bucket-main-key", "db-main-key", "images", "key", "kv-main-key", "secrets"].map(
      (key) => `pending deletion of agents-staging-${key}`,
    ),
    "soft-deleted of agents-staging-flow",
    "soft-deleted of agents-staging-logs",
    "taken name of agents-staging-db-main",
    "taken name of agents-staging-db-main-replica-1",
  ].toSorted(),
  faults,
  guarded,
  theirs,
};
