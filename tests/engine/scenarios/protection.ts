import assert from "node:assert/strict";
import { objectsOf, operationsOf, remainsOf } from "../providers/cloud/disk.js";
import { repeats } from "../support/all.js";
import { remainsIn } from "../support/inventory.js";
import { changesOf, type Ran, type StateResource } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import { cases } from "./cases/index.js";

const MARKER = "this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move";
const LOCK = "this-stack-is-locked--set-deletionProtection-to-false-and-run-up-before-destroy";

/** What lifting the locks changes on every cloud. */
const always = [
  // A cluster that is going may be gone already.
  'pulumi:providers:kubernetes agents-production-kubernetes: deleteUnreachable "false" -> "true"',
  `random:index/randomId:RandomId ${LOCK}: protect true -> undefined`,
  `random:index/randomId:RandomId ${MARKER}: protect true -> undefined`,
];

for (const [cloud, { guarded }] of Object.entries(cases)) {
  if (guarded === undefined) continue;
  describe(`a protected stack on ${cloud}`, () => {
    const locked = [...guarded.locked, MARKER].toSorted();
    const lifted = [...guarded.lifted, ...always].toSorted();
    const remains = (times: 1 | 2) =>
      [...(times === 1 ? guarded.remains : twice(guarded.remains)), ...(guarded.once ?? [])].toSorted();
    let ground: Ground;
    let trial: Trial;

    before(async () => {
      ground = await openGround();
      trial = await Trial.open(ground, { ...guarded, secretNames: ["OPENAI_API_KEY", "ANTHROPIC_API_KEY"] });
      await succeeds(trial.stack.up());
    });
    after(async () => {
      await trial?.close();
      await ground?.close();
    });
    afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

    /** Whatever could be touched: state, cloud, and what the cloud was asked. */
    const everything = () => {
      const { cloud } = trial.stack;
      const { resources } = trial.stack.state();
      return {
        resources: resources
          .filter(({ custom }) => custom)
          .map(({ urn, id, protect }) => ({ urn, id, protect }))
          .toSorted(byUrn),
        objects: objectsOf(cloud),
        remains: remainsOf(cloud),
        operations: operationsOf(cloud),
      };
    };
    const stops = async (operation: () => Promise<Ran>): Promise<Ran> => {
      const before = everything();
      const ran = await operation();
      assert.notEqual(ran.code, 0, ran.output);
      assert.deepEqual(everything(), before);
      return ran;
    };
    const destroyed = async () => {
      await succeeds(trial.stack.destroy());
      assert.deepEqual(trial.stack.state().resources, []);
      const { cloud } = trial.stack;
      return {
        left: objectsOf(cloud)
          .map(({ type, name }) => `${type} ${name}`)
          .toSorted(),
        remains: remainsIn(cloud),
      };
    };

    it("keeps its cloud: the preview of another stops on a name that says what to do", async () => {
      await trial.stack.configure({ cloud: "local" });
      const preview = await stops(() => trial.stack.preview());
      assert.match(preview.output, new RegExp(`error: unable to replace resource "[^"]*::${MARKER}"`));
      assert.deepEqual(refusedIn(preview), locked);
    });

    it("keeps its cloud: an up stops in its preview, and on the marker where there is none", async function () {
      if (repeats(cloud)) this.skip();
      assert.deepEqual(refusedIn(await stops(() => trial.stack.run("up", "--yes"))), locked);
      const unseen = await stops(() => trial.stack.up());
      assert.deepEqual(refusedIn(unseen), [MARKER]);
      assert.deepEqual(touchedBy(unseen), []);
    });

    it("is not destroyed, and says by what", async () => {
      await trial.stack.configure({ cloud });
      assert.deepEqual(refusedIn(await stops(() => trial.stack.run("destroy", "--yes"))), [LOCK]);
    });

    it("is not destroyed without a preview either: nothing goes before the lock", async () => {
      assert.deepEqual(refusedIn(await stops(() => trial.stack.destroy())), [LOCK]);
    });

    it("loses its locks, and nothing else, by one setting", async () => {
      const { resources: before } = trial.stack.state();
      await trial.stack.configure({ deletionProtection: "false" });
      const up = await succeeds(trial.stack.up());
      const { resources: after } = trial.stack.state();
      assert.deepEqual(differences(before, after), lifted);
      const gone = (guarded.locks ?? []).map((lock) => `delete ${lock}`);
      assert.deepEqual(touchedBy(up), [...gone, ...updatesOf(lifted)].toSorted());
    });

    it("then goes, but for what is meant to stay", async () => {
      assert.deepEqual(await destroyed(), { left: guarded.left, remains: remains(1) });
    });

    it("comes up again beside what stayed, and goes again", async () => {
      // A cluster that is deleted takes what is inside with it; the one that plays it here is still there.
      await ground.cluster.reset();
      await succeeds(trial.stack.up());
      assert.deepEqual(await destroyed(), { left: twice(guarded.left), remains: remains(2) });
    });
  });
}

async function succeeds(operation: Promise<Ran>): Promise<Ran> {
  const ran = await operation;
  assert.equal(ran.code, 0, ran.output);
  return ran;
}

const twice = (list: readonly string[]): readonly string[] => list.flatMap((one) => [one, one]);
const byUrn = (a: { readonly urn: string }, b: { readonly urn: string }): number => (a.urn < b.urn ? -1 : 1);

/** Components are in the state alone: groups, which the ones of another cloud may join before the marker stops them. */
const touchedBy = (ran: Ran): readonly string[] =>
  changesOf(ran)
    .filter(({ type }) => !type.startsWith("agent-platform:"))
    .map(({ op, type, name }) => `${op} ${type} ${name}`)
    .toSorted();

/** Whom the engine says that it does not touch. */
function refusedIn({ output }: Ran): readonly string[] {
  const named = /error: (?:Preview failed: |unable to replace )?resource "[^"]*::([^":]+)"\s+(?:cannot|as it is)/g;
  return [...new Set([...output.matchAll(named)].map(([, name = ""]) => name))].toSorted();
}

/** A secret's ciphertext is another one each time. */
const shown = (value: unknown): string | undefined =>
  JSON.stringify(value, (key, one: unknown) => (key === "ciphertext" ? "" : one));

/** `settings.edition` -> its value; a list is one value. */
const leavesOf = (tree: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
      typeof value === "object" && value !== null && !Array.isArray(value) && !("ciphertext" in value)
        ? Object.entries(leavesOf(value)).map(([path, leaf]) => [`${key}.${path}`, leaf])
        : [[key, value]],
    ),
  );

/** `TYPE NAME: INPUT OLD -> NEW` of what was there before. */
function differences(before: readonly StateResource[], after: readonly StateResource[]): readonly string[] {
  const old = new Map(before.map((one) => [one.urn, one]));
  return after
    .flatMap(({ urn, type, inputs, protect }) => {
      const was = leavesOf({ ...old.get(urn)?.inputs, protect: old.get(urn)?.protect });
      const is = leavesOf({ ...inputs, protect });
      return [...new Set([...Object.keys(was), ...Object.keys(is)])]
        .filter((key) => shown(was[key]) !== shown(is[key]))
        .map((key) => `${type} ${urn.split("::").at(-1)}: ${key} ${shown(was[key])} -> ${shown(is[key])}`);
    })
    .toSorted();
}

/** The engine's own protection is of the state and updates nothing. */
const updatesOf = (changes: readonly string[]): readonly string[] =>
  [
    ...new Set(changes.filter((one) => !one.includes(": protect ")).map((one) => `update ${one.split(": ")[0]}`)),
  ].toSorted();
