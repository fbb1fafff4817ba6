import assert from "node:assert/strict";
import { Bucket } from "@pulumi/gcp/storage/bucket.js";
import type { Tree } from "../../../config/walk.js";
import { GcpGround } from "../../../providers/gcp/ground.js";
import { GcpKey, type GcpKeyArgs } from "../../../providers/gcp/key.js";
import { tagsFor } from "../../../providers/gcp/tags.js";
import { deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { gcpStack, settingsOf } from "../../support/settings.js";
import { gcpCareful, gcpComputeProviders, gcpComputeStubs } from "../../support/stubs/gcp-compute.js";
import { labelsOf } from "../../support/tags.js";

const KEY = "gcp:kms/cryptoKey:CryptoKey";
const GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember";

const keyOf = (said: Tree = {}, args: Partial<GcpKeyArgs> = {}, stubs: Stubs = {}) =>
  deploy(
    () => {
      const stack = settingsOf({ ...gcpStack, ...said });
      const providers = gcpComputeProviders();
      const ground = new GcpGround("agents", { stack }, { providers });
      return new GcpKey(
        "agents-key",
        { stack, ground, purpose: "Secrets of a test", agent: "sqladmin", ...args },
        { providers },
      );
    },
    { ...gcpComputeStubs, ...stubs },
  );

const made: [type: string, name: string][] = [
  ["agent-platform:gcp:Ground", "agents"],
  ["agent-platform:gcp:Key", "agents-key"],
  [KEY, "agents-key"],
  [GRANT, "agents-key-agent"],
  ["gcp:kms/keyRing:KeyRing", "agents-keys"],
  ["gcp:projects/service:Service", "agents-cloudkms"],
  ["gcp:projects/service:Service", "agents-cloudresourcemanager"],
  ["gcp:projects/service:Service", "agents-sqladmin"],
  ["gcp:projects/serviceIdentity:ServiceIdentity", "agents-sqladmin-agent"],
  ["pulumi:providers:gcp", "gcp"],
  ["pulumi:providers:random", "random"],
  ["pulumi:providers:time", "time"],
  ["time:index/sleep:Sleep", "agents-cloudkms"],
  ["time:index/sleep:Sleep", "agents-cloudresourcemanager"],
  ["time:index/sleep:Sleep", "agents-sqladmin"],
];

describe("providers/gcp/key", () => {
  it("makes a key on the stack's ring and lets in one service", async () => {
    const { resources } = await keyOf();
    assert.deepEqual(inventory(resources), made);
  });

  it("rotates every 90 days, and what it encrypts can be brought back for 30", async () => {
    const key = only((await keyOf()).resources, KEY);
    assert.deepEqual(key.inputs, {
      keyRing: "agents-keys-id",
      rotationPeriod: "7776000s",
      destroyScheduledDuration: "2592000s",
      labels: { ...labelsOf("agents-key"), purpose: "secrets-of-a-test" },
    });
  });

  it("only the service's own account may use the key", async () => {
    const { resources } = await keyOf();
    assert.deepEqual(only(resources, GRANT).inputs, {
      cryptoKeyId: "agents-key-id",
      role: "roles/cloudkms.cryptoKeyEncrypterDecrypter",
      member: "serviceAccount:service-123456789012@sqladmin.googleapis.com",
    });
  });

  it("whoever encrypts with the key waits until its service may use it", async () => {
    const { resources } = await deploy(() => {
      const stack = settingsOf(gcpStack);
      const providers = gcpComputeProviders();
      const ground = new GcpGround("agents", { stack }, { providers });
      const key = new GcpKey("agents-key", { stack, ground, purpose: "Test", agent: "storage" }, { providers });
      const encryption = { defaultKmsKeyName: key.id };
      return new Bucket("user", { location: "europe-west1", encryption }, { parent: key });
    }, gcpComputeStubs);
    const user = only(resources, "gcp:storage/bucket:Bucket");
    assert.ok(user.dependsOn.includes(only(resources, GRANT).urn));
    assert.deepEqual(user.inputs["encryption"], { defaultKmsKeyName: "agents-key-id" });
  });

  it("a key in production is protected", async () => {
    assert.equal(only((await keyOf(gcpCareful)).resources, KEY).protect, true);
    assert.equal(only((await keyOf({ ...gcpCareful, deletionProtection: false })).resources, KEY).protect, false);
  });

  it("lifting the protection does not replace a key", async () => {
    const locked = only((await keyOf(gcpCareful)).resources, KEY);
    const lifted = only((await keyOf({ ...gcpCareful, deletionProtection: false })).resources, KEY);
    assert.deepEqual(locked.inputs, lifted.inputs);
  });

  it("a key that outlives its stack keeps the permission to use it", async () => {
    const kept = (await keyOf({}, { outlives: true })).resources;
    assert.deepEqual([only(kept, KEY).retainOnDelete, only(kept, GRANT).retainOnDelete], [true, true]);
    const gone = (await keyOf()).resources;
    assert.deepEqual([only(gone, KEY).retainOnDelete, only(gone, GRANT).retainOnDelete], [false, false]);
  });

  it("says its id", async () => {
    assert.equal(await valueOf((await keyOf()).result.id), "agents-key-id");
  });

  it("a preview shows the same key", async () => {
    const { resources, result } = await keyOf({}, {}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.equal(await isKnown(result.id), false);
  });
});

describe("providers/gcp/tags", () => {
  it("tags become labels that Google Cloud takes", () => {
    const stack = settingsOf({ ...gcpStack, tags: { Owner: "Ana Müller", cost_centre: "A:1/2" } });
    assert.deepEqual(tagsFor(stack, "Agents.Main"), {
      owner: "ana-m-ller",
      cost_centre: "a-1-2",
      name: "agents-main",
      platform: "agents",
      environment: "development",
      "managed-by": "pulumi",
    });
  });

  it("a label is at most 63 characters long", () => {
    assert.equal(tagsFor(settingsOf(gcpStack), "a".repeat(80))["name"], "a".repeat(63));
  });

  it("the platform's own labels win over a stack's", () => {
    assert.equal(tagsFor(settingsOf({ ...gcpStack, tags: { Platform: "mine" } }), "x")["platform"], "agents");
  });
});
