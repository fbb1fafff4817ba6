import type { Props } from "../../serve.js";
import { type Copy, type Kind, type Need, type Rule, text, type UpdateRule } from "../kind.js";
import { keyAt } from "./account.js";
import { hasPolicy } from "./compute.js";
import { securityGroups } from "./network.js";
import { arn, data, hash, named, s3, shortRegion } from "./words.js";

const stays = (at: string, type: string): Need => ({ at, type, named: "stays" });
/** A subnet goes though a group names it; what the group's own instances hold are their network interfaces. */
const listed: Need = { at: "subnetIds", type: "aws:ec2/subnet:Subnet", named: "leaves" };

const groupOf = (noun: string, code: string, service: string, path: string): Kind => ({
  noun,
  codes: data(code),
  naming: { property: "name", max: 255 },
  id: named("name"),
  outputs: ({ name }, _, where) => ({ arn: arn(where, service, `${path}:${name}`) }),
});

const DB = "aws:rds/instance:Instance";

const MONITORING = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole";

const makeable: Rule = (inputs, view) => {
  const { monitoringRoleArn, replicateSourceDb, dbSubnetGroupName, kmsKeyId, storageEncrypted } = inputs;
  if (monitoringRoleArn !== undefined && !hasPolicy(view, monitoringRoleArn, MONITORING)) {
    return "InvalidParameterValue: IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
  }
  if (replicateSourceDb === undefined) return undefined;
  const source = view.find(DB, replicateSourceDb);
  if (!(Number(source?.inputs["backupRetentionPeriod"]) > 0)) {
    return `InvalidDBInstanceState: Automated backups are not enabled for the database instance ${replicateSourceDb}`;
  }
  const elsewhere = text(replicateSourceDb).startsWith("arn:") && source?.outputs["region"] !== view.where.region;
  if (!elsewhere && dbSubnetGroupName !== undefined) {
    return "DBSubnetGroupNotAllowedFault: DbSubnetGroupName should not be specified for a read replica in the region of its source";
  }
  return elsewhere && storageEncrypted === true && kmsKeyId === undefined
    ? "InvalidParameterCombination: An encrypted replica in another region needs a key of that region"
    : undefined;
};

const notLocked: Rule = (inputs, _, id) => {
  if (inputs["deletionProtection"] === true) {
    return `InvalidParameterCombination: Cannot delete protected DB Instance '${id}', please disable deletion protection and try again.`;
  }
  if (inputs["skipFinalSnapshot"] === true) return undefined;
  if (inputs["replicateSourceDb"] !== undefined) {
    return "InvalidParameterCombination: FinalDBSnapshotIdentifier cannot be specified when deleting a replica instance";
  }
  return text(inputs["finalSnapshotIdentifier"]) === ""
    ? `final_snapshot_identifier is required when skip_final_snapshot is false`
    : undefined;
};

/** Where RDS may add storage, less of it in the program is taken for an addition that RDS made. */
const grewByItself = (olds: Props, news: Props): boolean =>
  Number(olds["allocatedStorage"]) > Number(news["allocatedStorage"]) &&
  Number(news["maxAllocatedStorage"]) > Number(news["allocatedStorage"]);

const growsOnly: UpdateRule = (olds, news) =>
  Number(news["allocatedStorage"]) < Number(olds["allocatedStorage"])
    ? "InvalidParameterCombination: Allocated storage size cannot be reduced"
    : undefined;

const databaseCopies = (inputs: Props, { identifier }: Props): readonly Copy[] => {
  const name = text(inputs["finalSnapshotIdentifier"]);
  const snapshot: Copy = { kind: "snapshot", type: "aws:rds/snapshot:Snapshot", name };
  const backup: Copy = {
    kind: "automated backup",
    type: "aws:rds/instanceAutomatedBackup:InstanceAutomatedBackup",
    name: text(identifier),
  };
  const kept = inputs["deleteAutomatedBackups"] === false && Number(inputs["backupRetentionPeriod"]) > 0;
  return [...(inputs["skipFinalSnapshot"] === true ? [] : [snapshot]), ...(kept ? [backup] : [])];
};

const cacheCopies = ({ finalSnapshotIdentifier }: Props): readonly Copy[] => {
  const name = text(finalSnapshotIdentifier);
  return name === "" ? [] : [{ kind: "snapshot", type: "aws:elasticache/snapshot:Snapshot", name }];
};

const sameMode: UpdateRule = (olds, news) =>
  (olds["numNodeGroups"] === undefined) === (news["numNodeGroups"] === undefined)
    ? undefined
    : "InvalidParameterCombination: Cluster mode cannot be changed between disabled and enabled";

const cacheHost = (id: string, region: string) => `${id}.${hash(id, 6)}.${region}.cache.amazonaws.com`;

const bucket: Need = { at: "bucket", type: "aws:s3/bucket:Bucket", named: "takes" };
/** A setting of a bucket is written over, not made. */
const ofBucket = (noun: string, refuses: NonNullable<Kind["refuses"]> = {}): Kind => ({
  noun,
  codes: s3,
  id: named("bucket"),
  global: true,
  overwrites: true,
  needs: [bucket],
  replaceOn: ["bucket"],
  refuses,
});

/** S3 refuses two changes of who may do what at the same time. */
const notWhile =
  (type: string): Rule =>
  ({ bucket }, view) =>
    view.all(type).some(({ inputs, ready }) => !ready && inputs["bucket"] === bucket)
      ? "OperationAborted: A conflicting conditional operation is currently in progress against this resource. Please try again."
      : undefined;

const versioned: Rule = ({ bucket, rules }, view) => {
  const on = view
    .all("aws:s3/bucketVersioning:BucketVersioning")
    .some(({ inputs, ready }) => ready && inputs["bucket"] === bucket);
  return on || !JSON.stringify(rules).includes("noncurrent")
    ? undefined
    : "InvalidRequest: the rules are about old versions, and versioning of the bucket was never configured";
};

export const stores: Readonly<Record<string, Kind>> = {
  [DB]: {
    noun: "DB instance",
    codes: data("DBInstance"),
    naming: { property: "identifier", max: 63 },
    id: (_, chance) => `db-${chance.replaceAll("-", "").slice(0, 26).toUpperCase()}`,
    unique: named("identifier"),
    quota: 40,
    needs: [
      stays("dbSubnetGroupName", "aws:rds/subnetGroup:SubnetGroup"),
      stays("parameterGroupName", "aws:rds/parameterGroup:ParameterGroup"),
      securityGroups("vpcSecurityGroupIds"),
      keyAt("kmsKeyId"),
      keyAt("performanceInsightsKmsKeyId"),
      { at: "monitoringRoleArn", type: "aws:iam/role:Role", named: "leaves" },
      // Without its source a replica of PostgreSQL becomes a database of its own.
      { at: "replicateSourceDb", type: DB, named: "leaves" },
    ],
    refuses: { create: makeable, update: growsOnly, delete: notLocked },
    replaceOn: [
      "engine",
      "dbName",
      "username",
      "storageEncrypted",
      "kmsKeyId",
      "availabilityZone",
      "snapshotIdentifier",
    ],
    keeps: { allocatedStorage: grewByItself },
    copies: databaseCopies,
    outputs: ({ identifier, port }, id, where) => {
      const address = `${identifier}.${hash(id, 12)}.${where.region}.rds.amazonaws.com`;
      return {
        arn: arn(where, "rds", `db:${identifier}`),
        address,
        endpoint: `${address}:${port ?? 5432}`,
        resourceId: id,
        region: where.region,
        status: "available",
      };
    },
  },
  "aws:rds/parameterGroup:ParameterGroup": {
    ...groupOf("DB parameter group", "DBParameterGroup", "rds", "pg"),
    replaceOn: ["family", "description"],
  },
  "aws:rds/subnetGroup:SubnetGroup": {
    ...groupOf("DB subnet group", "DBSubnetGroup", "rds", "subgrp"),
    needs: [listed],
  },
  "aws:elasticache/parameterGroup:ParameterGroup": {
    ...groupOf("cache parameter group", "CacheParameterGroup", "elasticache", "parametergroup"),
    replaceOn: ["family", "description"],
  },
  "aws:elasticache/subnetGroup:SubnetGroup": {
    ...groupOf("cache subnet group", "CacheSubnetGroup", "elasticache", "subnetgroup"),
    needs: [listed],
  },
  "aws:elasticache/user:User": {
    noun: "user",
    codes: data("User"),
    id: named("userId"),
    replaceOn: ["userId", "userName"],
    outputs: ({ userId }, _, where) => ({ arn: arn(where, "elasticache", `user:${userId}`) }),
  },
  "aws:elasticache/userGroup:UserGroup": {
    noun: "user group",
    codes: data("UserGroup"),
    id: named("userGroupId"),
    needs: [{ at: "userIds", type: "aws:elasticache/user:User", named: "leaves" }],
    replaceOn: ["userGroupId"],
    outputs: ({ userGroupId }, _, where) => ({ arn: arn(where, "elasticache", `usergroup:${userGroupId}`) }),
  },
  "aws:elasticache/replicationGroup:ReplicationGroup": {
    noun: "replication group",
    codes: data("ReplicationGroup"),
    naming: { property: "replicationGroupId", max: 40 },
    id: named("replicationGroupId"),
    needs: [
      stays("subnetGroupName", "aws:elasticache/subnetGroup:SubnetGroup"),
      stays("parameterGroupName", "aws:elasticache/parameterGroup:ParameterGroup"),
      stays("userGroupIds", "aws:elasticache/userGroup:UserGroup"),
      securityGroups("securityGroupIds"),
      keyAt("kmsKeyId"),
    ],
    refuses: { update: sameMode },
    replaceOn: ["atRestEncryptionEnabled", "kmsKeyId", "port", "subnetGroupName", "snapshotName"],
    copies: cacheCopies,
    outputs: ({ replicationGroupId, numNodeGroups }, id, where) => ({
      arn: arn(where, "elasticache", `replicationgroup:${replicationGroupId}`),
      clusterEnabled: numNodeGroups !== undefined,
      ...(numNodeGroups === undefined
        ? {
            primaryEndpointAddress: `master.${cacheHost(id, shortRegion(where))}`,
            readerEndpointAddress: `replica.${cacheHost(id, shortRegion(where))}`,
          }
        : { configurationEndpointAddress: `clustercfg.${cacheHost(id, shortRegion(where))}` }),
    }),
  },
  "aws:s3/bucket:Bucket": {
    noun: "bucket",
    codes: s3,
    naming: { property: "bucket", max: 63 },
    id: named("bucket"),
    global: true,
    quota: 10_000,
    emptiedBy: "forceDestroy",
    outputs: ({ bucket }, _, where) => ({
      arn: `arn:aws:s3:::${bucket}`,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${where.region}.amazonaws.com`,
      region: where.region,
      bucketRegion: where.region,
    }),
  },
  "aws:s3/bucketVersioning:BucketVersioning": ofBucket("bucket versioning"),
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    ofBucket("bucket encryption"),
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket("bucket ownership controls"),
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket("public access block", {
    create: notWhile("aws:s3/bucketPolicy:BucketPolicy"),
  }),
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket("bucket policy", {
    create: notWhile("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"),
  }),
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket("bucket lifecycle", {
    create: versioned,
  }),
};
