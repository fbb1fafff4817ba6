import assert from "node:assert/strict";
import { diskOf } from "../../../providers/azure/postgres-disk.js";

describe("providers/azure/postgres-disk", () => {
  it("takes the next of the sizes that Azure has", () => {
    const sizes = [20, 32, 33, 400, 32767].map(
      (storage) => diskOf({ storage, maxStorage: storage }, { type: "premium" }).storageSizeGB,
    );
    assert.deepEqual(sizes, [32, 32, 64, 512, 32767]);
  });

  it("grows by itself where it may be larger than it begins", () => {
    const growth = [20, 21].map((maxStorage) => diskOf({ storage: 20, maxStorage }, { type: "premium" }).autoGrow);
    assert.deepEqual(growth, ["Disabled", "Enabled"]);
  });

  it("takes the second kind of disks to the GiB, with what they shall do", () => {
    assert.deepEqual(diskOf({ storage: 100, maxStorage: 200 }, { type: "premiumV2", iops: 4000, throughput: 200 }), {
      storageSizeGB: 100,
      type: "PremiumV2_LRS",
      autoGrow: "Disabled",
      iops: 4000,
      throughput: 200,
    });
    assert.deepEqual(diskOf({ storage: 20, maxStorage: 20 }, { type: "premiumV2" }), {
      storageSizeGB: 32,
      type: "PremiumV2_LRS",
      autoGrow: "Disabled",
    });
  });

  it("refuses what no premium disk holds", () => {
    assert.throws(
      () => diskOf({ storage: 40000, maxStorage: 40000 }, { type: "premium" }),
      new Error("azure: a premium disk has no 40000 GiB; a premiumV2 one may have: azure.databaseDisk.type"),
    );
  });
});
