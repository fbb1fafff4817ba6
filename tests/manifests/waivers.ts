import type { Waiver } from "./findings.js";

const FIXED_IMAGES =
  "IfNotPresent is enough: an image is a fixed tag or digest, and a registry that is away stops no pod";
const NO_CPU_LIMIT = "cores are shared fairly by requests; with a limit a pod stands still beside idle ones";
const IMAGES_OWN_USER = "the image's files belong to its user 999, and no other can write to the volume";
const OPEN_SEARCH_USER = "the image's files belong to its user 1000, and are copied by it";
const NODE_AGENT = "only root may read what the container runtime writes; it has none of root's other rights";

const WORKER = "a worker answers nobody: one that ends is started again, and one that hangs is its queue's to tell";

/** Every rule that the program breaks on purpose, and why. One that nothing breaks any more fails the run. */
export const waivers: readonly Waiver[] = [
  { checker: "kube-score", check: "container-image-pull-policy", reason: FIXED_IMAGES },
  { checker: "checkov", check: "CKV_K8S_15", reason: FIXED_IMAGES },
  { checker: "kube-score", check: "container-resources", reason: NO_CPU_LIMIT },
  { checker: "checkov", check: "CKV_K8S_11", reason: NO_CPU_LIMIT },
  {
    checker: "checkov",
    check: "CKV_K8S_43",
    reason: "versions.ts has the digest where the publisher lists one, and an exact tag elsewhere",
  },
  {
    checker: "checkov",
    check: "CKV_K8S_35",
    reason: "services and clients read passwords from the environment, as the names of the settings' `uses` say",
  },
  {
    checker: "kube-score",
    check: "container-security-context-user-group-id",
    object: /^StatefulSet\..*-kv-/,
    reason: IMAGES_OWN_USER,
  },
  {
    checker: "kube-score",
    check: "container-security-context-user-group-id",
    object: /^StatefulSet\..*-monitoring\.opensearch$/,
    reason: OPEN_SEARCH_USER,
  },
  {
    checker: "kube-score",
    check: "container-security-context-user-group-id",
    object: /^DaemonSet\..*-nodes\.fluent-bit$/,
    reason: NODE_AGENT,
  },
  {
    checker: "kube-score",
    check: "networkpolicy-targets-pod",
    object: /^NetworkPolicy\..*-data\..*-db-/,
    reason: "CloudNativePG makes the pods, which no manifest shows",
  },
  {
    checker: "kube-score",
    check: "networkpolicy-targets-pod",
    object: /^NetworkPolicy\.(envoy-gateway-system|.*-cert-manager|.*-nodes)\./,
    reason: "charts and Envoy Gateway make the pods, which no manifest shows",
  },
  {
    checker: "kube-score",
    check: "networkpolicy-targets-pod",
    object:
      /^NetworkPolicy\..*-monitoring\.platform\.(prometheus|alertmanager|grafana|operator|kube-state-metrics|webhook-.*)$/,
    reason: "the chart and its operator make the pods, which no manifest shows",
  },
  {
    checker: "kube-score",
    check: "service-targets-pod",
    object: /^Service\.envoy-gateway-system\./,
    reason: "Envoy Gateway makes the proxies, which no manifest shows",
  },
  {
    checker: "kube-score",
    check: "service-targets-pod",
    object: /^Service\..*-monitoring\.(prometheus|prometheus-sidecars|alertmanager)$/,
    reason: "the operator makes the pods, which no manifest shows",
  },
  {
    checker: "kube-score",
    check: "statefulset-has-servicename",
    object: /^StatefulSet\..*-monitoring\.thanos-compact$/,
    reason: "nobody calls the compactor, and so it has no address",
  },
  {
    checker: "kube-score",
    check: "pod-probes-identical",
    object: /^Deployment\..*\.search/,
    reason: "a service that says no paths is asked by its port alone",
  },
  {
    checker: "kube-score",
    check: "pod-probes-identical",
    object: /^Deployment\..*-monitoring\.(.*-exporter|cloud-metrics|blackbox|collector|sampler|jaeger)$/,
    reason: "the program has one page that says whether it is well; before it is killed it may be unwell for longer",
  },
  {
    checker: "checkov",
    check: "CKV_K8S_38",
    object: /^Deployment\..*\.mail/,
    reason: "it has permissions, which it uses by its token",
  },
  {
    checker: "checkov",
    check: "CKV_K8S_38",
    object: /^D(eployment|aemonSet)\..*\.(collector|fluent-bit|fluent-bit-events)$/,
    reason: "it asks the API server whose the spans and lines are, or what happens",
  },
  { checker: "checkov", check: "CKV_K8S_23", object: /^DaemonSet\..*-nodes\.fluent-bit$/, reason: NODE_AGENT },
  { checker: "checkov", check: "CKV_K8S_40", object: /^DaemonSet\..*-nodes\.fluent-bit$/, reason: NODE_AGENT },
  { checker: "checkov", check: "CKV_K8S_40", object: /^StatefulSet\..*\.opensearch$/, reason: OPEN_SEARCH_USER },
  { checker: "checkov", check: "CKV_K8S_8", object: /^Deployment\..*\.mail/, reason: WORKER },
  { checker: "checkov", check: "CKV_K8S_9", object: /^Deployment\..*\.mail/, reason: WORKER },
  { checker: "checkov", check: "CKV_K8S_40", object: /^StatefulSet\..*-kv-/, reason: IMAGES_OWN_USER },
];
