import assert from "node:assert/strict";
import type { Plan } from "../../plan/plan.js";
import type { RecordedResource } from "../../plan/record.js";
import { PLANTED, planOfCase } from "./cases.js";
import { faultsIn } from "./checks.js";

describe("the checks of the matrix", () => {
  let plan: Plan;
  before(async () => {
    plan = await planOfCase({ name: "prod", stack: "prod", cloud: "aws", sets: [] });
  });
  const changed = (type: string, change: (resource: RecordedResource) => Partial<RecordedResource>): Plan => {
    const at = plan.resources.findIndex((resource) => resource.type === type);
    const resource = plan.resources[at];
    assert.ok(resource !== undefined, type);
    return { ...plan, resources: plan.resources.with(at, { ...resource, ...change(resource) }) };
  };
  const RDS = "aws:rds/instance:Instance";

  it("find nothing wrong with prod", () => assert.deepEqual(faultsIn(plan), []));

  it("find a name that is too long", () => {
    const name = `agents-${"x".repeat(50)}`;
    assert.deepEqual(faultsIn(changed(RDS, () => ({ name }))), [
      `${RDS} ${name}-0a1b2c3: 65 characters, and 63 is the most`,
    ]);
  });

  it("find a name that the service does not take", () => {
    assert.match(faultsIn(changed(RDS, () => ({ name: "agents--db" }))).join(), /agents--db-0a1b2c3: not like/);
    const sthree = faultsIn(changed("aws:s3/bucket:Bucket", () => ({ name: "sthree-b" })));
    assert.match(sthree.join(), /sthree-b-0a1b2c3: reserved/);
  });

  it("find two of one name, logical or physical", () => {
    const type = "aws:secretsmanager/secret:Secret";
    const [, second] = plan.resources.filter((resource) => resource.type === type);
    assert.deepEqual(faultsIn(changed(type, () => ({ name: second?.name ?? "" }))), [
      `two are called ${type} ${second?.name}`,
    ]);
    const alias = "aws:kms/alias:Alias";
    const [, other] = plan.resources.filter((resource) => resource.type === alias);
    assert.deepEqual(faultsIn(changed(alias, () => ({ inputs: other?.inputs ?? {} }))), [
      `two have the physical name ${alias} ${String(other?.inputs["name"])} in `,
    ]);
  });

  it("find a type of which no rule is known", () => {
    assert.match(
      faultsIn(changed(RDS, () => ({ type: "aws:new/thing:Thing" }))).join(),
      /nothing is known of its names/,
    );
  });

  it("find a secret that can be read", () => {
    const bare = faultsIn(
      changed(RDS, ({ inputs }) => ({ inputs: { ...inputs, password: `${PLANTED}-x` }, secretInputs: [] })),
    );
    assert.match(bare.join(), /a secret can be read in resources\[\d+\]\.inputs\.password/);
    assert.match(bare.join(), /password is not marked as a secret/);
  });

  it("see the secrets that stacks have", () => {
    const texts = plan.resources.flatMap(({ inputs }) => JSON.stringify(inputs));
    assert.ok(texts.some((text) => text.includes(PLANTED)));
  });

  it("find an output that is missing, new or of another kind", () => {
    const { url: _url, ...rest } = plan.outputs;
    assert.deepEqual(faultsIn({ ...plan, outputs: { ...rest, schemaVersion: "1", more: "", kubeconfig: "plain" } }), [
      "outputs.more is new: is it in docs/outputs.md?",
      'outputs.schemaVersion is "1", not a number',
      "outputs.url is missing",
      "outputs.kubeconfig is not secret",
    ]);
  });

  it("find tags that the cloud does not take", () => {
    const tagged = (tags: object) => faultsIn(changed(RDS, ({ inputs }) => ({ inputs: { ...inputs, tags } }))).join();
    assert.match(tagged({ "aws:x": "1" }), /tags aws:x: 1 will not do/);
    assert.match(
      tagged(Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, ""]))),
      /51 in tags, and 50 is the most/,
    );
  });
});
