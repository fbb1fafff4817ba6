import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { grafana, readers } from "../monitoring/places.js";
import { labelled, type Policy, podsIn, tcp } from "../peers.js";
import { labelsOf } from "../workload/labels.js";
import { PROXY_HEALTH, PROXY_PORTS, proxyLabels } from "./proxies.js";

type Namespace = pulumi.Input<string>;
type Stack = Pick<Settings, "prefix" | "monitoring">;

const controllerLabels = { "control-plane": "envoy-gateway" };
/** Where the controller tells proxies what to do. */
const CONFIGURATION_PORT = 18_000;
/** Where proxies, and the controller, show their metrics. */
const METRICS_PORT = 19_001;
const CERT_MANAGER_METRICS_PORT = 9402;
/** Where cert-manager's webhook is asked by the API server. */
const WEBHOOK_PORT = 10_250;

/** By policies the API server can't be named: who calls it may call anybody. */
const ANYBODY = [{}];

const toReaders = (stack: Stack, port: number) => {
  const from = readers(stack);
  return from.length === 0 ? [] : [{ from: [...from], ports: tcp(port) }];
};

export interface ProxyPolicy {
  readonly stack: Stack;
  readonly namespace: Namespace;
  /** Where the services are. */
  readonly services: Namespace;
  /** The ports of those that have routes. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Anybody may call the proxies: the address that a policy would see is not always the caller's, so it is the load
 * balancer that lets only `gateway.sources` in. They themselves call services that have routes, on their ports, and
 * Grafana, where it has one.
 */
export const renderProxyPolicy = ({ stack, namespace, services, ports }: ProxyPolicy): Policy => ({
  metadata: { name: `${stack.prefix}-proxies`, namespace },
  spec: {
    ...labelled(proxyLabels(stack)),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { ports: tcp(PROXY_PORTS.http, PROXY_PORTS.https, PROXY_HEALTH.port) },
      ...toReaders(stack, METRICS_PORT),
    ],
    egress: [
      { to: [labelled(controllerLabels)], ports: tcp(CONFIGURATION_PORT) },
      ...Object.entries(ports).map(([service, port]) => ({
        to: [podsIn(services, labelsOf(service))],
        ports: tcp(port),
      })),
      ...(hasDashboards(stack) ? [{ to: [grafana.pods(stack)], ports: tcp(grafana.port) }] : []),
    ],
  },
});

const hasDashboards = ({ monitoring }: Stack): boolean =>
  monitoring.mode === "inCluster" && monitoring.grafana.host !== undefined;

export const renderControllerPolicy = (stack: Stack, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-controller`, namespace },
  spec: {
    ...labelled(controllerLabels),
    policyTypes: ["Ingress", "Egress"],
    ingress: [
      { from: [labelled(proxyLabels(stack))], ports: tcp(CONFIGURATION_PORT) },
      ...toReaders(stack, METRICS_PORT),
    ],
    egress: ANYBODY,
  },
});

/** Of the Job that makes the certificates between controller and proxies, each time that the chart changes. */
export const renderCertgenPolicy = (stack: Stack, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-certgen`, namespace },
  spec: { ...labelled({ app: "certgen" }), policyTypes: ["Egress"], egress: ANYBODY },
});

/** cert-manager asks the API server, authorities and the name servers of the world; it is asked by the API server and read by Prometheus. */
export const renderCertManagerPolicy = (stack: Stack, namespace: Namespace): Policy => ({
  metadata: { name: `${stack.prefix}-cert-manager`, namespace },
  spec: {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ ports: tcp(WEBHOOK_PORT) }, ...toReaders(stack, CERT_MANAGER_METRICS_PORT)],
    egress: ANYBODY,
  },
});
