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
  /** Where it shows its metrics, and to whom; nobody looks where it has none. */
  readonly metrics: { readonly port: number; readonly reader: ReturnType<typeof podsIn> } | undefined;
  readonly reaches: readonly Reach[];
}

/** Exactly what follows from `uses`, `routes` and `metrics`: its own, and that of those who use it. */
export function renderPolicy(policy: ServicePolicy): Policy {
  const { service, namespace, port, callers, gateway, metrics, reaches } = policy;
  const from = [...callers.map((caller) => labelled(labelsOf(caller))), ...(gateway === undefined ? [] : [gateway])];
  return {
    metadata: { name: service, namespace, labels: labelsOf(service) },
    spec: {
      ...labelled(labelsOf(service)),
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        ...(port === undefined || from.length === 0 ? [] : [{ from, ports: tcp(port) }]),
        ...(metrics === undefined ? [] : [{ from: [metrics.reader], ports: tcp(metrics.port) }]),
      ],
      egress: reaches.map(({ to, port: called }) => ({ to, ports: tcp(called) })),
    },
  };
}
