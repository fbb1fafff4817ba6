import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureGround, subscriptionOf } from "../../../providers/azure/ground.js";
import { all, deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";

const NAME = "agents-development";
const GROUP = "azure-native:resources:ResourceGroup";
const ZONE = "azure-native:privatedns:PrivateZone";

const groundOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...azureStack, ...said });
  return deploy(() => new AzureGround(NAME, { stack }, { providers: azureComputeProviders() }), {
    ...azureComputeStubs,
    ...stubs,
  });
};

const made = [
  ["agent-platform:azure:Ground", NAME],
  [ZONE, `${NAME}-bucket`],
  [ZONE, `${NAME}-cache`],
  [ZONE, `${NAME}-secret-store`],
  [GROUP, NAME],
  ["pulumi:providers:azure-native", "azure"],
  ["pulumi:providers:random", "random"],
  ["pulumi:providers:time", "time"],
  ["random:index/randomString:RandomString", `${NAME}-suffix`],
];
const domains = (resources: Awaited<ReturnType<typeof groundOf>>["resources"]) =>
  all(resources, ZONE)
    .map(({ inputs }) => inputs["privateZoneName"])
    .sort();

describe("providers/azure/ground", () => {
  it("makes a resource group, a suffix and the private domains of what the stack has", async () => {
    const { resources } = await groundOf();
    assert.deepEqual(inventory(resources), made);
    assert.deepEqual(only(resources, GROUP).inputs, { location: "northeurope", tags: tagsOf(NAME) });
    assert.deepEqual(only(resources, ZONE, `${NAME}-cache`).inputs, {
      resourceGroupName: `${NAME}1a2b3c4d`,
      privateZoneName: "privatelink.redis.azure.net",
      location: "Global",
      tags: tagsOf(`${NAME}-cache`),
    });
  });

  it("makes no private domain that nothing needs", async () => {
    const existing = {
      mode: "existing",
      id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v",
    };
    const { resources } = await groundOf({ secretStore: existing, caches: {}, buckets: {}, databases: {} });
    assert.deepEqual(domains(resources), []);
  });

  it("a registry is reached from inside where the stack is careful", async () => {
    const said = {
      environment: "production",
      monitoring: { mode: "none" },
      cluster: { access: { private: true } },
      services: { api: {} },
    };
    assert.deepEqual(domains((await groundOf(said)).resources), [
      "privatelink.azurecr.io",
      "privatelink.blob.core.windows.net",
      "privatelink.redis.azure.net",
      "privatelink.vaultcore.azure.net",
    ]);
    assert.equal(
      domains((await groundOf({ services: { api: {} } })).resources).includes("privatelink.azurecr.io"),
      false,
    );
  });

  it("the resource group, with everything in it, is protected where data is", async () => {
    assert.equal(only((await groundOf()).resources, GROUP).protect, false);
    assert.equal(only((await groundOf({ deletionProtection: true })).resources, GROUP).protect, true);
  });

  it("the suffix is of six lower-case letters and digits", async () => {
    const { resources, result } = await groundOf();
    assert.deepEqual(only(resources, "random:index/randomString:RandomString").inputs, {
      length: 6,
      special: false,
      upper: false,
    });
    assert.equal(await valueOf(result.suffix), "x7k2p9");
  });

  it("says where everything goes and who makes it", async () => {
    const { result } = await groundOf();
    const { resourceGroup, location, subscription, tenant, deployer } = result;
    assert.deepEqual(
      [location, ...(await Promise.all([resourceGroup, subscription, tenant, deployer].map(valueOf)))],
      ["northeurope", `${NAME}1a2b3c4d`, azureStack.azure.subscription, "tenant", "deployer"],
    );
    assert.equal(await valueOf(result.zone("cache").name), "privatelink.redis.azure.net");
  });

  it("refuses a private domain that the stack has no part for", async () => {
    const { result } = await groundOf();
    assert.throws(() => result.zone("registry"), new Error("azure: this stack has no private domain for a registry"));
  });

  it("a stack without a subscription is told which setting it lacks", () => {
    const { azure, ...stack } = settingsOf(azureStack);
    const { subscription: _, ...rest } = azure;
    assert.throws(
      () => subscriptionOf({ ...stack, azure: rest }),
      new Error("azure: no subscription: set azure.subscription"),
    );
  });

  it("a preview shows the same resources", async () => {
    const { resources, result } = await groundOf({}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.equal(await isKnown(result.resourceGroup), false);
    assert.equal(await isKnown(result.subscription), true);
  });
});
