import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { Observe } from "../contract.js";
import { References } from "../references.js";
import { clusterPlace } from "./cluster-place.js";
import type { GcpGround } from "./ground.js";
import { createLogs } from "./logs.js";

export interface GcpObserveArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** Where the cluster is somebody else's and says nothing about its logs. */
const RETENTION_DAYS = 30;

/**
 * Where the logs of the cluster stay, those of its control plane and what pods say: GKE collects them by itself, and
 * the sink leads them here, so that they are forgotten when the stack says.
 *
 * Costs 0.50 USD a GiB taken in, of which a project has 50 GiB a month free, and 0.01 USD a GiB and month after 30 days.
 */
export class GcpObserve extends pulumi.ComponentResource implements Observe {
  public readonly logs: pulumi.Output<string>;

  constructor(name: string, { stack, ground }: GcpObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Observe", name, {}, opts);
    const bucket = createLogs(
      `${name}-logs`,
      {
        stack,
        ground,
        purpose: `Logs of the cluster of ${stack.prefix}`,
        retentionDays: stack.cluster.mode === "managed" ? stack.cluster.logRetentionDays : RETENTION_DAYS,
        filter: filterFor(name, stack, { parent: this }),
      },
      { parent: this },
    );
    this.logs = bucket.id;
    this.registerOutputs({ logs: this.logs });
  }
}

/** Nodes, pods, the control plane and its audit trail: all of these carry their cluster's name and place. */
function filterFor(name: string, { cluster, prefix, region }: Settings, opts: Options): pulumi.Output<string> {
  const id =
    cluster.mode === "managed"
      ? pulumi.output(prefix)
      : new References(name, opts.parent, cluster.fromStack).id(cluster.id, "cluster.id");
  return id.apply((said) => {
    const { name, location } = clusterPlace(said, region);
    return `resource.labels.cluster_name="${name}" AND resource.labels.location="${location}"`;
  });
}
