import { join } from "node:path";

/** Where everything of one cluster is. */
export interface Layout {
  readonly directory: string;
  readonly ports: Readonly<Record<"etcd" | "peer" | "api", number>>;
  readonly files: Readonly<
    Record<"kubeconfig" | "tokens" | "certificate" | "key" | "accountKey" | "data" | "schedulerConfig", string>
  >;
}

export const filesIn = (directory: string): Layout["files"] => ({
  kubeconfig: join(directory, "kubeconfig"),
  tokens: join(directory, "tokens.csv"),
  certificate: join(directory, "api.crt"),
  key: join(directory, "api.key"),
  accountKey: join(directory, "service-accounts.key"),
  data: join(directory, "etcd"),
  schedulerConfig: join(directory, "scheduler.yaml"),
});

/** What a played node needs of the controllers. Those for real nodes, clouds and metrics would only complain. */
const controllers = [
  "clusterrole-aggregation",
  "cronjob",
  "daemonset",
  "deployment",
  "disruption",
  "endpoints",
  "endpointslice",
  "garbage-collector",
  "job",
  "namespace",
  "persistentvolume-binder",
  "persistentvolume-protection",
  "persistentvolumeclaim-protection",
  "pod-garbage-collector",
  "replicaset",
  "resourcequota",
  "root-ca-certificate-publisher",
  "serviceaccount",
  "serviceaccount-token",
  "statefulset",
  "ttl-after-finished",
  "validatingadmissionpolicy-status",
];

/** The servers of a cluster in the order in which they start, each with its flags. */
export const parts = {
  etcd: ({ ports, files }) => [
    `--data-dir=${files.data}`,
    `--listen-client-urls=http://127.0.0.1:${ports.etcd}`,
    `--advertise-client-urls=http://127.0.0.1:${ports.etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${ports.peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${ports.peer}`,
    `--initial-cluster=default=http://127.0.0.1:${ports.peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ],
  "kube-apiserver": ({ ports, files }) => [
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
    `--token-auth-file=${files.tokens}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    // One machine's tests need no fairness, and it takes a second to be ready.
    "--enable-priority-and-fairness=false",
    "--profiling=false",
    // As everywhere: who may have such pods is Pod Security's to say.
    "--allow-privileged=true",
  ],
  "kube-controller-manager": ({ files }) => [
    `--kubeconfig=${files.kubeconfig}`,
    `--controllers=${controllers.map((name) => `${name}-controller`).join(",")}`,
    `--root-ca-file=${files.certificate}`,
    `--service-account-private-key-file=${files.accountKey}`,
    "--pvclaimbinder-sync-period=1s",
    "--kube-api-qps=500",
    "--kube-api-burst=500",
    ...alone,
  ],
  "kube-scheduler": ({ files }) => [`--config=${files.schedulerConfig}`, ...alone],
} as const satisfies Readonly<Record<string, (layout: Layout) => readonly string[]>>;

/** No second one to agree with, and nobody who asks it anything. */
const alone = ["--secure-port=0", "--profiling=false", "--leader-elect=false"];

export type Part = keyof typeof parts;

/** A pod that did not fit is tried again at once, and not after a second or ten. */
export const schedulerConfig = ({ files }: Layout): object => ({
  apiVersion: "kubescheduler.config.k8s.io/v1",
  kind: "KubeSchedulerConfiguration",
  leaderElection: { leaderElect: false },
  clientConnection: { kubeconfig: files.kubeconfig, qps: 500, burst: 500 },
  podInitialBackoffSeconds: 1,
  podMaxBackoffSeconds: 1,
});
