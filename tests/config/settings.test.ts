import assert from "node:assert/strict";
import { safeties } from "../../config/presets.js";
import type { SettingsOfSchema } from "../../config/schema.js";
import { parseSettings, type Settings } from "../../config/settings.js";
import type { Tree } from "../../config/walk.js";
import { awsProduction, awsStack, localStack, parsed, settingsOf } from "../support/settings.js";

/** The part in that mode: a settings tree without it fails the test. */
function inMode<Part extends { mode: string }, Mode extends Part["mode"]>(
  part: Part | undefined,
  mode: Mode,
): Extract<Part, { mode: Mode }> {
  assert.equal(part?.mode, mode);
  return part as Extract<Part, { mode: Mode }>;
}
const network = (settings: Settings) => inMode(settings.network, "managed");
const database = (settings: Settings, key = "main") => inMode(settings.databases[key], "managed");
const cache = (settings: Settings, key = "main") => inMode(settings.caches[key], "managed");
const cluster = (settings: Settings) => inMode(settings.cluster, "managed");

describe("defaults", () => {
  it("cloud and region make a whole stack", () => {
    const { settings } = parsed(awsStack);
    assert.deepEqual(settings, {
      name: "agents",
      cloud: "aws",
      region: "eu-west-1",
      environment: "development",
      size: "small",
      tags: {},
      deletionProtection: false,
      prefix: "agents-development",
      zones: ["eu-west-1a", "eu-west-1b"],
      network: {
        mode: "managed",
        cidr: "10.0.0.0/16",
        zones: 2,
        nat: "single",
        privateEndpoints: false,
        flowLogs: { enabled: true, retentionDays: 7 },
      },
      cluster: {
        mode: "managed",
        version: "1.36",
        admins: [],
        pools: {
          system: { ...pool("system"), cpu: 2, memory: 4, min: 2, max: 3 },
          apps: { ...pool("apps"), cpu: 2, memory: 8, min: 1, max: 5 },
          spot: {
            ...pool("spot"),
            ...{ cpu: 2, memory: 8, min: 0, max: 5 },
            spot: true,
            taints: [{ key: "spot", value: "true", effect: "NoSchedule" }],
          },
        },
        serviceCidr: "172.20.0.0/16",
        podCidr: "100.64.0.0/14",
        logRetentionDays: 7,
      },
      databases: {
        main: {
          mode: "managed",
          version: "17",
          cpu: 2,
          memory: 4,
          storage: 20,
          maxStorage: 100,
          replicas: 0,
          highAvailability: false,
          backup: { retentionDays: 1, window: "03:00-04:00" },
          maintenanceWindow: "Sun:04:30-05:30",
          parameters: {},
        },
      },
      caches: {
        main: {
          mode: "managed",
          version: "8",
          memory: 1,
          shards: 1,
          replicas: 0,
          evictionPolicy: "allkeys-lru",
          snapshots: { retentionDays: 1, window: "02:00-03:00" },
          maintenanceWindow: "Sun:05:30-06:30",
        },
      },
      buckets: { main: { mode: "managed", versioning: true, noncurrentDays: 30 } },
      secretStore: { mode: "managed", recoveryDays: 0 },
      registry: { mode: "managed", keepImages: 20 },
      domain: { mode: "none" },
      services: {},
      gateway: {
        expose: "loadBalancer",
        internal: false,
        nodeAddress: "localhost",
        nodePorts: { http: 30080, https: 30443, nodes: "all" },
        replicas: { min: 1, max: 2 },
        cpu: 0.25,
        memory: 0.25,
        idleTimeout: 300,
        drain: 300,
        tls: { minVersion: "1.2" },
        acme: { server: "https://acme-v02.api.letsencrypt.org/directory" },
      },
      monitoring: {
        mode: "inCluster",
        scrapeInterval: 15,
        alerts: {
          errorRate: {
            warning: 1,
            critical: 10,
          },
          responseTime: 2,
          latency: 1,
          firstToken: 10,
          databaseConnections: {
            warning: 80,
            critical: 95,
          },
          databaseConnectionCount: 80,
          databaseWaiting: 5,
          processMemory: 1024,
          podMemory: {
            warning: 80,
            critical: 95,
          },
          podCpu: 150,
          eventLoopLag: 0.2,
          agentFailures: 5,
          agentFailuresPerSecond: 0.05,
          queueDepth: 100,
          deadLetters: 0,
          deadLetterHours: 24,
          failovers: 10,
          replicationLag: {
            warning: 100,
            critical: 1000,
          },
          databaseCpu: 80,
          databaseFree: {
            warning: 5,
            critical: 2,
          },
          cacheMemory: 90,
          volumeUsed: {
            warning: 85,
            critical: 95,
          },
          nodeCpu: 90,
          nodeMemory: 90,
          nodeDisk: {
            warning: 80,
            critical: 90,
          },
          diskDays: 4,
          autoscalerMinutes: 30,
          targetsDown: 10,
          certificateDays: {
            warning: 21,
            critical: 7,
          },
          gatewayConnectFailures: 1,
          loadBalancerErrors: 1,
          modeMinutes: 60,
        },
        budget: {},
        receivers: {
          webhooks: {},
          routes: {
            critical: {},
            warning: {},
            info: {},
          },
          muteTimes: {},
        },
        logs: {
          to: "cloud",
          retention: 30,
          events: true,
          openSearch: {
            nodes: 1,
            memory: 2,
            storage: 25,
            perDay: 0.5,
          },
        },
        uptime: {
          interval: 60,
          timeout: 10,
          paths: {},
          except: [],
        },
        retention: 2,
        storage: 5,
        grafana: {},
        tracing: {
          enabled: true,
          sampling: {
            percent: 10,
            slow: 1,
          },
          replicas: 1,
          memory: 0.5,
          retention: 2,
          storage: 1,
        },
      },
      mirror: {},
      aws: { machineTypes: {} },
      gcp: { databaseEdition: "enterprise", machineTypes: {} },
      azure: { databaseDisk: { type: "premium" }, machineTypes: {} },
    });
  });

  it("local has everything in its cluster, and no object store", () => {
    const { settings, warnings } = parsed(localStack);
    const modes = [settings.network, settings.cluster, settings.secretStore, settings.registry, settings.domain];
    assert.deepEqual(
      modes.map(({ mode }) => mode),
      ["none", "existing", "managed", "none", "none"],
    );
    assert.equal(settings.databases["main"]?.mode, "inCluster");
    assert.equal(settings.caches["main"]?.mode, "inCluster");
    assert.deepEqual(settings.buckets, {});
    assert.deepEqual(warnings, [
      "no bucket: local makes no object store; mode existing with the endpoint of an S3-compatible store makes one usable",
      "databases.main runs in the cluster: it has no backups beyond its volumes",
      "caches.main runs in the cluster: it has no TLS, and no standby that takes over",
    ]);
  });

  it("size decides how much", () => {
    const sizes = (["small", "medium", "large"] as const).map((size) => settingsOf({ ...awsStack, size }));
    assert.deepEqual(
      sizes.map((one) => database(one).memory),
      [4, 16, 64],
    );
    assert.deepEqual(
      sizes.map((one) => database(one).replicas),
      [0, 1, 2],
    );
    assert.deepEqual(
      sizes.map((one) => cache(one).shards),
      [1, 1, 3],
    );
    assert.deepEqual(
      sizes.map((one) => cluster(one).pools["apps"]?.cpu),
      [2, 4, 8],
    );
    assert.ok(sizes.every((one) => network(one).zones === 2));
  });

  it("production is safe without being told", () => {
    const settings = settingsOf(awsProduction);
    assert.equal(settings.deletionProtection, true);
    assert.deepEqual(settings.zones, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]);
    assert.equal(network(settings).nat, "perZone");
    assert.equal(network(settings).privateEndpoints, true);
    assert.equal(database(settings).highAvailability, true);
    assert.equal(database(settings).backup.retentionDays, 30);
    assert.equal(cache(settings).replicas, 2);
    assert.deepEqual(settings.secretStore, { mode: "managed", recoveryDays: 30 });
  });

  it("the standby is as safe as production", () => assert.deepEqual(safeties.dr, safeties.production));

  it("every default can be overridden, alone", () => {
    const settings = settingsOf({
      ...awsProduction,
      deletionProtection: false,
      network: { nat: "single", flowLogs: { enabled: false } },
      database: { backup: { retentionDays: 35 }, highAvailability: false },
    });
    assert.equal(settings.deletionProtection, false);
    assert.deepEqual(network(settings), {
      ...network(settingsOf(awsProduction)),
      nat: "single",
      flowLogs: { enabled: false, retentionDays: 90 },
    });
    assert.deepEqual(database(settings).backup, { retentionDays: 35, window: "03:00-04:00" });
    assert.equal(database(settings).highAvailability, false);
  });

  it("production warns of a cache that a restart empties", () => {
    const { warnings } = parsed({ ...awsProduction, cache: { replicas: 0 } });
    assert.deepEqual(warnings, ["caches.main has no replica: a restart empties it"]);
  });

  it("development warns of an open API server", () => {
    assert.deepEqual(parsed(awsStack).warnings, [
      "the API server is open to the whole internet: restrict it with cluster.access.cidrs or cluster.access.private",
    ]);
    const open = parsed({ ...awsStack, cluster: { access: { cidrs: ["0.0.0.0/0"] } } });
    assert.deepEqual(open.warnings, ["cluster.access.cidrs[0] 0.0.0.0/0 is the whole internet"]);
    assert.deepEqual(parsed({ ...awsStack, cluster: { access: { private: true } } }).warnings, []);
    assert.deepEqual(
      parsed({ ...awsStack, cluster: { access: { private: true, cidrs: ["203.0.113.0/24"] } } }).warnings,
      [],
    );
  });

  it("a disk that is asked for may grow", () => {
    assert.equal(database(settingsOf({ ...awsStack, database: { storage: 500 } })).maxStorage, 1000);
    assert.equal(database(settingsOf({ ...awsStack, database: { storage: "50000" } })).maxStorage, 65536);
    assert.equal(database(settingsOf({ ...awsStack, database: { storage: 50 } })).maxStorage, 100);
  });
});

function pool(role: string) {
  return { arch: "arm64", gpu: 0, disk: 50, spot: false, labels: { role }, taints: [] };
}

describe("how settings are said", () => {
  it("short forms are the main ones of their maps", () => {
    const short = { database: { memory: 8 }, cache: { shards: 2 }, bucket: { expireDays: 9 } };
    const long = {
      databases: { main: { memory: 8 } },
      caches: { main: { shards: 2 } },
      buckets: { main: { expireDays: 9 } },
    };
    assert.deepEqual(settingsOf({ ...awsStack, ...short }), settingsOf({ ...awsStack, ...long }));
  });

  it("a short form stands beside others of its map", () => {
    const settings = settingsOf({ ...awsStack, database: { memory: 8 }, databases: { analytics: { memory: 32 } } });
    assert.deepEqual(Object.keys(settings.databases).sort(), ["analytics", "main"]);
    assert.deepEqual([database(settings).memory, database(settings, "analytics").memory], [8, 32]);
  });

  it("a plain domain is a new zone of that name", () => {
    const domain = { mode: "managed", name: "agents.example.com" };
    assert.deepEqual(settingsOf({ ...awsStack, domain: "agents.example.com" }).domain, domain);
    assert.deepEqual(settingsOf({ ...awsStack, domain: { name: "agents.example.com" } }).domain, domain);
    assert.deepEqual(settingsOf({ ...awsStack, domain: { name: "agents.example.com", zone: "Z1" } }).domain, {
      ...domain,
      mode: "existing",
      zone: "Z1",
    });
  });

  const asText = {
    deletionProtection: "true",
    database: { memory: "8", highAvailability: "false" },
    network: { zones: "3" },
  };
  const asMeant = { deletionProtection: true, database: { memory: 8, highAvailability: false }, network: { zones: 3 } };
  it("true and 'true', 3 and '3' are the same", () => {
    assert.deepEqual(settingsOf({ ...awsStack, ...asText }), settingsOf({ ...awsStack, ...asMeant }));
  });

  it("maps and lists as JSON text are maps and lists, at any depth", () => {
    const said = {
      database: '{"memory":"8","highAvailability":"false"}',
      network: { flowLogs: '{"enabled":false}' },
      cluster: '{"access":"{\\"cidrs\\":\\"[\\\\\\"203.0.113.0/24\\\\\\"]\\"}"}',
    };
    const meant = {
      database: { memory: 8, highAvailability: false },
      network: { flowLogs: { enabled: false } },
      cluster: { access: { cidrs: ["203.0.113.0/24"] } },
    };
    assert.deepEqual(settingsOf({ ...awsStack, ...said }), settingsOf({ ...awsStack, ...meant }));
  });

  it("versions, accounts and parameters that YAML reads as numbers are texts", () => {
    const settings = settingsOf({
      ...awsStack,
      cluster: { version: 1.35 },
      database: { version: 18, parameters: { random_page_cost: 1.1, jit: false } },
      cache: { version: 8 },
      aws: { account: 123456789012 },
    });
    assert.equal(cluster(settings).version, "1.35");
    assert.equal(database(settings).version, "18");
    assert.deepEqual(database(settings).parameters, { random_page_cost: "1.1", jit: "false" });
    assert.equal(settings.aws.account, "123456789012");
  });

  it("keys of clouds that are not chosen are kept", () => {
    const said = { gcp: { project: "acme-agents" }, azure: { subscription: "00000000-0000-0000-0000-000000000000" } };
    const { gcp, azure } = settingsOf({ ...awsStack, ...said });
    assert.deepEqual([gcp.project, azure.subscription], [said.gcp.project, said.azure.subscription]);
  });

  it("the order of keys means nothing", () => {
    const said = { ...awsProduction, size: "large", database: { memory: 8 }, tags: { owner: "me" } };
    const turned = Object.fromEntries(Object.entries(said).reverse());
    assert.deepEqual(settingsOf(turned), settingsOf(said));
  });
});

describe("pools", () => {
  it("a change to a pool leaves the rest of it, and the other pools", () => {
    const { pools } = cluster(settingsOf({ ...awsStack, cluster: { pools: { apps: { max: 9 } } } }));
    const before = cluster(settingsOf(awsStack)).pools;
    assert.deepEqual(pools, { ...before, apps: { ...before["apps"], max: 9 } });
  });

  it("a pool of one's own begins as apps, with its own label", () => {
    const { pools } = cluster(
      settingsOf({ ...awsStack, cluster: { pools: { gpu: { gpu: 1, arch: "amd64", labels: { tier: "ml" } } } } }),
    );
    const { apps } = cluster(settingsOf(awsStack)).pools;
    assert.deepEqual(pools["gpu"], { ...apps, gpu: 1, arch: "amd64", labels: { role: "gpu", tier: "ml" } });
  });

  it("a pool may have the name of what every object inherits", () => {
    const { pools } = cluster(settingsOf({ ...awsStack, cluster: { pools: { constructor: { max: 2 } } } }));
    assert.deepEqual(pools["constructor"]?.labels, { role: "constructor" });
  });
});

describe("existing parts", () => {
  it("hold what was said, and nothing of what a new one would have, but for what decides its wiring", () => {
    const said = {
      network: { mode: "existing", id: "vpc-1", subnets: { private: ["subnet-1", "subnet-2"] } },
      cluster: { mode: "existing", id: "ours" },
      database: { mode: "existing", host: "db.example.com", ownerSecret: "team/db" },
      cache: { mode: "existing", host: "cache.example.com" },
      bucket: { mode: "existing", id: "ours" },
      registry: { mode: "existing", url: "registry.example.com/ours" },
      secretStore: { mode: "existing", id: "arn:aws:kms:eu-west-1:123456789012:key/1" },
    };
    const settings = settingsOf({ ...awsStack, ...said });
    assert.deepEqual(settings.network, said.network);
    assert.deepEqual(settings.cluster, said.cluster);
    assert.deepEqual(settings.databases, { main: { ...said.database, port: 5432, name: "agents" } });
    assert.deepEqual(settings.caches, {
      main: { ...said.cache, port: 6379, tls: true, auth: true, clusterMode: false },
    });
    assert.deepEqual(settings.buckets, { main: said.bucket });
    assert.deepEqual(settings.registry, said.registry);
    assert.deepEqual(settings.secretStore, said.secretStore);
  });

  it("take what they do not say from another stack", () => {
    const fromStack = "acme/agent-platform/shared";
    for (const part of ["network", "cluster", "database", "cache", "bucket", "secretStore"]) {
      assert.doesNotThrow(() => settingsOf({ ...awsStack, [part]: { mode: "existing", fromStack } }), part);
    }
  });

  it("take a stack's output where an id is asked for", () => {
    const id = { fromStack: "shared", output: "network.vpc" };
    const subnets = { private: { fromStack: "shared" } };
    const settings = settingsOf({ ...awsStack, network: { mode: "existing", id, subnets } });
    assert.deepEqual(settings.network, { mode: "existing", id, subnets });
  });

  it("an existing cluster beside a new network gets a warning", () => {
    const { warnings } = parsed({ ...awsStack, cluster: { mode: "existing", id: "ours" } });
    assert.deepEqual(warnings, [
      "the cluster exists and the network is made anew: databases and caches stay out of its reach until you connect the two",
    ]);
  });
});

describe("the standby", () => {
  it("has replicas of the other stack's databases, and everything else of its own", () => {
    const settings = settingsOf({ ...awsProduction, environment: "dr", standby: { of: "acme/agent-platform/prod" } });
    assert.deepEqual(settings.databases["main"], {
      mode: "replica",
      cpu: 2,
      memory: 4,
      highAvailability: true,
      backup: { retentionDays: 30, window: "03:00-04:00" },
      maintenanceWindow: "Sun:04:30-05:30",
    });
    assert.equal(settings.caches["main"]?.mode, "managed");
  });

  it("may have a database of its own", () => {
    const said: Tree = { standby: { of: "prod" }, databases: { main: {}, own: { mode: "managed" } } };
    const { databases } = settingsOf({ ...awsStack, ...said });
    assert.deepEqual([databases["main"]?.mode, databases["own"]?.mode], ["replica", "managed"]);
  });
});

describe("in the cluster", () => {
  it("a cache has one shard where its size would have more, with a warning", () => {
    const { settings, warnings } = parsed({ ...localStack, size: "large" });
    assert.equal(inMode(settings.caches["main"], "inCluster").shards, 1);
    assert.ok(warnings.includes("caches.main runs in the cluster: it has one shard, where size large would have 3"));
  });

  it("databases and caches run there on a cloud as well", () => {
    const { databases, caches } = settingsOf({
      ...awsStack,
      database: { mode: "inCluster" },
      cache: { mode: "inCluster" },
    });
    assert.deepEqual([databases["main"]?.mode, caches["main"]?.mode], ["inCluster", "inCluster"]);
  });

  it("the API server's addresses are kept for other clouds", () => {
    const { warnings } = parsed({ ...localStack, cluster: { access: { cidrs: ["203.0.113.0/24"] } } });
    assert.ok(
      warnings.includes(
        "cluster.access is kept for the clouds that honour it: an existing cluster decides for itself who reaches it",
      ),
    );
  });
});

describe("the day", () => {
  const until = (today: string) => () => parsed({ ...awsStack, cluster: { version: "1.35" } }, { today });
  it("a version is good up to its last day", () => {
    assert.doesNotThrow(until("2027-03-27"));
    assert.throws(until("2027-03-28"));
  });

  it("where every version has ended, the newest is no worse than the others", () => {
    const { warnings } = parsed({ ...awsStack, cluster: { access: { private: true } } }, { today: "2035-01-01" });
    assert.deepEqual(
      warnings,
      [
        "cluster.version: no version of Kubernetes in this release is supported any more on 2035-01-01",
        "database.version: no version of PostgreSQL in this release is supported any more on 2035-01-01",
        "cache.version: no version of Valkey in this release is supported any more on 2035-01-01",
      ].map((text) => text.replace(/^(database|cache)\./, "$1s.main.")),
    );
  });

  it("is not read from the clock", () => {
    const source = { name: "t", config: { cloud: "aws", region: "eu-west" }, encrypted: new Set<string>() };
    assert.deepEqual(parseSettings(source), parseSettings(source, { today: "2026-11-21" }));
  });
});

describe("services", () => {
  it("have defaults that fit together", () => {
    const { services }: Pick<SettingsOfSchema, "services"> = settingsOf({ ...awsStack, services: { api: {} } });
    assert.deepEqual(services, {
      api: {
        kind: "web",
        port: 3000,
        env: {},
        uid: 10_001,
        cpu: 0.5,
        memory: 1,
        disk: 1,
        scratch: {},
        volumes: {},
        routes: [],
        permissions: [],
        slo: { availability: 99.9, errors: 1, p95: 0.5, p99: 1, agentHealth: 0.95 },
        uses: [],
        secrets: [],
        replicas: { min: 2, max: 10 },
        autoscaling: { cpu: 70, memory: 80, upSeconds: 0, downSeconds: 300 },
        probes: {},
        cron: {},
        budget: {},
        connections: 20,
        requestTimeout: 60,
        drain: 75,
        preStop: 5,
        terminationGrace: 90,
      },
    });
  });

  it("name secrets that must have a value, and what an image is pulled with is one", () => {
    const services = { api: { secrets: ["KEY"] }, web: { image: "w:1", pullSecret: "REGISTRY" } };
    assert.deepEqual(parsed({ ...awsStack, services }).unsetSecrets, ["KEY", "REGISTRY"]);
  });
});
