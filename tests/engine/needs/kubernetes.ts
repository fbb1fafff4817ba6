import type { Needs } from "../order.js";
import type { Props } from "../providers/serve.js";
import { always, of } from "./need.js";

const clusters = [
  of("aws:eks/cluster:Cluster"),
  of("gcp:container/cluster:Cluster"),
  of("azure-native:containerservice:ManagedCluster"),
];
/** The first nodes of an Azure cluster are the system's, sized for what Kubernetes itself runs. */
const nodes = [
  of("aws:eks/nodeGroup:NodeGroup"),
  of("gcp:container/nodePool:NodePool"),
  of("azure-native:containerservice:AgentPool"),
];
/** Where names are looked up by pods, as those of charts do. */
const names = of("aws:eks/addon:Addon", ({ addonName }) => addonName === "coredns");
const namespace = of("kubernetes:core/v1:Namespace");

const isMigration = ({ metadata }: Props): boolean =>
  String((metadata as Props | undefined)?.["name"]).includes("-migrate-");
const migration = of("kubernetes:batch/v1:Job", isMigration);
const primaries = [
  of("aws:rds/instance:Instance"),
  of("gcp:sql/databaseInstance:DatabaseInstance"),
  of("azure-native:dbforpostgresql:Server"),
  of("kubernetes:postgresql.cnpg.io/v1:Cluster"),
];
/** Pods are told where copies of the database answer. */
const copies = [
  of("aws:rds/instance:Instance", ({ replicateSourceDb }) => replicateSourceDb !== undefined),
  of("gcp:compute/forwardingRule:ForwardingRule", ({ description }) => String(description).includes("-replica-")),
  of("azure-native:dbforpostgresql:Server", ({ createMode }) => createMode === "Replica"),
];
const chart = (name: string) => of("kubernetes:helm.sh/v3:Release", (inputs) => String(inputs["chart"]).endsWith(name));

/** Where a cluster is made, charts and pods wait for it and its nodes; where it is there already, for nothing. */
export const needsInCluster: Needs = {
  "kubernetes:core/v1:Namespace": always(...clusters),
  "kubernetes:helm.sh/v3:Release": always(namespace, names, ...nodes),
  "kubernetes:apps/v1:Deployment": always(namespace, ...nodes, migration, ...copies),
  // Migrations of one image, of a database that is there.
  "kubernetes:batch/v1:Job": ({ metadata }) =>
    isMigration({ metadata })
      ? [of("docker-build:index:Image"), of("kubernetes:batch/v1:Job", (inputs) => !isMigration(inputs))]
      : [namespace, ...nodes, ...primaries],
  // Its address is told once pods behind it answer, and who makes load balancers runs.
  "kubernetes:core/v1:Service": ({ spec }) =>
    (spec as Props | undefined)?.["type"] === "LoadBalancer"
      ? [chart("gateway-helm"), chart("aws-load-balancer-controller")]
      : [namespace],
  "kubernetes:apps/v1:StatefulSet": always(namespace, ...nodes),
  "kubernetes:postgresql.cnpg.io/v1:Cluster": always(of("kubernetes:helm.sh/v3:Release")),
};
