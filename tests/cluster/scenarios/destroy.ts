import assert from "node:assert/strict";
import type { PersistentVolume, Service } from "kubernetes-types/core/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { objectsIn } from "../../engine/support/objects.js";
import { leaksOf } from "../../engine/support/scan.js";
import { accessTo } from "../support/access.js";
import { STORE } from "../support/settings.js";
import { planted } from "../support/stack.js";
import { textsOf } from "../support/texts.js";
import { until } from "../support/until.js";
import { UP_MS, visit } from "../support/visit.js";

/** What Kubernetes itself makes as it goes, and definitions, which stay as charts ask for it. */
const passing = /^(Event|Lease|EndpointSlice|CustomResourceDefinition|APIService|ComponentStatus) /;
const own =
  /^\w+ (kube-|default\/|local-path)|^(Namespace|Node|FlowSchema|PriorityLevelConfiguration) \/(kube-|default)/;

describe("a destroy on a real node", () => {
  const at = visit();

  it("is of a stack that has shown its secrets in no file, no object and no log", async () => {
    const texts = await textsOf(at.stack);
    const said = texts.filter(({ where, text }) => where.endsWith("/log?container=api") && text !== "");
    assert.notEqual(said.length, 0);
    assert.deepEqual(leaksOf(at.stack.engine, texts, planted), []);
  });

  it("leaves no object, no volume and no load balancer", async function () {
    this.timeout(UP_MS);
    const destroyed = await at.stack.destroy();
    assert.equal(destroyed.code, 0, destroyed.output);
    // What goes after its owner, and what a provisioner takes away, goes a moment later.
    await until("nothing of the stack", async () => {
      const left = (await objectsIn(await accessTo(at.stack.place.kubeconfig)))
        .map(({ where }) => where)
        .filter((where) => /agents-development|envoy-gateway|cnpg|metrics-server|external-secrets/.test(where))
        .filter((where) => !passing.test(where) && !own.test(where));
      if (left.length > 0) throw new Error(left.join("\n"));
      return left;
    });
    const volumes = await until("no volume", async () => {
      const all = await at.stack.list<PersistentVolume & Manifest>("/api/v1/persistentvolumes");
      return all.length === 0 ? all : undefined;
    });
    assert.deepEqual(volumes, []);
    const services = await at.stack.list<Service & Manifest>("/api/v1/services");
    assert.deepEqual(
      services.filter(({ spec }) => spec?.type !== "ClusterIP").map(({ metadata }) => metadata?.name),
      [],
    );
    assert.deepEqual(
      (await at.stack.list<Manifest>(`/api/v1/namespaces/${STORE}/secrets`)).map(({ metadata }) => metadata?.name),
      ["certificate"],
    );
  });
});
