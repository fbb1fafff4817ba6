import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { RouteSettings } from "../../config/gateway-schema.js";
import type { ServiceSettings } from "../../config/service-schema.js";
import { contentName } from "../content-name.js";
import { labelsOf } from "./labels.js";

/** Where a service is reached from outside: what the gateway is told of it. */

/** What a route names to be served by the gateway: its listener that speaks TLS. */
export interface GatewayRef {
  readonly group: "gateway.networking.k8s.io";
  readonly kind: "Gateway";
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly sectionName: "http" | "https";
}

/** Who answers, and how many of the calls: a rollout later moves them from one to another. */
export interface Backend {
  readonly service: string;
  readonly port: number;
  readonly weight: number;
}

export interface RoutesSpec {
  /** The service's key in the settings. */
  readonly service: string;
  readonly namespace: pulumi.Input<string>;
  readonly settings: Pick<ServiceSettings, "routes" | "requestTimeout">;
  readonly gateway: GatewayRef;
  /** The host of routes that say none; any host where there is no domain. */
  readonly domain: string | undefined;
  readonly backends: readonly Backend[];
}

export interface CustomManifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: kubernetes.types.input.meta.v1.ObjectMeta;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One route, and what holds for calls on it: made before it, so that there is no moment without. */
export interface RenderedRoute {
  readonly name: string;
  readonly policies: readonly CustomManifest[];
  readonly route: CustomManifest;
}

export const renderRoutes = (spec: RoutesSpec): readonly RenderedRoute[] =>
  spec.settings.routes.map((route) => {
    const name = routeName(spec, route);
    return {
      name,
      policies: [
        renderTraffic(spec, route, name),
        ...(route.cors === undefined ? [] : [renderCors(spec, route.cors, name)]),
      ],
      route: renderRoute(spec, route, name),
    };
  });

/** By what it is, and not by where it stands in the list: another one before it changes nothing. */
export function routeName(
  { service, domain }: Pick<RoutesSpec, "service" | "domain">,
  { host = domain ?? "", path }: Pick<RouteSettings, "host" | "path">,
): string {
  return contentName(service, [host, path]);
}

const metadataOf = ({ service, namespace }: RoutesSpec, name: string) => ({
  name,
  namespace,
  labels: labelsOf(service),
});

/** HTTPRoute of the Gateway API's standard channel. */
function renderRoute(spec: RoutesSpec, route: RouteSettings, name: string): CustomManifest {
  const host = route.host ?? spec.domain;
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: metadataOf(spec, name),
    spec: {
      parentRefs: [spec.gateway],
      ...(host === undefined ? {} : { hostnames: [host] }),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: route.path } }],
          backendRefs: spec.backends.map(({ service, port, weight }) => ({
            group: "",
            kind: "Service",
            name: service,
            port,
            weight,
          })),
          timeouts: { request: timeoutOf(spec, route) },
        },
      ],
    },
  };
}

/** An open connection is one request, which lasts for as long as something comes before the gateway's idle timeout. */
const timeoutOf = ({ settings }: RoutesSpec, { websockets, timeout }: RouteSettings): string =>
  websockets ? "0s" : `${timeout ?? settings.requestTimeout}s`;

/** Of one proxy to one service. Streams stay open, and each is a connection and a request for all that time. */
const MOST_AT_ONCE = 10_000;

const targetOf = (name: string) => ({ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name });

/** BackendTrafficPolicy of Envoy Gateway 1.9. */
const renderTraffic = (spec: RoutesSpec, route: RouteSettings, name: string): CustomManifest => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "BackendTrafficPolicy",
  metadata: metadataOf(spec, name),
  spec: {
    targetRefs: [targetOf(name)],
    timeout: { tcp: { connectTimeout: "5s" } },
    // Only what no pod has seen is asked again, of another one: nothing is done twice. A pod that has just died looks the
    // least busy, so that some tries go there all the same until the gateway hears of it.
    retry: { numRetries: 5, retryOn: { triggers: ["connect-failure", "refused-stream"] } },
    // Envoy would take all pods for ready where fewer than half of them are: calls would fail in those that only start.
    healthCheck: { panicThreshold: 0 },
    circuitBreaker: { maxConnections: MOST_AT_ONCE, maxParallelRequests: MOST_AT_ONCE, maxPendingRequests: 1024 },
    loadBalancer: route.affinity === "cookie" ? byCookie(spec, route) : { type: "LeastRequest" },
    ...(route.rateLimit === undefined ? {} : { rateLimit: { local: { rules: [limitOf(route.rateLimit)] } } }),
  },
});

/**
 * The gateway makes the cookie, which says nothing and goes with the browser. It is one for all routes of a service, and
 * for all paths: a browser would keep one for each folder otherwise, each with a pod of its own.
 */
const byCookie = ({ service }: RoutesSpec, { cors }: RouteSettings) => ({
  type: "ConsistentHash",
  consistentHash: {
    type: "Cookie",
    cookie: {
      name: `${service}-affinity`,
      ttl: "0s",
      attributes: { Path: "/", HttpOnly: "", Secure: "", SameSite: cors?.credentials === true ? "None" : "Lax" },
    },
  },
});

const units = { second: "Second", minute: "Minute", hour: "Hour" } as const;

/**
 * Each address has a count of its own. Of a route a proxy of Envoy Gateway 1.9.1 keeps the counts of the 20 addresses
 * that called last, and not of 10,000 as it means to: https://github.com/envoyproxy/gateway/issues/9973
 */
const limitOf = ({ requests, per }: NonNullable<RouteSettings["rateLimit"]>) => ({
  clientSelectors: [{ sourceCIDR: { type: "Distinct", value: "0.0.0.0/0" } }],
  limit: { requests, unit: units[per] },
});

/** SecurityPolicy of Envoy Gateway 1.9: it answers browsers that ask in advance, and the service never sees that. */
const renderCors = (
  spec: RoutesSpec,
  { origins, methods, headers, credentials, maxAge }: NonNullable<RouteSettings["cors"]>,
  name: string,
): CustomManifest => ({
  apiVersion: "gateway.envoyproxy.io/v1alpha1",
  kind: "SecurityPolicy",
  metadata: metadataOf(spec, name),
  spec: {
    targetRefs: [targetOf(name)],
    cors: {
      allowOrigins: origins,
      allowMethods: methods,
      ...(headers.length === 0 ? {} : { allowHeaders: headers }),
      allowCredentials: credentials,
      maxAge: `${maxAge}s`,
    },
  },
});
