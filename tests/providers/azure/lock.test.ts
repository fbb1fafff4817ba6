import assert from "node:assert/strict";
import { createLock } from "../../../providers/azure/lock.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureProviders } from "../../support/stubs/azure-data.js";

const LOCK = "azure-native:authorization:ManagementLockByScope";

const lockOf = async (deletionProtection: boolean) => {
  const stack = settingsOf({ ...azureStack, deletionProtection });
  const { resources } = await deploy(() => {
    const [provider] = azureProviders();
    assert(provider);
    createLock("thing", { stack, scope: "the thing's id", what: "Thing" }, { provider });
  });
  return resources.filter(({ type }) => type === LOCK);
};

describe("providers/azure/lock", () => {
  it("keeps everybody from deleting what is protected", async () => {
    const locks = await lockOf(true);
    assert.deepEqual(inventory(locks), [[LOCK, "thing-lock"]]);
    assert.deepEqual(only(locks, LOCK).inputs, {
      level: "CanNotDelete",
      notes: "Thing of agents-development: lifted by agent-platform:deletionProtection false",
      scope: "the thing's id",
    });
  });

  it("is not there where nothing is protected", async () => {
    assert.deepEqual(await lockOf(false), []);
  });
});
