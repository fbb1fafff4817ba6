import { type Kind, type Need, text } from "../kind.js";
import { arn, dns, ecr, hash, iam, kms, logs, named, secrets } from "./words.js";

const role = (named: Need["named"]): Need => ({ at: "role", type: "aws:iam/role:Role", named });
export const keyAt = (at: string): Need => ({ at, type: "aws:kms/key:Key", named: "leaves" });

/** What belongs to the account rather than to a network: identities, keys, secrets, images, logs and zones. */
export const account: Readonly<Record<string, Kind>> = {
  "aws:iam/role:Role": {
    noun: "role",
    codes: iam,
    naming: { property: "name", max: 64 },
    id: named("name"),
    global: true,
    quota: 1000,
    outputs: ({ name }, _, where) => ({
      arn: arn({ ...where, region: "" }, "iam", `role/${name}`),
      uniqueId: `AROA${hash(text(name), 17).toUpperCase()}`,
    }),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    noun: "role policy",
    codes: iam,
    naming: { property: "name", max: 128 },
    id: ({ role, name }) => `${role}:${name}`,
    global: true,
    overwrites: true,
    needs: [role("stays")],
    replaceOn: ["role"],
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {
    noun: "attachment of a policy",
    codes: iam,
    id: ({ role, policyArn }) => `${role}/${policyArn}`,
    global: true,
    overwrites: true,
    needs: [role("stays")],
    replaceOn: ["role", "policyArn"],
    // The provider's own table says so: the new one and the old one would be the same.
    deleteBeforeReplace: true,
  },
  "aws:kms/key:Key": {
    noun: "KMS key",
    codes: kms,
    id: (_, chance) => chance,
    outputs: (_, id, where) => ({ arn: arn(where, "kms", `key/${id}`), keyId: id }),
    stays: () => "pending deletion",
  },
  "aws:kms/alias:Alias": {
    noun: "alias",
    codes: kms,
    naming: { property: "name", max: 256 },
    id: named("name"),
    needs: [{ ...keyAt("targetKeyId") }],
    outputs: ({ name, targetKeyId }, _, where) => ({
      arn: arn(where, "kms", text(name)),
      targetKeyArn: arn(where, "kms", `key/${targetKeyId}`),
    }),
  },
  "aws:secretsmanager/secret:Secret": {
    noun: "secret",
    codes: secrets,
    naming: { property: "name", max: 512 },
    // ARNs of secrets end in chance.
    id: ({ name }, chance, where) => arn(where, "secretsmanager", `secret:${name}-${chance.slice(0, 6)}`),
    unique: named("name"),
    needs: [keyAt("kmsKeyId")],
    outputs: (_, id) => ({ arn: id }),
    stays: ({ recoveryWindowInDays }) => (recoveryWindowInDays === 0 ? undefined : "soft-deleted"),
  },
  "aws:secretsmanager/secretVersion:SecretVersion": {
    noun: "secret version",
    codes: secrets,
    id: ({ secretId }, chance) => `${secretId}|${chance}`,
    needs: [{ at: "secretId", type: "aws:secretsmanager/secret:Secret", named: "takes" }],
    replaceOn: ["secretId", "secretString", "secretBinary"],
    outputs: ({ secretId }, id) => ({
      arn: secretId,
      versionId: id.split("|")[1] ?? id,
      versionStages: ["AWSCURRENT"],
    }),
  },
  "aws:ecr/repository:Repository": {
    noun: "repository",
    codes: ecr,
    naming: { property: "name", max: 256 },
    id: named("name"),
    needs: [keyAt("encryptionConfigurations.kmsKey")],
    replaceOn: ["encryptionConfigurations"],
    emptiedBy: "forceDelete",
    outputs: ({ name }, _, where) => ({
      arn: arn(where, "ecr", `repository/${name}`),
      registryId: where.account,
      repositoryUrl: `${where.account}.dkr.ecr.${where.region}.amazonaws.com/${name}`,
    }),
  },
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
    noun: "lifecycle policy",
    codes: ecr,
    id: named("repository"),
    overwrites: true,
    needs: [{ at: "repository", type: "aws:ecr/repository:Repository", named: "takes" }],
    replaceOn: ["repository"],
    outputs: (_, _id, where) => ({ registryId: where.account }),
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    noun: "log group",
    codes: logs,
    naming: { property: "name", max: 512 },
    id: named("name"),
    outputs: ({ name }, _, where) => ({ arn: arn(where, "logs", `log-group:${name}`), skipDestroy: false }),
  },
  "aws:route53/zone:Zone": {
    noun: "hosted zone",
    codes: dns,
    // Two of one name are allowed: each has name servers of its own.
    id: (_, chance) => `Z${chance.replaceAll("-", "").slice(0, 20).toUpperCase()}`,
    global: true,
    quota: 500,
    replaceOn: ["name", "delegationSetId"],
    emptiedBy: "forceDestroy",
    outputs: (_, id) => ({
      arn: `arn:aws:route53:::hostedzone/${id}`,
      zoneId: id,
      nameServers: [0, 1, 2, 3].map((server) => `ns-${server}.${hash(id, 4)}.awsdns.example`),
      primaryNameServer: `ns-0.${hash(id, 4)}.awsdns.example`,
    }),
  },
};
