import { type Running, start } from "../../engine/cluster/process.js";
import { tool } from "../../tools/cache.js";
import { addresses, nodeName, ports } from "./addresses.js";
import type { Layout } from "./layout.js";
import { type Life, lifeOf } from "./life.js";
import { inNode, nodeEnv } from "./namespaces.js";
import { addToRecord } from "./record.js";

export interface Server {
  readonly program: () => string;
  readonly args: (layout: Layout) => readonly string[];
}

const kubernetes = (name: string, args: Server["args"]): Server => ({
  program: () => tool("kubernetes"),
  args: (layout) => [name, ...args(layout)],
});

/** No second one to agree with, and nobody who asks it anything. */
const alone = ["--secure-port=0", "--profiling=false", "--leader-elect=false"];

/** What a node is made of besides pods, each with its flags. */
export const servers = {
  containerd: {
    program: () => tool("containerd"),
    args: ({ files }) => [`--config=${files.containerd}`],
  },
  etcd: kubernetes("etcd", ({ folders }) => [
    `--data-dir=${folders.etcd}`,
    `--listen-client-urls=http://127.0.0.1:${ports.etcd}`,
    `--advertise-client-urls=http://127.0.0.1:${ports.etcd}`,
    `--listen-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${ports.etcdPeer}`,
    `--initial-cluster=default=http://127.0.0.1:${ports.etcdPeer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ]),
  "kube-apiserver": kubernetes("kube-apiserver", ({ files }) => [
    `--advertise-address=${addresses.node}`,
    `--secure-port=${ports.api}`,
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    `--service-cluster-ip-range=${addresses.services}`,
    `--tls-cert-file=${files.apiCertificate}`,
    `--tls-private-key-file=${files.apiKey}`,
    `--token-auth-file=${files.tokens}`,
    `--client-ca-file=${files.authority}`,
    "--authorization-mode=Node,RBAC",
    // As everywhere: who may have such pods is Pod Security's to say.
    "--allow-privileged=true",
    "--enable-admission-plugins=NodeRestriction",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.accountKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    // For logs and commands in pods.
    `--kubelet-certificate-authority=${files.authority}`,
    `--kubelet-client-certificate=${files.kubeletClientCertificate}`,
    `--kubelet-client-key=${files.kubeletClientKey}`,
    `--kubelet-preferred-address-types=InternalIP`,
    // For APIs that pods answer, such as measurements.
    `--requestheader-client-ca-file=${files.frontAuthority}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${files.frontCertificate}`,
    `--proxy-client-key-file=${files.frontKey}`,
    // One machine's tests need no fairness, and it takes a second to be ready.
    "--enable-priority-and-fairness=false",
    "--profiling=false",
  ]),
  "kube-controller-manager": kubernetes("kube-controller-manager", ({ files, kubeconfig }) => [
    `--kubeconfig=${kubeconfig("kube-controller-manager")}`,
    "--use-service-account-credentials",
    `--root-ca-file=${files.authority}`,
    `--service-account-private-key-file=${files.accountKey}`,
    `--cluster-signing-cert-file=${files.authority}`,
    `--cluster-signing-key-file=${files.authorityKey}`,
    // Three times as often as elsewhere: tests wait for it.
    "--horizontal-pod-autoscaler-sync-period=5s",
    "--pvclaimbinder-sync-period=1s",
    "--kube-api-qps=500",
    "--kube-api-burst=500",
    ...alone,
  ]),
  "kube-scheduler": kubernetes("kube-scheduler", ({ kubeconfig }) => [
    `--kubeconfig=${kubeconfig("kube-scheduler")}`,
    ...alone,
  ]),
  kubelet: kubernetes("kubelet", ({ files, folders, kubeconfig }) => [
    `--config=${files.kubelet}`,
    `--kubeconfig=${kubeconfig("kubelet")}`,
    `--root-dir=${folders.kubelet}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${addresses.node}`,
  ]),
  "kube-proxy": kubernetes("kube-proxy", ({ files }) => [
    `--config=${files.kubeProxy}`,
    `--hostname-override=${nodeName}`,
  ]),
} as const satisfies Readonly<Record<string, Server>>;

export type ServerName = keyof typeof servers;

export interface Servers {
  start(...names: readonly ServerName[]): void;
  /** Throws, with the last words, where one has ended. */
  check(): void;
}

/** They end with the first process in the node. */
export function startServers(first: Life, layout: Layout): Servers {
  const running = new Map<ServerName, Running>();
  const env = nodeEnv();
  return {
    start: (...names) => {
      for (const name of names) {
        const { program, args } = servers[name];
        const [enter = "", ...options] = [...inNode(first), program(), ...args(layout)];
        running.set(name, start(name, enter, options, layout.log(name), { env, outlives: true }));
      }
      const lives = [...running].flatMap(([name, { pid }]) => {
        const life = lifeOf(pid);
        return life === undefined ? [] : [[name, life] as const];
      });
      addToRecord({ parts: Object.fromEntries(lives) });
    },
    check: () => {
      for (const one of running.values()) one.check();
    },
  };
}
