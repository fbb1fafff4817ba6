import type { Facts, Planned } from "../providers/contract.js";
import { UNKNOWN } from "./record.js";

interface Postgres {
  readonly instances?: number;
  readonly imageName?: string;
  readonly storage?: { readonly size?: string };
  readonly resources?: { readonly requests?: { readonly cpu?: string; readonly memory?: string } };
  readonly postgresql?: { readonly pg_hba?: readonly string[] };
}

interface StatefulSet {
  readonly replicas?: number;
  readonly template?: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec?: {
      readonly containers?: readonly {
        readonly image?: string;
        readonly resources?: { readonly limits?: { readonly memory?: string } };
      }[];
    };
  };
  readonly volumeClaimTemplates?: readonly {
    readonly spec?: { readonly resources?: { readonly requests?: { readonly storage?: string } } };
  }[];
}

interface Deployment {
  readonly replicas?: number;
  readonly template?: {
    readonly spec?: {
      readonly containers?: readonly {
        readonly image?: string;
        readonly resources?: { readonly requests?: { readonly cpu?: string; readonly memory?: string } };
      }[];
    };
  };
}

interface Autoscaler {
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
}

interface ScaledObject {
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
}

interface Certificate {
  readonly dnsNames?: readonly string[] | string;
}

interface CronJob {
  readonly schedule?: string;
}

const nameOf = ({ metadata }: Readonly<Record<string, unknown>>): string => (metadata as { name: string }).name;

/** Of a part of many pods: what they are, and nothing more. */
export const brief: Planned["describe"] = {
  "kubernetes:helm.sh/v3:Release": chartOf,
  "kubernetes:apps/v1:Deployment": nameOf,
  "kubernetes:apps/v1:StatefulSet": nameOf,
  "kubernetes:apps/v1:DaemonSet": nameOf,
};

/** What is made inside a cluster, and by the machine that the program runs on, is the same on every cloud. */
export const inCluster: Pick<Planned, "describe" | "facts" | "keeps" | "replacedBy"> = {
  describe: {
    "kubernetes:helm.sh/v3:Release": chartOf,
    "kubernetes:helm.sh/v4:Chart": chartOf,
    "kubernetes:postgresql.cnpg.io/v1:Cluster": ({ spec }) => {
      const { instances, storage } = spec as Postgres;
      return `PostgreSQL by CloudNativePG, ${pods(instances)}, ${storage?.size}`;
    },
    "kubernetes:apps/v1:StatefulSet": ({ spec }) =>
      `${titleOf(spec as StatefulSet)}, ${pods((spec as StatefulSet).replicas)}`,
    "kubernetes:apps/v1:Deployment": ({ spec }) => ofDeployment(spec as Deployment),
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": ({ spec }) => {
      const { minReplicas, maxReplicas } = spec as Autoscaler;
      return `${minReplicas}-${maxReplicas} pods`;
    },
    "kubernetes:keda.sh/v1alpha1:ScaledObject": ({ spec }) => {
      const { minReplicaCount, maxReplicaCount } = spec as ScaledObject;
      return `${minReplicaCount}-${maxReplicaCount} pods`;
    },
    "kubernetes:gateway.networking.k8s.io/v1:Gateway": () => "gateway",
    "kubernetes:cert-manager.io/v1:Certificate": ({ spec }) => {
      const { dnsNames } = spec as Certificate;
      // A load balancer's address is not known before it is there.
      return Array.isArray(dnsNames) ? `certificate for ${dnsNames.join(", ")}` : "certificate";
    },
    "docker-build:index:Image": () => "image built here",
    "kubernetes:batch/v1:CronJob": ({ spec }) => `at ${(spec as CronJob).schedule}`,
    "kubernetes:batch/v1:Job": () => "Job",
    "kubernetes:core/v1:ServiceAccount": () => "service account",
    "kubernetes:core/v1:Secret": () => "Kubernetes Secret",
  },
  facts: {
    "agent-platform:stores:ExistingDatabase": () => ({ service: "a database that exists" }),
    "agent-platform:stores:ExistingCache": () => ({ service: "a cache that exists" }),
    "kubernetes:helm.sh/v3:Release": (release) => ({ service: chartOf(release) }),
    "kubernetes:helm.sh/v4:Chart": (chart) => ({ service: chartOf(chart) }),
    "kubernetes:postgresql.cnpg.io/v1:Cluster": ({ spec }) => factsOfPostgres(spec as Postgres),
    "kubernetes:apps/v1:StatefulSet": ({ spec }) =>
      isValkey(spec as StatefulSet) ? factsOfValkey(spec as StatefulSet) : {},
  },
  keeps: {
    "kubernetes:postgresql.cnpg.io/v1:Cluster": "a database",
    "kubernetes:apps/v1:StatefulSet": "pods with disks",
    "kubernetes:core/v1:PersistentVolumeClaim": "a volume",
    "kubernetes:core/v1:Secret": "a secret",
    "kubernetes:core/v1:Namespace": "a namespace and all that is in it",
  },
  replacedBy: {
    "kubernetes:apps/v1:StatefulSet": ["spec.podManagementPolicy", "spec.selector", "spec.serviceName"],
    "kubernetes:core/v1:Secret": ["type"],
    "kubernetes:storage.k8s.io/v1:StorageClass": ["parameters", "provisioner"],
    // "Arbitrary map of values that, when changed, will trigger recreation of resource."
    "random:index/randomId:RandomId": ["keepers"],
    "random:index/randomPassword:RandomPassword": ["keepers"],
  },
};

function chartOf({ chart, version }: Readonly<Record<string, unknown>>): string {
  return `chart ${String(chart).split("/").at(-1)} ${version}`;
}

function ofDeployment({ replicas, template }: Deployment): string {
  const [container] = template?.spec?.containers ?? [];
  const { cpu, memory } = container?.resources?.requests ?? {};
  const image = container?.image === UNKNOWN ? "an image built here" : (container?.image?.split("/").at(-1) ?? "");
  return [image, ...(replicas === undefined ? [] : [pods(replicas)]), `${cpu} CPU, ${memory}`].join(", ");
}

const labelOf = ({ template }: StatefulSet, label: string): string | undefined =>
  template?.metadata?.labels?.[`app.kubernetes.io/${label}`];
const isValkey = (set: StatefulSet): boolean => labelOf(set, "name") === "valkey";
const titleOf = (set: StatefulSet): string => (isValkey(set) ? "Valkey" : (labelOf(set, "name") ?? "pods with disks"));

const pods = (count: number | undefined): string => (count === 1 ? "1 pod" : `${count} pods`);

function factsOfPostgres({ instances = 1, imageName = "", storage, resources, postgresql }: Postgres): Facts {
  const version = /:(\d+)/.exec(imageName)?.[1];
  const { cpu, memory } = resources?.requests ?? {};
  const replicas = instances - 1;
  return {
    service: `PostgreSQL${version === undefined ? "" : ` ${version}`} by CloudNativePG`,
    ...(memory === undefined ? {} : { size: `${cpu} CPU, ${memory}` }),
    ...(storage?.size === undefined ? {} : { storage: storage.size }),
    copies: replicas === 0 ? "none" : `${replicas} standby pod${replicas === 1 ? "" : "s"}`,
    access: "inside the cluster",
    ...(postgresql?.pg_hba?.includes("hostnossl all all all reject") ? { transit: "TLS required" } : {}),
    backup: "none beyond its volumes",
  };
}

/** The pods that follow are a set of their own. */
function factsOfValkey(set: StatefulSet): Facts {
  const { replicas, template, volumeClaimTemplates } = set;
  if (labelOf(set, "component") === "replica") return { copies: `${replicas} replica pod${replicas === 1 ? "" : "s"}` };
  const [container] = template?.spec?.containers ?? [];
  const version = /:(\d+\.\d+)/.exec(container?.image ?? "")?.[1];
  const memory = container?.resources?.limits?.memory;
  const storage = volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;
  return {
    service: `Valkey${version === undefined ? "" : ` ${version}`}, ${pods(replicas)}`,
    ...(memory === undefined ? {} : { size: memory }),
    ...(storage === undefined ? {} : { storage }),
    access: "inside the cluster",
    backup: "none beyond its volumes",
  };
}
