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
 * Who writes the records by which a public authority sees whose a domain is; its identity is made before it. The
 * namespace has the stack's name: some clouds know pods by namespace and account only, whatever cluster they are in.
 */
export const certManagerAccount = ({ prefix }: Pick<Settings, "prefix">): ServiceAccountName => ({
  namespace: `${prefix}-cert-manager`,
  name: "cert-manager",
});

export interface CertManagerArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
  /** Of `certManagerAccount`; none where no public authority is asked. */
  readonly identity: PodIdentity | undefined;
}

/**
 * cert-manager, which gets certificates and renews them. A public authority's questions it answers by records in the
 * domain's zone, as its pods' identity. The chart's own check waits until the webhook takes a certificate, so whoever
 * depends on the release may make one. Definitions go with the release, since certificates depend on it and are gone by
 * then. Costs three pods that ask for a tenth of a core and 448 MiB together; five in production.
 */
export class CertManager extends pulumi.ComponentResource {
  /** Done when the webhook has answered: what issuers and certificates wait for. */
  public readonly release: Release;

  constructor(name: string, args: CertManagerArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:CertManager", name, {}, opts);
    const { stack, cluster, identity = nobody } = args;

    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "cert-manager",
        namespace: certManagerAccount(stack).namespace,
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
  const account = certManagerAccount(stack);
  const { controller, webhook, cainjector, acmesolver, startupapicheck } = images.certManager;
  const podDisruptionBudget = { enabled: hasBudget(environment), minAvailable: 1 };
  return {
    crds: { enabled: true, keep: false },
    // Otherwise in kube-system, into which some clouds let nobody write.
    global: { leaderElection: { namespace: account.namespace } },
    serviceAccount: {
      create: true,
      name: account.name,
      annotations: { ...identity.serviceAccountAnnotations },
    },
    podLabels: { ...identity.podLabels },
    image: imageValues(controller, mirror.images),
    replicaCount: replicas[environment],
    resources: resourceValues("50m", "192Mi"),
    podDisruptionBudget,
    webhook: {
      image: imageValues(webhook, mirror.images),
      replicaCount: replicas[environment],
      resources: resourceValues("25m", "64Mi"),
      podDisruptionBudget,
    },
    // It writes into other objects, and may be away for as long as none of its certificates changes.
    cainjector: {
      image: imageValues(cainjector, mirror.images),
      replicaCount: 1,
      resources: resourceValues("25m", "192Mi"),
    },
    acmesolver: { image: imageValues(acmesolver, mirror.images) },
    startupapicheck: {
      image: imageValues(startupapicheck, mirror.images),
      resources: resourceValues("25m", "64Mi"),
    },
  };
};
