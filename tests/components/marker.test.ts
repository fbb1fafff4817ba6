import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { createMarker } from "../../components/marker.js";
import type { Tree } from "../../config/walk.js";
import { deploy, only } from "../support/deploy.js";
import { awsProduction, awsStack, localStack, settingsOf } from "../support/settings.js";

const ID = "random:index/randomId:RandomId";
const mark = async (said: Tree, preview = false) => {
  const { resources } = await deploy(
    () => {
      const parent = new pulumi.ComponentResource(
        "test:index:Platform",
        "p",
        {},
        { providers: [new random.Provider("r")] },
      );
      createMarker(settingsOf(said), parent);
    },
    { preview },
  );
  return only(resources, ID);
};

describe("the marker", () => {
  it("is made anew by another cloud or another name, and by nothing else", async () => {
    const { inputs } = await mark({ ...awsStack, name: "mine" });
    assert.deepEqual(inputs, { byteLength: 4, keepers: { cloud: "aws", name: "mine" } });
    assert.deepEqual((await mark(localStack)).inputs["keepers"], { cloud: "local", name: "agents" });
    const other = await mark({ ...awsStack, name: "mine", region: "us-east-1", size: "large", tags: { owner: "x" } });
    assert.deepEqual(other.inputs, inputs);
  });

  it("has a name that says what to do when it stops a preview", async () => {
    assert.equal((await mark(awsStack)).name, "this-stack-keeps-its-cloud-and-name--make-a-second-stack-to-move");
  });

  it("is protected where data is", async () => {
    assert.equal((await mark(awsProduction)).protect, true);
    assert.equal((await mark(awsStack)).protect, false);
    assert.equal((await mark({ ...awsStack, deletionProtection: true })).protect, true);
    assert.equal((await mark({ ...awsProduction, deletionProtection: false })).protect, false);
  });

  it("is the same in a preview", async () => {
    const [known, unknown] = [await mark(awsProduction), await mark(awsProduction, true)];
    assert.deepEqual(unknown, known);
  });
});
