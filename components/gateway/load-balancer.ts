import type * as kubernetes from "@pulumi/kubernetes";
import type { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import type { GatewaySettings } from "../../config/gateway-schema.js";
import type { Settings } from "../../config/settings.js";
import type { Exposure, LoadBalancerSpec } from "../../providers/contract.js";
import { PORTS } from "./listeners.js";
import { PROXY_HEALTH, PROXY_PORTS, proxyLabels } from "./proxies.js";

/** What a cloud is asked for. */
export const loadBalancerSpec = ({ internal, idleTimeout, drain }: GatewaySettings): LoadBalancerSpec => ({
  internal,
  idleSeconds: idleTimeout,
  drainSeconds: drain,
  healthPath: PROXY_HEALTH.path,
  healthPort: PROXY_HEALTH.port,
});

/** The program's own Service in front of the proxies, by which they are reached from outside. */
export function renderService(
  stack: Pick<Settings, "prefix" | "gateway">,
  namespace: pulumi.Input<string>,
  exposure: Exposure,
): kubernetes.types.input.core.v1.Service {
  const { prefix, gateway } = stack;
  const byNode = gateway.expose === "nodePort";
  const ports = (["http", "https"] as const).map((name) => ({
    name,
    protocol: "TCP",
    port: PORTS[name],
    targetPort: PROXY_PORTS[name],
    ...(byNode ? { nodePort: gateway.nodePorts[name] } : {}),
  }));
  return {
    metadata: { name: prefix, namespace, annotations: byNode ? {} : { ...exposure.annotations } },
    spec: {
      type: byNode ? "NodePort" : "LoadBalancer",
      externalTrafficPolicy: byNode ? policies[gateway.nodePorts.nodes] : exposure.externalTrafficPolicy,
      selector: proxyLabels(stack),
      ports,
      ...(byNode ? {} : onlyFrom(gateway)),
      ...(byNode || exposure.loadBalancerClass === undefined ? {} : { loadBalancerClass: exposure.loadBalancerClass }),
    },
  };
}

/** A node without a proxy passes a call on in its own name. */
const policies = { all: "Cluster", withProxy: "Local" } as const;

const onlyFrom = ({ sources }: GatewaySettings) =>
  sources === undefined ? {} : { loadBalancerSourceRanges: [...sources] };

/** An IP, or a name where the cloud gives one. Pulumi has waited for it. */
export const addressOf = (service: Service): pulumi.Output<string> =>
  pulumi.all([service.metadata.name, service.status]).apply(([name, status]) => {
    const [first] = status?.loadBalancer?.ingress ?? [];
    const address = first?.ip ?? first?.hostname;
    if (address === undefined) throw new Error(`the Service ${name} has no address`);
    return address;
  });
