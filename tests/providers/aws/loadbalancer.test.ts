import assert from "node:assert/strict";
import { exposeOnAws } from "../../../providers/aws/loadbalancer.js";
import type { LoadBalancerSpec } from "../../../providers/contract.js";
import { awsProduction, awsStack, settingsOf } from "../../support/settings.js";

const spec: LoadBalancerSpec = {
  internal: false,
  idleSeconds: 300,
  drainSeconds: 120,
  healthPath: "/ready",
  healthPort: 19003,
};
const SUBNETS = "service.beta.kubernetes.io/aws-load-balancer-subnets";

describe("providers/aws/loadbalancer", () => {
  it("is a network load balancer straight to the pods", () => {
    assert.deepEqual(exposeOnAws(spec, settingsOf({ ...awsStack, tags: { owner: "team-a" } })), {
      type: "LoadBalancer",
      loadBalancerClass: "service.k8s.aws/nlb",
      annotations: {
        "service.beta.kubernetes.io/aws-load-balancer-nlb-target-type": "ip",
        "service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
        "service.beta.kubernetes.io/aws-load-balancer-attributes": "load_balancing.cross_zone.enabled=true",
        "service.beta.kubernetes.io/aws-load-balancer-target-group-attributes":
          "preserve_client_ip.enabled=true,deregistration_delay.timeout_seconds=120",
        "service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80": "tcp.idle_timeout.seconds=300",
        "service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-443": "tcp.idle_timeout.seconds=300",
        "service.beta.kubernetes.io/aws-load-balancer-healthcheck-protocol": "http",
        "service.beta.kubernetes.io/aws-load-balancer-healthcheck-path": "/ready",
        "service.beta.kubernetes.io/aws-load-balancer-healthcheck-port": "19003",
        "service.beta.kubernetes.io/aws-load-balancer-additional-resource-tags":
          "owner=team-a,Name=agents-development-gateway,platform=agents,environment=development,managed-by=pulumi",
      },
      externalTrafficPolicy: "Cluster",
    });
  });

  it("an internal load balancer has no public address", () => {
    const { annotations } = exposeOnAws({ ...spec, internal: true }, settingsOf(awsStack));
    assert.equal(annotations["service.beta.kubernetes.io/aws-load-balancer-scheme"], "internal");
  });

  it("production's load balancer can be removed by its controller too", () => {
    const { annotations } = exposeOnAws(spec, settingsOf(awsProduction));
    assert.equal(
      annotations["service.beta.kubernetes.io/aws-load-balancer-attributes"],
      "load_balancing.cross_zone.enabled=true",
    );
  });

  it("names the subnets of a network that exists, whose tags may be missing", () => {
    const network = {
      mode: "existing",
      id: "vpc-1",
      subnets: { public: ["subnet-p", "subnet-q"], private: ["subnet-a", "subnet-b"] },
    };
    const stack = settingsOf({ ...awsStack, network });
    assert.equal(exposeOnAws(spec, stack).annotations[SUBNETS], "subnet-p,subnet-q");
    assert.equal(exposeOnAws({ ...spec, internal: true }, stack).annotations[SUBNETS], "subnet-a,subnet-b");
  });

  it("leaves the choice of subnets to their tags where another stack made them", () => {
    const stack = settingsOf({ ...awsStack, network: { mode: "existing", fromStack: "base" } });
    assert.equal(SUBNETS in exposeOnAws(spec, stack).annotations, false);
  });
});
