import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster, ServiceAccountName } from "../../providers/contract.js";
import type { PodIdentity } from "./pod-identity.js";
import { imageValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { replicas } from "./replicas.js";

/** Who resizes the groups of nodes. Its identity is made before it, and goes by these names. */
export const clusterAutoscalerAccount = {
  namespace: "cluster-autoscaler",
  name: "cluster-autoscaler",
} as const satisfies ServiceAccountName;

export interface ClusterAutoscalerArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
  /** Where the groups are, by the cloud's own name. */
  readonly region: pulumi.Input<string>;
  /** It plays the scheduler of its own version, so it goes with the cluster's. */
  readonly version: keyof typeof images.clusterAutoscaler;
  /** Of `clusterAutoscalerAccount`: may see the groups and say how many nodes they have. */
  readonly identity: PodIdentity;
}

/**
 * The cluster autoscaler, for clusters on AWS whose groups of nodes do not grow by themselves. It finds the groups by
 * the tags that EKS gives to them, adds a node where a pod finds no place and takes away nodes that are hardly used.
 * Costs a tenth of a core and 600 MiB a replica.
 */
export class ClusterAutoscaler extends pulumi.ComponentResource {
  /** Done when it runs. Pods that find no node wait for it without being told. */
  public readonly release: Release;

  constructor(name: string, args: ClusterAutoscalerArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:ClusterAutoscaler", name, {}, opts);
    const { stack, cluster, identity } = args;

    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "cluster-autoscaler",
        namespace: clusterAutoscalerAccount.namespace,
        values: valuesFor(stack, { ...args, clusterName: cluster.name }),
        after: identity.ready,
      },
      this,
    );
    this.registerOutputs({});
  }
}

export interface ClusterAutoscalerPlace extends Pick<ClusterAutoscalerArgs, "region" | "version" | "identity"> {
  readonly clusterName: pulumi.Input<string>;
}

export const valuesFor = (
  { environment, mirror }: Pick<Settings, "environment" | "mirror">,
  { clusterName, region, version, identity }: ClusterAutoscalerPlace,
) => ({
  cloudProvider: "aws",
  awsRegion: region,
  autoDiscovery: { clusterName },
  image: imageValues(images.clusterAutoscaler[version], mirror.images),
  replicaCount: replicas[environment],
  rbac: {
    serviceAccount: {
      create: true,
      name: clusterAutoscalerAccount.name,
      annotations: { ...identity.serviceAccountAnnotations },
    },
  },
  podLabels: { ...identity.podLabels },
  extraArgs: {
    // Zones evenly, and of the groups that would do the one with the least left over.
    "balance-similar-node-groups": true,
    expander: "least-waste",
    // A pod's /tmp is local storage too: with it no node would ever go.
    "skip-nodes-with-local-storage": false,
  },
  resources: resourceValues("100m", "600Mi"),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
    seccompProfile: { type: "RuntimeDefault" },
  },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
});
