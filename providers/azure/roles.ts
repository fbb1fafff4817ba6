import { RoleAssignment } from "@pulumi/azure-native/authorization/roleAssignment.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { AzureGround } from "./ground.js";

/** Built-in roles by the names that Azure gives them, each with its id: the same in every subscription. */
export const roles = {
  AcrPull: "7f951dda-4ed3-4680-a7ca-43fe172d538d",
  "Azure Kubernetes Service RBAC Cluster Admin": "b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b",
  "DNS Zone Contributor": "befefa01-2a29-4197-83a8-272ff33ce314",
  "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
  "Managed Identity Operator": "f1a07417-d97a-45cb-824c-7a7467783830",
  "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
  "Monitoring Reader": "43d0d8ad-25c7-4714-9337-8ba259a9fe05",
  "Network Contributor": "4d97b98b-1d4f-4787-a291-c67834d212e7",
  "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
} as const;

export type Role = keyof typeof roles;

export interface AssignArgs {
  readonly ground: AzureGround;
  readonly role: Role;
  /** The ARM id of the narrowest thing that the role is needed on. */
  readonly scope: pulumi.Input<string>;
  /** The object id of who gets it. */
  readonly principal: pulumi.Input<string>;
  /**
   * `identity` is one that the stack makes: Entra may not have heard of it yet, and looks it up only where it is not
   * told what it is. `anybody` has been there before and may be a person, a group or an application.
   * @default "identity"
   */
  readonly who?: "identity" | "anybody";
}

/**
 * Azure finds out by itself, where it is let: the SDK says `User` for who says nothing, and Azure then refuses whoever
 * is none. An output of nothing is something to the SDK, and nothing to Azure.
 */
const UNTOLD = pulumi.output<string | undefined>(undefined);

/**
 * Gives a role to somebody. It takes up to ten minutes until it acts everywhere: what needs it at once has to wait.
 *
 * An assignment's name is a GUID, and an assignment cannot change: whoever, what or where else is another one, with
 * another GUID. `ignoreChanges: ["principalId"]` keeps the first one.
 */
export function assign(
  name: string,
  { ground, role, scope, principal, who = "identity" }: AssignArgs,
  opts: pulumi.CustomResourceOptions,
): RoleAssignment {
  const keeps = opts.ignoreChanges?.includes("principalId") === true;
  const { dependsOn: _, ...first } = opts;
  const guid = new random.RandomUuid(
    name,
    { keepers: { role, scope, principal } },
    { ...first, ignoreChanges: keeps ? ["keepers.principal"] : [] },
  );
  return new RoleAssignment(
    name,
    {
      roleAssignmentName: guid.result,
      roleDefinitionId: pulumi.interpolate`/subscriptions/${ground.subscription}/providers/Microsoft.Authorization/roleDefinitions/${roles[role]}`,
      scope,
      principalId: principal,
      principalType: who === "identity" ? "ServicePrincipal" : UNTOLD,
    },
    opts,
  );
}
