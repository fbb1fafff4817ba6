import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../config/settings.js";
import type {
  Cloud,
  Cluster,
  Duty,
  Identity,
  Network,
  SecretStore,
  ServiceAccountName,
} from "../providers/contract.js";
import { AwsLoadBalancerController, awsLoadBalancerControllerAccount } from "./addons/aws-load-balancer-controller.js";
import { ClusterAutoscaler, clusterAutoscalerAccount } from "./addons/cluster-autoscaler.js";

export interface ControllersGround {
  readonly settings: Settings;
  readonly cloud: Cloud;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly secretStore: SecretStore;
}

/**
 * Who resizes groups of nodes, which otherwise stay as small as they began, with an identity that may do that and
 * nothing else. Costs what the cluster autoscaler costs.
 */
export class NodeScaling extends pulumi.ComponentResource {
  constructor(name: string, ground: ControllersGround, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:index:NodeScaling", name, {}, opts);
    const { settings, cluster } = ground;
    const { mode } = settings.cluster;
    if (mode !== "managed") throw new Error(`a cluster of mode ${mode} scales its nodes by itself`);
    const identity = identityFor(name, clusterAutoscalerAccount, "scale nodes", ground, this);
    const { region } = settings;
    const { version } = settings.cluster;
    new ClusterAutoscaler(name, { stack: settings, cluster, region, version, identity }, { parent: this });
    this.registerOutputs({});
  }
}

/**
 * Who makes a load balancer of a Service, where the cluster does not, with an identity that may do that and nothing
 * else. Costs what the controller costs.
 */
export class LoadBalancing extends pulumi.ComponentResource {
  /** A Service of type LoadBalancer comes after it, and goes before. */
  public readonly ready: readonly pulumi.Resource[];

  constructor(name: string, ground: ControllersGround, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:index:LoadBalancing", name, {}, opts);
    const { settings, cluster, network } = ground;
    const identity = identityFor(name, awsLoadBalancerControllerAccount, "make load balancers", ground, this);
    const { release } = new AwsLoadBalancerController(
      name,
      { stack: settings, cluster, region: settings.region, vpcId: network.id, identity },
      { parent: this },
    );
    this.ready = [release];
    this.registerOutputs({});
  }
}

const identityFor = (
  name: string,
  account: ServiceAccountName,
  duty: Duty,
  { cloud, cluster, secretStore }: ControllersGround,
  parent: pulumi.Resource,
): Identity =>
  cloud.identity(
    name,
    {
      cluster,
      namespace: account.namespace,
      serviceAccount: account.name,
      store: secretStore,
      buckets: {},
      secrets: [],
      duties: [duty],
    },
    { parent },
  );
