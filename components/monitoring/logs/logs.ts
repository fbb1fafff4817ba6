import { DaemonSet } from "@pulumi/kubernetes/apps/v1/daemonSet.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PriorityClass } from "@pulumi/kubernetes/scheduling/v1/priorityClass.js";
import * as pulumi from "@pulumi/pulumi";
import { type LogsSettings, logsOf } from "../../../config/monitoring/logs.js";
import type { LogOutput } from "../../../providers/contract.js";
import { envoyGatewayNamespace } from "../../addons/envoy-gateway.js";
import { nobody, type PodIdentity } from "../../addons/pod-identity.js";
import { contentName } from "../../content-name.js";
import { inside } from "../../inside.js";
import { podsIn, type Reach } from "../../peers.js";
import { createMonitor } from "../monitors.js";
import { monitoringNamespace, nodesNamespace, openSearch, readers } from "../places.js";
import type { MonitoringScene } from "../scene.js";
import { type Account, createAccount, renderFluentBitPolicy } from "./access.js";
import { filesOfEvents, filesOfNode, HTTP_PORT, type Section, type Whose } from "./config.js";
import { renderEvents } from "./events.js";
import { renderNodeAgent } from "./node-agent.js";
import { OpenSearchCluster } from "./open-search-cluster.js";
import { fluentBitLabels, labelsOfPart, logsAccount, type Part } from "./pod.js";

export interface LogsArgs extends MonitoringScene {
  /** What makes its own metrics be read is made of these. */
  readonly definitions: pulumi.Resource;
}

/** Undefined where lines go nowhere. */
export const createLogs = (name: string, args: LogsArgs, parent: pulumi.Resource): Logs | undefined => {
  const logs = logsOf(args.settings);
  return logs === undefined || logs.to === "none" ? undefined : new Logs(name, { ...args, logs }, { parent });
};

/** Where lines go, and what it takes to write there. */
interface Destination {
  readonly output: pulumi.Input<Section>;
  /** Undefined where the stack keeps lines itself: no identity is asked for there. */
  readonly cloud: LogOutput | undefined;
  readonly reaches: readonly Reach[];
}

interface Scene extends LogsArgs {
  readonly logs: LogsSettings;
}

/**
 * What pods say, and what happens in the cluster, on its way to where it is kept: Fluent Bit on every node, which reads
 * what containers write, parses what is JSON, joins stack traces, adds whose it is, takes secrets out and keeps on its
 * node's disk what it can't send; and one more, which reads events. In a cluster of the stack's own it reads
 * everything, in another's only what is in the stack's namespaces.
 *
 * Costs 0.05 cores and 192 MiB of each node and up to 1 GiB of its disk, and as much for events.
 */
export class Logs extends pulumi.ComponentResource {
  constructor(name: string, args: Scene, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:Logs", name, {}, opts);
    const { logs, nodes, definitions } = args;
    const destination = createDestination(name, args, this);
    createNodeAgents(name, destination, args, this);
    createMonitor(name, "fluent-bit", monitorIn(nodes, "node"), args, definitions, this);
    if (logs.events && destination.cloud?.collected.events !== true) {
      createEvents(name, destination, args, this);
      createMonitor(name, "fluent-bit-events", monitorIn(args.namespace, "events"), args, definitions, this);
    }
    this.registerOutputs({});
  }
}

const monitorIn = (namespace: pulumi.Input<string>, part: Part) => ({
  job: "fluent-bit",
  namespace,
  labels: labelsOfPart(part),
  port: HTTP_PORT,
  path: "/api/v2/metrics/prometheus",
  node: true,
  keeps: "fluentBit" as const,
});

function createDestination(name: string, args: Scene, parent: Logs): Destination {
  const { logs, observe, cluster, namespace } = args;
  if (logs.to === "openSearch") {
    const { output } = new OpenSearchCluster(`${name}-opensearch`, args, { parent });
    const to = [podsIn(namespace, openSearch.labels)];
    return { output, cloud: undefined, reaches: [{ to, port: openSearch.port }] };
  }
  const { logOutput: cloud } = observe;
  if (cloud === undefined) throw new Error("monitoring.logs.to cloud: the cloud has no log service to write to");
  return {
    output: pulumi.output(cloud.section),
    cloud,
    reaches: cluster.credentialEndpoint.flatMap(({ cidr, ports }) =>
      ports.map((port) => ({ to: [{ ipBlock: { cidr } }], port })),
    ),
  };
}

/** Everybody's in a cluster of the stack's own. */
function readsOf({ settings }: Scene): readonly Whose[] {
  if (settings.cluster.mode === "managed") return ["*_*"];
  const { prefix } = settings;
  return [`${prefix}_*`, `${prefix}-*_*`, `${envoyGatewayNamespace}_*`];
}

function createNodeAgents(name: string, destination: Destination, args: Scene, parent: Logs): void {
  const { settings, cluster, nodes } = args;
  const { output, cloud } = destination;
  const stem = `${name}-node`;
  const { identity, before } = createPart(stem, "node", nodes, [], destination, args, parent);
  const collected = cloud?.collected.namespaces ?? [];
  const files = createFiles(
    stem,
    "fluent-bit",
    nodes,
    pulumi.output(output).apply((section) =>
      filesOfNode({
        stack: settings,
        output: section,
        reads: readsOf(args),
        passes: [`${nodesNamespace(settings)}_fluent-bit`, ...collected.map((namespace): Whose => `${namespace}_*`)],
      }),
    ),
    args,
    parent,
  );
  const priority = new PriorityClass(
    stem,
    {
      metadata: { name: `${settings.prefix}-logs` },
      // A pod of each node has no other node to go to; what it pushes out has.
      value: 1_000_000,
      description: "Of each node: what reads the lines of its pods.",
    },
    inside(cluster, parent),
  );
  new DaemonSet(
    stem,
    renderNodeAgent({
      namespace: nodes,
      mirror: settings.mirror.images,
      identity,
      files,
      tokens: cloud?.tokens,
      state: `/var/lib/${settings.prefix}-fluent-bit`,
      priorityClass: priority.metadata.name,
    }),
    { ...inside(cluster, parent), dependsOn: [...before], customTimeouts: { create: "15m", update: "30m" } },
  );
}

/** Where an event is told of; none where everybody's are read. */
const eventsOf = ({ settings }: Scene): readonly string[] =>
  settings.cluster.mode === "managed" ? [] : [settings.prefix, monitoringNamespace(settings), nodesNamespace(settings)];

function createEvents(name: string, destination: Destination, args: Scene, parent: Logs): void {
  const { settings, cluster, namespace, services, nodes } = args;
  const stem = `${name}-events`;
  const within = settings.cluster.mode === "managed" ? [] : [services, namespace, nodes];
  const { identity, before } = createPart(stem, "events", namespace, within, destination, args, parent);
  const files = createFiles(
    stem,
    "fluent-bit-events",
    namespace,
    pulumi
      .output(destination.output)
      .apply((output) => filesOfEvents({ stack: settings, output, namespaces: eventsOf(args) })),
    args,
    parent,
  );
  new Deployment(
    stem,
    renderEvents({ namespace, mirror: settings.mirror.images, identity, files, tokens: destination.cloud?.tokens }),
    { ...inside(cluster, parent), dependsOn: [...before], customTimeouts: { create: "15m", update: "15m" } },
  );
}

/** Pods say whose they are, and events what happens; neither is changed. */
const rules = {
  node: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  events: [{ apiGroups: [""], resources: ["events"], verbs: ["get", "list", "watch"] }],
} satisfies Record<Part, Account["rules"]>;

/** Who the pods of a part are, and whom they may call. */
function createPart(
  name: string,
  part: Part,
  namespace: pulumi.Input<string>,
  within: readonly pulumi.Input<string>[],
  { cloud, reaches }: Destination,
  { settings, cluster, secretStore, cloud: maker }: Scene,
  parent: Logs,
): { readonly identity: PodIdentity; readonly before: readonly pulumi.Resource[] } {
  const { name: account } = logsAccount(part, settings);
  const identity: PodIdentity =
    cloud === undefined
      ? nobody
      : maker.identity(
          name,
          { cluster, namespace, serviceAccount: account, store: secretStore, buckets: {}, secrets: [], logs: cloud },
          { parent },
        );
  const made = createAccount(
    name,
    { account, namespace, prefix: settings.prefix, rules: rules[part], within, identity },
    cluster,
    parent,
  );
  const policy = new NetworkPolicy(
    name,
    renderFluentBitPolicy({
      name: account,
      namespace,
      labels: labelsOfPart(part),
      readers: readers(settings),
      reaches,
    }),
    inside(cluster, parent),
  );
  return { identity, before: [...cluster.ready, ...identity.ready, ...made, policy] };
}

/** Another content is another ConfigMap, and pods that start again. */
function createFiles(
  name: string,
  stem: string,
  namespace: pulumi.Input<string>,
  content: pulumi.Output<Readonly<Record<string, string>>>,
  { cluster }: Scene,
  parent: Logs,
): pulumi.Output<string> {
  return new ConfigMap(
    name,
    {
      metadata: { name: content.apply((files) => contentName(stem, files)), namespace, labels: fluentBitLabels },
      immutable: true,
      data: content,
    },
    inside(cluster, parent),
  ).metadata.name;
}
