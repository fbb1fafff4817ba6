import assert from "node:assert/strict";
import { CloudNativePg } from "../../../components/addons/cloudnative-pg.js";
import { type AddonGround, describeAddon, resourcesOf, valuesOn } from "./addon.js";

const make = ({ stack, cluster, parent }: AddonGround) => {
  new CloudNativePg("pg", { stack, cluster }, { parent });
};

const valuesOf = (replicaCount: number, registry = "ghcr.io") => ({
  replicaCount,
  image: { repository: `${registry}/cloudnative-pg/cloudnative-pg`, tag: "1.30.1", pullPolicy: "IfNotPresent" },
  crds: { create: true },
  resources: resourcesOf("100m", "256Mi"),
  webhook: { mutating: { failurePolicy: "Ignore" }, validating: { failurePolicy: "Ignore" } },
});

describeAddon(
  "the CloudNativePG operator",
  {
    make,
    component: ["agent-platform:addons:CloudNativePg", "pg"],
    namespace: "cnpg-system",
    release: {
      name: "cloudnative-pg",
      chart: "cloudnative-pg",
      repositoryOpts: { repo: "https://cloudnative-pg.github.io/charts" },
      version: "0.29.1",
    },
    pinned: ["is pinned, waits until it is ready and leaves nothing half done", valuesOf(1)],
    inProduction: ["has a second replica in production", valuesOf(2)],
  },
  () => {
    it("pulls its image from the mirror", async () => {
      const values = await valuesOn(make, { mirror: { images: "registry.example.com" } });
      assert.deepEqual(values, valuesOf(1, "registry.example.com/ghcr.io"));
    });
  },
);
