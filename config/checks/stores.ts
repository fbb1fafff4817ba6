import { awsWithoutRdsRoot } from "../../providers/regions.js";
import { support } from "../../providers/support.js";
import { type CloudName, isCareful } from "../names.js";
import { MOST_STORAGE } from "../schema.js";
import { show } from "../show.js";
import { own, type Path } from "../walk.js";
import { type Check, remove, set } from "./finding.js";

export const oneShard: Check = (settings, context, found) => {
  for (const [key, cache] of Object.entries(settings.caches)) {
    if (cache.mode !== "inCluster" || cache.shards === 1) continue;
    const path = ["caches", key, "shards"];
    const managed = support["caches.managed"][settings.cloud] === true ? ", or mode managed" : "";
    found.problem(
      path,
      `${cache.shards} shards, and a cache in the cluster has no cluster mode`,
      `1${managed}`,
      set(context, path, 1),
    );
  }
};

/** Parameters with which a database would no longer be what the platform promises. */
const fixedParameters: Readonly<Record<string, string>> = {
  ssl: "connections are always encrypted",
  "rds.force_ssl": "connections are always encrypted",
  ssl_min_protocol_version: "connections are always encrypted",
  password_encryption: "passwords are kept as SCRAM hashes",
  max_connections: "it follows from the memory, so that pools can be held against it",
};

/** In the cluster the operator sets these, and its webhook refuses the database that does. */
const operatorsParameters =
  /^(archive_|log_(directory|filename|file_mode|rotation_|truncate_on_rotation|destination)|primary_|recovery_|ssl_|syslog_|unix_socket_)|^(allow_system_table_mods|bonjour.*|cluster_name|config_file|data_directory|data_sync_retry|event_source|external_pid_file|full_page_writes|hba_file|hot_standby|ident_file|jit_provider|listen_addresses|logging_collector|port|promote_trigger_file|restart_after_crash|restore_command|shared_memory_type|synchronous_standby_names|wal_level|wal_log_hints)$/;

export const parameters: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (!("parameters" in database)) continue;
    for (const parameter of Object.keys(database.parameters)) {
      const operators = database.mode === "inCluster" && operatorsParameters.test(parameter);
      const reason = own(fixedParameters, parameter) ?? (operators ? "the operator runs the server by it" : undefined);
      if (reason === undefined) continue;
      const path = ["databases", key, "parameters", parameter];
      found.problem(path, `the platform sets it: ${reason}`, "another parameter", remove(context, path));
    }
  }
};

export const databaseTrusted: Check = (settings, context, found) => {
  if (settings.cloud !== "aws" || !awsWithoutRdsRoot.includes(settings.region)) return;
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "managed" && database.mode !== "replica") continue;
    found.problem(
      ["databases", key, "mode"],
      `no root certificate of RDS in ${settings.region} is known, so the database could not be checked`,
      "another region, or mode inCluster or existing",
      set(context, ["databases", key, "mode"], "inCluster"),
    );
  }
};

export const storage: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "managed" || database.maxStorage >= database.storage) continue;
    const path = ["databases", key, "maxStorage"];
    found.problem(
      path,
      `${database.maxStorage} is below storage ${database.storage}`,
      "at least storage",
      set(context, path, database.storage),
    );
  }
};

/** GiB that the largest disk of a database holds. */
const mostStorage: Readonly<Record<CloudName, number>> = {
  aws: MOST_STORAGE,
  gcp: MOST_STORAGE,
  azure: 32767,
  local: MOST_STORAGE,
};

export const diskSize: Check = ({ cloud, databases }, context, found) => {
  const most = mostStorage[cloud];
  for (const [key, database] of Object.entries(databases)) {
    if (database.mode !== "managed" || database.storage <= most) continue;
    const path = ["databases", key, "storage"];
    found.problem(
      path,
      `${database.storage} GiB: a database on ${cloud} holds ${most}`,
      `at most ${most}`,
      set(context, path, most),
    );
  }
};

/** What a copy of another stack's database has not, until it is one of its own. */
const copiesLack: Readonly<Record<CloudName, string | undefined>> = {
  aws: undefined,
  gcp: "backups and no window for maintenance",
  azure: "backups and no standby",
  local: undefined,
};

export const copies: Check = ({ cloud, databases }, _context, found) => {
  const lack = copiesLack[cloud];
  if (lack === undefined) return;
  for (const [key, { mode }] of Object.entries(databases)) {
    if (mode === "replica")
      found.warning(`databases.${key} follows another: on ${cloud} it has no ${lack} until it is promoted`);
  }
};

/** What names of entries are made of in each store. */
const entryNames: Readonly<Record<CloudName, readonly [pattern: RegExp, expected: string]>> = {
  aws: [/./, ""],
  gcp: [/^(projects\/[^/]+\/secrets\/)?[A-Za-z0-9_-]{1,255}$/, "letters, digits, - and _"],
  azure: [/^[A-Za-z0-9-]{1,127}$/, "letters, digits and -"],
  local: [/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, "lower-case letters, digits, - and ."],
};

/** Entries that somebody else made are named as their store names them. */
export const entries: Check = (settings, context, found) => {
  const [pattern, expected] = entryNames[settings.cloud];
  const hold = (path: Path, name: string | undefined): void => {
    if (name === undefined || pattern.test(name)) return;
    found.problem(path, `${show(name)} is no name of an entry on ${settings.cloud}`, expected, remove(context, path));
  };
  for (const [key, one] of Object.entries(settings.databases))
    if (one.mode === "existing") hold(["databases", key, "ownerSecret"], one.ownerSecret);
  for (const [key, one] of Object.entries(settings.caches))
    if (one.mode === "existing") hold(["caches", key, "authSecret"], one.authSecret);
  for (const [key, one] of Object.entries(settings.buckets))
    if (one.mode === "existing") hold(["buckets", key, "credentialsSecret"], one.credentialsSecret);
};

/** Days of logs by which Cloud SQL restores to any second. */
const logDays = { enterprise: 7, enterprisePlus: 35 } as const;

export const anySecond: Check = ({ cloud, gcp, databases }, _context, found) => {
  if (cloud !== "gcp") return;
  const days = logDays[gcp.databaseEdition];
  for (const [key, database] of Object.entries(databases)) {
    if (database.mode !== "managed" || database.backup.retentionDays <= days) continue;
    found.warning(
      `databases.${key} keeps a backup a day for ${database.backup.retentionDays} days, and can be restored to any second of the last ${days} only; gcp.databaseEdition enterprisePlus makes it ${logDays.enterprisePlus}`,
    );
  }
};

export const replicas: Check = (settings, context, found) => {
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "replica" || database.of !== undefined || settings.standby !== undefined) continue;
    found.problem(
      ["databases", key, "of"],
      "missing: nothing says which stack has the primary",
      "a stack, or standby.of for all of them",
      set(context, ["databases", key, "of"], "prod"),
    );
  }
};

/** Replication is a cloud's own: no database follows one that another cloud keeps. */
export const followsOwnCloud: Check = (settings, context, found) => {
  const { cloud, standby } = settings;
  for (const [key, database] of Object.entries(settings.databases)) {
    if (database.mode !== "replica") continue;
    const [primary, path] =
      database.of === undefined ? [standby?.of, ["standby", "of"]] : [database.of, ["databases", key, "of"]];
    const other = primary === undefined ? undefined : context.cloudOf(primary);
    if (other === undefined || other === cloud) continue;
    found.problem(
      path,
      `${primary} is on ${other}, and no database on ${cloud} can follow one there`,
      `a stack on ${cloud}, or databases of mode managed with a copy of the data`,
      set(context, ["cloud"], other),
    );
    // What the standby says is said once for all.
    if (database.of === undefined) return;
  }
};

export const noReplicas: Check = ({ caches, environment }, _context, found) => {
  if (!isCareful(environment)) return;
  for (const [key, cache] of Object.entries(caches)) {
    if ("replicas" in cache && cache.replicas === 0)
      found.warning(`caches.${key} has no replica: a restart empties it`);
  }
};
