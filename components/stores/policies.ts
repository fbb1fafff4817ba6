import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { exporterLabels, type StoreKind } from "../monitoring/exporters.js";
import { monitoringNamespace } from "../monitoring/places.js";
import { type Labels, labelled, type Policy, podsIn, tcp } from "../peers.js";

export interface StorePolicy {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Labels;
  readonly port: number;
  /** Where services run: which of them may call is theirs to say. */
  readonly clients: string;
  /** Others of its own namespace who may call: what prepares it. */
  readonly neighbours: readonly Labels[];
  /** Who measures it, from another namespace; nobody where nothing watches. */
  readonly measuredBy: readonly ReturnType<typeof podsIn>[];
  /** Who looks after it from another namespace, and on which port. */
  readonly operator?: { readonly namespace: string; readonly port: number };
  /** Whether its pods call the API server, whose address no policy knows. */
  readonly callsOut: boolean;
}

/** Who measures the store of that key, where somebody watches. */
export const measurersOf = (kind: StoreKind, key: string, stack: Settings): StorePolicy["measuredBy"] =>
  stack.monitoring.mode === "none" ? [] : [podsIn(monitoringNamespace(stack), exporterLabels(kind, key))];

/** A store in the cluster answers services, what prepares and what measures it, its own copies and its operator. */
export function renderStorePolicy(policy: StorePolicy): Policy {
  const { name, namespace, labels, port, clients, neighbours, measuredBy, operator, callsOut } = policy;
  const own = labelled(labels);
  return {
    metadata: { name, namespace },
    spec: {
      ...own,
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [podsIn(clients), own, ...neighbours.map(labelled), ...measuredBy], ports: tcp(port) },
        ...(operator === undefined ? [] : [{ from: [podsIn(operator.namespace), own], ports: tcp(operator.port) }]),
      ],
      egress: callsOut ? [{}] : [{ to: [own], ports: tcp(port) }],
    },
  };
}
