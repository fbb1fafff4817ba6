import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode } from "../../config/schema.js";
import type { Cluster, ClusterArgs, EgressRule, StorageClasses } from "../contract.js";
import { IN_PLACE } from "../in-place.js";
import { References } from "../references.js";
import { refuse } from "../support.js";

type Existing = InMode<ClusterSettings, "existing">;

/**
 * A cluster that exists: the kubeconfig's current one, the one that `cluster.context` names, or another stack's. The
 * program reads no kubeconfig; the provider does when it works. Costs nothing.
 */
export class LocalCluster extends pulumi.ComponentResource implements Cluster {
  public readonly name: pulumi.Output<string>;
  public readonly provider: Provider;
  /** Empty where the runner's own file serves: whoever may use it has it already. */
  public readonly kubeconfig: pulumi.Output<string>;
  public readonly storageClasses: StorageClasses;
  /**
   * A bare cluster (kind, kubeadm) measures nothing, and without that nothing scales; how many nodes it has, and
   * what gives Services addresses from outside, is for whoever made it to decide.
   */
  public readonly provides: Cluster["provides"];
  /** There is no identity towards a cloud to get credentials for. */
  public readonly credentialEndpoint: readonly EgressRule[] = [];
  public readonly ready: readonly pulumi.Resource[] = [];
  /** It stays when the stack goes, so every object in it has to be deleted. */
  public readonly deletedWith = undefined;
  /** Nodes have no identity; what they pull with is in a pull secret. */
  public readonly puller = pulumi.output("");

  constructor(name: string, { settings }: ClusterArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:local:Cluster", name, {}, opts);
    if (settings.mode !== "existing") refuse("local", `cluster.${settings.mode}`);
    const references = new References(name, this, settings.fromStack);
    const handedOver = settings.fromStack !== undefined && settings.kubeconfig === undefined;
    const kubeconfig = handedOver ? references.id(undefined, "kubeconfig") : undefined;

    this.name = nameOf(settings, references);
    this.provides = {
      metricsServer: settings.metricsServer ?? false,
      nodeAutoscaling: true,
      nodeCertificates: false,
      loadBalancers: true,
    };
    this.provider = createProvider(name, settings, kubeconfig, this);
    this.kubeconfig = pulumi.secret(kubeconfig ?? "");
    this.storageClasses = {
      ssd: settings.storageClass === undefined ? undefined : pulumi.output(settings.storageClass),
    };
    this.registerOutputs({ name: this.name });
  }
}

const nameOf = ({ id, context, fromStack }: Existing, references: References): pulumi.Output<string> =>
  id === undefined && fromStack === undefined ? pulumi.output(context ?? "current") : references.id(id, "cluster.id");

function createProvider(
  name: string,
  { kubeconfig, context }: Existing,
  handedOver: pulumi.Output<string> | undefined,
  parent: LocalCluster,
): Provider {
  const file = handedOver ?? kubeconfig;
  return new Provider(
    `${name}-kubernetes`,
    {
      ...(file === undefined ? {} : { kubeconfig: file }),
      // Another context is another cluster; any other change to the file (a renewed certificate) is not.
      ...(context === undefined ? {} : { context, clusterIdentifier: context }),
      ...IN_PLACE,
    },
    { parent },
  );
}
