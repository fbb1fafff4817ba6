import assert from "node:assert/strict";
import { EnvoyGateway, envoyGatewayNamespace, gatewayController } from "../../../components/addons/envoy-gateway.js";
import { only } from "../../support/deploy.js";
import { type AddonGround, describeAddon, releaseIn, resourcesOf, runAddon } from "./addon.js";

const CHART = "kubernetes:helm.sh/v4:Chart";

const make = ({ stack, cluster, parent }: AddonGround) => {
  new EnvoyGateway("gateway", { stack, cluster }, { parent });
};

const pullPolicy = "IfNotPresent";
const valuesOf = (replicas: number, minAvailable: number) => ({
  crds: { enabled: false },
  global: {
    images: {
      envoyGateway: { image: "docker.io/envoyproxy/gateway:v1.9.1", pullPolicy },
      envoyProxy: {
        image:
          "docker.io/envoyproxy/envoy:distroless-v1.39.1@sha256:eb2c01c13125d1629637cb4e4cce7207009fb7cc2c8027f9742758549d15b6f4",
        pullPolicy,
      },
      ratelimit: { image: "docker.io/envoyproxy/ratelimit:8fe6ea42", pullPolicy },
    },
  },
  deployment: { replicas, envoyGateway: { resources: resourcesOf("100m", "512Mi") } },
  podDisruptionBudget: { minAvailable },
  certgen: { job: { resources: resourcesOf("25m", "128Mi") } },
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
});

describeAddon(
  "Envoy Gateway",
  {
    make,
    component: ["agent-platform:addons:EnvoyGateway", "gateway"],
    namespace: "envoy-gateway-system",
    beside: [[CHART, "gateway-definitions"]],
    release: { name: "gateway-helm", chart: "oci://docker.io/envoyproxy/gateway-helm", version: "v1.9.1" },
    pinned: ["is pinned, brings no definitions of its own and makes no load balancer", valuesOf(1, 0)],
    inProduction: ["has a second replica in production, of which one stays", valuesOf(2, 1)],
  },
  () => {
    it("says where it runs", async () => {
      assert.equal(releaseIn((await runAddon(make)).resources).inputs["namespace"], envoyGatewayNamespace);
    });

    it("brings the definitions of the standard channel as objects of the stack", async () => {
      const { inputs } = only((await runAddon(make)).resources, CHART);
      assert.deepEqual(inputs, {
        name: "gateway-crds-helm",
        chart: "oci://docker.io/envoyproxy/gateway-crds-helm",
        version: "v1.9.1",
        values: { crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } } },
      });
    });

    it("takes the definitions from the mirror too", async () => {
      const { resources } = await runAddon(make, { mirror: { charts: "https://charts.example.com" } });
      const { chart, repositoryOpts } = only(resources, CHART).inputs;
      assert.deepEqual(
        { chart, repositoryOpts },
        {
          chart: "gateway-crds-helm",
          repositoryOpts: { repo: "https://charts.example.com" },
        },
      );
    });

    it("starts its controller after the definitions", async () => {
      const { resources } = await runAddon(make);
      assert.ok(releaseIn(resources).dependsOn.includes(only(resources, CHART).urn));
    });

    it("makes its definitions in the cluster that it runs in, and leaves them to go with it", async () => {
      const { resources } = await runAddon(make, {}, { own: true });
      const cluster = only(resources, "random:index/randomId:RandomId", "made-cluster").urn;
      const definitions = only(resources, CHART);
      assert.equal(definitions.deletedWith, cluster);
      // Only its own provider: those of the cloud are nothing to it.
      assert.match(definitions.provider ?? "", /::made-kubernetes$/);
    });
  },
);
