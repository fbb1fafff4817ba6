import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { MonitoringScene } from "../../components/monitoring/scene.js";
import type { Settings } from "../../config/settings.js";
import { runsHere } from "../../config/uses.js";
import type { Bucket, Cache, Cloud, Database, IdentityArgs, SecretRef, Tls } from "../../providers/contract.js";
import { localNetwork } from "../../providers/local/network.js";
import { LocalSecretStore } from "../../providers/local/secrets.js";
import { madeCluster } from "./inside.js";

/** What parts of monitoring stand on, without a platform around them. */

export const entry = (label: string): SecretRef => ({
  store: pulumi.output("store"),
  key: pulumi.output(label),
  identity: pulumi.output(label),
  label,
  version: pulumi.output("1"),
});

export const databaseWith = (tls: Tls): Database => ({
  host: pulumi.output("db.internal"),
  port: pulumi.output(5432),
  name: pulumi.output("agents"),
  readHosts: pulumi.output(["db.internal"]),
  tls,
  owner: entry("owner"),
  cidrs: pulumi.output(["10.0.3.0/24"]),
  identity: pulumi.output(""),
});

export const cacheWith = (tls: Tls, auth: Cache["auth"], clusterMode = false): Cache => ({
  host: pulumi.output("cache.internal"),
  port: pulumi.output(6379),
  tls,
  auth,
  clusterMode,
  cidrs: pulumi.output(["10.0.3.0/24"]),
});

export const bucketAt = (url: string, access: Bucket["access"] = "identity", endpoint?: string): Bucket => ({
  name: pulumi.output("objects"),
  url: pulumi.output(url),
  region: pulumi.output("eu-west-1"),
  endpoint,
  access,
  identity: pulumi.output("objects"),
});

export interface Staged {
  readonly scene: MonitoringScene;
  readonly parent: pulumi.ComponentResource;
  /** What custom resources wait for. */
  readonly definitions: pulumi.Resource;
  /** Who was made an identity for, by the name of the part. */
  readonly identities: Readonly<Record<string, IdentityArgs>>;
}

const unasked = (what: string) => () => {
  throw new Error(`nobody should ask for ${what}`);
};

/** On a cluster of the platform's own. A cloud of which nothing but identities is asked. */
export function staged(settings: Settings, over: Partial<MonitoringScene> = {}): Staged {
  const { monitoring } = settings;
  if (monitoring.mode === "none") throw new Error("nobody watches this stack");
  const parent = new pulumi.ComponentResource(
    "test:index:Platform",
    "platform",
    {},
    { providers: [new random.Provider("random")] },
  );
  const identities: Record<string, IdentityArgs> = {};
  const cluster = madeCluster(parent);
  const network = localNetwork({ mode: "none" });
  const secretStore = new LocalSecretStore(
    "platform",
    { settings: { mode: "managed", recoveryDays: 0 }, cluster, stack: settings },
    { parent },
  );
  const store = new CustomResource(
    "store",
    { apiVersion: "external-secrets.io/v1", kind: "ClusterSecretStore", metadata: { name: settings.prefix } },
    { parent, provider: cluster.provider },
  );
  const cloud = {
    name: settings.cloud,
    identity: (name: string, args: IdentityArgs) => {
      identities[name] = args;
      return {
        principal: pulumi.output(name),
        serviceAccountAnnotations: { "example.com/role": name },
        podLabels: { "example.com/identity": "yes" },
        ready: [store],
      };
    },
    network: unasked("a network"),
    cluster: unasked("a cluster"),
    secretStore: unasked("a secret store"),
    database: unasked("a database"),
    cache: unasked("a cache"),
    bucket: unasked("a bucket"),
    registry: unasked("a registry"),
    dns: unasked("a zone"),
    loadBalancer: unasked("a load balancer"),
    edge: unasked("an edge"),
    observe: unasked("logs"),
    uptime: undefined,
    measure: undefined,
  } satisfies Cloud;
  const running = Object.fromEntries(Object.entries(settings.services).filter(([, service]) => runsHere(service)));
  return {
    parent,
    identities,
    definitions: new random.RandomId("definitions", { byteLength: 4 }, { parent }),
    scene: {
      settings,
      watching: monitoring,
      cloud,
      network,
      cluster,
      secretStore,
      observe: { logs: pulumi.output(""), logOutput: undefined },
      running,
      databases: {},
      caches: {},
      buckets: {},
      services: settings.prefix,
      namespace: `${settings.prefix}-monitoring`,
      nodes: `${settings.prefix}-nodes`,
      store,
      secrets: {},
      ...over,
    },
  };
}
