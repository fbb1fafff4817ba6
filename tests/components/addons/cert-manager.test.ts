import { CertManager, type CertManagerArgs, certManagerAccount } from "../../../components/addons/cert-manager.js";
import { type AddonGround, assertActsBy, describeAddon, resourcesOf } from "./addon.js";

const as =
  (identity: CertManagerArgs["identity"]) =>
  ({ stack, cluster, parent }: AddonGround) => {
    new CertManager("certs", { stack, cluster, identity }, { parent });
  };

const imageOf = (part: string) => ({
  repository: `quay.io/jetstack/cert-manager-${part}`,
  tag: "v1.21.2",
  pullPolicy: "IfNotPresent",
});
const valuesOf = (namespace: string, replicaCount: number, podDisruptionBudget: object) => ({
  crds: { enabled: true, keep: false },
  global: { leaderElection: { namespace } },
  serviceAccount: { create: true, name: "cert-manager", annotations: {} },
  podLabels: {},
  image: imageOf("controller"),
  replicaCount,
  resources: resourcesOf("50m", "192Mi"),
  podDisruptionBudget,
  webhook: {
    image: imageOf("webhook"),
    replicaCount,
    resources: resourcesOf("25m", "64Mi"),
    podDisruptionBudget,
  },
  cainjector: { image: imageOf("cainjector"), replicaCount: 1, resources: resourcesOf("25m", "192Mi") },
  acmesolver: { image: imageOf("acmesolver") },
  startupapicheck: { image: imageOf("startupapicheck"), resources: resourcesOf("25m", "64Mi") },
});

describeAddon(
  "cert-manager",
  {
    make: as(undefined),
    component: ["agent-platform:addons:CertManager", "certs"],
    namespace: "agents-development-cert-manager",
    release: { name: "cert-manager", chart: "oci://quay.io/jetstack/charts/cert-manager", version: "v1.21.2" },
    pinned: [
      "is pinned, with the check that its webhook answers",
      valuesOf("agents-development-cert-manager", 1, { enabled: false, minAvailable: 1 }),
    ],
    inProduction: [
      "has a second controller and a second webhook in production, of which one stays",
      valuesOf("agents-production-cert-manager", 2, { enabled: true, minAvailable: 1 }),
    ],
  },
  () => {
    it("writes records by the identity that it is given, and starts after it", () =>
      assertActsBy(as, certManagerAccount({ prefix: "agents-development" })));
  },
);
