import { ManagementLockByScope } from "@pulumi/azure-native/authorization/managementLockByScope.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";

interface LockArgs {
  readonly stack: Settings;
  /** The ARM id of what stays. */
  readonly scope: pulumi.Input<string>;
  /** What stays, in words. */
  readonly what: string;
}

/**
 * Azure has no deletion protection of its own: a lock keeps everybody, its owner too, from deleting what is protected.
 * Making and lifting one takes Owner or User Access Administrator, like giving roles.
 *
 * Only for what nobody holds a role on: a lock keeps the roles from being taken away too, so a protected stack could
 * lose no service any more. https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
 */
export function createLock(name: string, { stack, scope, what }: LockArgs, opts: pulumi.CustomResourceOptions): void {
  if (!stack.deletionProtection) return;
  new ManagementLockByScope(
    `${name}-lock`,
    {
      scope,
      level: "CanNotDelete",
      notes: `${what} of ${stack.prefix}: lifted by agent-platform:deletionProtection false`,
    },
    opts,
  );
}
