import * as pulumi from "@pulumi/pulumi";
import { mapValues } from "../config/maps.js";
import type { BucketSettings, CacheSettings, DatabaseSettings } from "../config/schema.js";
import { type Settings, secretNames } from "../config/settings.js";
import type {
  Bucket,
  Cache,
  Cloud,
  Cluster,
  Database,
  Dns,
  Network,
  OpenedCloud,
  SecretRef,
  SecretStore,
} from "../providers/contract.js";
import { partName } from "../providers/naming.js";
import { CloudNativePg } from "./addons/cloudnative-pg.js";
import { closeNamespace } from "./closed-namespace.js";
import { NodeScaling } from "./controllers.js";
import { createMarker } from "./marker.js";
import { createNamespace } from "./namespace.js";
import { type Outputs, outputsOf } from "./outputs.js";
import { createServices } from "./services.js";
import { ExistingCache, ExistingDatabase } from "./stores/existing.js";
import { PostgresCluster } from "./stores/postgres.js";
import { ValkeyCache } from "./stores/valkey.js";

export interface PlatformArgs {
  readonly settings: Settings;
  readonly cloud: OpenedCloud;
  /** The value of one of the stack's own secrets; secret. */
  readonly secretValue: (name: string) => pulumi.Input<string>;
}

/**
 * The whole system, in the order in which it comes up. Databases, caches and buckets are made beside the cluster and
 * not after it; a part waits only for what it is given here.
 */
export class Platform extends pulumi.ComponentResource {
  public readonly outputs: Outputs;

  constructor(name: string, args: PlatformArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:index:Platform", name, {}, opts);
    const { settings } = args;
    const child = { parent: this };

    createMarker(settings, this);
    const cloud = args.cloud.enter(name, child);
    const network = cloud.network(name, settings.network, child);
    const cluster = cloud.cluster(name, { settings: settings.cluster, network }, child);
    const secretStore = cloud.secretStore(name, { settings: settings.secretStore, network, cluster }, child);
    // Made for the first that needs it: a stack whose stores are all the cloud's, and that runs nothing, has none.
    const dataNamespace = once(() => {
      const made = createNamespace(`${name}-data`, cluster, this).metadata.name;
      closeNamespace(`${name}-data`, made, cluster, this);
      return made;
    });
    const stores = createStores(name, settings, { cloud, network, cluster, secretStore, dataNamespace }, this);
    const registry = cloud.registry(
      name,
      { settings: settings.registry, services: Object.keys(settings.services), network, cluster },
      child,
    );
    const dns = createDns(name, settings, cloud, this);
    const observe = cloud.observe(name, {}, child);
    const secrets = createSecrets(args, secretStore, this);
    const namespace = createNamespace(name, cluster, this).metadata.name;
    if (settings.cluster.mode === "managed" && !cluster.provides.nodeAutoscaling)
      new NodeScaling(`${name}-node-scaling`, { settings, cloud, network, cluster, secretStore }, child);
    const services = createServices(
      name,
      {
        ...stores,
        settings,
        cloud,
        network,
        cluster,
        registry,
        dns,
        secretStore,
        observe,
        namespace,
        dataNamespace,
        secrets,
      },
      this,
    );

    this.outputs = outputsOf({
      settings,
      network,
      cluster,
      secretStore,
      ...stores,
      registry,
      dns,
      observe,
      namespace,
      services,
    });
    this.registerOutputs(this.outputs);
  }
}

interface Ground {
  readonly cloud: Cloud;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly secretStore: SecretStore;
  /** Of the stores in the cluster. */
  readonly dataNamespace: () => pulumi.Input<string>;
}

export interface Stores {
  readonly databases: Readonly<Record<string, Database>>;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
}

/** Whoever makes a store, the result is the same: this is where a mode finds its maker. */
function createStores(name: string, settings: Settings, ground: Ground, parent: Platform): Stores {
  const { cloud, network, cluster, secretStore: secrets, dataNamespace: namespace } = ground;
  const child = { parent };
  const operator = once(() => new CloudNativePg(`${name}-cloudnative-pg`, { stack: settings, cluster }, child));

  const database = (one: DatabaseSettings, key: string): Database => {
    const store = partName(name, "database", key);
    switch (one.mode) {
      case "managed":
      case "replica":
        return cloud.database(store, { key, settings: one, network, secrets }, child);
      case "inCluster":
        return new PostgresCluster(
          store,
          { key, settings: one, stack: settings, cluster, secrets, namespace: namespace(), operator: operator() },
          child,
        );
      case "existing":
        return new ExistingDatabase(store, { key, settings: one, secrets }, child);
    }
  };
  const cache = (one: CacheSettings, key: string): Cache => {
    const store = partName(name, "cache", key);
    switch (one.mode) {
      case "managed":
        return cloud.cache(store, { key, settings: one, network, secrets }, child);
      case "inCluster":
        return new ValkeyCache(
          store,
          { key, settings: one, stack: settings, cluster, secrets, namespace: namespace() },
          child,
        );
      case "existing":
        return new ExistingCache(store, { key, settings: one, secrets }, child);
    }
  };
  const bucket = (one: BucketSettings, key: string): Bucket =>
    cloud.bucket(partName(name, "bucket", key), { key, settings: one, network, secrets }, child);

  return {
    databases: mapValues(settings.databases, database),
    caches: mapValues(settings.caches, cache),
    buckets: mapValues(settings.buckets, bucket),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function createDns(name: string, settings: Settings, cloud: Cloud, parent: Platform): Dns | undefined {
  const { domain } = settings;
  return domain.mode === "none" ? undefined : cloud.dns(name, { settings: domain }, { parent });
}

/** The stack's own secrets go from its encrypted configuration into the store, once each, whoever names them. */
function createSecrets(
  { settings, secretValue }: PlatformArgs,
  store: SecretStore,
  parent: Platform,
): Readonly<Record<string, SecretRef>> {
  return Object.fromEntries(
    secretNames(settings).map((secret) => {
      const name = `${settings.prefix}-${secret.toLowerCase().replaceAll("_", "-")}`;
      return [secret, store.put(name, { value: secretValue(secret) }, { parent })];
    }),
  );
}
