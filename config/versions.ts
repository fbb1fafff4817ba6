/**
 * Every version once. `until` is the day after which the vendor no longer supports it without extra cost;
 * settings refuse it from then on. Plans take "today" as an input, so that they stay the same.
 */
export interface Version {
  readonly until: string;
  readonly source: string;
}

/** The newest day on which these dates were looked up: what "today" is unless it is given. */
export const versionsCheckedOn = "2026-11-21";

export const kubernetes = {
  "1.36": { until: "2027-08-02", source: "EKS Kubernetes release calendar, end of standard support" },
  "1.35": { until: "2027-03-27", source: "EKS Kubernetes release calendar, end of standard support" },
} as const satisfies Record<string, Version>;

export const postgres = {
  "17": { until: "2029-11-08", source: "PostgreSQL versioning policy, final release" },
  "18": { until: "2030-11-14", source: "PostgreSQL versioning policy, final release" },
} as const satisfies Record<string, Version>;

export const valkey = {
  "8": { until: "2029-09-15", source: "Valkey release policy: five years of security support from the first minor" },
} as const satisfies Record<string, Version>;

const keys = <T extends object>(table: T) =>
  Object.keys(table) as unknown as readonly [keyof T & string, ...(keyof T & string)[]];
// Numeric-looking keys would come in numeric order; the first is what a repair proposes.
export const kubernetesVersions = keys(kubernetes);
export const postgresVersions = keys(postgres);
export const valkeyVersions = keys(valkey);

/** A chart, pinned to a version whose values.yaml was read: `components/addons/charts/README.md` says where. */
export interface Chart {
  /** Its name in the repository, or its whole address where the registry is an OCI one. */
  readonly chart: string;
  /** Address of the repository; an OCI chart has none. */
  readonly repository?: string;
  readonly version: string;
}

export const charts = {
  "cloudnative-pg": {
    chart: "cloudnative-pg",
    repository: "https://cloudnative-pg.github.io/charts",
    version: "0.29.1",
  },
  "external-secrets": {
    chart: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.12.0",
  },
  "cert-manager": { chart: "oci://quay.io/jetstack/charts/cert-manager", version: "v1.21.2" },
  "gateway-crds-helm": { chart: "oci://docker.io/envoyproxy/gateway-crds-helm", version: "v1.9.1" },
  "gateway-helm": { chart: "oci://docker.io/envoyproxy/gateway-helm", version: "v1.9.1" },
  "metrics-server": {
    chart: "metrics-server",
    repository: "https://kubernetes-sigs.github.io/metrics-server",
    version: "3.13.1",
  },
  keda: { chart: "keda", repository: "https://kedacore.github.io/charts", version: "2.21.0" },
  "kube-prometheus-stack": {
    chart: "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack",
    version: "92.3.0",
  },
  "prometheus-operator-crds": {
    chart: "oci://ghcr.io/prometheus-community/charts/prometheus-operator-crds",
    version: "32.0.0",
  },
  "cluster-autoscaler": {
    chart: "cluster-autoscaler",
    repository: "https://kubernetes.github.io/autoscaler",
    version: "9.59.0",
  },
  "aws-load-balancer-controller": {
    chart: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.6.0",
  },
} as const satisfies Record<string, Chart>;

export interface Image {
  readonly repository: string;
  /** An exact tag, with the digest where its publisher lists one. */
  readonly tag: string;
  readonly source: string;
}

const certManager = (part: string) =>
  ({
    repository: `quay.io/jetstack/cert-manager-${part}`,
    tag: "v1.21.2",
    source: "cert-manager v1.21.2, 2026-09-10",
  }) as const satisfies Image;

const keda = (part: string) =>
  ({
    repository: `ghcr.io/kedacore/${part}`,
    tag: "2.21.0",
    source: "KEDA 2.21.0, seen 2026-10",
  }) as const satisfies Image;

const prometheusOperator = (part: string) =>
  ({
    repository: `quay.io/prometheus-operator/${part}`,
    tag: "v0.94.1",
    source: "prometheus-community/helm-charts, charts/kube-prometheus-stack/Chart.yaml of 92.1.1",
  }) as const satisfies Image;

const clusterAutoscaler = (tag: string) =>
  ({
    repository: "registry.k8s.io/autoscaling/cluster-autoscaler",
    tag,
    source: `cluster autoscaler ${tag}, seen 2026-10`,
  }) as const satisfies Image;

/** Images that the program itself names. A version without an image does not compile. */
export const images = {
  cloudNativePg: {
    repository: "ghcr.io/cloudnative-pg/cloudnative-pg",
    tag: "1.30.1",
    source: "CloudNativePG 1.30.1, 2026-09-23",
  },
  externalSecrets: {
    repository: "ghcr.io/external-secrets/external-secrets",
    tag: "v2.12.0",
    source: "External Secrets v2.12.0, seen 2026-10",
  },
  certManager: {
    controller: certManager("controller"),
    webhook: certManager("webhook"),
    cainjector: certManager("cainjector"),
    acmesolver: certManager("acmesolver"),
    startupapicheck: certManager("startupapicheck"),
  },
  // The proxy and the rate limiter are those that this version of the controller was built for.
  envoyGateway: {
    controller: {
      repository: "docker.io/envoyproxy/gateway",
      tag: "v1.9.1",
      source: "Envoy Gateway v1.9.1, 2026-08-28",
    },
    proxy: {
      repository: "docker.io/envoyproxy/envoy",
      tag: "distroless-v1.39.1@sha256:eb2c01c13125d1629637cb4e4cce7207009fb7cc2c8027f9742758549d15b6f4",
      source: "envoyproxy/gateway v1.9.1, api/v1alpha1/shared_types.go",
    },
    rateLimit: {
      repository: "docker.io/envoyproxy/ratelimit",
      tag: "8fe6ea42",
      source: "envoyproxy/gateway v1.9.1, charts/gateway-helm/values.tmpl.yaml",
    },
  },
  metricsServer: {
    repository: "registry.k8s.io/metrics-server/metrics-server",
    tag: "v0.8.1",
    source: "kubernetes-sigs/metrics-server v0.9.0, charts/metrics-server/Chart.yaml",
  },
  keda: {
    operator: keda("keda"),
    metricsServer: keda("keda-metrics-apiserver"),
    webhooks: keda("keda-admission-webhooks"),
  },
  prometheusStack: {
    operator: prometheusOperator("prometheus-operator"),
    configReloader: prometheusOperator("prometheus-config-reloader"),
    prometheus: {
      repository: "quay.io/prometheus/prometheus",
      tag: "v3.15.0-distroless",
      source: "prometheus-community/helm-charts, charts/kube-prometheus-stack/values.yaml before 92.0.0",
    },
    alertmanager: {
      repository: "quay.io/prometheus/alertmanager",
      tag: "v0.34.1",
      source: "prometheus-community/helm-charts, charts/kube-prometheus-stack/values.yaml before 92.0.0",
    },
    thanos: {
      repository: "quay.io/thanos/thanos",
      tag: "v0.42.4",
      source: "prometheus-community/helm-charts, charts/kube-prometheus-stack/values.yaml before 92.0.0",
    },
    kubeStateMetrics: {
      repository: "registry.k8s.io/kube-state-metrics/kube-state-metrics",
      tag: "v2.20.0",
      source: "prometheus-community/helm-charts, release kube-state-metrics-8.4.0",
    },
    nodeExporter: {
      repository: "quay.io/prometheus/node-exporter",
      tag: "v1.12.1",
      source: "prometheus-community/helm-charts, release prometheus-node-exporter-4.56.1",
    },
    webhookCertificates: {
      repository: "ghcr.io/jkroepke/kube-webhook-certgen",
      tag: "1.8.9",
      source: "prometheus-community/helm-charts, charts/kube-prometheus-stack/values.yaml before 92.0.0",
    },
  },
  // Without a shell; its data sources are in it, and it gets nothing from elsewhere.
  grafana: {
    repository: "docker.io/grafana/grafana",
    tag: "13.2.1-distroless",
    source: "grafana-community/helm-charts, charts/grafana; Grafana 13.2.1, 2026-09",
  },
  // Puts dashboards into a Grafana that exists.
  curl: {
    repository: "docker.io/curlimages/curl",
    tag: "8.22.0",
    source: "grafana-community/helm-charts, charts/grafana/values.yaml, downloadDashboardsImage",
  },
  postgresExporter: {
    repository: "quay.io/prometheuscommunity/postgres-exporter",
    tag: "v0.19.1",
    source: "prometheus-community/postgres_exporter v0.19.1, 2026-03",
  },
  redisExporter: {
    repository: "docker.io/oliver006/redis_exporter",
    tag: "v1.91.1",
    source: "oliver006/redis_exporter v1.91.1, 2026-09-08",
  },
  fluentBit: {
    repository: "docker.io/fluent/fluent-bit",
    tag: "5.1.3",
    source: "Fluent Bit v5.1.3, seen 2026-10",
  },
  openSearch: {
    repository: "docker.io/opensearchproject/opensearch",
    tag: "3.8.0",
    source: "OpenSearch 3.8.0, seen 2026-10",
  },
  azureTokens: {
    repository: "mcr.microsoft.com/oss/azure/workload-identity/proxy",
    tag: "v1.5.1",
    source: "Azure/azure-workload-identity v1.5.1, charts/workload-identity-webhook/values.yaml",
  },
  // It plays the scheduler of its own version.
  clusterAutoscaler: { "1.36": clusterAutoscaler("v1.36.1"), "1.35": clusterAutoscaler("v1.35.1") },
  awsLoadBalancerController: {
    repository: "public.ecr.aws/eks/aws-load-balancer-controller",
    tag: "v3.6.0",
    source: "AWS Load Balancer Controller v3.6.0, seen 2026-10",
  },
  // Who reads each cloud's own measurements; all of them are built for both architectures.
  cloudMetrics: {
    aws: {
      repository: "quay.io/prometheuscommunity/yet-another-cloudwatch-exporter",
      tag: "v0.67.0",
      source: "yet-another-cloudwatch-exporter 0.67.0, 2026-07-03",
    },
    gcp: {
      repository: "quay.io/prometheuscommunity/stackdriver-exporter",
      tag: "v0.19.0",
      source: "stackdriver_exporter 0.19.0, as prometheus-stackdriver-exporter 4.13.0 has it",
    },
    azure: {
      repository: "docker.io/webdevops/azure-metrics-exporter",
      tag: "25.12.0",
      source: "webdevops/azure-metrics-exporter 25.12.0, seen 2026-10",
    },
  },
  blackbox: {
    repository: "quay.io/prometheus/blackbox-exporter",
    tag: "v0.29.1",
    source: "blackbox_exporter 0.29.1, as prometheus-blackbox-exporter 11.20.1 has it",
  },
  // The `standard` flavour carries pgvector; `minimal` does not. The tag must begin with PostgreSQL's own version.
  postgres: {
    "17": {
      repository: "ghcr.io/cloudnative-pg/postgresql",
      tag: "17.11-202608310816-standard-trixie@sha256:0eea5ac8c5e3043db94f4d512ffcfb9c06d6270a97f6d56e9f08e1571ef0484e",
      source: "cloudnative-pg/artifacts, image-catalogs/catalog-standard-trixie.yaml of 2026-08-31",
    },
    "18": {
      repository: "ghcr.io/cloudnative-pg/postgresql",
      tag: "18.6-202608310817-standard-trixie@sha256:c2a773217853c6e0ffe7da9c37ea456466efb20cf844f27511a73fa6a81e3152",
      source: "cloudnative-pg/artifacts, image-catalogs/catalog-standard-trixie.yaml of 2026-08-31",
    },
  },
  // Debian and not Alpine: its user has the same number in every build.
  valkey: {
    "8": { repository: "docker.io/valkey/valkey", tag: "8.1.10", source: "Valkey 8.1.10, seen 2026-09" },
  },
  // What the tests build is the same version.
  collector: {
    repository: "docker.io/otel/opentelemetry-collector-contrib",
    tag: "0.161.0",
    source: "OpenTelemetry collector v0.161.0, seen 2026-10",
  },
  jaeger: {
    repository: "docker.io/jaegertracing/jaeger",
    tag: "2.20.0",
    source: "Jaeger v2.20.0, seen 2026-10",
  },
} as const satisfies {
  readonly cloudNativePg: Image;
  readonly externalSecrets: Image;
  readonly certManager: Readonly<Record<string, Image>>;
  readonly envoyGateway: Readonly<Record<string, Image>>;
  readonly metricsServer: Image;
  readonly keda: Readonly<Record<string, Image>>;
  readonly prometheusStack: Readonly<Record<string, Image>>;
  readonly grafana: Image;
  readonly curl: Image;
  readonly postgresExporter: Image;
  readonly redisExporter: Image;
  readonly fluentBit: Image;
  readonly openSearch: Image;
  readonly azureTokens: Image;
  readonly clusterAutoscaler: Readonly<Record<keyof typeof kubernetes, Image>>;
  readonly awsLoadBalancerController: Image;
  readonly cloudMetrics: Readonly<Record<"aws" | "gcp" | "azure", Image>>;
  readonly blackbox: Image;
  readonly postgres: Readonly<Record<keyof typeof postgres, Image>>;
  readonly valkey: Readonly<Record<keyof typeof valkey, Image>>;
  readonly collector: Image;
  readonly jaeger: Image;
};
