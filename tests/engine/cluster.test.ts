import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Pod } from "kubernetes-types/core/v1.js";
import { Api, type Manifest } from "./cluster/api.js";
import { selfSigned } from "./cluster/certificate.js";
import { Faults } from "./cluster/faults.js";
import { podRole, workloadOf } from "./cluster/pods.js";
import type { World } from "./cluster/stage.js";

describe("the played cluster", () => {
  it("makes certificates that sign themselves, for the address", () => {
    const { certificate, key } = selfSigned("database", [127, 0, 0, 1]);
    const read = new X509Certificate(certificate);
    assert.equal(read.subject, "CN=database");
    assert.equal(read.subjectAltName, "IP Address:127.0.0.1");
    assert.equal(read.ca, true);
    assert.equal(read.verify(read.publicKey), true);
    assert.equal(read.checkPrivateKey(createPrivateKey(key)), true);
    assert.ok(new Date(read.validFrom) < new Date() && new Date() < new Date(read.validTo));
  });

  it("lists again where a watch is refused, and takes no reason for an object", async () => {
    const { certificate, key } = selfSigned("refusing", [127, 0, 0, 1]);
    let refusals = 0;
    const server = createServer({ cert: certificate, key }, ({ url = "" }, response) => {
      if (url === "/pods")
        response.end(JSON.stringify({ items: [{ metadata: { uid: "1" } }], metadata: { resourceVersion: "5" } }));
      else if (refusals === 0) {
        refusals += 1;
        response.writeHead(429).end(`${JSON.stringify({ kind: "Status", message: "too many requests" })}\n`);
      } else response.write(`${JSON.stringify({ type: "MODIFIED", object: { metadata: { uid: "2" } } })}\n`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const api = new Api({ endpoint: `https://127.0.0.1:${port}`, ca: certificate });
    const over = new AbortController();
    const seen: unknown[] = [];
    const note = (object: Manifest) => {
      seen.push(object.metadata?.uid);
      if (object.metadata?.uid === "2") over.abort();
    };
    try {
      await api.follow("/pods", { seen: note }, over.signal);
      assert.deepEqual([seen, refusals], [["1", "1", "2"], 1]);
    } finally {
      api.close();
      server.closeAllConnections();
      server.close();
    }
  });

  it("lets something go wrong as often as it was told, where it was told", () => {
    const faults = new Faults();
    faults.add({ how: "jobFails", name: "migrate", namespace: "app", times: 2 });
    assert.equal(faults.strikes("jobFails", "migrate", "other"), false);
    assert.equal(faults.strikes("ImagePullBackOff", "migrate", "app"), false);
    assert.deepEqual(
      [1, 2, 3].map(() => faults.strikes("jobFails", "migrate", "app")),
      [true, true, false],
    );
    const lift = faults.add({ how: "noAddress", name: /^edge/ });
    assert.equal(faults.strikes("noAddress", "edge-1", "app"), true);
    lift();
    assert.equal(faults.strikes("noAddress", "edge-1", "app"), false);
  });

  it("knows a Deployment's pods by its name, and a Job's", () => {
    const owner = (kind: string, name: string) => ({ apiVersion: "v1", kind, name, uid: "1" });
    const labels = { "pod-template-hash": "7d9f" };
    assert.equal(
      workloadOf({ metadata: { name: "api-7d9f-x", labels, ownerReferences: [owner("ReplicaSet", "api-7d9f")] } }),
      "api",
    );
    assert.equal(
      workloadOf({ metadata: { name: "migrate-x", ownerReferences: [owner("Job", "migrate")] } }),
      "migrate",
    );
    assert.equal(workloadOf({ metadata: { name: "alone" } }), "alone");
  });

  it("does nothing for a pod without a node, starts one that has it, and ends what is to go", () => {
    const next = (pod: Pod): string | undefined => podRole.next(pod, {} as World)?.name;
    const spec = { containers: [], nodeName: "node-a", restartPolicy: "Always" };
    const going = { deletionTimestamp: new Date().toISOString(), deletionGracePeriodSeconds: 30 };
    assert.equal(next({ spec: { containers: [] }, status: { phase: "Pending" } }), undefined);
    assert.equal(next({ spec, status: { phase: "Pending" } }), "start");
    assert.equal(next({ spec, status: { phase: "Running" } }), undefined);
    assert.equal(next({ spec: { ...spec, restartPolicy: "Never" }, status: { phase: "Running" } }), "finish");
    assert.equal(next({ metadata: going, spec, status: { phase: "Running" } }), "end");
    // Finalizers keep it, and are another's.
    assert.equal(next({ metadata: { ...going, deletionGracePeriodSeconds: 0 }, spec }), undefined);
  });
});
