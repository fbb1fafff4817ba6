import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AwsSecretStore } from "../../../providers/aws/secrets.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { awsProduction, awsStack } from "../../support/settings.js";
import { dataCluster, deployAwsPart } from "../../support/stubs/aws-data.js";
import { tagsOf } from "../../support/tags.js";
import { keepsEntries, putEntry } from "../every-cloud/secrets.js";

const COMPONENT = "agent-platform:aws:SecretStore";
const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const NAME = "agents-development";
const KEY = `arn:aws:kms:eu-west-1:123456789012:key/${NAME}-secrets`;

const storeOf = <T>(use: (store: AwsSecretStore) => T | Promise<T>, said: Tree = awsStack, stubs: Stubs = {}) =>
  deployAwsPart(
    COMPONENT,
    said,
    ({ stack, opts }) => {
      const args = { stack, settings: stack.secretStore, cluster: dataCluster() };
      return use(new AwsSecretStore(NAME, args, opts));
    },
    stubs,
  );
const withEntry = (said: Tree = awsStack, stubs: Stubs = {}) => storeOf(putEntry, said, stubs);

const existing: Tree = { ...awsStack, secretStore: { mode: "existing", id: "alias/theirs" } };

const made: Rows = [
  [COMPONENT, NAME],
  ["agent-platform:aws:Key", `${NAME}-secrets`],
  ["aws:kms/alias:Alias", `${NAME}-secrets`],
  ["aws:kms/key:Key", `${NAME}-secrets`],
];
const entry: Rows = [
  [SECRET, "agents-thing"],
  [VERSION, "agents-thing"],
];

describe("providers/aws/secrets", () => {
  keepsEntries({
    storeOf,
    store: made,
    entry,
    holder: [VERSION, "secretString"],
    beside: [SECRET],
    address: {
      store: "eu-west-1",
      key: "agents-thing-1a2b3c4",
      identity: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:agents-thing-1a2b3c4-AbCdEf",
      label: "agents-thing",
    },
    previewed: awsStack,
  });

  it("makes a key and no entries", async () => {
    const { resources, result } = await storeOf((store) => store);
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual([await valueOf(result.store), await valueOf(result.identity)], ["eu-west-1", KEY]);
  });

  it("encrypts an entry with the store's key", async () => {
    const { inputs } = only((await withEntry()).resources, SECRET);
    assert.deepEqual(inputs, {
      kmsKeyId: KEY,
      recoveryWindowInDays: 0,
      tags: tagsOf("agents-thing"),
    });
  });

  it("leaves the entry's name to chance, so that a deleted one is in nobody's way", async () => {
    const { inputs } = only((await withEntry(awsProduction)).resources, SECRET);
    assert.deepEqual([inputs["name"], inputs["recoveryWindowInDays"]], [undefined, 30]);
  });

  it("names an entry of others by the part of its ARN that is known", async () => {
    const { result } = await storeOf(async (store) => {
      const secret = store.existing("team/db-owner");
      return [await valueOf(secret.store), await valueOf(secret.key), await valueOf(secret.identity), secret.label];
    });
    assert.deepEqual(result, [
      "eu-west-1",
      "team/db-owner",
      "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/db-owner-??????",
      "team/db-owner",
    ]);
  });

  it("takes an ARN as it is", async () => {
    const arn = "arn:aws:secretsmanager:us-east-1:999999999999:secret:theirs-AbCdEf";
    const { result } = await storeOf((store) => valueOf(store.existing(arn).identity));
    assert.equal(result, arn);
  });

  it("asks nobody for the account that the stack names", async () => {
    const said = { ...existing, aws: { account: "210987654321" } };
    const { result, calls } = await storeOf((store) => valueOf(store.existing("x").identity), said);
    assert.equal(result, "arn:aws:secretsmanager:eu-west-1:210987654321:secret:x-??????");
    assert.deepEqual(
      calls.map(({ token }) => token),
      ["aws:kms/getKey:getKey"],
    );
  });

  it("only reads the key of a store that exists, and writes entries with it", async () => {
    const { resources, calls } = await withEntry(existing);
    assert.deepEqual(inventory(resources), sorted([[COMPONENT, NAME], ...entry]));
    assert.deepEqual(calls, [{ token: "aws:kms/getKey:getKey", inputs: { keyId: "alias/theirs" } }]);
    const { inputs } = only(resources, SECRET);
    assert.deepEqual([inputs["kmsKeyId"], inputs["recoveryWindowInDays"]], ["arn of alias/theirs", 7]);
  });

  it("fails where the other stack has no such key", async () => {
    const said: Tree = { ...awsStack, secretStore: { mode: "existing", fromStack: "acme/agent-platform/prod" } };
    await assert.rejects(
      storeOf((store) => store, said, otherStack({})),
      /stack acme\/agent-platform\/prod has no output secretStore\.id: run 'pulumi up' there first/,
    );
  });
});
