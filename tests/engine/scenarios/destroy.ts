import assert from "node:assert/strict";
import { inject, objectsOf } from "../providers/cloud/disk.js";
import { remainsIn } from "../support/inventory.js";
import { namespacesIn } from "../support/objects.js";
import type { StackOptions } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import { cases } from "./cases/index.js";

describe("a destroy in bad times", () => {
  let ground: Ground;
  let trial: Trial;
  const trials: Trial[] = [];
  const open = async (options: StackOptions): Promise<void> => {
    trial = await Trial.open(ground, { ...options, secretNames: ["OPENAI_API_KEY"] });
    trials.push(trial);
  };

  before(async () => {
    ground = await openGround();
  });
  after(async () => {
    for (const one of trials) await one.close();
    await ground?.close();
  });
  afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

  for (const [cloud, { faults, meantToStay, stack, settings = {} }] of Object.entries(cases)) {
    if (faults === undefined) continue;

    describe(`on ${cloud}`, () => {
      beforeEach(async () => {
        await ground.cluster.reset();
        await open({ stack, settings });
      });

      async function leavesNothing() {
        const expected = objectsOf(trial.stack.cloud).flatMap(({ type, name }) =>
          faults?.stays[type] === undefined ? [] : [`${faults.stays[type]} of ${name}`],
        );
        const destroy = await trial.stack.destroy();
        assert.equal(destroy.code, 0, destroy.output);
        assert.deepEqual(trial.stack.state().resources, []);
        assert.deepEqual(objectsOf(trial.stack.cloud), []);
        assert.deepEqual(remainsIn(trial.stack.cloud), expected.sort());
      }

      it("leaves nothing of an up that ended half-way", async () => {
        inject(trial.stack.cloud, { op: "create", type: faults.database, fault: "quota", times: 1 });
        const up = await trial.stack.up();
        assert.equal(up.code, 1, up.output);
        await leavesNothing();
      });

      it("leaves nothing though the cluster is unreachable: what was in it went with it", async () => {
        const up = await trial.stack.up();
        assert.equal(up.code, 0, up.output);
        await ground.cluster.cut();
        try {
          await leavesNothing();
        } finally {
          await ground.cluster.mend();
        }
        // In its whole life a stack grows, and has one service more for a while.
        const ofOne = meantToStay.filter((one) => !/-worker-|-replica-/.test(one));
        assert.deepEqual(remainsIn(trial.stack.cloud), ofOne);
      });
    });
  }

  describe("on local", () => {
    before(async () => {
      await ground.cluster.reset();
      await open({ stack: "dev" });
    });

    const urns = () => trial.stack.state().resources.map(({ urn }) => urn);

    it("forgets nothing while the cluster is unreachable, and says what to do", async () => {
      ground.played.fail({ how: "ImagePullBackOff", name: "agents-development-kv-main" });
      const up = await trial.stack.up();
      assert.equal(up.code, 1, up.output);
      const before = urns();
      await ground.cluster.cut();
      try {
        const destroy = await trial.stack.destroy();
        assert.equal(destroy.code, 1, destroy.output);
        assert.match(
          destroy.output,
          /error: configured Kubernetes cluster is unreachable\. If the cluster was deleted, /,
        );
        assert.deepEqual(urns().sort(), before.sort());
      } finally {
        await ground.cluster.mend();
      }
    });

    it("leaves nothing of an up that ended half-way, once the cluster is back", async () => {
      const destroy = await trial.stack.destroy();
      assert.equal(destroy.code, 0, destroy.output);
      assert.deepEqual(urns(), []);
      assert.deepEqual(await namespacesIn(ground.cluster), []);
    });
  });
});
