import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureRegistry } from "../../../providers/azure/registry.js";
import { inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureProduction, azureStack } from "../../support/settings.js";
import { dataCluster, dataNetwork, deployAzurePart, GROUP, SUBSCRIPTION } from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Registry";
const REGISTRY = "azure-native:containerregistry:Registry";
const ROLE = "azure-native:authorization:RoleAssignment";
const NAME = "agents-development";

const production = { ...azureProduction, services: { api: {} } } as const;

const registryOf = (said: Tree = azureStack, services: readonly string[] = ["api", "worker"], stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const settings = stack.registry;
      const args = { settings, services, network: dataNetwork(), cluster: dataCluster(), stack, ground };
      return new AzureRegistry(NAME, args, opts);
    },
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  [REGISTRY, NAME],
  [ROLE, `${NAME}-pull`],
  ["random:index/randomUuid:RandomUuid", `${NAME}-pull`],
];
const endpoint: Rows = [
  ["azure-native:network:PrivateEndpoint", `${NAME}-images`],
  ["azure-native:network:PrivateDnsZoneGroup", `${NAME}-images`],
];

describe("providers/azure/registry", () => {
  it("makes one registry for all services", async () => {
    assert.deepEqual(inventory((await registryOf()).resources), sorted(made));
  });

  it("makes a development registry that nobody opens without a role", async () => {
    const { inputs, protect } = only((await registryOf()).resources, REGISTRY);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      adminUserEnabled: false,
      anonymousPullEnabled: false,
      location: "northeurope",
      networkRuleBypassOptions: "AzureServices",
      publicNetworkAccess: "Enabled",
      registryName: "agentsdevelopmentx7k2p9",
      resourceGroupName: GROUP,
      sku: { name: "Basic" },
      tags: tagsOf(NAME),
      zoneRedundancy: "Disabled",
    });
  });

  it("makes a production registry in several zones, reached from inside, without what nobody names", async () => {
    const { resources } = await registryOf(production);
    assert.deepEqual(inventory(resources), sorted([...made, ...endpoint]));
    const { inputs, protect } = only(resources, REGISTRY);
    const { adminUserEnabled, anonymousPullEnabled, policies, sku, zoneRedundancy } = inputs;
    assert.equal(protect, true);
    assert.deepEqual(
      { adminUserEnabled, anonymousPullEnabled, sku, zoneRedundancy },
      { adminUserEnabled: false, anonymousPullEnabled: false, sku: { name: "Premium" }, zoneRedundancy: "Enabled" },
    );
    const { retentionPolicy } = policies as { retentionPolicy: object };
    assert.deepEqual(retentionPolicy, { days: 7, status: "enabled" });
  });

  it("lets the cluster's nodes pull, and no more", async () => {
    assert.deepEqual(only((await registryOf()).resources, ROLE).inputs, {
      principalId: "kubelet",
      principalType: "ServicePrincipal",
      roleAssignmentName: `uuid of ${NAME}-pull`,
      roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d`,
      scope: `${NAME}-id`,
    });
  });

  it("says where each service's images are", async () => {
    const { result } = await registryOf();
    assert.equal(await valueOf(result.url), "agentsdevelopmentx7k2p9.azurecr.io");
    assert.equal(await valueOf(result.repository("worker")), "agentsdevelopmentx7k2p9.azurecr.io/worker");
    assert.throws(
      () => result.repository("other"),
      new Error("azure: the registry was made without a repository for other"),
    );
  });

  it("makes nothing for a stack without services", async () => {
    const { resources, result } = await registryOf(azureStack, []);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.equal(await valueOf(result.url), "");
  });

  it("takes a registry that exists", async () => {
    const { resources, result } = await registryOf({
      ...azureStack,
      registry: { mode: "existing", url: "registry.example.com/team" },
    });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.repository("api"))],
      ["registry.example.com/team", "registry.example.com/team/api"],
    );
  });

  it("has no address where there is none", async () => {
    const { resources, result } = await registryOf({ ...azureStack, registry: { mode: "none" } });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual([await valueOf(result.url), await valueOf(result.repository("api"))], ["", "api"]);
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await registryOf(production, ["api"], { preview: true });
    assert.deepEqual(inventory(resources), sorted([...made, ...endpoint]));
  });
});
