import type * as kubernetes from "@pulumi/kubernetes";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { CacheSettings } from "../../config/schema.js";
import { exporterRole } from "../../config/uses.js";
import { images } from "../../config/versions.js";
import type { Cache, Database, SecretRef, Tls } from "../../providers/contract.js";
import { partName } from "../../providers/naming.js";
import { resourceValues } from "../addons/pod-values.js";
import { contentName } from "../content-name.js";
import { createExternalSecret, type Field } from "../external-secret.js";
import { hardenedContainer, hardenedPod } from "../hardened.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { peersOf, type Reach } from "../peers.js";
import { createMonitor, type Monitor } from "./monitors.js";
import type { MonitoringScene } from "./scene.js";

type Input<T> = pulumi.Input<T>;

/** Pods that ask one store, as policies and monitors know them. */
export const exporterLabels = (kind: StoreKind, key: string) => ({
  "app.kubernetes.io/name": `${kind}-exporter`,
  "app.kubernetes.io/instance": key,
});
export type StoreKind = "postgres" | "cache";

export interface ExporterLogin {
  readonly role: string;
  readonly login: SecretRef;
}

/**
 * A login for the exporter of each database that the stack prepares, whose bootstrap makes the role. A copy of another
 * stack's database has that stack's roles, with passwords that only that stack knows: nobody logs in there.
 */
export const createExporterLogins = (
  name: string,
  { settings, secretStore }: Pick<MonitoringScene, "settings" | "secretStore">,
  prepared: readonly string[],
  parent: pulumi.Resource,
): Readonly<Record<string, ExporterLogin>> =>
  Object.fromEntries(
    prepared.map((key) => {
      const stem = `${partName(name, "database", key)}-exporter`;
      const role = exporterRole(settings.prefix);
      const password = new random.RandomPassword(stem, { length: 32, special: false }, { parent }).result;
      return [key, { role, login: secretStore.put(stem, { username: role, password }, { parent }) }];
    }),
  );

/** What exporters are handed: what the store's sync must be allowed to read. */
export const exporterEntries = (
  { caches }: Pick<MonitoringScene, "caches">,
  logins: Readonly<Record<string, ExporterLogin>>,
): readonly SecretRef[] => [
  ...Object.values(logins).map(({ login }) => login),
  ...Object.values(caches).flatMap(({ auth }) => (auth === "none" ? [] : [auth])),
];

export interface ExportersArgs {
  readonly logins: Readonly<Record<string, ExporterLogin>>;
  /** By database: the role that is logged in with is there when these are done. */
  readonly ready: Readonly<Record<string, pulumi.Resource>>;
  /** What monitors are made of. */
  readonly definitions: pulumi.Resource;
}

/** One exporter's pods: whom they call, so that they may. */
export interface ExporterEdge {
  readonly labels: ReturnType<typeof exporterLabels>;
  /** Where they are read. */
  readonly port: number;
  readonly reach: Reach;
}

/**
 * An exporter for each database with a login and for each cache, whoever made them: all that a store's own cloud does not
 * tell. Each costs a pod of 25 thousandths of a core and 64 MiB.
 */
export function createExporters(
  name: string,
  scene: MonitoringScene,
  args: ExportersArgs,
  parent: pulumi.Resource,
): void {
  for (const [key, login] of Object.entries(args.logins)) {
    const database = scene.databases[key];
    if (database === undefined) throw new Error(`databases.${key} is measured and not there`);
    const ready = args.ready[key];
    createExporter(
      name,
      postgresExporter(key, database, login),
      scene,
      args,
      ready === undefined ? [] : [ready],
      parent,
    );
  }
  for (const [key, cache] of Object.entries(scene.caches))
    createExporter(name, cacheExporter(key, cache, scene.settings.caches[key]), scene, args, [], parent);
}

/** Whom each exporter calls. */
export const exporterEdges = (
  { databases, caches }: Pick<MonitoringScene, "databases" | "caches">,
  logins: Readonly<Record<string, ExporterLogin>>,
): readonly ExporterEdge[] => [
  ...Object.keys(logins).flatMap((key) => {
    const database = databases[key];
    return database === undefined ? [] : [edgeOf("postgres", key, database)];
  }),
  ...Object.entries(caches).map(([key, cache]) => edgeOf("cache", key, cache)),
];

const edgeOf = (kind: StoreKind, key: string, store: Database | Cache): ExporterEdge => ({
  labels: exporterLabels(kind, key),
  port: PORTS[kind],
  reach: { to: peersOf(store), port: store.port },
});

const PORTS: Readonly<Record<StoreKind, number>> = { postgres: 9187, cache: 9121 };

/** What is different between one exporter and another. */
interface Exporter {
  readonly kind: StoreKind;
  readonly key: string;
  readonly image: typeof images.postgresExporter | typeof images.redisExporter;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, Input<string>>>;
  /** The login's fields by the files, or the variables, that they are handed over in; none where no password is kept. */
  readonly login: Readonly<Record<string, Field>>;
  readonly handed: "files" | "env";
  readonly tls: Tls;
  readonly healthPath: string;
  readonly monitor: Pick<Monitor, "job" | "adds" | "keeps">;
}

const TRUST = "/etc/exporter/trust";
const CA = "ca.crt";
const LOGIN = "/etc/exporter/login";
/** The user that both images are made for has another number in each: any will do. */
const UID = 10_001;

export const postgresExporter = (key: string, database: Database, { login }: ExporterLogin): Exporter => ({
  kind: "postgres",
  key,
  image: images.postgresExporter,
  args: [
    "--log.format=json",
    "--no-collector.statio_user_tables",
    "--no-collector.stat_user_tables",
    "--collector.long_running_transactions",
  ],
  env: {
    DATA_SOURCE_URI: pulumi
      .all([database.host, database.port, database.name, caOf(database.tls)])
      .apply(([host, port, name, ca]) => `${host}:${port}/${name}?${queryOf(database.tls, ca)}`),
    DATA_SOURCE_USER_FILE: `${LOGIN}/username`,
    DATA_SOURCE_PASS_FILE: `${LOGIN}/password`,
  },
  login: { username: { entry: login, property: "username" }, password: { entry: login, property: "password" } },
  handed: "files",
  tls: database.tls,
  healthPath: "/",
  monitor: { job: "postgres", adds: { database: key }, keeps: "postgresExporter" },
});

const queryOf = (tls: Tls, ca: string): string => {
  if (tls === "off") return "sslmode=disable";
  return ca === "" ? "sslmode=verify-full" : `sslmode=verify-full&sslrootcert=${TRUST}/${CA}`;
};

const caOf = (tls: Tls): pulumi.Output<string> => (typeof tls === "string" ? pulumi.output("") : tls.ca);

export const cacheExporter = (key: string, cache: Cache, settings: CacheSettings | undefined): Exporter => ({
  kind: "cache",
  key,
  image: images.redisExporter,
  args: [],
  env: {
    REDIS_ADDR: pulumi.interpolate`${cache.tls === "off" ? "redis" : "rediss"}://${cache.host}:${cache.port}`,
    ...(typeof cache.tls === "string"
      ? {}
      : { REDIS_EXPORTER_TLS_CA_CERT_FILE: cache.tls.ca.apply((ca) => (ca === "" ? "" : `${TRUST}/${CA}`)) }),
    ...(cache.clusterMode ? { REDIS_EXPORTER_IS_CLUSTER: "true" } : {}),
    // Clouds keep how a server is set up to themselves, and each question would be an error in the log.
    ...(settings?.mode === "managed" ? { REDIS_EXPORTER_CONFIG_COMMAND: "-" } : {}),
    REDIS_EXPORTER_LOG_FORMAT: "json",
    REDIS_EXPORTER_REDIS_ONLY_METRICS: "true",
  },
  login:
    cache.auth === "none"
      ? {}
      : {
          REDIS_USER: { entry: cache.auth, property: "username" },
          REDIS_PASSWORD: { entry: cache.auth, property: "password" },
        },
  handed: "env",
  tls: cache.tls,
  healthPath: "/health",
  monitor: { job: "cache", adds: { cache: key }, keeps: "redisExporter" },
});

function createExporter(
  name: string,
  exporter: Exporter,
  scene: MonitoringScene,
  { definitions }: ExportersArgs,
  after: readonly pulumi.Resource[],
  parent: pulumi.Resource,
): void {
  const { settings, cluster, namespace, store } = scene;
  const { kind, key, login, tls } = exporter;
  const target = `${kind}-${key}-exporter`;
  const stem = `${name}-${target}`;
  const labels = exporterLabels(kind, key);
  const secret =
    Object.keys(login).length === 0
      ? undefined
      : createExternalSecret(
          `${stem}-login`,
          target,
          {
            cluster,
            namespace,
            store,
            fields: Object.fromEntries(Object.entries(login).map(([field, value]) => [field.toLowerCase(), value])),
            templates: Object.fromEntries(Object.keys(login).map((field) => [field, `{{ .${field.toLowerCase()} }}`])),
          },
          parent,
        );
  const trust =
    typeof tls === "string"
      ? undefined
      : new ConfigMap(
          `${stem}-trust`,
          {
            // Another authority is another object, which starts the pods again.
            metadata: { name: tls.ca.apply((ca) => contentName(target, [ca])), namespace, labels },
            data: { [CA]: tls.ca },
          },
          inside(cluster, parent),
        ).metadata.name;
  new Deployment(
    stem,
    renderExporter({
      name: target,
      namespace,
      exporter,
      image: imageOf(exporter.image, settings.mirror.images),
      secret,
      trust,
    }),
    { ...inside(cluster, parent), dependsOn: [...cluster.ready, ...after], customTimeouts: { create: "10m" } },
  );
  createMonitor(
    name,
    target,
    { ...exporter.monitor, namespace, labels, port: PORTS[kind] },
    scene,
    definitions,
    parent,
  );
}

export interface ExporterSpec {
  readonly name: string;
  readonly namespace: Input<string>;
  readonly exporter: Exporter;
  readonly image: string;
  /** The Secret with the login; none where no password is kept. */
  readonly secret: Input<string> | undefined;
  /** The ConfigMap with the certificate of who signed the store's; none where public roots do. */
  readonly trust: Input<string> | undefined;
}

export function renderExporter({ name, namespace, exporter, image, secret, trust }: ExporterSpec) {
  const labels = exporterLabels(exporter.kind, exporter.key);
  return {
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: renderPod(exporter, image, secret, trust) },
    },
  } satisfies kubernetes.types.input.apps.v1.Deployment;
}

function renderPod(
  { kind, args, env, login, handed, healthPath }: Exporter,
  image: string,
  secret: Input<string> | undefined,
  trust: Input<string> | undefined,
) {
  const files = secret !== undefined && handed === "files";
  const answers = { httpGet: { path: healthPath, port: "metrics" }, periodSeconds: 10, timeoutSeconds: 5 };
  return {
    ...hardenedPod(UID),
    containers: [
      {
        name: "exporter",
        image,
        imagePullPolicy: "IfNotPresent",
        args: [...args],
        env: [
          ...Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
          ...(secret === undefined || files
            ? []
            : Object.keys(login).map((field) => ({
                name: field,
                valueFrom: { secretKeyRef: { name: secret, key: field } },
              }))),
        ],
        ports: [{ name: "metrics", containerPort: PORTS[kind] }],
        readinessProbe: answers,
        livenessProbe: { ...answers, failureThreshold: 6 },
        resources: resourceValues("25m", "64Mi"),
        ...hardenedContainer,
        volumeMounts: [
          ...(files ? [{ name: "login", mountPath: LOGIN, readOnly: true }] : []),
          ...(trust === undefined ? [] : [{ name: "trust", mountPath: TRUST, readOnly: true }]),
        ],
      },
    ],
    volumes: [
      ...(files ? [{ name: "login", secret: { secretName: secret, defaultMode: 0o440 } }] : []),
      ...(trust === undefined ? [] : [{ name: "trust", configMap: { name: trust } }]),
    ],
  } satisfies kubernetes.types.input.core.v1.PodSpec;
}
