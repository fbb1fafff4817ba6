import type * as pulumi from "@pulumi/pulumi";
import { awsLoadBalancerControllerAccount } from "../../../components/addons/aws-load-balancer-controller.js";
import { certManagerAccount } from "../../../components/addons/cert-manager.js";
import { clusterAutoscalerAccount } from "../../../components/addons/cluster-autoscaler.js";
import { externalSecretsAccount } from "../../../components/addons/external-secrets.js";
import { logsAccount } from "../../../components/monitoring/logs/pod.js";
import { monitoringNamespace } from "../../../components/monitoring/places.js";
import type { Outputs } from "../../../components/outputs.js";
import { logsOf } from "../../../config/monitoring/logs.js";
import type { Settings } from "../../../config/settings.js";
import type { RecordedResource } from "../../../plan/record.js";
import type { ServiceAccountName } from "../../../providers/contract.js";

/**
 * What every cloud must show of a part that it makes itself: the sentence is the same for all, the evidence is each
 * cloud's own. A cloud without evidence for one of them does not compile.
 */
export const properties = {
  network: [
    "gives no machine a public address",
    "has no way out of the data subnets",
    "lets nobody in who is not named",
  ],
  cluster: [
    "keeps its secrets encrypted",
    "admits by the cloud's own identities only",
    "is reached from the internet by the stack's own ranges only",
    "stays in support",
    "its machines keep their credentials from pods, and their disks encrypted",
  ],
  databases: [
    "has no public address",
    "is in the data subnets",
    "is encrypted at rest",
    "refuses connections without TLS",
  ],
  caches: ["has no public address", "is encrypted at rest and on the way"],
  buckets: ["is closed to the public in every way", "refuses requests without TLS", "is encrypted at rest"],
  secretStore: ["marks every value secret", "keeps what is deleted as long as the stack says"],
  identity: ["is taken by that one account's pods only", "names everything that it may touch, and nothing else"],
  registry: ["has a place for each service's images, closed to strangers", "encrypts images at rest"],
  domain: ["is one public zone"],
  observe: ["keeps logs for a time only"],
} as const;

const runsHere = ({ image, build }: Settings["services"][string]): boolean =>
  image !== undefined || build !== undefined;

const isWatched = ({ monitoring }: Settings): boolean => monitoring.mode !== "none";
const writesLogs = (settings: Settings): boolean => logsOf(settings)?.to === "cloud";

/** Add-ons that are somebody towards the cloud, each with the stacks that have it. */
const addons: readonly [has: (settings: Settings) => boolean, account: (settings: Settings) => ServiceAccountName][] = [
  [(settings) => isWatched(settings) || Object.values(settings.services).some(runsHere), externalSecretsAccount],
  [({ cloud, cluster }) => cloud === "aws" && cluster.mode === "managed", () => clusterAutoscalerAccount],
  [
    (settings) => isReached(settings) && settings.domain.mode !== "none" && settings.gateway.tls.secret === undefined,
    certManagerAccount,
  ],
  [
    (settings) =>
      isReached(settings) &&
      settings.cloud === "aws" &&
      settings.cluster.mode === "managed" &&
      settings.gateway.expose === "loadBalancer",
    () => awsLoadBalancerControllerAccount,
  ],
  [writesLogs, (settings) => logsAccount("node", settings)],
  // GKE takes events by itself.
  [(settings) => writesLogs(settings) && settings.cloud !== "gcp", (settings) => logsAccount("events", settings)],
  [isWatched, (settings) => ({ namespace: monitoringNamespace(settings), name: "cloud-metrics" })],
];

const isReached = ({ services }: Settings): boolean =>
  Object.values(services).some((one) => runsHere(one) && one.routes.length > 0);

/** Who has an identity: each service, and those that work for all of them. */
export const accountsWithIdentity = (namespace: string, settings: Settings): readonly ServiceAccountName[] => [
  ...Object.keys(settings.services).map((name) => ({ namespace, name })),
  ...addons.flatMap(([has, account]) => (has(settings) ? [account(settings)] : [])),
];

export type ProvenPart = keyof typeof properties;

export interface Given {
  readonly settings: Settings;
  /** The part's components and all that is below them. */
  readonly part: readonly RecordedResource[];
  readonly everything: readonly RecordedResource[];
  /** The stack's outputs, as values. */
  readonly outputs: pulumi.Unwrap<Outputs>;
}

export type Proof = (given: Given) => void;

export type Evidence = {
  readonly [P in ProvenPart]: Readonly<Record<(typeof properties)[P][number], Proof>>;
};
