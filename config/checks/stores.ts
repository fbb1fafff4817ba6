import { awsWithoutRdsRoot } from "../../providers/regions.js";
import { support } from "../../providers/support.js";
import { isCareful } from "../names.js";
import { own } from "../walk.js";
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

export const noReplicas: Check = ({ caches, environment }, _context, found) => {
  if (!isCareful(environment)) return;
  for (const [key, cache] of Object.entries(caches)) {
    if ("replicas" in cache && cache.replicas === 0)
      found.warning(`caches.${key} has no replica: a restart empties it`);
  }
};
