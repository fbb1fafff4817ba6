import type * as pulumi from "@pulumi/pulumi";
import { labelled, type Policy, type podsIn, type Reach, tcp } from "../peers.js";
import { labelsOf } from "./labels.js";

export interface ServicePolicy {
  readonly service: string;
  readonly namespace: pulumi.Input<string>;
  /** Where it answers; nowhere for a worker. */
  readonly port: number | undefined;
  /** Services that use it. */
  readonly callers: readonly string[];
  /** The gateway's pods, where it has routes. */
  readonly gateway: ReturnType<typeof podsIn> | undefined;
  readonly reaches: readonly Reach[];
}

/** Exactly what follows from `uses` and `routes`: its own, and that of those who use it. */
export function renderPolicy({ service, namespace, port, callers, gateway, reaches }: ServicePolicy): Policy {
  const from = [...callers.map((caller) => labelled(labelsOf(caller))), ...(gateway === undefined ? [] : [gateway])];
  return {
    metadata: { name: service, namespace, labels: labelsOf(service) },
    spec: {
      ...labelled(labelsOf(service)),
      policyTypes: ["Ingress", "Egress"],
      ingress: port === undefined || from.length === 0 ? [] : [{ from, ports: tcp(port) }],
      egress: reaches.map(({ to, port: called }) => ({ to, ports: tcp(called) })),
    },
  };
}
