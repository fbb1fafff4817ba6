import type { Props } from "../../serve.js";
import { at, type Copy, type Rule, text, type UpdateRule } from "../kind.js";
import { keyAt, mayEncrypt } from "./keys.js";
import { network } from "./network.js";
import { hash, label, last, NUMBER, need, path, pem, refused, type Table } from "./words.js";

const DB = "gcp:sql/databaseInstance:DatabaseInstance";
const CACHE = "gcp:memorystore/instance:Instance";
const BUCKET = "gcp:storage/bucket:Bucket";

const invalid = (why: string): string => refused(400, `Invalid request: ${why}`, "invalid");

/** Libraries are loaded by Cloud SQL and not by flags. */
const NOT_FLAGS: ReadonlySet<unknown> = new Set(["shared_preload_libraries", "port", "listen_addresses"]);

const setsUp = ({ settings, masterInstanceName }: Props): string | undefined => {
  const { tier, edition, availabilityType, backupConfiguration = {}, databaseFlags = [] } = settings as Props;
  const { enabled, pointInTimeRecoveryEnabled, transactionLogRetentionDays = 7 } = backupConfiguration as Props;
  // From PostgreSQL 16 on the dearer edition is the default.
  const plus = (edition ?? "ENTERPRISE_PLUS") === "ENTERPRISE_PLUS";
  if (plus !== text(tier).startsWith("db-perf-optimized-")) {
    return invalid(`Invalid Tier (${tier}) for (${plus ? "ENTERPRISE_PLUS" : "ENTERPRISE"}) Edition.`);
  }
  const custom = /^db-custom-(\d+)-(\d+)$/.exec(text(tier));
  if (custom !== null) {
    const [cores, mib] = [Number(custom[1]), Number(custom[2])];
    if (cores > 96 || (cores > 1 && cores % 2 === 1) || mib % 256 !== 0 || mib / cores > 6656 || mib / cores < 921.6) {
      return invalid(`custom machine type ${tier} is not valid.`);
    }
  }
  if (
    masterInstanceName === undefined &&
    availabilityType === "REGIONAL" &&
    !(enabled === true && pointInTimeRecoveryEnabled === true)
  ) {
    return invalid("Backups and point-in-time recovery must be enabled for a highly available instance.");
  }
  if (masterInstanceName !== undefined && enabled === true)
    return invalid("Backups cannot be enabled for a read replica.");
  if (Number(transactionLogRetentionDays) > (plus ? 35 : 7)) {
    return invalid(`Transaction log retention days must be between 1 and ${plus ? 35 : 7}.`);
  }
  const flag = (databaseFlags as Props[]).find(({ name }) => NOT_FLAGS.has(name));
  return flag === undefined ? undefined : invalid(`Invalid flag for database engine: ${flag["name"]}.`);
};

const follows: Rule = ({ masterInstanceName, region, encryptionKeyName }, view) => {
  if (masterInstanceName === undefined) return undefined;
  const source = view.find(DB, masterInstanceName);
  if (at(source?.inputs, "settings.backupConfiguration.enabled") !== true && source?.planted !== true) {
    return invalid(`The primary instance ${masterInstanceName} has no backups.`);
  }
  return source?.inputs["region"] !== region &&
    source?.inputs["encryptionKeyName"] !== undefined &&
    encryptionKeyName === undefined
    ? invalid("A replica in another region of an encrypted instance needs a key of that region.")
    : undefined;
};

const databaseMakeable: Rule = (inputs, view) =>
  setsUp(inputs) ??
  follows(inputs, view, "") ??
  mayEncrypt("encryptionKeyName", "sqladmin", ({ region }) => region)(inputs, view, "");

const databaseChanges: UpdateRule = (_, news) => setsUp(news);

const diskGrows = (olds: Props, news: Props): boolean =>
  Number(at(news, "settings.diskSize")) >= Number(at(olds, "settings.diskSize"));

const databaseMayGo: Rule = ({ deletionProtection, settings }) => {
  if (deletionProtection !== false) {
    return "Error, failed to delete instance because deletion_protection is set to true. Set it to false to proceed with instance deletion";
  }
  return (settings as Props)["deletionProtectionEnabled"] === true
    ? refused(
        400,
        "The instance is protected. Please disable the deletion protection and try again.",
        "instanceDeletionProtected",
      )
    : undefined;
};

const databaseCopies = ({ settings }: Props, { name }: Props): readonly Copy[] => {
  const { retainBackupsOnDelete, finalBackupConfig } = settings as Props;
  const copy = (kind: Copy["kind"], which: string): Copy => ({
    kind,
    type: "gcp:sql/backup:Backup",
    name: `${name} ${which}`,
  });
  return [
    ...(at(finalBackupConfig, "enabled") === true ? [copy("snapshot", "final")] : []),
    ...(retainBackupsOnDelete === true ? [copy("automated backup", "daily")] : []),
  ];
};

const cacheFits = ({ mode, shardCount, nodeType }: Props): string | undefined => {
  const cluster = mode !== "CLUSTER_DISABLED";
  if (!cluster && shardCount !== 1) return invalid("Cluster Mode Disabled instances have one shard.");
  return cluster && text(nodeType).startsWith("CUSTOM_")
    ? invalid(`Node type ${nodeType} needs Cluster Mode Disabled.`)
    : undefined;
};

/** Memorystore puts its addresses where a policy of the network lets it. */
const letIn: Rule = ({ desiredAutoCreatedEndpoints, location }, view) => {
  const [endpoint] = (desiredAutoCreatedEndpoints ?? []) as Props[];
  const of = endpoint?.["network"];
  const policies = view.all("gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy");
  const allowed = policies.some(
    ({ inputs, ready }) =>
      ready &&
      inputs["serviceClass"] === "gcp-memorystore" &&
      inputs["location"] === location &&
      last(inputs["network"]) === last(of),
  );
  return allowed
    ? undefined
    : invalid(`No service connection policy for network ${of} and service class gcp-memorystore in ${location}.`);
};

const cacheMakeable: Rule = (inputs, view) =>
  cacheFits(inputs) ??
  letIn(inputs, view, "") ??
  mayEncrypt("kmsKey", "memorystore", ({ location }) => location)(inputs, view, "");

const cacheMayGo: Rule = ({ deletionProtectionEnabled }, _, id) =>
  deletionProtectionEnabled === false
    ? undefined
    : refused(400, `Instance ${id} has deletion protection enabled`, "failedPrecondition");

export const stores: Table = {
  [DB]: {
    noun: "Cloud SQL instance",
    naming: { ...label, max: 95 },
    id: path("projects", "{project}", "instances", "{name}"),
    calledBy: ["name", "selfLink", "pscServiceAttachmentLink"],
    quota: 100,
    needs: [keyAt("encryptionKeyName"), need("masterInstanceName", DB)],
    refuses: { create: databaseMakeable, update: databaseChanges, delete: databaseMayGo },
    replaceOn: ["region", "encryptionKeyName", "project", "settings.diskType", "settings.diskSize"],
    inPlace: { "settings.diskSize": diskGrows },
    // A week.
    stays: () => "taken name",
    copies: databaseCopies,
    outputs: ({ name, region, databaseVersion, masterInstanceName, encryptionKeyName }, id, where) => ({
      selfLink: `https://sqladmin.googleapis.com/sql/v1beta4/${id}`,
      connectionName: `${where.account}:${region}:${name}`,
      dnsName: `${hash(id, 12)}.${hash(`${region}`, 12)}.${region}.sql-psc.goog.`,
      pscServiceAttachmentLink: `projects/${hash(id, 14)}-tp/regions/${region}/serviceAttachments/a-${hash(id, 12)}-psc-service-attachment-${hash(id, 16)}`,
      serverCaCerts: [
        {
          cert: pem(`CA of ${region}`),
          commonName: "Google Cloud SQL Server CA",
          sha1Fingerprint: hash(`${region}`, 40),
        },
      ],
      serviceAccountEmailAddress: `p${NUMBER}-${hash(id, 6)}@gcp-sa-cloud-sql.iam.gserviceaccount.com`,
      maintenanceVersion: `${databaseVersion}_R20261001.00_00`,
      masterInstanceName: masterInstanceName ?? "",
      // A copy in the region of its source has the source's.
      ...(encryptionKeyName === undefined ? {} : { encryptionKeyName }),
    }),
  },
  "gcp:sql/database:Database": {
    noun: "database",
    naming: { property: "name", max: 63 },
    id: path("projects", "{project}", "instances", "{instance}", "databases", "{name}"),
    needs: [need("instance", DB, "takes")],
    replaceOn: ["instance", "project"],
    outputs: (_, id) => ({ selfLink: `https://sqladmin.googleapis.com/sql/v1beta4/${id}` }),
  },
  "gcp:sql/user:User": {
    noun: "user",
    naming: { property: "name", max: 63 },
    id: ({ name, instance }) => `${name}//${instance}`,
    needs: [need("instance", DB, "takes")],
    replaceOn: ["instance", "host", "type", "project"],
    refuses: {
      create: ({ name }) =>
        /^(postgres|cloudsql.*)$/.test(text(name)) ? invalid(`the user name ${name} is reserved.`) : undefined,
    },
  },
  [CACHE]: {
    noun: "Memorystore instance",
    naming: { property: "instanceId", max: 63, auto: false, like: /^[a-z][-a-z0-9]{2,61}[a-z0-9]$/ },
    id: path("projects", "{project}", "locations", "{location}", "instances", "{instanceId}"),
    needs: [network("desiredAutoCreatedEndpoints.network"), keyAt("kmsKey")],
    refuses: { create: cacheMakeable, update: (_, news) => cacheFits(news), delete: cacheMayGo },
    replaceOn: [
      "authorizationMode",
      "desiredAutoCreatedEndpoints",
      "kmsKey",
      "location",
      "mode",
      "project",
      "transitEncryptionMode",
      "zoneDistributionConfig",
    ],
    copies: ({ automatedBackupConfig }, { name }) =>
      automatedBackupConfig === undefined
        ? []
        : [{ kind: "automated backup", type: "gcp:memorystore/backup:Backup", name: `${name}` }],
    outputs: ({ mode, desiredAutoCreatedEndpoints }, id) => ({
      name: id,
      state: "ACTIVE",
      uid: hash(id, 32),
      endpoints: [
        {
          connections: (mode === "CLUSTER" ? ["DISCOVERY", "UNSPECIFIED"] : ["PRIMARY", "READER"]).map(
            (type, index) => ({
              pscAutoConnection: {
                connectionType: `CONNECTION_TYPE_${type}`,
                ipAddress: `10.0.48.${2 + index}`,
                network: at(desiredAutoCreatedEndpoints, "0.network"),
                port: 6379,
                pscConnectionId: String(Number.parseInt(hash(`${id}${type}`, 12), 16)),
              },
            }),
          ),
        },
      ],
      managedServerCas: [{ caCerts: [{ certificates: [pem(`CA of ${id}`)] }] }],
    }),
  },
  [BUCKET]: {
    noun: "bucket",
    naming: { property: "name", max: 63, like: /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/ },
    id: ({ name }) => text(name),
    needs: [keyAt("encryption.defaultKmsKeyName")],
    refuses: { create: mayEncrypt("encryption.defaultKmsKeyName", "storage", ({ location }) => location) },
    replaceOn: ["location", "customPlacementConfig", "project"],
    emptiedBy: "forceDestroy",
    stays: ({ softDeletePolicy }) =>
      Number(at(softDeletePolicy, "retentionDurationSeconds") ?? 604_800) > 0 ? "soft-deleted" : undefined,
    outputs: ({ name }) => ({
      url: `gs://${name}`,
      selfLink: `https://www.googleapis.com/storage/v1/b/${name}`,
      projectNumber: Number(NUMBER),
    }),
  },
  "gcp:storage/bucketIAMMember:BucketIAMMember": {
    noun: "member of a policy",
    id: ({ bucket, role, member }) => `b/${bucket}/${role}/${member}`,
    overwrites: true,
    needs: [need("bucket", BUCKET, "takes")],
    replaceOn: ["bucket", "role", "member", "condition"],
  },
};
