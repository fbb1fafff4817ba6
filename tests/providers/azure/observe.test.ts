import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { AzureGround } from "../../../providers/azure/ground.js";
import { AzureObserve } from "../../../providers/azure/observe.js";
import { deploy, only, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";

const WORKSPACE = "azure-native:operationalinsights:Workspace";

const observeOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...azureStack, ...said });
  return deploy(
    () => {
      const opts = { providers: azureComputeProviders() };
      const ground = new AzureGround("agents", { stack }, opts);
      return new AzureObserve("agents-logs", { stack, ground }, opts);
    },
    { ...azureComputeStubs, ...stubs },
  );
};
const days = async (said: Tree) => only((await observeOf(said)).resources, WORKSPACE).inputs["retentionInDays"];

describe("providers/azure/observe", () => {
  it("makes one workspace that only identities write into", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(only(resources, WORKSPACE).inputs, {
      resourceGroupName: "agents1a2b3c4d",
      location: "northeurope",
      sku: { name: "PerGB2018" },
      retentionInDays: 30,
      features: { disableLocalAuth: true },
      tags: tagsOf("agents-logs"),
    });
  });

  it("logs stay as long as the cluster's settings say", async () => {
    assert.equal(await days({ cluster: { logRetentionDays: 365 } }), 365);
  });

  it("logs of a cluster that exists stay for 30 days", async () => {
    const id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/theirs";
    assert.equal(await days({ cluster: { mode: "existing", id } }), 30);
  });

  it("says the workspace's id", async () => {
    const { result } = await observeOf();
    assert.equal(await valueOf(result.logs), "agents-logs-id");
  });

  it("a preview shows the same workspace", async () => {
    const { resources } = await observeOf({}, { preview: true });
    assert.equal(only(resources, WORKSPACE).inputs["retentionInDays"], 30);
  });
});
