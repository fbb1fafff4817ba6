import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../providers/contract.js";

/** Options of an object inside a cluster: by the cluster's own provider, and gone with it. */
export const inside = (cluster: Cluster, parent: pulumi.Resource): pulumi.CustomResourceOptions => ({
  parent,
  provider: cluster.provider,
  ...(cluster.deletedWith === undefined ? {} : { deletedWith: cluster.deletedWith }),
});
