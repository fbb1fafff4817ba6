import type { Rows } from "./row.js";

/**
 * GKE, Cloud SQL and Memorystore are in the middle of what logs of ordinary runs of the provider show (GKE 6-10 minutes,
 * of which the pool that is made and taken away is two; Cloud SQL 5-15; a replica 5-10; Memorystore 10-20); the rest is
 * operations of Compute Engine, which the provider asks about every few seconds.
 */
export const minutesOnGcp: Rows = {
  "gcp:artifactregistry/repository:Repository": { create: 0.2, delete: 0.1 },
  "gcp:compute/address:Address": { create: 0.2, delete: 0.2 },
  "gcp:compute/forwardingRule:ForwardingRule": { create: 0.4, delete: 0.4 },
  "gcp:compute/network:Network": { create: 0.4, delete: 0.4 },
  "gcp:compute/router:Router": { create: 0.2, delete: 0.2 },
  "gcp:compute/routerNat:RouterNat": { create: 0.2, update: 0.2, delete: 0.2 },
  "gcp:compute/subnetwork:Subnetwork": { create: 0.4, update: 0.2, delete: 0.3 },
  "gcp:container/cluster:Cluster": { create: 9, update: 5, delete: 4 },
  "gcp:container/nodePool:NodePool": { create: 1.5, update: 3, delete: 2 },
  "gcp:logging/projectBucketConfig:ProjectBucketConfig": { create: 0.05 },
  "gcp:memorystore/instance:Instance": { create: 12, update: 10, delete: 6 },
  "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": { create: 0.3, delete: 0.5 },
  // IAM answers at once, and the provider then waits until the account is seen everywhere.
  "gcp:projects/iAMMember:IAMMember": { create: 0.15, delete: 0.15 },
  "gcp:projects/service:Service": { create: 0.3 },
  "gcp:projects/serviceIdentity:ServiceIdentity": { create: 0.1 },
  "gcp:serviceaccount/account:Account": { create: 0.2 },
  "gcp:sql/databaseInstance:DatabaseInstance": ({ masterInstanceName, settings }) => ({
    create: masterInstanceName !== undefined ? 7 : JSON.stringify(settings).includes("REGIONAL") ? 10 : 6,
    update: 3,
    delete: 1,
  }),
  "gcp:sql/user:User": { create: 0.1 },
};
