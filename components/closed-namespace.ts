import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../providers/contract.js";
import { inside } from "./inside.js";
import { type Policy, podsIn, tcp } from "./peers.js";

/** Nobody there calls anybody, or is called, but by a policy of their own. */
export function closeNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  cluster: Cluster,
  parent: pulumi.Resource,
): void {
  new NetworkPolicy(`${name}-default-deny`, renderDefaultDeny(namespace), inside(cluster, parent));
  new NetworkPolicy(`${name}-names`, renderNames(namespace), inside(cluster, parent));
}

// Policies of services have the services' names, which have no dots.

/** In a namespace nobody may call anybody, in or out, until a policy says so. */
export const renderDefaultDeny = (namespace: pulumi.Input<string>): Policy => ({
  metadata: { name: "platform.default-deny", namespace },
  spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
});

/** Names are looked up by everybody. */
export const renderNames = (namespace: pulumi.Input<string>): Policy => ({
  metadata: { name: "platform.names", namespace },
  spec: {
    podSelector: {},
    policyTypes: ["Egress"],
    egress: [
      {
        to: [
          {
            ...podsIn("kube-system"),
            // The second is a cache on each node, where a cluster has it.
            podSelector: {
              matchExpressions: [{ key: "k8s-app", operator: "In", values: ["kube-dns", "node-local-dns"] }],
            },
          },
        ],
        ports: [{ protocol: "UDP", port: 53 }, ...tcp(53)],
      },
    ],
  },
});
