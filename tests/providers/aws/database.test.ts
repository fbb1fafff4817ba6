import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import type { DatabaseSettings, InMode } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import { AwsDatabase } from "../../../providers/aws/database.js";
import { rdsRoot, rdsRoots } from "../../../providers/aws/rds-roots.js";
import { awsWithoutRdsRoot, zonesByRegion } from "../../../providers/regions.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { dataNetwork, dataStore, deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";
import { addressOf, assertOwnerOf, followsAnother, standbyOf, withPrimary } from "../every-cloud/database.js";

const COMPONENT = "agent-platform:aws:Database";
const INSTANCE = "aws:rds/instance:Instance";
const PARAMETERS = "aws:rds/parameterGroup:ParameterGroup";
const NAME = "agents-db-main";

const databaseOf = (said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => {
      const settings = stack.databases["main"] as InMode<DatabaseSettings, "managed" | "replica">;
      const args = { key: "main", settings, network: dataNetwork(), secrets: dataStore(stack, opts), stack };
      return new AwsDatabase(NAME, args, opts);
    },
    stubs,
  );

const primary = {
  identity: "arn:aws:rds:us-east-1:123456789012:db:primary",
  name: "agents",
  version: "17",
  ownerStore: "us-east-1",
  ownerSecret: "agents-production-db-main-owner-9f8e7d6",
  ownerIdentity: "arn:aws:secretsmanager:us-east-1:123456789012:secret:agents-production-db-main-owner-9f8e7d6-AbCdEf",
};
const standby = standbyOf(awsProduction);

/** The same in every stack. */
const made: Rows = [
  [COMPONENT, NAME],
  ["agent-platform:aws:Key", `${NAME}-key`],
  ["aws:ec2/securityGroup:SecurityGroup", NAME],
  ["aws:kms/alias:Alias", `${NAME}-key`],
  ["aws:kms/key:Key", `${NAME}-key`],
  [INSTANCE, NAME],
  [PARAMETERS, NAME],
  ["aws:rds/subnetGroup:SubnetGroup", NAME],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", `${NAME}-from-1`],
  ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", `${NAME}-from-2`],
];
const owner: Rows = [
  ["aws:secretsmanager/secret:Secret", `${NAME}-owner`],
  ["aws:secretsmanager/secretVersion:SecretVersion", `${NAME}-owner`],
  ["random:index/randomPassword:RandomPassword", `${NAME}-owner`],
];
const monitoring: Rows = [
  ["aws:iam/role:Role", `${NAME}-monitoring`],
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", `${NAME}-monitoring`],
];

describe("providers/aws/database", () => {
  it("makes one instance with what it stands on", async () => {
    assert.deepEqual(inventory((await databaseOf()).resources), sorted([...made, ...owner]));
  });

  it("makes a development instance of these inputs", async () => {
    const { inputs } = only((await databaseOf()).resources, INSTANCE);
    assert.deepEqual(inputs, {
      allocatedStorage: 20,
      allowMajorVersionUpgrade: true,
      applyImmediately: true,
      autoMinorVersionUpgrade: true,
      backupRetentionPeriod: 1,
      backupWindow: "03:00-04:00",
      caCertIdentifier: "rds-ca-rsa2048-g1",
      copyTagsToSnapshot: true,
      databaseInsightsMode: "standard",
      dbName: "agents",
      dbSubnetGroupName: `${NAME}-1a2b3c4`,
      deleteAutomatedBackups: true,
      deletionProtection: false,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      engine: "postgres",
      engineLifecycleSupport: "open-source-rds-extended-support-disabled",
      engineVersion: "17",
      instanceClass: "db.t4g.medium",
      kmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      maintenanceWindow: "sun:04:30-sun:05:30",
      maxAllocatedStorage: 100,
      monitoringInterval: 0,
      multiAz: false,
      parameterGroupName: `${NAME}-1a2b3c4`,
      password: `password of ${NAME}-owner`,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      performanceInsightsRetentionPeriod: 7,
      port: 5432,
      publiclyAccessible: false,
      skipFinalSnapshot: true,
      storageEncrypted: true,
      storageType: "gp3",
      tags: tagsOf(NAME),
      username: "agents_owner",
      vpcSecurityGroupIds: [`${NAME}-id`],
    });
  });

  it("encrypts the database with a key of its own", async () => {
    const { resources } = await databaseOf();
    const { storageEncrypted, kmsKeyId } = only(resources, INSTANCE).inputs;
    const key = only(resources, "aws:kms/key:Key");
    assert.deepEqual([storageEncrypted, kmsKeyId], [true, `arn:aws:kms:eu-west-1:123456789012:key/${key.name}`]);
  });

  it("puts the database into the data subnets", async () => {
    const { resources } = await databaseOf();
    assert.deepEqual(only(resources, "aws:rds/subnetGroup:SubnetGroup").inputs["subnetIds"], [
      "subnet-d1",
      "subnet-d2",
    ]);
  });

  it("gives the database no public address", async () => {
    const { resources } = await databaseOf({ ...awsStack, database: { replicas: 2 } });
    assert.deepEqual(
      all(resources, INSTANCE).map(({ inputs }) => inputs["publiclyAccessible"]),
      [false, false, false],
    );
  });

  it("lets only nodes and pods reach the database", async () => {
    const { resources } = await databaseOf();
    const group = only(resources, "aws:ec2/securityGroup:SecurityGroup");
    assert.deepEqual(group.inputs, { description: `PostgreSQL ${NAME}`, vpcId: "vpc-1", tags: tagsOf(NAME) });
    const rules = all(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(
      rules.map(({ inputs }) => inputs),
      ["10.0.0.0/18", "10.0.64.0/18"].map((cidrIpv4, index) => ({
        securityGroupId: `${NAME}-id`,
        description: "PostgreSQL from nodes and pods",
        ipProtocol: "tcp",
        fromPort: 5432,
        toPort: 5432,
        cidrIpv4,
        tags: tagsOf(`${NAME}-from-${index + 1}`),
      })),
    );
  });

  it("lets nothing out of the database's security group", async () => {
    const { resources } = await databaseOf();
    assert.deepEqual(
      [
        all(resources, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"),
        only(resources, "aws:ec2/securityGroup:SecurityGroup").inputs["egress"],
      ],
      [[], undefined],
    );
  });

  it("keeps the owner's password secret and in the store", async () => {
    const { resources, result } = await databaseOf();
    const password = only(resources, "random:index/randomPassword:RandomPassword");
    const version = only(resources, "aws:secretsmanager/secretVersion:SecretVersion");
    assert.deepEqual(password.inputs, { length: 32, special: false });
    assert.deepEqual(JSON.parse(String(version.inputs["secretString"])), {
      username: "agents_owner",
      password: `password of ${NAME}-owner`,
    });
    assert.deepEqual(version.secretInputs, ["secretString"]);
    assert.deepEqual(only(resources, INSTANCE).secretInputs, ["password"]);
    assert.deepEqual(
      [await valueOf(result.owner.store), await valueOf(result.owner.key)],
      ["eu-west-1", `${NAME}-owner-1a2b3c4`],
    );
  });

  it("forces TLS on every connection", async () => {
    const { inputs } = only((await databaseOf()).resources, PARAMETERS);
    const parameters = inputs["parameters"] as readonly { name: string }[];
    assert.deepEqual(
      parameters.filter(({ name }) => name === "rds.force_ssl"),
      [{ name: "rds.force_ssl", value: "1", applyMethod: "pending-reboot" }],
    );
  });

  it("gives clients the CA of the region", async () => {
    const { tls } = (await databaseOf()).result;
    assert(typeof tls === "object");
    const ca = new X509Certificate(await valueOf(tls.ca));
    assert.match(ca.subject, /^CN=Amazon RDS eu-west-1 Root CA RSA2048 G1$/m);
  });

  it("sets the platform's parameters, and those of the stack over them", async () => {
    const said = { ...awsStack, database: { version: "18", parameters: { work_mem: "9999", jit: "off" } } };
    const { inputs } = only((await databaseOf(said)).resources, PARAMETERS);
    const now = (name: string, value: string) => ({ name, value, applyMethod: "immediate" });
    const later = (name: string, value: string) => ({ name, value, applyMethod: "pending-reboot" });
    assert.deepEqual(inputs, {
      description: `Database ${NAME}`,
      family: "postgres18",
      parameters: [
        later("max_connections", "400"),
        later("shared_preload_libraries", "pg_stat_statements"),
        now("pg_stat_statements.track", "all"),
        now("work_mem", "9999"),
        now("maintenance_work_mem", "262144"),
        now("log_min_duration_statement", "1000"),
        later("log_checkpoints", "1"),
        now("log_connections", "1"),
        now("log_disconnections", "1"),
        now("log_lock_waits", "1"),
        now("log_temp_files", "0"),
        now("jit", "0"),
        later("rds.force_ssl", "1"),
      ],
      tags: tagsOf(NAME),
    });
  });

  it("lets Pulumi name the parameter group, so that a new version's is there before the old one goes", async () => {
    const group = only((await databaseOf()).resources, PARAMETERS);
    assert.deepEqual([group.inputs["name"], group.deleteBeforeReplace], [undefined, false]);
  });

  it("says no IOPS at any size", async () => {
    for (const storage of [20, 400, 2000]) {
      const { inputs } = only(
        (await databaseOf({ ...awsStack, database: { storage, maxStorage: 4000 } })).resources,
        INSTANCE,
      );
      assert.deepEqual(
        [inputs["storageType"], inputs["allocatedStorage"], inputs["iops"], inputs["storageThroughput"]],
        ["gp3", storage, undefined, undefined],
      );
    }
  });

  it("sets no growth limit that is no limit", async () => {
    const said = { ...awsStack, database: { storage: 100, maxStorage: 100 } };
    assert.equal(only((await databaseOf(said)).resources, INSTANCE).inputs["maxAllocatedStorage"], undefined);
  });

  it("makes a production database that survives a zone and cannot be deleted", async () => {
    const { resources } = await databaseOf({ ...awsProduction, size: "medium" });
    const suffix = ["random:index/randomId:RandomId", `${NAME}-final`] as const;
    const reader = [INSTANCE, `${NAME}-replica-1`] as const;
    assert.deepEqual(inventory(resources), sorted([...made, ...owner, ...monitoring, suffix, reader]));
    const { inputs, protect } = only(resources, INSTANCE, NAME);
    assert.equal(protect, true);
    assert.deepEqual(
      {
        applyImmediately: inputs["applyImmediately"],
        backupRetentionPeriod: inputs["backupRetentionPeriod"],
        deleteAutomatedBackups: inputs["deleteAutomatedBackups"],
        deletionProtection: inputs["deletionProtection"],
        finalSnapshotIdentifier: inputs["finalSnapshotIdentifier"],
        instanceClass: inputs["instanceClass"],
        monitoringInterval: inputs["monitoringInterval"],
        monitoringRoleArn: inputs["monitoringRoleArn"],
        multiAz: inputs["multiAz"],
        skipFinalSnapshot: inputs["skipFinalSnapshot"],
      },
      {
        applyImmediately: false,
        backupRetentionPeriod: 30,
        deleteAutomatedBackups: false,
        deletionProtection: true,
        finalSnapshotIdentifier: `${NAME}-final-0a1b2c3d`,
        instanceClass: "db.r7g.large",
        monitoringInterval: 60,
        monitoringRoleArn: `arn:aws:iam::123456789012:role/${NAME}-monitoring-1a2b3c4`,
        multiAz: true,
        skipFinalSnapshot: false,
      },
    );
  });

  it("lets go of a production database when the one lock is lifted, and keeps a copy with its key", async () => {
    const { resources } = await databaseOf({ ...awsProduction, deletionProtection: false });
    const { inputs, protect } = only(resources, INSTANCE);
    assert.deepEqual(
      [protect, inputs["deletionProtection"], inputs["skipFinalSnapshot"], inputs["finalSnapshotIdentifier"]],
      [false, false, false, `${NAME}-final-0a1b2c3d`],
    );
    assert.equal(inputs["deleteAutomatedBackups"], false);
    assert.equal(only(resources, "aws:kms/key:Key").retainOnDelete, true);
  });

  it("keeps no copy of a development database", async () => {
    const { resources } = await databaseOf();
    const { inputs } = only(resources, INSTANCE);
    assert.deepEqual([inputs["skipFinalSnapshot"], inputs["deleteAutomatedBackups"]], [true, true]);
    assert.equal(only(resources, "aws:kms/key:Key").retainOnDelete, false);
  });

  it("waits for the monitoring role's permission, which no argument names", async () => {
    const { resources } = await databaseOf(awsProduction);
    const permission = only(resources, "aws:iam/rolePolicyAttachment:RolePolicyAttachment");
    assert(only(resources, INSTANCE, NAME).dependsOn.includes(permission.urn));
    assert.deepEqual(permission.inputs, {
      role: `${NAME}-monitoring-1a2b3c4`,
      policyArn: "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole",
    });
    assert.deepEqual(JSON.parse(String(only(resources, "aws:iam/role:Role").inputs["assumeRolePolicy"])), {
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Principal: { Service: "monitoring.rds.amazonaws.com" }, Action: "sts:AssumeRole" },
      ],
    });
  });

  it("makes read replicas like the primary and without its password", async () => {
    const { resources, result } = await databaseOf({ ...awsStack, database: { replicas: 2 } });
    const [first] = ["1", "2"].map((index) => only(resources, INSTANCE, `${NAME}-replica-${index}`));
    assert.deepEqual(first?.inputs, {
      applyImmediately: true,
      autoMinorVersionUpgrade: true,
      caCertIdentifier: "rds-ca-rsa2048-g1",
      copyTagsToSnapshot: true,
      databaseInsightsMode: "standard",
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      instanceClass: "db.t4g.medium",
      maintenanceWindow: "sun:04:30-sun:05:30",
      maxAllocatedStorage: 100,
      monitoringInterval: 0,
      parameterGroupName: `${NAME}-1a2b3c4`,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      performanceInsightsRetentionPeriod: 7,
      port: 5432,
      publiclyAccessible: false,
      replicateSourceDb: `${NAME}-1a2b3c4`,
      skipFinalSnapshot: true,
      storageEncrypted: true,
      storageType: "gp3",
      tags: tagsOf(`${NAME}-replica-1`),
      vpcSecurityGroupIds: [`${NAME}-id`],
    });
    assert.deepEqual(await valueOf(result.readHosts), [
      `${NAME}-replica-1.abc.eu-west-1.rds.amazonaws.com`,
      `${NAME}-replica-2.abc.eu-west-1.rds.amazonaws.com`,
    ]);
  });

  it("says where it is", async () => {
    const { result } = await databaseOf();
    assert.deepEqual(await addressOf(result), {
      host: `${NAME}.abc.eu-west-1.rds.amazonaws.com`,
      port: 5432,
      name: "agents",
      readHosts: [`${NAME}.abc.eu-west-1.rds.amazonaws.com`],
      cidrs: ["10.0.200.0/22", "10.0.204.0/22"],
      identity: `arn:aws:rds:eu-west-1:123456789012:db:${NAME}-1a2b3c4`,
    });
  });

  it("takes the class that the stack names", async () => {
    const said = { ...awsStack, aws: { machineTypes: { "databases.main": "db.m8g.large" } } };
    assert.equal(only((await databaseOf(said)).resources, INSTANCE).inputs["instanceClass"], "db.m8g.large");
  });

  it("follows the database of another stack, in another region", async () => {
    const { resources, result } = await databaseOf(standby, withPrimary(primary));
    const reference = ["pulumi:pulumi:StackReference", `${NAME}-from-acme-agent-platform-prod`] as const;
    assert.deepEqual(inventory(resources), sorted([...made, ...monitoring, reference]));
    const { inputs, protect } = only(resources, INSTANCE);
    assert.equal(protect, true);
    assert.deepEqual(inputs, {
      applyImmediately: false,
      autoMinorVersionUpgrade: true,
      backupRetentionPeriod: 30,
      backupWindow: "03:00-04:00",
      caCertIdentifier: "rds-ca-rsa2048-g1",
      copyTagsToSnapshot: true,
      databaseInsightsMode: "standard",
      dbSubnetGroupName: `${NAME}-1a2b3c4`,
      deleteAutomatedBackups: false,
      deletionProtection: true,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      instanceClass: "db.t4g.medium",
      kmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      maintenanceWindow: "sun:04:30-sun:05:30",
      monitoringInterval: 60,
      monitoringRoleArn: `arn:aws:iam::123456789012:role/${NAME}-monitoring-1a2b3c4`,
      multiAz: true,
      parameterGroupName: `${NAME}-1a2b3c4`,
      performanceInsightsEnabled: true,
      performanceInsightsKmsKeyId: `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-key`,
      performanceInsightsRetentionPeriod: 7,
      port: 5432,
      publiclyAccessible: false,
      replicateSourceDb: "arn:aws:rds:us-east-1:123456789012:db:primary",
      skipFinalSnapshot: true,
      storageEncrypted: true,
      storageType: "gp3",
      tags: tagsOf(NAME, "dr"),
      vpcSecurityGroupIds: [`${NAME}-id`],
    });
    assert.equal(only(resources, PARAMETERS).inputs["family"], "postgres17");
    await assertOwnerOf(primary, result, `${NAME}-owner`);
  });

  it("fails where no CA of the region is known", async () => {
    assert.deepEqual(
      Object.keys(zonesByRegion.aws).filter((region) => !rdsRoots().has(region)),
      awsWithoutRdsRoot,
    );
    assert.throws(
      () => rdsRoot("mx-central-1"),
      new Error(
        "aws: no root certificate of RDS in mx-central-1 is known, so its databases could not be checked; " +
          "use another region, or mode inCluster or existing",
      ),
    );
  });

  followsAnother({ databaseOf, production: awsProduction, primary });

  describe("roots of RDS", () => {
    it("are certificates of their own, for thirty years and more", () => {
      const certificates = [...rdsRoots()].map(([region, pem]) => ({ region, certificate: new X509Certificate(pem) }));
      const wrong = certificates.filter(
        ({ region, certificate }) =>
          region === "" ||
          !certificate.ca ||
          !certificate.verify(certificate.publicKey) ||
          new Date(certificate.validTo) < new Date("2055-01-01"),
      );
      assert.deepEqual(wrong, []);
      assert.equal(certificates.length, 27);
    });

    it("are those of the region", () => {
      assert.equal(
        new X509Certificate(rdsRoot("eu-west-1")).fingerprint256,
        "6F:7E:01:B6:2A:F2:40:58:41:71:30:B2:1E:5F:B9:AD:9F:29:B2:9C:77:5C:51:07:B6:57:41:90:10:97:58:86",
      );
    });
  });
});
