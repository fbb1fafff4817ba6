import assert from "node:assert/strict";
import type { ContainerStatus } from "kubernetes-types/core/v1.js";
import { wholeCall } from "../support/calls.js";
import { load } from "../support/load.js";
import {
  evict,
  isReady,
  type LivePod,
  podName,
  podPath,
  podsOf,
  readyPodsOf,
  servicePods,
  servingPods,
  uidsOf,
  whileCordoned,
} from "../support/pods.js";
import { fillMemory, kill, metricOf, readinessOf } from "../support/service.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

const KILLED = 137;
const ready = { status: 200, is: "ready", reason: null, away: [] };
const STARTED = "process_start_time_seconds";

/**
 * Of calls that were under way to a pod as it ended, the gateway can only say that they were cut off: nothing is done
 * twice. That no pod could be reached it says in other words, and of no call: another one could.
 */
const CUT_OFF =
  /^503: upstream connect error or disconnect\/reset before headers\. (retried and the latest )?reset reason: connection termination|^(terminated|fetch failed): /;

describe("a fault", () => {
  const at = visit();
  before(async () => {
    await servicePods(at.stack);
  });

  const now = (pod: LivePod) => at.stack.api.get<LivePod>(podPath(pod));
  const containerOf = async (pod: LivePod): Promise<ContainerStatus> => {
    const [container] = (await now(pod))?.status?.containerStatuses ?? [];
    assert.ok(container !== undefined);
    return container;
  };
  const readyAgain = (pod: LivePod) =>
    until(`${podName(pod)} ready again`, async () => {
      const found = await now(pod);
      return found !== undefined && isReady(found) ? found : undefined;
    });
  /** The one first that has been started least often: the pause before it is started again is the shortest. */
  const twoPods = async (): Promise<readonly [LivePod, LivePod]> => {
    const pods = await servicePods(at.stack);
    const starts = ({ status }: LivePod): number => status?.containerStatuses?.[0]?.restartCount ?? 0;
    const [one, other] = [...pods].sort((a, b) => starts(a) - starts(b));
    assert.ok(one !== undefined && other !== undefined);
    return [one, other];
  };
  const serves = (pod: LivePod, whether: boolean) =>
    until(`${podName(pod)} ${whether ? "is" : "is not"} called`, async () =>
      (await servingPods(at.stack, "api")).has(podName(pod)) === whether ? true : undefined,
    );
  /** No call fails but those that were on their way to the pod: at most as many as are made at a time. */
  const lost = async (atMost: number, work: () => Promise<void>): Promise<void> => {
    const under = load(wholeCall(at.caller, at.key), { atATime: 2 });
    let came: Awaited<ReturnType<typeof under.stop>>;
    try {
      await work();
    } finally {
      came = await under.stop();
    }
    assert.ok(came.failures.length <= atMost, `${came.failures.length} of ${came.count}:\n${came.failures.join("\n")}`);
    for (const failure of came.failures) assert.match(failure, CUT_OFF);
  };

  it("of a pod that is gone at once brings another one, and costs no call but those in it", async () => {
    const [gone] = await twoPods();
    const count = (await podsOf(at.stack, "api")).length;
    await lost(2, async () => {
      await at.stack.api.remove(podPath(gone));
      await until("another pod", async () => {
        const pods = await readyPodsOf(at.stack, "api");
        return pods?.length === count && !uidsOf(pods).has(gone.metadata?.uid ?? "") ? pods : undefined;
      });
    });
  });

  it("of a process that ends again and again is started again, after a pause, counted and told, and the others serve", async () => {
    const [ill, well] = await twoPods();
    const [before, started] = [await containerOf(ill), await metricOf(at.stack, ill, STARTED)];
    await lost(2 * 2, async () => {
      await until("a crash loop", async () => {
        const { state, ready: runs } = await containerOf(ill);
        if (state?.waiting?.reason === "CrashLoopBackOff") return true;
        if (runs) await kill(at.stack, ill);
        return undefined;
      });
      await serves(ill, false);
      assert.deepEqual(await readinessOf(at.stack, well), ready);
      assert.ok((await servingPods(at.stack, "api")).has(podName(well)));
      await readyAgain(ill);
      await serves(ill, true);
    });
    const after = await containerOf(ill);
    assert.ok(after.restartCount >= before.restartCount + 2);
    assert.deepEqual([after.lastState?.terminated?.exitCode, after.lastState?.terminated?.reason], [KILLED, "Error"]);
    assert.deepEqual(await readinessOf(at.stack, ill), ready);
    assert.ok((await metricOf(at.stack, ill, STARTED)) > started);
  });

  it("of one that wants more memory than it may have ends it, and says so", async () => {
    const [ill, well] = await twoPods();
    const [before, started] = [await containerOf(ill), await metricOf(at.stack, ill, STARTED)];
    await fillMemory(at.stack, ill);
    const after = await until("a restart", async () => {
      const container = await containerOf(ill);
      return container.restartCount > before.restartCount ? container : undefined;
    });
    assert.equal(after.restartCount, before.restartCount + 1);
    assert.deepEqual(
      [after.lastState?.terminated?.exitCode, after.lastState?.terminated?.reason],
      [KILLED, "OOMKilled"],
    );
    assert.deepEqual(await readinessOf(at.stack, well), ready);
    await readyAgain(ill);
    await serves(ill, true);
    assert.ok((await metricOf(at.stack, ill, STARTED)) > started);
  });

  it("of the database is told by the service, which takes no calls until it is back, and is not restarted", async () => {
    const [one, other] = await twoPods();
    const restarts = async () => [(await containerOf(one)).restartCount, (await containerOf(other)).restartCount];
    const [database] = await until("the database", () => readyPodsOf(at.stack, "database"));
    assert.ok(database !== undefined);
    const before = await restarts();
    assert.equal(await metricOf(at.stack, one, 'dependency_up{dependency="database"}'), 1);
    await whileCordoned(at.stack, async () => {
      await evict(at.stack, database);
      const told = await until("what the service says of it", async () => {
        const state = await readinessOf(at.stack, one);
        return state.is === "not_ready" ? state : undefined;
      });
      assert.deepEqual(told, { status: 503, is: "not_ready", reason: "database is away", away: ["database"] });
      assert.equal(await metricOf(at.stack, one, 'dependency_up{dependency="database"}'), 0);
      for (const pod of [one, other]) await serves(pod, false);
      // Envoy would call pods that are not ready, if nobody kept it from that; it hears of them a moment later.
      await until("the gateway's own answer", async () => {
        const answer = await at.caller.fetch("/health/ready");
        assert.equal(answer.status, 503);
        return (await answer.text()) === "no healthy upstream" ? true : undefined;
      });
    });
    await until("the database", () => readyPodsOf(at.stack, "database"));
    for (const pod of [one, other]) await serves(pod, true);
    await until("an answer", async () => {
      await wholeCall(at.caller, at.key)();
      return true;
    });
    assert.deepEqual(await readinessOf(at.stack, one), ready);
    assert.equal(await metricOf(at.stack, one, 'dependency_up{dependency="database"}'), 1);
    assert.deepEqual(await restarts(), before);
  });
});
