import { Provider as GcpProvider } from "@pulumi/gcp/provider.js";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { Provider as RandomProvider } from "@pulumi/random/provider.js";
import { Provider as TimeProvider } from "@pulumiverse/time/provider.js";
import type { Settings } from "../../../config/settings.js";
import type { RecordedResource } from "../../../plan/record.js";
import { GcpGround } from "../../../providers/gcp/ground.js";
import type { Stubs } from "../deploy.js";
import { partsOn } from "../part.js";
import { gcpStack } from "../settings.js";

const PROJECT = "acme-agents";
const NUMBER = "123456789012";

/** Production, which must say who reaches the API server. */
export const gcpCareful = {
  ...gcpStack,
  environment: "production",
  monitoring: { mode: "none" },
  cluster: { access: { cidrs: ["203.0.113.0/24"] } },
} as const;

/** What the platform hands down to every part. */
export const gcpComputeProviders = () => [
  new GcpProvider("gcp", { project: PROJECT, region: gcpStack.region }),
  new TimeProvider("time"),
  new RandomProvider("random"),
];

/** What auto-naming would make of it. */
const named = ({ name, inputs }: RecordedResource) => String(inputs["name"] ?? `${name}-1a2b3c4`);
const withName = (resource: RecordedResource) => ({ name: named(resource) });

/** What Google Cloud would answer to a ground, a network, a cluster, keys and log buckets. */
export const gcpComputeStubs = {
  outputs: {
    "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
    "gcp:projects/serviceIdentity:ServiceIdentity": ({ inputs }) => ({
      member: `serviceAccount:service-${NUMBER}@${inputs["service"]}`,
    }),
    "gcp:compute/network:Network": withName,
    "gcp:compute/subnetwork:Subnetwork": withName,
    "gcp:compute/router:Router": withName,
    "gcp:serviceaccount/account:Account": ({ inputs }) => ({
      email: `${inputs["accountId"]}@${PROJECT}.iam.gserviceaccount.com`,
      member: `serviceAccount:${inputs["accountId"]}@${PROJECT}.iam.gserviceaccount.com`,
    }),
    "gcp:container/cluster:Cluster": ({ inputs }) => ({
      endpoint: "203.0.113.7",
      masterAuth: { clientCertificateConfig: { issueClientCertificate: false }, clusterCaCertificate: "Q0E=" },
      controlPlaneEndpointsConfig: {
        ...(inputs["controlPlaneEndpointsConfig"] as object),
        dnsEndpointConfig: { endpoint: `gke-0a1b2c-${NUMBER}.europe-west1.gke.goog` },
      },
    }),
  },
  calls: {
    "gcp:organizations/getProject:getProject": ({ inputs }) => ({ ...inputs, number: NUMBER }),
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": () => ({
      member: `serviceAccount:service-${NUMBER}@gs-project-accounts.iam.gserviceaccount.com`,
    }),
    "gcp:compute/getSubnetwork:getSubnetwork": ({ inputs }) => ({
      ...inputs,
      ipCidrRange: String(inputs["selfLink"]).endsWith("data") ? "10.42.16.0/24" : "10.42.0.0/20",
    }),
    "gcp:container/getCluster:getCluster": ({ inputs }) => ({
      ...inputs,
      endpoint: "203.0.113.9",
      masterAuths: [{ clusterCaCertificate: "RVg=" }],
      controlPlaneEndpointsConfigs: [
        { dnsEndpointConfigs: [{ endpoint: "gke-9z8y7x.europe-west1.gke.goog", allowExternalTraffic: false }] },
      ],
    }),
  },
} satisfies Stubs;

const computeGround = (stack: Settings, opts: ComponentResourceOptions): GcpGround =>
  new GcpGround("agents", { stack }, opts);

export const deployGcpComputePart = partsOn(gcpComputeProviders, computeGround, gcpComputeStubs);
