import { CustomResource } from "@pulumi/kubernetes/apiextensions/customResource.js";
import { Deployment } from "@pulumi/kubernetes/apps/v1/deployment.js";
import { Service } from "@pulumi/kubernetes/core/v1/service.js";
import * as pulumi from "@pulumi/pulumi";
import { CertManager } from "../../../components/addons/cert-manager.js";
import { EnvoyGateway, envoyGatewayNamespace, gatewayController } from "../../../components/addons/envoy-gateway.js";
import { Keda } from "../../../components/addons/keda.js";
import { inside } from "../../../components/inside.js";
import { createNamespace } from "../../../components/namespace.js";
import { parseSettings } from "../../../config/settings.js";
import { fromPulumiConfig } from "../../../config/stackfile.js";
import { LocalCluster } from "../../../providers/local/cluster.js";
import { localNetwork } from "../../../providers/local/network.js";

const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };

/** A way in without the platform: add-ons, and one of each of the objects that their controllers answer for. */
export default function program(): void {
  const { settings: stack } = parseSettings(fromPulumiConfig(pulumi.runtime.allConfig(), isConfigSecret), {});
  const parent = new pulumi.ComponentResource("test:index:WayIn", "way-in");
  const network = localNetwork(stack.network);
  const cluster = new LocalCluster("way-in", { settings: stack.cluster, network }, { parent });
  const gateways = new EnvoyGateway("way-in-gateways", { stack, cluster }, { parent });
  const certificates = new CertManager("way-in-certificates", { stack, cluster, identity: undefined }, { parent });
  const keda = new Keda("way-in-keda", { stack, cluster }, { parent });
  const namespace = createNamespace("way-in", cluster, parent).metadata.name;

  const custom = (apiVersion: string, kind: string, spec: object, dependsOn: pulumi.Resource[], waitFor?: string) =>
    new CustomResource(
      `way-in-${kind.toLowerCase()}`,
      {
        apiVersion,
        kind,
        metadata: {
          name: "way-in",
          ...(kind === "GatewayClass" ? {} : { namespace }),
          ...(waitFor === undefined ? {} : { annotations: { "pulumi.com/waitFor": waitFor } }),
        },
        spec,
      },
      { ...inside(cluster, parent), dependsOn },
    );

  const issuer = custom("cert-manager.io/v1", "Issuer", { selfSigned: {} }, [certificates.release], "condition=Ready");
  const certificate = custom(
    "cert-manager.io/v1",
    "Certificate",
    { secretName: "way-in-tls", dnsNames: ["way-in.example.com"], issuerRef: { name: "way-in" } },
    [issuer],
    "condition=Ready",
  );
  const gatewayApi = "gateway.networking.k8s.io/v1";
  const spec = { controllerName: gatewayController };
  const ofClass = custom(gatewayApi, "GatewayClass", spec, [gateways.release], "condition=Accepted");
  const listener = { port: 443, protocol: "HTTPS", tls: { certificateRefs: [{ name: "way-in-tls" }] } };
  const gateway = custom(
    gatewayApi,
    "Gateway",
    { gatewayClassName: "way-in", listeners: [{ name: "https", ...listener }] },
    [ofClass, certificate],
    "condition=Programmed",
  );

  const labels = { app: "way-in" };
  const deployment = new Deployment(
    "way-in",
    {
      metadata: { name: "way-in", namespace },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                name: "app",
                image: "app:1",
                securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
              },
            ],
          },
        },
      },
    },
    inside(cluster, parent),
  );
  const service = new Service(
    "way-in",
    { metadata: { name: "way-in", namespace }, spec: { selector: labels, ports: [{ port: 80 }] } },
    { ...inside(cluster, parent), dependsOn: [deployment] },
  );
  const rules = [{ backendRefs: [{ name: "way-in", port: 80 }] }];
  custom(gatewayApi, "HTTPRoute", { parentRefs: [{ name: "way-in" }], rules }, [gateway, service]);
  const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "way-in" }];
  custom("gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy", { targetRefs }, [gateway]);
  custom(
    "keda.sh/v1alpha1",
    "ScaledObject",
    {
      scaleTargetRef: { name: "way-in" },
      minReplicaCount: 2,
      maxReplicaCount: 5,
      triggers: [{ type: "cpu", metricType: "Utilization", metadata: { value: "70" } }],
    },
    [keda.release, deployment],
    "condition=Ready",
  );
  new Service(
    "way-in-address",
    {
      metadata: { name: "way-in-address", namespace: envoyGatewayNamespace },
      spec: {
        type: "LoadBalancer",
        selector: {
          "gateway.envoyproxy.io/owning-gateway-name": "way-in",
          "gateway.envoyproxy.io/owning-gateway-namespace": "way-in",
        },
        ports: [{ name: "https", port: 443 }],
      },
    },
    { ...inside(cluster, parent), dependsOn: [gateway] },
  );
}
