import { Provider } from "@pulumi/kubernetes/provider.js";
import { StorageClass } from "@pulumi/kubernetes/storage/v1/storageClass.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode } from "../config/schema.js";
import type { Settings } from "../config/settings.js";
import type { Cluster } from "./contract.js";
import { IN_PLACE } from "./in-place.js";

type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** What the stack's other parts need to put something into a cluster, whichever cloud it is of. */
type Inside = Pick<Cluster, "provider" | "kubeconfig" | "storageClasses" | "deletedWith">;

export interface MadeCluster {
  readonly cluster: pulumi.CustomResource;
  readonly kubeconfig: pulumi.Output<string>;
  /** Another one is another cluster: everything in it is made anew. An edit of the kubeconfig alone changes nothing. */
  readonly identifier: pulumi.Input<string>;
  /** Until it is there the API server refuses whoever deploys. */
  readonly admission?: pulumi.Resource;
  readonly disks: {
    readonly provisioner: string;
    readonly parameters: Readonly<Record<string, pulumi.Input<string>>>;
  };
}

/** Into a cluster that the stack makes, with the class that its volumes are of. */
export function insideMade(name: string, made: MadeCluster, stack: Settings, opts: Options): Inside {
  const { cluster, kubeconfig, identifier, admission } = made;
  const provider = new Provider(
    `${name}-kubernetes`,
    {
      kubeconfig,
      clusterIdentifier: identifier,
      // A stack that may go must be able to, even after somebody removed the cluster by hand. Where data is protected a
      // broken line to the API server must not make the program forget what is there.
      deleteUnreachable: !stack.deletionProtection,
      ...IN_PLACE,
    },
    { ...opts, dependsOn: admission ?? [] },
  );
  const ssd = createStorageClass(name, made, provider, stack, opts);
  return { provider, kubeconfig, storageClasses: { ssd: ssd.metadata.name }, deletedWith: cluster };
}

function createStorageClass(
  name: string,
  { cluster, disks }: MadeCluster,
  provider: Provider,
  stack: Settings,
  opts: Options,
): StorageClass {
  return new StorageClass(
    `${name}-ssd`,
    {
      metadata: {
        name: `${stack.prefix}-ssd`,
        // EKS has no default, and a claim that names no class would wait for ever. GKE and AKS have one of other disks;
        // of two defaults Kubernetes takes the newer.
        annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
      },
      ...disks,
      // A volume cannot leave its zone, so it is made where its pod is.
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
      reclaimPolicy: "Delete",
    },
    // A class's parameters cannot be changed, and two of a name cannot be.
    { ...opts, provider, deletedWith: cluster, deleteBeforeReplace: true },
  );
}

/** Into a cluster that exists: as the stack says, or else as its cloud does, where another cluster is another `id`. */
export function insideExisting(
  name: string,
  { kubeconfig, context, storageClass }: InMode<ClusterSettings, "existing">,
  ofTheCloud: () => { readonly kubeconfig: pulumi.Output<string>; readonly id: pulumi.Output<string> },
  opts: Options,
): Inside {
  const asked = kubeconfig === undefined && context === undefined ? ofTheCloud() : undefined;
  const access =
    asked === undefined
      ? { ...(kubeconfig === undefined ? {} : { kubeconfig }), ...(context === undefined ? {} : { context }) }
      : { kubeconfig: asked.kubeconfig, clusterIdentifier: asked.id };
  return {
    provider: new Provider(`${name}-kubernetes`, { ...access, ...IN_PLACE }, opts),
    // The runner's own file is used where it lies: what is in it is not this stack's to hand out.
    kubeconfig: asked?.kubeconfig ?? pulumi.secret(""),
    storageClasses: { ssd: storageClass === undefined ? undefined : pulumi.output(storageClass) },
    deletedWith: undefined,
  };
}
