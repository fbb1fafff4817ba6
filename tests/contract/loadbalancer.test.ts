import assert from "node:assert/strict";
import { type CloudName, cloudNames } from "../../config/names.js";
import type { LoadBalancerSpec } from "../../providers/contract.js";
import { loadCloud } from "../../providers/index.js";
import { deploy } from "../support/deploy.js";
import { awsStack, localStack, settingsOf } from "../support/settings.js";

const spec: LoadBalancerSpec = { internal: false, idleSeconds: 300, healthPath: "/healthz", healthPort: 8080 };
const stacks = { aws: awsStack, local: localStack } as const satisfies Record<CloudName, object>;

const exposureOn = async (cloud: CloudName, said: LoadBalancerSpec) => {
  const open = await loadCloud(cloud);
  return (await deploy(() => open(settingsOf(stacks[cloud])).loadBalancer(said))).result;
};

for (const cloud of cloudNames) {
  describe(`load balancer of ${cloud}`, () => {
    it("is plain data of the contract's shape", async () => {
      const exposure = await exposureOn(cloud, spec);
      assert.deepEqual(Object.keys(exposure).sort(), ["annotations", "loadBalancerClass", "type"]);
      assert.ok(["LoadBalancer", "NodePort"].includes(exposure.type));
      assert.equal(exposure.type === "LoadBalancer", exposure.loadBalancerClass !== undefined);
      for (const value of Object.values(exposure.annotations)) assert.equal(typeof value, "string");
    });

    it("registers nothing", async () => {
      const open = await loadCloud(cloud);
      const { resources } = await deploy(() => void open(settingsOf(stacks[cloud])).loadBalancer(spec));
      assert.deepEqual(
        resources.filter(({ type }) => !type.startsWith("pulumi:providers:")),
        [],
      );
    });
  });
}

describe("an internal load balancer", () => {
  it("has no public address", async () => {
    const { annotations } = await exposureOn("aws", { ...spec, internal: true });
    assert.equal(annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"], "internal");
  });
});
