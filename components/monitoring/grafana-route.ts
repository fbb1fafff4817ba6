import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import type * as pulumi from "@pulumi/pulumi";
import { inside } from "../inside.js";
import type { GatewayRef } from "../workload/routes.js";
import { grafana } from "./places.js";
import type { MonitoringScene } from "./scene.js";

/** The way to Grafana from outside. */

export interface GrafanaRouteArgs {
  readonly host: string;
  readonly gateway: GatewayRef;
  /** The kinds exist, somebody serves them, and Grafana's Service is there. */
  readonly after: readonly pulumi.Resource[];
}

/**
 * The gateway takes routes from where services run, so that is where this one is; that it may lead from there to
 * Grafana is what the grant says, for that one Service.
 */
export function createGrafanaRoute(
  name: string,
  { cluster, services, namespace }: MonitoringScene,
  { host, gateway, after }: GrafanaRouteArgs,
  parent: pulumi.Resource,
): void {
  const spaces = { services, namespace };
  const create = (logical: string, manifest: ReturnType<typeof renderGrafanaRoute | typeof renderGrafanaGrant>) =>
    new CustomResource(logical, manifest, { ...inside(cluster, parent), dependsOn: [...after] });
  create(`${name}-grant`, renderGrafanaGrant(spaces));
  create(name, renderGrafanaRoute(spaces, host, gateway));
}

export interface Spaces {
  readonly services: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
}

// Names of services have no dots.
const NAME = "platform.grafana";
const SERVICE = grafana.labels["app.kubernetes.io/name"];

export const renderGrafanaGrant = ({ services, namespace }: Spaces) => ({
  apiVersion: "gateway.networking.k8s.io/v1beta1",
  kind: "ReferenceGrant",
  metadata: { name: NAME, namespace },
  spec: {
    from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: services }],
    to: [{ group: "", kind: "Service", name: SERVICE }],
  },
});

export const renderGrafanaRoute = ({ services, namespace }: Spaces, host: string, gateway: GatewayRef) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: NAME, namespace: services },
  spec: {
    parentRefs: [gateway],
    hostnames: [host],
    rules: [
      {
        // Grafana's own measurements ask nobody who he is.
        matches: [{ path: { type: "Exact", value: "/metrics" } }],
        filters: [
          {
            type: "RequestRedirect",
            requestRedirect: { path: { type: "ReplaceFullPath", replaceFullPath: "/" }, statusCode: 302 },
          },
        ],
      },
      {
        matches: [{ path: { type: "PathPrefix", value: "/" } }],
        backendRefs: [{ group: "", kind: "Service", name: SERVICE, namespace, port: grafana.port, weight: 1 }],
      },
    ],
  },
});
