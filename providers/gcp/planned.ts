import type { Facts, Planned } from "../contract.js";

/** What stands where only a project could tell; the same text as an unknown value in the plan. */
const UNKNOWN = "[unknown]";

type Inputs = Readonly<Record<string, unknown>>;

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (found, key) => (typeof found === "object" && found !== null ? (found as Inputs)[key] : undefined),
    value,
  );
const when = (condition: boolean, text: string): string => (condition ? text : "");

const SECONDS_A_DAY = 86_400;
/** `7776000s` -> `90 d`. */
const daysOf = (duration: unknown): string => `${Math.round(Number.parseInt(String(duration), 10) / SECONDS_A_DAY)} d`;
/** `POSTGRES_17` -> `PostgreSQL 17`, `VALKEY_8_0` -> `Valkey 8.0`. */
const postgresOf = ({ databaseVersion }: Inputs): string =>
  `PostgreSQL ${String(databaseVersion).replace(/^POSTGRES_/, "")}`;
const valkeyOf = ({ engineVersion }: Inputs): string =>
  `Valkey ${String(engineVersion)
    .replace(/^VALKEY_/, "")
    .replace("_", ".")}`;

/** Who reaches the API server, by its address and by its name. */
function endpointOf(cluster: Inputs): string {
  const named = at(cluster, "controlPlaneEndpointsConfig", "dnsEndpointConfig", "allowExternalTraffic") === true;
  const ranges = list(at(cluster, "masterAuthorizedNetworksConfig", "cidrBlocks")).map((one) => at(one, "cidrBlock"));
  const byAddress =
    at(cluster, "controlPlaneEndpointsConfig", "ipEndpointsConfig", "enabled") === false
      ? []
      : [
          at(cluster, "privateClusterConfig", "enablePrivateEndpoint") === true
            ? "private"
            : `public for ${ranges.join(", ")}`,
        ];
  return [...byAddress, ...(named ? ["by name, IAM only"] : [])].join(", ");
}

function poolOf(pool: Inputs): string {
  const { autoscaling, nodeConfig } = pool;
  const spot = when(at(nodeConfig, "spot") === true, " spot");
  return `${at(autoscaling, "totalMinNodeCount")}-${at(autoscaling, "totalMaxNodeCount")} ${at(nodeConfig, "machineType")}${spot}`;
}

const isCopy = ({ instanceType }: Inputs): boolean => instanceType === "READ_REPLICA_INSTANCE";
/** A read replica has its primary's key; the copy of another stack's database has its own, and is the part itself. */
const isReadReplica = (database: Inputs): boolean => isCopy(database) && database["encryptionKeyName"] === undefined;

const tierOf = (database: Inputs): string => String(at(database, "settings", "tier"));

function storageOf({ settings }: Inputs): string {
  const [size, most] = [at(settings, "diskSize"), at(settings, "diskAutoresizeLimit")];
  const kind = at(settings, "diskType") === "PD_SSD" ? "SSD" : "Hyperdisk";
  return `${size}${most === undefined ? "" : `-${most}`} GiB ${kind}`;
}

/** Backups are counted, one a day; the logs between them may go sooner. */
function backupOf({ settings }: Inputs): string {
  const backups = at(settings, "backupConfiguration");
  const kept = at(backups, "backupRetentionSettings", "retainedBackups");
  const logs = at(backups, "transactionLogRetentionDays");
  return `${kept} d, point in time${logs === kept ? "" : ` ${logs} d`}`;
}

const hasStandby = ({ settings }: Inputs): boolean => at(settings, "availabilityType") === "REGIONAL";

function factsOfDatabase(database: Inputs): Facts {
  if (isReadReplica(database)) return { copies: `read replica ${tierOf(database)}` };
  const ip = at(database, "settings", "ipConfiguration");
  return {
    service: isCopy(database) ? "Cloud SQL PostgreSQL, follows another" : `Cloud SQL ${postgresOf(database)}`,
    size: tierOf(database),
    ...(isCopy(database) ? {} : { storage: storageOf(database), backup: backupOf(database) }),
    ...(hasStandby(database) ? { copies: "standby in a second zone" } : {}),
    access: at(ip, "ipv4Enabled") === false ? "private" : "public",
    ...(at(ip, "sslMode") === "ENCRYPTED_ONLY" ? { transit: "TLS required" } : {}),
  };
}

function describeDatabase(database: Inputs): string {
  const zones = when(hasStandby(database), ", standby in a second zone");
  if (isCopy(database)) return `read replica ${tierOf(database)}${zones}`;
  return `Cloud SQL ${postgresOf(database)}, ${tierOf(database)}, ${storageOf(database)}${zones}, backups ${backupOf(database)}`;
}

const nodesOf = ({ replicaCount }: Inputs): number => Number(replicaCount) + 1;
const retentionOf = (cache: Inputs): unknown => at(cache, "automatedBackupConfig", "retention");

function factsOfCache(cache: Inputs): Facts {
  const shards = Number(cache["shardCount"]);
  const retention = retentionOf(cache);
  return {
    service: `Memorystore ${valkeyOf(cache)}`,
    size: String(cache["nodeType"]),
    copies: `${shards} ${shards === 1 ? "shard" : "shards"} x ${nodesOf(cache)}`,
    access: "private",
    ...(cache["transitEncryptionMode"] === "SERVER_AUTHENTICATION" ? { transit: "TLS required" } : {}),
    ...(retention === undefined ? {} : { backup: daysOf(retention) }),
  };
}

function describeCache(cache: Inputs): string {
  const shards = Number(cache["shardCount"]);
  const shape = `${shards === 1 ? "" : `${shards} shards x `}${nodesOf(cache)}${shards === 1 ? " x" : ""} ${cache["nodeType"]}`;
  return `Memorystore ${valkeyOf(cache)}, ${shape}${when(nodesOf(cache) > 1, ", several zones")}`;
}

const isPublicZone = ({ visibility }: Inputs): boolean => visibility === "public";
/** Without the dot that Cloud DNS wants at the end. */
const domainOf = ({ dnsName }: Inputs): string => String(dnsName).replace(/\.$/, "");

export const plannedOnGcp: Planned = {
  describe: {
    "gcp:compute/network:Network": () => "VPC",
    "gcp:compute/subnetwork:Subnetwork": (subnet) =>
      `subnet ${subnet["ipCidrRange"]}${when(subnet["logConfig"] !== undefined, ", flow logs")}`,
    "gcp:compute/routerNat:RouterNat": () => "Cloud NAT",
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": () => "addresses for caches",
    "gcp:container/cluster:Cluster": (cluster) =>
      `GKE ${cluster["minMasterVersion"]}, API server ${endpointOf(cluster)}`,
    "gcp:container/nodePool:NodePool": (pool) => poolOf(pool).replace(" ", " nodes "),
    "gcp:sql/databaseInstance:DatabaseInstance": describeDatabase,
    "gcp:compute/forwardingRule:ForwardingRule": () => "private endpoint",
    "gcp:memorystore/instance:Instance": describeCache,
    "gcp:storage/bucket:Bucket": (bucket) =>
      `Cloud Storage bucket${when(at(bucket["versioning"], "enabled") === true, ", versioned")}`,
    "gcp:kms/cryptoKey:CryptoKey": (key) => `KMS key, new every ${daysOf(key["rotationPeriod"])}`,
    "gcp:secretmanager/secret:Secret": () => "secret in Secret Manager",
    "gcp:storage/bucketIAMMember:BucketIAMMember": () => "grant on a bucket",
    "gcp:secretmanager/secretIamMember:SecretIamMember": () => "grant on a secret",
    "gcp:artifactregistry/repository:Repository": () => "Artifact Registry repository",
    "gcp:dns/managedZone:ManagedZone": (zone) =>
      isPublicZone(zone) ? `Cloud DNS zone ${domainOf(zone)}` : "private DNS zone",
    "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": () => "grant on a zone",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": (bucket) => `log bucket, ${bucket["retentionDays"]} d`,
    "gcp:projects/service:Service": () => "Google API",
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": (check) =>
      `asks https://${at(check, "monitoredResource", "labels", "host")}${at(check, "httpCheck", "path")} each ${String(check["period"]).replace("s", " s")}`,
    "gcp:monitoring/alertPolicy:AlertPolicy": () => "alert",
    "gcp:monitoring/notificationChannel:NotificationChannel": (channel) => `mail to ${channel["displayName"]}`,
  },
  facts: {
    "agent-platform:gcp:SecretStore": () => ({ service: "Secret Manager" }),
    "agent-platform:gcp:Registry": () => ({ service: "Artifact Registry" }),
    "agent-platform:gcp:Uptime": () => ({ service: "Cloud Monitoring uptime checks" }),
    "agent-platform:gcp:Observe": () => ({ service: "Cloud Logging" }),
    "gcp:compute/network:Network": () => ({ service: "VPC" }),
    "gcp:compute/subnetwork:Subnetwork": (subnet) => ({ size: String(subnet["ipCidrRange"]) }),
    "gcp:compute/routerNat:RouterNat": () => ({ "way out": "Cloud NAT" }),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": (bucket) => ({ logs: `${bucket["retentionDays"]} d` }),
    "gcp:container/cluster:Cluster": (cluster) => ({
      service: `GKE ${cluster["minMasterVersion"]}`,
      access: endpointOf(cluster),
    }),
    "gcp:container/nodePool:NodePool": (pool) => ({
      [`nodes ${at(pool, "nodeConfig", "labels", "role")}`]: poolOf(pool),
    }),
    "gcp:sql/databaseInstance:DatabaseInstance": factsOfDatabase,
    "gcp:memorystore/instance:Instance": factsOfCache,
    "gcp:storage/bucket:Bucket": (bucket) => ({
      service: "Cloud Storage",
      ...(bucket["publicAccessPrevention"] === "enforced" ? { access: "private" } : {}),
      ...(at(bucket["versioning"], "enabled") === true ? { backup: "versions kept" } : {}),
    }),
    "gcp:kms/cryptoKey:CryptoKey": (key) => ({ encryption: `own key, new every ${daysOf(key["rotationPeriod"])}` }),
    "gcp:dns/managedZone:ManagedZone": (zone) =>
      isPublicZone(zone) ? { service: "Cloud DNS", size: domainOf(zone) } : {},
  },
  keeps: {
    "gcp:container/cluster:Cluster": "a cluster and its volumes",
    "gcp:sql/databaseInstance:DatabaseInstance": "a database, or a copy of one",
    "gcp:memorystore/instance:Instance": "a cache",
    "gcp:storage/bucket:Bucket": "a bucket",
    "gcp:kms/cryptoKey:CryptoKey": "an encryption key",
    "gcp:secretmanager/secret:Secret": "a secret",
    "gcp:artifactregistry/repository:Repository": "images",
    "gcp:dns/managedZone:ManagedZone": "a DNS zone",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "logs",
  },
  // `ForceNew` in the provider that the SDK is made from; the SDK's own documentation leaves most of it out.
  replacedBy: {
    "gcp:compute/network:Network": ["name", "project"],
    "gcp:compute/subnetwork:Subnetwork": ["name", "network", "project", "region"],
    "gcp:container/cluster:Cluster": [
      "datapathProvider",
      "ipAllocationPolicy",
      "location",
      "name",
      "network",
      "networkingMode",
      "project",
      "subnetwork",
    ],
    "gcp:container/nodePool:NodePool": ["cluster", "location", "name", "nodeConfig.serviceAccount", "nodeConfig.spot"],
    "gcp:sql/databaseInstance:DatabaseInstance": ["encryptionKeyName", "name", "project", "region"],
    "gcp:memorystore/instance:Instance": [
      "authorizationMode",
      "desiredAutoCreatedEndpoints",
      "instanceId",
      "kmsKey",
      "location",
      "mode",
      "project",
      "transitEncryptionMode",
      "zoneDistributionConfig",
    ],
    "gcp:storage/bucket:Bucket": ["location", "name", "project"],
    "gcp:kms/cryptoKey:CryptoKey": ["destroyScheduledDuration", "keyRing", "name"],
    "gcp:secretmanager/secret:Secret": ["project", "replication", "secretId"],
    "gcp:artifactregistry/repository:Repository": ["format", "kmsKeyName", "location", "project", "repositoryId"],
    "gcp:dns/managedZone:ManagedZone": ["dnsName", "name", "project", "visibility"],
  },
  reads: {
    "gcp:organizations/getProject:getProject": { id: UNKNOWN, name: UNKNOWN, number: UNKNOWN, projectId: UNKNOWN },
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
      id: UNKNOWN,
      emailAddress: UNKNOWN,
      member: UNKNOWN,
    },
    "gcp:compute/getSubnetwork:getSubnetwork": { id: UNKNOWN, name: UNKNOWN, selfLink: UNKNOWN, ipCidrRange: UNKNOWN },
    "gcp:container/getCluster:getCluster": {
      id: UNKNOWN,
      name: UNKNOWN,
      endpoint: UNKNOWN,
      masterAuths: [{ clusterCaCertificate: UNKNOWN }],
      controlPlaneEndpointsConfigs: [{ dnsEndpointConfigs: [{ endpoint: UNKNOWN, allowExternalTraffic: true }] }],
      nodePools: [{ nodeConfigs: [{ serviceAccount: UNKNOWN }] }],
    },
    "gcp:storage/getBucket:getBucket": { id: UNKNOWN, name: UNKNOWN, location: UNKNOWN },
    "gcp:dns/getManagedZone:getManagedZone": { id: UNKNOWN, name: UNKNOWN, nameServers: [UNKNOWN] },
  },
};
