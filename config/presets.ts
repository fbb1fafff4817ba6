import type { GatewaySettings } from "./gateway-schema.js";
import type { MonitoringSettings } from "./monitoring/schema.js";
import type { TracingSettings } from "./monitoring/tracing.js";
import type { EnvironmentName, SizeName } from "./names.js";
import type {
  BucketSettings,
  CacheSettings,
  ClusterSettings,
  DatabaseSettings,
  InMode,
  NetworkSettings,
  PoolSettings,
  RegistrySettings,
  SecretStoreSettings,
} from "./schema.js";

/**
 * What a stack need not say. `size` decides how much, `environment` how safe; everything here can be overridden.
 * What each costs follows from the machine types in `providers/<cloud>/sizes.ts`.
 */
type Made<Part extends { mode: string }> = Omit<InMode<Part, Extract<Part["mode"], "managed">>, "mode">;

export interface Preset {
  readonly deletionProtection: boolean;
  readonly network: Made<NetworkSettings>;
  readonly cluster: Made<ClusterSettings>;
  readonly database: Made<DatabaseSettings>;
  readonly cache: Made<CacheSettings> & Pick<InMode<CacheSettings, "inCluster">, "storage">;
  readonly bucket: Made<BucketSettings>;
  readonly secretStore: Made<SecretStoreSettings>;
  readonly registry: Made<RegistrySettings>;
  readonly gateway: Pick<GatewaySettings, "replicas">;
  readonly monitoring: Pick<InMode<MonitoringSettings, "inCluster">, "retention" | "storage"> & {
    readonly tracing: Pick<TracingSettings, "replicas" | "retention" | "storage">;
  };
}

interface Capacity {
  readonly pools: Readonly<Record<"system" | "apps" | "spot", Pick<PoolSettings, "cpu" | "memory" | "min" | "max">>>;
  readonly database: Pick<Preset["database"], "cpu" | "memory" | "storage" | "maxStorage" | "replicas">;
  readonly cache: Pick<Preset["cache"], "memory" | "shards" | "storage">;
  /** GiB of measurements a day, with room to grow: more than `monitoring/size.ts` counts for the pools above. */
  readonly metrics: number;
  /** GiB of a day's traces. */
  readonly traces: number;
}

export const capacities: Readonly<Record<SizeName, Capacity>> = {
  small: {
    pools: {
      system: { cpu: 2, memory: 4, min: 2, max: 3 },
      apps: { cpu: 2, memory: 8, min: 1, max: 5 },
      spot: { cpu: 2, memory: 8, min: 0, max: 5 },
    },
    database: { cpu: 2, memory: 4, storage: 20, maxStorage: 100, replicas: 0 },
    cache: { memory: 1, shards: 1, storage: 2 },
    metrics: 0.4,
    traces: 0.5,
  },
  medium: {
    pools: {
      system: { cpu: 2, memory: 8, min: 2, max: 4 },
      apps: { cpu: 4, memory: 16, min: 2, max: 10 },
      spot: { cpu: 4, memory: 16, min: 0, max: 10 },
    },
    database: { cpu: 2, memory: 16, storage: 100, maxStorage: 1000, replicas: 1 },
    cache: { memory: 6, shards: 1, storage: 12 },
    metrics: 0.8,
    traces: 2.5,
  },
  large: {
    pools: {
      system: { cpu: 4, memory: 16, min: 3, max: 6 },
      apps: { cpu: 8, memory: 32, min: 3, max: 20 },
      spot: { cpu: 8, memory: 32, min: 0, max: 30 },
    },
    database: { cpu: 8, memory: 64, storage: 400, maxStorage: 4000, replicas: 2 },
    cache: { memory: 13, shards: 3, storage: 26 },
    metrics: 2,
    traces: 10,
  },
};

interface Safety {
  readonly zones: 2 | 3;
  readonly nat: Preset["network"]["nat"];
  readonly privateEndpoints: boolean;
  readonly logDays: Preset["cluster"]["logRetentionDays"];
  readonly highAvailability: boolean;
  readonly cacheReplicas: number;
  readonly backupDays: number;
  readonly recoveryDays: number;
  readonly deletionProtection: boolean;
  readonly keepImages: number;
  readonly gateways: GatewaySettings["replicas"];
  readonly metricsDays: number;
  readonly traceDays: number;
  /** Pods of what collects traces. */
  readonly collectors: number;
}

const careful: Safety = {
  zones: 3,
  nat: "perZone",
  privateEndpoints: true,
  logDays: 90,
  highAvailability: true,
  cacheReplicas: 2,
  backupDays: 30,
  recoveryDays: 30,
  deletionProtection: true,
  keepImages: 100,
  gateways: { min: 3, max: 10 },
  metricsDays: 90,
  traceDays: 14,
  collectors: 2,
};

export const safeties: Readonly<Record<EnvironmentName, Safety>> = {
  development: {
    zones: 2,
    nat: "single",
    privateEndpoints: false,
    logDays: 7,
    highAvailability: false,
    cacheReplicas: 0,
    backupDays: 1,
    recoveryDays: 0,
    deletionProtection: false,
    keepImages: 20,
    gateways: { min: 1, max: 2 },
    metricsDays: 2,
    traceDays: 2,
    collectors: 1,
  },
  staging: {
    zones: 2,
    nat: "single",
    privateEndpoints: false,
    logDays: 30,
    highAvailability: false,
    cacheReplicas: 1,
    backupDays: 7,
    recoveryDays: 7,
    deletionProtection: false,
    keepImages: 50,
    gateways: { min: 2, max: 4 },
    metricsDays: 15,
    traceDays: 6,
    collectors: 1,
  },
  production: careful,
  dr: careful,
};

const roleOfPool = {
  system: { spot: false, labels: { role: "system" }, taints: [] },
  apps: { spot: false, labels: { role: "apps" }, taints: [] },
  spot: { spot: true, labels: { role: "spot" }, taints: [{ key: "spot", value: "true", effect: "NoSchedule" }] },
} as const;

/** The smallest disk that is worth having, and then in steps of it. */
const LEAST_METRICS = 5;
const metricsStorage = (amount: number): number => Math.max(1, Math.ceil(amount / LEAST_METRICS)) * LEAST_METRICS;

export function presetFor(size: SizeName, environment: EnvironmentName): Preset {
  const capacity = capacities[size];
  const safety = safeties[environment];
  const pool = (name: keyof typeof roleOfPool): PoolSettings => ({
    arch: "arm64",
    gpu: 0,
    disk: 50,
    ...capacity.pools[name],
    ...roleOfPool[name],
    labels: { ...roleOfPool[name].labels },
    taints: [...roleOfPool[name].taints],
  });
  return {
    deletionProtection: safety.deletionProtection,
    network: {
      cidr: "10.0.0.0/16",
      zones: safety.zones,
      nat: safety.nat,
      privateEndpoints: safety.privateEndpoints,
      flowLogs: { enabled: true, retentionDays: safety.logDays },
    },
    cluster: {
      version: "1.36",
      admins: [],
      pools: { system: pool("system"), apps: pool("apps"), spot: pool("spot") },
      serviceCidr: "172.20.0.0/16",
      podCidr: "100.64.0.0/14",
      logRetentionDays: safety.logDays,
    },
    database: {
      version: "17",
      ...capacity.database,
      highAvailability: safety.highAvailability,
      backup: { retentionDays: safety.backupDays, window: "03:00-04:00" },
      maintenanceWindow: "Sun:04:30-05:30",
      parameters: {},
    },
    cache: {
      version: "8",
      ...capacity.cache,
      replicas: safety.cacheReplicas,
      evictionPolicy: "allkeys-lru",
      snapshots: { retentionDays: Math.min(safety.backupDays, 7), window: "02:00-03:00" },
      maintenanceWindow: "Sun:05:30-06:30",
    },
    bucket: { versioning: true, noncurrentDays: 30 },
    secretStore: { recoveryDays: safety.recoveryDays },
    registry: { keepImages: safety.keepImages },
    gateway: { replicas: { ...safety.gateways } },
    monitoring: {
      retention: safety.metricsDays,
      storage: metricsStorage(capacity.metrics * safety.metricsDays),
      tracing: {
        replicas: safety.collectors,
        retention: safety.traceDays,
        storage: Math.ceil(capacity.traces * safety.traceDays),
      },
    },
  };
}
