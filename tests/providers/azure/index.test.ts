import assert from "node:assert/strict";
import { ResourceGroup } from "@pulumi/azure-native/resources/resourceGroup.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { openAzure } from "../../../providers/azure/index.js";
import type { Dns } from "../../../providers/contract.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeStubs } from "../../support/stubs/azure-compute.js";

const stack = settingsOf({ ...azureStack, databases: {}, caches: {}, buckets: {} });

describe("providers/azure/index", () => {
  it("opening makes its providers and nothing else, bound to the one subscription", async () => {
    const { resources } = await deploy(() => void openAzure(stack), azureComputeStubs);
    assert.deepEqual(inventory(resources), [
      ["pulumi:providers:azure-native", "azure"],
      ["pulumi:providers:time", "time"],
    ]);
    assert.deepEqual(only(resources, "pulumi:providers:azure-native").inputs, {
      subscriptionId: azureStack.azure.subscription,
      location: "northeurope",
      // What the SDK says by itself.
      environment: "public",
    });
  });

  it("entering makes the ground, once", async () => {
    const { resources, result } = await deploy(() => {
      const opened = openAzure(stack);
      return opened.enter("platform", { providers: [new random.Provider("random"), ...opened.providers] });
    }, azureComputeStubs);
    assert.equal(only(resources, "agent-platform:azure:Ground").name, "platform");
    assert.equal(result.name, "azure");
  });

  it("no resource carries the names of its type in other versions of the API, but those that we give it", async () => {
    const { resources } = await deploy(() => {
      const { providers, transformations = [] } = openAzure(stack);
      const parent = new pulumi.ComponentResource(
        "test:index:Parent",
        "parent",
        {},
        { providers: [...providers], transformations },
      );
      new ResourceGroup("plain", {}, { parent });
      new ResourceGroup("renamed", {}, { parent, aliases: [{ name: "before" }] });
    }, azureComputeStubs);
    const aliasesOf = (name: string) => only(resources, "azure-native:resources:ResourceGroup", name).aliases;
    assert.deepEqual(aliasesOf("plain"), []);
    assert.deepEqual(aliasesOf("renamed"), ["before"]);
  });

  it("refuses what is put in front of a gateway", async () => {
    const { result } = await deploy(() => {
      const opened = openAzure(stack);
      return opened.enter("platform", { providers: [new random.Provider("random"), ...opened.providers] });
    }, azureComputeStubs);
    // A refusal comes before anything is asked of what it is given.
    const dns = {} as Dns;
    assert.throws(() => result.edge("edge", { origin: "gateway", dns }, {}), /^Error: azure: no edge: /);
  });
});
