import type { Exposure } from "../contract.js";

/** No controller gives out addresses here: a port of every node does. */
export const localExposure = (): Exposure => ({ type: "NodePort", loadBalancerClass: undefined, annotations: {} });
