import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { leaksIn } from "../support/scan.js";
import { changesOf, type Step } from "../support/stack.js";
import { type Ground, openGround, Trial } from "../support/trial.js";
import { cases } from "./cases/index.js";

const repository = join(import.meta.dirname, "../../..");
const short = ({ op, type }: Step): string => `${op} ${type}`;
const listed = (steps: readonly Step[]): readonly string[] => steps.map(short).sort();

for (const [cloud, one] of Object.entries(cases)) {
  describe(`a stack on ${cloud}, from its first up to its end`, () => {
    let ground: Ground;
    let trial: Trial;

    before(async () => {
      ground = await openGround();
      trial = await Trial.open(ground, one);
    });
    after(async () => {
      await trial?.close();
      await ground?.close();
    });
    afterEach("leaves no secret in plain text and nothing half done", () => trial.assertSound());

    it("does what the preview of an empty account said", async () => {
      const preview = await trial.stack.preview("--save-plan", join(trial.stack.folder, "update-plan.json"));
      assert.equal(preview.code, 0, preview.output);
      const up = await trial.stack.up();
      assert.equal(up.code, 0, up.output);
      // Where the cluster is still to be made, nobody can say what its charts will hold.
      const urnsOf = (steps: readonly Step[]) =>
        steps
          .filter(({ urn }) => !urn.includes("$kubernetes:helm.sh/v4:Chart$"))
          .map(({ op, urn }) => `${op} ${urn}`)
          .sort();
      assert.deepEqual(urnsOf(up.steps), urnsOf(preview.steps));
    });

    it("has a plan as JSON, which is searched for secrets as everything is", () => {
      const file = join(trial.stack.folder, "plan.json");
      const args = ["--import", "tsx", "plan/command.ts", "--config", trial.stack.stackFile, "--json", file];
      const { status, stderr } = spawnSync(process.execPath, args, { cwd: repository, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      assert.ok(existsSync(file) && existsSync(join(trial.stack.folder, "update-plan.json")));
    });

    it("is searched for secrets by a search that finds them where they are", async () => {
      const open = await trial.stack.must("stack", "export", "--show-secrets");
      const found = leaksIn("open", `${open}${Buffer.from(open).toString("base64")}`, trial.planted);
      assert.deepEqual(
        found.map(({ word, how }) => `${word} ${how}`).sort(),
        trial.planted.flatMap((word) => [`${word} base64`, `${word} plain`]).sort(),
      );
    });

    it("changes nothing in a second up", async () => {
      const again = await trial.stack.up("--expect-no-changes");
      assert.equal(again.code, 0, again.output);
      assert.deepEqual(changesOf(again), []);
    });

    it("finds nothing changed in a refresh", async () => {
      const refresh = await trial.stack.refresh("--expect-no-changes");
      assert.equal(refresh.code, 0, refresh.output);
      assert.deepEqual(changesOf(refresh), []);
    });

    it("grows with another size, and keeps its data where it is", async () => {
      await trial.stack.configure(one.growth.settings);
      const up = await trial.stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(listed(changesOf(up)), one.growth.changes);
    });

    it("gives an added service an identity of its own, and takes it away again", async () => {
      await trial.stack.configure({ "services.worker.uses[0]": "database" });
      const added = await trial.stack.up();
      assert.equal(added.code, 0, added.output);
      assert.deepEqual(
        listed(changesOf(added)),
        one.service.map((type) => `create ${type}`),
      );
      await trial.stack.must("config", "rm", "--path", "agent-platform:services.worker");
      const removed = await trial.stack.up();
      assert.equal(removed.code, 0, removed.output);
      assert.deepEqual(
        listed(changesOf(removed)),
        one.service.map((type) => `delete ${type}`),
      );
    });

    it("hands on a rotated secret and touches nothing else", async () => {
      await trial.rotate("OPENAI_API_KEY");
      const up = await trial.stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(listed(changesOf(up)), one.rotation);
    });

    it("brings back what was deleted by hand", async () => {
      await one.deleteByHand(trial);
      const refresh = await trial.stack.refresh();
      assert.equal(refresh.code, 0, refresh.output);
      const up = await trial.stack.up();
      assert.equal(up.code, 0, up.output);
      assert.deepEqual(listed(changesOf(up)), one.broughtBack);
    });

    it("leaves nothing but what is meant to stay", async () => {
      const destroy = await trial.stack.destroy();
      assert.equal(destroy.code, 0, destroy.output);
      assert.deepEqual(
        trial.stack.state().resources.map(({ urn }) => urn),
        [],
      );
      assert.deepEqual(await one.left(trial), []);
      assert.deepEqual(await one.remains(trial), one.meantToStay);
    });
  });
}
