import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { labelled, type Policy, podsIn, tcp } from "../peers.js";
import { labelsOf } from "../workload/labels.js";
import { PROXY_HEALTH, PROXY_PORTS, proxyLabels } from "./proxies.js";

type Namespace = pulumi.Input<string>;

const controllerLabels = { "control-plane": "envoy-gateway" };
/** Where the controller tells proxies what to do. */
const CONFIGURATION_PORT = 18_000;
/** Where cert-manager's webhook is asked by the API server. */
const WEBHOOK_PORT = 10_250;

/** By policies the API server can't be named: who calls it may call anybody. */
const ANYBODY = [{}];

export interface ProxyPolicy {
  readonly stack: Pick<Settings, "prefix">;
  readonly namespace: Namespace;
  /** Where the services are. */
  readonly services: Namespace;
  /** The ports of those that have routes. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Anybody may call the proxies: the address that a policy would see is not always the caller's, so it is the load
 * balancer that lets only `gateway.sources` in. They themselves call services that have routes, on their ports.
 */
export const renderProxyPolicy = ({ stack, namespace, services, ports }: ProxyPolicy): Policy => ({
  metadata: { name: `${stack.prefix}-proxies`, namespace },
  spec: {
    ...labelled(proxyLabels(stack)),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: tcp(PROXY_PORTS.http, PROXY_PORTS.https, PROXY_HEALTH.port) }],
    egress: [
      { to: [labelled(controllerLabels)], ports: tcp(CONFIGURATION_PORT) },
      ...Object.entries(ports).map(([service, port]) => ({
        to: [podsIn(services, labelsOf(service))],
        ports: tcp(port),
      })),
    ],
  },
});

export const renderControllerPolicy = (stack: Pick<Settings, "prefix">, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-controller`, namespace },
  spec: {
    ...labelled(controllerLabels),
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [labelled(proxyLabels(stack))], ports: tcp(CONFIGURATION_PORT) }],
    egress: ANYBODY,
  },
});

/** Of the Job that makes the certificates between controller and proxies, each time that the chart changes. */
export const renderCertgenPolicy = (stack: Pick<Settings, "prefix">, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-certgen`, namespace },
  spec: { ...labelled({ app: "certgen" }), policyTypes: ["Egress"], egress: ANYBODY },
});

/** cert-manager asks the API server, authorities and the name servers of the world; it is asked by the API server only. */
export const renderCertManagerPolicy = (stack: Pick<Settings, "prefix">, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-cert-manager`, namespace },
  spec: {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: tcp(WEBHOOK_PORT) }],
    egress: ANYBODY,
  },
});
