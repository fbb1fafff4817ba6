import assert from "node:assert/strict";
import type { LoadBalancerSpec } from "../../../providers/contract.js";
import { exposeOnGcp } from "../../../providers/gcp/loadbalancer.js";
import { gcpStack, settingsOf } from "../../support/settings.js";

const spec: LoadBalancerSpec = {
  internal: false,
  idleSeconds: 300,
  drainSeconds: 120,
  healthPath: "/ready",
  healthPort: 19003,
};
const SUBNET = "networking.gke.io/load-balancer-subnet";

describe("providers/gcp/loadbalancer", () => {
  it("is a passthrough load balancer by backend services, to nodes with a pod only", () => {
    assert.deepEqual(exposeOnGcp(spec, settingsOf(gcpStack)), {
      type: "LoadBalancer",
      loadBalancerClass: undefined,
      annotations: { "cloud.google.com/l4-rbs": "enabled" },
      externalTrafficPolicy: "Local",
    });
  });

  it("an internal load balancer has no public address", () => {
    assert.deepEqual(exposeOnGcp({ ...spec, internal: true }, settingsOf(gcpStack)).annotations, {
      "networking.gke.io/load-balancer-type": "Internal",
    });
  });

  it("names the subnet of a network that exists", () => {
    const network = {
      mode: "existing",
      id: "their-network",
      subnets: { private: ["projects/theirs/regions/europe-west1/subnetworks/inner", "other"] },
    };
    const stack = settingsOf({ ...gcpStack, network });
    assert.equal(exposeOnGcp({ ...spec, internal: true }, stack).annotations[SUBNET], "inner");
    assert.equal(SUBNET in exposeOnGcp(spec, stack).annotations, false);
  });

  it("leaves the choice of the subnet to GKE where another stack made it", () => {
    const stack = settingsOf({ ...gcpStack, network: { mode: "existing", fromStack: "base" } });
    assert.equal(SUBNET in exposeOnGcp({ ...spec, internal: true }, stack).annotations, false);
  });
});
