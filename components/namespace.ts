import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../providers/contract.js";
import { inside } from "./inside.js";

/** A namespace in which no pod may do more than the `restricted` standard lets it. */
export const createNamespace = (name: string, cluster: Cluster, parent: pulumi.Resource): Namespace =>
  new Namespace(
    name,
    {
      metadata: {
        name,
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    },
    inside(cluster, parent),
  );
