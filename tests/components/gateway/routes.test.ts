import assert from "node:assert/strict";
import { gatewayRef } from "../../../components/gateway/listeners.js";
import { type RoutesSpec, renderRoutes, routeName } from "../../../components/workload/routes.js";
import type { Tree } from "../../../config/walk.js";
import { awsStack, settingsOf } from "../../support/settings.js";

const namespace = "agents-development";
const gateway = gatewayRef({ prefix: namespace }, "envoy-gateway-system");

function rendered(routes: readonly Tree[], said: Partial<RoutesSpec> = {}) {
  const settings = settingsOf({ ...awsStack, services: { api: { image: "ghcr.io/acme/api:1.4.2", routes } } }).services[
    "api"
  ];
  assert.ok(settings !== undefined);
  const backends = [{ service: "api", port: 3000, weight: 1 }];
  return renderRoutes({ service: "api", namespace, settings, gateway, domain: undefined, backends, ...said });
}
const one = (route: Tree, said: Partial<RoutesSpec> = {}) => {
  const [only, ...others] = rendered([route], said);
  assert.ok(only !== undefined && others.length === 0);
  return only;
};
const traffic = (route: Tree) => one(route).policies[0]?.spec ?? {};
const rulesOf = (route: Tree) => one(route).route.spec["rules"] as readonly Tree[];

const target = (name: string) => ({ group: "gateway.networking.k8s.io", kind: "HTTPRoute", name });

describe("routes of a service", () => {
  it("lead everything to it within its own time, where no more is said", () => {
    const name = "api-49b4a80579";
    const metadata = { name, namespace, labels: { "app.kubernetes.io/name": "api" } };
    assert.deepEqual(one({}), {
      name,
      policies: [
        {
          apiVersion: "gateway.envoyproxy.io/v1alpha1",
          kind: "BackendTrafficPolicy",
          metadata,
          spec: {
            targetRefs: [target(name)],
            timeout: { tcp: { connectTimeout: "5s" } },
            retry: { numRetries: 5, retryOn: { triggers: ["connect-failure", "refused-stream"] } },
            healthCheck: { panicThreshold: 0 },
            circuitBreaker: { maxConnections: 10_000, maxParallelRequests: 10_000, maxPendingRequests: 1024 },
            loadBalancer: { type: "LeastRequest" },
          },
        },
      ],
      route: {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata,
        spec: {
          parentRefs: [
            {
              group: "gateway.networking.k8s.io",
              kind: "Gateway",
              name: "agents-development",
              namespace: "envoy-gateway-system",
              sectionName: "https",
            },
          ],
          rules: [
            {
              matches: [{ path: { type: "PathPrefix", value: "/" } }],
              backendRefs: [{ group: "", kind: "Service", name: "api", port: 3000, weight: 1 }],
              timeouts: { request: "60s" },
            },
          ],
        },
      },
    });
  });

  it("are for the domain, or for the host that they say", () => {
    const hosts = (route: Tree) => one(route, { domain: "agents.example.com" }).route.spec["hostnames"];
    assert.deepEqual(hosts({}), ["agents.example.com"]);
    assert.deepEqual(hosts({ host: "api.agents.example.com" }), ["api.agents.example.com"]);
  });

  it("divide calls among backends by their weights", () => {
    const backends = [
      { service: "api", port: 3000, weight: 90 },
      { service: "api-canary", port: 3000, weight: 10 },
    ];
    const [rule] = one({}, { backends }).route.spec["rules"] as readonly Tree[];
    assert.deepEqual(rule?.["backendRefs"], [
      { group: "", kind: "Service", name: "api", port: 3000, weight: 90 },
      { group: "", kind: "Service", name: "api-canary", port: 3000, weight: 10 },
    ]);
  });

  it("have a time of their own, and none for connections that stay open", () => {
    assert.deepEqual(rulesOf({ timeout: 30 })[0]?.["timeouts"], { request: "30s" });
    assert.deepEqual(rulesOf({ websockets: true, timeout: 30 })[0]?.["timeouts"], { request: "0s" });
  });

  it("keep a caller at one pod by a cookie for all paths, that no script reads and that goes with the browser", () => {
    const byCookie = (SameSite: string) => ({
      type: "ConsistentHash",
      consistentHash: {
        type: "Cookie",
        cookie: {
          name: "api-affinity",
          ttl: "0s",
          attributes: { Path: "/", HttpOnly: "", Secure: "", SameSite },
        },
      },
    });
    assert.deepEqual(traffic({ affinity: "cookie" })["loadBalancer"], byCookie("Lax"));
    const cors = { origins: ["https://app.example.com"], credentials: true };
    assert.deepEqual(traffic({ affinity: "cookie", cors })["loadBalancer"], byCookie("None"));
  });

  it("count for each address by itself", () => {
    for (const [per, unit] of [
      ["second", "Second"],
      ["minute", "Minute"],
      ["hour", "Hour"],
    ] as const)
      assert.deepEqual(traffic({ rateLimit: { requests: 100, per } })["rateLimit"], {
        local: {
          rules: [
            {
              clientSelectors: [{ sourceCIDR: { type: "Distinct", value: "0.0.0.0/0" } }],
              limit: { requests: 100, unit },
            },
          ],
        },
      });
  });

  it("let pages of other origins in", () => {
    const cors = { origins: ["https://app.example.com"], headers: ["authorization"], credentials: true, maxAge: 60 };
    assert.deepEqual(one({ cors }).policies[1], {
      apiVersion: "gateway.envoyproxy.io/v1alpha1",
      kind: "SecurityPolicy",
      metadata: { name: "api-49b4a80579", namespace, labels: { "app.kubernetes.io/name": "api" } },
      spec: {
        targetRefs: [target("api-49b4a80579")],
        cors: {
          allowOrigins: ["https://app.example.com"],
          allowMethods: ["GET", "POST"],
          allowHeaders: ["authorization"],
          allowCredentials: true,
          maxAge: "60s",
        },
      },
    });
  });

  it("keep their names wherever they stand in the list", () => {
    const [first, second] = rendered([{ path: "/a" }, { path: "/b" }]);
    const [other, before, after] = rendered([{ path: "/c" }, { path: "/a" }, { path: "/b" }]);
    assert.deepEqual([before?.name, after?.name], [first?.name, second?.name]);
    assert.equal(new Set([first?.name, second?.name, other?.name]).size, 3);
  });

  it("have another name for another host, the domain's own being said or not", () => {
    const name = (host?: string) =>
      routeName(
        { service: "api", domain: "agents.example.com" },
        { path: "/", ...(host === undefined ? {} : { host }) },
      );
    assert.equal(name(), name("agents.example.com"));
    assert.notEqual(name(), name("api.agents.example.com"));
  });

  it("have names that an object may have, for the longest service and path", () => {
    const name = routeName(
      { service: "s".repeat(40), domain: undefined },
      { host: `${"h".repeat(60)}.example.com`, path: `/${"p".repeat(254)}` },
    );
    assert.match(name, /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});
