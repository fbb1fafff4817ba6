import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Secret } from "@pulumi/kubernetes/core/v1/secret.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { extensions, parametersFor } from "../../config/postgres.js";
import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster, Database, SecretRef, SecretStore, StorePods, Tls } from "../../providers/contract.js";
import { OPERATOR_NAMESPACE } from "../addons/cloudnative-pg.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { bootstrapPods } from "./bootstrap/job.js";
import { measurersOf, renderStorePolicy } from "./policies.js";

const DATABASE = "agents";
const OWNER = "agents_owner";
const PORT = 5432;

export interface PostgresArgs {
  /** The key in the settings' map. */
  readonly key: string;
  readonly settings: InMode<DatabaseSettings, "inCluster">;
  readonly stack: Settings;
  readonly cluster: Cluster;
  readonly secrets: SecretStore;
  /** Where it runs; made once for all in-cluster stores. */
  readonly namespace: pulumi.Input<string>;
  /** The CloudNativePG operator: the database is one of its custom resources. */
  readonly operator: pulumi.Resource;
}

/**
 * PostgreSQL in the cluster, run by CloudNativePG: a primary, a standby that takes over by itself where high
 * availability is asked for, and read replicas, each with a volume of its own. Connections without TLS are refused.
 * It has no backups beyond its volumes. The default (small, development) is one pod of 2 cores and 4 GiB with a
 * volume of 20 GiB.
 */
export class PostgresCluster extends pulumi.ComponentResource implements Database {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly name: pulumi.Output<string>;
  public readonly readHosts: pulumi.Output<string[]>;
  public readonly tls: Tls;
  public readonly owner: SecretRef;
  public readonly cidrs: pulumi.Output<string[]>;
  public readonly pods: StorePods;
  /** `NAMESPACE/NAME` of the Cluster object. */
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, args: PostgresArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:stores:Postgres", name, {}, opts);
    const login = createLogin(name, this);
    this.owner = args.secrets.put(`${name}-owner`, login, { parent: this });
    const secret = createInitSecret(name, login, args, this);
    new NetworkPolicy(name, policyOf(name, args), inside(args.cluster, this));
    const cluster = createCluster(name, secret.metadata.name, args, this);
    const ca = readCa(name, cluster, args, this);

    const service = (role: "rw" | "ro") =>
      pulumi.interpolate`${cluster.metadata.name}-${role}.${cluster.metadata.namespace}.svc`;
    this.host = service("rw");
    this.port = pulumi.output(PORT);
    this.name = pulumi.output(DATABASE);
    this.readHosts = pulumi.all([service(instancesOf(args.settings) > 1 ? "ro" : "rw")]);
    this.tls = { ca };
    this.cidrs = pulumi.output([]);
    // A label that the operator gives to every pod of a cluster.
    this.pods = { namespace: pulumi.output(args.namespace), labels: podLabelsOf(name) };
    this.identity = pulumi.interpolate`${cluster.metadata.namespace}/${cluster.metadata.name}`;
    this.registerOutputs({ host: this.host, port: this.port, name: this.name });
  }
}

const podLabelsOf = (name: string) => ({ "cnpg.io/cluster": name });

/** The operator asks each instance how it is, and instances ask each other; what they are told they read by the API. */
const policyOf = (name: string, { key, namespace, stack }: PostgresArgs) =>
  renderStorePolicy({
    name,
    namespace,
    labels: podLabelsOf(name),
    port: PORT,
    clients: stack.prefix,
    neighbours: [bootstrapPods],
    measuredBy: measurersOf("postgres", key, stack),
    operator: { namespace: OPERATOR_NAMESPACE, port: 8000 },
    callsOut: true,
  });

type Login = Readonly<Record<"username" | "password", pulumi.Input<string>>>;

const createLogin = (name: string, parent: PostgresCluster): Login => ({
  username: OWNER,
  password: new random.RandomPassword(`${name}-owner`, { length: 32, special: false }, { parent }).result,
});

/** The operator reads the owner's password from beside the database; pods read theirs from the store. */
const createInitSecret = (name: string, login: Login, { cluster, namespace }: PostgresArgs, parent: PostgresCluster) =>
  new Secret(
    `${name}-initdb`,
    {
      metadata: { name: `${name}-initdb`, namespace, labels: { "cnpg.io/reload": "true" } },
      type: "kubernetes.io/basic-auth",
      stringData: { ...login },
    },
    inside(cluster, parent),
  );

function createCluster(name: string, secret: pulumi.Input<string>, args: PostgresArgs, parent: PostgresCluster) {
  const { settings, stack, cluster, namespace, operator } = args;
  return new CustomResource(
    name,
    {
      ...renderPostgres({
        name,
        namespace,
        settings,
        secret,
        image: imageOf(images.postgres[settings.version], stack.mirror.images),
        storageClass: cluster.storageClasses.ssd,
      }),
    },
    {
      ...inside(cluster, parent),
      protect: stack.deletionProtection,
      // The kind exists, and its webhook answers, only once the operator runs.
      dependsOn: [operator],
      customTimeouts: { create: "20m", update: "60m", delete: "10m" },
    },
  );
}

/**
 * The operator makes a CA for each cluster and keeps it in a Secret beside it. Its id follows from the cluster's, which
 * a first preview does not know: the read waits until there is something to read. The Secret holds the CA's key as
 * well, which the state then has, encrypted as every Secret is.
 */
function readCa(
  name: string,
  cluster: CustomResource,
  args: PostgresArgs,
  parent: PostgresCluster,
): pulumi.Output<string> {
  const secret = Secret.get(
    `${name}-ca`,
    cluster.id.apply((id) => `${id}-ca`),
    { parent, provider: args.cluster.provider },
  );
  const certificate = secret.data.apply((data) => {
    const encoded = data["ca.crt"];
    if (encoded === undefined) throw new Error(`${name}: the Secret ${name}-ca has no ca.crt`);
    return Buffer.from(encoded, "base64").toString("utf8");
  });
  // A certificate is public, and what mounts it is no Secret.
  return pulumi.unsecret(certificate);
}

const instancesOf = ({ highAvailability, replicas }: InMode<DatabaseSettings, "inCluster">): number =>
  1 + (highAvailability ? 1 : 0) + replicas;

export interface PostgresSpec {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly settings: InMode<DatabaseSettings, "inCluster">;
  /** The Secret with the owner's name and password. */
  readonly secret: pulumi.Input<string>;
  readonly image: string;
  /** The cluster's default class where undefined. */
  readonly storageClass: pulumi.Input<string> | undefined;
}

/** The Cluster object of CloudNativePG 1.30. */
export function renderPostgres({ name, namespace, settings, secret, image, storageClass }: PostgresSpec) {
  const memory = `${settings.memory}Gi`;
  const instances = instancesOf(settings);
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "Cluster",
    metadata: {
      name,
      namespace,
      // Without it Pulumi would go on as soon as the object is written, minutes before the database answers.
      annotations: { "pulumi.com/waitFor": "condition=Ready" },
    },
    spec: {
      instances,
      imageName: image,
      enableSuperuserAccess: false,
      enablePDB: instances > 1,
      primaryUpdateStrategy: "unsupervised",
      // What is under way may end. Pools never hang up: the operator's 180 seconds would all pass, and nobody gets a
      // new connection for as long.
      smartShutdownTimeout: 10,
      // It starts in two seconds, and nobody may call it until that is seen: the operator would look every ten.
      probes: { startup: { periodSeconds: 2 } },
      storage: { size: `${settings.storage}Gi`, ...(storageClass === undefined ? {} : { storageClass }) },
      resources: { requests: { cpu: String(settings.cpu), memory }, limits: { memory } },
      affinity: {
        enablePodAntiAffinity: true,
        podAntiAffinityType: "preferred",
        topologyKey: "topology.kubernetes.io/zone",
      },
      bootstrap: {
        initdb: {
          database: DATABASE,
          owner: OWNER,
          secret: { name: secret },
          dataChecksums: true,
          // Only a superuser may create them (pgvector is not marked as trusted), and nobody here is one.
          postInitApplicationSQL: extensions.map((extension) => `CREATE EXTENSION IF NOT EXISTS "${extension}"`),
        },
      },
      // The owner makes the services' roles.
      managed: {
        roles: [{ name: OWNER, ensure: "present", login: true, createrole: true, passwordSecret: { name: secret } }],
      },
      postgresql: {
        ...postgresqlOf(settings),
        // The operator's own rules come first and its last one would let anyone in without TLS.
        pg_hba: ["hostssl all all all scram-sha-256", "hostnossl all all all reject"],
        // A failover loses nothing; with no standby there, writes go on.
        ...(settings.highAvailability
          ? { synchronous: { method: "any", number: 1, dataDurability: "preferred" } }
          : {}),
      },
    },
  };
}

const MIB_PER_GIB = 1024;

/** PostgreSQL's own defaults are for 128 MiB of memory; a cloud's service sets these by itself. */
function postgresqlOf({ memory, parameters: own }: InMode<DatabaseSettings, "inCluster">) {
  const all: Readonly<Record<string, string>> = {
    shared_buffers: `${(memory * MIB_PER_GIB) / 4}MB`,
    effective_cache_size: `${(memory * MIB_PER_GIB * 3) / 4}MB`,
    ...parametersFor(memory, own),
  };
  const { shared_preload_libraries = "", ...parameters } = all;
  // The webhook refuses it among the parameters, and the operator adds pg_stat_statements where a parameter of it is set.
  const libraries = shared_preload_libraries
    .split(",")
    .map((library) => library.trim())
    .filter((library) => library !== "" && library !== "pg_stat_statements");
  return { parameters, ...(libraries.length === 0 ? {} : { shared_preload_libraries: libraries }) };
}
