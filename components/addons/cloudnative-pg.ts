import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { imageValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { replicas } from "./replicas.js";

/** As its documentation has it. */
export const OPERATOR_NAMESPACE = "cnpg-system";

export interface CloudNativePgArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
}

/**
 * The operator that runs PostgreSQL in the cluster, in the namespace that its documentation names; it serves the whole
 * cluster, which therefore can hold one of it. Its custom resource definitions are templates of the chart, so that they
 * are upgraded with it, and go with it: databases depend on this component and are gone by then. Costs a tenth of a
 * core and 256 MiB a replica.
 */
export class CloudNativePg extends pulumi.ComponentResource {
  /** Done when the operator and its webhook answer: what a database waits for. */
  public readonly release: Release;

  constructor(name: string, args: CloudNativePgArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:CloudNativePg", name, {}, opts);
    const { stack, cluster } = args;

    this.release = createRelease(
      name,
      { stack, cluster, chart: "cloudnative-pg", namespace: OPERATOR_NAMESPACE, values: valuesFor(stack) },
      this,
    );
    this.registerOutputs({});
  }
}

export const valuesFor = ({ environment, mirror }: Pick<Settings, "environment" | "mirror">) => ({
  replicaCount: replicas[environment],
  image: imageValues(images.cloudNativePg, mirror.images),
  crds: { create: true },
  resources: resourceValues("100m", "256Mi"),
  // A pod that is ready gets its first call up to a second later, and an `up` is as fast. What a webhook would have filled
  // in the operator fills in by itself.
  webhook: { mutating: { failurePolicy: "Ignore" }, validating: { failurePolicy: "Ignore" } },
});
