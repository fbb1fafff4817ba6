import type { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type { Chart } from "@pulumi/kubernetes/helm/v4/chart.js";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { images } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { imageOf } from "../image.js";
import { inside } from "../inside.js";
import { createDefinitions } from "./definitions.js";
import { resourceValues } from "./pod-values.js";
import { createRelease } from "./release.js";
import { hasBudget, replicas } from "./replicas.js";

export interface EnvoyGatewayArgs {
  readonly stack: Settings;
  readonly cluster: Cluster;
}

/** Where the controller runs, and the proxies of every gateway with it. */
export const envoyGatewayNamespace = "envoy-gateway-system";

/** What a GatewayClass names to be served by it. */
export const gatewayController = "gateway.envoyproxy.io/gatewayclass-controller";

/**
 * Envoy Gateway: the Gateway API's definitions, of the standard channel, and the controller that makes proxies of
 * gateways. It makes no load balancer, which would be none of the program's: a proxy's Service has an address in the
 * cluster only. Costs a tenth of a core and 512 MiB a replica; the proxies come with the gateways.
 */
export class EnvoyGateway extends pulumi.ComponentResource {
  /** Of the Gateway API and of Envoy Gateway: for whoever reads gateways without needing them served. */
  public readonly definitions: Chart;
  /** Done when the controller answers: what gateways, routes and policies wait for. */
  public readonly release: Release;

  constructor(name: string, args: EnvoyGatewayArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:addons:EnvoyGateway", name, {}, opts);
    const { stack, cluster } = args;
    this.definitions = createDefinitions(
      `${name}-definitions`,
      { chart: "gateway-crds-helm", values: definitionValues, mirror: stack.mirror.charts },
      inside(cluster, this),
    );
    this.release = createRelease(
      name,
      {
        stack,
        cluster,
        chart: "gateway-helm",
        namespace: envoyGatewayNamespace,
        values: valuesFor(stack),
        after: [this.definitions],
      },
      this,
    );
    this.registerOutputs({});
  }
}

export const definitionValues = {
  crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } },
};

export const valuesFor = ({ environment, mirror }: Pick<Settings, "environment" | "mirror">) => {
  const { controller, proxy, rateLimit } = images.envoyGateway;
  const pullPolicy = "IfNotPresent";
  return {
    // These would be of the experimental channel, and Helm would never upgrade them.
    crds: { enabled: false },
    global: {
      images: {
        envoyGateway: { image: imageOf(controller, mirror.images), pullPolicy },
        envoyProxy: { image: imageOf(proxy, mirror.images), pullPolicy },
        ratelimit: { image: imageOf(rateLimit, mirror.images), pullPolicy },
      },
    },
    deployment: {
      replicas: replicas[environment],
      envoyGateway: { resources: resourceValues("100m", "512Mi") },
    },
    // The chart makes no budget for 0.
    podDisruptionBudget: { minAvailable: hasBudget(environment) ? 1 : 0 },
    certgen: { job: { resources: resourceValues("25m", "128Mi") } },
    // It tells proxies their zone, which few replicas make no use of, by a webhook that stays when the release goes.
    topologyInjector: { enabled: false },
    config: {
      envoyGateway: {
        gateway: { controllerName: gatewayController },
        provider: { type: "Kubernetes" },
        envoyProxy: {
          provider: { type: "Kubernetes", kubernetes: { envoyService: { type: "ClusterIP" } } },
        },
      },
    },
  };
};
