import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { tools } from "../../tools/table.js";
import { nodeImages } from "../images/references.js";
import { addresses, mark } from "./addresses.js";
import type { Layout } from "./layout.js";

export const runtimeSocket = "/run/containerd/containerd.sock";

/** The settings of the parts that take a file. JSON is YAML as well. */
export function writeSettings(layout: Layout): void {
  const { files } = layout;
  writeFileSync(files.noNames, "");
  writeFileSync(files.containerd, containerd(layout));
  writeFileSync(files.network, JSON.stringify(network, undefined, 2));
  writeFileSync(files.kubelet, JSON.stringify(kubelet(layout), undefined, 2));
  writeFileSync(files.kubeProxy, JSON.stringify(kubeProxy(layout), undefined, 2));
}

const text = (value: string): string => JSON.stringify(value);

const containerd = ({ folders }: Layout): string => `version = 2
root = ${text(folders.containerd)}
state = "/run/containerd"
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]

[grpc]
  address = ${text(runtimeSocket)}

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${text(nodeImages.pause)}
  # A process in a namespace may not be dearer to the kernel than the one that began it.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${text(join(tools.containerd.folder(), "usr", "lib", "cni"))}
    conf_dir = ${text(folders.network)}
`;

/** One bridge for all pods. Nothing hides their addresses: whoever they speak to knows the way back. */
const network = {
  cniVersion: "1.0.0",
  name: "pods",
  plugins: [
    {
      type: "bridge",
      bridge: "pods0",
      isGateway: true,
      // A pod that asks its own service gets to itself.
      hairpinMode: true,
      ipam: { type: "host-local", ranges: [[{ subnet: addresses.pods }]], routes: [{ dst: "0.0.0.0/0" }] },
    },
  ],
};

const kubelet = ({ files, folders }: Layout): object => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  containerRuntimeEndpoint: `unix://${runtimeSocket}`,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${mark}`,
  failCgroupV1: false,
  failSwapOn: false,
  // Nothing here needs them, and the machine may not have the program.
  makeIPTablesUtilChains: false,
  seccompDefault: true,
  clusterDomain: "cluster.local",
  clusterDNS: [addresses.names],
  resolvConf: files.noNames,
  podLogsDir: folders.podLogs,
  volumePluginDir: folders.plugins,
  tlsCertFile: files.kubeletCertificate,
  tlsPrivateKeyFile: files.kubeletKey,
  authentication: {
    anonymous: { enabled: false },
    webhook: { enabled: true },
    x509: { clientCAFile: files.authority },
  },
  authorization: { mode: "Webhook" },
  // The disk is the machine's, and images that go cannot be pulled again.
  imageGCHighThresholdPercent: 100,
  evictionHard: { "memory.available": "200Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
});

const kubeProxy = ({ kubeconfig }: Layout): object => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: kubeconfig("kube-proxy") },
  mode: "nftables",
  // The machine's own limits on connections are not a namespace's to set.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
});
