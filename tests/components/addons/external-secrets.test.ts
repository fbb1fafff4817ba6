import assert from "node:assert/strict";
import {
  ExternalSecrets,
  type ExternalSecretsArgs,
  externalSecretsAccount,
} from "../../../components/addons/external-secrets.js";
import { type AddonGround, assertActsBy, describeAddon, resourcesOf } from "./addon.js";

const as =
  (identity: ExternalSecretsArgs["identity"]) =>
  ({ stack, cluster, parent }: AddonGround) => {
    new ExternalSecrets("eso", { stack, cluster, identity }, { parent });
  };

const image = {
  repository: "ghcr.io/external-secrets/external-secrets",
  tag: "v2.12.0",
  pullPolicy: "IfNotPresent",
};
const valuesOf = (replicaCount: number, podDisruptionBudget: object) => ({
  installCRDs: true,
  image,
  replicaCount,
  leaderElect: true,
  serviceAccount: { create: true, name: "external-secrets", annotations: {} },
  podLabels: {},
  resources: resourcesOf("50m", "192Mi"),
  podDisruptionBudget,
  webhook: { image, replicaCount, resources: resourcesOf("25m", "128Mi"), podDisruptionBudget },
  certController: { image, replicaCount: 1, resources: resourcesOf("25m", "128Mi") },
});

describeAddon(
  "External Secrets",
  {
    make: as(undefined),
    component: ["agent-platform:addons:ExternalSecrets", "eso"],
    namespace: "agents-development-external-secrets",
    release: {
      name: "external-secrets",
      chart: "external-secrets",
      repositoryOpts: { repo: "https://charts.external-secrets.io" },
      version: "2.12.0",
    },
    pinned: [
      "is pinned, waits until its webhook is ready and leaves nothing half done",
      valuesOf(1, { enabled: false, minAvailable: 1 }),
    ],
    inProduction: [
      "has a second controller and a second webhook in production, of which one stays",
      valuesOf(2, { enabled: true, minAvailable: 1 }),
    ],
  },
  () => {
    it("reads by the identity that it is given, and starts after it", () =>
      assertActsBy(as, externalSecretsAccount({ prefix: "agents-development" })));

    it("is in the namespace that its identity is made for, which no other stack has", () => {
      assert.deepEqual(externalSecretsAccount({ prefix: "agents-production" }), {
        namespace: "agents-production-external-secrets",
        name: "external-secrets",
      });
    });
  },
);
