import type { Settings } from "../../config/settings.js";
import type { Exposure, LoadBalancerSpec } from "../contract.js";

/**
 * A passthrough network load balancer that GKE itself keeps. TLS ends at the gateway, so connections pass through as
 * they are, to nodes that have a pod of the gateway: on the way to another node the client's address would be lost. Its
 * health check, the ten minutes after which it forgets a silent connection, and how long it drains are GKE's own and
 * cannot be set, so what the spec says of them changes nothing here; its parts take no labels either.
 * https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
 *
 * Costs about 18 USD a month and 0.008 USD a GiB.
 */
export function exposeOnGcp({ internal }: LoadBalancerSpec, { network }: Settings): Exposure {
  return {
    type: "LoadBalancer",
    loadBalancerClass: undefined,
    annotations: internal
      ? { "networking.gke.io/load-balancer-type": "Internal", ...subnetToName(network) }
      : // Otherwise it is of the old kind by target pools, which Google advises against.
        { "cloud.google.com/l4-rbs": "enabled" },
    externalTrafficPolicy: "Local",
  };
}

/** Its address is one of the nodes' subnet; in a network that exists the cluster stands in the first one said. */
function subnetToName(network: Settings["network"]): Record<string, string> {
  const said = network.mode === "existing" ? network.subnets?.private : undefined;
  const [first] = Array.isArray(said) ? said : [];
  return first === undefined ? {} : { "networking.gke.io/load-balancer-subnet": first.split("/").at(-1) ?? first };
}
