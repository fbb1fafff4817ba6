import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { PersistentVolumeClaim } from "kubernetes-types/core/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { headersFor } from "../support/calls.js";
import { evict, type Part, podName, readyPodsOf, servicePods, uidsOf } from "../support/pods.js";
import { namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

interface Template {
  readonly id: string;
  readonly name: string;
  readonly body: string;
}

describe("data whose pods go", () => {
  const at = visit();
  before(async () => {
    await servicePods(at.stack);
  });

  const api = async <T>(path: string, body?: object): Promise<T> => {
    const response = await at.caller.fetch(`/api/v1/${path}`, {
      headers: headersFor(at.key),
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  };
  /** Another pod in its place, on the same volumes. */
  const replaced = async (part: Part): Promise<void> => {
    const volumes = await volumeNames();
    const [pod, ...others] = await until(`the ${part}`, () => readyPodsOf(at.stack, part));
    assert.ok(pod !== undefined);
    assert.deepEqual(others, []);
    await evict(at.stack, pod);
    await until(`another pod of the ${part}`, async () => {
      const pods = await readyPodsOf(at.stack, part);
      return pods === undefined || uidsOf(pods).has(pod.metadata?.uid ?? "") ? undefined : pods;
    });
    assert.deepEqual(await volumeNames(), volumes);
  };
  const volumeNames = async () => {
    const path = `/api/v1/namespaces/${namespaces.data}/persistentvolumeclaims`;
    const claims = await at.stack.list<PersistentVolumeClaim & Manifest>(path);
    return claims.map(({ metadata, spec }) => [metadata?.name, spec?.volumeName]);
  };
  const inCache = async (...command: string[]): Promise<string> => {
    const [pod] = await until("the cache", () => readyPodsOf(at.stack, "cache"));
    assert.ok(pod !== undefined);
    const { out, error, code } = await at.stack.inside.run(namespaces.data, podName(pod), ["valkey-cli", ...command]);
    assert.equal(code, 0, error);
    return out.trim();
  };

  it("is read from the service as it was written, when the database has got another pod", async () => {
    const name = `greeting-${randomBytes(4).toString("hex")}`;
    const written = await api<Template>("templates", { name, body: "Hello {{who}}", variables: [{ name: "who" }] });
    await replaced("database");
    const read = await until("the template", () => api<Template>(`templates/${written.id}`));
    assert.deepEqual(read, written);
    const { text } = await api<{ readonly text: string }>(`templates/${written.id}/render`, {
      variables: { who: "you" },
    });
    assert.equal(text, "Hello you");
  });

  it("is in the cache as it was, when that has got another pod", async () => {
    const value = randomBytes(8).toString("hex");
    assert.equal(await inCache("set", "kept", value), "OK");
    await replaced("cache");
    assert.equal(await inCache("get", "kept"), value);
    assert.equal(await inCache("del", "kept"), "1");
  });

  it("can be written on: the service finds both again by itself", async () => {
    const made = await until("another template", () =>
      api<Template>("templates", { name: `after-${randomBytes(4).toString("hex")}`, body: "Hello" }),
    );
    assert.equal((await api<Template>(`templates/${made.id}`)).body, "Hello");
  });
});
