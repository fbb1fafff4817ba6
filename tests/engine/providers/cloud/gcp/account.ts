import type { Props } from "../../serve.js";
import { type Rule, text, type Where } from "../kind.js";
import { SERVICE } from "./apis.js";
import { agentOf, keyAt, mayEncrypt } from "./keys.js";
import { hash, label, last, NUMBER, need, path, type Row, refused, type Table } from "./words.js";

export const ACCOUNT = "gcp:serviceaccount/account:Account";
export const PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember";

const emailOf = ({ accountId }: Props, { account }: Where): string => `${accountId}@${account}.iam.gserviceaccount.com`;

/** IAM takes nobody in whom it does not know. */
const memberExists: Rule = ({ member }, view) => {
  const { account } = view.where;
  const [kind = "", who = ""] = text(member).split(/:(.*)/);
  if (kind === "serviceAccount" && who.endsWith(`@${account}.iam.gserviceaccount.com`)) {
    return view.find(ACCOUNT, who)?.ready === true
      ? undefined
      : refused(400, `Service account ${who} does not exist.`, "badRequest");
  }
  if (kind !== "principal") return undefined;
  const [, pool = ""] = /\/workloadIdentityPools\/([^/]+)\//.exec(who) ?? [];
  const pools = view.all("gcp:container/cluster:Cluster").filter(({ ready }) => ready);
  const there = pools.some(
    ({ inputs, planted }) =>
      planted || (inputs["workloadIdentityConfig"] as Props | undefined)?.["workloadPool"] === pool,
  );
  return there
    ? undefined
    : refused(
        400,
        `Identity Pool does not exist (${pool}). Please check that you specified a valid resource name`,
        "badRequest",
      );
};

/** A member of a policy: what it is about goes and takes it along. */
const memberOf = (property: string, type: string): Row => ({
  noun: "member of a policy",
  id: (inputs) => [inputs[property], inputs["role"], inputs["member"]].join("/"),
  overwrites: true,
  needs: [need(property, type, "takes")],
  refuses: { create: memberExists },
  replaceOn: [property, "role", "member", "condition"],
  outputs: (inputs) => ({ etag: hash(text(inputs["member"]), 10) }),
});

const SECRET = "gcp:secretmanager/secret:Secret";

/** What belongs to the project rather than to a network: APIs, identities, keys, secrets, images and logs. */
export const account: Table = {
  // Other ones than the program's own, whose secrets it may be given.
  "gcp:organizations/project:Project": {
    noun: "project",
    naming: { property: "projectId", max: 30, auto: false },
    id: ({ projectId }) => text(projectId),
    outputs: ({ projectId }) => ({ number: String(Number.parseInt(hash(text(projectId), 10), 16)) }),
  },
  [SERVICE]: {
    noun: "service",
    id: path("{project}", "{service}"),
    overwrites: true,
    replaceOn: ["project", "service"],
    // Other things in the project may use it.
    stays: ({ disableOnDestroy }) => (disableOnDestroy === false ? "leftover" : undefined),
  },
  "gcp:projects/serviceIdentity:ServiceIdentity": {
    noun: "service identity",
    id: path("projects", "{project}", "services", "{service}"),
    overwrites: true,
    needs: [],
    replaceOn: ["project", "service"],
    refuses: {
      create: ({ service }, view) =>
        view.find(SERVICE, `${view.where.account}/${service}`) === undefined
          ? refused(403, `${service} is not enabled in project ${NUMBER}`, "failedPrecondition")
          : undefined,
    },
    stays: () => "leftover",
    outputs: ({ service }) => {
      const email = agentOf(text(service).split(".", 1).join());
      return { email, member: `serviceAccount:${email}` };
    },
  },
  [PROJECT_MEMBER]: {
    noun: "member of a policy",
    id: ({ project, role, member }) => [project, role, member].join("/"),
    overwrites: true,
    refuses: { create: memberExists },
    replaceOn: ["project", "role", "member", "condition"],
    outputs: ({ member }) => ({ etag: hash(text(member), 10) }),
  },
  [ACCOUNT]: {
    noun: "service account",
    naming: { property: "accountId", max: 30, auto: false, like: /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/ },
    id: (inputs, _, where) => `projects/${where.account}/serviceAccounts/${emailOf(inputs, where)}`,
    calledBy: ["email", "name"],
    quota: 100,
    replaceOn: ["project"],
    outputs: (inputs, id, where) => {
      const email = emailOf(inputs, where);
      return {
        email,
        name: id,
        member: `serviceAccount:${email}`,
        uniqueId: String(Number.parseInt(hash(id, 12), 16)),
      };
    },
  },
  "gcp:kms/keyRing:KeyRing": {
    noun: "key ring",
    naming: { property: "name", max: 63, like: /^[a-zA-Z0-9_-]+$/ },
    id: path("projects", "{project}", "locations", "{location}", "keyRings", "{name}"),
    replaceOn: ["location", "project"],
    stays: () => "leftover",
  },
  "gcp:kms/cryptoKey:CryptoKey": {
    noun: "key",
    naming: { property: "name", max: 63, like: /^[a-zA-Z0-9_-]+$/ },
    id: ({ keyRing, name }) => `${keyRing}/cryptoKeys/${name}`,
    needs: [need("keyRing", "gcp:kms/keyRing:KeyRing", "leaves")],
    replaceOn: ["keyRing", "purpose", "destroyScheduledDuration", "importOnly"],
    // Its versions; the key itself is there for ever.
    stays: () => "pending deletion",
    outputs: (_, id) => ({ primaries: [{ name: `${id}/cryptoKeyVersions/1`, state: "ENABLED" }] }),
  },
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": memberOf("cryptoKeyId", "gcp:kms/cryptoKey:CryptoKey"),
  [SECRET]: {
    noun: "secret",
    naming: { property: "secretId", max: 255, like: /^[a-zA-Z0-9_-]+$/ },
    id: path("projects", "{project}", "secrets", "{secretId}"),
    calledBy: ["name", "secretId"],
    needs: [keyAt("replication.userManaged.replicas.customerManagedEncryption.kmsKeyName")],
    refuses: {
      create: mayEncrypt(
        "replication.userManaged.replicas.customerManagedEncryption.kmsKeyName",
        "secretmanager",
        ({ replication }) =>
          (replication as { userManaged: { replicas: Props[] } }).userManaged.replicas[0]?.["location"],
      ),
    },
    replaceOn: ["replication", "project"],
    outputs: ({ secretId }) => ({ name: `projects/${NUMBER}/secrets/${secretId}` }),
  },
  "gcp:secretmanager/secretVersion:SecretVersion": {
    noun: "secret version",
    id: ({ secret }, chance) =>
      `projects/${NUMBER}/secrets/${last(secret)}/versions/${Number.parseInt(chance.slice(0, 6), 16)}`,
    needs: [need("secret", SECRET, "takes")],
    replaceOn: ["secret", "secretData"],
    outputs: (_, id) => ({ name: id, version: last(id), enabled: true }),
  },
  "gcp:secretmanager/secretIamMember:SecretIamMember": memberOf("secretId", SECRET),
  "gcp:artifactregistry/repository:Repository": {
    noun: "repository",
    naming: { ...label, property: "repositoryId", auto: false },
    id: path("projects", "{project}", "locations", "{location}", "repositories", "{repositoryId}"),
    calledBy: ["name"],
    needs: [keyAt("kmsKeyName")],
    refuses: { create: mayEncrypt("kmsKeyName", "artifactregistry", ({ location }) => location) },
    replaceOn: ["location", "format", "kmsKeyName", "mode", "project"],
    outputs: ({ repositoryId, location }, _, where) => ({
      name: repositoryId,
      registryUri: `${location}-docker.pkg.dev/${where.account}/${repositoryId}`,
    }),
  },
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": memberOf(
    "repository",
    "gcp:artifactregistry/repository:Repository",
  ),
  "gcp:logging/projectBucketConfig:ProjectBucketConfig": {
    noun: "log bucket",
    naming: { property: "bucketId", max: 100, auto: false, like: /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/ },
    id: path("projects", "{project}", "locations", "{location}", "buckets", "{bucketId}"),
    replaceOn: ["location", "project"],
    stays: () => "soft-deleted",
    outputs: (_, id) => ({ name: id, lifecycleState: "ACTIVE" }),
  },
  "gcp:logging/projectSink:ProjectSink": {
    noun: "sink",
    naming: { property: "name", max: 100 },
    id: path("projects", "{project}", "sinks", "{name}"),
    refuses: {
      create: ({ destination }, view) =>
        view.find("gcp:logging/projectBucketConfig:ProjectBucketConfig", text(destination).replace(/^[^/]*\//, "")) ===
        undefined
          ? refused(400, `The destination ${destination} does not exist`, "badRequest")
          : undefined,
    },
    replaceOn: ["project", "uniqueWriterIdentity"],
    outputs: () => ({ writerIdentity: `serviceAccount:service-${NUMBER}@gcp-sa-logging.iam.gserviceaccount.com` }),
  },
};
