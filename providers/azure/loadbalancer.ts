import type { Settings } from "../../config/settings.js";
import type { Exposure, LoadBalancerSpec } from "../contract.js";
import { tagText } from "./tags.js";

const PREFIX = "service.beta.kubernetes.io/";
/** Minutes: the controller takes no others, and no Service that asks for them. */
const IDLE = { least: 4, most: 30 } as const;

/**
 * A standard load balancer that AKS itself keeps, over all zones. TLS ends at the gateway, so connections pass through
 * as they are, to nodes that have a pod of the gateway: on the way to another node the client's address would be lost.
 * It asks each node whether it has a pod that is ready, and not the pods, so what the spec says of their health changes
 * nothing here. It forgets a silent connection after 30 minutes at the latest, and one that is not silent stays while
 * its pod does.
 * https://learn.microsoft.com/azure/aks/load-balancer-standard
 * https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
 *
 * Costs about 18 USD a month and 0.005 USD a GiB, and a public address about 4 USD.
 */
export function exposeOnAzure({ internal, idleSeconds }: LoadBalancerSpec, stack: Settings): Exposure {
  return {
    type: "LoadBalancer",
    // AKS's own controller takes the Services that name none.
    loadBalancerClass: undefined,
    annotations: {
      [`${PREFIX}azure-load-balancer-internal`]: String(internal),
      [`${PREFIX}azure-load-balancer-tcp-idle-timeout`]: String(idleMinutes(idleSeconds)),
      ...(internal ? {} : { [`${PREFIX}azure-pip-tags`]: tagText(stack, `${stack.prefix}-gateway`) }),
    },
    externalTrafficPolicy: "Local",
  };
}

/** Rounded up, so that nothing is dropped before its time. */
const idleMinutes = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds / 60), IDLE.least), IDLE.most);
