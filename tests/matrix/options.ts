import type { CloudName } from "../../config/names.js";
import type { RegionalCloud } from "../../providers/regions.js";
import { type Terms, terms } from "../contract/cases.js";
import { watchedElsewhere } from "../support/services.js";

/**
 * Every option of a stack with the values that it is tried with, on top of the stack file `prod`. What is true of a
 * cloud is told here by hand, so that the program's own tables are held against it.
 */
export interface Value {
  /** As `--set` would say it; nothing where the stack keeps what it has. */
  readonly sets?: readonly string[] | ((words: Terms & { readonly cloud: RegionalCloud }) => readonly string[]);
  /** Clouds that have a word for it. @default those of the option */
  readonly only?: readonly CloudName[];
  /** Clouds that take it. The others refuse it, with the lines in refused.json. @default all that have a word for it */
  readonly on?: readonly CloudName[];
  /** What it makes sense with: of each option named, one of these values. */
  readonly needs?: Readonly<Record<string, readonly string[]>>;
}
export interface Option {
  /** Clouds where it can be asked for. @default all of them */
  readonly on?: readonly CloudName[];
  readonly values: Readonly<Record<string, Value>>;
}

const everywhere: readonly CloudName[] = ["aws", "gcp", "azure", "local"];
const regional: readonly RegionalCloud[] = ["aws", "gcp", "azure"];
const json = (value: unknown): string => JSON.stringify(value);

const PRIMARY = "acme/agent-platform/primary";
const kept: Value = {};

const managedNetwork = { network: ["managed"] };
const managedCluster = { cluster: ["managed"] };
const databaseMade = { database: ["managed", "in the cluster"] };
const databaseOfCloud = { database: ["managed", "replica", "standby"] };
const databaseManaged = { database: ["managed"] };
const cacheMade = { cache: ["managed", "in the cluster"] };
const cacheManaged = { cache: ["managed"] };
const bucketManaged = { bucket: ["managed"] };

/** As many tags of one's own as a cloud's resources have room for. */
const mostTags: Readonly<Record<RegionalCloud, number>> = { aws: 40, gcp: 50, azure: 11 };
const nativeTypes: Readonly<Record<RegionalCloud, Readonly<Record<"pool" | "database" | "cache", string>>>> = {
  aws: { pool: "m7g.4xlarge", database: "db.r7g.4xlarge", cache: "cache.r7g.2xlarge" },
  gcp: { pool: "c4a-standard-16", database: "db-custom-16-65536", cache: "HIGHMEM_XLARGE" },
  azure: { pool: "Standard_D16ps_v6", database: "Standard_E16ds_v5", cache: "MemoryOptimized_M20" },
};
const twoZones: Readonly<Record<RegionalCloud, readonly string[]>> = {
  aws: ["eu-west-1a", "eu-west-1c"],
  gcp: ["europe-west1-b", "europe-west1-d"],
  azure: ["1", "3"],
};
const admins: Readonly<Record<RegionalCloud, string>> = {
  aws: "arn:aws:iam::123456789012:role/admin",
  gcp: "user:admin@example.com",
  azure: "0a1b2c3d-0000-4000-8000-1234567890ab",
};

/** Sets are made in this order: what makes a map stands before what changes something in it. */
export const options: Readonly<Record<string, Option>> = {
  name: { values: { kept, longest: { sets: ["name=platform"] }, shortest: { sets: ["name=a"] } } },
  environment: {
    values: Object.fromEntries(
      ["production", "staging", "development", "dr"].map((name) => [name, { sets: [`environment=${name}`] }]),
    ),
  },
  size: {
    values: Object.fromEntries(["small", "medium", "large"].map((name) => [name, { sets: [`size=${name}`] }])),
  },
  place: {
    on: regional,
    values: {
      kept,
      native: { sets: ({ secondRegion }) => [`region=${secondRegion}`] },
      "zones by name": {
        sets: ({ cloud }) => [`${cloud}.zones=${json(twoZones[cloud])}`],
        needs: { zones: ["kept", "two"] },
      },
      "a region of two zones": {
        sets: ["region=us-west-1"],
        only: ["aws"],
        needs: { zones: ["kept", "two"] },
      },
    },
  },
  locks: { values: { kept, on: { sets: ["deletionProtection=true"] }, off: { sets: ["deletionProtection=false"] } } },
  tags: {
    values: {
      kept,
      none: { sets: ["tags={}"] },
      // Letters that some clouds' labels do not take, and as long as a tag may be.
      awkward: { sets: [`tags=${json({ [`T${"ag-_".repeat(15)}xY`]: "Größe: 1/2 @ a+b=c", Owner: "x".repeat(63) })}`] },
      most: {
        only: regional,
        sets: ({ cloud }) => [
          `tags=${json(Object.fromEntries(Array.from({ length: mostTags[cloud] }, (_, n) => [`tag-${n}`, `value ${n}`])))}`,
        ],
      },
    },
  },
  network: {
    values: {
      managed: { on: regional, sets: ["network.mode=managed"] },
      existing: { on: regional, sets: ({ network }) => [`network=${json({ mode: "existing", ...network })}`] },
      "from a stack": { on: regional, sets: [`network=${json({ mode: "existing", fromStack: PRIMARY })}`] },
      none: { on: ["local"], sets: ["network.mode=none"] },
    },
  },
  zones: {
    on: regional,
    values: {
      kept,
      two: { sets: ["network.zones=2"], needs: managedNetwork },
      three: { sets: ["network.zones=3"], needs: managedNetwork },
    },
  },
  nat: {
    on: regional,
    values: {
      kept,
      single: { sets: ["network.nat=single"], needs: managedNetwork },
      "one a zone": { sets: ["network.nat=perZone"], needs: managedNetwork },
      none: {
        on: ["aws", "gcp"],
        sets: ["network.nat=none"],
        needs: { ...managedNetwork, "private endpoints": ["on"] },
      },
    },
  },
  "private endpoints": {
    on: regional,
    values: {
      kept,
      on: { sets: ["network.privateEndpoints=true"], needs: managedNetwork },
      off: { sets: ["network.privateEndpoints=false"], needs: managedNetwork },
    },
  },
  "flow logs": {
    on: regional,
    values: {
      kept,
      on: { on: ["aws", "gcp"], sets: ["network.flowLogs.enabled=true"], needs: managedNetwork },
      off: { sets: ["network.flowLogs.enabled=false"], needs: managedNetwork },
    },
  },
  addresses: {
    on: regional,
    values: {
      kept,
      narrow: { sets: ["network.cidr=10.9.8.0/22"], needs: managedNetwork },
      others: {
        sets: ["network.cidr=192.168.0.0/16", "cluster.serviceCidr=10.100.0.0/20", "cluster.podCidr=10.64.0.0/14"],
        needs: { ...managedNetwork, ...managedCluster },
      },
    },
  },
  cluster: {
    values: {
      managed: { on: regional, sets: ["cluster.mode=managed"] },
      existing: { only: regional, sets: ({ cluster }) => ["cluster.mode=existing", `cluster.id=${cluster}`] },
      "from a stack": { sets: ["cluster.mode=existing", `cluster.fromStack=${PRIMARY}`] },
      "by its context": { only: ["local"], sets: ["cluster.mode=existing", "cluster.context=kind-agents"] },
      "by its file": {
        only: ["local"],
        sets: ["cluster.mode=existing", "cluster.kubeconfig=/tmp/kubeconfig", "cluster.storageClass=standard"],
      },
    },
  },
  access: {
    on: regional,
    values: {
      "by address": kept,
      inside: { sets: ["cluster.access=".concat(json({ private: true }))] },
      both: { sets: ["cluster.access.private=true"] },
      "by name": { on: ["gcp"], sets: [`cluster.access=${json({ dns: true })}`] },
    },
  },
  Kubernetes: { on: regional, values: { kept, "1.35": { sets: ["cluster.version=1.35"], needs: managedCluster } } },
  admins: {
    on: regional,
    values: {
      kept,
      one: { sets: ({ cloud }) => [`cluster.admins=${json([admins[cloud]])}`], needs: managedCluster },
    },
  },
  "cluster logs": {
    on: regional,
    values: {
      kept,
      shortest: { on: ["aws", "gcp"], sets: ["cluster.logRetentionDays=1"], needs: managedCluster },
      longest: { sets: ["cluster.logRetentionDays=365"], needs: managedCluster },
    },
  },
  pools: {
    on: regional,
    values: {
      kept,
      amd64: {
        sets: ["system", "apps", "spot"].map((pool) => `cluster.pools.${pool}.arch=amd64`),
        needs: managedCluster,
      },
      accelerators: {
        sets: [`cluster.pools.gpu=${json({ arch: "amd64", cpu: 4, memory: 16, gpu: 1, min: 0, max: 2, disk: 200 })}`],
        needs: managedCluster,
      },
      "spot, tainted": {
        sets: [
          `cluster.pools.batch=${json({
            spot: true,
            min: 0,
            labels: { workload: "batch" },
            taints: [
              { key: "batch", value: "true", effect: "NoExecute" },
              { key: "example.com/slow", effect: "PreferNoSchedule" },
            ],
          })}`,
        ],
        needs: managedCluster,
      },
      // A pool whose most is none is left out.
      "one only": {
        sets: [`cluster.pools.apps=${json({ min: 0, max: 0 })}`, `cluster.pools.spot=${json({ min: 0, max: 0 })}`],
        needs: managedCluster,
      },
      "of their own type": {
        sets: ({ cloud }) => [`${cloud}.machineTypes["pools.apps"]=${nativeTypes[cloud].pool}`],
        needs: managedCluster,
      },
    },
  },
  "second database": {
    values: {
      kept,
      managed: { on: regional, sets: ["databases.main={}", "databases.conversation.mode=managed"] },
      "in the cluster": { sets: ["databases.main={}", "databases.conversation.mode=inCluster"] },
    },
  },
  database: {
    values: {
      managed: { on: regional, sets: ["databases.main.mode=managed"] },
      "in the cluster": { sets: ["databases.main.mode=inCluster"] },
      existing: {
        sets: [
          "databases.main.mode=existing",
          "databases.main.host=db.example.com",
          "databases.main.ownerSecret=team-db-owner",
        ],
      },
      "from a stack": { sets: ["databases.main.mode=existing", `databases.main.fromStack=${PRIMARY}`] },
      replica: { on: regional, sets: ["databases.main.mode=replica", `databases.main.of=${PRIMARY}`] },
      // The agent service reads what the primary encrypted.
      standby: { on: regional, sets: [`standby.of=${PRIMARY}`, "services.api.secrets[2]=ENCRYPTION_KEYS"] },
    },
  },
  PostgreSQL: { values: { kept, "18": { sets: ["databases.main.version=18"], needs: databaseMade } } },
  "database replicas": {
    values: {
      kept,
      none: { sets: ["databases.main.replicas=0"], needs: databaseMade },
      most: { sets: ["databases.main.replicas=5"], needs: databaseMade },
    },
  },
  "database standby": {
    values: {
      kept,
      on: {
        sets: ["databases.main.highAvailability=true"],
        needs: { database: ["managed", "in the cluster", "replica", "standby"] },
      },
      off: {
        sets: ["databases.main.highAvailability=false"],
        needs: { database: ["managed", "in the cluster", "replica", "standby"] },
      },
    },
  },
  "database disk": {
    values: {
      kept,
      "of a size": { sets: ["databases.main.storage=64"], needs: databaseMade },
      fixed: {
        only: regional,
        sets: ["databases.main.storage=64", "databases.main.maxStorage=64"],
        needs: databaseManaged,
      },
      growing: {
        only: regional,
        on: ["aws", "gcp"],
        sets: ["databases.main.storage=500", "databases.main.maxStorage=900"],
        needs: databaseManaged,
      },
    },
  },
  "database backups": {
    on: regional,
    values: {
      kept,
      shortest: { on: ["aws", "gcp"], sets: ["databases.main.backup.retentionDays=1"], needs: databaseOfCloud },
      longest: { sets: ["databases.main.backup.retentionDays=35"], needs: databaseOfCloud },
      "over midnight": {
        sets: ["databases.main.backup.window=23:30-00:30", "databases.main.maintenanceWindow=Sat:22:00-23:00"],
        needs: databaseOfCloud,
      },
    },
  },
  "database parameters": {
    values: { kept, own: { sets: ["databases.main.parameters.work_mem=65536"], needs: databaseMade } },
  },
  "database machine": {
    values: {
      kept,
      smallest: {
        sets: ["databases.main.cpu=1", "databases.main.memory=4"],
        needs: { database: ["managed", "in the cluster", "replica", "standby"] },
      },
      biggest: {
        sets: ["databases.main.cpu=64", "databases.main.memory=512"],
        needs: { database: ["managed", "in the cluster", "replica", "standby"] },
      },
      native: {
        only: regional,
        sets: ({ cloud }) => [`${cloud}.machineTypes["databases.main"]=${nativeTypes[cloud].database}`],
        needs: databaseOfCloud,
      },
    },
  },
  "Cloud SQL edition": {
    on: ["gcp"],
    values: {
      kept,
      plus: {
        sets: ["gcp.databaseEdition=enterprisePlus"],
        needs: { ...databaseOfCloud, "database machine": ["kept", "smallest", "biggest"] },
      },
    },
  },
  "Azure disks": {
    on: ["azure"],
    values: {
      kept,
      "premium v2": {
        sets: [`azure.databaseDisk=${json({ type: "premiumV2", iops: 4000, throughput: 200 })}`],
        needs: databaseOfCloud,
      },
    },
  },
  "second cache": {
    values: {
      kept,
      managed: {
        on: regional,
        sets: ["caches.main={}", "caches.sessions.mode=managed", `services.chat=${json({ uses: ["cache:sessions"] })}`],
        needs: { services: ["kept", "more", "with files"] },
      },
      "in the cluster": {
        sets: [
          "caches.main={}",
          "caches.sessions.mode=inCluster",
          `services.chat=${json({ uses: ["cache:sessions"] })}`,
        ],
        needs: { services: ["kept", "more", "with files"] },
      },
    },
  },
  cache: {
    values: {
      managed: { on: regional, sets: ["caches.main.mode=managed"] },
      "in the cluster": { sets: ["caches.main.mode=inCluster"] },
      existing: {
        sets: ["caches.main.mode=existing", "caches.main.host=cache.example.com", "caches.main.authSecret=team-cache"],
      },
      "from a stack": { sets: ["caches.main.mode=existing", `caches.main.fromStack=${PRIMARY}`] },
    },
  },
  shards: {
    on: regional,
    values: {
      kept,
      one: { sets: ["caches.main.shards=1"], needs: cacheMade },
      three: { on: ["aws", "gcp"], sets: ["caches.main.shards=3"], needs: cacheManaged },
    },
  },
  "cache replicas": {
    values: {
      kept,
      none: { sets: ["caches.main.replicas=0"], needs: cacheMade },
      one: { sets: ["caches.main.replicas=1"], needs: cacheMade },
      most: { on: ["aws", "gcp", "local"], sets: ["caches.main.replicas=5"], needs: cacheMade },
    },
  },
  snapshots: {
    on: regional,
    values: {
      kept,
      none: { sets: ["caches.main.snapshots.retentionDays=0"], needs: cacheManaged },
      longest: {
        on: ["aws", "gcp"],
        sets: ["caches.main.snapshots.retentionDays=35", "caches.main.snapshots.window=23:30-00:30"],
        needs: cacheManaged,
      },
    },
  },
  "cache size": {
    values: {
      kept,
      large: { sets: ["caches.main.memory=40", "caches.main.evictionPolicy=noeviction"], needs: cacheMade },
      native: {
        only: regional,
        sets: ({ cloud }) => [`${cloud}.machineTypes["caches.main"]=${nativeTypes[cloud].cache}`],
        needs: cacheManaged,
      },
    },
  },
  "second bucket": {
    on: regional,
    values: { kept, managed: { sets: ["buckets.main={}", "buckets.uploads={}"] } },
  },
  bucket: {
    values: {
      managed: { on: regional, sets: ["buckets.main.mode=managed"] },
      existing: { only: regional, sets: ({ bucket }) => ["buckets.main.mode=existing", `buckets.main.id=${bucket}`] },
      "from a stack": { only: regional, sets: ["buckets.main.mode=existing", `buckets.main.fromStack=${PRIMARY}`] },
      "that speaks S3": {
        sets: [
          "buckets.main.mode=existing",
          "buckets.main.id=theirs",
          "buckets.main.endpoint=https://s3.example.com",
          "buckets.main.credentialsSecret=team-s3",
        ],
      },
      none: { only: ["local"] },
    },
  },
  objects: {
    on: regional,
    values: {
      kept,
      overwritten: { sets: ["buckets.main.versioning=false"], needs: bucketManaged },
      expiring: {
        sets: ["buckets.main.expireDays=30", "buckets.main.noncurrentDays=1"],
        needs: bucketManaged,
      },
    },
  },
  "secret store": {
    values: {
      managed: { sets: ["secretStore.mode=managed"] },
      existing: {
        only: regional,
        sets: ({ secretStore }) => ["secretStore.mode=existing", `secretStore.id=${secretStore}`],
      },
      "from a stack": { sets: ["secretStore.mode=existing", `secretStore.fromStack=${PRIMARY}`] },
      "by its namespace": { only: ["local"], sets: ["secretStore.mode=existing", "secretStore.id=team-secrets"] },
    },
  },
  recovery: {
    on: regional,
    values: {
      kept,
      none: { on: ["aws", "gcp"], sets: ["secretStore.recoveryDays=0"], needs: { "secret store": ["managed"] } },
      shortest: { sets: ["secretStore.recoveryDays=7"], needs: { "secret store": ["managed"] } },
    },
  },
  registry: {
    values: {
      managed: { on: regional, sets: ["registry.mode=managed"] },
      existing: { sets: ["registry.mode=existing", "registry.url=registry.example.com/team"] },
      // There is nowhere to keep an image that is built.
      none: { sets: ["registry.mode=none", "services.api.image=ghcr.io/acme/agent-service:1.0.0"] },
    },
  },
  gateway: {
    values: {
      kept,
      inside: { on: regional, sets: ["gateway.internal=true", "gateway.replicas.min=1", "gateway.replicas.max=1"] },
      "with a certificate": { sets: ["gateway.tls.secret=team-certificate", "gateway.tls.minVersion=1.3"] },
    },
  },
  monitoring: {
    values: {
      kept,
      elsewhere: { sets: [`monitoring=${json(watchedElsewhere)}`] },
      none: { sets: [`monitoring=${json({ mode: "none" })}`] },
      "with an archive": {
        only: regional,
        sets: [`monitoring.archive.bucket=main`, `monitoring.tracing.otlp=https://otlp.example.com`],
        needs: bucketManaged,
      },
      "with lines in the cluster": { sets: ["monitoring.logs.to=openSearch"] },
    },
  },
  images: {
    on: regional,
    values: {
      kept,
      one: { on: ["aws", "gcp"], sets: ["registry.keepImages=1"], needs: { registry: ["managed"] } },
    },
  },
  domain: {
    values: {
      none: kept,
      managed: { on: regional, sets: ["domain=agents.example.com"] },
      existing: {
        on: regional,
        sets: ({ zone }) => [`domain=${json({ mode: "existing", name: "agents.example.com", zone })}`],
      },
      "from a stack": {
        on: regional,
        sets: [`domain=${json({ mode: "existing", name: "agents.example.com", fromStack: PRIMARY })}`],
      },
    },
  },
  services: {
    values: {
      kept,
      none: { sets: ["services={}"] },
      more: {
        sets: [
          `services.a-name-just-long-enough=${json({ uses: ["database"], secrets: ["OPENAI_API_KEY"], connections: 1 })}`,
        ],
      },
      // Names as long as they may be, and an image, so that all that a service can have is there.
      running: {
        sets: [
          `services.a-name-just-long-enough=${json({
            image: "ghcr.io/acme/api:1.4.2",
            uses: ["database", "cache", "models", "service:search"],
            secrets: ["OPENAI_API_KEY"],
            connections: 1,
            migrate: { command: ["migrate"] },
            cron: { "a-name-as-long-as-can-be": { schedule: "@daily", command: ["run"] } },
          })}`,
          `services.search=${json({ image: "ghcr.io/acme/search:2.0.0", port: 8080 })}`,
        ],
      },
      "with files": {
        sets: [`services.files=${json({ uses: ["bucket"], secrets: ["OPENAI_API_KEY"] })}`],
        needs: { bucket: ["managed", "existing", "from a stack", "that speaks S3"] },
      },
    },
  },
  mirror: {
    values: {
      kept,
      own: { sets: ["mirror.charts=oci://registry.example.com/charts", "mirror.images=registry.example.com"] },
    },
  },
};

/** Combinations that each cloud takes one of and settings refuse together. */
export const refusedTogether: Readonly<Record<string, Readonly<Partial<Record<CloudName, readonly string[]>>>>> = {
  "no way out at all": {
    aws: ["network.nat=none", "network.privateEndpoints=false"],
    gcp: ["network.nat=none", "network.privateEndpoints=false"],
  },
  "shards in the cluster": Object.fromEntries(
    everywhere.map((cloud) => [cloud, ["caches.main.mode=inCluster", "caches.main.shards=3"]]),
  ),
  "three zones where there are two": { aws: ["region=us-west-1", "network.zones=3"] },
  "accelerators on arm64": Object.fromEntries(
    regional.map((cloud) => [cloud, [`cluster.pools.gpu=${json({ gpu: 1, arch: "arm64" })}`]]),
  ),
  "a network without a subnet for databases": {
    azure: [
      `network=${json({
        mode: "existing",
        id: terms.azure.network["id"],
        subnets: { private: [`${String(terms.azure.network["id"])}/subnets/nodes`] },
      })}`,
    ],
  },
  "addresses that the cloud uses itself": {
    gcp: ["cluster.serviceCidr=172.17.0.0/16"],
    azure: ["cluster.serviceCidr=172.30.0.0/16"],
  },
  "disks of the second kind without their speed": {
    azure: [`azure.databaseDisk=${json({ type: "premiumV2", iops: 4000 })}`],
  },
  "addresses beside the cluster's own name": { gcp: ["cluster.access.dns=true"] },
  "a key that a replica has": Object.fromEntries(
    regional.map((cloud) => [cloud, ["databases.main={}", "databases.main-replica-1={}"]]),
  ),
  "a key with two hyphens together": Object.fromEntries(everywhere.map((cloud) => [cloud, ["services.a--b={}"]])),
  "a name that is the cloud's own": {
    aws: ["name=sthree"],
    gcp: ["name=goog1"],
    azure: ["name=windows"],
    local: ["name=kube"],
  },
  "two tags that differ by case": Object.fromEntries(
    ["gcp", "azure"].map((cloud) => [cloud, [`tags=${json({ owner: "a", Owner: "b" })}`]]),
  ),
  "fewer addresses for pods than nodes want": Object.fromEntries(
    ["gcp", "azure"].map((cloud) => [cloud, ["cluster.podCidr=100.64.0.0/20", "cluster.pools.apps.max=1000"]]),
  ),
  "a tier of the other edition": {
    gcp: ["gcp.databaseEdition=enterprisePlus", `gcp.machineTypes["databases.main"]=db-custom-4-16384`],
  },
  "a burstable server with a standby": { azure: [`azure.machineTypes["databases.main"]=Standard_B2s`] },
  "a type that is none of a database": { azure: [`azure.machineTypes["databases.main"]=db.r7g.large`] },
  "a disk that is larger than any": { azure: ["databases.main.storage=65536"] },
  "an id that is none of the cloud's": {
    azure: ["secretStore.mode=existing", "secretStore.id=team-secrets"],
  },
  "a key that is too long": Object.fromEntries(
    everywhere.map((cloud) => [
      cloud,
      [`databases=${json({ main: {}, "a-key-of-so-many-letters-that-none-takes": {} })}`],
    ]),
  ),
  "another cloud's region": Object.fromEntries(regional.map((cloud) => [cloud, ["region=moon-west"]])),
};
