import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { StorePods } from "../providers/contract.js";

/** What network policies are written with. */

export type Policy = kubernetes.types.input.networking.v1.NetworkPolicy;
export type Labels = Readonly<Record<string, pulumi.Input<string>>>;

/** Pods of a namespace: all of them, or those with the labels. */
export const podsIn = (namespace: pulumi.Input<string>, labels?: Labels) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  ...(labels === undefined ? {} : labelled(labels)),
});

/** Pods of the policy's own namespace. */
export const labelled = (labels: Labels) => ({ podSelector: { matchLabels: { ...labels } } });

export const tcp = (...ports: readonly pulumi.Input<number>[]) => ports.map((port) => ({ protocol: "TCP", port }));

/** The port that an address of http or https means. */
export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return Number(port === "" ? (protocol === "https:" ? 443 : 80) : port);
}

/** An address that pods may call. */
export interface Reach {
  readonly to: pulumi.Input<pulumi.Input<Peer>[]>;
  readonly port: pulumi.Input<number>;
}
type Peer =
  | { readonly ipBlock: { readonly cidr: string; readonly except?: string[] } }
  | ReturnType<typeof podsIn>
  | ReturnType<typeof labelled>;

/** All of the internet, and nothing that is near: neither networks of one's own nor what tells a node's secrets. */
export const INTERNET = {
  cidr: "0.0.0.0/0",
  except: ["10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"],
};

/** For what is known by its name only, which may lead anywhere but to what tells a node's secrets. */
export const ANYWHERE = { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] };

/** Who answers for a store. A name may lead anywhere: then its port is what is opened. */
export const peersOf = ({
  cidrs,
  pods,
}: {
  readonly cidrs: pulumi.Output<string[]>;
  readonly pods?: StorePods;
}): Reach["to"] =>
  pods === undefined
    ? cidrs.apply((ranges) =>
        ranges.length === 0 ? [{ ipBlock: ANYWHERE }] : ranges.map((cidr) => ({ ipBlock: { cidr } })),
      )
    : [podsIn(pods.namespace, pods.labels)];
