import assert from "node:assert/strict";
import { exposeOnAzure } from "../../../providers/azure/loadbalancer.js";
import type { LoadBalancerSpec } from "../../../providers/contract.js";
import { azureStack, settingsOf } from "../../support/settings.js";

const spec: LoadBalancerSpec = {
  internal: false,
  idleSeconds: 300,
  drainSeconds: 120,
  healthPath: "/ready",
  healthPort: 19003,
};
const PREFIX = "service.beta.kubernetes.io/";
const idle = (idleSeconds: number) =>
  exposeOnAzure({ ...spec, idleSeconds }, settingsOf(azureStack)).annotations[
    `${PREFIX}azure-load-balancer-tcp-idle-timeout`
  ];

describe("providers/azure/loadbalancer", () => {
  it("is AKS's own load balancer, which goes to nodes with a pod only and carries the stack's tags", () => {
    assert.deepEqual(exposeOnAzure(spec, settingsOf({ ...azureStack, tags: { owner: "team-a" } })), {
      type: "LoadBalancer",
      loadBalancerClass: undefined,
      annotations: {
        [`${PREFIX}azure-load-balancer-internal`]: "false",
        [`${PREFIX}azure-load-balancer-tcp-idle-timeout`]: "5",
        [`${PREFIX}azure-pip-tags`]:
          "owner=team-a,Name=agents-development-gateway,platform=agents,environment=development,managed-by=pulumi",
      },
      externalTrafficPolicy: "Local",
    });
  });

  it("an internal load balancer has no public address", () => {
    const { annotations } = exposeOnAzure({ ...spec, internal: true }, settingsOf(azureStack));
    assert.equal(annotations[`${PREFIX}azure-load-balancer-internal`], "true");
    assert.equal(`${PREFIX}azure-pip-tags` in annotations, false);
  });

  it("a silent connection stays as long as Azure lets it", () => {
    assert.deepEqual([idle(60), idle(241), idle(1800), idle(3600)], ["4", "5", "30", "30"]);
  });
});
