import * as pulumi from "@pulumi/pulumi";
import { mapValues } from "../config/maps.js";
import type { DatabaseSettings } from "../config/schema.js";
import type { Settings } from "../config/settings.js";
import type {
  Bucket,
  Cache,
  Cluster,
  Database,
  Dns,
  Network,
  Observe,
  Registry,
  SecretStore,
  Tls,
} from "../providers/contract.js";
import type { Services } from "./services.js";

/** Goes up when an output changes its name, its shape or its meaning; docs/outputs.md describes this one. */
const SCHEMA_VERSION = 1;

export interface Made {
  readonly settings: Settings;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly secretStore: SecretStore;
  readonly databases: Readonly<Record<string, Database>>;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
  readonly registry: Registry;
  readonly dns: Dns | undefined;
  readonly observe: Observe;
  readonly namespace: pulumi.Input<string>;
  readonly services: Services;
}

/**
 * What the stack says to people and to other stacks: the same names and shapes on every cloud, and nothing that is
 * missing where a cloud has none of it (an empty text or list then). A part's values are named like its settings, so
 * that `fromStack` finds an id under the path of the setting that it fills.
 */
export function outputsOf(made: Made) {
  const { settings, network, cluster, registry, dns } = made;
  const { access, gateway, bootstrapKey, grafanaUrl } = made.services;
  return {
    schemaVersion: SCHEMA_VERSION,
    cloud: settings.cloud,
    region: settings.region,
    environment: settings.environment,
    // A stack none of whose services has routes has no address.
    url: gateway?.url ?? "",
    gatewayAddress: gateway?.address ?? "",
    grafanaUrl,
    bootstrapKey,
    domain: { name: dns?.domain ?? "", zone: dns?.zone ?? "" },
    nameServers: dns?.nameServers ?? [],
    network: { id: network.id, subnets: network.subnets },
    cluster: { id: cluster.name },
    kubeconfig: pulumi.secret(cluster.kubeconfig),
    namespaces: { services: made.namespace },
    secretStore: { id: made.secretStore.identity, store: made.secretStore.store },
    databases: mapValues(made.databases, (database, key) => ({
      version: versionOf(settings.databases[key]),
      host: database.host,
      port: database.port,
      name: database.name,
      readHosts: database.readHosts,
      ...trust(database.tls),
      ownerSecret: database.owner.key,
      ownerStore: database.owner.store,
      ownerIdentity: database.owner.identity,
      identity: database.identity,
    })),
    caches: mapValues(made.caches, (cache) => ({
      host: cache.host,
      port: cache.port,
      ...trust(cache.tls),
      authSecret: cache.auth === "none" ? "" : cache.auth.key,
      authStore: cache.auth === "none" ? "" : cache.auth.store,
      authIdentity: cache.auth === "none" ? "" : cache.auth.identity,
      clusterMode: cache.clusterMode,
    })),
    buckets: mapValues(made.buckets, (bucket) => ({
      id: bucket.name,
      url: bucket.url,
      region: bucket.region,
      endpoint: bucket.endpoint ?? "",
      identity: bucket.identity,
      encryptionKey: bucket.encryptionKey ?? "",
      credentialsSecret: bucket.access === "identity" ? "" : bucket.access.key,
    })),
    registry: registry.url,
    logs: made.observe.logs,
    services: mapValues(access, (service) => ({
      principal: service.identity.principal,
      roles: mapValues(service.roles, ({ key }) => key),
      secrets: mapValues(service.secrets, ({ key }) => key),
    })),
  };
}

export type Outputs = ReturnType<typeof outputsOf>;

/** The major version, which a replica in another stack must have too; whoever only borrows a database does not know it. */
const versionOf = (settings: DatabaseSettings | undefined): string =>
  settings !== undefined && "version" in settings ? settings.version : "";

/** Whether the connection is encrypted, and the CA to check it against where public roots will not do. */
const trust = (tls: Tls) => ({ tls: tls !== "off", ca: typeof tls === "string" ? "" : tls.ca });
