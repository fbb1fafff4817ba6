/** The node's network is its own: these are the same on every machine, and in nobody's way. */
export const addresses = {
  /** The node's end of a pair of interfaces: here its API server and its NodePorts answer. */
  node: "10.89.0.1",
  /** The other end, where a person outside is. */
  outside: "10.89.0.2",
  pods: "10.244.0.0/24",
  services: "10.96.0.0/16",
  /** The first of the services' addresses is always the API server's. */
  api: "10.96.0.1",
  names: "10.96.0.10",
} as const;

export const ports = { api: 6443, etcd: 2379, etcdPeer: 2380, names: 53 } as const;

export const nodeName = "node";

/** Of cgroups, files and processes on the machine: there is one node at a time. */
export const mark = "agent-platform-node";
