import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Observe } from "../contract.js";
import { tagsFor } from "./tags.js";

export interface AwsObserveArgs {
  readonly stack: Settings;
}

/** Where the cluster is somebody else's and says nothing about its logs. */
const RETENTION_DAYS = 30;

/**
 * The log group for what pods say, made here so that its age limit holds from the first line: a collector that makes
 * its own keeps everything for ever.
 *
 * Costs 0.50 to 0.60 USD a GiB taken in, and 0.03 USD a GiB and month kept.
 */
export class AwsObserve extends pulumi.ComponentResource implements Observe {
  public readonly logs: pulumi.Output<string>;

  constructor(name: string, { stack }: AwsObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Observe", name, {}, opts);
    const group = createLogGroup(name, stack, { parent: this });
    this.logs = group.name;
    this.registerOutputs({ logs: this.logs });
  }
}

function createLogGroup(name: string, stack: Settings, opts: pulumi.CustomResourceOptions): LogGroup {
  return new LogGroup(
    name,
    {
      name: `/agent-platform/${stack.prefix}/services`,
      retentionInDays: stack.cluster.mode === "managed" ? stack.cluster.logRetentionDays : RETENTION_DAYS,
      tags: tagsFor(stack, name),
    },
    opts,
  );
}
