import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { registryValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { hasBudget, replicas } from "./replicas.js";

export const KEDA_NAMESPACE = "keda";
/** Pods of its operator, which asks what it scales by. */
export const kedaLabels = { "app.kubernetes.io/name": "keda-operator" };

export interface KedaArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
}

/**
 * KEDA, which scales workloads by what they have to do: requests, the length of a queue. It serves the metrics that
 * autoscalers read, of which a cluster has one server. Its custom resource definitions are templates of the chart and
 * go with it. Costs three pods that ask for 0.15 cores and 704 MiB together; twice as much in production.
 */
export class Keda extends pulumi.ComponentResource {
  /** Done when operator, metrics server and webhook answer: what scaled objects wait for. */
  public readonly release: Release;

  constructor(name: string, args: KedaArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:Keda", name, {}, opts);
    const { stack, cluster } = args;

    this.release = createRelease(
      name,
      { stack, cluster, chart: "keda", namespace: KEDA_NAMESPACE, values: valuesFor(stack) },
      this,
    );
    this.registerOutputs({});
  }
}

export const valuesFor = ({ environment, mirror }: Pick<Settings, "environment" | "mirror">) => {
  const { operator, metricsServer, webhooks } = images.keda;
  const count = replicas[environment];
  const budget = hasBudget(environment) ? { minAvailable: 1 } : {};
  return {
    image: {
      keda: registryValues(operator, mirror.images),
      metricsApiServer: registryValues(metricsServer, mirror.images),
      webhooks: registryValues(webhooks, mirror.images),
      pullPolicy: "IfNotPresent",
    },
    crds: { install: true },
    operator: { replicaCount: count },
    metricsServer: { replicaCount: count },
    webhooks: { replicaCount: count },
    podDisruptionBudget: { operator: budget, metricServer: budget, webhooks: budget },
    resources: {
      operator: resourceValues("50m", "384Mi"),
      metricServer: resourceValues("50m", "192Mi"),
      webhooks: resourceValues("50m", "128Mi"),
    },
    prometheus: { operator: { enabled: true } },
    // Deployments and StatefulSets need none: with it the operator may scale whatever the cluster has.
    rbac: { enabledCustomScaledRefKinds: false },
    enableServiceLinks: false,
  };
};
