import type { Props } from "../providers/serve.js";
import { CALL, type Rows } from "./row.js";

/** Inside a cluster: images that are pulled, and controllers that are waited for. */
export const minutesInCluster: Rows = {
  "kubernetes:apps/v1:DaemonSet": { create: 0.5, update: 0.5 },
  "kubernetes:apps/v1:Deployment": { create: 0.5, update: 0.5 },
  "kubernetes:apps/v1:StatefulSet": { create: 0.7, update: 0.7 },
  "kubernetes:batch/v1:Job": { create: 0.5 },
  "kubernetes:core/v1:Service": ({ spec }) =>
    (spec as Props | undefined)?.["type"] === "LoadBalancer" ? { create: 3, delete: 1 } : CALL,
  "kubernetes:helm.sh/v3:Release": { create: 1, update: 1, delete: 0.5 },
  "kubernetes:postgresql.cnpg.io/v1:Cluster": { create: 2, update: 1, delete: 0.2 },
};
