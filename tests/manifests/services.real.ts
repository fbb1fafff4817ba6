import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillFolder } from "../../plan/folder.js";
import { manifestsOf } from "../../plan/manifests.js";
import { planOfCase, servicesCases } from "../matrix/cases.js";
import { type Model, truthTable } from "./truth-table.js";

const NAMESPACE = "agents-staging";
const service = (name: string) => ({ namespace: NAMESPACE, labels: { "app.kubernetes.io/name": name } });
const data = (labels: Readonly<Record<string, string>>) => ({ namespace: `${NAMESPACE}-data`, labels });
const named = (name: string) => ({ "kubernetes.io/metadata.name": name });

/** The services of the tests on local, with what they may meet. */
const model: Model = {
  namespaces: {
    [NAMESPACE]: named(NAMESPACE),
    [`${NAMESPACE}-data`]: named(`${NAMESPACE}-data`),
    [`${NAMESPACE}-cert-manager`]: named(`${NAMESPACE}-cert-manager`),
    "envoy-gateway-system": named("envoy-gateway-system"),
    "kube-system": named("kube-system"),
    others: named("others"),
  },
  peers: {
    api: { ip: "10.1.0.1", pod: service("api"), ports: [{ number: 3000, name: "http" }] },
    search: { ip: "10.1.0.2", pod: service("search"), ports: [{ number: 8080, name: "http" }] },
    mail: { ip: "10.1.0.3", pod: service("mail"), ports: [{ number: 3000 }] },
    seed: { ip: "10.1.0.9", pod: service("seed"), ports: [] },
    proxy: {
      ip: "10.1.0.10",
      pod: {
        namespace: "envoy-gateway-system",
        labels: {
          "app.kubernetes.io/name": "envoy",
          "app.kubernetes.io/component": "proxy",
          "app.kubernetes.io/managed-by": "envoy-gateway",
          "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway-system",
          "gateway.envoyproxy.io/owning-gateway-name": NAMESPACE,
        },
      },
      ports: [{ number: 10080 }, { number: 10443 }, { number: 19000 }],
    },
    controller: {
      ip: "10.1.0.11",
      pod: { namespace: "envoy-gateway-system", labels: { "control-plane": "envoy-gateway" } },
      ports: [{ number: 18000 }],
    },
    certificates: {
      ip: "10.1.0.12",
      pod: { namespace: `${NAMESPACE}-cert-manager`, labels: { "app.kubernetes.io/name": "cert-manager" } },
      ports: [{ number: 10250 }, { number: 9402 }],
    },
    database: {
      ip: "10.1.0.4",
      pod: data({ "cnpg.io/cluster": `${NAMESPACE}-db-main` }),
      ports: [{ number: 5432 }, { number: 8000 }],
    },
    cache: {
      ip: "10.1.0.5",
      pod: data({ "app.kubernetes.io/name": "valkey", "app.kubernetes.io/instance": `${NAMESPACE}-kv-main` }),
      ports: [{ number: 6379 }],
    },
    bootstrap: {
      ip: "10.1.0.8",
      pod: data({
        "app.kubernetes.io/name": "database-bootstrap",
        "app.kubernetes.io/instance": `${NAMESPACE}-db-main-bootstrap`,
      }),
      ports: [],
    },
    stranger: { ip: "10.1.0.6", pod: { namespace: "others", labels: {} }, ports: [{ number: 80 }] },
    names: {
      ip: "10.1.0.7",
      pod: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
      ports: [{ number: 53, protocol: "UDP" }],
    },
    models: { ip: "203.0.113.7", ports: [{ number: 443 }, { number: 80 }] },
    neighbour: { ip: "192.168.1.1", ports: [{ number: 443 }] },
    metadata: { ip: "169.254.169.254", ports: [{ number: 443 }] },
  },
};

/** What lets in whoever calls. */
const open = ["proxy:10080", "proxy:10443", "certificates:10250", "names:53/UDP"];
const outside = ["stranger:80", "models:443", "models:80", "neighbour:443", "metadata:443"];

/** By hand, from `uses` and `routes`: whom each may call. What is not here is refused. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  api: ["database:5432", "cache:6379", "search:8080", "models:443", "names:53/UDP"],
  search: ["database:5432", "names:53/UDP"],
  // It asks the API server, which no policy can name.
  mail: ["names:53/UDP", "models:443", "neighbour:443"],
  seed: ["database:5432", "names:53/UDP"],
  proxy: ["controller:18000", "api:3000", "names:53/UDP"],
  controller: [...open, ...outside],
  certificates: [...open.filter((to) => !to.startsWith("certificates")), ...outside],
  database: [...open, ...outside],
  cache: ["names:53/UDP"],
  bootstrap: ["database:5432", "names:53/UDP"],
  // Nothing is known of whoever is not the stack's: they may call what lets them in.
  stranger: [...open, ...outside.filter((to) => !to.startsWith("stranger"))],
  names: [...open, ...outside].filter((to) => !to.startsWith("names")),
  models: [...open, "stranger:80"],
  neighbour: [...open, "stranger:80"],
  metadata: [...open, "stranger:80"],
};

describe("who may call whom, by the policies of services", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "policies-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is what they use, and nothing else", async () => {
    const [one] = servicesCases.filter(({ cloud }) => cloud === "local");
    assert.ok(one !== undefined);
    const policies = manifestsOf(await planOfCase(one)).filter(({ path }) => path.includes("networkpolicy-"));
    const place = join(folder, "policies");
    fillFolder(one.name, place, policies);
    const table = await truthTable(place, model);
    const found = Object.fromEntries(
      Object.entries(table).map(([from, to]) => [
        from,
        Object.keys(to)
          .filter((peer) => to[peer])
          .sort(),
      ]),
    );
    assert.deepEqual(found, Object.fromEntries(Object.entries(allowed).map(([from, to]) => [from, [...to].sort()])));
  });
});
