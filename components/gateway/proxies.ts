import type * as pulumi from "@pulumi/pulumi";
import type { GatewaySettings } from "../../config/gateway-schema.js";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import { envoyGatewayNamespace, gatewayController } from "../addons/envoy-gateway.js";
import { imageOf } from "../image.js";
import { podsIn } from "../peers.js";
import { GIB } from "../workload/pod.js";

/** The pods that take the calls, which Envoy Gateway makes of what is said here. */

/** Where they listen: the gateway's ports, out of the range that only root may have. */
export const PROXY_PORTS = { http: 10_080, https: 10_443 } as const;

/** Where a proxy says that it takes connections; it says no from the moment on when it begins to drain. */
export const PROXY_HEALTH = { path: "/ready", port: 19_003 } as const;

/** By which Envoy Gateway marks the pods of one gateway. */
export const proxyLabels = ({ prefix }: Pick<Settings, "prefix">) => ({
  "app.kubernetes.io/name": "envoy",
  "app.kubernetes.io/component": "proxy",
  "app.kubernetes.io/managed-by": "envoy-gateway",
  "gateway.envoyproxy.io/owning-gateway-namespace": envoyGatewayNamespace,
  "gateway.envoyproxy.io/owning-gateway-name": prefix,
});

/** Who calls the services from outside: what their policies let in. */
export const gatewayPeer = (stack: Pick<Settings, "prefix">) => podsIn(envoyGatewayNamespace, proxyLabels(stack));

/** Whether there is an autoscaler, which asks the metrics server. */
export const gatewayScales = ({ replicas }: Pick<GatewaySettings, "replicas">): boolean => replicas.max > replicas.min;

/** The longest that load balancers take to notice that a pod goes: new connections are still taken until then. */
const NOTICE_SECONDS = 30;
const BUSY_PERCENT = 70;

const NON_ROOT = 65_532;
const hardened = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: NON_ROOT,
  runAsGroup: NON_ROOT,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

/** EnvoyProxy of Envoy Gateway 1.9. */
export function renderProxies(stack: Settings, namespace: pulumi.Input<string>) {
  const { prefix, gateway, mirror } = stack;
  return {
    apiVersion: "gateway.envoyproxy.io/v1alpha1",
    kind: "EnvoyProxy",
    metadata: { name: prefix, namespace },
    spec: {
      provider: {
        type: "Kubernetes",
        kubernetes: {
          envoyDeployment: {
            ...(gatewayScales(gateway) ? {} : { replicas: gateway.replicas.min }),
            strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
            pod: { topologySpreadConstraints: spreadOf(stack) },
            container: {
              image: imageOf(images.envoyGateway.proxy, mirror.images),
              resources: resourcesOf(gateway),
              securityContext: hardened,
            },
            patch: { type: "StrategicMerge", value: ONLY_TMP_IS_WRITTEN },
          },
          // A load balancer of its own would be none of the program's, which has to wait for its end.
          envoyService: { type: "ClusterIP" },
          ...(gatewayScales(gateway) ? { envoyHpa: autoscalerOf(gateway) } : {}),
          // With a budget for the only pod its node could never be emptied.
          ...(gateway.replicas.min > 1 ? { envoyPDB: { maxUnavailable: 1 } } : {}),
        },
      },
      // As many as the machine has cores would each hold memory of their own.
      concurrency: Math.max(2, Math.ceil(gateway.cpu)),
      logging: { level: { default: "warn" } },
      // Envoy Gateway gives the pods five minutes more than that before they are killed.
      shutdown: {
        drainTimeout: `${gateway.drain}s`,
        minDrainDuration: `${Math.min(NOTICE_SECONDS, gateway.drain)}s`,
      },
      telemetry: { accessLog: { settings: [accessLog] } },
    },
  };
}

/** What makes gateways of this class the controller's, with the proxies as they are said here. */
export const renderClass = ({ prefix }: Pick<Settings, "prefix">, namespace: pulumi.Input<string>) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "GatewayClass",
  metadata: { name: prefix },
  spec: {
    controllerName: gatewayController,
    parametersRef: { group: "gateway.envoyproxy.io", kind: "EnvoyProxy", name: prefix, namespace },
  },
});

function resourcesOf({ cpu, memory }: Pick<GatewaySettings, "cpu" | "memory">) {
  const disk = { "ephemeral-storage": "256Mi" };
  return {
    requests: { cpu: `${Math.ceil(cpu * 1000)}m`, memory: GIB(memory), ...disk },
    limits: { memory: GIB(memory), ...disk },
  };
}

const spreadOf = (stack: Settings) =>
  ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: proxyLabels(stack) },
    matchLabelKeys: ["pod-template-hash"],
  }));

const autoscalerOf = ({ replicas }: Pick<GatewaySettings, "replicas">) => ({
  minReplicas: replicas.min,
  maxReplicas: replicas.max,
  metrics: [
    { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: BUSY_PERCENT } } },
  ],
});

/**
 * The container that sees to the draining leaves a file when it is done, and takes over what is said of the proxy's
 * rights: each has a /tmp of its own, and the rest of its disk is only read.
 */
const ONLY_TMP_IS_WRITTEN = {
  spec: {
    template: {
      spec: {
        containers: [
          { name: "envoy", volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] },
          {
            name: "shutdown-manager",
            resources: {
              requests: { cpu: "10m", memory: "64Mi", "ephemeral-storage": "64Mi" },
              limits: { memory: "64Mi", "ephemeral-storage": "64Mi" },
            },
            volumeMounts: [{ name: "drain", mountPath: "/tmp" }],
          },
        ],
        volumes: [
          { name: "tmp", emptyDir: { sizeLimit: "64Mi" } },
          { name: "drain", emptyDir: { sizeLimit: "16Mi" } },
        ],
      },
    },
  },
};

/** A line of JSON for each call. What a query asks for may be nobody's business: it is left out. */
const accessLog = {
  format: {
    type: "JSON",
    json: {
      time: "%START_TIME%",
      client: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
      host: "%REQ(:AUTHORITY)%",
      method: "%REQ(:METHOD)%",
      path: "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%",
      protocol: "%PROTOCOL%",
      status: "%RESPONSE_CODE%",
      flags: "%RESPONSE_FLAGS%",
      details: "%RESPONSE_CODE_DETAILS%",
      received: "%BYTES_RECEIVED%",
      sent: "%BYTES_SENT%",
      milliseconds: "%DURATION%",
      upstream: "%UPSTREAM_HOST%",
      route: "%ROUTE_NAME%",
      requestId: "%REQ(X-REQUEST-ID)%",
      userAgent: "%REQ(USER-AGENT)%",
    },
  },
  sinks: [{ type: "File", file: { path: "/dev/stdout" } }],
};
