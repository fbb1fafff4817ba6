import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import {
  cacheExporter,
  createExporterLogins,
  createExporters,
  exporterEdges,
  exporterEntries,
  postgresExporter,
  renderExporter,
} from "../../../components/monitoring/exporters.js";
import type { renderMonitor } from "../../../components/monitoring/monitors.js";
import { images } from "../../../config/versions.js";
import type { Cache, Database, Tls } from "../../../providers/contract.js";
import { all, deploy, inventory, only, valueOf } from "../../support/deploy.js";
import { cacheWith, databaseWith, entry, staged } from "../../support/scene.js";
import { awsStack, localStack, settingsOf } from "../../support/settings.js";

const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const MONITOR = "kubernetes:monitoring.coreos.com/v1:PodMonitor";
const PASSWORD = "random:index/randomPassword:RandomPassword";

const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const signed = (): Tls => ({ ca: pulumi.output(pem) });
const login = { role: "agents_development_exporter", login: entry("exporter") };
const settings = settingsOf({ ...awsStack });

const envOf = async (exporter: ReturnType<typeof postgresExporter>, secret: string | undefined = "login-1") => {
  const { spec } = await valueOf(
    renderExporter({ name: "x", namespace: "n", exporter, image: "i", secret, trust: undefined }),
  );
  return Object.fromEntries(
    (spec.template.spec.containers[0]?.env ?? []).map((one) => [one.name, "value" in one ? one.value : one.valueFrom]),
  );
};

const run = (databases: Record<string, Database>, caches: Record<string, Cache>, preview = false) =>
  deploy(
    () => {
      const { scene, parent, definitions } = staged(settings, { databases, caches });
      const logins = createExporterLogins("test", scene, Object.keys(databases), parent);
      createExporters("test", scene, { logins, ready: { main: definitions }, definitions }, parent);
      return { entries: exporterEntries(scene, logins).map(({ label }) => label), edges: exporterEdges(scene, logins) };
    },
    { preview },
  );

describe("exporters of stores", () => {
  it("are one for each database and each cache, with a login of its own, in a preview too", async () => {
    for (const preview of [false, true]) {
      const { resources, result } = await run(
        { main: databaseWith(signed()) },
        { main: cacheWith("system", entry("cache")), sessions: cacheWith("off", "none") },
        preview,
      );
      const types = [DEPLOYMENT, EXTERNAL, CONFIG, MONITOR, PASSWORD];
      assert.deepEqual(
        inventory(resources).filter(([type]) => types.includes(type)),
        [
          [DEPLOYMENT, "test-cache-main-exporter"],
          [DEPLOYMENT, "test-cache-sessions-exporter"],
          [DEPLOYMENT, "test-postgres-main-exporter"],
          [CONFIG, "test-postgres-main-exporter-trust"],
          [EXTERNAL, "test-cache-main-exporter-login"],
          [EXTERNAL, "test-postgres-main-exporter-login"],
          [MONITOR, "test-cache-main-exporter"],
          [MONITOR, "test-cache-sessions-exporter"],
          [MONITOR, "test-postgres-main-exporter"],
          [PASSWORD, "test-db-main-exporter"],
        ],
      );
      assert.deepEqual(result.entries, ["test-db-main-exporter", "cache"]);
    }
  });

  it("wait for the role that they log in with", async () => {
    const { resources } = await run({ main: databaseWith("system") }, {});
    const { dependsOn } = only(resources, DEPLOYMENT);
    assert.ok(dependsOn.some((urn) => urn.endsWith("::definitions")));
  });

  it("are read by the jobs that rules know", async () => {
    const { resources } = await run({ main: databaseWith("system") }, { main: cacheWith("off", "none") });
    const jobs = all(resources, MONITOR).map(({ inputs }) => {
      const { spec } = inputs as { spec: ReturnType<typeof renderMonitor>["spec"] };
      const [endpoint] = spec.podMetricsEndpoints;
      return [spec.selector.matchLabels, endpoint?.portNumber, endpoint?.relabelings];
    });
    const set = (targetLabel: string, replacement: string) => ({ action: "replace", targetLabel, replacement });
    const labels = (name: string) => ({ "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "main" });
    assert.deepEqual(jobs, [
      [labels("postgres-exporter"), 9187, [set("job", "postgres"), set("database", "main")]],
      [labels("cache-exporter"), 9121, [set("job", "cache"), set("cache", "main")]],
    ]);
  });

  it("say whom they call", async () => {
    const { result } = await run({ main: databaseWith("system") }, { main: cacheWith("off", "none") });
    assert.deepEqual(
      await Promise.all(
        result.edges.map(async ({ labels, port, reach }) => [
          labels["app.kubernetes.io/name"],
          port,
          await valueOf(reach.to),
          await valueOf(reach.port),
        ]),
      ),
      [
        ["postgres-exporter", 9187, [{ ipBlock: { cidr: "10.0.3.0/24" } }], 5432],
        ["cache-exporter", 9121, [{ ipBlock: { cidr: "10.0.3.0/24" } }], 6379],
      ],
    );
  });

  it("are held to what every pod is held to, and have files of the login that nobody else reads", async () => {
    const exporter = postgresExporter("main", databaseWith(signed()), login);
    const { spec } = await valueOf(
      renderExporter({
        name: "postgres-main-exporter",
        namespace: "agents-monitoring",
        exporter,
        image: "quay.io/prometheuscommunity/postgres-exporter:v0.19.1",
        secret: "login-1",
        trust: "trust-1",
      }),
    );
    const pod = spec.template.spec;
    const [container] = pod.containers;
    assert.deepEqual(pod.securityContext, {
      runAsNonRoot: true,
      runAsUser: 10_001,
      runAsGroup: 10_001,
      fsGroup: 10_001,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.equal(pod.automountServiceAccountToken, false);
    assert.deepEqual(container?.securityContext, {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(pod.volumes, [
      { name: "login", secret: { secretName: "login-1", defaultMode: 0o440 } },
      { name: "trust", configMap: { name: "trust-1" } },
    ]);
    assert.deepEqual(container?.volumeMounts, [
      { name: "login", mountPath: "/etc/exporter/login", readOnly: true },
      { name: "trust", mountPath: "/etc/exporter/trust", readOnly: true },
    ]);
  });

  it("check a database's certificate as the contract has it", async () => {
    const uri = async (tls: Tls) =>
      (await envOf(postgresExporter("main", databaseWith(tls), login)))["DATA_SOURCE_URI"];
    assert.equal(await uri("off"), "db.internal:5432/agents?sslmode=disable");
    assert.equal(await uri("system"), "db.internal:5432/agents?sslmode=verify-full");
    assert.equal(await uri({ ca: pulumi.output("") }), "db.internal:5432/agents?sslmode=verify-full");
    assert.equal(
      await uri(signed()),
      "db.internal:5432/agents?sslmode=verify-full&sslrootcert=/etc/exporter/trust/ca.crt",
    );
  });

  it("speak to a cache as it is, whoever made it", async () => {
    const { caches } = settingsOf({ ...awsStack, caches: { main: {} } });
    const local = settingsOf({ ...localStack }).caches;
    const always = { REDIS_EXPORTER_LOG_FORMAT: "json", REDIS_EXPORTER_REDIS_ONLY_METRICS: "true" };
    assert.deepEqual(await envOf(cacheExporter("main", cacheWith("off", "none"), local["main"]), undefined), {
      REDIS_ADDR: "redis://cache.internal:6379",
      ...always,
    });
    assert.deepEqual(await envOf(cacheExporter("main", cacheWith(signed(), entry("cache"), true), caches["main"])), {
      REDIS_ADDR: "rediss://cache.internal:6379",
      REDIS_EXPORTER_TLS_CA_CERT_FILE: "/etc/exporter/trust/ca.crt",
      REDIS_EXPORTER_IS_CLUSTER: "true",
      REDIS_EXPORTER_CONFIG_COMMAND: "-",
      ...always,
      REDIS_USER: { secretKeyRef: { name: "login-1", key: "REDIS_USER" } },
      REDIS_PASSWORD: { secretKeyRef: { name: "login-1", key: "REDIS_PASSWORD" } },
    });
    const open = await envOf(cacheExporter("main", cacheWith({ ca: pulumi.output("") }, "none"), undefined), undefined);
    assert.equal(open["REDIS_EXPORTER_TLS_CA_CERT_FILE"], "");
  });

  it("come from the mirror of images", async () => {
    const mirrored = settingsOf({ ...awsStack, mirror: { images: "registry.example.com" } });
    const { resources } = await deploy(() => {
      const { scene, parent, definitions } = staged(mirrored, { caches: { main: cacheWith("off", "none") } });
      createExporters("test", scene, { logins: {}, ready: {}, definitions }, parent);
    });
    const { spec } = only(resources, DEPLOYMENT).inputs as {
      spec: { template: { spec: { containers: [{ image: string }] } } };
    };
    assert.equal(
      spec.template.spec.containers[0].image,
      `registry.example.com/${images.redisExporter.repository}:${images.redisExporter.tag}`,
    );
  });

  it("of a database that is not there is an error of the program", async () => {
    await assert.rejects(
      deploy(() => {
        const { scene, parent, definitions } = staged(settings);
        createExporters("test", scene, { logins: { main: login }, ready: {}, definitions }, parent);
      }),
      { message: "databases.main is measured and not there" },
    );
  });
});
