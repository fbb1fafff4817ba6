import {
  certificate,
  dailyWindow,
  dnsLabel,
  hostName,
  label,
  labelKey,
  nonEmpty,
  oneOf,
  partFromStack,
  range,
  ref,
  refs,
  stackName,
  text,
  weeklyWindow,
  whole,
} from "./fields.js";
import { gateway } from "./gateway-schema.js";
import { monitoring } from "./monitoring/schema.js";
import { cloudNames, environmentNames, sizeNames } from "./names.js";
import { service } from "./service-schema.js";
import { kubernetesVersions, postgresVersions, valkeyVersions } from "./versions.js";
import z from "./zod.cjs";

/**
 * The one schema: what a stack may say. It is strict, holds no defaults that depend on size, environment or cloud
 * (those are `presets.ts`), and is what `docs/settings.md` and the editors' JSON Schema are generated from.
 */

const modeManaged = z.literal("managed").describe("The cloud's own service makes it.");
const modeExisting = z.literal("existing").describe("It exists already: the platform only reads it.");
const modeNone = z.literal("none").describe("There is none.");

const network = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    cidr: range("10.0.0.0/16").describe("The address range of the network, /16 to /22."),
    zones: whole(2, 3).describe("How many availability zones."),
    nat: oneOf(["none", "single", "perZone"]).describe(
      "The way out for private subnets: none, one gateway for all zones (cheaper), one a zone (survives a zone).",
    ),
    privateEndpoints: z
      .boolean()
      .describe(
        "Reach the cloud's own services without the internet. Needed where `nat` is `none`; costs by zone and hour.",
      ),
    flowLogs: z.strictObject({
      enabled: z.boolean().describe("Record who talked to whom."),
      retentionDays: oneOfNumbers([1, 3, 7, 14, 30, 60, 90, 180, 365]).describe("How long the records stay."),
    }),
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    id: ref("vpc-0a1b2c3d").optional().describe("The network's id."),
    subnets: z
      .strictObject({
        public: refs("subnet-0a1b2c3d").optional().describe("For load balancers that face the internet."),
        private: refs("subnet-0a1b2c3d").describe("For nodes and pods, in two zones or more."),
        data: refs("subnet-0a1b2c3d").optional().describe("For databases and caches; the private ones otherwise."),
      })
      .optional(),
  }),
  z.strictObject({ mode: modeNone }),
]);

function oneOfNumbers<const T extends readonly [number, ...number[]]>(values: T) {
  return z.literal(values as readonly [T[number], ...T[number][]]);
}

const pool = z.strictObject({
  cpu: whole(1, 64).describe("Virtual cores a node."),
  memory: whole(1, 512).describe("GiB a node."),
  arch: oneOf(["arm64", "amd64"]).describe("Processor architecture; arm64 costs less."),
  gpu: whole(0, 8).describe("Accelerators a node."),
  spot: z.boolean().describe("Cheaper nodes that may be taken away at two minutes' notice."),
  min: whole(0, 1000).describe("Fewest nodes."),
  max: whole(0, 1000).describe("Most nodes; 0 leaves the pool out."),
  disk: whole(20, 16384).describe("GiB of disk a node, encrypted."),
  labels: z.record(labelKey, label).describe("Node labels."),
  taints: z
    .array(
      z
        .strictObject({
          key: labelKey,
          value: label.optional(),
          effect: oneOf(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
        })
        .meta({ example: { key: "dedicated", effect: "NoSchedule" } }),
    )
    .describe("What keeps other pods away."),
});

const access = z.strictObject({
  cidrs: z
    .array(range("203.0.113.0/24"))
    .min(1)
    .meta({ expected: "a list of IPv4 ranges", example: ["203.0.113.0/24"] })
    .optional()
    .describe("Addresses that may reach the API server from the internet."),
  private: z
    .boolean()
    .optional()
    .describe("No public address at all: the runner of `pulumi up` must be inside the network."),
  dns: z
    .boolean()
    .optional()
    .describe("By a public name that lets nobody in but the cloud's own identities, instead of by addresses (gcp)."),
});

const cluster = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    version: oneOf(kubernetesVersions).describe("Kubernetes version."),
    access: access.optional().describe("Who reaches the API server. Production must say."),
    admins: z
      .array(nonEmpty("arn:aws:iam::123456789012:role/admin"))
      .describe("Principals of the cloud that administer the cluster, next to whoever deploys."),
    pools: z.record(dnsLabel, pool).describe("Groups of nodes that scale by themselves."),
    serviceCidr: range("172.20.0.0/16").describe("Address range of Services; must not overlap the network."),
    podCidr: range("100.64.0.0/14").describe(
      "Address range of pods where they have one of their own (gcp, azure), 256 addresses a node; on aws pods have addresses of the network.",
    ),
    logRetentionDays: oneOfNumbers([1, 3, 7, 14, 30, 60, 90, 180, 365]).describe("How long control plane logs stay."),
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    id: ref("my-cluster").optional().describe("The cluster's name in its cloud."),
    kubeconfig: nonEmpty("/home/me/.kube/config")
      .optional()
      .describe("Path of a kubeconfig file; the default is the runner's own."),
    context: nonEmpty("kind-agents").optional().describe("Context in the kubeconfig; the default is its current one."),
    storageClass: nonEmpty("standard")
      .optional()
      .describe("Storage class for volumes; the default is the cluster's own."),
    access: access.optional().describe("Kept for the clouds that honour it; an existing cluster decides for itself."),
    metricsServer: z
      .boolean()
      .optional()
      .describe(
        "Whether it has metrics-server, which autoscaling asks (local, aws). Without it the platform brings one; on local it does by default.",
      ),
  }),
]);

const backup = z.strictObject({
  retentionDays: whole(1, 35).describe("How long backups stay; any second within them can be restored."),
  window: dailyWindow.describe("When the daily backup is made."),
});

/** GiB: what the largest volume of a managed database holds. */
export const MOST_STORAGE = 65536;

const madeDatabase = {
  version: oneOf(postgresVersions).describe("PostgreSQL version."),
  cpu: whole(1, 64).describe("Virtual cores."),
  memory: whole(1, 512).describe("GiB."),
  storage: whole(20, MOST_STORAGE).describe("GiB to begin with."),
  highAvailability: z.boolean().describe("A standby in a second zone that takes over by itself."),
};
const databaseParameters = z
  .record(
    text(/^[a-z][a-z0-9_.]{0,62}$/, "the name of a PostgreSQL parameter", "work_mem", 63),
    text(/^[^\p{C}]{1,1000}$/u, "a parameter's value", "64MB", 1000),
  )
  .describe("PostgreSQL parameters on top of the platform's own.");

const database = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    ...madeDatabase,
    maxStorage: whole(20, MOST_STORAGE).describe("GiB that it may grow to by itself."),
    replicas: whole(0, 5).describe("Read replicas."),
    backup,
    maintenanceWindow: weeklyWindow.describe("When patches may restart it; must not overlap the backup window."),
    parameters: databaseParameters,
  }),
  z.strictObject({
    mode: z.literal("inCluster").describe("An operator runs it in the cluster."),
    ...madeDatabase,
    replicas: whole(0, 5).describe("Read replicas."),
    parameters: databaseParameters,
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    host: ref("db.example.com").optional().describe("Host name."),
    port: whole(1, 65535).default(5432).describe("Port."),
    name: nonEmpty("agents").default("agents").describe("Name of the database."),
    ownerSecret: nonEmpty("team/db-owner")
      .optional()
      .describe(
        "Entry of the secret store with `username` and `password` of a role that may create roles and extensions.",
      ),
    ca: certificate.optional().describe("PEM of a private CA; public roots otherwise."),
  }),
  z.strictObject({
    mode: z.literal("replica").describe("A read-only copy of another stack's database, for a standby."),
    of: stackName.optional().describe("The stack that has the primary; the default is `standby.of`."),
    cpu: madeDatabase.cpu,
    memory: madeDatabase.memory,
    highAvailability: madeDatabase.highAvailability,
    backup,
    maintenanceWindow: weeklyWindow.describe("When patches may restart it."),
  }),
]);

const madeCache = {
  version: oneOf(valkeyVersions).describe("Valkey version."),
  memory: whole(1, 400).describe("GiB a shard."),
  shards: whole(1, 250).describe("Parts of the key space; more than one needs a cluster-aware client."),
  replicas: whole(0, 5).describe("Copies of each shard in other zones."),
  evictionPolicy: oneOf(["allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-ttl", "noeviction"]).describe(
    "What goes when memory is full.",
  ),
};

const cache = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    ...madeCache,
    snapshots: z.strictObject({
      retentionDays: whole(0, 35).describe("How long daily snapshots stay; 0 makes none."),
      window: dailyWindow.describe("When the daily snapshot is made."),
    }),
    maintenanceWindow: weeklyWindow.describe("When patches may restart it."),
  }),
  z.strictObject({
    mode: z.literal("inCluster").describe("A StatefulSet of the platform runs it in the cluster."),
    ...madeCache,
    storage: whole(1, 16384).describe("GiB of disk a node for its append-only file."),
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    host: ref("cache.example.com").optional().describe("Host name."),
    port: whole(1, 65535).default(6379).describe("Port."),
    tls: z.boolean().default(true).describe("Whether it speaks TLS."),
    ca: certificate.optional().describe("PEM of a private CA; public roots otherwise."),
    authSecret: nonEmpty("team/cache").optional().describe("Entry of the secret store with `username` and `password`."),
    auth: z
      .boolean()
      .describe("Whether a cache of another stack wants a password; those that gcp makes itself want none."),
    clusterMode: z.boolean().default(false).describe("Whether clients must be cluster-aware."),
  }),
]);

const bucket = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    versioning: z.boolean().describe("Keep overwritten and deleted objects for a while."),
    expireDays: whole(1, 36500).optional().describe("Delete objects at this age; kept for ever otherwise."),
    noncurrentDays: whole(1, 36500).describe("Delete overwritten versions at this age."),
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    id: ref("my-bucket").optional().describe("The bucket's name."),
    endpoint: text(/^https?:\/\/[^\s/]+$/, "an http or https address with no path", "https://s3.example.com")
      .optional()
      .describe("Address of an S3-compatible store; the cloud's own otherwise."),
    region: nonEmpty("us-east-1").optional().describe("Region that the store expects in signatures."),
    credentialsSecret: nonEmpty("team/s3")
      .optional()
      .describe("Entry of the secret store with `accessKeyId` and `secretAccessKey`; workload identity otherwise."),
  }),
]);

const secretStore = z.discriminatedUnion("mode", [
  z.strictObject({
    mode: modeManaged,
    recoveryDays: whole(0, 30)
      .refine((days) => days === 0 || days >= 7, { message: "0, or 7 to 30", params: { example: 7 } })
      .describe("How long a deleted secret can be brought back; 0 frees its name at once."),
  }),
  z.strictObject({
    mode: modeExisting,
    fromStack: partFromStack,
    id: ref("arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d")
      .optional()
      .describe("What holds the secrets: on AWS the KMS key that encrypts them, on local the namespace."),
  }),
]);

const registry = z.discriminatedUnion("mode", [
  z.strictObject({ mode: modeManaged, keepImages: whole(1, 1000).describe("Images kept for each service.") }),
  z.strictObject({ mode: modeExisting, url: nonEmpty("registry.example.com/team").describe("Where images are.") }),
  z.strictObject({ mode: modeNone }),
]);

const domain = z
  .discriminatedUnion("mode", [
    z.strictObject({
      mode: modeManaged,
      name: hostName.describe("A new zone of this name is made; delegate it to the printed name servers."),
    }),
    z.strictObject({
      mode: modeExisting,
      fromStack: partFromStack,
      name: hostName.describe("The host name to serve."),
      zone: ref("Z0123456789").optional().describe("The zone that you own and the name is in."),
    }),
    z.strictObject({ mode: modeNone }),
  ])
  .meta({ expected: "a host name, or a map with mode managed, existing or none", example: "agents.example.com" });

const machineTypes = (example: string) =>
  z
    .record(nonEmpty("pools.apps"), nonEmpty(example))
    .default({})
    .describe("Native types in place of the chosen ones: `pools.apps`, `databases.main`, `caches.main`.");

export const settingsSchema = z.strictObject({
  name: text(
    /^[a-z][a-z0-9]{0,7}$/,
    "1 to 8 lower-case letters and digits, beginning with a letter",
    "agents",
    8,
  ).describe("Short name; with the environment it begins every physical name."),
  cloud: oneOf(cloudNames).describe("Where everything is made."),
  region: text(
    /^[^\s\p{C}]{1,60}$/u,
    "a region, native like eu-west-1 or neutral like eu-west",
    "eu-west",
    60,
  ).describe("Native (`eu-west-1`) or neutral (`eu-west`); `local` needs none."),
  environment: oneOf(environmentNames).describe("What is at stake: decides protection, zones and backups."),
  size: oneOf(sizeNames).describe("Fills every capacity that the stack does not say."),
  tags: z
    .record(
      text(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, "a tag key of letters, digits, - and _", "owner", 63),
      text(/^[\p{L}\p{N} _.:/=+@-]{1,63}$/u, "1 to 63 letters, digits, spaces and _ . : / = + @ -", "me", 63),
    )
    .describe("Put on every resource: owner, cost centre."),
  deletionProtection: z.boolean().describe("The one setting that lifts every lock on data."),
  network: network.describe("Address space, subnets and the way out."),
  cluster: cluster.describe("Kubernetes."),
  databases: z.record(dnsLabel, database).describe("PostgreSQL, by key; `database:` is short for `databases.main`."),
  caches: z.record(dnsLabel, cache).describe("Valkey, by key; `cache:` is short for `caches.main`."),
  buckets: z.record(dnsLabel, bucket).describe("Object stores, by key; `bucket:` is short for `buckets.main`."),
  secretStore: secretStore.describe("Where passwords and keys are kept."),
  registry: registry.describe("Where the services' images are kept."),
  domain: domain.describe("The host name; a plain text is short for a new zone of that name."),
  services: z.record(dnsLabel, service).describe("What runs on the platform."),
  gateway: gateway.describe("The way in, in front of every service."),
  monitoring: monitoring
    .meta({ expected: "a map with mode inCluster, existing or none", example: { mode: "inCluster" } })
    .describe("Who watches: metrics, alerts and whom they reach, dashboards, traces, logs."),
  standby: z
    .strictObject({ of: stackName.describe("The stack that this one stands by for.") })
    .meta({ expected: "a map with of", example: { of: "acme/agent-platform/prod" } })
    .optional()
    .describe("Makes this stack the standby of another: its databases are replicas."),
  mirror: z
    .strictObject({
      charts: nonEmpty("oci://registry.example.com/charts").optional().describe("Address that serves every chart."),
      images: nonEmpty("registry.example.com").optional().describe("Registry in front of every image."),
    })
    .prefault({})
    .describe("For networks that reach no public registry."),
  aws: z
    .strictObject({
      account: text(/^\d{12}$/, "an account number of 12 digits", "123456789012")
        .optional()
        .describe("Refuse to touch any other account."),
      zones: z
        .array(text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, "an availability zone", "eu-west-1a"))
        .min(2)
        .meta({ expected: "a list of two zones or more", example: ["eu-west-1a", "eu-west-1b"] })
        .optional()
        .describe("Zones by name, where the first ones of the region will not do."),
      machineTypes: machineTypes("m7g.large"),
    })
    .prefault({})
    .describe("What has no common word, AWS."),
  gcp: z
    .strictObject({
      project: text(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "a project id", "acme-agents")
        .optional()
        .describe("The project that everything is made in. A stack on gcp must say it."),
      zones: z
        .array(text(/^[a-z]+-[a-z]+\d{1,2}-[a-z]$/, "a zone", "europe-west1-b"))
        .min(2)
        .meta({ expected: "a list of two zones or more", example: ["europe-west1-b", "europe-west1-c"] })
        .optional()
        .describe("Zones by name, where the first ones of the region will not do."),
      machineTypes: machineTypes("c4a-standard-4"),
      databaseEdition: oneOf(["enterprise", "enterprisePlus"])
        .default("enterprise")
        .describe(
          "Edition of Cloud SQL. Enterprise Plus keeps logs to any second of the last 35 days instead of 7, and costs more.",
        ),
    })
    .prefault({})
    .describe("What has no common word, Google Cloud."),
  azure: z
    .strictObject({
      subscription: text(
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
        "a subscription id",
        "00000000-0000-0000-0000-000000000000",
      )
        .optional()
        .describe("The subscription that everything is made in. A stack on azure must say it."),
      zones: z
        .array(oneOf(["1", "2", "3"]))
        .min(2)
        .meta({ expected: "a list of two zones or more", example: ["1", "2"] })
        .optional()
        .describe("Zones by number, where the first ones will not do."),
      machineTypes: machineTypes("Standard_D4ps_v6"),
      databaseDisk: z
        .strictObject({
          type: oneOf(["premium", "premiumV2"]).default("premium").describe("Premium SSD, or Premium SSD v2."),
          iops: whole(3000, 80000).optional().describe("Operations a second; premiumV2 must have it said."),
          throughput: whole(125, 1200).optional().describe("MB a second; premiumV2 must have it said."),
        })
        .prefault({})
        .describe("Disks of managed databases."),
    })
    .prefault({})
    .describe("What has no common word, Azure."),
});

export type SettingsOfSchema = z.infer<typeof settingsSchema>;
export type NetworkSettings = SettingsOfSchema["network"];
export type ClusterSettings = SettingsOfSchema["cluster"];
export type PoolSettings = z.infer<typeof pool>;
export type DatabaseSettings = z.infer<typeof database>;
export type CacheSettings = z.infer<typeof cache>;
export type BucketSettings = z.infer<typeof bucket>;
export type SecretStoreSettings = z.infer<typeof secretStore>;
export type RegistrySettings = z.infer<typeof registry>;
export type DomainSettings = z.infer<typeof domain>;
export type Ref = z.infer<ReturnType<typeof ref>>;
export type Refs = z.infer<ReturnType<typeof refs>>;
/** One variant of a part's settings: `InMode<DatabaseSettings, "managed">`. */
export type InMode<Part extends { mode: string }, Mode extends Part["mode"]> = Extract<Part, { mode: Mode }>;
