import type { Exposure } from "../contract.js";

/**
 * No controller gives out addresses here: a port of every node does, wherever the pods are. On the way from one node to
 * another the client's address is lost.
 */
export const localExposure = (): Exposure => ({
  type: "NodePort",
  loadBalancerClass: undefined,
  annotations: {},
  externalTrafficPolicy: "Cluster",
});
