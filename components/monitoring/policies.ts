import { NetworkPolicy } from "@pulumi/kubernetes/networking/v1/networkPolicy.js";
import type * as pulumi from "@pulumi/pulumi";
import { inside } from "../inside.js";
import { labelled, type Policy, tcp } from "../peers.js";
import { type EdgeScene, type Part, partsOf } from "./edges.js";

/** A policy for each part of monitoring; the namespace is closed otherwise. */

export function renderPartPolicy(part: string, namespace: pulumi.Input<string>, one: Part): Policy {
  const { pods, calledBy, calls, gossip } = one;
  const own = labelled(pods);
  const among = gossip === undefined ? [] : ["TCP", "UDP"].map((protocol) => ({ protocol, port: gossip }));
  return {
    // Policies of charts have no dots in their names.
    metadata: { name: `platform.${part}`, namespace },
    spec: {
      ...own,
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        ...calledBy.map(({ from, ports }) => ({
          ...(from === "anybody" ? {} : { from: [...from] }),
          ports: tcp(...ports),
        })),
        ...(among.length === 0 ? [] : [{ from: [own], ports: among }]),
      ],
      egress:
        calls === "anybody"
          ? [{}]
          : [
              ...calls.map(({ to, port }) => ({ to, ports: tcp(port) })),
              ...(among.length === 0 ? [] : [{ to: [own], ports: among }]),
            ],
    },
  };
}

export const createPolicies = (stem: string, scene: EdgeScene, parent: pulumi.Resource): readonly NetworkPolicy[] =>
  Object.entries(partsOf(scene)).map(
    ([part, one]) =>
      new NetworkPolicy(`${stem}-${part}`, renderPartPolicy(part, scene.namespace, one), inside(scene.cluster, parent)),
  );
