import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { AwsKey, type AwsKeyArgs } from "../../../providers/aws/key.js";
import { deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { awsProduction, awsStack, settingsOf } from "../../support/settings.js";
import { awsComputeStubs } from "../../support/stubs/aws-compute.js";
import { tagsOf } from "../../support/tags.js";

const KEY = "aws:kms/key:Key";

const keyOf = (args: Partial<AwsKeyArgs> = {}, stubs: Stubs = {}) =>
  deploy(
    () => {
      const provider = new aws.Provider("aws", { region: "eu-west-1" });
      return new AwsKey(
        "agents-key",
        { stack: settingsOf(awsStack), purpose: "Secrets of a test", ...args },
        { providers: [provider] },
      );
    },
    { ...awsComputeStubs, ...stubs },
  );

const made = [
  ["agent-platform:aws:Key", "agents-key"],
  ["aws:kms/alias:Alias", "agents-key"],
  ["aws:kms/key:Key", "agents-key"],
  ["pulumi:providers:aws", "aws"],
];

const accountStatement = {
  Sid: "AccountDecides",
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::123456789012:root" },
  Action: "kms:*",
  Resource: "*",
};

const policyOf = (inputs: Readonly<Record<string, unknown>>): unknown => JSON.parse(String(inputs["policy"]));

describe("providers/aws/key", () => {
  it("makes a key and an alias", async () => {
    const { resources } = await keyOf();
    assert.deepEqual(inventory(resources), made);
  });

  it("rotates every 90 days", async () => {
    const { inputs } = only((await keyOf()).resources, KEY);
    const { policy: _, ...rest } = inputs;
    assert.deepEqual(rest, {
      description: "Secrets of a test",
      enableKeyRotation: true,
      rotationPeriodInDays: 90,
      deletionWindowInDays: 7,
      tags: tagsOf("agents-key"),
    });
  });

  it("the key's policy lets in the account and nobody else", async () => {
    const { inputs } = only((await keyOf()).resources, KEY);
    assert.deepEqual(policyOf(inputs), { Version: "2012-10-17", Statement: [accountStatement] });
  });

  it("adds the statements that its owner asks for", async () => {
    const statement = {
      Sid: "Logs",
      Effect: "Allow",
      Principal: { Service: "logs.eu-west-1.amazonaws.com" },
      Action: ["kms:Encrypt*", "kms:Decrypt*"],
      Resource: "*",
    } as const;
    const { resources } = await keyOf({ allow: [{ ...statement, Action: [...statement.Action] }] });
    assert.deepEqual(policyOf(only(resources, KEY).inputs), {
      Version: "2012-10-17",
      Statement: [accountStatement, statement],
    });
  });

  it("a key in production is protected and can be brought back for 30 days", async () => {
    const key = only((await keyOf({ stack: settingsOf(awsProduction) })).resources, KEY);
    assert.equal(key.protect, true);
    assert.equal(key.inputs["deletionWindowInDays"], 30);
  });

  it("a key goes with its stack where deletion protection is lifted", async () => {
    const stack = settingsOf({ ...awsProduction, deletionProtection: false });
    const key = only((await keyOf({ stack })).resources, KEY);
    assert.equal(key.protect, false);
    assert.equal(key.inputs["deletionWindowInDays"], 7);
  });

  it("the alias carries the key's name and follows it", async () => {
    const { resources } = await keyOf();
    assert.deepEqual(only(resources, "aws:kms/alias:Alias").inputs, {
      name: "alias/agents-key",
      targetKeyId: "agents-key-id",
    });
  });

  it("says its ARN", async () => {
    const { result } = await keyOf();
    assert.equal(await valueOf(result.arn), "arn:aws:kms:eu-west-1:123456789012:agents-key");
  });

  it("a preview shows the same key", async () => {
    const { resources, result } = await keyOf({}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.equal(await isKnown(result.arn), false);
  });
});
