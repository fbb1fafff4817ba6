/**
 * PostgreSQL as the platform runs it, whoever makes the server: the same parameters on every cloud. These are static:
 * a change waits for a restart. The platform's own, and those that a stack may have reason to set.
 * https://www.postgresql.org/docs/17/view-pg-settings.html (context `postmaster`), and what services call theirs
 */
export const staticParameters: ReadonlySet<string> = new Set([
  "autovacuum_freeze_max_age",
  "autovacuum_max_workers",
  "huge_pages",
  "max_connections",
  "max_locks_per_transaction",
  "max_logical_replication_workers",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "pg_stat_statements.max",
  "rds.logical_replication",
  "shared_buffers",
  "shared_preload_libraries",
  "track_activity_query_size",
  "track_commit_timestamp",
  "wal_buffers",
  "wal_level",
]);

/** Extensions that every database offers; the bootstrap makes them. */
export const extensions = ["vector", "uuid-ossp", "pg_stat_statements"] as const;

const MOST_CONNECTIONS = 5000;
const CONNECTIONS_PER_GIB = 100;
/** Set and not left to the service's formula, so that pools can be checked against it before anything is made. */
export const maxConnections = (memoryGiB: number): number =>
  Math.min(MOST_CONNECTIONS, memoryGiB * CONNECTIONS_PER_GIB);

const KIB_PER_GIB = 1024 * 1024;

export function parametersFor(
  memoryGiB: number,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    max_connections: String(maxConnections(memoryGiB)),
    shared_preload_libraries: "pg_stat_statements",
    "pg_stat_statements.track": "all",
    // A sort or hash may take this much and a query several: 1/1000 of the memory keeps a busy server alive.
    work_mem: String(Math.max(4096, Math.floor((memoryGiB * KIB_PER_GIB) / 1000))),
    // HNSW indexes are built in this much; beyond it a build falls back to disk and takes many times as long.
    maintenance_work_mem: String(Math.floor((memoryGiB * KIB_PER_GIB) / 16)),
    log_min_duration_statement: "1000",
    log_checkpoints: "on",
    log_connections: "on",
    log_disconnections: "on",
    log_lock_waits: "on",
    log_temp_files: "0",
    ...own,
  };
}
