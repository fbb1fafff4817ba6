import assert from "node:assert/strict";
import { type CloudName, cloudNames } from "../../../config/names.js";
import type { Cloud, LoadBalancerSpec } from "../../../providers/contract.js";
import { inventory } from "../../support/deploy.js";
import { entered } from "../entered.js";

const spec: LoadBalancerSpec = {
  internal: false,
  idleSeconds: 300,
  drainSeconds: 120,
  healthPath: "/healthz",
  healthPort: 8080,
};
const exposureOn = async (cloud: CloudName, said: LoadBalancerSpec) =>
  (await entered(cloud, (one) => one.cloud.loadBalancer(said))).result;

for (const cloud of cloudNames) {
  describe(`load balancer of ${cloud}`, () => {
    it("is plain data of the contract's shape", async () => {
      const exposure = await exposureOn(cloud, spec);
      assert.deepEqual(Object.keys(exposure).sort(), [
        "annotations",
        "externalTrafficPolicy",
        "loadBalancerClass",
        "type",
      ]);
      assert.ok(["LoadBalancer", "NodePort"].includes(exposure.type));
      // A class is for a controller that leaves Services without one to another.
      assert.equal(exposure.loadBalancerClass, cloud === "aws" ? "service.k8s.aws/nlb" : undefined);
      // Nodes stand between the load balancer and the pods, and would hide who calls.
      assert.equal(exposure.externalTrafficPolicy, ["gcp", "azure"].includes(cloud) ? "Local" : "Cluster");
      for (const value of Object.values(exposure.annotations)) assert.equal(typeof value, "string");
    });

    it("registers nothing", async () => {
      const [without, made] = [() => undefined, (one: { readonly cloud: Cloud }) => void one.cloud.loadBalancer(spec)];
      assert.deepEqual(
        inventory((await entered(cloud, made)).resources),
        inventory((await entered(cloud, without)).resources),
      );
    });
  });
}

const internally = {
  aws: { "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal" },
  gcp: { "networking.gke.io/load-balancer-type": "Internal" },
  azure: { "service.beta.kubernetes.io/azure-load-balancer-internal": "true" },
} as const;

describe("an internal load balancer", () => {
  for (const cloud of ["aws", "gcp", "azure"] as const)
    it(`has no public address on ${cloud}`, async () => {
      const { annotations } = await exposureOn(cloud, { ...spec, internal: true });
      for (const [key, value] of Object.entries(internally[cloud])) {
        assert.equal(annotations[key], value);
        assert.notEqual((await exposureOn(cloud, spec)).annotations[key], value);
      }
    });
});
