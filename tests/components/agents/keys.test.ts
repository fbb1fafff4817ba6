import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import { bootstrapKeyOf, createAgentKeys } from "../../../components/agents/keys.js";
import type { Tree } from "../../../config/walk.js";
import { parseApiKey } from "../../../service/src/auth/api-key.js";
import { parseKeyRing } from "../../../service/src/auth/key-ring.js";
import { all, deploy, inventory, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { ground } from "../../support/inside.js";
import { sorted } from "../../support/rows.js";
import { localStack, settingsOf } from "../../support/settings.js";

const KEYS = "agent-platform:agents:AgentKeys";
const BYTES = "random:index/randomBytes:RandomBytes";
const PASSWORD = "random:index/randomPassword:RandomPassword";
const SECRET = "kubernetes:core/v1:Secret";

const chance: Stubs = {
  outputs: {
    // A key of 32 bytes, another one for each number.
    [BYTES]: ({ name }) => ({ base64: Buffer.alloc(32, name.at(-1)).toString("base64") }),
    [PASSWORD]: ({ inputs }) => ({ result: "x".repeat(Number(inputs["length"])) }),
  },
};

function keys(services: Tree, more: Tree = {}, stubs: Stubs = chance) {
  const stack = settingsOf({ ...localStack, ...more, services });
  return deploy(() => {
    const { secrets: secretStore, parent } = ground(stack);
    const made = createAgentKeys(stack.prefix, { stack, secretStore }, parent);
    return { made, bootstrap: bootstrapKeyOf(made) };
  }, stubs);
}
const values = (recording: Awaited<ReturnType<typeof keys>>, name: string) =>
  (only(recording.resources, SECRET, name).inputs["stringData"] as { readonly value: string }).value;
const entryOf = (key: pulumi.Input<string> | undefined) => (key === undefined ? undefined : valueOf(key));

describe("the keys of an agent service", () => {
  it("are a ring of one and a first admin key, each an entry of the secret store", async () => {
    const { resources, result } = await keys({ api: { agents: {}, uses: ["database"] }, shop: { image: "a:1" } });
    const mine = resources.filter(({ urn }) => urn.includes(KEYS));
    assert.deepEqual(
      inventory(mine),
      sorted([
        [KEYS, "agents-development-api-keys"],
        [BYTES, "agents-development-api-keys-encryption-1"],
        [PASSWORD, "agents-development-api-keys-bootstrap"],
        [SECRET, "agents-development-api-keys-bootstrap"],
        [SECRET, "agents-development-api-keys-encryption"],
      ]),
    );
    assert.deepEqual(Object.keys(result.made), ["api"]);
    const { ENCRYPTION_KEYS, BOOTSTRAP_API_KEY, ...others } = result.made["api"] ?? {};
    assert.deepEqual(others, {});
    assert.equal(await entryOf(ENCRYPTION_KEYS?.key), "agents-development-api-keys-encryption");
    assert.equal(await entryOf(BOOTSTRAP_API_KEY?.key), "agents-development-api-keys-bootstrap");
  });

  it("are made once and for all: nothing in their inputs could change them", async () => {
    const { resources } = await keys({ api: { agents: {} } });
    assert.deepEqual(only(resources, BYTES).inputs, { length: 32 });
    assert.deepEqual(only(resources, PASSWORD).inputs, { length: 40, special: false });
  });

  it("are what the service takes", async () => {
    const recording = await keys({ api: { agents: { encryptionKeys: 2 } } });
    const ring = parseKeyRing(values(recording, "agents-development-api-keys-encryption"));
    assert.ok(typeof ring !== "string", String(ring));
    assert.deepEqual([...ring.keys()], [2, 1]);
    assert.deepEqual(ring.get(1), Buffer.alloc(32, "1"));
    const { env, id } = parseApiKey(values(recording, "agents-development-api-keys-bootstrap")) ?? {};
    assert.deepEqual([env, id], ["development", "bootstrap"]);
  });

  it("get a newer one beside those that were there, whose names stay", async () => {
    const names = async (encryptionKeys: number) =>
      all((await keys({ api: { agents: { encryptionKeys } } })).resources, BYTES).map(({ name }) => name);
    assert.deepEqual(await names(1), ["agents-development-api-keys-encryption-1"]);
    assert.deepEqual(await names(3), [
      "agents-development-api-keys-encryption-1",
      "agents-development-api-keys-encryption-2",
      "agents-development-api-keys-encryption-3",
    ]);
  });

  it("are secret in every input that they are in, and where they are is not", async () => {
    const { resources, result } = await keys({ api: { agents: {} } });
    for (const entry of all(resources, SECRET)) assert.deepEqual(entry.secretInputs, ["stringData"]);
    for (const { key } of Object.values(result.made["api"] ?? {})) assert.equal(await isSecret(key), false);
  });

  it("are protected where data is: what they encrypted is lost with them", async () => {
    const monitoring = { mode: "none" };
    const protectedOnes = async (more: Tree) =>
      (await keys({ api: { agents: {}, uses: ["database"] } }, more)).resources
        .filter(({ protect }) => protect)
        .map(({ name }) => name);
    assert.deepEqual(await protectedOnes({ environment: "production", monitoring }), [
      "agents-production-api-keys-encryption-1",
    ]);
    assert.deepEqual(await protectedOnes({}), []);
    assert.deepEqual(await protectedOnes({ environment: "production", monitoring, deletionProtection: false }), []);
  });

  it("are the stack's own where the service names them among its secrets", async () => {
    const { resources, result } = await keys({
      api: { agents: {}, secrets: ["ENCRYPTION_KEYS", "BOOTSTRAP_API_KEY"] },
    });
    assert.deepEqual([...all(resources, BYTES), ...all(resources, PASSWORD), ...all(resources, SECRET)], []);
    assert.deepEqual(result.made, { api: {} });
  });

  it("are a ring alone once nobody needs the first admin key any more", async () => {
    const { resources, result } = await keys({ api: { agents: { bootstrapKey: false } } });
    assert.deepEqual(all(resources, PASSWORD), []);
    assert.deepEqual(Object.keys(result.made["api"] ?? {}), ["ENCRYPTION_KEYS"]);
    assert.deepEqual(await Promise.all([valueOf(result.bootstrap.store), valueOf(result.bootstrap.key)]), ["", ""]);
  });

  it("are the same for all deployments of one image", async () => {
    const { resources, result } = await keys({
      gateway: { agents: { role: "gateway", of: "api" } },
      api: { agents: {} },
    });
    assert.equal(all(resources, KEYS).length, 1);
    assert.equal(result.made["gateway"], result.made["api"]);
  });

  it("lead to the first admin key of the first service that has one", async () => {
    const services = { quiet: { agents: { bootstrapKey: false } }, api: { agents: {} }, later: { agents: {} } };
    const { bootstrap } = (await keys(services)).result;
    assert.equal(await valueOf(bootstrap.key), "agents-development-api-keys-bootstrap");
    assert.equal(await valueOf(bootstrap.store), "agents-development-secrets");
    assert.equal(await isSecret(bootstrap.key), false);
  });

  it("are all shown in a preview, which knows none of them", async () => {
    const services = { api: { agents: { encryptionKeys: 2 } } };
    const preview = await keys(services, {}, { preview: true });
    assert.deepEqual(inventory(preview.resources), inventory((await keys(services)).resources));
  });
});
