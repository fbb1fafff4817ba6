/** A program that is built once from a Go module under this folder: the module's files say every version. */
export interface Tool {
  /** The folder of its module. */
  readonly module: string;
  /** The module that its version is read from, in that folder's go.mod. */
  readonly versionOf: string;
  /** What is built: a package's path, or "." for the folder's own main.go. */
  readonly package: string;
  /** The variable that the program reads its own version from. */
  readonly stamp: string;
  /** On two cores, from nothing. */
  readonly minutes: number;
}

/** What `npm run tools` builds. A tool more is a row more, and a folder with its go.mod and go.sum. */
export const tools = {
  pulumi: {
    module: "pulumi",
    versionOf: "github.com/pulumi/pulumi/pkg/v3",
    package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    stamp: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    minutes: 4,
  },
  /** etcd, API server, controller manager and scheduler in one program. */
  kubernetes: {
    module: "kubernetes",
    versionOf: "k8s.io/kubernetes",
    package: ".",
    stamp: "k8s.io/component-base/version.gitVersion",
    minutes: 6,
  },
  helm: {
    module: "helm",
    versionOf: "helm.sh/helm/v3",
    package: "helm.sh/helm/v3/cmd/helm",
    stamp: "helm.sh/helm/v3/internal/version.version",
    minutes: 2,
  },
} as const satisfies Readonly<Record<string, Tool>>;

export type ToolName = keyof typeof tools;
