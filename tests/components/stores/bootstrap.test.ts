import assert from "node:assert/strict";
import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { contentName } from "../../../components/content-name.js";
import { DatabaseBootstrap, type DatabaseBootstrapArgs } from "../../../components/stores/bootstrap/bootstrap.js";
import {
  bootstrapFiles,
  newestVersion,
  type Roles,
  renderBootstrapJob,
  secretKeys,
} from "../../../components/stores/bootstrap/job.js";
import { extensions } from "../../../config/postgres.js";
import { images } from "../../../config/versions.js";
import type { Database, SecretRef, Tls } from "../../../providers/contract.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { madeCluster } from "../../support/inside.js";

const JOB = "kubernetes:batch/v1:Job";
const CONFIG = "kubernetes:core/v1:ConfigMap";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy";
const MADE = "random:index/randomId:RandomId";

const roles: Roles = { "web-api": { connections: 20 }, agents: { connections: 45 } };
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

const entry = (label: string, version = "1"): SecretRef => ({
  store: pulumi.output("store"),
  key: pulumi.output(label),
  identity: pulumi.output(label),
  label,
  version: pulumi.output(version),
});
const withLogins = (given: Roles, version?: string): DatabaseBootstrapArgs["roles"] =>
  Object.fromEntries(
    Object.entries(given).map(([service, role]) => [service, { ...role, login: entry(service, version) }]),
  );

const databaseWith = (tls: Tls): Database => ({
  host: pulumi.output("db.internal"),
  port: pulumi.output(5432),
  name: pulumi.output("agents"),
  readHosts: pulumi.output(["db.internal"]),
  tls,
  owner: entry("owner"),
  cidrs: pulumi.output([]),
  identity: pulumi.output(""),
});

const rendered = ({
  tls = "system" as Tls,
  given = roles,
  mirror = undefined as string | undefined,
  exporter = undefined as string | undefined,
} = {}) =>
  valueOf(
    renderBootstrapJob({
      name: "db-bootstrap-0123456789",
      namespace: "apps",
      labels: { "app.kubernetes.io/name": "database-bootstrap" },
      version: "17",
      mirror,
      database: databaseWith(tls),
      roles: given,
      exporter,
      exclusive: true,
      files: "db-bootstrap-files",
      secret: "db-logins",
    }),
  );

const podOf = async (options: Parameters<typeof rendered>[0] = {}) => {
  const { spec } = (await rendered(options)).spec.template;
  const [container] = spec.containers;
  assert.ok(container !== undefined);
  return { spec, container };
};

const tlsOf = async (tls: Tls) => (await podOf({ tls })).container.env.filter(({ name }) => name.startsWith("PGSSL"));

const run = (over: Partial<DatabaseBootstrapArgs> = {}, stubs: Stubs = {}) =>
  deploy(() => {
    const parent = new pulumi.ComponentResource(
      "test:index:Platform",
      "platform",
      {},
      {
        providers: [new random.Provider("random")],
      },
    );
    const cluster = madeCluster(parent);
    const store = new CustomResource(
      "store",
      { apiVersion: "external-secrets.io/v1", kind: "ClusterSecretStore", metadata: { name: "agents" } },
      { parent, provider: cluster.provider },
    );
    return new DatabaseBootstrap(
      "db-bootstrap",
      {
        database: databaseWith({ ca: pulumi.output(pem) }),
        roles: withLogins(roles),
        store,
        namespace: "apps",
        cluster,
        exclusive: true,
        mirror: undefined,
        ...over,
      },
      { parent },
    );
  }, stubs);

const jobName = async (over: Partial<DatabaseBootstrapArgs> = {}): Promise<string> =>
  (only((await run(over)).resources, JOB).inputs["metadata"] as { name: string }).name;

const made = [
  ["agent-platform:stores:DatabaseBootstrap", "db-bootstrap"],
  [JOB, "db-bootstrap"],
  [CONFIG, "db-bootstrap"],
  ["kubernetes:external-secrets.io/v1:ClusterSecretStore", "store"],
  [EXTERNAL, "db-bootstrap-logins"],
  [POLICY, "db-bootstrap"],
  ["pulumi:providers:kubernetes", "made-kubernetes"],
  ["pulumi:providers:random", "random"],
  [MADE, "made-cluster"],
  ["test:index:Platform", "platform"],
];

describe("the bootstrap Job", () => {
  it("runs psql of the pinned image, once and for a bounded time", async () => {
    const { metadata, spec } = await rendered();
    assert.deepEqual(metadata, {
      name: "db-bootstrap-0123456789",
      namespace: "apps",
      labels: { "app.kubernetes.io/name": "database-bootstrap" },
      annotations: { "pulumi.com/replaceUnready": "true" },
    });
    const { template, ...limits } = spec;
    assert.deepEqual(limits, { backoffLimit: 2, activeDeadlineSeconds: 1200 });
    assert.deepEqual(template.metadata, { labels: { "app.kubernetes.io/name": "database-bootstrap" } });
    const { container } = await podOf();
    assert.equal(container.image, `${images.postgres["17"].repository}:${images.postgres["17"].tag}`);
    assert.deepEqual(container.command, ["sh", "/etc/bootstrap/files/run.sh"]);
    assert.equal(template.spec.restartPolicy, "Never");
  });

  it("takes its image from a mirror", async () => {
    const { container } = await podOf({ mirror: "registry.example.com" });
    assert.equal(
      container.image,
      `registry.example.com/${images.postgres["17"].repository}:${images.postgres["17"].tag}`,
    );
  });

  it("gets logins from the Secret alone, by the keys that it exports", async () => {
    assert.deepEqual(secretKeys(roles), {
      owner: { username: "owner.username", password: "owner.password" },
      roles: { agents: "role.agents.password", "web-api": "role.web-api.password" },
      exporter: "exporter.password",
    });
    const { spec, container } = await podOf();
    assert.deepEqual(container.env, [
      { name: "PATH", value: "/usr/lib/postgresql/17/bin:/usr/local/bin:/usr/bin:/bin" },
      { name: "PGHOST", value: "db.internal" },
      { name: "PGPORT", value: "5432" },
      { name: "PGDATABASE", value: "agents" },
      { name: "PGUSER", valueFrom: { secretKeyRef: { name: "db-logins", key: "owner.username" } } },
      { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "db-logins", key: "owner.password" } } },
      { name: "PGCONNECT_TIMEOUT", value: "10" },
      { name: "PGAPPNAME", value: "bootstrap" },
      { name: "PGSSLMODE", value: "verify-full" },
      { name: "PGSSLROOTCERT", value: "system" },
      { name: "PASSWORDS", value: "/etc/bootstrap/passwords" },
      { name: "EXCLUSIVE", value: "true" },
      { name: "WAIT_SECONDS", value: "300" },
    ]);
    assert.deepEqual(spec.volumes, [
      { name: "files", configMap: { name: "db-bootstrap-files" } },
      {
        name: "passwords",
        secret: {
          secretName: "db-logins",
          defaultMode: 0o440,
          items: [
            { key: "role.agents.password", path: "agents" },
            { key: "role.web-api.password", path: "web_api" },
          ],
        },
      },
    ]);
    assert.deepEqual(container.volumeMounts, [
      { name: "files", mountPath: "/etc/bootstrap/files", readOnly: true },
      { name: "passwords", mountPath: "/etc/bootstrap/passwords", readOnly: true },
    ]);
  });

  it("makes a login for whoever measures the database, with a password of its own", async () => {
    const { spec, container } = await podOf({ given: {}, exporter: "agents_prod_exporter" });
    assert.deepEqual(
      container.env.filter(({ name }) => name === "EXPORTER"),
      [{ name: "EXPORTER", value: "agents_prod_exporter" }],
    );
    assert.deepEqual(spec.volumes[1], {
      name: "passwords",
      secret: {
        secretName: "db-logins",
        defaultMode: 0o440,
        items: [{ key: "exporter.password", path: "agents_prod_exporter" }],
      },
    });
  });

  it("mounts no password where there is no service", async () => {
    const { spec, container } = await podOf({ given: {} });
    assert.deepEqual(spec.volumes, [{ name: "files", configMap: { name: "db-bootstrap-files" } }]);
    assert.deepEqual(container.volumeMounts, [{ name: "files", mountPath: "/etc/bootstrap/files", readOnly: true }]);
  });

  it("checks the server by the database's own CA, by public roots, or not where it has no TLS", async () => {
    assert.deepEqual(await tlsOf({ ca: pulumi.output(pem) }), [
      { name: "PGSSLMODE", value: "verify-full" },
      { name: "PGSSLROOTCERT", value: "/etc/bootstrap/files/ca.crt" },
    ]);
    assert.deepEqual(await tlsOf("system"), [
      { name: "PGSSLMODE", value: "verify-full" },
      { name: "PGSSLROOTCERT", value: "system" },
    ]);
    assert.deepEqual(await tlsOf("off"), [{ name: "PGSSLMODE", value: "disable" }]);
  });

  it("runs hardened: no root, no token, no capability, nothing to write to, with limits", async () => {
    const { spec, container } = await podOf();
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.enableServiceLinks, false);
    assert.deepEqual(spec.securityContext, {
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    });
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.deepEqual(container.resources, {
      requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
      limits: { memory: "128Mi", "ephemeral-storage": "64Mi" },
    });
  });

  it("has a line for each role, whatever the order of the settings", () => {
    const files = bootstrapFiles(roles);
    assert.equal(files["roles"], "agents 45\nweb_api 20\n");
    assert.deepEqual(Object.keys(files).sort(), [
      "exporter.sql",
      "extensions.sql",
      "monitoring.sql",
      "public.sql",
      "rights.sql",
      "role.sql",
      "roles",
      "run.sh",
      "session.sql",
    ]);
    assert.deepEqual(bootstrapFiles(Object.fromEntries(Object.entries(roles).reverse())), files);
  });

  it("makes and asks for exactly the extensions that every database offers", () => {
    const files = bootstrapFiles({});
    const created = [...(files["extensions.sql"] ?? "").matchAll(/CREATE EXTENSION IF NOT EXISTS "?([\w-]+)"? /g)];
    assert.deepEqual(
      created.map(([, name]) => name),
      extensions,
    );
    assert.ok(files["rights.sql"]?.includes(`unnest(ARRAY[${extensions.map((name) => `'${name}'`).join(", ")}])`));
  });

  it("takes the newest psql where nothing else is said", () => {
    assert.equal(newestVersion, "18");
  });
});

describe("the bootstrap of a database, in a stack", () => {
  it("is one Job with its files, its logins and its way", async () => {
    assert.deepEqual(inventory((await run()).resources), made);
  });

  it("shows the same resources in a preview", async () => {
    assert.deepEqual(inventory((await run({}, { preview: true })).resources), made);
  });

  it("gives the Job its files and the database's CA", async () => {
    const { resources } = await run();
    const config = only(resources, CONFIG);
    assert.deepEqual(config.inputs["data"], { ...bootstrapFiles(roles), "ca.crt": pem });
    assert.deepEqual(config.secretInputs, []);
    const { metadata } = config.inputs as { metadata: { name: string; namespace: string } };
    assert.equal(metadata.name, contentName("db-bootstrap", [bootstrapFiles(roles)]));
    assert.equal(metadata.namespace, "apps");
    const { spec } = only(resources, JOB).inputs as { spec: { template: { spec: { volumes: unknown[] } } } };
    assert.deepEqual(spec.template.spec.volumes[0], { name: "files", configMap: { name: metadata.name } });
    const plain = await run({ database: databaseWith("system") });
    assert.deepEqual(only(plain.resources, CONFIG).inputs["data"], bootstrapFiles(roles));
  });

  it("runs again for another role, limit, Secret or audience, and not for another order", async () => {
    const name = await jobName();
    assert.match(name, /^db-bootstrap-[0-9a-f]{10}$/);
    const reversed = Object.fromEntries(Object.entries(roles).reverse());
    assert.equal(await jobName({ roles: withLogins(reversed) }), name);
    assert.equal(await jobName({ database: databaseWith("system") }), name);
    const others = await Promise.all([
      jobName({ roles: withLogins({ agents: { connections: 45 } }) }),
      jobName({ roles: withLogins({ ...roles, agents: { connections: 46 } }) }),
      jobName({ roles: withLogins(roles, "2") }),
      jobName({ exclusive: false }),
      jobName({ exporter: { role: "agents_prod_exporter", login: entry("exporter") } }),
    ]);
    assert.equal(new Set([name, ...others]).size, 6);
  });

  it("is let to the database only, and fetches what it needs to know", async () => {
    const { resources } = await run({ database: { ...databaseWith("system"), cidrs: pulumi.output(["10.0.0.0/24"]) } });
    const labels = { "app.kubernetes.io/name": "database-bootstrap", "app.kubernetes.io/instance": "db-bootstrap" };
    assert.deepEqual(only(resources, POLICY).inputs["spec"], {
      podSelector: { matchLabels: labels },
      policyTypes: ["Ingress", "Egress"],
      ingress: [],
      egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/24" } }], ports: [{ protocol: "TCP", port: 5432 }] }],
    });
    const { target } = only(resources, EXTERNAL).inputs["spec"] as { target: { template: { data: unknown } } };
    assert.deepEqual(target.template.data, {
      "owner.username": "{{ .owner_username }}",
      "owner.password": "{{ .owner_password }}",
      "role.web-api.password": "{{ .role_web_api }}",
      "role.agents.password": "{{ .role_agents }}",
    });
  });

  it("waits for nodes, goes with the cluster, and is what migrations wait for", async () => {
    const { result, resources } = await run();
    const job = only(resources, JOB);
    const cluster = only(resources, MADE).urn;
    assert.equal(job.deletedWith, cluster);
    assert.equal(only(resources, CONFIG).deletedWith, cluster);
    assert.deepEqual(job.dependsOn.filter((urn) => urn === cluster || urn === only(resources, CONFIG).urn).length, 2);
    assert.deepEqual(job.customTimeouts, { create: "25m", update: "25m", delete: "5m" });
    assert.equal(await valueOf(result.done.urn), job.urn);
  });

  it("uses the psql that it is told, or the newest", async () => {
    const imageIn = async (over: Partial<DatabaseBootstrapArgs>) => {
      const { spec } = only((await run(over)).resources, JOB).inputs as {
        spec: { template: { spec: { containers: { image: string }[] } } };
      };
      return spec.template.spec.containers[0]?.image;
    };
    assert.equal(await imageIn({}), `${images.postgres["18"].repository}:${images.postgres["18"].tag}`);
    assert.equal(await imageIn({ version: "17" }), `${images.postgres["17"].repository}:${images.postgres["17"].tag}`);
  });
});
