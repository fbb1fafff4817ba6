import { Configuration } from "@pulumi/azure-native/dbforpostgresql/configuration.js";
import { Database as PostgresDatabase } from "@pulumi/azure-native/dbforpostgresql/database.js";
import { Server, type ServerArgs } from "@pulumi/azure-native/dbforpostgresql/server.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { isCareful } from "../../config/names.js";
import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Database, DatabaseArgs, SecretRef, Tls } from "../contract.js";
import { primaryOf } from "../primary.js";
import type { AzureGround } from "./ground.js";
import { createLock } from "./lock.js";
import { createWorkspace } from "./observe.js";
import { diskOf } from "./postgres-disk.js";
import { createDoor, type Door } from "./postgres-door.js";
import { azureParameters } from "./postgres-parameters.js";
import { databaseSku, databaseTier, type Sku } from "./sizes.js";
import { tagsFor } from "./tags.js";
import { zonesOf } from "./zones.js";

export interface AzureDatabaseArgs extends DatabaseArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

type Managed = InMode<DatabaseSettings, "managed">;
type Replica = InMode<DatabaseSettings, "replica">;

const PORT = 5432;
const DATABASE = "agents";
/** `admin` and `postgres` are reserved or taken. */
const OWNER = "agents_owner";
/** A standby in a second zone takes a quarter of an hour to make, a copy of a large database hours. */
const TIMEOUTS = { create: "120m", update: "120m", delete: "60m" };
/** Each parameter is an operation on the whole server. */
const STEP_TIMEOUTS = { create: "30m", update: "30m", delete: "30m" };

/**
 * PostgreSQL as a flexible server inside the network: without a public address, TLS only, encrypted with Azure's keys,
 * backed up to the second, its password in the secret store. In `replica` mode a read-only copy of another stack's
 * database instead, which may be in another region: the two networks must be peered, and the copy has no backups and no
 * standby until it is promoted (`az postgres flexible-server replica promote`).
 *
 * Azure keeps no backup of a server that is deleted: what guards a protected one is the lock on it. It also changes one
 * thing of a server at a time, so parameters, database and replicas follow one another.
 *
 * - A disk that has grown by itself is not made smaller again: an `up` that changes the server then wants its new size
 *   in `storage`.
 * - Replicas must be as large as their primary at any time, and a new major version wants none: take them away
 *   (`replicas: 0`), change the primary, and bring them back.
 *
 * Costs by the hour of the size in `sizes.ts`: small is a Standard_B2s with 32 GiB, about 60 USD a month; twice the
 * price of its size with a standby in a second zone, and once more for each read replica. Logs cost 2.30 to 2.80 USD a
 * GiB.
 */
export class AzureDatabase extends pulumi.ComponentResource implements Database {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly name: pulumi.Output<string>;
  public readonly readHosts: pulumi.Output<string[]>;
  /** Its certificates are signed by public roots: DigiCert Global Root G2, or Microsoft RSA Root 2017. */
  public readonly tls: Tls = "system";
  public readonly owner: SecretRef;
  public readonly cidrs: pulumi.Output<string[]>;
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, args: AzureDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Database", name, {}, opts);
    const { settings } = args;
    const child = { parent: this };

    const door = createDoor(name, args, child);
    const made =
      settings.mode === "managed"
        ? createPrimary(name, args, settings, door, this)
        : createFollower(name, args, settings, door, this);
    createLock(name, { stack: args.stack, scope: made.server.id, what: `Database ${args.key}` }, child);
    keepLogs(name, args, [made.server, ...made.replicas], child);

    this.host = made.server.fullyQualifiedDomainName;
    this.port = pulumi.output(PORT);
    this.name = made.name;
    this.readHosts = pulumi.output(readersOf(made).map(({ fullyQualifiedDomainName }) => fullyQualifiedDomainName));
    this.owner = made.owner;
    this.cidrs = args.network.dataCidrs;
    this.identity = made.server.id;
    this.registerOutputs({ host: this.host, port: this.port, name: this.name, identity: this.identity });
  }
}

interface Made {
  readonly server: Server;
  readonly replicas: readonly Server[];
  readonly name: pulumi.Output<string>;
  readonly owner: SecretRef;
}

const readersOf = ({ server, replicas }: Made): readonly Server[] => (replicas.length === 0 ? [server] : replicas);

function createPrimary(
  name: string,
  args: AzureDatabaseArgs,
  settings: Managed,
  door: Door,
  parent: AzureDatabase,
): Made {
  const child = { parent };
  const password = createPassword(name, child);
  const owner = args.secrets.put(`${name}-owner`, { username: OWNER, password: password.result }, child);
  const server = createServer(name, args, settings, door, password.result, child);
  const parameters = createParameters(name, args, settings, server, child);
  const database = createDatabase(name, args, server, { ...child, dependsOn: parameters });
  const replicas = createReplicas(name, args, settings, door, server, database, child);
  return {
    server,
    replicas,
    // Through the database, so that whoever connects finds it, and every parameter set.
    name: database.id.apply(() => DATABASE),
    owner,
  };
}

function createFollower(
  name: string,
  args: AzureDatabaseArgs,
  settings: Replica,
  door: Door,
  parent: AzureDatabase,
): Made {
  const { key, stack } = args;
  const child = { parent };
  const primary = primaryOf(name, key, settings, stack, parent);
  const server = createCopy(name, args, settings, door, primary.identity, child);
  return {
    server,
    replicas: [],
    name: primary.name,
    owner: primary.owner,
  };
}

/** Letters and digits only: the password goes into URLs. Azure wants three kinds of them. */
function createPassword(name: string, opts: pulumi.CustomResourceOptions): random.RandomPassword {
  return new random.RandomPassword(
    `${name}-owner`,
    { length: 32, special: false, minLower: 1, minUpper: 1, minNumeric: 1 },
    opts,
  );
}

/** GiB. Azure gives the one size below it fewer connections than pools are held against. */
const LEAST_MEMORY = 4;

/** `replicas` counts a copy too: neither a primary with replicas nor a replica may be of the cheapest tier. */
function skuOf({ key, settings, stack }: AzureDatabaseArgs, replicas: number): Sku {
  const { cpu, memory, highAvailability } = settings;
  const name = stack.azure.machineTypes[`databases.${key}`];
  if (name !== undefined) return { name, tier: databaseTier(name) };
  return databaseSku(cpu, Math.max(memory, LEAST_MEMORY), { highAvailability, replicas });
}

/** What is the same for a primary and for every copy of it. */
const common = (name: string, { settings, stack, ground }: AzureDatabaseArgs, door: Door) =>
  ({
    resourceGroupName: ground.resourceGroup,
    location: ground.location,
    network: door.network,
    maintenanceWindow: windowOf(settings.maintenanceWindow),
    tags: tagsFor(stack, name),
  }) satisfies ServerArgs;

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** `Sun:04:30-05:30` as Azure has it: the begin alone, to the minute. */
const windowOf = (window: string) => ({
  customWindow: "Enabled",
  dayOfWeek: days.indexOf(window.slice(0, 3)),
  startHour: Number(window.slice(4, 6)),
  startMinute: Number(window.slice(7, 9)),
});

/** After a failover the two have changed places, and Azure would refuse to change them back. */
const PLACES = ["availabilityZone", "highAvailability.standbyAvailabilityZone"];

function createServer(
  name: string,
  args: AzureDatabaseArgs,
  settings: Managed,
  door: Door,
  password: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): Server {
  const { stack } = args;
  const [zone, standbyZone] = zonesOf(stack);
  return new Server(
    name,
    {
      ...common(name, args, door),
      version: settings.version,
      administratorLogin: OWNER,
      administratorLoginPassword: password,
      authConfig: { passwordAuth: "Enabled", activeDirectoryAuth: "Disabled" },
      sku: skuOf(args, settings.replicas),
      storage: diskOf(settings, stack.azure.databaseDisk),
      backup: {
        backupRetentionDays: settings.backup.retentionDays,
        // Decided when the server is made, for good. With it a lost region does not take the backups along.
        geoRedundantBackup: isCareful(stack.environment) ? "Enabled" : "Disabled",
      },
      ...(zone === undefined ? {} : { availabilityZone: zone }),
      highAvailability: settings.highAvailability
        ? {
            mode: "ZoneRedundant",
            ...(standbyZone === undefined ? {} : { standbyAvailabilityZone: standbyZone }),
          }
        : { mode: "Disabled" },
    },
    {
      ...opts,
      protect: stack.deletionProtection,
      dependsOn: door.link,
      ignoreChanges: PLACES,
      customTimeouts: TIMEOUTS,
    },
  );
}

/**
 * One after the other: a server that is changed refuses the next change. They go with the server; one alone that is
 * taken away falls back to Azure's value.
 */
function createParameters(
  name: string,
  { ground }: AzureDatabaseArgs,
  { memory, parameters }: Managed,
  server: Server,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return Object.entries(azureParameters(memory, parameters)).reduce<pulumi.Resource>(
    (before, [configurationName, value]) =>
      new Configuration(
        `${name}-${configurationName.replace(/[._]/g, "-")}`,
        {
          resourceGroupName: ground.resourceGroup,
          serverName: server.name,
          configurationName,
          value,
          source: "user-override",
        },
        { ...opts, dependsOn: before, deletedWith: server, customTimeouts: STEP_TIMEOUTS },
      ),
    server,
  );
}

function createDatabase(
  name: string,
  { stack, ground }: AzureDatabaseArgs,
  server: Server,
  opts: pulumi.CustomResourceOptions,
): PostgresDatabase {
  return new PostgresDatabase(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      serverName: server.name,
      databaseName: DATABASE,
      charset: "UTF8",
      collation: "en_US.utf8",
    },
    { ...opts, protect: stack.deletionProtection, deletedWith: server, customTimeouts: STEP_TIMEOUTS },
  );
}

/**
 * Read replicas beside the primary: its subnet, its parameters, its roles. They hold nothing that it has not. One after
 * the other: the primary is busy while it gets one.
 */
function createReplicas(
  name: string,
  args: AzureDatabaseArgs,
  settings: Managed,
  door: Door,
  server: Server,
  after: pulumi.Resource,
  opts: pulumi.CustomResourceOptions,
): readonly Server[] {
  const made: Server[] = [];
  for (let number = 1; number <= settings.replicas; number += 1) {
    const replica = `${name}-replica-${number}`;
    const follower = new Server(
      replica,
      {
        ...common(replica, args, door),
        createMode: "Replica",
        sourceServerResourceId: server.id,
        sku: skuOf(args, settings.replicas),
        storage: diskOf(settings, args.stack.azure.databaseDisk),
      },
      { ...opts, dependsOn: made.at(-1) ?? after, ignoreChanges: PLACES, customTimeouts: TIMEOUTS },
    );
    made.push(follower);
  }
  return made;
}

/** The copy of another stack's database: its disk is as large as the source's. */
function createCopy(
  name: string,
  args: AzureDatabaseArgs,
  settings: Replica,
  door: Door,
  source: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): Server {
  return new Server(
    name,
    {
      ...common(name, { ...args, settings }, door),
      createMode: "Replica",
      sourceServerResourceId: source,
      sku: skuOf(args, 1),
    },
    {
      ...opts,
      protect: args.stack.deletionProtection,
      dependsOn: door.link,
      ignoreChanges: PLACES,
      customTimeouts: TIMEOUTS,
    },
  );
}

/** Where the cluster is somebody else's, nobody says how long; 30 days is the least that is kept. */
const daysOf = ({ cluster }: Settings): number => (cluster.mode === "managed" ? cluster.logRetentionDays : 30);

/** Slow queries, refused logins and what else the parameters have the servers write down. */
function keepLogs(
  name: string,
  { stack, ground }: AzureDatabaseArgs,
  servers: readonly Server[],
  opts: pulumi.CustomResourceOptions,
): void {
  const workspace = createWorkspace(`${name}-logs`, daysOf(stack), stack, ground, opts);
  servers.forEach((server, index) => {
    new DiagnosticSetting(
      index === 0 ? `${name}-logs` : `${name}-replica-${index}-logs`,
      {
        resourceUri: server.id,
        workspaceId: workspace.id,
        // A table with columns of its own costs less to search.
        logAnalyticsDestinationType: "Dedicated",
        logs: [{ category: "PostgreSQLLogs", enabled: true }],
      },
      opts,
    );
  });
}
