import assert from "node:assert/strict";
import type { HorizontalPodAutoscaler } from "kubernetes-types/autoscaling/v2.js";
import type { Secret, Service } from "kubernetes-types/core/v1.js";
import { Api, type Manifest, Refused } from "../cluster/api.js";
import { startWebhook, type Webhook } from "../cluster/webhook.js";
import { operationsOf } from "../providers/cloud/disk.js";
import { namespacesIn } from "../support/objects.js";
import { changesOf } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

const NAMESPACE = "way-in";
const CHART = "kubernetes:helm.sh/v4:Chart";
const CERTIFICATES = `/apis/cert-manager.io/v1/namespaces/${NAMESPACE}/certificates`;

/** What does not go without a controller -> its release. */
const holders = {
  "way-in-gatewayclass": "way-in-gateways",
  "way-in-scaledobject": "way-in-keda",
  "way-in-certificate": "way-in-certificates",
} as const;

/** By a program of its own, with one of each of the objects that controllers answer for. */
describe("a way in from outside", () => {
  let ground: Ground;
  let trial: Trial;
  let api: Api;
  let webhook: Webhook;

  before(async () => {
    ground = await openGround();
    api = new Api(ground.cluster);
    webhook = await startWebhook();
    const { url, ca } = webhook;
    trial = await Trial.open(ground, {
      stack: "dev",
      secretNames: ["OPENAI_API_KEY"],
      main: "tests/engine/programs/way-in.ts",
      env: { STANDIN_WEBHOOKS: JSON.stringify({ "cert-manager": { url, ca } }) },
    });
  });
  after(async () => {
    api?.close();
    await webhook?.stop();
    await trial?.close();
    await ground?.close();
  });
  afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

  /** What the API server says to a certificate by hand. */
  async function refusal(): Promise<string> {
    const spec = { secretName: "by-hand", issuerRef: { name: "by-hand" } };
    const object = { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "by-hand" }, spec };
    try {
      await api.create(CERTIFICATES, object);
      return "taken";
    } catch (error) {
      return error instanceof Refused && error.status !== 404 ? error.message : "not there yet";
    }
  }

  it("comes up in one up, though a webhook is late: what it is asked about waits", async () => {
    const up = trial.stack.up();
    let said = "";
    for (let ended = false; !said.includes("failed calling webhook") && !ended; ) {
      said = await refusal();
      ended = await Promise.race([
        up.then(() => true),
        new Promise<false>((done) => setTimeout(() => done(false), 50)),
      ]);
    }
    assert.match(said, /failed calling webhook/);
    webhook.becomeReady();
    const { code, output } = await up;
    assert.equal(code, 0, output);
    assert.ok(webhook.asked() > 0);
  });

  it("has an object of the stack for each definition, without which no gateway is taken", async () => {
    const { resources } = trial.stack.state();
    const chart = resources.find(({ type }) => type === CHART);
    const held = resources.filter(({ parent }) => parent === chart?.urn).map(({ urn }) => urn.split("::").at(-1));
    assert.ok(held.includes("way-in-gateways-definitions:gateways.gateway.networking.k8s.io"), held.join("\n"));
    assert.ok(held.includes("way-in-gateways-definitions:clienttrafficpolicies.gateway.envoyproxy.io"));
    const gateway = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata: { name: "wrong" } };
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${NAMESPACE}/gateways`;
    await assert.rejects(api.create(path, { ...gateway, spec: {} }), /spec.gatewayClassName: Required value/);
  });

  it("has what the controllers make: a certificate, an autoscaler, an address", async () => {
    const secret = await api.get<Secret & Manifest>(`/api/v1/namespaces/${NAMESPACE}/secrets/way-in-tls`);
    assert.deepEqual(Object.keys(secret?.data ?? {}).sort(), ["ca.crt", "tls.crt", "tls.key"]);
    const scaler = await api.get<HorizontalPodAutoscaler & Manifest>(
      `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/keda-hpa-way-in`,
    );
    assert.deepEqual([scaler?.spec?.minReplicas, scaler?.spec?.maxReplicas], [2, 5]);
    const service = await api.get<Service & Manifest>(
      "/api/v1/namespaces/envoy-gateway-system/services/way-in-address",
    );
    assert.match(service?.status?.loadBalancer?.ingress?.[0]?.ip ?? "", /^203\.0\.113\./);
  });

  it("changes nothing in a second up, nor in a refresh", async () => {
    for (const ran of [await trial.stack.up("--expect-no-changes"), await trial.stack.refresh("--expect-no-changes")]) {
      assert.equal(ran.code, 0, ran.output);
      assert.deepEqual(changesOf(ran), []);
    }
  });

  it("goes before the controllers that hold its objects, and leaves nothing", async () => {
    const destroy = await trial.stack.destroy();
    assert.equal(destroy.code, 0, destroy.output);
    assert.deepEqual(await namespacesIn(ground.cluster), []);
    assert.equal(await api.get("/apis/gateway.networking.k8s.io/v1/gateways"), undefined);
    const gone = operationsOf(trial.stack.cloud).filter(({ op }) => op === "delete");
    const only = (name: string) => {
      const [found] = gone.filter((one) => one.name === name);
      assert.ok(found !== undefined, name);
      return found;
    };
    for (const [held, by] of Object.entries(holders)) assert.ok(only(held).ended <= only(by).began, held);
  });
});
