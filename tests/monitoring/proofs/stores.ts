import type { storeAlerts } from "../../../components/monitoring/rules/stores.js";
import type { Proof } from "../proof.js";

export const storeProofs: Readonly<Record<keyof typeof storeAlerts, Proof>> = {
  "DatabaseDown/critical": {
    fires: {
      series: { 'pg_up{job="postgres",database="main",instance="db-1:5432"}': "1x4 0x20" },
      at: 6,
      labels: { database: "main", environment: "production", severity: "critical" },
      summary: "Database main does not answer",
      description: "Database main has not let in its exporter for a minute.",
    },
    quiet: { series: { 'pg_up{job="postgres",database="main",instance="db-1:5432"}': "1x4 0 1x20" }, until: 16 },
  },
  "DatabaseSessionsHigh/warning": {
    fires: {
      series: {
        'pg_settings_max_connections{job="postgres",database="main",instance="db-1:5432",server="db-1:5432"}': "100x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="agents",datid="1"}':
          "80x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="postgres",datid="1"}':
          "1x60",
      },
      at: 5,
      labels: { database: "main", environment: "production", severity: "warning" },
      summary: "Database main is out of connections soon",
      description: "81 % of the connections that database main takes are open.",
    },
    quiet: {
      series: {
        'pg_settings_max_connections{job="postgres",database="main",instance="db-1:5432",server="db-1:5432"}': "100x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="agents",datid="1"}':
          "79x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="postgres",datid="1"}':
          "1x60",
      },
      until: 15,
    },
  },
  "DatabaseSessionsHigh/critical": {
    fires: {
      series: {
        'pg_settings_max_connections{job="postgres",database="main",instance="db-1:5432",server="db-1:5432"}': "100x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="agents",datid="1"}':
          "95x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="postgres",datid="1"}':
          "1x60",
      },
      at: 5,
      labels: { database: "main", environment: "production", severity: "critical" },
      summary: "Database main is out of connections soon",
      description: "96 % of the connections that database main takes are open.",
    },
    quiet: {
      series: {
        'pg_settings_max_connections{job="postgres",database="main",instance="db-1:5432",server="db-1:5432"}': "100x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="agents",datid="1"}':
          "94x60",
        'pg_stat_database_numbackends{job="postgres",database="main",instance="db-1:5432",datname="postgres",datid="1"}':
          "1x60",
      },
      until: 15,
    },
  },
  "ReplicationLag/warning": {
    fires: {
      series: {
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "105906176x60",
      },
      at: 5,
      labels: {
        application_name: "walreceiver",
        client_addr: "10.0.0.7",
        database: "main",
        environment: "production",
        severity: "warning",
      },
      summary: "A copy of database main is behind",
      description: "Copy walreceiver of database main at 10.0.0.7 has 101 MiB of changes to take over.",
    },
    quiet: {
      series: {
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "104857600x60",
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.9",state="backup"}':
          "5242880000x60",
      },
      until: 15,
    },
  },
  "ReplicationLag/critical": {
    fires: {
      series: {
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "1049624576x60",
      },
      at: 5,
      labels: {
        application_name: "walreceiver",
        client_addr: "10.0.0.7",
        database: "main",
        environment: "production",
        severity: "critical",
      },
      summary: "A copy of database main is behind",
      description: "Copy walreceiver of database main at 10.0.0.7 has 1001 MiB of changes to take over.",
    },
    quiet: {
      series: {
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "1048576000x60",
      },
      until: 15,
    },
  },
  "ReplicaMissing/warning": {
    fires: {
      series: {
        'pg_up{job="postgres",database="main",instance="db-1:5432"}': "1x60",
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "0x4 stale",
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.9",state="backup"}':
          "0x60",
      },
      at: 20,
      labels: { database: "main", environment: "production", severity: "warning" },
      summary: "A copy of database main does not follow",
      description: "0 copies follow database main, fewer than there should be.",
    },
    quiet: {
      series: {
        'pg_up{job="postgres",database="main",instance="db-1:5432"}': "1x30 0x30",
        'pg_stat_replication_pg_wal_lsn_diff{job="postgres",database="main",instance="db-1:5432",application_name="walreceiver",client_addr="10.0.0.7",state="streaming"}':
          "0x30 stale",
      },
      until: 60,
    },
  },
  "DatabaseCpuHigh/warning": {
    fires: {
      series: { 'exporter_database_cpu_ratio{database="main"}': "0.81x60" },
      at: 15,
      labels: { database: "main", environment: "production", severity: "warning" },
      summary: "Database main is busy",
      description: "Database main uses 81 % of its cores.",
    },
    quiet: { series: { 'exporter_database_cpu_ratio{database="main"}': "0.8x60" }, until: 25 },
  },
  "DatabaseDiskFull/warning": {
    fires: {
      series: { 'exporter_database_free_storage_bytes{database="main"}': "5261334937.6x60" },
      at: 10,
      labels: { database: "main", environment: "production", severity: "warning" },
      summary: "Database main runs out of disk",
      description: "Database main has 4.9GiB left.",
    },
    quiet: { series: { 'exporter_database_free_storage_bytes{database="main"}': "5368709120x60" }, until: 20 },
  },
  "DatabaseDiskFull/critical": {
    fires: {
      series: { 'exporter_database_free_storage_bytes{database="main"}': "2040109465.6x60" },
      at: 10,
      labels: { database: "main", environment: "production", severity: "critical" },
      summary: "Database main runs out of disk",
      description: "Database main has 1.9GiB left.",
    },
    quiet: { series: { 'exporter_database_free_storage_bytes{database="main"}': "2147483648x60" }, until: 20 },
  },
  "DatabaseDiskFullSoon/warning": {
    fires: {
      series: { 'exporter_database_free_storage_bytes{database="main"}': "6000-1.1x200" },
      at: 61,
      labels: { database: "main", environment: "production", severity: "warning" },
      summary: "Database main will be out of disk",
      description: "Going on as in the last 6 hours, database main has no disk left within days.",
    },
    quiet: { series: { 'exporter_database_free_storage_bytes{database="main"}': "6000-1x200" }, until: 190 },
  },
  "CacheDown/critical": {
    fires: {
      series: { 'redis_up{job="cache",cache="main",instance="main-0"}': "1x4 0x20" },
      at: 6,
      labels: { cache: "main", environment: "production", severity: "critical" },
      summary: "Cache main does not answer",
      description: "Cache main has not let in its exporter for a minute.",
    },
    quiet: { series: { 'redis_up{job="cache",cache="main",instance="main-0"}': "1x4 0 1x20" }, until: 16 },
  },
  "CacheMemoryHigh/warning": {
    fires: {
      series: {
        'exporter_cache_memory_ratio{cache="main"}': "0.91x60",
        'redis_memory_used_bytes{job="cache",cache="main",instance="main-0"}': "10x60",
        'redis_memory_max_bytes{job="cache",cache="main",instance="main-0"}': "100x60",
      },
      at: 10,
      labels: { cache: "main", environment: "production", severity: "warning" },
      summary: "Cache main is full soon",
      description: "Cache main uses 91 % of its memory, and may not drop keys at will: writes fail when it is full.",
    },
    quiet: {
      series: {
        'exporter_cache_memory_ratio{cache="main"}': "0.9x60",
        'exporter_cache_memory_ratio{cache="pages"}': "1x60",
      },
      until: 20,
    },
  },
};
