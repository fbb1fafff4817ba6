import assert from "node:assert/strict";
import {
  ClusterAutoscaler,
  type ClusterAutoscalerArgs,
  clusterAutoscalerAccount,
} from "../../../components/addons/cluster-autoscaler.js";
import { nobody } from "../../../components/addons/pod-identity.js";
import { type AddonGround, assertActsBy, describeAddon, resourcesOf, valuesOn } from "./addon.js";

const as =
  (given: Partial<Pick<ClusterAutoscalerArgs, "version" | "identity">> = {}) =>
  ({ stack, cluster, parent }: AddonGround) => {
    const place = { region: "eu-west-1", version: "1.36", identity: nobody, ...given } as const;
    new ClusterAutoscaler("scaler", { stack, cluster, ...place }, { parent });
  };
const make = as();

const valuesOf = (replicaCount: number, tag = "v1.36.1") => ({
  cloudProvider: "aws",
  awsRegion: "eu-west-1",
  autoDiscovery: { clusterName: "made" },
  image: { repository: "registry.k8s.io/autoscaling/cluster-autoscaler", tag, pullPolicy: "IfNotPresent" },
  replicaCount,
  rbac: { serviceAccount: { create: true, name: "cluster-autoscaler", annotations: {} } },
  podLabels: {},
  extraArgs: {
    "balance-similar-node-groups": true,
    expander: "least-waste",
    "skip-nodes-with-local-storage": false,
  },
  resources: resourcesOf("100m", "600Mi"),
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65534,
    runAsGroup: 65534,
    seccompProfile: { type: "RuntimeDefault" },
  },
  containerSecurityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  },
});

describeAddon(
  "the cluster autoscaler",
  {
    make,
    component: ["agent-platform:addons:ClusterAutoscaler", "scaler"],
    namespace: "cluster-autoscaler",
    release: {
      name: "cluster-autoscaler",
      chart: "cluster-autoscaler",
      repositoryOpts: { repo: "https://kubernetes.github.io/autoscaler" },
      version: "9.59.0",
    },
    pinned: ["is pinned and finds the groups of its cluster", valuesOf(1)],
    inProduction: ["has a second replica in production", valuesOf(2)],
  },
  () => {
    it("goes with the cluster's version", async () => {
      assert.deepEqual(await valuesOn(as({ version: "1.35" }), {}, { own: true }), valuesOf(1, "v1.35.1"));
    });

    it("acts by the identity that it is given, and starts after it", () =>
      assertActsBy(
        (identity) => as({ identity }),
        clusterAutoscalerAccount,
        ({ rbac }) => (rbac as { readonly serviceAccount: unknown }).serviceAccount,
      ));
  },
);
