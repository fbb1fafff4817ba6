import assert from "node:assert/strict";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.js";
import { type Manifest, Refused } from "../../engine/cluster/api.js";
import { wholeCall } from "../support/calls.js";
import { load } from "../support/load.js";
import { evict, type Part, podName, podsOf, readyPodsOf, servicePods, uidsOf, whileCordoned } from "../support/pods.js";
import { namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

const budgets = "/apis/policy/v1/poddisruptionbudgets";
const TOO_MANY_REQUESTS = 429;

describe("a node that is drained", () => {
  const at = visit();
  before(async () => {
    await servicePods(at.stack);
  });

  it("meets a budget where there is more than one pod, and none where it could only be in the way", async () => {
    const found = await at.stack.list<PodDisruptionBudget & Manifest>(budgets);
    const ours = found.filter(({ metadata }) => metadata?.namespace?.startsWith(namespaces.services) === true);
    assert.deepEqual(
      ours.map(({ metadata, spec }) => [metadata?.namespace, metadata?.name, spec?.maxUnavailable]),
      [[namespaces.services, "api", 1]],
    );
  });

  const refused = (pod: Manifest) =>
    assert.rejects(evict(at.stack, pod), (error) => {
      assert.ok(error instanceof Refused);
      assert.equal(error.status, TOO_MANY_REQUESTS);
      assert.match(error.message, /Cannot evict pod as it would violate the pod's disruption budget/);
      return true;
    });
  /** The follower of one that was taken away, which has nowhere to go. */
  const waiting = (part: Part) =>
    until(`a pod of the ${part} that waits for a node`, async () =>
      (await podsOf(at.stack, part)).find(({ status }) =>
        status?.conditions?.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable"),
      ),
    );

  it("gives up one pod of the service, and no second one before another has come; no call notices", async () => {
    const before = await servicePods(at.stack);
    const [first, second] = before;
    assert.ok(first !== undefined && second !== undefined);
    const under = load(wholeCall(at.caller, at.key), { atATime: 2 });
    try {
      await whileCordoned(at.stack, async () => {
        await evict(at.stack, first);
        await waiting("api");
        await refused(second);
      });
      const after = await until("all ready again", () => readyPodsOf(at.stack, "api"));
      assert.equal(after.length, before.length);
      const stayed = before.filter((pod) => podName(pod) !== podName(first));
      for (const uid of uidsOf(stayed)) assert.ok(uidsOf(after).has(uid));
    } finally {
      const { count, failures } = await under.stop();
      assert.deepEqual(failures, [], `of ${count}`);
    }
  });

  it("may take the next one once that is there", async () => {
    const [first, ...others] = await servicePods(at.stack);
    assert.ok(first !== undefined);
    await until("an eviction that is allowed", async () => {
      await evict(at.stack, first);
      return true;
    });
    const after = await until("all ready again", async () => {
      const pods = await readyPodsOf(at.stack, "api");
      return pods?.length === others.length + 1 && !uidsOf(pods).has(first.metadata?.uid ?? "") ? pods : undefined;
    });
    for (const uid of uidsOf(others)) assert.ok(uidsOf(after).has(uid));
  });
});
