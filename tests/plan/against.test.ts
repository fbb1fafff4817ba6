import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudNames } from "../../config/names.js";
import { StackFileError } from "../../config/stackfile.js";
import { planAsChanges } from "../../plan/against.js";
import { type Earlier, readEarlier } from "../../plan/changes.js";
import { inCluster } from "../../plan/in-cluster.js";
import { planAsJson } from "../../plan/json.js";
import type { Plan } from "../../plan/plan.js";
import { planned } from "../../providers/index.js";
import { localStack, settingsOf } from "../support/settings.js";
import { planOf } from "../support/stacks.js";
import { planOfFew, prodOn, resource, root } from "./small.js";

const bucket = (inputs: Record<string, unknown> = {}) =>
  resource({ type: "aws:s3/bucket:Bucket", name: "main", protect: true, inputs }, root);
const cache = (inputs: Record<string, unknown>) =>
  resource(
    {
      type: "aws:elasticache/replicationGroup:ReplicationGroup",
      name: "kv",
      replaceOnChanges: ["clusterMode"],
      ignoreChanges: ["note"],
      inputs,
    },
    root,
  );
const vpc = (cidrBlock: string) => resource({ type: "aws:ec2/vpc:Vpc", name: "net", inputs: { cidrBlock } }, root);
const provider = (region: string) => resource({ type: "pulumi:providers:aws", name: "aws", inputs: { region } });

describe("a plan against an earlier one", () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "against-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));
  const file = (text: string): string => {
    const path = join(directory, "before.json");
    writeFileSync(path, text);
    return path;
  };
  const earlier = (plan: Plan): Earlier => ({ ...readEarlier(file(planAsJson(plan))), file: "before.json" });
  const changes = (before: Plan, now: Plan): string => planAsChanges(earlier(before), now);

  it("has no change where nothing changed, on every cloud", async () => {
    for (const cloud of cloudNames) {
      const plan = await prodOn(cloud);
      const again = await planOf("prod", [`cloud=${cloud}`]);
      assert.equal(changes(plan, again), "prod: this plan against before.json\nno change\n", cloud);
    }
  });

  it("knows on every cloud which of its resources hold data: whatever is protected, but for the markers", async () => {
    for (const cloud of cloudNames) {
      const { resources } = await prodOn(cloud);
      const keeps = { ...planned[cloud].keeps, ...inCluster.keeps };
      const unknown = resources
        .filter(({ protect, type }) => protect && !type.startsWith("random:") && keeps[type] === undefined)
        .map(({ type }) => type);
      assert.deepEqual(unknown, [], cloud);
    }
  });

  it("tells first and loudly what data is lost, then the rest", () => {
    const secret = resource({ type: "aws:secretsmanager/secret:Secret", name: "s", inputs: { a: 1 } }, root);
    const subnet = resource({ type: "aws:ec2/subnet:Subnet", name: "sub" }, root);
    const key = resource({ type: "aws:kms/key:Key", name: "k", protect: true, retainOnDelete: true }, root);
    const before = planOfFew([bucket(), cache({ clusterMode: "enabled", port: 1 }), vpc("10.0.0.0/16"), secret, key]);
    const now = planOfFew([
      cache({ clusterMode: "disabled", port: 1 }),
      vpc("10.1.0.0/16"),
      { ...secret, inputs: { a: 2 } },
      subnet,
    ]);
    assert.equal(
      changes(before, now),
      `test: this plan against before.json

!! 2 resources with data, or with the key to it, would be lost
!! protected, so that pulumi preview stops there: 1 of 2

2 deleted, 2 replaced, 1 changed, 1 made, 0 the same

DELETED, AND WITH IT (1)
  aws:s3/bucket:Bucket  main
      a bucket; protected: pulumi preview stops on it

REPLACED BY AN EMPTY ONE (1)
  aws:elasticache/replicationGroup:ReplicationGroup  kv
      a cache; NOT protected
      clusterMode: enabled -> disabled

Replaced (1)
  aws:ec2/vpc:Vpc  net
      cidrBlock: 10.0.0.0/16 -> 10.1.0.0/16

Deleted (1)
  aws:kms/key:Key  k
      stays in the account, outside of the stack
      protected: pulumi preview stops on it

Changed (1)
  aws:secretsmanager/secret:Secret  s
      a: 1 -> 2

Made (1)
  aws:ec2/subnet:Subnet  sub

Values of secrets, and what only a real account could tell, are not compared. A
change that a provider cannot make in place may be a replacement all the same,
and what depends on a replaced one may go with it: pulumi preview says so.
`,
    );
  });

  it("shows a switch of cloud as everything deleted and everything made", () => {
    const same = resource({ type: "kubernetes:core/v1:Namespace", name: "n" }, root);
    const text = changes(planOfFew([same]), planOfFew([same], { settings: settingsOf(localStack) }));
    assert.deepEqual(text.split("\n").slice(0, 8), [
      "test: this plan against before.json",
      "",
      "!! another cloud, aws -> local: nothing moves by itself, all is deleted and made",
      "!! 1 resource with data, or with the key to it, would be lost",
      "   the road that loses nothing: docs/switching-clouds.md",
      "",
      "1 deleted, 0 replaced, 0 changed, 1 made, 0 the same",
      "",
    ]);
  });

  it("says that nothing moves where a provider would look elsewhere", () => {
    const text = changes(planOfFew([provider("eu-west-1")]), planOfFew([provider("eu-central-1")]));
    assert.match(
      text,
      /^!! the provider aws would look elsewhere \(region: eu-west-1 -> eu-central-1\):\n {3}what it has made does not move\n/m,
    );
  });

  it("leaves out what the engine is told to ignore", () => {
    const text = changes(planOfFew([cache({ note: "a" })]), planOfFew([cache({ note: "b" })]));
    assert.match(text, /\nno change\n$/);
  });

  it("finds a renamed resource by its alias", () => {
    const renamed = { ...bucket(), name: "new", urn: bucket().urn.replace(/main$/, "new"), aliases: ["main"] };
    assert.match(changes(planOfFew([bucket()]), planOfFew([renamed])), /\nno change\n$/);
  });

  it("replaces an object of Kubernetes that gets another name, and a random value whose keepers change", () => {
    const claim = (name: string) =>
      resource({ type: "kubernetes:core/v1:PersistentVolumeClaim", name: "c", inputs: { metadata: { name } } }, root);
    const marker = (cloud: string) =>
      resource({ type: "random:index/randomId:RandomId", name: "m", inputs: { keepers: { cloud } } }, root);
    const text = changes(planOfFew([claim("a"), marker("x")]), planOfFew([claim("b"), marker("y")]));
    assert.match(text, /REPLACED BY AN EMPTY ONE \(1\)\n {2}kubernetes:core\/v1:PersistentVolumeClaim {2}c\n/);
    assert.match(text, /Replaced \(1\)\n {2}random:index\/randomId:RandomId {2}m\n/);
  });

  it("shows nothing of a secret, on either side", () => {
    const secret = (value: string) => ({
      ...resource({ type: "aws:ssm/parameter:Parameter", name: "p", inputs: { value } }, root),
      secretInputs: ["value"],
    });
    const text = changes(planOfFew([secret("one")]), planOfFew([secret("two")]));
    assert.match(text, /\nno change\n$/);
  });

  it("cuts long values, and says of which stack another plan is", () => {
    const text = changes(
      { ...planOfFew([bucket({ tag: "a".repeat(90) })]), stack: "other" },
      planOfFew([bucket({ tag: "b" })]),
    );
    assert.match(text, /^test: this plan against before\.json, of the stack other\n/);
    assert.match(text, /tag:\s+a{60}\.\.\. -> b/);
  });

  const refused = (path: string, message: RegExp): void =>
    assert.throws(
      () => readEarlier(path),
      (error: unknown) => {
        assert.ok(error instanceof StackFileError);
        assert.equal(error.exitCode, 1);
        assert.match(error.message, message);
        return true;
      },
    );
  const end = "; write one with: npm run plan -- --json plan\\.json$";

  it("is refused where the file is not there, is no JSON, or holds no plan", () => {
    refused(join(directory, "none.json"), new RegExp(`^--against .*none\\.json: ENOENT.*${end}`));
    refused(file("{"), new RegExp(`^--against .*before\\.json: .*${end}`));
    const noPlan = [null, [], "text", { cloud: "aws", stack: "a" }, { cloud: "moon", stack: "a", resources: [] }];
    for (const value of [...noPlan, { cloud: "aws", stack: "a", resources: [{ urn: "u" }] }]) {
      refused(file(JSON.stringify(value)), new RegExp(`^--against .*before\\.json: it holds no plan${end}`));
    }
  });
});
