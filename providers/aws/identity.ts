import { PodIdentityAssociation } from "@pulumi/aws/eks/podIdentityAssociation.js";
import { Role } from "@pulumi/aws/iam/role.js";
import { RolePolicy } from "@pulumi/aws/iam/rolePolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Bucket, Identity, IdentityArgs } from "../contract.js";
import { duties } from "./duties.js";
import { policyOf, type Statement } from "./statements.js";
import { tagsFor } from "./tags.js";

export interface AwsIdentityArgs extends IdentityArgs {
  readonly stack: Settings;
}

/**
 * A role for the pods of one service account, and exactly what they may touch: the objects of the given buckets and
 * the values of the given secrets, each with its key, challenges in the given zones, and what a duty takes. EKS Pod
 * Identity hands the role out, so the account needs no annotation; pods that run already must start again to get it.
 *
 * Costs nothing.
 */
export class AwsIdentity extends pulumi.ComponentResource implements Identity {
  /** ARN of the role. */
  public readonly principal: pulumi.Output<string>;
  public readonly serviceAccountAnnotations = {};
  public readonly podLabels = {};
  public readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AwsIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Identity", name, {}, opts);
    const role = createRole(name, args, { parent: this });
    createPermissions(name, args, role, { parent: this });
    this.ready = [createAssociation(name, args, role, { parent: this })];
    this.principal = role.arn;
    this.registerOutputs({ principal: this.principal });
  }
}

/**
 * EKS says as session tags for which pod it asks. Without the conditions an association of any service account in the
 * account's clusters could take the role.
 */
function createRole(
  name: string,
  { cluster, namespace, serviceAccount, stack }: AwsIdentityArgs,
  opts: pulumi.CustomResourceOptions,
): Role {
  const { account } = stack.aws;
  return new Role(
    name,
    {
      description: `Pods of ${serviceAccount} in ${stack.prefix}`,
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "PodIdentity",
            Effect: "Allow",
            Principal: { Service: "pods.eks.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:TagSession"],
            Condition: {
              StringEquals: {
                ...(account === undefined ? {} : { "aws:SourceAccount": account }),
                "aws:RequestTag/eks-cluster-name": cluster.name,
                "aws:RequestTag/kubernetes-namespace": namespace,
                "aws:RequestTag/kubernetes-service-account": serviceAccount,
              },
            },
          },
        ],
      }),
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

function createPermissions(name: string, args: AwsIdentityArgs, role: Role, opts: pulumi.CustomResourceOptions): void {
  const { cluster, duties: ofThePods = [] } = args;
  const statements = [
    ...bucketStatements(args),
    ...secretStatements(args),
    ...zoneStatements(args),
    ...logStatements(args),
    ...ofThePods.flatMap((duty) => duties[duty](cluster.name)),
  ];
  if (statements.length === 0) return;
  new RolePolicy(name, { role: role.name, policy: policyOf(statements) }, opts);
}

function bucketStatements({ buckets, stack }: AwsIdentityArgs): readonly Statement[] {
  const opened = Object.values(buckets).filter(({ access }) => access === "identity");
  if (opened.length === 0) return [];
  const arns = opened.map(({ identity }) => identity);
  const statements: Statement[] = [
    { Sid: "ListBuckets", Effect: "Allow", Action: ["s3:ListBucket"], Resource: arns },
    {
      Sid: "UseObjects",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      Resource: arns.map((arn) => pulumi.interpolate`${arn}/*`),
    },
  ];
  const keys = opened.flatMap(keyOf);
  return keys.length === 0
    ? statements
    : [
        ...statements,
        keyStatement("UseObjectKeys", ["kms:Decrypt", "kms:GenerateDataKey"], keys, `s3.${stack.region}.amazonaws.com`),
      ];
}

const keyOf = ({ encryptionKey }: Bucket): readonly pulumi.Output<string>[] =>
  encryptionKey === undefined ? [] : [encryptionKey];

function secretStatements({ secrets, store, stack }: AwsIdentityArgs): readonly Statement[] {
  if (secrets.length === 0) return [];
  return [
    {
      Sid: "ReadSecrets",
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
      Resource: secrets.map(({ identity }) => identity),
    },
    keyStatement("ReadSecretKey", ["kms:Decrypt"], [store.identity], `secretsmanager.${stack.region}.amazonaws.com`),
  ];
}

/**
 * Texts under the one name by which a certificate authority asks whose a domain is, and nothing else of a zone.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html
 */
function zoneStatements({ zones = [] }: AwsIdentityArgs): readonly Statement[] {
  if (zones.length === 0) return [];
  return [
    {
      Sid: "AnswerChallenges",
      Effect: "Allow",
      Action: ["route53:ChangeResourceRecordSets"],
      Resource: zones.map(({ zone }) => pulumi.interpolate`arn:aws:route53:::hostedzone/${zone}`),
      Condition: {
        "ForAllValues:StringEquals": {
          "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"],
          "route53:ChangeResourceRecordSetsActions": ["UPSERT", "DELETE"],
        },
        "ForAllValues:StringLike": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": zones.flatMap(({ domain }) => [
            `_acme-challenge.${domain}`,
            `_acme-challenge.*.${domain}`,
          ]),
        },
      },
    },
    {
      Sid: "SeeChallengesAnswered",
      Effect: "Allow",
      Action: ["route53:GetChange"],
      // A change has a number that nobody knows before.
      Resource: ["arn:aws:route53:::change/*"],
    },
  ];
}

/** Lines are written and never read, and no group but that one is made or changed. */
const logStatements = ({ logs }: AwsIdentityArgs): readonly Statement[] =>
  logs === undefined
    ? []
    : [
        {
          Sid: "WriteLogs",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          // Its streams.
          Resource: [pulumi.interpolate`${logs.identity}:*`],
        },
      ];

/** A key opens only what the service behind `through` keeps, and only through that service. */
const keyStatement = (
  sid: string,
  actions: readonly string[],
  keys: readonly pulumi.Output<string>[],
  through: string,
): Statement => ({
  Sid: sid,
  Effect: "Allow",
  Action: actions,
  Resource: keys,
  Condition: { StringEquals: { "kms:ViaService": through } },
});

function createAssociation(
  name: string,
  { cluster, namespace, serviceAccount, stack }: AwsIdentityArgs,
  role: Role,
  opts: pulumi.CustomResourceOptions,
): PodIdentityAssociation {
  return new PodIdentityAssociation(
    name,
    { clusterName: cluster.name, namespace, serviceAccount, roleArn: role.arn, tags: tagsFor(stack, name) },
    opts,
  );
}
