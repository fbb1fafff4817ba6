import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Api } from "../cluster/api.js";
import { objectsOf } from "../providers/cloud/disk.js";
import { remainsIn } from "../support/inventory.js";
import { objectsIn } from "../support/objects.js";
import { changesOf, type Ran } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import type { Theirs } from "./cases/case.js";
import { cases } from "./cases/index.js";

const markers = [
  "create random:index/randomId:RandomId this-stack-is-locked--set-deletionProtection-to-false-and-run-up-before-destroy",
  "create random:index/randomId:RandomId this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move",
];
/** In every cluster, in a namespace of their own: where it goes -> what. */
const always: Theirs["objects"] = {
  "/api/v1/namespaces": [{ metadata: { name: "team" } }],
  "/api/v1/namespaces/team/configmaps": [{ metadata: { name: "theirs" }, data: { key: "value" } }],
  "/api/v1/namespaces/team/serviceaccounts": [{ metadata: { name: "api" } }],
};

for (const [cloud, { theirs }] of Object.entries(cases)) {
  describe(`a stack on ${cloud} that is given what somebody else made`, () => {
    let ground: Ground;
    let trial: Trial;
    let api: Api;
    let untouched: Awaited<ReturnType<typeof everything>>;

    const objects = [always, theirs.objects].flatMap((one) => Object.entries(one));
    const everything = async () => {
      const paths = objects.flatMap(([path, all]) => all.map(({ metadata }) => `${path}/${metadata.name}`));
      return {
        account: objectsOf(trial.stack.cloud),
        objects: await Promise.all(paths.map((path) => api.get(path))),
        inCluster: (await objectsIn(ground.cluster))
          .map(({ where }) => where)
          .filter((where) => !ofItself.test(where))
          .toSorted(),
      };
    };

    before("somebody else makes it", async () => {
      ground = await openGround();
      api = new Api(ground.cluster);
      trial = await Trial.open(ground, { ...theirs, secretNames: ["OPENAI_API_KEY"] });
      theirs.plantIn?.(trial.stack.cloud, ground);
      for (const [path, all] of objects) for (const one of all) await api.create(path, one);
      // What every namespace gets, a moment later.
      while ((await api.get("/api/v1/namespaces/team/configmaps/kube-root-ca.crt")) === undefined) await sleep(50);
      while ((await api.get("/api/v1/namespaces/team/serviceaccounts/default")) === undefined) await sleep(50);
      untouched = await everything();
    });
    after(async () => {
      api?.close();
      await trial?.close();
      await ground?.close();
    });
    afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

    it("makes only what is its own", async () => {
      const up = await succeeds(trial.stack.up());
      const made = changesOf(up).filter(
        ({ type }) => !type.startsWith("agent-platform:") && !type.startsWith("pulumi:"),
      );
      assert.deepEqual(
        made.map(({ op, type, name }) => `${op} ${type} ${name}`).toSorted(),
        [...theirs.makes, ...markers].toSorted(),
      );
      const now = await everything();
      assert.deepEqual(now.objects, untouched.objects);
      assert.deepEqual(
        now.account.filter(({ urn }) => urn === ""),
        untouched.account,
      );
    });

    it("changes nothing in a second up", async () => {
      assert.deepEqual(changesOf(await succeeds(trial.stack.up("--expect-no-changes"))), []);
    });

    it("goes, and leaves theirs as it was", async () => {
      await succeeds(trial.stack.destroy());
      assert.deepEqual(trial.stack.state().resources, []);
      const now = await everything();
      assert.deepEqual({ ...now, account: now.account.filter(({ urn }) => urn === "") }, untouched);
      const ours = now.account.filter(({ urn }) => urn !== "");
      assert.deepEqual(
        ours.map(({ type, name }) => `${type} ${name}`),
        theirs.leaves ?? [],
      );
      assert.deepEqual(remainsIn(trial.stack.cloud), theirs.stays);
    });
  });
}

/** What the cluster writes down about itself as time goes by. */
const ofItself = /^(Event|Lease) /;

async function succeeds(operation: Promise<Ran>): Promise<Ran> {
  const ran = await operation;
  assert.equal(ran.code, 0, ran.output);
  return ran;
}
