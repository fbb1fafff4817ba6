import { m } from "../metrics/names.js";
import { tells } from "../rules/scope.js";
import { dashboard } from "./dashboard.js";
import { graph, type PanelOf, stat } from "./panel.js";
import { max, min, of, rate, ratio, sum } from "./query.js";
import { type DashboardScope, levelsOf, limitOf } from "./scope.js";

/** Databases and caches, wherever they run: what their exporters say, and for managed ones what the cloud says. */
export function stores(scope: DashboardScope) {
  const { settings } = scope;
  return dashboard(
    {
      uid: "stores",
      title: "Data stores",
      about:
        "Databases and caches, wherever they run: as they are seen from the cluster, and as the cloud sees its own.",
      rows: [
        { title: "Databases", when: Object.keys(settings.databases).length > 0, panels: () => databases(scope) },
        { title: "Caches", when: Object.keys(settings.caches).length > 0, panels: () => caches(scope) },
        {
          title: "Databases as the cloud sees them",
          when: tells("cloud:database_cpu_ratio")(scope),
          panels: () => cloudDatabases(scope),
        },
        {
          title: "Caches as the cloud sees them",
          when: tells("cloud:cache_memory_ratio")(scope),
          panels: () => cloudCaches(scope),
        },
      ],
    },
    scope,
  );
}

const GIB = 2 ** 30;
const BY_DATABASE = ["database"];
const BY_CACHE = ["cache"];
const states = { 0: { text: "away", color: "red" }, 1: { text: "up", color: "green" } } as const;

const databases = (scope: DashboardScope): readonly PanelOf[] => [
  stat({
    title: "Databases that answer",
    about: "Whether the exporter gets in.",
    unit: "short",
    width: 8,
    states,
    limits: { bad: 1, lessIsWorse: true },
    queries: [{ expr: min(BY_DATABASE, of(m.pg_up)), legend: "{{database}}" }],
  }),
  stat({
    title: "Size",
    about: "Bytes of all databases of a server together.",
    unit: "bytes",
    width: 8,
    queries: [{ expr: sum(BY_DATABASE, of(m.pg_database_size_bytes)), legend: "{{database}}" }],
  }),
  stat({
    title: "Copies behind",
    about: "Changes that the slowest copy has not taken over, as the primary sees it.",
    unit: "bytes",
    width: 8,
    // Said in MiB.
    limits: levelsOf(scope, "replicationLag", 2 ** -20),
    queries: [{ expr: max(BY_DATABASE, of(m.pg_stat_replication_pg_wal_lsn_diff)), legend: "{{database}}" }],
  }),
  graph({
    title: "Connections",
    about: "Part of a server's connections that are open. At 100 % nobody else gets in.",
    unit: "percentunit",
    limits: levelsOf(scope, "databaseConnections"),
    queries: [
      {
        expr: `${sum(BY_DATABASE, of(m.pg_stat_database_numbackends))} / ${max(BY_DATABASE, of(m.pg_settings_max_connections))}`,
        legend: "{{database}}",
      },
    ],
  }),
  graph({
    title: "What connections do",
    about: "Connections by state. `idle in transaction` holds what it has locked.",
    unit: "short",
    stacked: true,
    queries: [{ expr: sum(["database", "state"], of(m.pg_stat_activity_count)), legend: "{{database}} {{state}}" }],
  }),
  graph({
    title: "Transactions",
    about: "Transactions a second, and those that were taken back.",
    unit: "ops",
    queries: [
      { expr: sum(BY_DATABASE, rate(of(m.pg_stat_database_xact_commit))), legend: "{{database}} done" },
      { expr: sum(BY_DATABASE, rate(of(m.pg_stat_database_xact_rollback))), legend: "{{database}} taken back" },
    ],
  }),
  graph({
    title: "Found in memory",
    about: "Part of the blocks that were in memory already. Below 99 % most memory is too little.",
    unit: "percentunit",
    limits: { warn: 0.99, bad: 0.9, lessIsWorse: true },
    queries: [
      {
        expr: ratio(
          sum(BY_DATABASE, rate(of(m.pg_stat_database_blks_hit))),
          `(${sum(BY_DATABASE, rate(of(m.pg_stat_database_blks_hit)))} + ${sum(BY_DATABASE, rate(of(m.pg_stat_database_blks_read)))})`,
        ),
        legend: "{{database}}",
      },
    ],
  }),
  graph({
    title: "Longest transaction",
    about: "How long the oldest transaction has been open. Old ones keep what others deleted, and their locks.",
    unit: "s",
    limits: { warn: 300, bad: 3600 },
    queries: [{ expr: max(BY_DATABASE, of(m.pg_stat_activity_max_tx_duration)), legend: "{{database}}" }],
  }),
  graph({
    title: "Deadlocks",
    about: "Transactions a second that the server ended because they waited for each other.",
    unit: "ops",
    limits: { bad: 0.1 },
    queries: [{ expr: sum(BY_DATABASE, rate(of(m.pg_stat_database_deadlocks))), legend: "{{database}}" }],
  }),
];

const caches = (scope: DashboardScope): readonly PanelOf[] => [
  stat({
    title: "Caches that answer",
    about: "Whether the exporter gets in.",
    unit: "short",
    width: 8,
    states,
    limits: { bad: 1, lessIsWorse: true },
    queries: [{ expr: min(BY_CACHE, of(m.redis_up)), legend: "{{cache}}" }],
  }),
  stat({
    title: "Keys",
    about: "Keys that a cache holds.",
    unit: "short",
    width: 8,
    queries: [{ expr: sum(BY_CACHE, of(m.redis_db_keys)), legend: "{{cache}}" }],
  }),
  stat({
    title: "Copies",
    about: "Copies that follow the primary.",
    unit: "short",
    width: 8,
    queries: [{ expr: max(BY_CACHE, of(m.redis_connected_slaves)), legend: "{{cache}}" }],
  }),
  graph({
    title: "Memory",
    about: "Part of the memory that data may take. At 100 % keys go, or writes are refused.",
    unit: "percentunit",
    limits: limitOf(scope, "cacheMemory", 100),
    queries: [
      {
        expr: max(BY_CACHE, `${of(m.redis_memory_used_bytes)} / (${of(m.redis_memory_max_bytes)} > 0)`),
        legend: "{{cache}}",
      },
    ],
  }),
  graph({
    title: "Commands",
    about: "Commands a second.",
    unit: "ops",
    queries: [{ expr: sum(BY_CACHE, rate(of(m.redis_commands_processed_total))), legend: "{{cache}}" }],
  }),
  graph({
    title: "Found",
    about: "Part of the looked up keys that were there.",
    unit: "percentunit",
    queries: [
      {
        expr: ratio(
          sum(BY_CACHE, rate(of(m.redis_keyspace_hits_total))),
          `(${sum(BY_CACHE, rate(of(m.redis_keyspace_hits_total)))} + ${sum(BY_CACHE, rate(of(m.redis_keyspace_misses_total)))})`,
        ),
        legend: "{{cache}}",
      },
    ],
  }),
  graph({
    title: "Clients",
    about: "Connections that are open.",
    unit: "short",
    queries: [{ expr: sum(BY_CACHE, of(m.redis_connected_clients)), legend: "{{cache}}" }],
  }),
  graph({
    title: "Keys that went",
    about: "Keys a second that went because of their age, and because there was no room.",
    unit: "ops",
    queries: [
      { expr: sum(BY_CACHE, rate(of(m.redis_expired_keys_total))), legend: "{{cache}} too old" },
      { expr: sum(BY_CACHE, rate(of(m.redis_evicted_keys_total))), legend: "{{cache}} no room" },
    ],
  }),
  graph({
    title: "Refused clients",
    about: "Connections a second that were refused because there are too many.",
    unit: "ops",
    limits: { bad: 0.1 },
    queries: [{ expr: sum(BY_CACHE, rate(of(m.redis_rejected_connections_total))), legend: "{{cache}}" }],
  }),
];

const cloudDatabases = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Processor of databases",
    about: "Part of a managed database's processor time that is used.",
    unit: "percentunit",
    limits: limitOf(scope, "databaseCpu", 100),
    queries: [{ expr: max(BY_DATABASE, of(m["cloud:database_cpu_ratio"])), legend: "{{database}}" }],
  }),
  graph({
    title: "Free disk of databases",
    about: "Bytes that a managed database may still write.",
    unit: "bytes",
    limits: { ...levelsOf(scope, "databaseFree", 1 / GIB), lessIsWorse: true },
    queries: [{ expr: min(BY_DATABASE, of(m["cloud:database_free_storage_bytes"])), legend: "{{database}}" }],
  }),
  graph({
    title: "Connections of databases",
    about: "Connections that are open, as the cloud counts them.",
    unit: "short",
    queries: [{ expr: max(BY_DATABASE, of(m["cloud:database_connections"])), legend: "{{database}}" }],
  }),
];

const cloudCaches = (scope: DashboardScope): readonly PanelOf[] => [
  graph({
    title: "Processor of caches",
    about: "Part of a managed cache's processor time that is used.",
    unit: "percentunit",
    limits: { warn: 0.7, bad: 0.9 },
    width: 12,
    queries: [{ expr: max(BY_CACHE, of(m["cloud:cache_cpu_ratio"])), legend: "{{cache}}" }],
  }),
  graph({
    title: "Memory of caches",
    about: "Part of a managed cache's memory that is used.",
    unit: "percentunit",
    limits: limitOf(scope, "cacheMemory", 100),
    width: 12,
    queries: [{ expr: max(BY_CACHE, of(m["cloud:cache_memory_ratio"])), legend: "{{cache}}" }],
  }),
];
