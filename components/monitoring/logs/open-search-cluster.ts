import { StatefulSet } from "@pulumi/kubernetes/apps/v1/statefulSet.js";
import { Job } from "@pulumi/kubernetes/batch/v1/job.js";
import { ConfigMap } from "@pulumi/kubernetes/core/v1/configMap.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import { PodDisruptionBudget } from "@pulumi/kubernetes/policy/v1/podDisruptionBudget.js";
import * as pulumi from "@pulumi/pulumi";
import type { LogsSettings } from "../../../config/monitoring/logs.js";
import { contentName } from "../../content-name.js";
import { inside } from "../../inside.js";
import { podsIn, tcp } from "../../peers.js";
import { grafana, openSearch } from "../places.js";
import type { MonitoringScene } from "../scene.js";
import { createVolumes } from "../volumes.js";
import type { Section } from "./config.js";
import {
  OPEN_SEARCH_CONFIG,
  outputTo,
  renderConfig,
  renderNodes,
  renderPolicy,
  renderServices,
} from "./open-search.js";
import { renderSetup, setupFiles, setupLabels } from "./open-search-setup.js";

export interface OpenSearchArgs extends MonitoringScene {
  readonly logs: LogsSettings;
}

/**
 * OpenSearch in the cluster, for lines of logs: an index a day, which goes when it is as old as the settings say. It has
 * no passwords and no TLS: network policies let in Fluent Bit, the Job that makes it ready, and Grafana, so it is for a
 * cluster that holds to policies. Several nodes keep every line on two of them. The default (development) is a pod of
 * 2 GiB with a disk of 25.
 */
export class OpenSearchCluster extends pulumi.ComponentResource {
  /** How Fluent Bit writes there, once it is ready for lines. */
  public readonly output: pulumi.Output<Section>;

  constructor(name: string, args: OpenSearchArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:monitoring:OpenSearch", name, {}, opts);
    const { cluster, namespace, nodes, logs } = args;
    new NetworkPolicy(
      name,
      renderPolicy(namespace, nodes, [podsIn(namespace, setupLabels), podsIn(namespace, grafana.labels)]),
      inside(cluster, this),
    );
    const services = renderServices(namespace).map(
      (service, index) => new Service(index === 0 ? name : `${name}-nodes`, service, inside(cluster, this)),
    );
    const set = createNodes(name, args, services, this);
    if (logs.openSearch.nodes > 1)
      new PodDisruptionBudget(
        name,
        {
          metadata: { name: openSearch.name, namespace, labels: openSearch.labels },
          spec: { maxUnavailable: 1, selector: { matchLabels: openSearch.labels } },
        },
        inside(cluster, this),
      );
    const setup = createSetup(name, args, set, this);
    // By way of the Job: the first line finds an index that knows what lines are.
    this.output = pulumi
      .all([namespace, setup.metadata.name])
      .apply(([where]) => outputTo(`${openSearch.name}.${where}.svc`));
    this.registerOutputs({});
  }
}

function createNodes(
  name: string,
  { settings, cluster, namespace, logs }: OpenSearchArgs,
  after: readonly pulumi.Resource[],
  parent: OpenSearchCluster,
): StatefulSet {
  const { openSearch: sized } = logs;
  const content = { [OPEN_SEARCH_CONFIG]: renderConfig(settings.prefix, sized) };
  const config = new ConfigMap(
    name,
    {
      metadata: { name: contentName(openSearch.name, content), namespace, labels: openSearch.labels },
      immutable: true,
      data: content,
    },
    inside(cluster, parent),
  );
  const volumes = createVolumes(
    { set: openSearch.name, count: sized.nodes, size: sized.storage, precious: false },
    { settings, cluster, namespace },
    parent,
  );
  return new StatefulSet(
    name,
    renderNodes({
      namespace,
      settings: sized,
      mirror: settings.mirror.images,
      storageClass: cluster.storageClasses.ssd,
      config: config.metadata.name,
    }),
    {
      ...inside(cluster, parent),
      // What the set would make of it is there already, and bigger than it may know.
      ignoreChanges: ["spec.volumeClaimTemplates"],
      dependsOn: [...cluster.ready, ...after, ...volumes],
      customTimeouts: { create: "20m", update: "20m", delete: "10m" },
    },
  );
}

function createSetup(
  name: string,
  { settings, cluster, namespace, logs }: OpenSearchArgs,
  set: StatefulSet,
  parent: OpenSearchCluster,
): Job {
  const stem = `${openSearch.name}-setup`;
  const content = setupFiles(logs.retention, logs.openSearch.nodes);
  const files = new ConfigMap(
    `${name}-setup`,
    {
      metadata: { name: contentName(stem, content), namespace, labels: setupLabels },
      immutable: true,
      data: { ...content },
    },
    inside(cluster, parent),
  );
  const policy = new NetworkPolicy(
    `${name}-setup`,
    {
      metadata: { name: stem, namespace },
      spec: {
        podSelector: { matchLabels: setupLabels },
        policyTypes: ["Ingress", "Egress"],
        ingress: [],
        egress: [{ to: [podsIn(namespace, openSearch.labels)], ports: tcp(openSearch.port) }],
      },
    },
    inside(cluster, parent),
  );
  return new Job(
    `${name}-setup`,
    renderSetup({
      name: contentName(stem, content),
      namespace,
      mirror: settings.mirror.images,
      url: pulumi.interpolate`http://${openSearch.name}.${namespace}.svc:${openSearch.port}`,
      files: files.metadata.name,
    }),
    {
      ...inside(cluster, parent),
      dependsOn: [set, policy],
      customTimeouts: { create: "20m", update: "20m" },
    },
  );
}
