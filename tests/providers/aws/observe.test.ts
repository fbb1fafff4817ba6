import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import type { Tree } from "../../../config/walk.js";
import { AwsObserve } from "../../../providers/aws/observe.js";
import { deploy, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
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
    { ...awsComputeStubs, ...stubs },
  );
};

const made = [
  ["agent-platform:aws:Observe", "agents-logs"],
  [GROUP, "agents-logs"],
  ["pulumi:providers:aws", "aws"],
];

describe("providers/aws/observe", () => {
  it("makes one log group that forgets when the cluster's does", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(inventory(resources), made);
    assert.deepEqual(only(resources, GROUP).inputs, {
      name: "/agent-platform/agents-development/services",
      retentionInDays: 7,
      tags: tagsOf("agents-logs"),
    });
  });

  it("logs stay as long as the cluster's settings say", async () => {
    const { resources } = await observeOf({ cluster: { logRetentionDays: 365 } });
    assert.equal(only(resources, GROUP).inputs["retentionInDays"], 365);
  });

  it("logs of a cluster that exists stay for 30 days", async () => {
    const { resources } = await observeOf({ cluster: { mode: "existing", id: "theirs" } });
    assert.equal(only(resources, GROUP).inputs["retentionInDays"], 30);
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
