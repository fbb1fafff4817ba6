import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import type { GatewayRef } from "../workload/routes.js";

export const PORTS = { http: 80, https: 443 } as const;

export const gatewayRef = (
  { prefix }: Pick<Settings, "prefix">,
  namespace: pulumi.Input<string>,
  sectionName: GatewayRef["sectionName"] = "https",
): GatewayRef => ({ group: "gateway.networking.k8s.io", kind: "Gateway", name: prefix, namespace, sectionName });

export interface GatewaySpec {
  readonly stack: Pick<Settings, "prefix">;
  /** Of the gateway itself. */
  readonly namespace: pulumi.Input<string>;
  /** Whose routes it serves. */
  readonly services: pulumi.Input<string>;
  /** The Secret with its certificate, which may come later. */
  readonly secret: pulumi.Input<string>;
}

/**
 * One listener for all hosts, whose one certificate has them all: with a listener for each, a browser that reuses a
 * connection for another host would be at the wrong one, and Envoy Gateway would leave HTTP/2 out.
 */
export const renderGateway = ({ stack, namespace, services, secret }: GatewaySpec) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: {
    name: stack.prefix,
    namespace,
    // The proxies are there: without it Pulumi goes on as soon as the object is written.
    annotations: { "pulumi.com/waitFor": "condition=Programmed" },
  },
  spec: {
    gatewayClassName: stack.prefix,
    listeners: [
      { name: "http", port: PORTS.http, protocol: "HTTP", allowedRoutes: { namespaces: { from: "Same" } } },
      {
        name: "https",
        port: PORTS.https,
        protocol: "HTTPS",
        tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: secret }] },
        allowedRoutes: {
          kinds: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute" }],
          namespaces: {
            from: "Selector",
            selector: { matchLabels: { "kubernetes.io/metadata.name": services } },
          },
        },
      },
    ],
  },
});

/** Whatever comes without TLS is led to https, with its method and what it carries. */
export const renderRedirect = (stack: Pick<Settings, "prefix" | "gateway">, namespace: pulumi.Input<string>) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: `${stack.prefix}-https`, namespace },
  spec: {
    parentRefs: [gatewayRef(stack, namespace, "http")],
    rules: [
      {
        filters: [
          {
            type: "RequestRedirect",
            requestRedirect: { scheme: "https", port: outerPort(stack), statusCode: 308 },
          },
        ],
      },
    ],
  },
});

/** Where the outside finds https. */
const outerPort = ({ gateway }: Pick<Settings, "gateway">): number =>
  gateway.expose === "nodePort" ? gateway.nodePorts.https : PORTS.https;
