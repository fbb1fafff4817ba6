import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { LogOutput, Observe } from "../contract.js";
import { clusterLogDays, podLogDays, sendsLogs } from "../log-days.js";
import { References } from "../references.js";
import { clusterPlace } from "./cluster-place.js";
import type { GcpGround } from "./ground.js";
import { createLogs } from "./logs.js";

export interface GcpObserveArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };
type Place = pulumi.Output<ReturnType<typeof clusterPlace>>;

/**
 * Where the logs of the cluster stay: sinks lead them here, so that they are forgotten when the stack says. What GKE
 * takes by itself (the control plane, nodes, events, and what pods of its own namespaces say) has one bucket; what the
 * stack's Fluent Bit sends has another one, with days of its own. Where nobody watches GKE collects what pods say as
 * well, and there is only the first.
 *
 * Costs 0.50 USD a GiB taken in, of which a project has 50 GiB a month free, and 0.01 USD a GiB and month after 30 days.
 */
export class GcpObserve extends pulumi.ComponentResource implements Observe {
  public readonly logs: pulumi.Output<string>;
  public readonly logOutput: LogOutput | undefined;

  constructor(name: string, { stack, ground }: GcpObserveArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Observe", name, {}, opts);
    const child = { parent: this };
    const place = placeOf(name, stack, child);
    const ours = sendsLogs(stack);
    const cluster = createLogs(
      `${name}-logs`,
      {
        stack,
        ground,
        purpose: `Logs of the cluster of ${stack.prefix}`,
        retentionDays: clusterLogDays(stack),
        filter: ours ? pulumi.interpolate`${ofCluster(place)} AND NOT ${sent(stack)}` : ofCluster(place),
      },
      child,
    );
    const days = podLogDays(stack);
    const pods =
      ours && days !== undefined
        ? createLogs(
            `${name}-pods`,
            {
              stack,
              ground,
              purpose: `Logs of the pods of ${stack.prefix}`,
              retentionDays: days,
              filter: pulumi.interpolate`${ofCluster(place)} AND ${sent(stack)}`,
            },
            child,
          )
        : undefined;
    this.logs = (pods ?? cluster).id;
    this.logOutput = pods === undefined ? undefined : outputTo(pods.id, place, ground);
    this.registerOutputs({ logs: this.logs });
  }
}

function placeOf(name: string, { cluster, prefix, region }: Settings, opts: Options): Place {
  const id =
    cluster.mode === "managed"
      ? pulumi.output(prefix)
      : new References(name, opts.parent, cluster.fromStack).id(cluster.id, "cluster.id");
  return id.apply((said) => clusterPlace(said, region));
}

/** Nodes, pods, the control plane and its audit trail: all of these carry their cluster's name and place. */
const ofCluster = (place: Place): pulumi.Output<string> =>
  place.apply(
    ({ name, location }) => `resource.labels.cluster_name="${name}" AND resource.labels.location="${location}"`,
  );

/** What Fluent Bit sends has the stack's name for a log's. */
const sent = ({ prefix }: Pick<Settings, "prefix">): string => `log_id("${prefix}")`;

/**
 * Cloud Logging has its own names for how bad a line is and whose trace it is part of, and of which container it comes.
 * The log's name is the record's field `stack`.
 */
const outputTo = (bucket: pulumi.Output<string>, place: Place, ground: GcpGround): LogOutput => ({
  section: {
    name: "stackdriver",
    export_to_project_id: ground.project("logging"),
    resource: "k8s_container",
    k8s_cluster_name: place.name,
    k8s_cluster_location: place.location,
    resource_labels: pulumi.interpolate`cluster_name=${place.name},location=${place.location},namespace_name=$namespace,pod_name=$pod,container_name=$container`,
    log_name_key: "stack",
    severity_key: "level",
    trace_key: "traceId",
    span_id_key: "spanId",
    autoformat_stackdriver_trace: "on",
  },
  tokens: undefined,
  identity: bucket,
  // GKE takes its system's logs, or none at all, not even those of its control plane.
  collected: { namespaces: ["kube-system", "gke-*", "gmp-*"], events: true },
});
