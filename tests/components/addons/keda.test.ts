import assert from "node:assert/strict";
import { Keda } from "../../../components/addons/keda.js";
import { type AddonGround, describeAddon, resourcesOf, valuesOn } from "./addon.js";

const make = ({ stack, cluster, parent }: AddonGround) => {
  new Keda("keda", { stack, cluster }, { parent });
};

const valuesOf = (replicaCount: number, budget: object, registry = "ghcr.io", stem = "kedacore") => ({
  image: {
    keda: { registry, repository: `${stem}/keda`, tag: "2.21.0" },
    metricsApiServer: { registry, repository: `${stem}/keda-metrics-apiserver`, tag: "2.21.0" },
    webhooks: { registry, repository: `${stem}/keda-admission-webhooks`, tag: "2.21.0" },
    pullPolicy: "IfNotPresent",
  },
  crds: { install: true },
  operator: { replicaCount },
  metricsServer: { replicaCount },
  webhooks: { replicaCount },
  podDisruptionBudget: { operator: budget, metricServer: budget, webhooks: budget },
  resources: {
    operator: resourcesOf("50m", "384Mi"),
    metricServer: resourcesOf("50m", "192Mi"),
    webhooks: resourcesOf("50m", "128Mi"),
  },
  prometheus: { operator: { enabled: true } },
  rbac: { enabledCustomScaledRefKinds: false },
  enableServiceLinks: false,
});

describeAddon(
  "KEDA",
  {
    make,
    component: ["agent-platform:addons:Keda", "keda"],
    namespace: "keda",
    release: {
      name: "keda",
      chart: "keda",
      repositoryOpts: { repo: "https://kedacore.github.io/charts" },
      version: "2.21.0",
    },
    pinned: ["is pinned and may scale deployments only", valuesOf(1, {})],
    inProduction: ["has two of everything in production, of which one stays", valuesOf(2, { minAvailable: 1 })],
  },
  () => {
    it("names a mirror with a path by its registry alone", async () => {
      const values = await valuesOn(make, { mirror: { images: "registry.example.com/mirror" } });
      assert.deepEqual(values, valuesOf(1, {}, "registry.example.com", "mirror/ghcr.io/kedacore"));
    });
  },
);
