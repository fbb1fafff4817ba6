import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import type { GcpSecretStore } from "../../../providers/gcp/secrets.js";
import { inventory, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { dataStore, deployGcpPart, keyRows } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";
import { keepsEntries, putEntry } from "../every-cloud/secrets.js";

const COMPONENT = "agent-platform:gcp:SecretStore";
const SECRET = "gcp:secretmanager/secret:Secret";
const VERSION = "gcp:secretmanager/secretVersion:SecretVersion";
const PROJECT = "gcp:organizations/getProject:getProject";
const NAME = "agents";

const storeOf = <T>(use: (store: GcpSecretStore) => T | Promise<T>, said: Tree = gcpStack, stubs: Stubs = {}) =>
  deployGcpPart(COMPONENT, said, ({ stack, ground, opts }) => use(dataStore(stack, ground, opts)), stubs);
const withEntry = (said: Tree = gcpStack, stubs: Stubs = {}) => storeOf(putEntry, said, stubs);

const existing: Tree = { ...gcpStack, secretStore: { mode: "existing", id: "acme-secrets" } };

const made: Rows = [[COMPONENT, NAME], ...keyRows(`${NAME}-secrets`)];
const entry: Rows = [
  [SECRET, "agents-thing"],
  [VERSION, "agents-thing"],
];

describe("providers/gcp/secrets", () => {
  keepsEntries({
    storeOf,
    store: made,
    entry,
    holder: [VERSION, "secretData"],
    beside: [SECRET],
    address: {
      store: "acme-agents",
      key: "agents-thing-1a2b3c4",
      identity: "agents-thing-id",
      label: "agents-thing",
    },
    previewed: gcpStack,
  });

  it("makes a key and no entries", async () => {
    const { resources, result } = await storeOf((store) => store);
    assert.deepEqual(inventory(resources), sorted(made));
    assert.deepEqual([await valueOf(result.store), await valueOf(result.identity)], ["acme-agents", "acme-agents"]);
  });

  it("encrypts an entry with the store's key, in the stack's region", async () => {
    const { resources } = await withEntry();
    const secret = only(resources, SECRET);
    assert.deepEqual(secret.inputs, {
      labels: labelsOf("agents-thing"),
      project: "acme-agents",
      replication: {
        userManaged: {
          replicas: [{ location: "europe-west1", customerManagedEncryption: { kmsKeyName: `${NAME}-secrets-id` } }],
        },
      },
    });
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    assert.equal(grant.inputs["member"], "serviceAccount:agent of secretmanager.googleapis.com");
    assert(secret.propertyDependencies["replication"]?.includes(grant.urn));
  });

  it("leaves the entry's name to chance, so that a second stack is not refused", async () => {
    const { inputs } = only((await withEntry(gcpProduction)).resources, SECRET);
    assert.equal(inputs["secretId"], undefined);
  });

  it("lets a replaced value be brought back for as long as the stack says", async () => {
    const ttl = async (said: Tree) => only((await withEntry(said)).resources, SECRET).inputs["versionDestroyTtl"];
    assert.deepEqual(
      [await ttl(gcpProduction), await ttl({ ...gcpStack, secretStore: { recoveryDays: 7 } }), await ttl(gcpStack)],
      ["2592000s", "604800s", undefined],
    );
  });

  it("names an entry of others in the store's project", async () => {
    const { result } = await storeOf(async (store) => {
      const secret = store.existing("team-db-owner");
      return [await valueOf(secret.store), await valueOf(secret.key), await valueOf(secret.identity), secret.label];
    });
    assert.deepEqual(result, [
      "acme-agents",
      "team-db-owner",
      "projects/acme-agents/secrets/team-db-owner",
      "team-db-owner",
    ]);
  });

  it("takes a whole name as it is", async () => {
    const whole = "projects/acme-secrets/secrets/theirs";
    const { result } = await storeOf((store) => valueOf(store.existing(whole).identity));
    assert.equal(result, whole);
  });

  it("only reads the project of a store that exists, and writes entries there with Google's key", async () => {
    const { resources, calls } = await withEntry(existing);
    assert.deepEqual(inventory(resources), sorted([[COMPONENT, NAME], ...entry]));
    assert(calls.some(({ token, inputs }) => token === PROJECT && inputs["projectId"] === "acme-secrets"));
    assert.deepEqual(only(resources, SECRET).inputs, {
      labels: labelsOf("agents-thing"),
      project: "acme-secrets",
      replication: { userManaged: { replicas: [{ location: "europe-west1" }] } },
      versionDestroyTtl: "604800s",
    });
  });

  it("fails where the other stack has no such store", async () => {
    const said: Tree = { ...gcpStack, secretStore: { mode: "existing", fromStack: "acme/agent-platform/prod" } };
    await assert.rejects(
      storeOf((store) => store, said, otherStack({})),
      /stack acme\/agent-platform\/prod has no output secretStore\.id: run 'pulumi up' there first/,
    );
  });
});
