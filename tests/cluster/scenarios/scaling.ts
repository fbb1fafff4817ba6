import assert from "node:assert/strict";
import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { HorizontalPodAutoscaler } from "kubernetes-types/autoscaling/v2.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { wholeCall } from "../support/calls.js";
import { load } from "../support/load.js";
import { readyPodsOf } from "../support/pods.js";
import { namespaces } from "../support/stack.js";
import { until } from "../support/until.js";
import { visit } from "../support/visit.js";

const deployment = `/apis/apps/v1/namespaces/${namespaces.services}/deployments/api`;
const autoscaler = `/apis/autoscaling/v2/namespaces/${namespaces.services}/horizontalpodautoscalers/api`;

describe("more load than the pods that are there are meant for", () => {
  const at = visit();

  const wanted = async () => (await at.stack.api.get<Deployment & Manifest>(deployment))?.spec?.replicas ?? 0;
  const scaler = async () => {
    const found = await at.stack.api.get<HorizontalPodAutoscaler & Manifest>(autoscaler);
    assert.ok(found?.spec !== undefined && found.status !== undefined);
    return { spec: found.spec, status: found.status };
  };

  it("brings more pods, which an up leaves alone and no call notices", async () => {
    const before = await wanted();
    const { minReplicas, maxReplicas } = (await scaler()).spec;
    assert.equal(before, minReplicas);
    await at.stack.engine.configure({ "services.api.autoscaling.upSeconds": "0" });
    const changed = (await at.stack.up()).map(({ op, type }) => `${op} ${type}`);
    assert.deepEqual(changed, ["update kubernetes:autoscaling/v2:HorizontalPodAutoscaler"]);
    const under = load(wholeCall(at.caller, at.key), { atATime: 6 });
    try {
      await until("more pods", async () => ((await wanted()) > before ? true : undefined));
      await until("as many as may be", async () => {
        const pods = await readyPodsOf(at.stack, "api");
        return pods?.length === maxReplicas ? pods : undefined;
      });
      assert.deepEqual(await at.stack.up("--expect-no-changes"), []);
      assert.equal(await wanted(), maxReplicas);
    } finally {
      const { count, failures } = await under.stop();
      assert.deepEqual(failures, [], `of ${count}`);
    }
  });

  it("is told by the autoscaler as what it measured", async () => {
    const { status } = await scaler();
    assert.deepEqual(
      [...(status.currentMetrics ?? [])].map(({ resource }) => resource?.name),
      ["cpu", "memory"],
    );
    assert.equal(status.conditions?.find(({ type }) => type === "ScalingActive")?.reason, "ValidMetricFound");
    assert.equal(status.currentReplicas, await wanted());
  });
});
