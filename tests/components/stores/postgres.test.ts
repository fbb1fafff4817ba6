import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { PostgresCluster, renderPostgres } from "../../../components/stores/postgres.js";
import type { Tree } from "../../../config/walk.js";
import { deploy, inventory, isKnown, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { settingsOf } from "../../support/settings.js";

const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const CLUSTER = "kubernetes:postgresql.cnpg.io/v1:Cluster";
const SECRET = "kubernetes:core/v1:Secret";
const PASSWORD = "random:index/randomPassword:RandomPassword";

const settingsFor = (said: Tree, rest: Tree = {}) => {
  const stack = settingsOf({ cloud: "local", ...rest, database: { mode: "inCluster", ...said } });
  const settings = stack.databases["main"];
  assert.ok(settings?.mode === "inCluster");
  return { stack, settings };
};

const running: Stubs = {
  outputs: {
    [PASSWORD]: () => ({ result: "pa55word" }),
    [SECRET]: ({ read }) => (read ? { data: { "ca.crt": Buffer.from("PEM").toString("base64") } } : {}),
  },
};

const run = (said: Tree = {}, rest: Tree = {}, stubs: Stubs = running, own = false) =>
  deploy(() => {
    const { stack, settings } = settingsFor(said, rest);
    const { cluster, secrets, parent } = ground(stack);
    const operator = new random.RandomId("operator", { byteLength: 4 }, { parent });
    return new PostgresCluster(
      "db",
      {
        key: "main",
        settings,
        stack,
        cluster: own ? madeCluster(parent) : cluster,
        secrets,
        namespace: "data",
        operator,
      },
      { parent },
    );
  }, stubs);

const made = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["agent-platform:stores:Postgres", "db"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  [SECRET, "db-ca"],
  [SECRET, "db-initdb"],
  [SECRET, "db-owner"],
  [POLICY, "db"],
  [CLUSTER, "db"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["random:index/randomId:RandomId", "operator"],
  [PASSWORD, "db-owner"],
  ["test:index:Platform", "platform"],
];

const render = (said: Tree = {}, storageClass?: string) =>
  renderPostgres({
    name: "db",
    namespace: "data",
    settings: settingsFor(said).settings,
    secret: "db-initdb",
    image: "registry.example.com/postgresql:17.11",
    storageClass,
  });

describe("PostgreSQL in the cluster", () => {
  it("is a cluster object, its owner's secrets and a read of its CA", async () => {
    const { resources } = await run();
    assert.deepEqual(inventory(resources), made);
    assert.deepEqual(
      resources.filter(({ read }) => read).map(({ name }) => name),
      ["db-ca"],
    );
  });

  it("shows the same resources in a preview, before it has a CA", async () => {
    const { result, resources } = await run({}, {}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.ok(typeof result.tls === "object");
    assert.equal(await isKnown(result.tls.ca), false);
  });

  it("answers services, its operator and itself, and calls the API server, whose address nobody knows", async () => {
    const { resources } = await run({}, { monitoring: { mode: "none" } });
    const own = { podSelector: { matchLabels: { "cnpg.io/cluster": "db" } } };
    const inNamespace = (name: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
    });
    assert.deepEqual(only(resources, POLICY).inputs["spec"], {
      ...own,
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            inNamespace("agents-development"),
            own,
            { podSelector: { matchLabels: { "app.kubernetes.io/name": "database-bootstrap" } } },
          ],
          ports: [{ protocol: "TCP", port: 5432 }],
        },
        { from: [inNamespace("cnpg-system"), own], ports: [{ protocol: "TCP", port: 8000 }] },
      ],
      egress: [{}],
    });
  });

  it("answers its own exporter as well, where somebody watches", async () => {
    const { resources } = await run();
    const { ingress } = only(resources, POLICY).inputs["spec"] as { ingress: { from: Tree[]; ports: Tree[] }[] };
    assert.deepEqual(
      [ingress[0]?.from.slice(3), ingress[0]?.ports],
      [
        [
          {
            namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "agents-development-monitoring" } },
            podSelector: {
              matchLabels: { "app.kubernetes.io/name": "postgres-exporter", "app.kubernetes.io/instance": "main" },
            },
          },
        ],
        [{ protocol: "TCP", port: 5432 }],
      ],
    );
  });

  it("is one instance with a volume and the platform's parameters", () => {
    assert.deepEqual(render(), {
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: { name: "db", namespace: "data", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        instances: 1,
        imageName: "registry.example.com/postgresql:17.11",
        enableSuperuserAccess: false,
        enablePDB: false,
        primaryUpdateStrategy: "unsupervised",
        smartShutdownTimeout: 10,
        probes: { startup: { periodSeconds: 2 } },
        storage: { size: "20Gi" },
        resources: { requests: { cpu: "2", memory: "4Gi" }, limits: { memory: "4Gi" } },
        affinity: {
          enablePodAntiAffinity: true,
          podAntiAffinityType: "preferred",
          topologyKey: "topology.kubernetes.io/zone",
        },
        bootstrap: {
          initdb: {
            database: "agents",
            owner: "agents_owner",
            secret: { name: "db-initdb" },
            dataChecksums: true,
            postInitApplicationSQL: [
              'CREATE EXTENSION IF NOT EXISTS "vector"',
              'CREATE EXTENSION IF NOT EXISTS "uuid-ossp"',
              'CREATE EXTENSION IF NOT EXISTS "pg_stat_statements"',
            ],
          },
        },
        managed: {
          roles: [
            {
              name: "agents_owner",
              ensure: "present",
              login: true,
              createrole: true,
              passwordSecret: { name: "db-initdb" },
            },
          ],
        },
        postgresql: {
          parameters: {
            shared_buffers: "1024MB",
            effective_cache_size: "3072MB",
            max_connections: "400",
            "pg_stat_statements.track": "all",
            work_mem: "4194",
            maintenance_work_mem: "262144",
            log_min_duration_statement: "1000",
            log_checkpoints: "on",
            log_connections: "on",
            log_disconnections: "on",
            log_lock_waits: "on",
            log_temp_files: "0",
          },
          pg_hba: ["hostssl all all all scram-sha-256", "hostnossl all all all reject"],
        },
      },
    });
  });

  it("refuses connections without TLS", () => {
    assert.deepEqual(render().spec.postgresql.pg_hba, [
      "hostssl all all all scram-sha-256",
      "hostnossl all all all reject",
    ]);
  });

  it("gives nobody superuser access", () => {
    assert.equal(render().spec.enableSuperuserAccess, false);
  });

  it("has a standby that confirms commits, and replicas, in other zones", () => {
    const { spec } = render({ highAvailability: true, replicas: 2, storage: 50, cpu: 4, memory: 8 }, "ssd");
    assert.equal(spec.instances, 4);
    assert.equal(spec.enablePDB, true);
    assert.deepEqual(spec.postgresql.synchronous, { method: "any", number: 1, dataDurability: "preferred" });
    assert.deepEqual(spec.storage, { size: "50Gi", storageClass: "ssd" });
    assert.deepEqual(spec.resources, { requests: { cpu: "4", memory: "8Gi" }, limits: { memory: "8Gi" } });
  });

  it("takes the stack's parameters over its own, and libraries where the operator wants them", () => {
    const { postgresql } = render({
      parameters: { work_mem: "64MB", shared_buffers: "2GB", shared_preload_libraries: "pg_stat_statements, pg_cron" },
    }).spec;
    assert.equal(postgresql.parameters["work_mem"], "64MB");
    assert.equal(postgresql.parameters["shared_buffers"], "2GB");
    assert.equal(postgresql.parameters["shared_preload_libraries"], undefined);
    assert.deepEqual(postgresql.shared_preload_libraries, ["pg_cron"]);
  });

  it("has an image with pgvector for each version, and a mirror goes in front of it", async () => {
    const image = async (said: Tree, rest: Tree = {}) =>
      (only((await run(said, rest)).resources, CLUSTER).inputs["spec"] as { imageName: string }).imageName;
    assert.match(
      await image({ version: "17" }),
      /^ghcr\.io\/cloudnative-pg\/postgresql:17\.\d+-\d{12}-standard-trixie@sha256:[0-9a-f]{64}$/,
    );
    assert.match(
      await image({ version: "18" }),
      /^ghcr\.io\/cloudnative-pg\/postgresql:18\.\d+-\d{12}-standard-trixie@sha256:[0-9a-f]{64}$/,
    );
    assert.match(
      await image({}, { mirror: { images: "registry.example.com" } }),
      /^registry\.example\.com\/ghcr\.io\/cloudnative-pg\/postgresql:17\./,
    );
  });

  it("the owner's password is random, and secret wherever it goes", async () => {
    const { result, resources } = await run();
    assert.deepEqual(only(resources, PASSWORD).inputs, { length: 32, special: false });
    const entry = only(resources, SECRET, "db-owner");
    const beside = only(resources, SECRET, "db-initdb");
    assert.deepEqual(beside.inputs, {
      apiVersion: "v1",
      kind: "Secret",
      type: "kubernetes.io/basic-auth",
      metadata: { name: "db-initdb", namespace: "data", labels: { "cnpg.io/reload": "true" } },
      stringData: { username: "agents_owner", password: "pa55word" },
    });
    assert.deepEqual(entry.inputs["stringData"], { username: "agents_owner", password: "pa55word" });
    assert.deepEqual([entry.secretInputs, beside.secretInputs], [["stringData"], ["stringData"]]);
    assert.equal(await valueOf(result.owner.store), "agents-development-secrets");
    assert.equal(await valueOf(result.owner.key), "db-owner");
    assert.deepEqual(only(resources, CLUSTER).secretInputs, []);
  });

  it("is checked against the CA that the operator made, which is public", async () => {
    const { result } = await run();
    assert.ok(typeof result.tls === "object");
    assert.equal(await valueOf(result.tls.ca), "PEM");
    assert.equal(await isSecret(result.tls.ca), false);
  });

  it("ends with an error where the CA is missing", async () => {
    const stubs: Stubs = { outputs: { [SECRET]: ({ read }) => (read ? { data: {} } : {}) } };
    await assert.rejects(run({}, {}, stubs), { message: "db: the Secret db-ca has no ca.crt" });
  });

  it("answers at its services, reads at the standbys'", async () => {
    const { result } = await run();
    assert.equal(await valueOf(result.host), "db-rw.data.svc");
    assert.equal(await valueOf(result.port), 5432);
    assert.equal(await valueOf(result.name), "agents");
    assert.deepEqual(await valueOf(result.readHosts), ["db-rw.data.svc"]);
    assert.deepEqual(await valueOf(result.cidrs), []);
    assert.equal(await valueOf(result.identity), "data/db");
    const { result: more } = await run({ replicas: 1 });
    assert.deepEqual(await valueOf(more.readHosts), ["db-ro.data.svc"]);
  });

  it("is protected where deletion is", async () => {
    const protectedBy = async (rest: Tree) =>
      only((await run({}, { monitoring: { mode: "none" }, ...rest })).resources, CLUSTER).protect;
    assert.deepEqual(
      [
        await protectedBy({}),
        await protectedBy({ environment: "production" }),
        await protectedBy({ environment: "production", deletionProtection: false }),
      ],
      [false, true, false],
    );
  });

  it("waits for the operator and goes with the cluster", async () => {
    const { resources } = await run({}, {}, running, true);
    const cluster = only(resources, CLUSTER);
    assert.ok(cluster.dependsOn.includes(only(resources, "random:index/randomId:RandomId", "operator").urn));
    assert.equal(cluster.deletedWith, only(resources, "random:index/randomId:RandomId", "made-cluster").urn);
    assert.match(cluster.provider ?? "", /::made-kubernetes$/);
    assert.deepEqual((cluster.inputs["spec"] as { storage: object }).storage, { size: "20Gi", storageClass: "ssd" });
    assert.deepEqual(cluster.customTimeouts, { create: "20m", update: "60m", delete: "10m" });
  });
});
