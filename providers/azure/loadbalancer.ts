import type { Settings } from "../../config/settings.js";
import type { Exposure, LoadBalancerSpec } from "../contract.js";
import { tagText } from "./tags.js";

const PREFIX = "service.beta.kubernetes.io/";
/** The ports of the gateway's Service: one probe each. */
const PORTS = [80, 443] as const;
/** Minutes: the controller takes no others, and no Service that asks for them. */
const IDLE = { least: 4, most: 30 } as const;

/**
 * A standard load balancer that AKS itself keeps, over all zones. TLS ends at the gateway, so connections pass through
 * as they are. It asks nodes and not pods, so it cannot ask for a path: a node that takes connections is a good one, and
 * it takes them only while a pod is there. It forgets a silent connection after 30 minutes at the latest.
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
      // A port that calls itself HTTP would be asked for `/`, which a gateway answers with 404.
      ...Object.fromEntries(PORTS.map((port) => [`${PREFIX}port_${port}_health-probe_protocol`, "tcp"])),
      ...(internal ? {} : { [`${PREFIX}azure-pip-tags`]: tagText(stack, `${stack.prefix}-gateway`) }),
    },
  };
}

/** Rounded up, so that nothing is dropped before its time. */
const idleMinutes = (seconds: number): number => Math.min(Math.max(Math.ceil(seconds / 60), IDLE.least), IDLE.most);
