import { DnsManagedZoneIamMember } from "@pulumi/gcp/dns/dnsManagedZoneIamMember.js";
import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import { SecretIamMember } from "@pulumi/gcp/secretmanager/secretIamMember.js";
import { BucketIAMMember } from "@pulumi/gcp/storage/bucketIAMMember.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Duty, Identity, IdentityArgs } from "../contract.js";
import { refuseDuties } from "../duties.js";
import type { Api, GcpGround } from "./ground.js";

export interface GcpIdentityArgs extends IdentityArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

/**
 * The pods of one service account as IAM sees them, and exactly what they may touch: the objects of the given buckets
 * and the values of the given secrets, and the given zones. GKE vouches for the pods to IAM directly, so there is no account of Google's in
 * between, no key, and the Kubernetes account needs no annotation.
 *
 * IAM knows pods by namespace and service account, and not by cluster: pods of the same two names in another cluster of
 * the project are the same to it. Namespaces carry the stack's name and environment, so stacks of this program are not.
 *
 * Costs nothing.
 */
export class GcpIdentity extends pulumi.ComponentResource implements Identity {
  /** `principal://...`, as IAM names the pods. */
  public readonly principal: pulumi.Output<string>;
  public readonly serviceAccountAnnotations = {};
  public readonly podLabels = {};
  public readonly ready = [];

  constructor(name: string, args: GcpIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Identity", name, {}, opts);
    refuseDuties("gcp", args.duties, Object.keys(dutyRoles));
    this.principal = principalOf(args);
    createBucketGrants(name, args, this.principal, { parent: this });
    createSecretGrants(name, args, this.principal, { parent: this });
    createZoneGrants(name, args, this.principal, { parent: this });
    createDutyGrants(name, args, this.principal, { parent: this });
    createLogGrant(name, args, this.principal, { parent: this });
    this.registerOutputs({ principal: this.principal });
  }
}

/** The pool of identities is there once the project has a cluster with one: through the cluster, so that grants wait. */
function principalOf({ cluster, namespace, serviceAccount, ground }: GcpIdentityArgs): pulumi.Output<string> {
  const pool = `${ground.id}.svc.id.goog`;
  return pulumi
    .all([ground.number, namespace, cluster.name])
    .apply(
      ([number, ns]) =>
        `principal://iam.googleapis.com/projects/${number}/locations/global/workloadIdentityPools/${pool}` +
        `/subject/ns/${ns}/sa/${serviceAccount}`,
    );
}

/**
 * A grant is named by what it opens and not by its place in a list: where a list grows at its front, grants by place
 * would change hands, and the old one's end would take away what the new one gave.
 */
function createBucketGrants(
  name: string,
  { buckets }: GcpIdentityArgs,
  member: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const [key, { access, identity }] of Object.entries(buckets)) {
    if (access !== "identity") continue;
    new BucketIAMMember(`${name}-uses-${key}`, { bucket: identity, role: "roles/storage.objectUser", member }, opts);
  }
}

function createSecretGrants(
  name: string,
  { secrets }: GcpIdentityArgs,
  member: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  // Several parts may name the same entry of somebody else's.
  const named = new Map(secrets.map(({ label, identity }) => [label, identity]));
  for (const [label, secretId] of named) {
    new SecretIamMember(
      `${name}-reads-${label}`,
      { secretId, role: "roles/secretmanager.secretAccessor", member },
      opts,
    );
  }
}

/** No role of Google's own is for records alone; one of the project's would keep its name for weeks after its end. */
function createZoneGrants(
  name: string,
  { zones = [], ground }: GcpIdentityArgs,
  member: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const { domain, zone } of zones) {
    new DnsManagedZoneIamMember(
      `${name}-writes-${domain}`,
      { project: ground.project("dns"), managedZone: zone, role: "roles/dns.admin", member },
      opts,
    );
  }
}

interface DutyRole {
  /** What the grant's name ends in. */
  readonly noun: string;
  readonly role: string;
  /** What the role is about. */
  readonly api: Api;
}

/** Google knows no narrower place for these than the project. GKE does by itself what other duties are for. */
const dutyRoles: Readonly<Partial<Record<Duty, DutyRole>>> = {
  "read metrics": { noun: "reads-metrics", role: "roles/monitoring.viewer", api: "monitoring" },
};

function createDutyGrants(
  name: string,
  { duties = [], ground }: GcpIdentityArgs,
  member: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  for (const duty of duties) {
    const granted = dutyRoles[duty];
    if (granted === undefined) continue;
    const { noun, role, api } = granted;
    new IAMMember(`${name}-${noun}`, { project: ground.project(api, "cloudresourcemanager"), role, member }, opts);
  }
}

/** Of lines too the narrowest place is the project: which bucket takes them is for the sinks to say. */
function createLogGrant(
  name: string,
  { logs, ground }: GcpIdentityArgs,
  member: pulumi.Output<string>,
  opts: pulumi.CustomResourceOptions,
): void {
  if (logs === undefined) return;
  const project = ground.project("logging", "cloudresourcemanager");
  new IAMMember(`${name}-writes-logs`, { project, role: "roles/logging.logWriter", member }, opts);
}
