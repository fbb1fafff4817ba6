import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as kubernetes from "@pulumi/kubernetes";
import type { JobArgs } from "@pulumi/kubernetes/batch/v1/job.js";
import * as pulumi from "@pulumi/pulumi";
import { roleName } from "../../../config/uses.js";
import { images, postgresVersions } from "../../../config/versions.js";
import type { Database, Tls } from "../../../providers/contract.js";
import { hardenedContainer, hardenedPod } from "../../hardened.js";
import { imageOf } from "../../image.js";

type Input<T> = pulumi.Input<T>;

export type PostgresVersion = (typeof postgresVersions)[number];

/** What policies know the Job's pods by. */
export const bootstrapPods = { "app.kubernetes.io/name": "database-bootstrap" };

/** By service. */
export type Roles = Readonly<Record<string, { readonly connections: number }>>;

/** psql speaks to every older server, so this is for a database whose own image is not on the nodes anyway. */
export const newestVersion: PostgresVersion = postgresVersions.reduce((newest, one) =>
  Number(one) > Number(newest) ? one : newest,
);

export interface SecretKeys {
  readonly owner: Readonly<Record<"username" | "password", string>>;
  /** Each service's password, by service. */
  readonly roles: Readonly<Record<string, string>>;
  readonly exporter: string;
}

/** The keys that the Kubernetes Secret of a bootstrap has: no service's name makes one of the owner's. */
export const secretKeys = (roles: Roles): SecretKeys => ({
  owner: { username: "owner.username", password: "owner.password" },
  roles: Object.fromEntries(servicesOf(roles).map((service) => [service, `role.${service}.password`])),
  exporter: "exporter.password",
});

/** In an order of their own, so that the order in the settings changes nothing. */
const servicesOf = (roles: Roles): readonly string[] => Object.keys(roles).sort();

const SCRIPT = "run.sh";
const scripts = [
  SCRIPT,
  "session.sql",
  "rights.sql",
  "extensions.sql",
  "public.sql",
  "monitoring.sql",
  "role.sql",
  "exporter.sql",
] as const;

/** What the Job runs and reads, by file. `roles` has a line for each: its name, and how many connections it may have. */
export const bootstrapFiles = (roles: Roles): Readonly<Record<string, string>> => ({
  ...Object.fromEntries(scripts.map((file) => [file, readFileSync(join(import.meta.dirname, file), "utf8")])),
  roles: servicesOf(roles)
    .map((service) => `${roleName(service)} ${roles[service]?.connections}\n`)
    .join(""),
});

const FILES = "/etc/bootstrap/files";
const PASSWORDS = "/etc/bootstrap/passwords";
export const CA = "ca.crt";
const UID = 10001;

const WAIT_SECONDS = 300;
const RETRIES = 2;
/** All tries together: each may wait, work, and come after a pause. */
const DEADLINE_SECONDS = 1200;

export interface BootstrapJob {
  readonly name: Input<string>;
  readonly namespace: Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly version: PostgresVersion;
  readonly mirror: string | undefined;
  readonly database: Pick<Database, "host" | "port" | "name" | "tls">;
  readonly roles: Roles;
  /** The role of who measures the database; none where nobody does. */
  readonly exporter: string | undefined;
  /** Whether the database is for these services alone. */
  readonly exclusive: boolean;
  /** The ConfigMap with the files. */
  readonly files: Input<string>;
  /** The Secret with the keys of `secretKeys`. */
  readonly secret: Input<string>;
}

export function renderBootstrapJob(job: BootstrapJob) {
  return {
    metadata: {
      name: job.name,
      namespace: job.namespace,
      labels: { ...job.labels },
      // Otherwise the next `up` would wait for a Job that has failed already.
      annotations: { "pulumi.com/replaceUnready": "true" },
    },
    // It is kept when it is done: one that removed itself would be made, and run, again.
    spec: {
      backoffLimit: RETRIES,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      template: { metadata: { labels: { ...job.labels } }, spec: renderPod(job) },
    },
  } satisfies JobArgs;
}

function renderPod({ version, mirror, database, roles, exporter, exclusive, files, secret }: BootstrapJob) {
  const keys = secretKeys(roles);
  const passwords = [
    ...Object.entries(keys.roles).map(([service, key]) => ({ key, path: roleName(service) })),
    ...(exporter === undefined ? [] : [{ key: keys.exporter, path: exporter }]),
  ];
  const login = (key: string) => ({ secretKeyRef: { name: secret, key } });
  return {
    restartPolicy: "Never",
    ...hardenedPod(UID),
    containers: [
      {
        name: "bootstrap",
        image: imageOf(images.postgres[version], mirror),
        command: ["sh", `${FILES}/${SCRIPT}`],
        env: [
          // The image has Debian's wrapper of psql first, which looks for servers on this machine.
          { name: "PATH", value: `/usr/lib/postgresql/${version}/bin:/usr/local/bin:/usr/bin:/bin` },
          { name: "PGHOST", value: database.host },
          { name: "PGPORT", value: pulumi.output(database.port).apply(String) },
          { name: "PGDATABASE", value: database.name },
          { name: "PGUSER", valueFrom: login(keys.owner.username) },
          { name: "PGPASSWORD", valueFrom: login(keys.owner.password) },
          { name: "PGCONNECT_TIMEOUT", value: "10" },
          { name: "PGAPPNAME", value: "bootstrap" },
          ...renderTls(database.tls),
          { name: "PASSWORDS", value: PASSWORDS },
          ...(exporter === undefined ? [] : [{ name: "EXPORTER", value: exporter }]),
          { name: "EXCLUSIVE", value: String(exclusive) },
          { name: "WAIT_SECONDS", value: String(WAIT_SECONDS) },
        ],
        // The pod's status then says why it failed, for whoever has no logs.
        terminationMessagePolicy: "FallbackToLogsOnError",
        resources: {
          requests: { cpu: "50m", memory: "64Mi", "ephemeral-storage": "16Mi" },
          limits: { memory: "128Mi", "ephemeral-storage": "64Mi" },
        },
        ...hardenedContainer,
        volumeMounts: [
          { name: "files", mountPath: FILES, readOnly: true },
          ...(passwords.length === 0 ? [] : [{ name: "passwords", mountPath: PASSWORDS, readOnly: true }]),
        ],
      },
    ],
    volumes: [
      { name: "files", configMap: { name: files } },
      // Read by the group only, which is the pod's own. A list of no items would be all of them, the owner's too.
      ...(passwords.length === 0
        ? []
        : [{ name: "passwords", secret: { secretName: secret, defaultMode: 0o440, items: passwords } }]),
    ],
  } satisfies kubernetes.types.input.core.v1.PodSpec;
}

function renderTls(tls: Tls): { name: string; value: string }[] {
  if (tls === "off") return [{ name: "PGSSLMODE", value: "disable" }];
  return [
    { name: "PGSSLMODE", value: "verify-full" },
    { name: "PGSSLROOTCERT", value: tls === "system" ? "system" : `${FILES}/${CA}` },
  ];
}
