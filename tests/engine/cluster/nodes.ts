import type { Node } from "kubernetes-types/core/v1.js";
import type { Api } from "./api.js";
import { minutes } from "./minutes.js";
import { hasCondition, type Role } from "./stage.js";

const PATH = "/api/v1/nodes";

/** Both architectures and three zones, so that what asks for either finds it. */
const nodes = [
  { name: "node-a", arch: "arm64", zone: "zone-a" },
  { name: "node-b", arch: "amd64", zone: "zone-b" },
  { name: "node-c", arch: "arm64", zone: "zone-c" },
] as const;

const capacity = { cpu: "64", memory: "512Gi", pods: "500", "ephemeral-storage": "2Ti" };

const CLASS = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "disk.played.example.com",
  reclaimPolicy: "Delete",
  allowVolumeExpansion: true,
  volumeBindingMode: "WaitForFirstConsumer",
};

/** Nodes that register themselves wherever they are missing, and the storage class that comes with a cluster. */
export const nodeRole: Role<Node> = {
  path: PATH,
  listed: ({ api }) => register(api),
  next: (node, { api }) =>
    hasCondition(node.status?.conditions, "Ready")
      ? undefined
      : { name: "ready", minutes: minutes.nodeReady, run: () => makeReady(node, api) },
};

async function register(api: Api): Promise<void> {
  await api.create("/apis/storage.k8s.io/v1/storageclasses", CLASS);
  for (const { name, arch, zone } of nodes)
    await api.create(PATH, {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name,
        labels: {
          "kubernetes.io/hostname": name,
          "kubernetes.io/os": "linux",
          "kubernetes.io/arch": arch,
          "topology.kubernetes.io/region": "played",
          "topology.kubernetes.io/zone": zone,
        },
      },
    });
}

async function makeReady(node: Node, api: Api): Promise<void> {
  const path = `${PATH}/${node.metadata?.name}`;
  const architecture = node.metadata?.labels?.["kubernetes.io/arch"] ?? "amd64";
  await api.merge(`${path}/status`, {
    status: {
      capacity,
      allocatable: capacity,
      addresses: [{ type: "InternalIP", address: addressOf(node.metadata?.name) }],
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady", message: "played" }],
      nodeInfo: { ...systemInfo, architecture },
    },
  });
  // Admission marks a new node as not ready, and a controller that watches heartbeats would lift it.
  await api.merge(path, { spec: { taints: null } });
}

export const addressOf = (node: string | undefined): string =>
  `192.168.0.${10 + nodes.findIndex(({ name }) => name === node)}`;

const systemInfo = {
  operatingSystem: "linux",
  kubeletVersion: "v1.36.3",
  kubeProxyVersion: "",
  containerRuntimeVersion: "played://1",
  kernelVersion: "6.12",
  osImage: "played",
  bootID: "",
  machineID: "",
  systemUUID: "",
};
