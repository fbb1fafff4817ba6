/**
 * PostgreSQL as the platform runs it, whoever makes the server: the same parameters on every cloud.
 * Only these are static in PostgreSQL 17 and 18 (a change waits for a restart).
 */
export const staticParameters: ReadonlySet<string> = new Set([
  "max_connections",
  "pg_stat_statements.max",
  "shared_preload_libraries",
  "track_activity_query_size",
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
