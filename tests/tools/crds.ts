import type { charts } from "../../config/versions.js";

/** Where custom resource definitions are published: a folder of a Go module, which `crds/go.mod` pins. */
export interface CrdSource {
  readonly module: string;
  readonly folder: string;
}

/**
 * What each chart brings along, as far as the program makes such resources. The provider of charts in tests installs
 * them in place of the chart, and manifests are checked by them: `CACHE/crds/CHART/*.yaml`.
 */
export const crds = {
  "aws-load-balancer-controller": [],
  "cert-manager": [{ module: "github.com/cert-manager/cert-manager", folder: "deploy/crds" }],
  "cloudnative-pg": [{ module: "github.com/cloudnative-pg/cloudnative-pg", folder: "config/crd/bases" }],
  "cluster-autoscaler": [],
  // Older than the chart's: newer releases of the module are not served.
  "external-secrets": [{ module: "github.com/external-secrets/external-secrets", folder: "config/crds/bases" }],
  "gateway-crds-helm": [
    { module: "sigs.k8s.io/gateway-api", folder: "config/crd/standard" },
    { module: "github.com/envoyproxy/gateway", folder: "charts/gateway-helm/charts/crds/crds/generated" },
  ],
  "gateway-helm": [],
  keda: [{ module: "github.com/kedacore/keda/v2", folder: "config/crd/bases" }],
  "kube-prometheus-stack": [],
  "metrics-server": [],
  // Older than the chart's: newer releases of the module are not served.
  "prometheus-operator-crds": [
    { module: "github.com/prometheus-operator/prometheus-operator", folder: "example/prometheus-operator-crd" },
  ],
} as const satisfies Readonly<Record<keyof typeof charts, readonly CrdSource[]>>;
