import type { Provider } from "@pulumi/kubernetes/provider.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Tier } from "../config/cidr.js";
import type { CloudName } from "../config/names.js";
import type {
  BucketSettings,
  CacheSettings,
  ClusterSettings,
  DatabaseSettings,
  DomainSettings,
  InMode,
  NetworkSettings,
  RegistrySettings,
  SecretStoreSettings,
} from "../config/schema.js";
import type { Settings } from "../config/settings.js";
import type { Image } from "../config/versions.js";

type Output<T> = pulumi.Output<T>;
type Input<T> = pulumi.Input<T>;
type Inputs = Readonly<Record<string, Input<unknown>>>;

/** Where a pod's secret comes from: an entry of the stack's secret store. Never the value. */
export interface SecretRef {
  /** The store that pods are pointed at: on AWS a region's Secrets Manager, on local a namespace. */
  readonly store: Output<string>;
  /** The entry's name in it. Its value is a JSON object, like `{"username": ..., "password": ...}`. */
  readonly key: Output<string>;
  /** How the cloud names the entry, for permissions. */
  readonly identity: Output<string>;
  /** What this stack calls it, for as long as it is the same: a permission on it is named by that. */
  readonly label: string;
  /** Another text for another value; empty where somebody else writes it. */
  readonly version: Output<string>;
}

/** `off`, checked against public roots, or checked against a CA of its own (PEM; empty means public roots after all). */
export type Tls = "off" | "system" | { readonly ca: Output<string> };

export interface Network {
  readonly id: Output<string>;
  /** Subnet ids by tier; empty where the cluster brings its own network. */
  readonly subnets: Readonly<Record<Tier, Output<string[]>>>;
  /** Ranges from which nodes and pods call: what databases and caches let in. A list of known length. */
  readonly clientCidrs: readonly Output<string>[];
  /** Ranges in which databases and caches answer: what pods are let out to. */
  readonly dataCidrs: Output<string[]>;
}

export interface EgressRule {
  readonly cidr: string;
  readonly ports: readonly number[];
}

export interface StorageClasses {
  /** For databases: solid state, encrypted, growable. Undefined means the cluster's default class. */
  readonly ssd: Output<string> | undefined;
}

export interface Cluster {
  readonly name: Output<string>;
  readonly provider: Provider;
  /** Secret. It runs the cloud's own CLI for a token and holds no credentials where the cluster is the platform's. */
  readonly kubeconfig: Output<string>;
  readonly storageClasses: StorageClasses;
  /** What the cluster brings along, so that no add-on installs it twice. */
  readonly provides: {
    readonly metricsServer: boolean;
    readonly nodeAutoscaling: boolean;
    /** Nodes' certificates are signed by the cluster's authority. */
    readonly nodeCertificates: boolean;
    /** A Service of type LoadBalancer gets what the cloud's `loadBalancer` describes, with no controller added. */
    readonly loadBalancers: boolean;
  };
  /** What a pod with an identity must reach to get credentials. */
  readonly credentialEndpoint: readonly EgressRule[];
  /** Nodes and cluster add-ons: what a pod waits for before it can run. */
  readonly ready: readonly pulumi.Resource[];
  /** Objects inside go with it. Undefined where the cluster stays when the stack goes. */
  readonly deletedWith: pulumi.Resource | undefined;
  /** Who its nodes are when they pull images: whom a registry lets in. Empty where they may already. */
  readonly puller: Output<string>;
}

/** Pods that answer for a store, where policies can't go by address: it runs in the cluster. */
export interface StorePods {
  readonly namespace: Output<string>;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Database {
  readonly host: Output<string>;
  readonly port: Output<number>;
  readonly name: Output<string>;
  readonly readHosts: Output<string[]>;
  readonly tls: Tls;
  /** A role that may create roles and extensions; for the bootstrap only. */
  readonly owner: SecretRef;
  /** Where it answers; empty where only its name says that, or `pods` do. */
  readonly cidrs: Output<string[]>;
  readonly pods?: StorePods;
  /** How the cloud names it (an ARN): what a replica in another stack follows. */
  readonly identity: Output<string>;
}

export interface Cache {
  readonly host: Output<string>;
  readonly port: Output<number>;
  readonly tls: Tls;
  /** `none` where the service keeps no password: TLS and a private address guard it then. */
  readonly auth: SecretRef | "none";
  /** Whether clients must be cluster-aware. */
  readonly clusterMode: boolean;
  readonly cidrs: Output<string[]>;
  readonly pods?: StorePods;
}

export interface Bucket {
  readonly name: Output<string>;
  /** `s3://`, `gs://` or `azblob://`. */
  readonly url: Output<string>;
  readonly region: Output<string>;
  /** Set for stores that only speak the protocol. */
  readonly endpoint: string | undefined;
  /** How a pod gets in: by its identity, or with keys from the store. */
  readonly access: "identity" | SecretRef;
  /** How the cloud names it, for permissions. */
  readonly identity: Output<string>;
  /** How the cloud names the key that encrypts it, for permissions; undefined where none is needed to use it. */
  readonly encryptionKey?: Output<string> | undefined;
}

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

export interface SecretStore {
  /** How the cloud names the store itself (a key, a namespace): the id that an `existing` store is known by. */
  readonly identity: Output<string>;
  readonly store: Output<string>;
  /**
   * How External Secrets finds the store, and reads entries as the given account, whose identity may: the `provider` of
   * its ClusterSecretStore.
   */
  readonly readBy: (
    reader: ServiceAccountName,
    entries: readonly SecretRef[],
    opts: pulumi.ComponentResourceOptions,
  ) => Inputs;
  /** Keeps a value under `name` and says where. The value is secret from here on. */
  put(
    name: string,
    value: Input<Readonly<Record<string, Input<string>>>>,
    opts: pulumi.ComponentResourceOptions,
  ): SecretRef;
  /** An entry that somebody else made. */
  existing(key: string): SecretRef;
}

/** Who a service is towards the cloud. */
export interface Identity {
  /** Role, service account or client id; empty where the cloud knows none. */
  readonly principal: Output<string>;
  readonly serviceAccountAnnotations: Readonly<Record<string, Input<string>>>;
  readonly podLabels: Readonly<Record<string, string>>;
  /** What must be there before a pod starts, which would run without an identity until it starts again. */
  readonly ready: readonly pulumi.Resource[];
}

export interface Registry {
  /** What image references begin with; empty where there is none. */
  readonly url: Output<string>;
  /** The repository of one service's images. */
  repository(service: string): Output<string>;
}

export interface Dns {
  readonly domain: string;
  readonly zone: Output<string>;
  /** What to delegate to; empty where the zone is somebody else's. */
  readonly nameServers: Output<string[]>;
  /**
   * How cert-manager answers a certificate authority's question by a record in the zone: the `dns01` section of an ACME
   * solver. It holds no credentials: the pods' own identity, which may write here by `IdentityArgs.zones`.
   */
  readonly solver: Inputs;
  /**
   * A record by which `host`, the domain itself or a name below it, leads to a load balancer. Its address is what the
   * Service says: a name on aws, an IP elsewhere.
   */
  point(name: string, host: string, address: Output<string>, opts: pulumi.CustomResourceOptions): pulumi.Resource;
}

/** How a Kubernetes Service gets an address from outside. Plain data: it decides what is made. */
export interface Exposure {
  readonly type: "LoadBalancer" | "NodePort";
  readonly loadBalancerClass: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** `Local` where a second hop would hide the client's address: nodes without a pod of the gateway take nothing then. */
  readonly externalTrafficPolicy: "Cluster" | "Local";
}

export interface LoadBalancerSpec {
  readonly internal: boolean;
  readonly idleSeconds: number;
  /** For how long a pod that goes keeps the connections that it has. */
  readonly drainSeconds: number;
  /** Where a pod says that it takes connections: asked of the pod itself, not of a port of the Service. */
  readonly healthPath: string;
  readonly healthPort: number;
}

/** A firewall and cache in front of the gateway. */
export interface Edge {
  readonly host: Output<string>;
}

/** Where the cloud keeps the logs of what runs on the cluster; empty where they stay in it. */
export interface Observe {
  readonly logs: Output<string>;
  /** How lines get there; undefined where the stack sends them elsewhere, or nobody sends any. */
  readonly logOutput: LogOutput | undefined;
}

/** How Fluent Bit writes to where the cloud keeps logs: as its pods' identity, which `IdentityArgs.logs` lets in. */
export interface LogOutput {
  /** An entry of its `outputs`, less what it matches. `${POD_NAME}` in it is the pod's name. */
  readonly section: Readonly<Record<string, Input<string>>>;
  /** Where it cannot change a pod's token for one of the cloud's by itself: what does that, beside it in the pod. */
  readonly tokens: TokenServer | undefined;
  /** How the cloud names the place, for permissions. */
  readonly identity: Output<string>;
  /** What the cluster takes there by itself: nobody sends it a second time. */
  readonly collected: {
    /** Patterns, like `gke-*`. */
    readonly namespaces: readonly string[];
    readonly events: boolean;
  };
}

/**
 * What every line says of itself where it is known, on every cloud: texts. What else a program says of it is in `fields`,
 * as the program calls it.
 */
export const logTexts = [
  "message",
  "level",
  "stack",
  "environment",
  "service",
  "namespace",
  "pod",
  "container",
  "node",
  "stream",
  "requestId",
  "traceId",
  "spanId",
] as const;

/** Gives tokens of the cloud to its own pod alone: it listens on no address but 127.0.0.1. */
export interface TokenServer {
  readonly image: Image;
  readonly command: readonly string[];
  /** Its command says whether it answers. */
  readonly probe: readonly string[];
  readonly user: number;
}

/** A page that anybody may see: what is asked from outside is whether it answers well. */
export interface UptimeCheck {
  /** A name, or the load balancer's own address where there is no domain. */
  readonly host: Input<string>;
  readonly path: string;
}

/** The cloud's own questions from outside. It tells of them in its measurements, and those people by mail. */
export interface Uptime {
  /** How the measurements call each check, by what the stack calls it. */
  readonly checks: Readonly<Record<string, Output<string>>>;
}

/** A page of an exporter's measurements. */
export interface Scrape {
  readonly path: string;
  readonly params?: Readonly<Record<string, readonly Input<string>[]>>;
}

/** Says what a check is by what the cloud calls it: a series with the one label gets the other. */
export interface Naming {
  readonly label: string;
  readonly value: Output<string>;
  readonly gets: "check";
  readonly named: string;
}

/**
 * What the cloud itself measures, under the same names on every cloud: of managed databases (label `database`) and caches
 * (`cache`), the gateway's load balancer, and the checks from outside (`check`), which is the share of places from where
 * the page answers. A cloud leaves out what it does not tell.
 */
export const cloudRecords = [
  "cloud:database_cpu_ratio",
  "cloud:database_free_storage_bytes",
  "cloud:database_connections",
  "cloud:cache_memory_ratio",
  "cloud:cache_cpu_ratio",
  "cloud:load_balancer_connections",
  "cloud:load_balancer_errors_per_second",
  "cloud:load_balancer_bytes_per_second",
  "cloud:uptime_success",
] as const;
export type CloudRecord = (typeof cloudRecords)[number];

/** Who reads the cloud's own measurements for Prometheus: a pod that may do so and nothing else. */
export interface Measure {
  readonly image: Image;
  readonly args: readonly Input<string>[];
  readonly env: Readonly<Record<string, Input<string>>>;
  /** Its configuration, by file names: in `MEASURE_FILES`. */
  readonly files: Readonly<Record<string, Input<string>>>;
  readonly port: number;
  readonly healthPath: string;
  readonly scrapes: readonly Scrape[];
  /** Seconds between two scrapes: most of what is read is paid for by the call. */
  readonly interval: number;
  readonly namings: readonly Naming[];
  /** Rules that give the neutral names to what the exporter calls its series. */
  readonly recordings: Readonly<Partial<Record<CloudRecord, string>>>;
}

/** Where an exporter finds its configuration. */
export const MEASURE_FILES = "/etc/cloud-metrics";

export interface ClusterArgs {
  readonly settings: ClusterSettings;
  readonly network: Network;
}
export interface DatabaseArgs {
  /** The key in the settings' map. */
  readonly key: string;
  readonly settings: InMode<DatabaseSettings, "managed" | "replica">;
  readonly network: Network;
  readonly secrets: SecretStore;
}
export interface CacheArgs {
  readonly key: string;
  readonly settings: InMode<CacheSettings, "managed">;
  readonly network: Network;
  readonly secrets: SecretStore;
}
export interface BucketArgs {
  readonly key: string;
  readonly settings: BucketSettings;
  readonly network: Network;
  readonly secrets: SecretStore;
}
export interface SecretStoreArgs {
  readonly settings: SecretStoreSettings;
  readonly network: Network;
  readonly cluster: Cluster;
}
export interface IdentityArgs {
  readonly cluster: Cluster;
  readonly namespace: Input<string>;
  readonly serviceAccount: string;
  /** Exactly what the pods may read and write, by their keys in the settings' map. */
  readonly buckets: Readonly<Record<string, Bucket>>;
  /** Exactly what the pods may read. */
  readonly secrets: readonly SecretRef[];
  readonly store: SecretStore;
  /** In which the pods may write records by which the domain is shown to be the stack's; none by default. */
  readonly zones?: readonly Dns[];
  /** Where the pods may write lines of logs, and read none; nowhere by default. */
  readonly logs?: LogOutput | undefined;
  /** What the pods do to the cloud itself for the cluster; nothing by default. */
  readonly duties?: readonly Duty[];
}
/** What an add-on of the cluster, or of monitoring, does to the cloud itself. */
export type Duty = "scale nodes" | "make load balancers" | "read metrics";
export interface RegistryArgs {
  readonly settings: RegistrySettings;
  readonly services: readonly string[];
  readonly network: Network;
  readonly cluster: Cluster;
}
export interface DnsArgs {
  readonly settings: InMode<DomainSettings, "managed" | "existing">;
}
export interface UptimeArgs {
  /** By what alerts call them. */
  readonly checks: Readonly<Record<string, UptimeCheck>>;
  /** Whether somebody whom everybody knows signed the certificate: else it is the stack's own, which no checker knows. */
  readonly certified: boolean;
  /** Seconds between two questions from the same place; a cloud that has no such interval takes its next longer one. */
  readonly interval: number;
  /** Seconds after which there is no answer. */
  readonly timeout: number;
  /** Whom the cloud tells by itself: a cluster that is down tells nobody. */
  readonly emails: readonly string[];
  /** Where what the checks find is kept, on a cloud that keeps it with logs. */
  readonly observe: Observe;
}
export interface MeasureArgs {
  readonly cluster: Cluster;
  /** Whether the gateway has a load balancer of the cloud. */
  readonly loadBalancer: boolean;
  readonly uptime: Uptime | undefined;
}
export interface EdgeArgs {
  readonly origin: Input<string>;
  readonly dns: Dns;
}

type Make<Args, Result> = (name: string, args: Args, opts: pulumi.ComponentResourceOptions) => Result;

/**
 * What every cloud gives. `name` is the logical name and the stem of physical ones; sizes, environment and tags come
 * from the settings that the cloud was opened with. What a cloud refuses is in `support.ts`, and its method says so.
 */
export interface Cloud {
  readonly name: CloudName;
  readonly network: Make<NetworkSettings, Network>;
  readonly cluster: Make<ClusterArgs, Cluster>;
  readonly secretStore: Make<SecretStoreArgs, SecretStore>;
  readonly database: Make<DatabaseArgs, Database>;
  readonly cache: Make<CacheArgs, Cache>;
  readonly bucket: Make<BucketArgs, Bucket>;
  readonly identity: Make<IdentityArgs, Identity>;
  readonly registry: Make<RegistryArgs, Registry>;
  readonly dns: Make<DnsArgs, Dns>;
  readonly loadBalancer: (spec: LoadBalancerSpec) => Exposure;
  readonly edge: Make<EdgeArgs, Edge>;
  readonly observe: Make<Record<string, never>, Observe>;
  /** Undefined where nobody asks from outside, and where nothing is measured by the cloud. */
  readonly uptime: Make<UptimeArgs, Uptime> | undefined;
  readonly measure: ((args: MeasureArgs) => Measure) | undefined;
}

/** A cloud that was opened for a stack. */
export interface OpenedCloud {
  /** Given to the platform, whose parts inherit them: there are no default providers. */
  readonly providers: readonly pulumi.ProviderResource[];
  /** Applied to every resource of the platform, where a cloud's SDK asks for it. */
  readonly transformations?: pulumi.ResourceTransformation[];
  /** Makes the ground that all parts stand on, where a cloud has one (a resource group, the APIs), and gives the parts. */
  readonly enter: (name: string, opts: pulumi.ComponentResourceOptions) => Cloud;
}

/** Opens a cloud for a stack: makes its providers, nothing else. */
export type OpenCloud = (settings: Settings) => OpenedCloud;

/**
 * What the same part is compared by from cloud to cloud, a row each; a pool of nodes has a row of its own
 * (`nodes apps`). A part's rows are put together from all of its resources: the same text twice is `2 x text`.
 */
export type Fact =
  | "service" // what it is, with its version: `RDS PostgreSQL 17`
  | "size" // machine class, tier or capacity of one: `db.r7g.2xlarge`
  | `nodes ${string}` // `3-20 m7g.2xlarge`
  | "storage" // `400-4000 GiB gp3`
  | "copies" // standbys, replicas, shards: `read replica db.r7g.2xlarge`
  | "way out" // `NAT gateway`
  | "access" // who can reach it: `private`
  | "encryption" // of what is kept, and by whose key: `own key, new every 90 d`
  | "transit" // `TLS required`
  | "backup" // `30 d, point in time`
  | "logs"; // `90 d`
export type Facts = Readonly<Partial<Record<Fact, string>>>;

/** What a plan knows of a cloud beside what the program registers. */
export interface Planned {
  /** Resource type -> what a person calls it, made of its inputs. Types that say nothing of their own are left out. */
  readonly describe: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => string>>;
  /** Resource type -> the rows that it tells of the part that it is in. A component's type may tell of it as a whole. */
  readonly facts: Readonly<Record<string, (inputs: Readonly<Record<string, unknown>>) => Facts>>;
  /** Resource type -> what is lost with it (`a database`, `an encryption key`): what holds data, or opens it. */
  readonly keeps: Readonly<Record<string, string>>;
  /** Resource type -> inputs (`a.b`) that make a new one where they change: few, each as the provider documents it. */
  readonly replacedBy: Readonly<Record<string, readonly string[]>>;
  /** Function token -> an answer of the right shape, for reads that only a real account could answer. */
  readonly reads: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
