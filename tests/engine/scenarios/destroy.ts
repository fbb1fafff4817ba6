import assert from "node:assert/strict";
import { inject, objectsOf, remainsOf } from "../providers/cloud/disk.js";
import { namespacesIn } from "../support/objects.js";
import { type Ground, openGround, Trial } from "../support/trial.js";

/** What stays of a kind of object, on purpose, once it is deleted. */
const stays: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "pending deletion",
  "aws:secretsmanager/secret:Secret": "soft-deleted",
};

describe("a destroy in bad times", () => {
  let ground: Ground;
  let trial: Trial;
  const trials: Trial[] = [];
  const open = async (stack: string): Promise<void> => {
    trial = await Trial.open(ground, { stack, secretNames: ["OPENAI_API_KEY"] });
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

  describe("on aws", () => {
    beforeEach(() => open("staging"));

    const remains = () => remainsOf(trial.stack.cloud).map(({ kind, name }) => `${kind} of ${name}`);

    async function leavesNothing() {
      const meantToStay = objectsOf(trial.stack.cloud).flatMap(({ type, name }) =>
        stays[type] === undefined ? [] : [`${stays[type]} of ${name}`],
      );
      const destroy = await trial.stack.destroy();
      assert.equal(destroy.code, 0, destroy.output);
      assert.deepEqual((await trial.stack.state()).resources, []);
      assert.deepEqual(objectsOf(trial.stack.cloud), []);
      assert.deepEqual(remains().sort(), meantToStay.sort());
    }

    it("leaves nothing of an up that ended half-way", async () => {
      inject(trial.stack.cloud, { op: "create", type: "aws:rds/instance:Instance", fault: "quota", times: 1 });
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
      assert.deepEqual(remains().sort(), [
        "pending deletion of agents-staging-bucket-main-key",
        "pending deletion of agents-staging-db-main-key",
        "pending deletion of agents-staging-images",
        "pending deletion of agents-staging-key",
        "pending deletion of agents-staging-kv-main-key",
        "pending deletion of agents-staging-secrets",
        "soft-deleted of agents-staging-api-db-main",
        "soft-deleted of agents-staging-db-main-owner",
        "soft-deleted of agents-staging-kv-main-app",
        "soft-deleted of agents-staging-openai-api-key",
      ]);
    });
  });

  describe("on local", () => {
    before(async () => {
      await ground.cluster.reset();
      await open("dev");
    });

    const urns = async () => (await trial.stack.state()).resources.map(({ urn }) => urn);

    it("forgets nothing while the cluster is unreachable, and says what to do", async () => {
      ground.played.fail({ how: "ImagePullBackOff", name: "agents-development-kv-main" });
      const up = await trial.stack.up();
      assert.equal(up.code, 1, up.output);
      const before = await urns();
      await ground.cluster.cut();
      try {
        const destroy = await trial.stack.destroy();
        assert.equal(destroy.code, 1, destroy.output);
        assert.match(
          destroy.output,
          /error: configured Kubernetes cluster is unreachable\. If the cluster was deleted, /,
        );
        assert.deepEqual((await urns()).sort(), before.sort());
      } finally {
        await ground.cluster.mend();
      }
    });

    it("leaves nothing of an up that ended half-way, once the cluster is back", async () => {
      const destroy = await trial.stack.destroy();
      assert.equal(destroy.code, 0, destroy.output);
      assert.deepEqual(await urns(), []);
      assert.deepEqual(await namespacesIn(ground.cluster), []);
    });
  });
});
