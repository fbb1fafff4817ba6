import { ProjectBucketConfig } from "@pulumi/gcp/logging/projectBucketConfig.js";
import { ProjectSink } from "@pulumi/gcp/logging/projectSink.js";
import * as pulumi from "@pulumi/pulumi";
import { RandomId } from "@pulumi/random/randomId.js";
import type { Settings } from "../../config/settings.js";
import type { GcpGround } from "./ground.js";

export interface LogsArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
  /** Which logs, in words: the description. */
  readonly purpose: string;
  readonly retentionDays: number;
  /** Which logs, in the language of Cloud Logging. */
  readonly filter: pulumi.Input<string>;
}

/**
 * A log bucket with an age limit of its own, and the sink that leads logs to it. They lie in the project's `_Default`
 * bucket for 30 days as well, which is the project's and not the stack's: whoever does not want to pay for them twice
 * excludes them there.
 */
export function createLogs(name: string, args: LogsArgs, opts: pulumi.CustomResourceOptions): ProjectBucketConfig {
  const { stack, ground, purpose, retentionDays, filter } = args;
  // A bucket's name stays taken for a week after it is gone.
  const suffix = new RandomId(name, { byteLength: 4 }, opts);
  const bucket = new ProjectBucketConfig(
    name,
    {
      bucketId: pulumi.interpolate`${name}-${suffix.hex}`,
      project: ground.project("logging"),
      location: stack.region,
      description: purpose,
      retentionDays,
    },
    opts,
  );
  new ProjectSink(
    name,
    {
      project: ground.project("logging"),
      description: purpose,
      // A bucket of the same project needs no permission for whoever writes to it.
      destination: pulumi.interpolate`logging.googleapis.com/${bucket.id}`,
      filter,
      uniqueWriterIdentity: true,
    },
    opts,
  );
  return bucket;
}
