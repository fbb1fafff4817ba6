import type { CacheSettings, DatabaseSettings } from "../../../config/schema.js";
import { m } from "../metrics/names.js";
import type { AlertTable } from "./row.js";
import { alertsOf, oneOf, type RuleScope, tells } from "./scope.js";

/** Databases and caches, by what they say themselves and what the cloud says of those that it runs. */

const GIB = 2 ** 30;

/** A copy of another stack's database is read-only: nobody can be let in to measure it. */
const hasDatabases = ({ settings }: RuleScope) =>
  Object.values(settings.databases).some(({ mode }) => mode !== "replica");
const hasCaches = ({ settings }: RuleScope) => Object.keys(settings.caches).length > 0;

/** One that may drop any key is full when it is well. */
const dropsAny = (cache: CacheSettings): boolean =>
  cache.mode !== "existing" && cache.evictionPolicy.startsWith("allkeys-");
const keepers = ({ settings }: RuleScope): readonly string[] =>
  Object.entries(settings.caches).flatMap(([key, cache]) => (dropsAny(cache) ? [] : [key]));

const sessions = (percent: number): string => {
  const open = `sum by (database) (${m.pg_stat_database_numbackends}{job="postgres"})`;
  return `100 * ${open} / max by (database) (${m.pg_settings_max_connections}{job="postgres"}) > ${percent}`;
};
const sessionsFull = {
  for: "5m",
  summary: "Database {{ $labels.database }} is out of connections soon",
  description: '{{ $value | printf "%.0f" }} % of the connections that database {{ $labels.database }} takes are open.',
  when: hasDatabases,
};
/** Copies that follow the primary by its own log, as far as they are the stack's. A second machine of the cloud's is not. */
const copiesOf = (database: DatabaseSettings): number => {
  if (database.mode === "managed") return database.replicas;
  return database.mode === "inCluster" ? database.replicas + (database.highAvailability ? 1 : 0) : 0;
};
const copied = ({ settings }: RuleScope): readonly (readonly [key: string, copies: number])[] =>
  Object.entries(settings.databases).flatMap(([key, database]) => {
    const copies = copiesOf(database);
    return copies === 0 ? [] : [[key, copies] as const];
  });
// As the primary sees it: of a copy that nobody writes to, how old its last change is says nothing.
const FOLLOWING = `job="postgres",state=~"streaming|catchup"`;
const behind = (mib: number): string =>
  `max by (database, application_name, client_addr) (${m.pg_stat_replication_pg_wal_lsn_diff}{${FOLLOWING}}) / 1048576 > ${mib}`;
const lag = {
  for: "5m",
  summary: "A copy of database {{ $labels.database }} is behind",
  description:
    'Copy {{ $labels.application_name }} of database {{ $labels.database }} at {{ $labels.client_addr }} has {{ $value | printf "%.0f" }} MiB of changes to take over.',
  // Copies of other stacks follow it as well.
  when: hasDatabases,
};
const free = (gib: number): string => `${m["cloud:database_free_storage_bytes"]} < ${Math.round(gib * GIB)}`;
const shortOfDisk = {
  for: "10m",
  summary: "Database {{ $labels.database }} runs out of disk",
  description: "Database {{ $labels.database }} has {{ $value | humanize1024 }}B left.",
  when: tells("cloud:database_free_storage_bytes"),
};

export const storeAlerts = {
  "DatabaseDown/critical": {
    expr: () => `max by (database) (${m.pg_up}{job="postgres"}) == 0`,
    for: "1m",
    summary: "Database {{ $labels.database }} does not answer",
    description: "Database {{ $labels.database }} has not let in its exporter for a minute.",
    when: hasDatabases,
  },
  "DatabaseSessionsHigh/warning": {
    ...sessionsFull,
    expr: (scope) => sessions(alertsOf(scope).databaseConnections.warning),
    setting: "databaseConnections.warning",
  },
  "DatabaseSessionsHigh/critical": {
    ...sessionsFull,
    expr: (scope) => sessions(alertsOf(scope).databaseConnections.critical),
    setting: "databaseConnections.critical",
  },
  "ReplicationLag/warning": {
    ...lag,
    expr: (scope) => behind(alertsOf(scope).replicationLag.warning),
    setting: "replicationLag.warning",
  },
  "ReplicationLag/critical": {
    ...lag,
    expr: (scope) => behind(alertsOf(scope).replicationLag.critical),
    setting: "replicationLag.critical",
  },
  "ReplicaMissing/warning": {
    expr: (scope) =>
      copied(scope)
        .map(([key, copies]) => {
          const follow = `count by (database) (${m.pg_stat_replication_pg_wal_lsn_diff}{database="${key}",${FOLLOWING}})`;
          const up = `max by (database) (${m.pg_up}{database="${key}",job="postgres"} == 1)`;
          return `(${follow} or 0 * ${up}) < ${copies}`;
        })
        .join(" or "),
    for: "15m",
    summary: "A copy of database {{ $labels.database }} does not follow",
    description: "{{ $value }} copies follow database {{ $labels.database }}, fewer than there should be.",
    when: (scope) => copied(scope).length > 0,
  },
  "DatabaseCpuHigh/warning": {
    expr: (scope) => `100 * ${m["cloud:database_cpu_ratio"]} > ${alertsOf(scope).databaseCpu}`,
    for: "15m",
    summary: "Database {{ $labels.database }} is busy",
    description: 'Database {{ $labels.database }} uses {{ $value | printf "%.0f" }} % of its cores.',
    setting: "databaseCpu",
    when: tells("cloud:database_cpu_ratio"),
  },
  "DatabaseDiskFull/warning": {
    ...shortOfDisk,
    expr: (scope) => free(alertsOf(scope).databaseFree.warning),
    setting: "databaseFree.warning",
  },
  "DatabaseDiskFull/critical": {
    ...shortOfDisk,
    expr: (scope) => free(alertsOf(scope).databaseFree.critical),
    setting: "databaseFree.critical",
  },
  "DatabaseDiskFullSoon/warning": {
    expr: (scope) =>
      `predict_linear(${m["cloud:database_free_storage_bytes"]}[6h], ${Math.round(alertsOf(scope).diskDays * 86_400)}) < 0`,
    for: "1h",
    summary: "Database {{ $labels.database }} will be out of disk",
    description: "Going on as in the last 6 hours, database {{ $labels.database }} has no disk left within days.",
    setting: "diskDays",
    when: tells("cloud:database_free_storage_bytes"),
  },
  "CacheDown/critical": {
    expr: () => `max by (cache) (${m.redis_up}{job="cache"}) == 0`,
    for: "1m",
    summary: "Cache {{ $labels.cache }} does not answer",
    description: "Cache {{ $labels.cache }} has not let in its exporter for a minute.",
    when: hasCaches,
  },
  "CacheMemoryHigh/warning": {
    expr: (scope) => {
      const which = oneOf("cache", keepers(scope));
      const own = `max by (cache) (${m.redis_memory_used_bytes}{job="cache",${which}} / (${m.redis_memory_max_bytes}{job="cache"} > 0))`;
      // What the cloud says comes first: of its own caches, it alone knows the whole memory.
      const used = tells("cloud:cache_memory_ratio")(scope)
        ? `max by (cache) (${m["cloud:cache_memory_ratio"]}{${which}}) or ${own}`
        : own;
      return `100 * (${used}) > ${alertsOf(scope).cacheMemory}`;
    },
    for: "10m",
    summary: "Cache {{ $labels.cache }} is full soon",
    description:
      'Cache {{ $labels.cache }} uses {{ $value | printf "%.0f" }} % of its memory, and may not drop keys at will: writes fail when it is full.',
    setting: "cacheMemory",
    when: (scope) => keepers(scope).length > 0,
  },
} as const satisfies AlertTable;
