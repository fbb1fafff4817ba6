import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster, ServiceAccountName } from "../../providers/contract.js";
import { nobody, type PodIdentity } from "./pod-identity.js";
import { imageValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { hasBudget, replicas } from "./replicas.js";

/**
 * Who reads the stack's secret store; its identity is made before it. The namespace has the stack's name: some clouds
 * know pods by namespace and account only, whatever cluster they are in.
 */
export const externalSecretsAccount = ({ prefix }: Pick<Settings, "prefix">): ServiceAccountName => ({
  namespace: `${prefix}-external-secrets`,
  name: "external-secrets",
});

export interface ExternalSecretsArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
  /** Of `externalSecretsAccount`; none where the store is in the cluster itself. */
  readonly identity: PodIdentity | undefined;
}

/**
 * External Secrets, which copies entries of the stack's secret store into Secrets that pods mount, so that no manifest
 * holds a password. It reads by its pods' identity and keeps no credentials. Its custom resource definitions are
 * templates of the chart and go with it. Costs three pods that ask for a tenth of a core and 448 MiB together; five in
 * production.
 */
export class ExternalSecrets extends pulumi.ComponentResource {
  /** Done when the controller and its webhook answer: what stores and what is read from them wait for. */
  public readonly release: Release;

  constructor(name: string, args: ExternalSecretsArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:ExternalSecrets", name, {}, opts);
    const { stack, cluster, identity = nobody } = args;

    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "external-secrets",
        namespace: externalSecretsAccount(stack).namespace,
        values: valuesFor(stack, identity),
        after: identity.ready,
      },
      this,
    );
    this.registerOutputs({});
  }
}

export const valuesFor = (stack: Pick<Settings, "environment" | "mirror" | "prefix">, identity: PodIdentity) => {
  const { environment, mirror } = stack;
  const image = imageValues(images.externalSecrets, mirror.images);
  const podDisruptionBudget = { enabled: hasBudget(environment), minAvailable: 1 };
  return {
    installCRDs: true,
    image,
    replicaCount: replicas[environment],
    // Two that both write the same Secret would disturb each other.
    leaderElect: true,
    serviceAccount: {
      create: true,
      name: externalSecretsAccount(stack).name,
      annotations: { ...identity.serviceAccountAnnotations },
    },
    podLabels: { ...identity.podLabels },
    resources: resourceValues("50m", "192Mi"),
    podDisruptionBudget,
    webhook: {
      image,
      replicaCount: replicas[environment],
      resources: resourceValues("25m", "128Mi"),
      podDisruptionBudget,
    },
    // It renews the webhook's certificate long before the end, so it may be away.
    certController: { image, replicaCount: 1, resources: resourceValues("25m", "128Mi") },
  };
};
