import type * as pulumi from "@pulumi/pulumi";
import type { GatewaySettings } from "../../config/gateway-schema.js";
import type { Settings } from "../../config/settings.js";

/** How the gateway speaks with those who call it. */

/** Forward secrecy and authenticated encryption; TLS 1.3 has no others. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
];

/** That a connection over TLS holds, with its buffers, in a fifth of the memory. */
const CONNECTIONS_PER_GIB = 20_000;
const YEAR_SECONDS = 31_536_000;

export interface TrafficSpec {
  readonly stack: Pick<Settings, "prefix" | "gateway">;
  readonly namespace: pulumi.Input<string>;
  /** Whether the host is known to be served by https for good: browsers are told so then, and do not forget it. */
  readonly lastingHost: boolean;
}

/** ClientTrafficPolicy of Envoy Gateway 1.9. */
export const renderTraffic = ({ stack: { prefix, gateway }, namespace, lastingHost }: TrafficSpec) => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "ClientTrafficPolicy",
  metadata: { name: prefix, namespace },
  spec: {
    targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: prefix }],
    tls: tlsOf(gateway.tls),
    timeout: {
      http: {
        requestHeadersReceivedTimeout: "10s",
        requestReceivedTimeout: `${gateway.idleTimeout}s`,
        idleTimeout: `${gateway.idleTimeout}s`,
        streamIdleTimeout: `${gateway.idleTimeout}s`,
      },
      tcp: { tlsHandshakeTimeout: "10s" },
    },
    // So that it is the gateway that ends a silent connection, and says so, and not a load balancer, which tells nobody.
    tcpKeepalive: { idleTime: "30s", interval: "30s", probes: 3 },
    connection: { connectionLimit: { value: Math.floor(gateway.memory * CONNECTIONS_PER_GIB) } },
    http2: { maxConcurrentStreams: 100 },
    path: { escapedSlashesAction: "UnescapeAndRedirect", disableMergeSlashes: false },
    headers: {
      // Nobody stands in front: who calls is whom the connection is from, and what he says of it himself is dropped.
      earlyRequestHeaders: { remove: ["x-forwarded-for", "x-real-ip", "forwarded"] },
      lateResponseHeaders: {
        // Only where the service says nothing of it itself.
        addIfAbsent: Object.entries(safeguards(lastingHost)).map(([name, value]) => ({ name, value })),
        remove: ["server", "x-powered-by"],
      },
      requestID: "PreserveOrGenerate",
    },
  },
});

const tlsOf = ({ minVersion }: GatewaySettings["tls"]) => ({
  minVersion,
  ...(minVersion === "1.3" ? {} : { ciphers: CIPHERS }),
  alpnProtocols: ["h2", "http/1.1"],
});

const safeguards = (lastingHost: boolean): Readonly<Record<string, string>> => ({
  ...(lastingHost ? { "strict-transport-security": `max-age=${YEAR_SECONDS}` } : {}),
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
  "referrer-policy": "strict-origin-when-cross-origin",
});
