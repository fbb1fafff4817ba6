import type { SecurityGroup } from "@pulumi/aws/ec2/securityGroup.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import { Instance, type InstanceArgs } from "@pulumi/aws/rds/instance.js";
import { ParameterGroup } from "@pulumi/aws/rds/parameterGroup.js";
import { SubnetGroup } from "@pulumi/aws/rds/subnetGroup.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { parametersFor, staticParameters } from "../../config/postgres.js";
import type { DatabaseSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Database, DatabaseArgs, SecretRef, Tls } from "../contract.js";
import { primaryOf } from "../primary.js";
import { createDoor, finalSnapshotName, keepsCopies, weeklyWindow } from "./datastore.js";
import { AwsKey } from "./key.js";
import { rdsAuthority, rdsRoot } from "./rds-roots.js";
import { databaseClass } from "./sizes.js";
import { tagsFor } from "./tags.js";

export interface AwsDatabaseArgs extends DatabaseArgs {
  readonly stack: Settings;
}

type Managed = InMode<DatabaseSettings, "managed">;
type Replica = InMode<DatabaseSettings, "replica">;

const PORT = 5432;
const DATABASE = "agents";
/** `admin` and `postgres` are reserved or taken; RDS takes 16 characters. */
const OWNER = "agents_owner";
/** Days of performance history; the longest that costs nothing. */
const INSIGHTS_DAYS = 7;
/** Seconds between two readings of the operating system. */
const MONITORING_SECONDS = 60;
/** A standby in a second zone takes up to 40 minutes to make, and a large one longer to change. */
const TIMEOUTS = { create: "90m", update: "120m", delete: "90m" };

/**
 * PostgreSQL on RDS: private, encrypted with a key of its own, TLS only, backed up to the second, its password in the
 * secret store. In `replica` mode a read-only copy of another stack's database instead, which may be in another region.
 *
 * Settings of PostgreSQL are the platform's own (`config/postgres.ts`), so that pools can be held against them. A
 * change that needs a restart waits for the maintenance window where the stack is protected and comes at once elsewhere.
 *
 * Costs by the hour of the class in `sizes.ts`: small is a db.t4g.medium with 20 GiB, about 60 USD a month; twice that
 * with a standby in a second zone, and once more for each read replica.
 */
export class AwsDatabase extends pulumi.ComponentResource implements Database {
  public readonly host: pulumi.Output<string>;
  public readonly port: pulumi.Output<number>;
  public readonly name: pulumi.Output<string>;
  public readonly readHosts: pulumi.Output<string[]>;
  public readonly tls: Tls;
  public readonly owner: SecretRef;
  public readonly cidrs: pulumi.Output<string[]>;
  public readonly identity: pulumi.Output<string>;

  constructor(name: string, args: AwsDatabaseArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Database", name, {}, opts);
    const { settings, stack, network } = args;
    const child = { parent: this };

    const ground: Ground = {
      key: createKey(name, args, child),
      subnetGroup: createSubnetGroup(name, args, child),
      securityGroup: createDoor(name, { stack, network, port: PORT, service: "PostgreSQL" }, child),
      monitoring: createMonitoring(name, args, child),
    };
    const made =
      settings.mode === "managed"
        ? createPrimary(name, args, settings, ground, this)
        : createFollower(name, args, settings, ground, this);

    this.host = made.instance.address;
    this.port = pulumi.output(PORT);
    this.name = made.name;
    this.readHosts = pulumi.output(made.readers.map(({ address }) => address));
    this.tls = { ca: pulumi.output(rdsRoot(stack.region)) };
    this.owner = made.owner;
    this.cidrs = network.dataCidrs;
    this.identity = made.instance.arn;
    this.registerOutputs({ host: this.host, port: this.port, name: this.name, identity: this.identity });
  }
}

/** What every instance stands on. */
interface Ground {
  readonly key: AwsKey;
  readonly subnetGroup: SubnetGroup;
  readonly securityGroup: SecurityGroup;
  readonly monitoring: Monitoring | undefined;
}
interface Made {
  readonly instance: Instance;
  readonly readers: readonly Instance[];
  readonly name: pulumi.Output<string>;
  readonly owner: SecretRef;
}

function createPrimary(
  name: string,
  args: AwsDatabaseArgs,
  settings: Managed,
  ground: Ground,
  parent: AwsDatabase,
): Made {
  const child = { parent };
  const password = createPassword(name, child);
  const owner = args.secrets.put(`${name}-owner`, { username: OWNER, password: password.result }, child);
  const parameters = createParameterGroup(
    name,
    args,
    { version: settings.version, parameters: parametersFor(settings.memory, settings.parameters) },
    child,
  );
  const instance = createInstance(name, args, settings, ground, { parameters, password: password.result }, child);
  const replicas = createReplicas(name, args, settings, ground, { parameters, instance }, child);
  return {
    instance,
    readers: replicas.length === 0 ? [instance] : replicas,
    name: pulumi.output(DATABASE),
    owner,
  };
}

function createFollower(
  name: string,
  args: AwsDatabaseArgs,
  settings: Replica,
  ground: Ground,
  parent: AwsDatabase,
): Made {
  const { key, stack } = args;
  const child = { parent };
  const primary = primaryOf(name, key, settings, stack, parent);
  const parameters = createParameterGroup(
    name,
    args,
    {
      version: primary.version,
      parameters: parametersFor(settings.memory, {}),
    },
    child,
  );
  const instance = createCopy(name, args, settings, ground, { parameters, source: primary.identity }, child);
  return {
    instance,
    readers: [instance],
    name: primary.name,
    // Its entry is in the source's region.
    owner: primary.owner,
  };
}

const createKey = (name: string, { key, stack }: AwsDatabaseArgs, opts: pulumi.ComponentResourceOptions): AwsKey =>
  new AwsKey(
    `${name}-key`,
    { stack, purpose: `Database ${key} of ${stack.prefix}`, outlives: keepsCopies(stack) },
    opts,
  );

function createSubnetGroup(
  name: string,
  { stack, network }: AwsDatabaseArgs,
  opts: pulumi.CustomResourceOptions,
): SubnetGroup {
  return new SubnetGroup(
    name,
    { description: `Database ${name}`, subnetIds: network.subnets.data, tags: tagsFor(stack, name) },
    opts,
  );
}

interface Monitoring {
  readonly role: Role;
  readonly permission: RolePolicyAttachment;
}

/** Readings of the operating system are worth their log storage where an outage is. */
function createMonitoring(
  name: string,
  { settings, stack }: AwsDatabaseArgs,
  opts: pulumi.CustomResourceOptions,
): Monitoring | undefined {
  if (!settings.highAvailability) return undefined;
  const role = new Role(
    `${name}-monitoring`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "monitoring.rds.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      tags: tagsFor(stack, `${name}-monitoring`),
    },
    opts,
  );
  const permission = new RolePolicyAttachment(
    `${name}-monitoring`,
    { role: role.name, policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole" },
    opts,
  );
  return { role, permission };
}

/** Letters and digits only: the password goes into URLs, and RDS refuses some other characters. */
function createPassword(name: string, opts: pulumi.CustomResourceOptions): random.RandomPassword {
  return new random.RandomPassword(`${name}-owner`, { length: 32, special: false }, opts);
}

interface ParameterGroupArgs {
  readonly version: pulumi.Input<string>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** RDS keeps switches as 1 and 0, and shows a difference for ever where they are written on and off. */
const switches: Readonly<Record<string, string>> = { on: "1", off: "0" };
/** Equal to what RDS has anyway: with `immediate` it would show a difference for ever. */
const equalToDefault: ReadonlySet<string> = new Set(["rds.force_ssl", "log_checkpoints"]);

/**
 * Its name is left to Pulumi: another version is another family, so another group, and the new one is there before
 * the old one goes.
 */
function createParameterGroup(
  name: string,
  { stack }: AwsDatabaseArgs,
  { version, parameters }: ParameterGroupArgs,
  opts: pulumi.CustomResourceOptions,
): ParameterGroup {
  // Last, so that no stack turns it off.
  const all = { ...parameters, "rds.force_ssl": "1" };
  return new ParameterGroup(
    name,
    {
      description: `Database ${name}`,
      family: pulumi.interpolate`postgres${version}`,
      parameters: Object.entries(all).map(([key, value]) => ({
        name: key,
        value: switches[value] ?? value,
        applyMethod: staticParameters.has(key) || equalToDefault.has(key) ? "pending-reboot" : "immediate",
      })),
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

const classOf = ({ key, settings, stack }: AwsDatabaseArgs): string =>
  stack.aws.machineTypes[`databases.${key}`] ?? databaseClass(settings.cpu, settings.memory);

/** What is the same for a primary and for every copy of it. */
const common = (name: string, args: AwsDatabaseArgs, ground: Ground, parameters: ParameterGroup) =>
  ({
    instanceClass: classOf(args),
    // No `iops` and no `storageThroughput` at any size: below 400 GiB RDS refuses them, and from there on what gp3
    // has without them is the least that may be said.
    storageType: "gp3",
    storageEncrypted: true,
    publiclyAccessible: false,
    port: PORT,
    vpcSecurityGroupIds: [ground.securityGroup.id],
    parameterGroupName: parameters.name,
    caCertIdentifier: rdsAuthority,
    copyTagsToSnapshot: true,
    maintenanceWindow: weeklyWindow(args.settings.maintenanceWindow),
    autoMinorVersionUpgrade: true,
    applyImmediately: !args.stack.deletionProtection,
    databaseInsightsMode: "standard",
    performanceInsightsEnabled: true,
    performanceInsightsRetentionPeriod: INSIGHTS_DAYS,
    performanceInsightsKmsKeyId: ground.key.arn,
    enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
    monitoringInterval: ground.monitoring === undefined ? 0 : MONITORING_SECONDS,
    ...(ground.monitoring === undefined ? {} : { monitoringRoleArn: ground.monitoring.role.arn }),
    tags: tagsFor(args.stack, name),
  }) satisfies InstanceArgs;

/** RDS tries the role when an instance is made, and its permission is not among the arguments. */
const afterMonitoring = ({ monitoring }: Ground): pulumi.Resource[] =>
  monitoring === undefined ? [] : [monitoring.permission];

interface InstanceParts {
  readonly parameters: ParameterGroup;
  readonly password: pulumi.Output<string>;
}

function createInstance(
  name: string,
  args: AwsDatabaseArgs,
  settings: Managed,
  ground: Ground,
  { parameters, password }: InstanceParts,
  opts: pulumi.CustomResourceOptions,
): Instance {
  const { stack } = args;
  const finalSnapshotIdentifier = finalSnapshotName(name, stack, opts);
  return new Instance(
    name,
    {
      ...common(name, args, ground, parameters),
      engine: "postgres",
      // The major version only: minor ones come by themselves and are no difference.
      engineVersion: settings.version,
      // The version in the settings is the decision; without this RDS refuses to follow it.
      allowMajorVersionUpgrade: true,
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
      allocatedStorage: settings.storage,
      // RDS refuses a limit that is no limit. With one, growth of its own is no difference to the provider.
      ...(settings.maxStorage > settings.storage ? { maxAllocatedStorage: settings.maxStorage } : {}),
      kmsKeyId: ground.key.arn,
      multiAz: settings.highAvailability,
      dbName: DATABASE,
      username: OWNER,
      password,
      dbSubnetGroupName: ground.subnetGroup.name,
      // More than none is also what makes any second within it restorable.
      backupRetentionPeriod: settings.backup.retentionDays,
      backupWindow: settings.backup.window,
      deleteAutomatedBackups: !keepsCopies(stack),
      deletionProtection: stack.deletionProtection,
      skipFinalSnapshot: finalSnapshotIdentifier === undefined,
      ...(finalSnapshotIdentifier === undefined ? {} : { finalSnapshotIdentifier }),
    },
    { ...opts, protect: stack.deletionProtection, dependsOn: afterMonitoring(ground), customTimeouts: TIMEOUTS },
  );
}

interface ReplicaParts {
  readonly parameters: ParameterGroup;
  readonly instance: Instance;
}

/** Read replicas beside the primary: its subnets, its key, its roles. They hold nothing that it has not. */
function createReplicas(
  name: string,
  args: AwsDatabaseArgs,
  settings: Managed,
  ground: Ground,
  { parameters, instance }: ReplicaParts,
  opts: pulumi.CustomResourceOptions,
): readonly Instance[] {
  return Array.from({ length: settings.replicas }, (_, index) => {
    const replica = `${name}-replica-${index + 1}`;
    return new Instance(
      replica,
      {
        ...common(replica, args, ground, parameters),
        replicateSourceDb: instance.identifier,
        ...(settings.maxStorage > settings.storage ? { maxAllocatedStorage: settings.maxStorage } : {}),
        // RDS takes no last snapshot of a replica.
        skipFinalSnapshot: true,
      },
      { ...opts, dependsOn: afterMonitoring(ground), customTimeouts: TIMEOUTS },
    );
  });
}

interface CopyParts {
  readonly parameters: ParameterGroup;
  /** ARN of the primary. */
  readonly source: pulumi.Output<string>;
}

/** The copy of another stack's database. Taking the mode away promotes it to one of its own. */
function createCopy(
  name: string,
  args: AwsDatabaseArgs,
  settings: Replica,
  ground: Ground,
  { parameters, source }: CopyParts,
  opts: pulumi.CustomResourceOptions,
): Instance {
  const { stack } = args;
  return new Instance(
    name,
    {
      ...common(name, args, ground, parameters),
      replicateSourceDb: source,
      // A key works in its own region only, so what comes from another is encrypted anew.
      kmsKeyId: ground.key.arn,
      dbSubnetGroupName: ground.subnetGroup.name,
      multiAz: settings.highAvailability,
      backupRetentionPeriod: settings.backup.retentionDays,
      backupWindow: settings.backup.window,
      deleteAutomatedBackups: !keepsCopies(stack),
      deletionProtection: stack.deletionProtection,
      // RDS takes no last snapshot of a replica.
      skipFinalSnapshot: true,
    },
    { ...opts, protect: stack.deletionProtection, dependsOn: afterMonitoring(ground), customTimeouts: TIMEOUTS },
  );
}
