import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { startCluster, type TestCluster } from "../../engine/cluster/server.js";
import { at, isObject, nameOf } from "../../engine/providers/kubernetes/objects.js";
import type { Props } from "../../engine/providers/serve.js";
import type { Case } from "../../matrix/cases.js";
import { crdsThere, tool } from "../../tools/cache.js";
import { Admission, isGround } from "../support/admission.js";
import { placeSaid } from "../support/place.js";
import { cases, planned } from "../support/planned.js";

/** A plan does not know what will be in a Secret, and some types must hold certain keys. */
const mustHold: Readonly<Record<string, readonly string[]>> = { "kubernetes.io/basic-auth": ["username", "password"] };
const filled = (object: Props): Props => {
  const keys = mustHold[String(object["type"])];
  return keys === undefined ? object : { ...object, stringData: Object.fromEntries(keys.map((key) => [key, "some"])) };
};

/** Of all that the charts bring, what the objects are of: each costs the API server a quarter of a second. */
function definitionsOf(objects: readonly Props[]): readonly Props[] {
  const kinds = new Set(objects.map(({ apiVersion, kind }) => `${String(apiVersion).split("/")[0]} ${kind}`));
  return readdirSync(crdsThere(), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".yaml"))
    .flatMap((file) => parseAllDocuments(readFileSync(join(crdsThere(), file), "utf8")))
    .map((document) => document.toJS() as unknown)
    .filter(isObject)
    .filter((one) => kinds.has(`${at(one, "spec", "group")} ${at(one, "spec", "names", "kind")}`));
}

const knownBad = join(import.meta.dirname, "../../manifests/known-bad");

const privileged = (namespace: string): Props => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "control", namespace },
  spec: {
    template: {
      spec: {
        containers: [{ name: "control", image: "control.invalid/control", securityContext: { privileged: true } }],
      },
    },
  },
});

/**
 * What the plan of every stack file on every cloud puts into a cluster, before a real API server: validation by schema
 * and by rule, and Pod Security. Images, addresses and names that only a cloud knows are stood in for, as plans have them.
 */
describe("admission", () => {
  const place = placeSaid();
  /** Begins with the first of the scenarios. */
  const planning = planned();
  planning.catch(() => {});
  const objectsOf = new Map<Case, readonly Props[]>();
  let folder: string;
  let own: TestCluster | undefined;
  let admission: Admission;

  before(async () => {
    const given = place?.kubeconfig;
    folder = mkdtempSync(join(tmpdir(), "admission-"));
    if (given === undefined) own = await startCluster({ binary: tool("kubernetes"), directory: folder });
    admission = new Admission(given ?? own?.kubeconfigFile ?? "");
    for (const [one, objects] of await planning) objectsOf.set(one, objects.map(filled));
    await admission.define(definitionsOf([...objectsOf.values()].flat()));
  });
  after(async () => {
    // A cluster of the suite's own goes as a whole.
    if (place?.here === false) await admission?.leave();
    await own?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const one of cases)
    it(`takes every object of ${one.name}, and every pod`, async () => {
      const objects = objectsOf.get(one) ?? [];
      assert.notEqual(objects.length, 0);
      assert.deepEqual(await admission.prepare(objects), []);
      assert.deepEqual(await admission.judge(objects.filter((object) => !isGround(object))), []);
      assert.deepEqual(await admission.judgePods(objects), []);
    });

  it("would refuse privileged pods in every namespace that restricts them", async () => {
    const namespaces = [...objectsOf.values()].flat().filter(({ kind }) => kind === "Namespace");
    const restricted = namespaces.filter(
      (one) => at(one, "metadata", "labels", "pod-security.kubernetes.io/enforce") === "restricted",
    );
    const names = [...new Set(restricted.map((one) => String(nameOf(one))))];
    const faults = await admission.judgePods(names.map(privileged));
    assert.ok(names.length > 0);
    assert.equal(faults.length, names.length, faults.join("\n"));
    for (const fault of faults) assert.match(fault, /violates PodSecurity "restricted:/);
  });

  it("would refuse what is known to be bad", async () => {
    const files = readdirSync(knownBad).map((file) => parse(readFileSync(join(knownBad, file), "utf8")) as Props);
    const anywhere = files.map((file) => ({
      ...file,
      metadata: { ...(file["metadata"] as object), namespace: "default" },
    }));
    assert.equal((await admission.judge(anywhere)).length, files.length);
  });
});
