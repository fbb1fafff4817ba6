import { Provider as GcpProvider } from "@pulumi/gcp/provider.js";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { Provider as TimeProvider } from "@pulumiverse/time/provider.js";
import type { Settings } from "../../../config/settings.js";
import type { RecordedResource } from "../../../plan/record.js";
import type { Cluster, Network } from "../../../providers/contract.js";
import { GcpGround } from "../../../providers/gcp/ground.js";
import { GcpSecretStore } from "../../../providers/gcp/secrets.js";
import type { Stubs } from "../deploy.js";
import { partsOn } from "../part.js";
import type { Rows } from "../rows.js";
import { gcpStack } from "../settings.js";
import { dataClusterOf } from "./cluster.js";

const PROJECT = gcpStack.gcp.project;
const NUMBER = "123456789012";
const REGION = gcpStack.region;

/** What auto-naming would make of it. */
const named = ({ name, inputs }: RecordedResource) => String(inputs["name"] ?? `${name}-1a2b3c4`);
const withName = (resource: RecordedResource) => ({ name: named(resource) });
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----`;

/** What Google Cloud would answer to databases, caches, buckets, secrets, identities, registries and zones. */
export const gcpDataStubs = {
  outputs: {
    "random:index/randomPassword:RandomPassword": ({ name }) => ({ result: `password of ${name}` }),
    "random:index/randomId:RandomId": () => ({ hex: "0a1b2c" }),
    "gcp:projects/serviceIdentity:ServiceIdentity": ({ inputs }) => ({
      member: `serviceAccount:agent of ${inputs["service"]}`,
    }),
    "gcp:sql/databaseInstance:DatabaseInstance": (instance) => ({
      ...withName(instance),
      dnsName: `${instance.name}.abc.${REGION}.sql-psc.goog.`,
      pscServiceAttachmentLink: `attachment of ${instance.name}`,
      serverCaCerts: [{ cert: pem(`CA of ${REGION}`) }],
    }),
    "gcp:compute/address:Address": ({ name }) => ({ address: `address of ${name}`, selfLink: `link to ${name}` }),
    "gcp:dns/managedZone:ManagedZone": (zone) => ({
      ...withName(zone),
      nameServers: ["ns-1.example.org.", "ns-2.example.org."],
    }),
    "gcp:memorystore/instance:Instance": ({ inputs }) => ({
      endpoints: [
        {
          connections: [
            { pscAutoConnection: { connectionType: "CONNECTION_TYPE_READER", ipAddress: "10.0.200.6" } },
            {
              pscAutoConnection: {
                connectionType: inputs["mode"] === "CLUSTER" ? "CONNECTION_TYPE_DISCOVERY" : "CONNECTION_TYPE_PRIMARY",
                ipAddress: "10.0.200.5",
              },
            },
          ],
        },
      ],
      managedServerCas: [{ caCerts: [{ certificates: [pem("CA of the cache")] }] }],
    }),
    "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig": ({ name }) => ({ uptimeCheckId: `${name}-9fLKbkN0bjM` }),
    "gcp:storage/bucket:Bucket": withName,
    "gcp:secretmanager/secret:Secret": ({ name }) => ({ secretId: `${name}-1a2b3c4` }),
    "gcp:secretmanager/secretVersion:SecretVersion": ({ inputs }) => ({ name: `${inputs["secret"]}/versions/1` }),
    "gcp:artifactregistry/repository:Repository": ({ inputs }) => ({ name: inputs["repositoryId"] }),
  },
  calls: {
    "gcp:organizations/getProject:getProject": ({ inputs }) => ({ ...inputs, number: NUMBER }),
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": ({ inputs }) => ({
      ...inputs,
      member: "serviceAccount:agent of storage",
    }),
    "gcp:storage/getBucket:getBucket": ({ inputs }) => ({ ...inputs, location: "EUROPE-NORTH1" }),
    "gcp:dns/getManagedZone:getManagedZone": ({ inputs }) => ({ ...inputs, nameServers: ["ns-9.example.org."] }),
  },
} satisfies Stubs;

/** What the platform hands down to every part. */
const gcpProviders = () => [
  new GcpProvider("gcp", { project: PROJECT, region: REGION }),
  new TimeProvider("time"),
  new random.Provider("random"),
];

const dataGround = (stack: Settings, opts: pulumi.ComponentResourceOptions): GcpGround =>
  new GcpGround("agents", { stack }, opts);

export const deployGcpPart = partsOn(gcpProviders, dataGround, gcpDataStubs);

export const dataNetwork = (): Network => ({
  id: pulumi.output(`projects/${PROJECT}/global/networks/agents`),
  subnets: {
    private: pulumi.output(["subnet-private"]),
    public: pulumi.output([]),
    data: pulumi.output(["subnet-data"]),
  },
  clientCidrs: [pulumi.output("10.0.0.0/18"), pulumi.output("100.64.0.0/14")],
  dataCidrs: pulumi.output(["10.0.200.0/22"]),
});

export const dataCluster = (): Cluster => dataClusterOf("serviceAccount:nodes@acme-agents.iam.gserviceaccount.com");

export const dataStore = (
  stack: Settings,
  ground: GcpGround,
  opts: pulumi.ComponentResourceOptions,
  cluster: Cluster = dataCluster(),
): GcpSecretStore =>
  new GcpSecretStore("agents", { stack, ground, settings: stack.secretStore, network: dataNetwork(), cluster }, opts);

/** A part's own key, and who may use it. */
export const keyRows = (name: string): Rows => [
  ["agent-platform:gcp:Key", name],
  ["gcp:kms/cryptoKey:CryptoKey", name],
  ["gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", `${name}-agent`],
];
