import { Workspace } from "@pulumi/azure-native/operationalinsights/workspace.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Observe } from "../contract.js";
import type { AzureGround } from "./ground.js";
import { tagsFor } from "./tags.js";

export interface AzureObserveArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

/** Where the cluster is somebody else's and says nothing about its logs. */
const RETENTION_DAYS = 30;

/**
 * The workspace for what pods say, made here so that its age limit holds from the first line.
 *
 * Costs 2.30 to 2.80 USD a GiB taken in, and 0.10 USD a GiB and month after the first 31 days.
 */
export class AzureObserve extends pulumi.ComponentResource implements Observe {
  /** The workspace's ARM id. */
  public readonly logs: pulumi.Output<string>;

  constructor(name: string, { stack, ground }: AzureObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Observe", name, {}, opts);
    const days = stack.cluster.mode === "managed" ? stack.cluster.logRetentionDays : RETENTION_DAYS;
    this.logs = createWorkspace(name, days, stack, ground, { parent: this }).id;
    this.registerOutputs({ logs: this.logs });
  }
}

/** Settings see to it that no log is to be kept for less than the 30 days that are the least here. */
export function createWorkspace(
  name: string,
  days: number,
  stack: Settings,
  ground: AzureGround,
  opts: pulumi.CustomResourceOptions,
): Workspace {
  return new Workspace(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      sku: { name: "PerGB2018" },
      retentionInDays: days,
      // Whoever has only the key of a workspace could write into it.
      features: { disableLocalAuth: true },
      tags: tagsFor(stack, name),
    },
    opts,
  );
}
