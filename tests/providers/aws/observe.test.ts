import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type { Tree } from "../../../config/walk.js";
import { AwsObserve } from "../../../providers/aws/observe.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { unknownToPlugin } from "../../support/fluent-bit.js";
import { awsStack, settingsOf } from "../../support/settings.js";
import { awsComputeStubs } from "../../support/stubs/aws-compute.js";
import { tagsOf } from "../../support/tags.js";

const GROUP = "aws:cloudwatch/logGroup:LogGroup";

const observeOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...awsStack, ...said });
  return deploy(
    () => {
      const provider = new aws.Provider("aws", { region: "eu-west-1" });
      return new AwsObserve("agents-logs", { stack }, { providers: [provider] });
    },
    {
      ...awsComputeStubs,
      outputs: { ...awsComputeStubs.outputs, [GROUP]: () => ({ arn: "arn:aws:logs:group" }) },
      ...stubs,
    },
  );
};

const made = [
  ["agent-platform:aws:Observe", "agents-logs"],
  [GROUP, "agents-logs"],
  ["pulumi:providers:aws", "aws"],
];

const daysOf = async (said: Tree) => only((await observeOf(said)).resources, GROUP).inputs["retentionInDays"];

describe("providers/aws/observe", () => {
  it("makes one log group that forgets what pods said after thirty days", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(inventory(resources), made);
    assert.deepEqual(only(resources, GROUP).inputs, {
      name: "/agent-platform/agents-development/services",
      retentionInDays: 30,
      tags: tagsOf("agents-logs"),
    });
  });

  it("what pods said stays as long as the settings of logs say, whatever the cluster's are", async () => {
    const cluster = { logRetentionDays: 365 };
    assert.equal(await daysOf({ cluster, monitoring: { logs: { retention: 90 } } }), 90);
  });

  it("where nobody watches, the group is there for whatever collects then, with the cluster's days", async () => {
    const monitoring = { mode: "none" };
    assert.equal(await daysOf({ monitoring }), 7);
    assert.equal(await daysOf({ monitoring, cluster: { mode: "existing", id: "theirs" } }), 30);
    const { result } = await observeOf({ monitoring });
    assert.equal(result.logOutput, undefined);
  });

  it("makes none where lines go elsewhere", async () => {
    for (const to of ["openSearch", "none"]) {
      const { resources, result } = await observeOf({ monitoring: { logs: { to } } });
      assert.deepEqual(inventory(resources), [made[0], made[2]]);
      assert.equal(await valueOf(result.logs), "");
      assert.equal(result.logOutput, undefined);
    }
  });

  it("tells Fluent Bit to write to the group, and to make none", async () => {
    const { result } = await observeOf();
    assert.ok(result.logOutput !== undefined);
    const { section, identity, ...rest } = result.logOutput;
    assert.deepEqual(unknownToPlugin("outputs", section), []);
    assert.deepEqual(await valueOf(section), {
      name: "cloudwatch_logs",
      region: "eu-west-1",
      log_group_name: "/agent-platform/agents-development/services",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Fluent Bit's own
      log_stream_name: "${POD_NAME}",
      auto_create_group: "off",
    });
    assert.equal(await valueOf(identity), "arn:aws:logs:group");
    assert.deepEqual(rest, { tokens: undefined, collected: { namespaces: [], events: false } });
  });

  it("says the group's name", async () => {
    const { result } = await observeOf();
    assert.equal(await valueOf(result.logs), "/agent-platform/agents-development/services");
  });

  it("a preview shows the same log group", async () => {
    const { resources } = await observeOf({}, { preview: true });
    assert.deepEqual(inventory(resources), made);
  });
});
