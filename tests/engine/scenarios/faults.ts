import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { inject, objectsOf, operationsOf, remove } from "../providers/cloud/disk.js";
import { packageOf } from "../providers/cloud/packages.js";
import { adopt } from "../support/adopt.js";
import { all } from "../support/all.js";
import { forgotten, inCloud, inState, isAlive, offspringOf } from "../support/inventory.js";
import { changesOf, type EngineStack, type Ran, type StackOptions } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import { cases } from "./cases/index.js";

/** The engine is the same on every cloud, so it is killed on one. */
const cluster = "aws:eks/cluster:Cluster";
const database = "aws:rds/instance:Instance";

describe("an up that goes wrong", () => {
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

  for (const [cloud, { faults, stack, settings = {} }] of Object.entries(cases)) {
    if (faults === undefined) continue;
    const { quota, halfMade, throttled, mended } = faults;

    describe(`on ${cloud}`, () => {
      before(async () => {
        await ground.cluster.reset();
        await open({ stack, settings });
      });

      it("says in the cloud's own words that a quota is reached, and keeps what it made", async () => {
        inject(trial.stack.cloud, { op: "create", type: quota.type, fault: "quota", times: 1 });
        const up = await trial.stack.up();
        assert.equal(up.code, 1, up.output);
        assert.match(up.output, quota.says);
        const kept = inState(trial.stack.state());
        assert.deepEqual(kept, inCloud(trial.stack.cloud));
        assert.deepEqual(kinds(kept, ...quota.there, ...quota.waiting), quota.there);
      });

      it("keeps what failed after it was made", async () => {
        inject(trial.stack.cloud, { op: "create", type: halfMade.type, fault: "afterCreate", times: 1 });
        const up = await trial.stack.up();
        assert.equal(up.code, 1, up.output);
        assert.match(up.output, halfMade.says);
        const kept = inState(trial.stack.state());
        assert.deepEqual(kept, inCloud(trial.stack.cloud));
        assert.deepEqual(kinds(kept, ...halfMade.there), halfMade.there);
      });

      it("goes on from there, through throttling of which a person sees nothing", async () => {
        for (const [asked, times] of Object.entries(throttled)) {
          const [op, type = ""] = asked.split(" ");
          inject(trial.stack.cloud, { op: op === "create" ? op : "update", type, fault: "throttle", times });
        }
        const up = await trial.stack.up();
        assert.equal(up.code, 0, up.output);
        const { words } = packageOf(quota.type);
        assert.ok(!up.output.includes(words.throttled), up.output);
        const refused = operationsOf(trial.stack.cloud).filter(({ error }) => error === words.throttled);
        assert.deepEqual(countsOf(refused.map(({ op, type }) => `${op} ${type}`)), throttled);
        assert.deepEqual(otherThanCreates(up), mended);
      });

      it("has made nothing twice, and has nothing left to do", async () => {
        const again = await trial.stack.up("--expect-no-changes");
        assert.equal(again.code, 0, again.output);
        assert.deepEqual(inState(trial.stack.state()), inCloud(trial.stack.cloud));
        assert.deepEqual(madeTwice(trial.stack), []);
      });
    });
  }

  describe("on aws, because its engine is killed", () => {
    beforeEach(async () => {
      await ground.cluster.reset();
      // Longer minutes, so that there is time to kill it in the middle of them; and a state that says what was begun.
      await open({ stack: "staging", env: { STANDIN_MINUTE_MS: "400", PULUMI_SKIP_CHECKPOINTS: "false" } });
    });

    it("goes on where it was, once what was in flight is adopted: nothing is made twice", async () => {
      const { stack } = trial;
      const came = await killed(stack);
      await unlocked(stack);
      await adopt(stack, came);
      const refresh = await stack.refresh("--clear-pending-creates");
      assert.equal(refresh.code, 0, refresh.output);
      const up = await stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(otherThanCreates(up), []);
      const again = await stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.output);
      assert.deepEqual(inState(stack.state()), inCloud(stack.cloud));
      assert.deepEqual(madeTwice(stack), []);
    });

    it("leaves what was in flight in the cloud, and nothing else, where that is not adopted", async () => {
      const { stack } = trial;
      const came = await killed(stack);
      await unlocked(stack);
      const refresh = await stack.refresh("--clear-pending-creates");
      assert.equal(refresh.code, 0, refresh.output);
      const orphans = forgotten(stack.cloud, stack.state());
      const urns = orphans.map(({ urn }) => urn);
      assert.deepEqual(urns.sort(), [...came.keys()].sort());
      const types = orphans.map(({ type }) => type);
      assert.deepEqual(kinds(types, cluster, database), [cluster, database]);

      // As a person would, in the console.
      for (const { type, id } of orphans) remove(stack.cloud, type, id);
      const up = await stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(inState(stack.state()), inCloud(stack.cloud));
    });

    if (all)
      it("loses what was in flight by the CLI's own import of pending creates", async () => {
        const { stack } = trial;
        const came = await killed(stack);
        await unlocked(stack);
        const pairs = [...came].flat();
        const refresh = await stack.refresh(...pairs.flatMap((word) => ["--import-pending-creates", word]));
        assert.equal(refresh.code, 0, refresh.output);
        // Once it is not so any more, docs/troubleshooting.md can be shorter.
        assert.equal(forgotten(stack.cloud, stack.state()).length, came.size);
      });
  });

  describe("on local, because a pod does not become ready", () => {
    const statefulSet = "kubernetes:apps/v1:StatefulSet";

    before(async () => {
      await ground.cluster.reset();
      await open({ stack: "dev" });
    });

    it("says which pod and why, and keeps it", async () => {
      ground.played.fail({ how: "ImagePullBackOff", name: "agents-development-kv-main" });
      const up = await trial.stack.up();
      assert.equal(up.code, 1, up.output);
      assert.match(up.output, /kubernetes:apps\/v1:StatefulSet \(agents-development-kv-main\):\n +error: /);
      assert.match(
        up.output,
        /\[Pod agents-development-data\/agents-development-kv-main-0\]: .*\[ImagePullBackOff\] Back-off pulling image "docker\.io\/valkey\/valkey:[\d.]+"/,
      );
      const { resources } = trial.stack.state();
      assert.deepEqual(
        resources.filter(({ type }) => type === statefulSet).map(({ id }) => id),
        ["agents-development-data/agents-development-kv-main"],
      );
    });

    it("goes on from there once the image can be pulled", async () => {
      ground.played.heal();
      const up = await trial.stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(
        changesOf(up).map(({ op, type }) => `${op} ${type}`),
        // And at last the lock, which waits for everything.
        [`update ${statefulSet}`, "create random:index/randomId:RandomId"],
      );
      const again = await trial.stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.output);
    });
  });
});
/** Those of the kinds of which there is something. */
const kinds = (all: readonly string[], ...asked: readonly string[]): readonly string[] =>
  asked.filter((kind) => all.some((one) => one.split(" ")[0] === kind));

const otherThanCreates = (up: Ran): readonly string[] =>
  changesOf(up).flatMap(({ op, type }) => (op === "create" ? [] : [`${op} ${type}`]));

const countsOf = (words: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((one) => one === word).length]));

/** Whatever has been asked for again though it came to be. */
function madeTwice({ cloud }: EngineStack): readonly string[] {
  const made = operationsOf(cloud).filter(({ op, id }) => op === "create" && id !== "");
  const counts = countsOf(made.map(({ package: of, urn }) => `${of} ${urn}`));
  return Object.entries(counts).flatMap(([one, count]) => (count > 1 && !/^(random|time) /.test(one) ? [one] : []));
}

/**
 * An `up` whose engine was killed while the slowest things were being made. What was in flight then and came to be, as
 * the state's pending operations and the cloud's console say it: ids by URN.
 */
async function killed(stack: EngineStack): Promise<ReadonlyMap<string, string>> {
  // As long as the program gives them, so that neither is done before the other is begun.
  for (const type of [cluster, database]) inject(stack.cloud, { op: "create", type, fault: "hang", times: 1 });
  const { child, ended } = stack.start("up", "--yes", "--skip-preview");
  const isBegun = (wanted: string) => objectsOf(stack.cloud).some(({ type }) => type === wanted);
  while (!(isBegun(cluster) && isBegun(database))) {
    assert.equal(child.exitCode, null, "it ended before the cluster and the database were being made at the same time");
    await sleep(20);
  }
  const helpers = offspringOf(child.pid ?? 0);
  child.kill("SIGKILL");
  assert.equal((await ended).code, null);
  // A language host, the program, and two providers or three.
  assert.ok(helpers.length >= 4, `${helpers.length} processes`);
  for (let left = 100; helpers.some(isAlive); left--) {
    assert.ok(left > 0, "plugins outlive their engine");
    await sleep(50);
  }
  await torn(stack);
  const inFlight = stack.state().pending_operations ?? [];
  assert.deepEqual(
    inFlight.filter(({ type }) => type !== "creating"),
    [],
  );
  const urns = new Set(inFlight.map(({ resource }) => resource.urn));
  return new Map(objectsOf(stack.cloud).flatMap(({ urn, id }) => (urns.has(urn) ? [[urn, id]] : [])));
}

/** What is left where an engine was killed while it wrote its state, and what docs/troubleshooting.md says to do. */
async function torn(stack: EngineStack): Promise<void> {
  writeFileSync(stack.stateAttributes, "");
  await assert.rejects(stack.must("stack", "export"), /error: failed to load checkpoint: EOF/);
  rmSync(stack.stateAttributes);
}

/** The state on disk is locked by the one that was killed. */
async function unlocked(stack: EngineStack): Promise<void> {
  const up = await stack.up();
  assert.equal(up.code, 1, up.output);
  assert.match(up.output, /error: the stack is currently locked by 1 lock\(s\)\. .* with `pulumi cancel`/);
  await stack.must("cancel", "--yes");
}
