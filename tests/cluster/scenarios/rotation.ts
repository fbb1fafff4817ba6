import assert from "node:assert/strict";
import { type Part, partNames, podName, podsOf, readyPodsOf, uidsOf } from "../support/pods.js";
import { givenSecret, namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

describe("what pods are told at their start", () => {
  const at = visit();

  const uids = async (): Promise<Readonly<Record<Part, ReadonlySet<string>>>> => {
    const each = partNames.map(async (part) => [part, uidsOf(await podsOf(at.stack, part))] as const);
    return Object.fromEntries(await Promise.all(each)) as Record<Part, ReadonlySet<string>>;
  };
  const valueIn = async (part: "api" | "model", name: string): Promise<ReadonlySet<string>> => {
    const pods = await until(`ready pods of ${part}`, () => readyPodsOf(at.stack, part));
    const said = await Promise.all(
      pods.map((pod) =>
        at.stack.inside.run(namespaces.services, podName(pod), [
          "node",
          "--print",
          `process.env[${JSON.stringify(name)}]`,
        ]),
      ),
    );
    return new Set(said.map(({ out }) => out.trim()));
  };
  /** Every pod of that part is another one, and every pod of the others is the same. */
  const restarts = async (restarted: Part): Promise<void> => {
    const before = await uids();
    await at.stack.up();
    await until(`ready pods of ${restarted}`, () => readyPodsOf(at.stack, restarted));
    const after = await uids();
    for (const part of partNames) {
      const stayed = [...before[part]].filter((uid) => after[part].has(uid));
      assert.deepEqual(stayed, part === restarted ? [] : [...before[part]], part);
    }
  };

  it("is the new value of a secret, for those that have it; others go on", async () => {
    const value = givenSecret();
    await at.stack.engine.configure({}, { OPENAI_API_KEY: value });
    await restarts("api");
    assert.deepEqual(await valueIn("api", "OPENAI_API_KEY"), new Set([value]));
    assert.deepEqual(await valueIn("model", "OPENAI_API_KEY"), new Set(["undefined"]));
  });

  it("is a changed setting, for the service that it is said of", async () => {
    await at.stack.engine.configure({ "services.model.env.SAID": "later" });
    await restarts("model");
    assert.deepEqual(await valueIn("model", "SAID"), new Set(["later"]));
  });

  it("is told once: a second up changes nothing", async () => {
    const before = await uids();
    assert.deepEqual(await at.stack.up("--expect-no-changes"), []);
    assert.deepEqual(await uids(), before);
  });
});
