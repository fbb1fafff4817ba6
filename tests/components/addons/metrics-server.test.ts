import assert from "node:assert/strict";
import { MetricsServer } from "../../../components/addons/metrics-server.js";
import { type AddonGround, describeAddon, resourcesOf, valuesOn } from "./addon.js";

const on =
  (nodeCertificates: boolean) =>
  ({ stack, cluster, parent }: AddonGround) => {
    const provides = { ...cluster.provides, nodeCertificates };
    new MetricsServer("metrics", { stack, cluster: { ...cluster, provides } }, { parent });
  };

const valuesOf = (replicas: number, enabled: boolean, args: readonly string[] = []) => ({
  image: { repository: "registry.k8s.io/metrics-server/metrics-server", tag: "v0.8.1", pullPolicy: "IfNotPresent" },
  replicas,
  podDisruptionBudget: { enabled, minAvailable: 1 },
  resources: resourcesOf("100m", "200Mi"),
  args,
});

describeAddon(
  "metrics-server",
  {
    make: on(true),
    component: ["agent-platform:addons:MetricsServer", "metrics"],
    namespace: "metrics-server",
    release: {
      name: "metrics-server",
      chart: "metrics-server",
      repositoryOpts: { repo: "https://kubernetes-sigs.github.io/metrics-server" },
      version: "3.13.1",
    },
    pinned: ["is pinned and checks the nodes' certificates", valuesOf(1, false)],
    inProduction: ["has a second replica in production, of which one stays", valuesOf(2, true)],
  },
  () => {
    it("believes nodes that sign their own certificates only where it is told", async () => {
      assert.deepEqual(await valuesOn(on(false)), valuesOf(1, false, ["--kubelet-insecure-tls"]));
    });
  },
);
