import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ServiceSettings } from "../../config/service-schema.js";
import { keysUsed, roleName, runsHere, type UsedPart } from "../../config/uses.js";
import type { Bucket, Cache, Cloud, Cluster, Identity, SecretRef, SecretStore } from "../../providers/contract.js";
import { inside } from "../inside.js";

export interface ServiceAccessArgs {
  /** The service's key in the settings. */
  readonly service: string;
  readonly settings: ServiceSettings;
  readonly cloud: Cloud;
  readonly cluster: Cluster;
  /** Where the service's pods run. */
  readonly namespace: pulumi.Input<string>;
  readonly secretStore: SecretStore;
  /** The stack's own secrets by name, as the store keeps them: of these it gets those that it names. */
  readonly secrets: Readonly<Record<string, SecretRef>>;
  /** What is made for it alone, by the variables that hand it over. */
  readonly keys: Readonly<Record<string, SecretRef>>;
  /** Another deployment of the same image, whose database roles it has; otherwise it has its own. */
  readonly sharesWith: Pick<ServiceAccess, "roles"> | undefined;
  readonly caches: Readonly<Record<string, Cache>>;
  readonly buckets: Readonly<Record<string, Bucket>>;
}

/**
 * What a service may reach, and who it is: an identity of its own towards the cloud, a database role and password of
 * its own for each database that it uses, and exactly the secrets that it names. Costs a secret for each database.
 */
export class ServiceAccess extends pulumi.ComponentResource {
  public readonly serviceAccount: ServiceAccount;
  public readonly identity: Identity;
  /** The service's role in each database it uses, by the database's key: `{"username": ..., "password": ...}`. */
  public readonly roles: Readonly<Record<string, SecretRef>>;
  public readonly secrets: Readonly<Record<string, SecretRef>>;
  /** What its image is pulled with. */
  public readonly pullSecret: SecretRef | undefined;
  /** All that it may know: its roles and secrets, and what opens its caches and buckets. */
  public readonly entries: readonly SecretRef[];

  constructor(name: string, args: ServiceAccessArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:workload:ServiceAccess", name, {}, opts);
    const keysOf = (part: UsedPart) => keysUsed(args.settings.uses, part);
    const caches = keysOf("caches").flatMap((key) => args.caches[key] ?? []);
    const buckets = keysOf("buckets").flatMap((key) =>
      args.buckets[key] === undefined ? [] : [[key, args.buckets[key]] as const],
    );

    this.roles =
      args.sharesWith?.roles ??
      Object.fromEntries(keysOf("databases").map((key) => [key, createRole(name, key, args, this)]));
    this.secrets = {
      ...Object.fromEntries(Object.entries(args.secrets).filter(([secret]) => args.settings.secrets.includes(secret))),
      ...args.keys,
    };
    const storeKeys = buckets.flatMap(([, { access }]) => (access === "identity" ? [] : [access]));
    const { pullSecret } = args.settings;
    this.pullSecret = pullSecret === undefined ? undefined : args.secrets[pullSecret];
    this.entries = [
      ...Object.values(this.roles),
      ...Object.values(this.secrets),
      ...(this.pullSecret === undefined ? [] : [this.pullSecret]),
      ...caches.flatMap(({ auth }) => (auth === "none" ? [] : [auth])),
      ...storeKeys,
    ];
    this.identity = args.cloud.identity(
      name,
      {
        cluster: args.cluster,
        namespace: args.namespace,
        serviceAccount: args.service,
        store: args.secretStore,
        buckets: Object.fromEntries(buckets.filter(([, { access }]) => access === "identity")),
        // What the platform runs is handed its secrets, and has no right to the store itself.
        secrets: runsHere(args.settings) ? [] : this.entries,
      },
      { parent: this },
    );
    this.serviceAccount = createServiceAccount(name, args, this.identity, this);
    this.registerOutputs({ roles: this.roles, secrets: this.secrets });
  }
}

function createRole(name: string, database: string, args: ServiceAccessArgs, parent: ServiceAccess): SecretRef {
  const password = new random.RandomPassword(`${name}-db-${database}`, { length: 32, special: false }, { parent });
  return args.secretStore.put(
    `${name}-db-${database}`,
    { username: roleName(args.service), password: password.result },
    { parent },
  );
}

/** No token is mounted: a pod that talks to the API server is an exception, and an identity needs none. */
function createServiceAccount(name: string, args: ServiceAccessArgs, identity: Identity, parent: ServiceAccess) {
  return new ServiceAccount(
    name,
    {
      metadata: {
        name: args.service,
        namespace: args.namespace,
        annotations: { ...identity.serviceAccountAnnotations },
      },
      automountServiceAccountToken: false,
    },
    inside(args.cluster, parent),
  );
}
