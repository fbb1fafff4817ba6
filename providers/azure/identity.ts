import { FederatedIdentityCredential } from "@pulumi/azure-native/managedidentity/federatedIdentityCredential.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Cluster, Duty, Identity, IdentityArgs } from "../contract.js";
import { refuseDuties } from "../duties.js";
import { nodeGroupOf } from "./cluster.js";
import type { AzureGround } from "./ground.js";
import { assign, type Role } from "./roles.js";
import { tagsFor } from "./tags.js";

export interface AzureIdentityArgs extends IdentityArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/** Whom the tokens of service accounts are for, when they are changed for one of Entra. */
const AUDIENCE = "api://AzureADTokenExchange";

/**
 * An identity for the pods of one service account, and exactly what they may touch: the objects of the given buckets,
 * the values of the given secrets, and the given zones, a role on each. The cluster vouches for the pods; they carry a
 * label, by which they are given a token, and their account an annotation that says whose.
 *
 * A role that is new takes minutes until it acts.
 *
 * Costs nothing.
 */
export class AzureIdentity extends pulumi.ComponentResource implements Identity {
  /** Client id of the identity. */
  public readonly principal: pulumi.Output<string>;
  public readonly serviceAccountAnnotations: Readonly<Record<string, pulumi.Output<string>>>;
  public readonly podLabels = { "azure.workload.identity/use": "true" };
  public readonly ready = [];

  constructor(name: string, args: AzureIdentityArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Identity", name, {}, opts);
    refuseDuties("azure", args.duties, Object.keys(dutyGrants));
    const child = { parent: this };
    const identity = createIdentity(name, args, child);
    const credential = createCredential(name, args, identity, child);
    createPermissions(name, args, identity, child);
    // Through the credential, so that a pod that runs is known.
    this.principal = pulumi.all([identity.clientId, credential.id]).apply(([clientId]) => clientId);
    this.serviceAccountAnnotations = { "azure.workload.identity/client-id": this.principal };
    this.registerOutputs({ principal: this.principal });
  }
}

function createIdentity(
  name: string,
  { stack, ground }: AzureIdentityArgs,
  opts: pulumi.CustomResourceOptions,
): UserAssignedIdentity {
  return new UserAssignedIdentity(
    name,
    { resourceGroupName: ground.resourceGroup, location: ground.location, tags: tagsFor(stack, name) },
    opts,
  );
}

/** Trusts the tokens of that one account in that one cluster. */
function createCredential(
  name: string,
  { cluster, namespace, serviceAccount, ground }: AzureIdentityArgs,
  identity: UserAssignedIdentity,
  opts: pulumi.CustomResourceOptions,
): FederatedIdentityCredential {
  return new FederatedIdentityCredential(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      resourceName: identity.name,
      issuer: issuerOf(cluster),
      subject: pulumi.interpolate`system:serviceaccount:${namespace}:${serviceAccount}`,
      audiences: [AUDIENCE],
    },
    // It goes with the identity, and Azure changes the credentials of one only one by one.
    { ...opts, deletedWith: identity },
  );
}

/**
 * One role on one thing, named by what the stack calls the thing: Azure has no second assignment of the same role on
 * the same thing, so names that move from one to another would be refused.
 */
function createPermissions(
  name: string,
  args: AzureIdentityArgs,
  identity: UserAssignedIdentity,
  opts: pulumi.CustomResourceOptions,
): void {
  const { buckets, secrets, zones = [], logs, duties = [], ground } = args;
  const principal = identity.principalId;
  for (const [key, { access, identity: scope }] of Object.entries(buckets)) {
    if (access !== "identity") continue;
    assign(`${name}-bucket-${key}`, { ground, role: "Storage Blob Data Contributor", scope, principal }, opts);
  }
  // The same entry twice is one permission.
  for (const [label, scope] of new Map(secrets.map((secret) => [secret.label, secret.identity]))) {
    assign(`${name}-secret-${label}`, { ground, role: "Key Vault Secrets User", scope, principal }, opts);
  }
  // Azure has none for records alone.
  for (const { domain, zone: scope } of zones)
    assign(`${name}-zone-${domain}`, { ground, role: "DNS Zone Contributor", scope, principal }, opts);
  // By its name it is for metrics; it is what a rule of lines wants.
  if (logs !== undefined)
    assign(`${name}-logs`, { ground, role: "Monitoring Metrics Publisher", scope: logs.identity, principal }, opts);
  for (const { noun, role, scope } of duties.flatMap((duty) => dutyGrants[duty]?.(args) ?? []))
    assign(`${name}-${noun}`, { ground, role, scope, principal }, opts);
}

interface DutyGrant {
  /** What the assignment's name ends in. */
  readonly noun: string;
  readonly role: Role;
  readonly scope: pulumi.Output<string>;
}

/** AKS does by itself what other duties are for. */
const dutyGrants: Readonly<Partial<Record<Duty, (args: AzureIdentityArgs) => readonly DutyGrant[]>>> = {
  "read metrics": ({ cluster, ground }) => [
    { noun: "metrics", role: "Monitoring Reader", scope: groupId(ground, ground.resourceGroup) },
    // Load balancers are where AKS keeps its machines.
    { noun: "balancer-metrics", role: "Monitoring Reader", scope: groupId(ground, nodeGroupOf(cluster)) },
  ],
};

const groupId = ({ subscription }: AzureGround, group: pulumi.Output<string>): pulumi.Output<string> =>
  pulumi.interpolate`/subscriptions/${subscription}/resourceGroups/${group}`;

/** What a cluster of Azure tells beyond the contract: who signs the tokens of its service accounts. */
interface Vouching {
  readonly issuer: pulumi.Output<string>;
}
const vouches = (cluster: Cluster): cluster is Cluster & Vouching => "issuer" in cluster;

function issuerOf(cluster: Cluster): pulumi.Output<string> {
  if (!vouches(cluster)) throw new Error("azure: an identity needs a cluster of Azure, which vouches for its pods");
  return cluster.issuer;
}
