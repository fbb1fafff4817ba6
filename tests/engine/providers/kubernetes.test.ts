import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { opened, sealed } from "./envelopes.js";
import { childrenOf, shortened, whole } from "./kubernetes/chart.js";
import { changes, quantity, throughInputs, written } from "./kubernetes/drift.js";
import { activeCluster } from "./kubernetes/kubeconfig.js";
import { asApplied, asImported, kindOf, type Manifest, named, placeOf } from "./kubernetes/objects.js";
import { deadlineFor } from "./kubernetes/patience.js";
import { judge } from "./kubernetes/readiness.js";
import { replacing } from "./kubernetes/replaces.js";
import { differenceOf, settingsFrom } from "./kubernetes/settings.js";
import { type Props, UNKNOWN } from "./serve.js";

describe("kubernetes stand-in", () => {
  describe("drift", () => {
    const through = (input: object, live: object) => throughInputs(input as Props, live as Props);

    it("sees the fields that the inputs name, and no others", () => {
      const live = { spec: { replicas: 3, paused: false }, status: { ready: 1 } };
      assert.deepEqual(through({ spec: { replicas: 2 } }, live), { spec: { replicas: 3 } });
    });
    it("takes another way of writing for the same", () => {
      const limits = { cpu: "0.5", memory: "1024Mi", version: "1.10" };
      assert.deepEqual(through(limits, { cpu: "500m", memory: "1Gi", version: "1.1" }), { ...limits, version: "1.1" });
      assert.deepEqual(changes({ cpu: "0.5" }, { cpu: "500m" }), []);
    });
    it("misses what was taken away, but not what says nothing", () => {
      const inputs = { labels: { a: "b" }, paused: false, args: [] };
      assert.deepEqual(through(inputs, {}), { paused: false, args: [] });
    });
    it("shows what others put into a list", () => {
      assert.deepEqual(through({ ports: [{ port: 1 }] }, { ports: [{ port: 1, name: "a" }, { port: 2 }] }), {
        ports: [{ port: 1 }, { port: 2 }],
      });
    });
    it("reads a Secret's texts where the program wrote texts", () => {
      const inputs = { apiVersion: "v1", kind: "Secret", stringData: { a: "old" } };
      const live = { apiVersion: "v1", kind: "Secret", data: { a: "bmV3", b: "eA==" } };
      assert.deepEqual(through(inputs, live), { ...inputs, stringData: { a: "new" } });
    });
    it("writes paths as Pulumi does", () => {
      const paths = changes({ a: [1, { "b/c.d": 1 }] }, { a: [1, { "b/c.d": 2 }, 3] });
      assert.deepEqual(paths.map(written), ['a[1]["b/c.d"]', "a[2]"]);
    });
    it("knows quantities", () => {
      assert.deepEqual(
        ["1", "1500m", "1Ki", "2M", "x", "1x", true].map((one) => quantity(one)?.value),
        [1, 1.5, 1024, 2_000_000, undefined, undefined, undefined],
      );
    });
  });

  describe("secrets", () => {
    const secret = (value: unknown) => ({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      value,
    });

    it("are read open, wherever they are", () => {
      assert.deepEqual(opened({ a: [secret({ b: secret(1) })], c: 2 }), { a: [{ b: 1 }], c: 2 });
    });
    it("are marked again in answers, by their names", () => {
      const sent = { data: { password: secret("x"), user: "u" }, list: [{ key: secret(1) }], whole: secret({ a: 1 }) };
      const answer = { data: { password: "x", user: "u", more: 1 }, list: [{ key: 1 }], whole: { a: 1 }, status: {} };
      assert.deepEqual(sealed(answer, sent), {
        data: { password: secret("x"), user: "u", more: 1 },
        list: secret([{ key: 1 }]),
        whole: secret({ a: 1 }),
        status: {},
      });
    });
  });

  describe("charts", () => {
    let folder: string;
    const chart = { name: "definitions", type: "kubernetes:helm.sh/v4:Chart" };
    const inputs = { chart: "oci://example.com/crds" };
    const schema = { openAPIV3Schema: { type: "object" } };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "charts-"));
      const metadata = { name: "things.example.com" };
      const spec = { group: "example.com", versions: [{ name: "v1", schema }] };
      const objects = [
        { kind: "CustomResourceDefinition", apiVersion: "apiextensions.k8s.io/v1", metadata, spec },
        { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "note" } },
      ];
      writeFileSync(join(folder, "crds.json"), JSON.stringify(objects));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it("are objects of the stack, named by the chart and by themselves", () => {
      assert.deepEqual(
        childrenOf(chart, inputs, folder).map(({ type, name }) => [type, name]),
        [
          ["kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "definitions:things.example.com"],
          ["kubernetes:core/v1:ConfigMap", "definitions:note"],
        ],
      );
    });
    it("keep schemas of definitions from the engine, and not from the API server", () => {
      const definition = childrenOf(chart, inputs, folder)[0]?.inputs ?? {};
      assert.deepEqual(definition["spec"], { group: "example.com", versions: [{ name: "v1" }] });
      assert.deepEqual(shortened(whole(definition, folder)), definition);
      assert.deepEqual(whole(definition, folder)["spec"], { group: "example.com", versions: [{ name: "v1", schema }] });
    });
    it("are refused where nothing is kept of them", () => {
      assert.throws(
        () => childrenOf(chart, { chart: "other" }, folder),
        new Error(
          "kubernetes:helm.sh/v4:Chart definitions: nothing is kept here of the chart other: add it to tests/tools/crds.ts",
        ),
      );
    });
  });

  describe("replacements", () => {
    const mutable = { enableConfigMapMutable: true, enableSecretMutable: true };
    const fixed = { enableConfigMapMutable: false, enableSecretMutable: false };
    const replacedIn = (old: Props, now: Props, settings = fixed) =>
      replacing(changes(old, { ...old, ...now }), { ...old, ...now }, settings).map(written);

    it("makes anew what is in another place or of another kind", () => {
      const old = { apiVersion: "v1", kind: "Service", metadata: { name: "a", namespace: "b" } };
      assert.deepEqual(replacedIn(old, { metadata: { name: "c", namespace: "d" } }), [
        "metadata.name",
        "metadata.namespace",
      ]);
    });
    it("makes a ConfigMap anew for its content unless that may change", () => {
      const old = { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } };
      assert.deepEqual(replacedIn(old, { data: { a: "2" } }), ["data.a"]);
      assert.deepEqual(replacedIn(old, { data: { a: "2" } }, mutable), []);
      assert.deepEqual(replacedIn({ ...old, immutable: true }, { data: { a: "2" } }, mutable), ["data.a"]);
    });
    it("takes an unknown whole for a loss of all its parts", () => {
      const old = { apiVersion: "apps/v1", kind: "StatefulSet", spec: { serviceName: "a", template: { x: 1 } } };
      assert.deepEqual(replacedIn(old, { spec: UNKNOWN }), ["spec.serviceName"]);
      assert.deepEqual(replacedIn(old, { spec: { serviceName: "a", template: UNKNOWN } }), []);
    });
  });

  describe("objects", () => {
    it("names what has no name, and keeps the name", () => {
      const first = named({ metadata: {} }, {}, "web");
      const { name } = first["metadata"] as { name: string };
      assert.match(name, /^web-[0-9a-f]{8}$/);
      assert.deepEqual(named({}, first, "web"), { metadata: first["metadata"] });
      assert.deepEqual(named({ metadata: { name: "own" } }, first, "web"), { metadata: { name: "own" } });
      assert.deepEqual(named({ metadata: UNKNOWN }, {}, "web"), { metadata: UNKNOWN });
    });
    it("sends a Secret's texts as data", () => {
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: { a: "x" } };
      assert.deepEqual(asApplied({ ...secret, data: { b: "eQ==" } }), {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "a" },
        data: { a: "eA==", b: "eQ==" },
      });
    });
    it("leaves the content of a Secret that it only read out of the inputs", () => {
      const live = { apiVersion: "v1", kind: "Secret", metadata: { name: "a", uid: "1" }, data: { a: "eA==" } };
      assert.deepEqual(asImported(live), { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } });
    });
    it("reads ids and types", () => {
      assert.deepEqual(placeOf("a/b"), { namespace: "a", name: "b" });
      assert.deepEqual(placeOf("b"), { namespace: undefined, name: "b" });
      assert.deepEqual(kindOf("kubernetes:core/v1:Secret"), { apiVersion: "v1", kind: "Secret" });
      assert.deepEqual(kindOf("kubernetes:apps/v1:Deployment"), { apiVersion: "apps/v1", kind: "Deployment" });
    });
  });

  describe("readiness", () => {
    const object = (apiVersion: string, kind: string, rest: object, annotations = {}): Manifest => ({
      apiVersion,
      kind,
      metadata: { name: "a", namespace: "b", generation: 2, annotations },
      ...rest,
    });
    const verdict = (live: Manifest, found: unknown = undefined) => judge(live, async <T>() => found as T | undefined);
    const isReady = async (live: Manifest, found?: unknown) => (await verdict(live, found)).ready;

    const status = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
    const available = [{ type: "Available", status: "True" }];

    it("waits for a Deployment's new version", async () => {
      const rolled = (change: object) =>
        object("apps/v1", "Deployment", {
          spec: { replicas: 2 },
          status: { ...status, conditions: available, ...change },
        });
      assert.equal(await isReady(rolled({})), true);
      assert.equal(await isReady(rolled({ observedGeneration: 1 })), false);
      assert.equal(await isReady(rolled({ replicas: 3 })), false);
      assert.equal(await isReady(rolled({ availableReplicas: 1 })), false);
    });
    it("gives up on a Deployment that makes no progress", async () => {
      const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "no" }];
      const live = object("apps/v1", "Deployment", { spec: {}, status: { ...status, conditions } });
      assert.deepEqual(await verdict(live), { ready: false, failed: "[ProgressDeadlineExceeded] no" });
    });
    it("waits for every pod of a StatefulSet", async () => {
      const set = (change: object) =>
        object("apps/v1", "StatefulSet", { spec: { replicas: 2 }, status: { ...status, ...change } });
      assert.equal(await isReady(set({})), true);
      assert.equal(await isReady(set({ readyReplicas: 1 })), false);
      assert.equal(await isReady(set({ updatedReplicas: 1 })), false);
    });
    it("tells a Job's failure from its end", async () => {
      const job = (conditions: object[]) => object("batch/v1", "Job", { status: { conditions } });
      assert.equal(await isReady(job([])), false);
      assert.equal(await isReady(job([{ type: "Complete", status: "True" }])), true);
      assert.deepEqual(
        await verdict(job([{ type: "Failed", status: "True", reason: "Backoff", message: "3 times" }])),
        {
          ready: false,
          failed: "Job failed: [Backoff] 3 times",
        },
      );
    });
    it("wants an address of a LoadBalancer and pods behind a selector", async () => {
      const service = (spec: object, rest = {}) => object("v1", "Service", { spec, ...rest });
      const slices = (ready: boolean) => ({ items: [{ endpoints: [{ conditions: { ready } }] }] });
      const selector = { app: "a" };
      assert.equal(await isReady(service({ type: "LoadBalancer" })), false);
      const status = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
      assert.equal(await isReady(service({ type: "LoadBalancer" }, { status })), true);
      assert.equal(await isReady(service({ selector }), slices(false)), false);
      assert.equal(await isReady(service({ selector }), slices(true)), true);
      assert.equal(await isReady(service({ selector, clusterIP: "None" })), true);
    });
    it("waits for no claim that waits for its first pod", async () => {
      const claim = object("v1", "PersistentVolumeClaim", { spec: { storageClassName: "ssd" }, status: {} });
      assert.equal(await isReady(claim, { volumeBindingMode: "Immediate" }), false);
      assert.equal(await isReady(claim, { volumeBindingMode: "WaitForFirstConsumer" }), true);
    });
    it("waits for what an annotation names, and for nothing where one says so", async () => {
      const custom = (waitFor: string, status: object) =>
        object("x.example.com/v1", "X", { status }, { "pulumi.com/waitFor": waitFor });
      const conditions = [{ type: "Ready", status: "True" }];
      assert.equal(await isReady(object("x.example.com/v1", "X", {})), true);
      assert.equal(await isReady(custom("condition=Ready", {})), false);
      assert.equal(await isReady(custom("condition=Ready", { conditions })), true);
      assert.equal(await isReady(custom("condition=Ready", { conditions, observedGeneration: 1 })), false);
      assert.equal(await isReady(custom("condition=Ready=False", { conditions })), false);
      assert.equal(await isReady(custom("jsonpath={.status.phase}=Up", { phase: "Up" })), true);
      assert.equal(await isReady(custom("jsonpath={.status.ips[0]}", { ips: [] })), false);
      assert.equal(await isReady(custom('["jsonpath={.status.phase}","condition=Ready"]', { phase: "Up" })), false);
      await assert.rejects(verdict(custom("Ready", {})), /expected a "jsonpath=" or "condition=" prefix, got "Ready"/);
      const skipped = object("batch/v1", "Job", {}, { "pulumi.com/skipAwait": "true" });
      assert.equal(await isReady(skipped), true);
    });
    it("is patient in scaled minutes, but never for less than real controllers take", () => {
      const from = Date.now();
      assert.ok(deadlineFor("ready", 60, {}, 30) - from >= 30_000);
      assert.ok(deadlineFor("gone", 60, {}, 30) - from >= 120_000);
      assert.ok(deadlineFor("ready", 2400, {}, 1000) - from >= 40_000);
    });
  });

  describe("settings", () => {
    it("reads flags as texts, and from the environment where they are not set", () => {
      const env = { PULUMI_K8S_DELETE_UNREACHABLE: "true" };
      assert.equal(settingsFrom({}, env).deleteUnreachable, true);
      assert.equal(settingsFrom({ deleteUnreachable: "false" }, env).deleteUnreachable, false);
    });

    const kubeconfig = (server: string, token = "t") =>
      JSON.stringify({
        clusters: [{ name: "c", cluster: { server } }],
        contexts: [{ name: "x", context: { cluster: "c" } }],
        users: [{ name: "u", user: { token } }],
        "current-context": "x",
      });
    it("finds the active cluster", () => {
      assert.deepEqual(activeCluster(kubeconfig("https://a"), undefined), { server: "https://a" });
    });
    it("replaces the provider for another cluster, and for nothing else", () => {
      const replaces = (olds: Props, news: Props) => differenceOf(olds, news).replaces;
      const [a, b] = [kubeconfig("https://a"), kubeconfig("https://b")];
      assert.deepEqual(replaces({ kubeconfig: a }, { kubeconfig: kubeconfig("https://a", "new") }), []);
      assert.deepEqual(replaces({ kubeconfig: a }, { kubeconfig: b }), ["kubeconfig"]);
      assert.deepEqual(replaces({ kubeconfig: a }, { kubeconfig: UNKNOWN }), ["kubeconfig"]);
      const same = { clusterIdentifier: "i" };
      assert.deepEqual(replaces({ kubeconfig: a, ...same }, { kubeconfig: b, ...same }), []);
      assert.deepEqual(replaces(same, { clusterIdentifier: "j" }), ["clusterIdentifier"]);
      assert.deepEqual(replaces({}, same), []);
    });
  });
});
