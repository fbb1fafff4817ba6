import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { LogOutput, Observe } from "../contract.js";
import { podLogDays, sendsLogs } from "../log-days.js";
import { tagsFor } from "./tags.js";

export interface AwsObserveArgs {
  readonly stack: Settings;
}

/**
 * The log group for what pods say, made here so that its age limit holds from the first line: a collector that makes
 * its own keeps everything for ever. EKS sends nothing of pods by itself.
 *
 * Costs 0.50 to 0.60 USD a GiB taken in, and 0.03 USD a GiB and month kept.
 */
export class AwsObserve extends pulumi.ComponentResource implements Observe {
  public readonly logs: pulumi.Output<string>;
  public readonly logOutput: LogOutput | undefined;

  constructor(name: string, { stack }: AwsObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Observe", name, {}, opts);
    const days = podLogDays(stack);
    const group = days === undefined ? undefined : createLogGroup(name, days, stack, { parent: this });
    this.logs = group?.name ?? pulumi.output("");
    this.logOutput = group !== undefined && sendsLogs(stack) ? outputTo(group, stack) : undefined;
    this.registerOutputs({ logs: this.logs });
  }
}

function createLogGroup(name: string, days: number, stack: Settings, opts: pulumi.CustomResourceOptions): LogGroup {
  return new LogGroup(
    name,
    {
      name: `/agent-platform/${stack.prefix}/services`,
      retentionInDays: days,
      tags: tagsFor(stack, name),
    },
    opts,
  );
}

/** A stream for each pod of Fluent Bit: who looks for lines asks for their fields, over all streams. */
const outputTo = (group: LogGroup, { region }: Settings): LogOutput => ({
  section: {
    name: "cloudwatch_logs",
    region,
    log_group_name: group.name,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Fluent Bit's own
    log_stream_name: "${POD_NAME}",
    auto_create_group: "off",
  },
  tokens: undefined,
  identity: group.arn,
  collected: { namespaces: [], events: false },
});
