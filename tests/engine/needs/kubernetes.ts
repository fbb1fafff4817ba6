import type { Needs } from "../order.js";
import { always, of } from "./need.js";

const clusters = [
  of("aws:eks/cluster:Cluster"),
  of("gcp:container/cluster:Cluster"),
  of("azure-native:containerservice:ManagedCluster"),
];
/** A cluster of Azure begins with nodes of its own. */
const nodes = [of("aws:eks/nodeGroup:NodeGroup"), of("gcp:container/nodePool:NodePool")];
const namespace = of("kubernetes:core/v1:Namespace");

/** Where a cluster is made, charts and pods wait for it and its nodes; where it is there already, for nothing. */
export const needsInCluster: Needs = {
  "kubernetes:core/v1:Namespace": always(...clusters),
  "kubernetes:helm.sh/v3:Release": always(namespace, ...nodes),
  "kubernetes:apps/v1:Deployment": always(namespace, ...nodes),
  "kubernetes:apps/v1:StatefulSet": always(namespace, ...nodes),
  "kubernetes:postgresql.cnpg.io/v1:Cluster": always(of("kubernetes:helm.sh/v3:Release")),
};
