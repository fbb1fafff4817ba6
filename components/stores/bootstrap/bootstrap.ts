import type { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import { roleName } from "../../../config/uses.js";
import type { Cluster, Database, SecretRef } from "../../../providers/contract.js";
import { contentName } from "../../content-name.js";
import { createExternalSecret } from "../../external-secret.js";
import { inside } from "../../inside.js";
import { peersOf, tcp } from "../../peers.js";
import {
  bootstrapFiles,
  bootstrapPods,
  CA,
  newestVersion,
  type PostgresVersion,
  renderBootstrapJob,
  secretKeys,
} from "./job.js";

export interface DatabaseBootstrapArgs {
  readonly database: Database;
  /** Each service that uses the database: its login, and how many connections its role may have. */
  readonly roles: Readonly<Record<string, { readonly connections: number; readonly login: SecretRef }>>;
  /** Who measures the database: its role, and the entry with its password; nobody by default. */
  readonly exporter?: { readonly role: string; readonly login: SecretRef } | undefined;
  /** By which External Secrets reads the stack's entries. */
  readonly store: CustomResource;
  /** Where the Job runs. */
  readonly namespace: pulumi.Input<string>;
  readonly cluster: Cluster;
  /** Whether the database is for these services alone: then nobody else may connect to it. False for an existing one. */
  readonly exclusive: boolean;
  /**
   * Of psql: the server's own where it runs in the cluster.
   * @default the newest
   */
  readonly version?: PostgresVersion;
  /** Registry that serves every image in place of their own. */
  readonly mirror: string | undefined;
}

/** Longer than the Job's own time limit, so that its error is the one that is seen. */
const TIMEOUT = "25m";

/**
 * Makes what services expect in a database, whichever mode made the server: extensions, a role and a schema for each
 * service, and views for monitoring. It runs once for each change of what it does, and may run again at any time; it
 * drops nothing, so a service that goes leaves its role and its data. Costs nothing but the seconds that it runs.
 */
export class DatabaseBootstrap extends pulumi.ComponentResource {
  /** Done when the database is ready for migrations: what those depend on. */
  public readonly done: pulumi.Resource;

  constructor(name: string, args: DatabaseBootstrapArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:stores:DatabaseBootstrap", name, {}, opts);
    const files = createFiles(name, args, this);
    const secret = createLogins(name, args, this);
    const policy = new NetworkPolicy(name, policyOf(name, args), inside(args.cluster, this));
    this.done = createJob(name, files, secret, args, policy, this);
    this.registerOutputs({});
  }
}

const labelsOf = (name: string): Record<string, string> => ({
  ...bootstrapPods,
  "app.kubernetes.io/instance": name,
});

function createFiles(name: string, args: DatabaseBootstrapArgs, parent: DatabaseBootstrap): ConfigMap {
  const { tls } = args.database;
  const files = bootstrapFiles(args.roles);
  return new ConfigMap(
    name,
    {
      // A name of its own for each content: pods of a Job that is about to go keep what they began with.
      metadata: { name: contentName(name, [files]), namespace: args.namespace, labels: labelsOf(name) },
      data: { ...files, ...(typeof tls === "string" ? {} : { [CA]: tls.ca }) },
    },
    inside(args.cluster, parent),
  );
}

/** The owner's login and the services' passwords. A rotated one is a Secret of another name, and so another Job. */
function createLogins(name: string, args: DatabaseBootstrapArgs, parent: DatabaseBootstrap): pulumi.Output<string> {
  const { cluster, namespace, store, database, roles, exporter } = args;
  const keys = secretKeys(roles);
  const logins = [
    ...Object.entries(roles).map(([service, { login }]) => ({
      key: keys.roles[service] ?? service,
      field: `role_${roleName(service)}`,
      login,
    })),
    ...(exporter === undefined ? [] : [{ key: keys.exporter, field: "exporter", login: exporter.login }]),
  ];
  return createExternalSecret(
    `${name}-logins`,
    name,
    {
      cluster,
      namespace,
      store,
      fields: {
        owner_username: { entry: database.owner, property: "username" },
        owner_password: { entry: database.owner, property: "password" },
        ...Object.fromEntries(logins.map(({ field, login }) => [field, { entry: login, property: "password" }])),
      },
      templates: {
        [keys.owner.username]: "{{ .owner_username }}",
        [keys.owner.password]: "{{ .owner_password }}",
        ...Object.fromEntries(logins.map(({ key, field }) => [key, `{{ .${field} }}`])),
      },
    },
    parent,
  );
}

const policyOf = (name: string, { namespace, database }: DatabaseBootstrapArgs) => ({
  metadata: { name, namespace, labels: labelsOf(name) },
  spec: {
    podSelector: { matchLabels: labelsOf(name) },
    policyTypes: ["Ingress", "Egress"],
    ingress: [],
    egress: [{ to: peersOf(database), ports: tcp(database.port) }],
  },
});

const createJob = (
  name: string,
  files: ConfigMap,
  secret: pulumi.Output<string>,
  args: DatabaseBootstrapArgs,
  policy: NetworkPolicy,
  parent: DatabaseBootstrap,
): Job =>
  new Job(
    name,
    renderBootstrapJob({
      // Another name is another Job: it runs again when what it does changes, and at no other time.
      name: secret.apply((logins) => contentName(name, [bootstrapFiles(args.roles), args.exclusive, logins])),
      namespace: args.namespace,
      labels: labelsOf(name),
      version: args.version ?? newestVersion,
      mirror: args.mirror,
      database: args.database,
      roles: args.roles,
      exporter: args.exporter?.role,
      exclusive: args.exclusive,
      files: files.metadata.name,
      secret,
    }),
    {
      ...inside(args.cluster, parent),
      // A pod waits for a node, which nothing in it names, and calls nobody before it may.
      dependsOn: [...args.cluster.ready, policy],
      customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: "5m" },
    },
  );
