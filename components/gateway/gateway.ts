import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import * as pulumi from "@pulumi/pulumi";
import type { RouteSettings } from "../../config/gateway-schema.js";
import { mapValues } from "../../config/maps.js";
import type { Settings } from "../../config/settings.js";
import type { Cloud, Cluster, Dns, Network, SecretRef, SecretStore } from "../../providers/contract.js";
import { EnvoyGateway } from "../addons/envoy-gateway.js";
import { closeNamespace } from "../closed-namespace.js";
import { createExternalSecret } from "../external-secret.js";
import { inside } from "../inside.js";
import type { GatewayRef } from "../workload/routes.js";
import { GatewayCertificate } from "./certificate.js";
import { certificateSecret } from "./certificates.js";
import { hostsOf, isUnder } from "./hosts.js";
import { gatewayRef, renderGateway, renderRedirect } from "./listeners.js";
import { addressOf, loadBalancerSpec, renderService } from "./load-balancer.js";
import { renderCertgenPolicy, renderControllerPolicy, renderProxyPolicy } from "./policies.js";
import { renderClass, renderProxies } from "./proxies.js";
import { renderTraffic } from "./traffic.js";

export interface GatewayArgs {
  readonly stack: Settings;
  readonly cloud: Pick<Cloud, "identity" | "loadBalancer">;
  readonly cluster: Cluster;
  readonly network: Network;
  /** The zone of the domain; none where the stack has no domain. */
  readonly dns: Dns | undefined;
  readonly secretStore: SecretStore;
  /** Where services run. */
  readonly namespace: pulumi.Input<string>;
  /** The services that have routes. */
  readonly services: Readonly<Record<string, { readonly port: number; readonly routes: readonly RouteSettings[] }>>;
  /** What makes load balancers, where the cluster does not by itself: it is there before the Service, and after it. */
  readonly loadBalancers: readonly pulumi.Resource[];
  /** The entry that `gateway.tls.secret` names, and by what it is fetched; none where the platform gets a certificate. */
  readonly certificate: { readonly entry: SecretRef; readonly store: CustomResource } | undefined;
}

/**
 * The way in from the internet: Envoy Gateway and its proxies, the load balancer in front of them, the certificate, and
 * the records that lead there. Costs what its pods ask for (a quarter of a core and 256 MiB each, one in development and
 * three in production), what its two controllers ask for, and a load balancer of the cloud.
 */
export class Gateway extends pulumi.ComponentResource {
  /** Where the system is reached: the domain, or the gateway's own address. */
  public readonly url: pulumi.Output<string>;
  /** What the load balancer, or a node, is reached by: an IP or a name. */
  public readonly address: pulumi.Output<string>;
  /** What routes of services name. */
  public readonly ref: GatewayRef;
  /** What routes wait for: their kinds exist, and somebody serves them. */
  public readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: GatewayArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gateway:Gateway", name, {}, opts);
    const { stack, cluster, dns } = args;
    const envoy = new EnvoyGateway(`${name}-envoy`, { stack, cluster }, { parent: this });
    const ground: Ground = { name, args, envoy, namespace: envoy.release.namespace, parent: this };

    const secret = args.certificate === undefined ? certificateSecret(stack) : fetchCertificate(ground);
    const policies = createPolicies(ground);
    const gateway = createGateway(ground, secret, [...policies, ...createProxies(ground)]);
    createCustom(ground, `${name}-https`, renderRedirect(stack, ground.namespace), [gateway]);
    const service = createService(ground, [gateway, ...policies]);
    this.address = stack.gateway.expose === "nodePort" ? pulumi.output(stack.gateway.nodeAddress) : addressOf(service);
    if (args.certificate === undefined)
      new GatewayCertificate(name, { ...args, namespace: ground.namespace, address: this.address }, { parent: this });
    if (dns !== undefined) createRecords(ground, dns, this.address);

    this.ref = gatewayRef(stack, ground.namespace);
    this.ready = [gateway];
    this.url = urlOf(stack, dns, this.address);
    this.registerOutputs({ url: this.url, address: this.address });
  }
}

interface Ground {
  readonly name: string;
  readonly args: GatewayArgs;
  readonly envoy: EnvoyGateway;
  /** Of controller and proxies; it is known when the release is there, so that what is in it comes after. */
  readonly namespace: pulumi.Output<string>;
  readonly parent: Gateway;
}

type Custom = ConstructorParameters<typeof CustomResource>[1];

/** An object of a kind that Envoy Gateway answers for. */
const createCustom = (
  { args, envoy, parent }: Ground,
  name: string,
  manifest: Custom,
  after: readonly pulumi.Resource[] = [],
): CustomResource =>
  new CustomResource(name, manifest, { ...inside(args.cluster, parent), dependsOn: [envoy.release, ...after] });

const createProxies = (ground: Ground): readonly pulumi.Resource[] => {
  const { name, args, namespace } = ground;
  const { stack, dns } = args;
  const proxies = createCustom(ground, name, renderProxies(stack, namespace));
  const lastingHost = dns !== undefined;
  return [
    createCustom(ground, name, renderClass(stack, namespace), [proxies]),
    // Before the gateway: it never speaks otherwise.
    createCustom(ground, name, renderTraffic({ stack, namespace, lastingHost })),
  ];
};

const createGateway = (
  ground: Ground,
  secret: pulumi.Input<string>,
  after: readonly pulumi.Resource[],
): CustomResource => {
  const { name, args, envoy, namespace, parent } = ground;
  const { stack, cluster } = args;
  return new CustomResource(name, renderGateway({ stack, namespace, services: args.namespace, secret }), {
    ...inside(cluster, parent),
    dependsOn: [envoy.release, ...after],
    // Until nodes are added, images pulled and pods there.
    customTimeouts: { create: "15m", update: "15m", delete: "10m" },
  });
};

/** They come after the chart, whose first Job a closed namespace would stop, and before the first proxy. */
function createPolicies({ name, args, namespace, parent }: Ground): readonly NetworkPolicy[] {
  const { stack, cluster } = args;
  const ports = mapValues(args.services, ({ port }) => port);
  const policies = {
    proxies: renderProxyPolicy({ stack, namespace, services: args.namespace, ports }),
    controller: renderControllerPolicy(stack, namespace),
    certgen: renderCertgenPolicy(stack, namespace),
  };
  closeNamespace(name, namespace, cluster, parent);
  return Object.entries(policies).map(
    ([who, policy]) => new NetworkPolicy(`${name}-${who}`, policy, inside(cluster, parent)),
  );
}

/** As the authority that signed it left it: whoever renews it in the store is followed within the hour. */
function fetchCertificate({ name, args, namespace, parent }: Ground): pulumi.Output<string> {
  const { stack, cluster, certificate } = args;
  if (certificate === undefined) throw new Error("gateway.tls.secret is not said, and its entry is to be fetched");
  const { entry, store } = certificate;
  return createExternalSecret(
    `${name}-certificate`,
    certificateSecret(stack),
    {
      cluster,
      namespace,
      store,
      fields: { certificate: { entry, property: "certificate" }, key: { entry, property: "privateKey" } },
      templates: { "tls.crt": "{{ .certificate }}", "tls.key": "{{ .key }}" },
      type: "kubernetes.io/tls",
    },
    parent,
  );
}

/**
 * It does not go with the cluster, as other objects do: a load balancer would stay behind and hold the network. Its
 * deletion is waited for, and what makes load balancers outlives it.
 */
function createService({ name, args, namespace, parent }: Ground, after: readonly pulumi.Resource[]): Service {
  const { stack, cloud, cluster, network, loadBalancers } = args;
  const exposure = cloud.loadBalancer(loadBalancerSpec(stack.gateway));
  return new Service(name, renderService(stack, namespace, exposure), {
    parent,
    provider: cluster.provider,
    dependsOn: [
      ...cluster.ready,
      ...(pulumi.Resource.isInstance(network) ? [network] : []),
      ...loadBalancers,
      ...after,
    ],
    customTimeouts: { create: "15m", update: "15m", delete: "15m" },
  });
}

function createRecords({ name, args, parent }: Ground, dns: Dns, address: pulumi.Output<string>): void {
  for (const host of hostsOf(args.services, dns.domain, args.stack).filter((one) => isUnder(one, dns.domain)))
    dns.point(`${name}-${host}`, host, address, { parent });
}

function urlOf({ gateway }: Settings, dns: Dns | undefined, address: pulumi.Output<string>): pulumi.Output<string> {
  if (dns !== undefined) return pulumi.output(`https://${dns.domain}`);
  const port = gateway.expose === "nodePort" ? `:${gateway.nodePorts.https}` : "";
  return pulumi.interpolate`https://${address}${port}`;
}
