import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster, ServiceAccountName } from "../../providers/contract.js";
import type { PodIdentity } from "./pod-identity.js";
import { imageValues, resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { hasBudget, replicas } from "./replicas.js";

/** Who makes load balancers. Its identity is made before it, and goes by these names. */
export const awsLoadBalancerControllerAccount = {
  namespace: "aws-load-balancer-controller",
  name: "aws-load-balancer-controller",
} as const satisfies ServiceAccountName;

export interface AwsLoadBalancerControllerArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
  readonly region: pulumi.Input<string>;
  /** Where load balancers are made. Pods are not let to the metadata address, which would tell. */
  readonly vpcId: pulumi.Input<string>;
  /** Of `awsLoadBalancerControllerAccount`: may make load balancers and what belongs to them. */
  readonly identity: PodIdentity;
}

/**
 * The AWS Load Balancer Controller, for Services that ask for it by their class: it makes a network load balancer of
 * each and takes it away with the Service, so it must outlive them. Custom resource definitions of the chart stay when
 * it goes. Costs a tenth of a core and 192 MiB a replica.
 */
export class AwsLoadBalancerController extends pulumi.ComponentResource {
  /** Done when it runs: what a Service of type LoadBalancer waits for. */
  public readonly release: Release;

  constructor(name: string, args: AwsLoadBalancerControllerArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:AwsLoadBalancerController", name, {}, opts);
    const { stack, cluster, identity } = args;

    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "aws-load-balancer-controller",
        namespace: awsLoadBalancerControllerAccount.namespace,
        values: valuesFor(stack, { ...args, clusterName: cluster.name }),
        after: identity.ready,
      },
      this,
    );
    this.registerOutputs({});
  }
}

export interface AwsLoadBalancerControllerPlace
  extends Pick<AwsLoadBalancerControllerArgs, "region" | "vpcId" | "identity"> {
  readonly clusterName: pulumi.Input<string>;
}

export const valuesFor = (
  { environment, mirror, tags }: Pick<Settings, "environment" | "mirror" | "tags">,
  { clusterName, region, vpcId, identity }: AwsLoadBalancerControllerPlace,
) => ({
  clusterName,
  region,
  vpcId,
  image: imageValues(images.awsLoadBalancerController, mirror.images),
  replicaCount: replicas[environment],
  podDisruptionBudget: hasBudget(environment) ? { minAvailable: 1 } : {},
  serviceAccount: {
    create: true,
    name: awsLoadBalancerControllerAccount.name,
    annotations: { ...identity.serviceAccountAnnotations },
  },
  podLabels: { ...identity.podLabels },
  defaultTags: { ...tags },
  // Network load balancers only: no permissions for firewalls, no classes, no routes beside the gateway's.
  enableShield: false,
  enableWaf: false,
  enableWafv2: false,
  createIngressClassResource: false,
  ingressClassParams: { create: false },
  controllerConfig: { featureGates: { ALBGatewayAPI: false, NLBGatewayAPI: false } },
  // Services name their class. With it no Service at all could be made while the controller is away.
  enableServiceMutatorWebhook: false,
  resources: resourceValues("100m", "192Mi"),
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
});
