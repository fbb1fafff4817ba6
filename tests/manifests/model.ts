import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fillFolder } from "../../plan/folder.js";
import { manifestsOf } from "../../plan/manifests.js";
import { type Case, planOfCase } from "../matrix/cases.js";
import { type Model, type Peer, truthTable } from "./truth-table.js";

/** The services of the tests, and whom they and those who watch them may meet. */

export const NAMESPACE = "agents-staging";
export const named = (name: string) => ({ "app.kubernetes.io/name": name });
export const service = (name: string) => ({ namespace: NAMESPACE, labels: named(name) });
export const data = (labels: Readonly<Record<string, string>>) => ({ namespace: `${NAMESPACE}-data`, labels });
export const namespaces = (...names: readonly string[]): Model["namespaces"] =>
  Object.fromEntries(names.map((name) => [name, {}]));

/** Whoever is not the stack's. */
export const others: Readonly<Record<string, Peer>> = {
  stranger: { ip: "10.1.0.6", pod: { namespace: "others", labels: {} }, ports: [{ number: 80 }] },
  names: {
    ip: "10.1.0.7",
    pod: { namespace: "kube-system", labels: { "k8s-app": "kube-dns" } },
    ports: [{ number: 53, protocol: "UDP" }],
  },
  models: { ip: "203.0.113.7", ports: [{ number: 443 }, { number: 80 }] },
  neighbour: { ip: "192.168.1.1", ports: [{ number: 443 }] },
  metadata: { ip: "169.254.169.254", ports: [{ number: 443 }] },
};

/** On local, where databases and caches are pods as well. */
export const running: Model = {
  namespaces: namespaces(
    NAMESPACE,
    `${NAMESPACE}-data`,
    `${NAMESPACE}-cert-manager`,
    "envoy-gateway-system",
    "kube-system",
    "others",
  ),
  peers: {
    api: { ip: "10.1.0.1", pod: service("api"), ports: [{ number: 3000, name: "http" }, { number: 9464 }] },
    search: { ip: "10.1.0.2", pod: service("search"), ports: [{ number: 8080, name: "http" }] },
    mail: { ip: "10.1.0.3", pod: service("mail"), ports: [{ number: 3000 }] },
    seed: { ip: "10.1.0.9", pod: service("seed"), ports: [] },
    proxy: {
      ip: "10.1.0.10",
      pod: {
        namespace: "envoy-gateway-system",
        labels: {
          ...named("envoy"),
          "app.kubernetes.io/component": "proxy",
          "app.kubernetes.io/managed-by": "envoy-gateway",
          "gateway.envoyproxy.io/owning-gateway-namespace": "envoy-gateway-system",
          "gateway.envoyproxy.io/owning-gateway-name": NAMESPACE,
        },
      },
      ports: [{ number: 10080 }, { number: 10443 }, { number: 19000 }, { number: 19001 }],
    },
    controller: {
      ip: "10.1.0.11",
      pod: { namespace: "envoy-gateway-system", labels: { "control-plane": "envoy-gateway" } },
      ports: [{ number: 18000 }, { number: 19001 }],
    },
    certificates: {
      ip: "10.1.0.12",
      pod: { namespace: `${NAMESPACE}-cert-manager`, labels: named("cert-manager") },
      ports: [{ number: 10250 }, { number: 9402 }],
    },
    database: {
      ip: "10.1.0.4",
      pod: data({ "cnpg.io/cluster": `${NAMESPACE}-db-main` }),
      ports: [{ number: 5432 }, { number: 8000 }],
    },
    cache: {
      ip: "10.1.0.5",
      pod: data({ ...named("valkey"), "app.kubernetes.io/instance": `${NAMESPACE}-kv-main` }),
      ports: [{ number: 6379 }],
    },
    bootstrap: {
      ip: "10.1.0.8",
      pod: data({
        ...named("database-bootstrap"),
        "app.kubernetes.io/instance": `${NAMESPACE}-db-main-bootstrap`,
      }),
      ports: [],
    },
    ...others,
  },
};

/** Whom each calls by the policies of a stack, and who is let through. */
export async function callsIn(one: Case, model: Model): Promise<Readonly<Record<string, readonly string[]>>> {
  const folder = mkdtempSync(join(tmpdir(), "policies-"));
  try {
    const policies = manifestsOf(await planOfCase(one)).filter(({ path }) => path.includes("networkpolicy-"));
    const place = join(folder, "policies");
    fillFolder(one.name, place, policies);
    const table = await truthTable(place, model);
    return sorted(
      Object.fromEntries(Object.entries(table).map(([from, to]) => [from, Object.keys(to).filter((peer) => to[peer])])),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of what is written by hand, too. */
export const sorted = (
  calls: Readonly<Record<string, readonly string[]>>,
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(calls).map(([from, to]) => [from, [...to].sort()]));
