import assert from "node:assert/strict";
import { azureStack as azure, gcpStack as gcp, parsed, settingsOf } from "../support/settings.js";
import { refuses } from "./refuses.js";

const monitoring = { mode: "none" };
const production = { environment: "production", cluster: { access: { cidrs: ["203.0.113.0/24"] } }, monitoring };
const group = "/subscriptions/0a1b2c3d-0000-4000-8000-1234567890ab/resourceGroups/team/providers";

describe("a cloud's account", () => {
  refuses("a stack on gcp says its project", { cloud: "gcp", region: "eu-west" }, [
    "gcp.project: missing: a stack on gcp must say it; expected a project id; set it with: pulumi config set --path gcp.project acme-agents",
  ]);
  refuses("a stack on azure says its subscription", { cloud: "azure", region: "eu-west" }, [
    "azure.subscription: missing: a stack on azure must say it; expected a subscription id; set it with: pulumi config set --path azure.subscription 00000000-0000-0000-0000-000000000000",
  ]);
});

describe("regions and zones of gcp and azure", () => {
  refuses("a region that gcp does not have", { ...gcp, region: "europe-west99" }, [
    'region: gcp has no region "europe-west99"; did you mean europe-west9?; expected a region of gcp, or one of us-east, us-central, us-west, ca-central, sa-east, eu-west, eu-central, eu-north, eu-south, uk-south, fr-central, ch-north, me-central, in-west, ap-southeast, ap-northeast, kr-central, au-east or za-north; set it with: pulumi config set region europe-west9',
  ]);
  refuses("a region of azure without zones", { ...azure, region: "westus" }, [
    'region: azure has no region "westus"; did you mean westus2?; expected a region of azure, or one of us-east, us-central, us-west, ca-central, sa-east, eu-west, eu-central, eu-north, eu-south, uk-south, fr-central, ch-north, me-central, in-west, ap-southeast, ap-northeast, kr-central, au-east or za-north; set it with: pulumi config set region westus2',
  ]);
  refuses("zones of another region", { ...gcp, gcp: { ...gcp.gcp, zones: ["us-east1-b", "us-east1-c"] } }, [
    "gcp.zones: us-east1-b is not in europe-west1; expected zones of europe-west1; remove it with: pulumi config rm --path gcp.zones",
  ]);
  refuses("a zone that azure has not", { ...azure, azure: { ...azure.azure, zones: ["1", "4"] } }, [
    "azure.zones[1]: \"4\" will not do; expected 1, 2 or 3; set it with: pulumi config set --path 'azure.zones[1]' 1",
  ]);

  it("zones are the first ones of the region", () => {
    assert.deepEqual(settingsOf(gcp).zones, ["europe-west1-b", "europe-west1-c"]);
    assert.deepEqual(settingsOf({ ...azure, ...production }).zones, ["1", "2", "3"]);
  });
});

describe("machines", () => {
  refuses(
    "Enterprise Plus with a tier made to measure",
    {
      ...gcp,
      gcp: { ...gcp.gcp, databaseEdition: "enterprisePlus", machineTypes: { "databases.main": "db-custom-4-16384" } },
    },
    [
      'gcp.machineTypes["databases.main"]: db-custom-4-16384 is no tier of Cloud SQL Enterprise Plus; expected db-perf-optimized-N-CORES, or gcp.databaseEdition enterprise; set it with: pulumi config set --path gcp.databaseEdition enterprise',
    ],
  );
  refuses(
    "Enterprise with a tier of Enterprise Plus",
    { ...gcp, gcp: { ...gcp.gcp, machineTypes: { "databases.main": "db-perf-optimized-N-4" } } },
    [
      'gcp.machineTypes["databases.main"]: db-perf-optimized-N-4 is no tier of Cloud SQL Enterprise; expected db-custom-CORES-MIB, or gcp.databaseEdition enterprisePlus; set it with: pulumi config set --path gcp.databaseEdition enterprisePlus',
    ],
  );
  refuses(
    "a standby beside a burstable server",
    {
      ...azure,
      database: { highAvailability: true },
      azure: { ...azure.azure, machineTypes: { "databases.main": "Standard_B2s" } },
    },
    [
      'azure.machineTypes["databases.main"]: Standard_B2s is burstable, and a burstable server has no standby; expected a type of Standard_D or Standard_E, or neither a standby nor replicas; set it with: pulumi config set --path \'azure.machineTypes["databases.main"]\' Standard_D2ds_v5',
    ],
  );
  refuses(
    "replicas of a burstable server",
    {
      ...azure,
      database: { replicas: 1 },
      azure: { ...azure.azure, machineTypes: { "databases.main": "Standard_B2s" } },
    },
    [
      'azure.machineTypes["databases.main"]: Standard_B2s is burstable, and a burstable server has no replicas; expected a type of Standard_D or Standard_E, or neither a standby nor replicas; set it with: pulumi config set --path \'azure.machineTypes["databases.main"]\' Standard_D2ds_v5',
    ],
  );
  refuses("PremiumV2 without iops", { ...azure, azure: { ...azure.azure, databaseDisk: { type: "premiumV2" } } }, [
    "azure.databaseDisk.iops: missing: a disk of type premiumV2 must have it said; expected a number, or type premium; set it with: pulumi config set --path azure.databaseDisk.iops 3000",
    "azure.databaseDisk.throughput: missing: a disk of type premiumV2 must have it said; expected a number, or type premium; set it with: pulumi config set --path azure.databaseDisk.throughput 125",
  ]);
  refuses("iops for a disk that takes none", { ...azure, azure: { ...azure.azure, databaseDisk: { iops: 5000 } } }, [
    "azure.databaseDisk.iops: 5000 for a disk of type premium, whose speed follows from its size; expected none, or type premiumV2; remove it with: pulumi config rm --path azure.databaseDisk.iops",
  ]);
  refuses("a cache that no machine of gcp holds", { ...gcp, cache: { memory: 400 } }, [
    "cache.memory: no machine has 400 GiB for a cache on gcp; expected less, or a type in gcp.machineTypes; remove it with: pulumi config rm --path cache.memory",
  ]);
  refuses(
    "types for parts that there are not",
    { ...azure, azure: { ...azure.azure, machineTypes: { "pools.none": "Standard_D4ps_v6" } } },
    [
      `azure.machineTypes["pools.none"]: there is no pools.none; expected pools.system, pools.apps, pools.spot, databases.main or caches.main; remove it with: pulumi config rm --path 'azure.machineTypes["pools.none"]'`,
    ],
  );
  refuses("accelerators on arm64", { ...gcp, cluster: { pools: { gpu: { gpu: 1 } } } }, [
    "cluster.pools.gpu.arch: arm64 machines with accelerators are not offered; expected amd64 with gpu; set it with: pulumi config set --path cluster.pools.gpu.arch amd64",
  ]);
});

describe("names over a cloud's limit", () => {
  refuses("a pool of gcp", { ...gcp, cluster: { pools: { "a-pool-of-many-words": {} } } }, [
    "cluster.pools.a-pool-of-many-words: agents-development-a-pool-of-many-words is 7 characters too long for GKE, which takes 40 with 8 added; expected a key of at most 13 characters; rename it with: pulumi config rm --path cluster.pools.a-pool-of-many-words && pulumi config set --path cluster.pools.a-pool-of-man '{}'",
  ]);
  refuses("a pool of azure", { ...azure, cluster: { pools: { "batch-jobs": {} } } }, [
    "cluster.pools.batch-jobs: batchjobs is 1 character too long for AKS, which takes 12 with 4 added; expected a key of at most 9 characters; rename it with: pulumi config rm --path cluster.pools.batch-jobs && pulumi config set --path cluster.pools.batch-job '{}'",
  ]);
  refuses(
    "tags of azure",
    { ...azure, tags: Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`tag${index}`, "x"])) },
    [
      "tags: 12 tags: azure takes 15 a resource, and some are the platform's own; expected at most 11; remove it with: pulumi config rm --path tags.tag11",
    ],
  );
});

describe("names that mean something else", () => {
  refuses("a database that is called like a replica", { ...gcp, databases: { main: {}, "main-replica-1": {} } }, [
    "databases.main-replica-1: main-replica-1 is what a replica of main is called; expected another key; remove it with: pulumi config rm --path databases.main-replica-1",
  ]);
  refuses("a name that Google keeps", { ...gcp, name: "google" }, [
    "name: google begins with goog, which gcp keeps for itself; expected another name; set it with: pulumi config set name agents",
  ]);
  refuses("a name that Azure keeps", { ...azure, name: "windows" }, [
    "name: windows begins with windows, which azure keeps for itself; expected another name; set it with: pulumi config set name agents",
  ]);
  refuses("two hyphens together", { ...azure, caches: { "a--b": {} } }, [
    "caches.a--b: \"a--b\" will not do; expected 1 to 40 lower-case letters, digits and single hyphens, beginning with a letter; rename it with: pulumi config rm --path caches.a--b && pulumi config set --path caches.a-b '{}'",
  ]);
  refuses("tags that differ by case alone", { ...azure, tags: { owner: "a", Owner: "b" } }, [
    "tags.Owner: Owner is the same as owner on azure, where case makes no difference; expected each once; remove it with: pulumi config rm --path tags.Owner",
  ]);
  refuses(
    "a type that no database has",
    { ...azure, azure: { ...azure.azure, machineTypes: { "databases.main": "nonsense" } } },
    [
      'azure.machineTypes["databases.main"]: "nonsense" is no type of a database; expected a type of Standard_B, Standard_D or Standard_E; set it with: pulumi config set --path \'azure.machineTypes["databases.main"]\' Standard_D2ds_v5',
    ],
  );
});

describe("ranges that a cloud has taken", () => {
  refuses("Services of azure", { ...azure, cluster: { serviceCidr: "172.30.0.0/16" } }, [
    "cluster.serviceCidr: 172.30.0.0/16 overlaps 172.30.0.0/16, which the cloud uses itself; expected a range that is free; set it with: pulumi config set --path cluster.serviceCidr 172.20.0.0/16",
  ]);
  refuses("a network of gcp in Docker's range", { ...gcp, network: { cidr: "172.17.0.0/16" } }, [
    "network.cidr: 172.17.0.0/16 overlaps 172.17.0.0/16, which the cloud uses itself; expected a range that is free; set it with: pulumi config set --path network.cidr 10.0.0.0/16",
  ]);
  refuses("pods over the network", { ...gcp, cluster: { podCidr: "10.0.0.0/14" } }, [
    "cluster.podCidr: 10.0.0.0/14 overlaps network.cidr 10.0.0.0/16; expected ranges that do not overlap; set it with: pulumi config set --path cluster.podCidr 100.64.0.0/14",
  ]);
  refuses("too few addresses for pods", { ...azure, cluster: { podCidr: "10.64.0.0/24" } }, [
    "cluster.podCidr: 10.64.0.0/24 is a /24; expected /10 to /20; set it with: pulumi config set --path cluster.podCidr 10.64.0.0/20",
  ]);

  it("pods' ranges are of no matter where pods have addresses of the network", () => {
    assert.doesNotThrow(() => settingsOf({ cloud: "aws", region: "eu-west", cluster: { podCidr: "10.0.0.0/16" } }));
  });
});

describe("what a cloud takes", () => {
  refuses(
    "pods of more nodes than there are addresses for",
    { ...gcp, cluster: { podCidr: "100.64.0.0/20", pools: { apps: { max: 20 } } } },
    [
      "cluster.podCidr: 100.64.0.0/20 has addresses for 16 nodes, and the pools may have 31; expected a larger range, or fewer nodes; set it with: pulumi config set --path cluster.podCidr 100.64.0.0/10",
    ],
  );
  refuses("a disk that is larger than any", { ...azure, database: { storage: 40000 } }, [
    "database.storage: 40000 GiB: a database on azure holds 32767; expected at most 32767; set it with: pulumi config set --path database.storage 32767",
  ]);
  refuses("an idle time over the load balancer's own on gcp", { ...gcp, gateway: { idleTimeout: 900 } }, [
    "gateway.idleTimeout: 900 s: a load balancer on gcp forgets a silent connection after 600 s; expected at most 600, and clients that ping; set it with: pulumi config set --path gateway.idleTimeout 600",
  ]);
  refuses("an idle time over the load balancer's own on azure", { ...azure, gateway: { idleTimeout: 3600 } }, [
    "gateway.idleTimeout: 3600 s: a load balancer on azure forgets a silent connection after 1800 s; expected at most 1800, and clients that ping; set it with: pulumi config set --path gateway.idleTimeout 1800",
  ]);
  refuses(
    "an entry that no vault of azure can have",
    { ...azure, cache: { mode: "existing", host: "10.9.8.7", authSecret: "team/cache" } },
    [
      'cache.authSecret: "team/cache" is no name of an entry on azure; expected letters, digits and -; remove it with: pulumi config rm --path cache.authSecret',
    ],
  );
  refuses("an id of another kind on azure", { ...azure, secretStore: { mode: "existing", id: "team-secrets" } }, [
    'secretStore.id: "team-secrets" is no id of that kind; expected an id as Azure writes it; set it with: pulumi config set --path secretStore.id /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/team/providers/Microsoft.KeyVault/vaults/my-vault',
  ]);

  it("a copy has less than a database of its own, which is told", () => {
    const said = { ...production, environment: "dr", standby: { of: "prod" } };
    assert.deepEqual(parsed({ ...gcp, ...said }).warnings, [
      "databases.main follows another: on gcp it has no backups and no window for maintenance until it is promoted",
    ]);
    assert.ok(
      parsed({ ...azure, ...said }).warnings.includes(
        "databases.main follows another: on azure it has no backups and no standby until it is promoted",
      ),
    );
  });
});

describe("what azure has less of", () => {
  refuses("shards", { ...azure, cache: { shards: 3 } }, [
    "cache.shards: 3 on azure: Azure Managed Redis parts its keys by itself, as its size asks; expected shards 1, with the memory of all; set it with: pulumi config set --path cache.shards 1",
  ]);
  refuses("several replicas of a cache", { ...azure, cache: { replicas: 2 } }, [
    "cache.replicas: 2 on azure: Azure Managed Redis keeps one copy; expected replicas 0 or 1; set it with: pulumi config set --path cache.replicas 1",
  ]);
  refuses("snapshots of a cache", { ...azure, cache: { snapshots: { retentionDays: 3 } } }, [
    "cache.snapshots.retentionDays: 3 on azure: Azure Managed Redis writes itself to disk and keeps no snapshots by the day; expected snapshots.retentionDays 0; set it with: pulumi config set --path cache.snapshots.retentionDays 0",
  ]);
  refuses("a window of a cache", { ...azure, cache: { maintenanceWindow: "Sun:05:30-06:30" } }, [
    'cache.maintenanceWindow: "Sun:05:30-06:30" on azure: Azure Managed Redis takes no window for patches; expected none said; remove it with: pulumi config rm --path cache.maintenanceWindow',
  ]);
  refuses("backups of less than a week", { ...azure, database: { backup: { retentionDays: 3 } } }, [
    "database.backup.retentionDays: 3 on azure: backups stay seven days at the least; expected backup.retentionDays 7 to 35; set it with: pulumi config set --path database.backup.retentionDays 7",
  ]);
  refuses("a limit to growth", { ...azure, database: { storage: 100, maxStorage: 400 } }, [
    "database.maxStorage: 400 on azure: a server that grows by itself there takes no limit; expected maxStorage equal to storage, which keeps it from growing, or none said; remove it with: pulumi config rm --path database.maxStorage",
  ]);
  refuses("no way out", { ...azure, network: { nat: "none", privateEndpoints: true } }, [
    'network.nat: "none" on azure: AKS nodes fetch what they start with from the internet; expected nat single or perZone; remove it with: pulumi config rm --path network.nat',
  ]);
  refuses("flow logs", { ...azure, network: { flowLogs: { enabled: true } } }, [
    "network.flowLogs.enabled: true on azure: flow logs belong to the subscription's network watcher, of which there is one a region; expected flowLogs.enabled false, and flow logs that the watcher's owner sets up; set it with: pulumi config set --path network.flowLogs.enabled false",
  ]);
  refuses("a count of images", { ...azure, registry: { keepImages: 10 } }, [
    "registry.keepImages: 10 on azure: a container registry there deletes by no count of images; expected none said, and `acr purge` from a pipeline; remove it with: pulumi config rm --path registry.keepImages",
  ]);
  refuses("logs for less than a month", { ...azure, cluster: { logRetentionDays: 7 } }, [
    "cluster.logRetentionDays: 7 on azure: Log Analytics keeps logs for thirty days at the least; expected cluster.logRetentionDays 30 or more; set it with: pulumi config set --path cluster.logRetentionDays 30",
  ]);
  refuses("a secret that is gone at once", { ...azure, secretStore: { recoveryDays: 0 } }, [
    "secretStore.recoveryDays: 0 on azure: a key vault keeps what is deleted for seven days at the least; expected recoveryDays 7 to 30; names end in chance, so none is blocked; set it with: pulumi config set --path secretStore.recoveryDays 7",
  ]);

  it("is lowered where only size and environment ask for it, and told", () => {
    const { settings, warnings } = parsed({ ...azure, ...production, size: "large" });
    const cache = settings.caches["main"];
    assert.ok(cache?.mode === "managed" && settings.network.mode === "managed");
    assert.deepEqual(
      [cache.shards, cache.memory, cache.replicas, cache.snapshots.retentionDays, settings.network.flowLogs.enabled],
      [1, 39, 1, 0, false],
    );
    assert.deepEqual(warnings, [
      "network.flowLogs.enabled is false where it would be true on another cloud: flow logs belong to the subscription's network watcher, of which there is one a region",
      "caches.main.shards is 1 where it would be 3 on another cloud: Azure Managed Redis parts its keys by itself, as its size asks",
      "caches.main.replicas is 1 where it would be 2 on another cloud: Azure Managed Redis keeps one copy",
      "caches.main.snapshots.retentionDays is 0 where it would be 7 on another cloud: Azure Managed Redis writes itself to disk and keeps no snapshots by the day",
    ]);
  });
});

describe("what gcp has less of", () => {
  it("days of logs between backups, which is told", () => {
    const told = (edition: string) =>
      parsed({ ...gcp, ...production, gcp: { ...gcp.gcp, databaseEdition: edition } }).warnings;
    assert.deepEqual(told("enterprise"), [
      "databases.main keeps a backup a day for 30 days, and can be restored to any second of the last 7 only; gcp.databaseEdition enterprisePlus makes it 35",
    ]);
    assert.deepEqual(told("enterprisePlus"), []);
  });
});

describe("who reaches the API server", () => {
  refuses("a name of its own on azure", { ...azure, cluster: { access: { dns: true } } }, [
    "cluster.access.dns: true on azure: AKS lets in by address or from inside the network, not by a name of its own; expected cluster.access.cidrs or cluster.access.private; remove it with: pulumi config rm --path cluster.access.dns",
  ]);
  refuses("two ways in", { ...gcp, cluster: { access: { dns: true, cidrs: ["203.0.113.0/24"] } } }, [
    "cluster.access.cidrs: said beside cluster.access.dns, which shuts it; expected one way in; remove it with: pulumi config rm --path cluster.access.cidrs",
  ]);
  refuses("production on gcp says one too", { ...gcp, environment: "production", monitoring }, [
    "cluster.access: the API server is open to the whole internet; expected cluster.access.cidrs, cluster.access.dns or cluster.access.private in production; set it with: pulumi config set --path 'cluster.access.cidrs[0]' 203.0.113.0/24",
  ]);

  it("development on gcp lets identities in by name, without a warning", () => {
    assert.deepEqual(parsed(gcp).warnings, []);
  });
});

describe("existing parts", () => {
  refuses(
    "a network of azure without a subnet for its database",
    {
      ...azure,
      network: {
        mode: "existing",
        id: `${group}/Microsoft.Network/virtualNetworks/main`,
        subnets: { private: [`${group}/Microsoft.Network/virtualNetworks/main/subnets/nodes`] },
      },
    },
    [
      "network.subnets.data: missing: a managed database stands in it; expected a subnet delegated to Microsoft.DBforPostgreSQL/flexibleServers; set it with: pulumi config set --path network.subnets.data '[\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/team/providers/Microsoft.Network/virtualNetworks/main/subnets/data\"]'",
    ],
  );
  refuses("a network of gcp without subnets", { ...gcp, network: { mode: "existing", id: "main" } }, [
    "network.subnets.private: missing: an existing part must say it; expected a value, or fromStack for the whole part; set it with: pulumi config set --path network.subnets.private '[\"projects/acme-agents/regions/europe-west1/subnetworks/nodes\"]'",
  ]);
});

describe("a standby", () => {
  refuses(
    "on another cloud than its primary",
    { ...gcp, ...production, environment: "dr", standby: { of: "prod" } },
    [
      "standby.of: prod is on aws, and no database on gcp can follow one there; expected a stack on gcp, or databases of mode managed with a copy of the data; set it with: pulumi config set cloud aws",
    ],
    {
      cloudOf: (stack) => (stack === "prod" ? "aws" : undefined),
    },
  );

  it("may follow a stack of which nothing is known here", () => {
    const said = { ...gcp, ...production, environment: "dr", standby: { of: "prod" } };
    assert.doesNotThrow(() => settingsOf(said));
    assert.doesNotThrow(() => settingsOf(said, { cloudOf: () => "gcp" }));
  });
});
