import assert from "node:assert/strict";
import {
  AwsLoadBalancerController,
  awsLoadBalancerControllerAccount,
} from "../../../components/addons/aws-load-balancer-controller.js";
import { nobody, type PodIdentity } from "../../../components/addons/pod-identity.js";
import { type AddonGround, assertActsBy, describeAddon, resourcesOf, valuesOn } from "./addon.js";

const as =
  (identity: PodIdentity) =>
  ({ stack, cluster, parent }: AddonGround) => {
    const place = { region: "eu-west-1", vpcId: "vpc-1", identity };
    new AwsLoadBalancerController("balancers", { stack, cluster, ...place }, { parent });
  };
const make = as(nobody);

const valuesOf = (replicaCount: number, podDisruptionBudget: object, defaultTags: object = {}) => ({
  clusterName: "made",
  region: "eu-west-1",
  vpcId: "vpc-1",
  image: { repository: "public.ecr.aws/eks/aws-load-balancer-controller", tag: "v3.6.0", pullPolicy: "IfNotPresent" },
  replicaCount,
  podDisruptionBudget,
  serviceAccount: { create: true, name: "aws-load-balancer-controller", annotations: {} },
  podLabels: {},
  defaultTags,
  enableShield: false,
  enableWaf: false,
  enableWafv2: false,
  createIngressClassResource: false,
  ingressClassParams: { create: false },
  controllerConfig: { featureGates: { ALBGatewayAPI: false, NLBGatewayAPI: false } },
  enableServiceMutatorWebhook: false,
  resources: resourcesOf("100m", "192Mi"),
  securityContext: {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  },
});

describeAddon(
  "the AWS Load Balancer Controller",
  {
    make,
    component: ["agent-platform:addons:AwsLoadBalancerController", "balancers"],
    namespace: "aws-load-balancer-controller",
    release: {
      name: "aws-load-balancer-controller",
      chart: "aws-load-balancer-controller",
      repositoryOpts: { repo: "https://aws.github.io/eks-charts" },
      version: "3.6.0",
    },
    pinned: ["is pinned and serves only Services that name its class", valuesOf(1, {})],
    inProduction: ["has a second replica in production, of which one stays", valuesOf(2, { minAvailable: 1 })],
  },
  () => {
    it("puts the stack's tags on what it makes", async () => {
      const values = await valuesOn(make, { tags: { owner: "agents" } }, { own: true });
      assert.deepEqual(values, valuesOf(1, {}, { owner: "agents" }));
    });

    it("acts by the identity that it is given, and starts after it", () =>
      assertActsBy(as, awsLoadBalancerControllerAccount));
  },
);
