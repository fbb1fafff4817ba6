import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getPartitionOutput } from "@pulumi/aws/getPartition.js";
import { Alias } from "@pulumi/aws/kms/alias.js";
import { Key } from "@pulumi/aws/kms/key.js";
import type { iam } from "@pulumi/aws/types/input.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { tagsFor } from "./tags.js";

export interface AwsKeyArgs {
  readonly stack: Settings;
  /** What the key encrypts, in words: the key's description. */
  readonly purpose: string;
  /**
   * Statements on top of the account's own, for services that must be named in the key's policy (CloudWatch Logs).
   * @default none
   */
  readonly allow?: readonly iam.PolicyStatement[];
  /**
   * Keep the key when the stack goes, for snapshots that stay and are nothing without it.
   * @default false
   */
  readonly outlives?: boolean;
}

/** Days between two rotations: the shortest that KMS offers. */
const ROTATION_DAYS = 90;
/** Days in which the deletion of a key, and so of all that it encrypts, can be taken back. */
const DELETION_DAYS = { protected: 30, otherwise: 7 } as const;

/**
 * A key of the account's own, so that who may decrypt is decided by its policy, and every use is in the audit trail.
 * The account's administrators decide by IAM who else may use it; nobody outside the account can.
 *
 * Costs 1 USD a month, and as much again for each of the first two rotations.
 */
export class AwsKey extends pulumi.ComponentResource {
  public readonly arn: pulumi.Output<string>;

  constructor(name: string, args: AwsKeyArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Key", name, {}, opts);
    const policy = createPolicy(args, { parent: this });
    const key = createKey(name, args, policy, { parent: this });
    createAlias(name, key, { parent: this });
    this.arn = key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

function createPolicy({ allow }: AwsKeyArgs, opts: pulumi.InvokeOptions): pulumi.Output<string> {
  const { partition } = getPartitionOutput({}, opts);
  const { accountId } = getCallerIdentityOutput({}, opts);
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AccountDecides",
        Effect: "Allow",
        Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      ...(allow ?? []),
    ],
  });
}

function createKey(
  name: string,
  { stack, purpose, outlives }: AwsKeyArgs,
  policy: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): Key {
  return new Key(
    name,
    {
      description: purpose,
      policy,
      enableKeyRotation: true,
      rotationPeriodInDays: ROTATION_DAYS,
      deletionWindowInDays: stack.deletionProtection ? DELETION_DAYS.protected : DELETION_DAYS.otherwise,
      tags: tagsFor(stack, name),
    },
    // Without the key the data that it encrypts is gone, whatever protects the data itself.
    { ...opts, protect: stack.deletionProtection, retainOnDelete: outlives ?? false },
  );
}

function createAlias(name: string, key: Key, opts: pulumi.CustomResourceOptions): Alias {
  // Named, because it is what people search for; an alias goes at once, so its name is free for the next stack.
  return new Alias(name, { name: `alias/${name}`, targetKeyId: key.keyId }, opts);
}
