import type { Exposure } from "../contract.js";

/**
 * No controller gives out addresses here: a port of every node does, wherever the pods are. Each node passes calls on in
 * its own name, unless `gateway.nodePorts.nodes` says otherwise.
 */
export const localExposure = (): Exposure => ({
  type: "NodePort",
  loadBalancerClass: undefined,
  annotations: {},
  externalTrafficPolicy: "Cluster",
});
