import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { imageValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { hasBudget, replicas } from "./replicas.js";

export interface MetricsServerArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
}

/**
 * How much processor time and memory pods use: what autoscaling and `kubectl top` ask for. Only for a cluster that
 * lacks it, since a cluster has one of it. Costs a tenth of a core and 200 MiB a replica.
 */
export class MetricsServer extends pulumi.ComponentResource {
  /** Done when it answers; autoscalers know nothing before. */
  public readonly release: Release;

  constructor(name: string, args: MetricsServerArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:MetricsServer", name, {}, opts);
    const { stack, cluster } = args;

    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "metrics-server",
        namespace: "metrics-server",
        values: valuesFor(stack, cluster.provides),
      },
      this,
    );
    this.registerOutputs({});
  }
}

export const valuesFor = (
  { environment, mirror }: Pick<Settings, "environment" | "mirror">,
  { nodeCertificates }: Pick<Cluster["provides"], "nodeCertificates">,
) => ({
  image: imageValues(images.metricsServer, mirror.images),
  replicas: replicas[environment],
  podDisruptionBudget: { enabled: hasBudget(environment), minAvailable: 1 },
  resources: resourceValues("100m", "200Mi"),
  // Nodes of kind and kubeadm sign for themselves.
  args: nodeCertificates ? [] : ["--kubelet-insecure-tls"],
});
