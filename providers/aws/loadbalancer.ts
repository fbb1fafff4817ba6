import type { Settings } from "../../config/settings.js";
import type { Exposure, LoadBalancerSpec } from "../contract.js";
import { tagsFor } from "./tags.js";

const PREFIX = "service.beta.kubernetes.io/aws-load-balancer-";
/** The ports of the gateway's Service: one listener each. */
const PORTS = [80, 443] as const;

/**
 * A network load balancer that the AWS Load Balancer Controller keeps. TLS ends at the gateway, so connections pass
 * through as they are, and pods see the address of the client: with pods as targets that has to be asked for. In
 * return a pod behind it cannot be sure to get through to itself by it. It has no deletion protection: the controller
 * must be able to remove it when the stack goes.
 * https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/
 *
 * Costs about 18 USD a month and 0.006 USD a capacity unit and hour.
 */
export function exposeOnAws(spec: LoadBalancerSpec, stack: Settings): Exposure {
  const subnets = subnetsToName(spec, stack);
  return {
    type: "LoadBalancer",
    loadBalancerClass: "service.k8s.aws/nlb",
    annotations: {
      // Straight to the pods: no second hop over nodes, and no node ports opened.
      [`${PREFIX}nlb-target-type`]: "ip",
      [`${PREFIX}scheme`]: spec.internal ? "internal" : "internet-facing",
      [`${PREFIX}attributes`]: "load_balancing.cross_zone.enabled=true",
      [`${PREFIX}target-group-attributes`]: [
        "preserve_client_ip.enabled=true",
        `deregistration_delay.timeout_seconds=${spec.drainSeconds}`,
      ].join(","),
      ...idleTimeouts(spec.idleSeconds),
      [`${PREFIX}healthcheck-protocol`]: "http",
      [`${PREFIX}healthcheck-path`]: spec.healthPath,
      [`${PREFIX}healthcheck-port`]: String(spec.healthPort),
      [`${PREFIX}additional-resource-tags`]: Object.entries(tagsFor(stack, `${stack.prefix}-gateway`))
        .map(([key, value]) => `${key}=${value}`)
        .join(","),
      ...(subnets === undefined ? {} : { [`${PREFIX}subnets`]: subnets.join(",") }),
    },
    // No node is on the way.
    externalTrafficPolicy: "Cluster",
  };
}

/** An attribute of each listener: `connection-idle-timeout` is for classic load balancers and does nothing here. */
const idleTimeouts = (seconds: number): Record<string, string> =>
  Object.fromEntries(
    PORTS.map((port) => [`${PREFIX}listener-attributes.TCP-${port}`, `tcp.idle_timeout.seconds=${seconds}`]),
  );

/** Our own subnets are found by their tags; those of a network that exists may have none. */
function subnetsToName({ internal }: LoadBalancerSpec, { network }: Settings): readonly string[] | undefined {
  if (network.mode !== "existing") return undefined;
  const said = internal ? network.subnets?.private : network.subnets?.public;
  return Array.isArray(said) ? said : undefined;
}
