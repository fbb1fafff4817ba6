import { Database as SqlDatabase } from "@pulumi/gcp/sql/database.js";
import { DatabaseInstance, type DatabaseInstanceArgs } from "@pulumi/gcp/sql/databaseInstance.js";
import { User } from "@pulumi/gcp/sql/user.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Database, DatabaseArgs, SecretRef, Tls } from "../contract.js";
import { primaryOf } from "../primary.js";
import { backupsOf, commonSettings, grownDisk, growthOf, maintenanceOf } from "./database-settings.js";
import { keepsCopies } from "./datastore.js";
import { createEndpoint } from "./endpoint.js";
import { flagsFor } from "./flags.js";
import type { GcpGround } from "./ground.js";
import { GcpKey } from "./key.js";

export interface GcpDatabaseArgs extends DatabaseArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Managed = InMode<DatabaseSettings, "managed">;
type Replica = InMode<DatabaseSettings, "replica">;

const PORT = 5432;
const DATABASE = "agents";
/** `postgres` and names that begin with `cloudsql` are taken. */
const OWNER = "agents_owner";
/** A standby in a second zone takes up to 40 minutes to make, and a copy of much data longer. */
const TIMEOUTS = { create: "90m", update: "120m", delete: "90m" };

/**
 * PostgreSQL on Cloud SQL: private, encrypted with a key of its own, TLS only, backed up to the second, its password in
 * the secret store. Clients come in by an endpoint in the data subnet and know the server by its own name, which is in
 * its certificate. In `replica` mode a read-only copy of another stack's database instead, which may be in another region.
 *
 * Backups are kept by their number, one a day. The logs between them stay for 7 days at most, or 35 on the edition
 * Enterprise Plus: what is older can be restored to a backup, not to a second. Backups stay in the region.
 *
 * Changes that need a restart come at once: Cloud SQL has no waiting for the maintenance window.
 *
 * Costs by the hour of the tier in `sizes.ts`: small is 2 cores with 4 GiB and 20 GiB of disk, about 85 USD a month, with
 * 8 USD for the endpoint; twice that with a standby in a second zone, and once more for each read replica.
 */
export class GcpDatabase extends pulumi.ComponentResource implements Database {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly name: pulumi.Output<string>;
  public readonly readHosts: pulumi.Output<string[]>;
  public readonly tls: Tls;
  public readonly owner: SecretRef;
  public readonly cidrs: pulumi.Output<string[]>;
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, args: GcpDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Database", name, {}, opts);
    const { settings, network } = args;
    const key = createKey(name, args, { parent: this });
    const made =
      settings.mode === "managed"
        ? createPrimary(name, args, settings, key, this)
        : createFollower(name, args, settings, key, this);

    this.host = made.host;
    this.port = pulumi.output(PORT);
    this.name = made.name;
    this.readHosts = made.readHosts;
    this.tls = { ca: authoritiesOf(made.instances) };
    this.owner = made.owner;
    this.cidrs = network.dataCidrs;
    this.identity = made.identity;
    this.registerOutputs({ host: this.host, port: this.port, name: this.name, identity: this.identity });
  }
}

type Made = Pick<Database, "host" | "name" | "readHosts" | "owner" | "identity"> & {
  readonly instances: readonly DatabaseInstance[];
};

function createPrimary(name: string, args: GcpDatabaseArgs, settings: Managed, key: GcpKey, parent: GcpDatabase): Made {
  const child = { parent };
  const password = createPassword(name, child);
  const owner = args.secrets.put(`${name}-owner`, { username: OWNER, password: password.result }, child);
  const instance = createInstance(name, args, settings, key, child);
  const host = createEndpoint(name, { ...args, instance }, child);
  const database = createDatabase(name, instance, args, child);
  createOwner(name, instance, password.result, args, child);
  const replicas = createReplicas(name, args, settings, instance, child);
  return {
    host,
    // Through the database, so that nobody connects to one that is not there yet.
    name: database.name,
    readHosts: pulumi.output(replicas.length === 0 ? [host] : replicas.map((replica) => replica.host)),
    owner,
    identity: instance.name,
    instances: [instance, ...replicas.map((replica) => replica.instance)],
  };
}

function createFollower(
  name: string,
  args: GcpDatabaseArgs,
  settings: Replica,
  key: GcpKey,
  parent: GcpDatabase,
): Made {
  const child = { parent };
  const primary = primaryOf(name, args.key, settings, args.stack, parent);
  const { version, identity: source } = primary;
  const instance = createCopy(name, args, settings, { key, version, source }, child);
  const host = createEndpoint(name, { ...args, instance }, child);
  return {
    host,
    name: primary.name,
    readHosts: pulumi.output([host]),
    owner: primary.owner,
    identity: instance.name,
    instances: [instance],
  };
}

const createKey = (
  name: string,
  { key, stack, ground }: GcpDatabaseArgs,
  opts: pulumi.ComponentResourceOptions,
): GcpKey =>
  new GcpKey(
    `${name}-key`,
    {
      stack,
      ground,
      purpose: `Database ${key} of ${stack.prefix}`,
      agent: "sqladmin",
      outlives: keepsCopies(stack),
    },
    opts,
  );

/** Letters and digits only: the password goes into URLs. */
function createPassword(name: string, opts: pulumi.CustomResourceOptions): random.RandomPassword {
  return new random.RandomPassword(`${name}-owner`, { length: 32, special: false }, opts);
}

/** What servers check themselves with: each PEM once, for servers of a region share it. */
const authoritiesOf = (instances: readonly DatabaseInstance[]): pulumi.Output<string> =>
  pulumi
    // Public by nature: the provider calls all that it knows of a certificate secret.
    .all(instances.map(({ serverCaCerts }) => pulumi.unsecret(serverCaCerts)))
    .apply((all) => [...new Set(all.flat().map(({ cert }) => cert.trim()))].map((pem) => `${pem}\n`).join(""));

/**
 * Its name is left to Pulumi, which ends it in chance: Cloud SQL keeps the name of a deleted server for a week.
 * https://cloud.google.com/sql/docs/postgres/delete-instance
 */
function createInstance(
  name: string,
  args: GcpDatabaseArgs,
  settings: Managed,
  key: GcpKey,
  opts: pulumi.CustomResourceOptions,
): DatabaseInstance {
  const { stack, ground } = args;
  const locked = stack.deletionProtection;
  const flags = flagsFor(settings.memory, settings.parameters);
  return new DatabaseInstance(
    name,
    {
      project: ground.project("sqladmin"),
      region: stack.region,
      databaseVersion: `POSTGRES_${settings.version}`,
      // Said, because a copy that becomes a server of its own is known by the change.
      instanceType: "CLOUD_SQL_INSTANCE",
      encryptionKeyName: key.id,
      settings: {
        ...commonSettings(name, args, { flags, standby: settings.highAvailability, locked }),
        diskSize: settings.storage,
        ...growthOf(settings),
        backupConfiguration: backupsOf(args, settings),
        maintenanceWindow: maintenanceOf(args, settings),
        retainBackupsOnDelete: keepsCopies(stack),
        ...(keepsCopies(stack)
          ? { finalBackupConfig: { enabled: true, retentionDays: settings.backup.retentionDays } }
          : {}),
      },
      // The lock in Pulumi's state, beside the one in the service.
      deletionProtection: locked,
    },
    { ...opts, protect: locked, ignoreChanges: grownDisk(settings), customTimeouts: TIMEOUTS },
  );
}

/** PostgreSQL drops no database that somebody is connected to; it goes with its server. */
function createDatabase(
  name: string,
  instance: DatabaseInstance,
  { ground }: GcpDatabaseArgs,
  opts: pulumi.CustomResourceOptions,
): SqlDatabase {
  return new SqlDatabase(
    name,
    { project: ground.project("sqladmin"), instance: instance.name, name: DATABASE, deletionPolicy: "ABANDON" },
    opts,
  );
}

/** PostgreSQL drops no role that owns something; it goes with its server. */
function createOwner(
  name: string,
  instance: DatabaseInstance,
  password: pulumi.Output<string>,
  { ground }: GcpDatabaseArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  new User(
    `${name}-owner`,
    {
      project: ground.project("sqladmin"),
      instance: instance.name,
      name: OWNER,
      password,
      deletionPolicy: "ABANDON",
    },
    opts,
  );
}

interface MadeReplica {
  readonly instance: DatabaseInstance;
  readonly host: pulumi.Output<string>;
}

/**
 * Read replicas beside the primary, encrypted with its key, each with a door of its own. They hold nothing that it has
 * not, so nothing locks them. Maintenance comes to them with the primary's.
 */
function createReplicas(
  name: string,
  args: GcpDatabaseArgs,
  settings: Managed,
  primary: DatabaseInstance,
  opts: pulumi.CustomResourceOptions,
): readonly MadeReplica[] {
  const { stack, ground } = args;
  const flags = flagsFor(settings.memory, settings.parameters);
  return Array.from({ length: settings.replicas }, (_, index) => {
    const replica = `${name}-replica-${index + 1}`;
    const instance = new DatabaseInstance(
      replica,
      {
        ...replicaOf(ground, stack, primary.name),
        databaseVersion: `POSTGRES_${settings.version}`,
        settings: {
          ...commonSettings(replica, args, { flags, standby: false, locked: false }),
          ...growthOf(settings),
        },
        deletionProtection: false,
      },
      {
        ...opts,
        // Cloud SQL gives it the primary's key, and a key that the settings do not say would be a reason to make it anew.
        // https://github.com/hashicorp/terraform-provider-google/issues/11269
        ignoreChanges: ["encryptionKeyName"],
        customTimeouts: TIMEOUTS,
      },
    );
    return { instance, host: createEndpoint(replica, { ...args, instance }, opts) };
  });
}

const replicaOf = (ground: GcpGround, stack: Settings, source: pulumi.Input<string>) =>
  ({
    project: ground.project("sqladmin"),
    region: stack.region,
    instanceType: "READ_REPLICA_INSTANCE",
    masterInstanceName: source,
  }) satisfies Partial<DatabaseInstanceArgs>;

interface CopyParts {
  readonly key: GcpKey;
  readonly version: pulumi.Output<string>;
  /** Name of the primary. */
  readonly source: pulumi.Output<string>;
}

/**
 * The copy of another stack's database, in the same project. Taking the mode away promotes it to one of its own, with
 * backups: Cloud SQL makes none of a copy, and no maintenance window either.
 */
function createCopy(
  name: string,
  args: GcpDatabaseArgs,
  settings: Replica,
  { key, version, source }: CopyParts,
  opts: pulumi.CustomResourceOptions,
): DatabaseInstance {
  const { stack, ground } = args;
  const locked = stack.deletionProtection;
  const flags = flagsFor(settings.memory, {});
  return new DatabaseInstance(
    name,
    {
      ...replicaOf(ground, stack, source),
      databaseVersion: pulumi.interpolate`POSTGRES_${version}`,
      // A key works in its own region only, so what comes from another is encrypted anew.
      encryptionKeyName: key.id,
      settings: {
        ...commonSettings(name, args, { flags, standby: settings.highAvailability, locked }),
        // It must be able to grow with its source.
        diskAutoresize: true,
      },
      deletionProtection: locked,
    },
    { ...opts, protect: locked, customTimeouts: TIMEOUTS },
  );
}
