import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { AzureGround } from "../../../providers/azure/ground.js";
import { type AssignArgs, assign } from "../../../providers/azure/roles.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";

const ROLE = "azure-native:authorization:RoleAssignment";
const GUID = "random:index/randomUuid:RandomUuid";
const SUBSCRIPTION = azureStack.azure.subscription;

class Holder extends pulumi.ComponentResource {}

const assigned = (args: Partial<AssignArgs> = {}, more: pulumi.CustomResourceOptions = {}, preview = false) => {
  const stack = settingsOf(azureStack);
  return deploy(
    () => {
      const holder = new Holder("test:Holder", "holder", {}, { providers: azureComputeProviders() });
      const ground = new AzureGround("agents", { stack }, { parent: holder });
      return assign(
        "pull",
        { ground, role: "AcrPull", scope: "the-registry", principal: "nodes", ...args },
        { parent: holder, ...more },
      );
    },
    { ...azureComputeStubs, preview },
  );
};

describe("providers/azure/roles", () => {
  it("gives one role on one thing, to an identity that Entra need not know yet", async () => {
    const { resources } = await assigned();
    assert.deepEqual(only(resources, ROLE).inputs, {
      roleAssignmentName: "guid of pull",
      roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/7f951dda-4ed3-4680-a7ca-43fe172d538d`,
      scope: "the-registry",
      principalId: "nodes",
      principalType: "ServicePrincipal",
    });
  });

  it("another principal, role or scope is another assignment with another name", async () => {
    const { resources } = await assigned();
    assert.deepEqual(only(resources, GUID).inputs, {
      keepers: { role: "AcrPull", scope: "the-registry", principal: "nodes" },
    });
  });

  it("a principal that was there before may be a person, a group or an application", async () => {
    const { resources } = await assigned({ who: "anybody" });
    assert.equal("principalType" in only(resources, ROLE).inputs, false);
  });

  it("an assignment that keeps its first principal keeps its name too", async () => {
    const { resources } = await assigned({}, { ignoreChanges: ["principalId"] });
    assert.deepEqual(only(resources, ROLE).ignoreChanges, ["principalId"]);
    assert.deepEqual(only(resources, GUID).ignoreChanges, ["keepers.principal"]);
  });

  it("a preview shows the same assignment", async () => {
    const names = ({ resources }: Awaited<ReturnType<typeof assigned>>) => inventory(resources);
    assert.deepEqual(names(await assigned({}, {}, true)), names(await assigned()));
  });
});
