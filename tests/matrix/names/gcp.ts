import { domain, label, type NamesOfCloud } from "./rule.js";

const child = "an edge or a document of what it belongs to";
const compute = { at: "name", max: 63, pattern: label };

export const gcp: NamesOfCloud = {
  rules: {
    "gcp:artifactregistry/repository:Repository": { at: "repositoryId", max: 63, pattern: label },
    "gcp:compute/address:Address": compute,
    "gcp:compute/firewall:Firewall": compute,
    "gcp:compute/forwardingRule:ForwardingRule": compute,
    "gcp:compute/network:Network": compute,
    "gcp:compute/router:Router": compute,
    "gcp:compute/routerNat:RouterNat": { ...compute, within: "router" },
    "gcp:compute/subnetwork:Subnetwork": compute,
    "gcp:container/cluster:Cluster": { at: "name", max: 40, pattern: label },
    "gcp:container/nodePool:NodePool": { at: "name", max: 40, pattern: label, within: "cluster" },
    "gcp:dns/managedZone:ManagedZone": { at: "name", max: 63, pattern: label },
    "gcp:dns/recordSet:RecordSet": { at: "name", max: 254, pattern: domain, within: "managedZone" },
    "gcp:kms/cryptoKey:CryptoKey": { at: "name", max: 63, pattern: /^[\w-]+$/, within: "keyRing" },
    "gcp:kms/keyRing:KeyRing": { at: "name", max: 63, pattern: /^[\w-]+$/ },
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": {
      at: "bucketId",
      max: 100,
      pattern: /^[A-Za-z0-9][\w.-]*$/,
      reserved: /^_(Default|Required)$/,
    },
    "gcp:logging/projectSink:ProjectSink": {
      at: "name",
      max: 100,
      pattern: /^[A-Za-z0-9][\w.-]*$/,
      reserved: /^_(Default|Required)$/,
    },
    "gcp:memorystore/instance:Instance": { at: "instanceId", min: 4, max: 63, pattern: label },
    "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy": compute,
    "gcp:secretmanager/secret:Secret": { at: "secretId", max: 255, pattern: /^[\w-]+$/ },
    "gcp:serviceaccount/account:Account": { at: "accountId", min: 6, max: 30, pattern: label },
    // PROJECT:INSTANCE has 98 characters at the most, and a project up to 30.
    "gcp:sql/databaseInstance:DatabaseInstance": { at: "name", max: 67, pattern: label },
    "gcp:sql/database:Database": {
      at: "name",
      max: 63,
      pattern: /^[a-z_][a-z0-9_-]*$/,
      reserved: /^(postgres|template[01]|cloudsqladmin)$/,
      within: "instance",
    },
    "gcp:sql/user:User": {
      at: "name",
      max: 63,
      pattern: /^[a-z_][a-z0-9_-]*$/,
      reserved: /^(postgres|cloudsql|pg_)/,
      within: "instance",
    },
    "gcp:storage/bucket:Bucket": { at: "name", min: 3, max: 63, pattern: label, reserved: /^goog|google|g00gle/ },
  },
  nameless: {
    // What people read may be anything.
    "gcp:monitoring/alertPolicy:AlertPolicy": "known by an id that Google gives",
    "gcp:monitoring/notificationChannel:NotificationChannel": "known by an id that Google gives",
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": "known by an id that Google gives",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": child,
    "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": child,
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": child,
    "gcp:projects/iAMMember:IAMMember": child,
    "gcp:projects/service:Service": "Google names its APIs",
    "gcp:projects/serviceIdentity:ServiceIdentity": "Google names its agents",
    "gcp:secretmanager/secretIamMember:SecretIamMember": child,
    "gcp:secretmanager/secretVersion:SecretVersion": child,
    "gcp:storage/bucketIAMMember:BucketIAMMember": child,
  },
};
