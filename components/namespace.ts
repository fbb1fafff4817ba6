import { Namespace } from "@pulumi/kubernetes/core/v1/namespace.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster } from "../providers/contract.js";
import { inside } from "./inside.js";

/** What pods may do, by the Pod Security Standards. */
type Standard = "restricted" | "privileged";

/** A namespace in which no pod may do more than its standard lets it: the strictest, unless somebody has a reason. */
export const createNamespace = (
  name: string,
  cluster: Cluster,
  parent: pulumi.Resource,
  standard: Standard = "restricted",
): Namespace =>
  new Namespace(
    name,
    {
      metadata: {
        name,
        labels: {
          "pod-security.kubernetes.io/enforce": standard,
          "pod-security.kubernetes.io/audit": standard,
          "pod-security.kubernetes.io/warn": standard,
        },
      },
    },
    inside(cluster, parent),
  );
