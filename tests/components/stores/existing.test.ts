import assert from "node:assert/strict";
import { ExistingCache, ExistingDatabase } from "../../../components/stores/existing.js";
import type { Tree } from "../../../config/walk.js";
import type { SecretRef } from "../../../providers/contract.js";
import { deploy, inventory, isKnown, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { ground } from "../../support/inside.js";
import { type Rows, sorted } from "../../support/rows.js";
import { settingsOf } from "../../support/settings.js";

const STACK = "pulumi:pulumi:StackReference";
const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
const around: Rows = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["test:index:Platform", "platform"],
];
const entry = async ({ store, key, identity, label }: SecretRef) => [
  await valueOf(store),
  await valueOf(key),
  await valueOf(identity),
  label,
];

const theirs = otherStack({
  databases: {
    main: {
      host: "theirs.example.com",
      port: 6432,
      name: "theirs",
      readHosts: ["read.example.com"],
      ca: "THEIRS",
      ownerSecret: "their-owner",
      ownerStore: "their-store",
      ownerIdentity: "arn:their-owner",
      identity: "arn:theirs",
    },
  },
  caches: {
    main: {
      host: "10.1.2.3",
      port: 6380,
      authSecret: "their-cache",
      authStore: "their-store",
      authIdentity: "arn:their-cache",
    },
  },
});

describe("an existing database", () => {
  const run = (database: Tree, stubs: Stubs = {}) =>
    deploy(() => {
      const stack = settingsOf({ cloud: "local", database: { mode: "existing", ...database } });
      const { secrets, parent } = ground(stack);
      const settings = stack.databases["main"];
      assert.ok(settings?.mode === "existing");
      return new ExistingDatabase("db", { key: "main", settings, secrets }, { parent });
    }, stubs);
  const said = { host: "db.example.com", ownerSecret: "db-owner" };

  it("makes nothing", async () => {
    const { result, resources } = await run(said);
    assert.deepEqual(inventory(resources), sorted([["agent-platform:stores:ExistingDatabase", "db"], ...around]));
    assert.equal(await valueOf(result.host), "db.example.com");
    assert.equal(await valueOf(result.port), 5432);
    assert.equal(await valueOf(result.name), "agents");
    assert.deepEqual(await valueOf(result.readHosts), ["db.example.com"]);
    assert.equal(result.tls, "system");
    assert.deepEqual(await entry(result.owner), ["agents-development-secrets", "db-owner", "db-owner", "db-owner"]);
    assert.deepEqual(await valueOf(result.cidrs), []);
    assert.equal(await valueOf(result.identity), "");
  });

  it("may have a port, a name and a CA of its own", async () => {
    const { result } = await run({ ...said, host: "10.9.8.7", port: 5433, name: "app", ca: PEM });
    assert.equal(await valueOf(result.port), 5433);
    assert.equal(await valueOf(result.name), "app");
    assert.ok(typeof result.tls === "object");
    assert.equal(await valueOf(result.tls.ca), PEM);
    assert.deepEqual(await valueOf(result.cidrs), ["10.9.8.7/32"]);
  });

  it("is read from the stack that has it", async () => {
    const { result, resources } = await run({ fromStack: "base" }, theirs);
    assert.deepEqual(
      inventory(resources),
      sorted([
        ["agent-platform:stores:ExistingDatabase", "db"],
        [STACK, "db-from-acme-agent-platform-base"],
        ...around,
      ]),
    );
    assert.equal(only(resources, STACK).read, true);
    assert.equal(await valueOf(result.host), "theirs.example.com");
    assert.equal(await valueOf(result.port), 6432);
    assert.equal(await valueOf(result.name), "theirs");
    assert.deepEqual(await valueOf(result.readHosts), ["read.example.com"]);
    assert.ok(typeof result.tls === "object");
    assert.equal(await valueOf(result.tls.ca), "THEIRS");
    assert.deepEqual(await entry(result.owner), ["their-store", "their-owner", "arn:their-owner", "db"]);
    assert.equal(await valueOf(result.identity), "arn:theirs");
  });

  it("what is said goes before what the other stack has", async () => {
    const { result } = await run({ fromStack: "base", ...said, ca: PEM }, theirs);
    assert.equal(await valueOf(result.host), "db.example.com");
    assert.deepEqual(await valueOf(result.readHosts), ["db.example.com"]);
    assert.deepEqual(await entry(result.owner), ["agents-development-secrets", "db-owner", "db-owner", "db-owner"]);
    assert.ok(typeof result.tls === "object");
    assert.equal(await valueOf(result.tls.ca), PEM);
  });

  it("is unknown in a preview that nobody told the other stack's outputs", async () => {
    const { result } = await run({ fromStack: "base" }, { preview: true });
    assert.equal(await isKnown(result.host), false);
  });
});

describe("an existing cache", () => {
  const run = (cache: Tree, stubs: Stubs = {}) =>
    deploy(() => {
      const stack = settingsOf({ cloud: "local", cache: { mode: "existing", ...cache } });
      const { secrets, parent } = ground(stack);
      const settings = stack.caches["main"];
      assert.ok(settings?.mode === "existing");
      return new ExistingCache("cache", { key: "main", settings, secrets }, { parent });
    }, stubs);

  it("makes nothing, and speaks TLS", async () => {
    const { result, resources } = await run({ host: "cache.example.com" });
    assert.deepEqual(inventory(resources), sorted([["agent-platform:stores:ExistingCache", "cache"], ...around]));
    assert.equal(await valueOf(result.host), "cache.example.com");
    assert.equal(await valueOf(result.port), 6379);
    assert.equal(result.tls, "system");
    assert.equal(result.auth, "none");
    assert.equal(result.clusterMode, false);
    assert.deepEqual(await valueOf(result.cidrs), []);
  });

  it("may have a password, a CA of its own and cluster mode", async () => {
    const { result } = await run({ host: "c", ca: PEM, authSecret: "team-cache", clusterMode: true, port: 10000 });
    assert.ok(typeof result.tls === "object" && result.auth !== "none");
    assert.equal(await valueOf(result.tls.ca), PEM);
    assert.deepEqual(await entry(result.auth), [
      "agents-development-secrets",
      "team-cache",
      "team-cache",
      "team-cache",
    ]);
    assert.equal(result.clusterMode, true);
    assert.equal(await valueOf(result.port), 10000);
  });

  it("does without TLS only where the stack says so", async () => {
    assert.equal((await run({ host: "c", tls: false })).result.tls, "off");
  });

  it("is read from the stack that has it", async () => {
    const { result, resources } = await run({ fromStack: "base", tls: false }, theirs);
    assert.equal(only(resources, STACK).read, true);
    assert.equal(await valueOf(result.host), "10.1.2.3");
    assert.deepEqual(await valueOf(result.cidrs), ["10.1.2.3/32"]);
    assert.equal(await valueOf(result.port), 6380);
    assert.ok(result.auth !== "none");
    assert.deepEqual(await entry(result.auth), ["their-store", "their-cache", "arn:their-cache", "cache"]);
  });

  it("of another stack has no password where the stack says so, and asks that stack for none", async () => {
    const passwordless = otherStack({ caches: { main: { host: "10.1.2.3", port: 6380 } } });
    const { result } = await run({ fromStack: "base", auth: false }, passwordless);
    assert.equal(result.auth, "none");
    assert.equal(await valueOf(result.host), "10.1.2.3");
  });

  it("is unknown in a preview that nobody told the other stack's outputs", async () => {
    const { result } = await run({ fromStack: "base" }, { preview: true });
    assert.equal(await isKnown(result.host), false);
  });
});
