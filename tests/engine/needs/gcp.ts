import type { Needs } from "../order.js";
import { always, of } from "./need.js";

/** An API that was turned on, and the minute until all of Google has heard of it (`time.ts`). */
const api = (name: string) =>
  [
    of("gcp:projects/service:Service", ({ service }) => service === `${name}.googleapis.com`),
    of("time:index/sleep:Sleep"),
  ] as const;
const network = of("gcp:compute/network:Network");
const subnet = of("gcp:compute/subnetwork:Subnetwork");
const cluster = of("gcp:container/cluster:Cluster");
const database = of(
  "gcp:sql/databaseInstance:DatabaseInstance",
  (inputs) => inputs["masterInstanceName"] === undefined,
);
const copy = of(
  "gcp:sql/databaseInstance:DatabaseInstance",
  ({ masterInstanceName }) => masterInstanceName !== undefined,
);
const grant = of("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
const nodeAccount = [of("gcp:serviceaccount/account:Account"), of("gcp:projects/iAMMember:IAMMember")];

export const needsOnGcp: Needs = {
  "gcp:compute/network:Network": always(...api("compute")),
  "gcp:compute/subnetwork:Subnetwork": always(network),
  "gcp:compute/router:Router": always(network),
  "gcp:compute/routerNat:RouterNat": always(subnet, of("gcp:compute/router:Router")),
  "gcp:kms/keyRing:KeyRing": always(...api("cloudkms")),
  "gcp:kms/cryptoKey:CryptoKey": always(of("gcp:kms/keyRing:KeyRing")),
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": always(of("gcp:kms/cryptoKey:CryptoKey")),
  "gcp:serviceaccount/account:Account": always(...api("iam")),
  "gcp:projects/iAMMember:IAMMember": always(of("gcp:serviceaccount/account:Account")),
  "gcp:container/cluster:Cluster": always(...api("container"), subnet, grant, ...nodeAccount),
  "gcp:container/nodePool:NodePool": always(cluster),
  "gcp:sql/databaseInstance:DatabaseInstance": ({ masterInstanceName }) =>
    masterInstanceName === undefined ? [...api("sqladmin"), grant] : [database],
  "gcp:sql/database:Database": always(database),
  "gcp:sql/user:User": always(database, of("random:index/randomPassword:RandomPassword")),
  "gcp:compute/address:Address": always(subnet),
  // Each leads to a server of its own: the first of them to any.
  // A copy's own way in leads to the copy.
  "gcp:compute/forwardingRule:ForwardingRule": ({ description }) => [
    String(description).includes("-replica-") ? copy : database,
    of("gcp:compute/address:Address"),
  ],
  "gcp:dns/managedZone:ManagedZone": always(network, database),
  "gcp:dns/recordSet:RecordSet": always(of("gcp:dns/managedZone:ManagedZone")),
  "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": always(
    ...api("networkconnectivity"),
    subnet,
  ),
  "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": always(...api("monitoring")),
  "gcp:monitoring/notificationChannel:NotificationChannel": always(...api("monitoring")),
  "gcp:monitoring/alertPolicy:AlertPolicy": always(
    of("gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig"),
    of("gcp:monitoring/notificationChannel:NotificationChannel"),
  ),
  "gcp:memorystore/instance:Instance": always(
    ...api("memorystore"),
    of("gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy"),
    grant,
  ),
};
