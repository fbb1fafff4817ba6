import assert from "node:assert/strict";
import * as random from "@pulumi/random";
import { gatewayRef } from "../../../components/gateway/listeners.js";
import { createGrafanaRoute } from "../../../components/monitoring/grafana-route.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { staged } from "../../support/scene.js";
import { localStack, settingsOf } from "../../support/settings.js";

const ROUTE = "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute";
const GRANT = "kubernetes:gateway.networking.k8s.io/v1beta1:ReferenceGrant";
const ENVOY = "envoy-gateway-system";

const run = (preview = false) =>
  deploy(
    () => {
      const settings = settingsOf(localStack);
      const stage = staged(settings);
      const release = new random.RandomId("release", { byteLength: 4 }, { parent: stage.parent });
      const args = { host: "grafana.example.com", gateway: gatewayRef(settings, ENVOY), after: [release] };
      createGrafanaRoute("test-grafana", stage.scene, args, stage.parent);
    },
    { preview },
  );

describe("the way to Grafana", () => {
  it("is a route and the leave for it, in a preview too", async () => {
    for (const preview of [false, true])
      assert.deepEqual(
        inventory((await run(preview)).resources).filter(([type]) => [ROUTE, GRANT].includes(type)),
        [
          [ROUTE, "test-grafana"],
          [GRANT, "test-grafana-grant"],
        ],
      );
  });

  it("leads one host to Grafana, and nobody to its measurements", async () => {
    const { resources } = await run();
    assert.deepEqual(only(resources, ROUTE).inputs, {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "platform.grafana", namespace: "agents-development" },
      spec: {
        parentRefs: [
          {
            group: "gateway.networking.k8s.io",
            kind: "Gateway",
            name: "agents-development",
            namespace: ENVOY,
            sectionName: "https",
          },
        ],
        hostnames: ["grafana.example.com"],
        rules: [
          {
            matches: [{ path: { type: "Exact", value: "/metrics" } }],
            filters: [
              {
                type: "RequestRedirect",
                requestRedirect: { path: { type: "ReplaceFullPath", replaceFullPath: "/" }, statusCode: 302 },
              },
            ],
          },
          {
            matches: [{ path: { type: "PathPrefix", value: "/" } }],
            backendRefs: [
              {
                group: "",
                kind: "Service",
                name: "grafana",
                namespace: "agents-development-monitoring",
                port: 3000,
                weight: 1,
              },
            ],
          },
        ],
      },
    });
  });

  it("lets routes of services' namespace lead to that one Service", async () => {
    assert.deepEqual(only((await run()).resources, GRANT).inputs, {
      apiVersion: "gateway.networking.k8s.io/v1beta1",
      kind: "ReferenceGrant",
      metadata: { name: "platform.grafana", namespace: "agents-development-monitoring" },
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "agents-development" }],
        to: [{ group: "", kind: "Service", name: "grafana" }],
      },
    });
  });

  it("comes after Grafana and the gateway, and goes with the cluster", async () => {
    const { resources } = await run();
    const [release, cluster] = ["release", "made-cluster"].map(
      (name) => only(resources, "random:index/randomId:RandomId", name).urn,
    );
    for (const one of [only(resources, ROUTE), only(resources, GRANT)]) {
      assert.ok(one.dependsOn.includes(release ?? ""));
      assert.equal(one.deletedWith, cluster);
    }
  });
});
