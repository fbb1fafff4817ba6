import * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "../../config/service-schema.js";
import { keysUsed, roleName } from "../../config/uses.js";
import type { Bucket, Cache, Cluster, Database, SecretRef, Tls } from "../../providers/contract.js";
import type { Field } from "../external-secret.js";
import { ANYWHERE, INTERNET, labelled, peersOf, portOf, type Reach } from "../peers.js";
import { labelsOf } from "./labels.js";

type Input<T> = pulumi.Input<T>;

/** Where certificates of stores are mounted. */
export const FILES_DIRECTORY = "/etc/agent-platform/trust";

/** What pods of a service are handed, and whom they may call: all of it follows from what the service uses. */
export interface Wiring {
  readonly env: Readonly<Record<string, Input<string>>>;
  /** Variables that are secrets, as templates over `fields`. */
  readonly secretEnv: Readonly<Record<string, Input<string>>>;
  readonly fields: Readonly<Record<string, Field>>;
  /** Certificates by file name. */
  readonly files: Readonly<Record<string, Input<string>>>;
  readonly reaches: readonly Reach[];
}

export interface Wired {
  readonly settings: ServiceSettings;
  readonly cluster: Cluster;
  readonly databases: Readonly<Record<string, Database>>;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
  /** The service's own login to each database that it uses. */
  readonly roles: Readonly<Record<string, SecretRef>>;
  /** The stack's secrets that it names. */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** Ports of the other services, by name. */
  readonly ports: Readonly<Record<string, number>>;
}

/** The variables' names are the same on every cloud. The first store of a kind has the plain ones; others their key in front. */
export function wire(wired: Wired): Wiring {
  const { uses, permissions } = wired.settings;
  const parts = [
    ...keysUsed(uses, "databases").map((key, index) => wireDatabase(key, prefixOf(key, index), wired)),
    ...keysUsed(uses, "caches").map((key, index) => wireCache(key, prefixOf(key, index), wired)),
    ...keysUsed(uses, "buckets").map((key, index) => wireBucket(key, prefixOf(key, index), wired)),
    ...keysUsed(uses, "services").map((name) => wireService(name, wired)),
    ...keysUsed(uses, "models").map(() => part({ reaches: [{ to: [{ ipBlock: INTERNET }], port: HTTPS }] })),
    ...Object.entries(wired.secrets).map(([name, entry]) => wireSecret(name, entry)),
    ...(permissions.length === 0 ? [] : [apiServer]),
  ];
  return {
    env: Object.assign({}, ...parts.map(({ env }) => env)),
    secretEnv: Object.assign({}, ...parts.map(({ secretEnv }) => secretEnv)),
    fields: Object.assign({}, ...parts.map(({ fields }) => fields)),
    files: Object.assign({}, ...parts.map(({ files }) => files)),
    reaches: parts.flatMap(({ reaches }) => reaches),
  };
}

function part(given: Partial<Wiring>): Wiring {
  return { env: {}, secretEnv: {}, fields: {}, files: {}, reaches: [], ...given };
}

const wordOf = (key: string): string => key.toUpperCase().replaceAll("-", "_");
const prefixOf = (key: string, index: number): string => (index === 0 ? "" : `${wordOf(key)}_`);

const HTTPS = 443;

/** No policy knows its address: it is that of no pod, and it is called by one and answers by another. */
const apiServer = part({ reaches: [HTTPS, 6443].map((port) => ({ to: [{ ipBlock: ANYWHERE }], port })) });

function wireDatabase(key: string, prefix: string, { settings, databases, roles }: Wired): Wiring {
  const [database, login] = [databases[key], roles[key]];
  if (database === undefined || login === undefined) throw new Error(`databases.${key} is used and not there`);
  const { host, port, name, readHosts, tls } = database;
  const field = `database_${roleName(key)}`;
  const userinfo = `{{ .${field}_username | urlquery }}:{{ .${field}_password | urlquery }}`;
  const query = tls === "off" ? "" : "?sslmode=verify-full";
  const at = (address: Input<string>) =>
    pulumi.interpolate`postgresql://${userinfo}@${address}:${port}/${name}${query}`;
  return part({
    env: {
      [`${prefix}DATABASE_POOL_SIZE`]: String(settings.connections),
      ...trustEnv(`${prefix}DATABASE_CA_FILE`, `database-${key}.pem`, tls),
    },
    secretEnv: {
      [`${prefix}DATABASE_URL`]: at(host),
      // Where there are none the primary answers for them.
      [`${prefix}DATABASE_READ_URLS`]: readHosts
        .apply((hosts) => pulumi.all(hosts.map(at)))
        .apply((urls) => urls.join(",")),
    },
    fields: {
      [`${field}_username`]: { entry: login, property: "username" },
      [`${field}_password`]: { entry: login, property: "password" },
    },
    files: trustFile(`database-${key}.pem`, tls),
    reaches: [{ to: peersOf(database), port }],
  });
}

function wireCache(key: string, prefix: string, { caches }: Wired): Wiring {
  const cache = caches[key];
  if (cache === undefined) throw new Error(`caches.${key} is used and not there`);
  const { host, port, tls, auth, clusterMode } = cache;
  const field = `cache_${roleName(key)}`;
  const scheme = tls === "off" ? "redis" : "rediss";
  const userinfo = auth === "none" ? "" : `{{ .${field}_username | urlquery }}:{{ .${field}_password | urlquery }}@`;
  const url = pulumi.interpolate`${scheme}://${userinfo}${host}:${port}`;
  return part({
    env: {
      ...(auth === "none" ? { [`${prefix}REDIS_URL`]: url } : {}),
      ...(clusterMode ? { [`${prefix}REDIS_CLUSTER`]: "true" } : {}),
      ...trustEnv(`${prefix}REDIS_CA_FILE`, `cache-${key}.pem`, tls),
    },
    ...(auth === "none"
      ? {}
      : {
          secretEnv: { [`${prefix}REDIS_URL`]: url },
          fields: {
            [`${field}_username`]: { entry: auth, property: "username" },
            [`${field}_password`]: { entry: auth, property: "password" },
          },
        }),
    files: trustFile(`cache-${key}.pem`, tls),
    reaches: [{ to: peersOf(cache), port }],
  });
}

function wireBucket(key: string, prefix: string, { buckets, cluster }: Wired): Wiring {
  const bucket = buckets[key];
  if (bucket === undefined) throw new Error(`buckets.${key} is used and not there`);
  const { url, region, endpoint, access } = bucket;
  const address = pulumi.all([url, region]).apply(([plain, place]) => {
    if (!plain.startsWith("s3://")) return plain;
    const query = new URLSearchParams({
      ...(place === "" ? {} : { region: place }),
      ...(endpoint === undefined ? {} : { endpoint }),
    });
    return query.size === 0 ? plain : `${plain}?${query}`;
  });
  const field = `bucket_${roleName(key)}`;
  return part({
    env: { [`${prefix}BUCKET_URL`]: address },
    ...(access === "identity"
      ? {}
      : {
          secretEnv: {
            [`${prefix}AWS_ACCESS_KEY_ID`]: `{{ .${field}_id }}`,
            [`${prefix}AWS_SECRET_ACCESS_KEY`]: `{{ .${field}_key }}`,
          },
          fields: {
            [`${field}_id`]: { entry: access, property: "accessKeyId" },
            [`${field}_key`]: { entry: access, property: "secretAccessKey" },
          },
        }),
    reaches: [
      { to: [{ ipBlock: ANYWHERE }], port: endpoint === undefined ? HTTPS : portOf(endpoint) },
      ...(access === "identity"
        ? cluster.credentialEndpoint.flatMap(({ cidr, ports }) =>
            ports.map((credentialPort) => ({ to: [{ ipBlock: { cidr } }], port: credentialPort })),
          )
        : []),
    ],
  });
}

function wireService(name: string, { ports }: Wired): Wiring {
  const port = ports[name];
  if (port === undefined) throw new Error(`services.${name} is used and not there`);
  return part({
    env: { [`${wordOf(name)}_URL`]: `http://${name}:${port}` },
    reaches: [{ to: [labelled(labelsOf(name))], port }],
  });
}

const wireSecret = (name: string, entry: SecretRef): Wiring => {
  const field = `secret_${name.toLowerCase()}`;
  return part({ secretEnv: { [name]: `{{ .${field} }}` }, fields: { [field]: { entry, property: "value" } } });
};

const trustEnv = (variable: string, file: string, tls: Tls): Readonly<Record<string, Input<string>>> =>
  typeof tls === "string"
    ? {}
    : // Another stack says with an empty text that public roots will do.
      { [variable]: tls.ca.apply((pem) => (pem === "" ? "" : `${FILES_DIRECTORY}/${file}`)) };

const trustFile = (file: string, tls: Tls): Readonly<Record<string, Input<string>>> =>
  typeof tls === "string" ? {} : { [file]: tls.ca };
