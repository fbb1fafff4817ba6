import { Cluster as GkeCluster } from "@pulumi/gcp/container/cluster.js";
import { getClusterOutput } from "@pulumi/gcp/container/getCluster.js";
import { IAMMember } from "@pulumi/gcp/projects/iammember.js";
import type { container } from "@pulumi/gcp/types/input.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Cluster, ClusterArgs, EgressRule, Network, StorageClasses } from "../contract.js";
import { insideExisting, insideMade } from "../inside-cluster.js";
import { References } from "../references.js";
import { clusterPlace } from "./cluster-place.js";
import type { GcpGround } from "./ground.js";
import { GcpKey } from "./key.js";
import { type Endpoint, kubeconfigFor } from "./kubeconfig.js";
import { secondaryRanges } from "./network.js";
import { createNodeIdentity, createNodePools, type NodeIdentity } from "./nodes.js";
import { tagsFor } from "./tags.js";

export interface GcpClusterArgs extends ClusterArgs {
  readonly stack: Settings;
  readonly ground: GcpGround;
}

type Managed = InMode<ClusterSettings, "managed">;
type Existing = InMode<ClusterSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/**
 * GKE's metadata server, which answers on the node in the name of the machine's own.
 * https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity#metadata_server
 */
const CREDENTIAL_ENDPOINT: readonly EgressRule[] = [{ cidr: "169.254.169.254/32", ports: [80, 8080] }];

/**
 * Two nights a week, at Saturday's and Sunday's beginning: GKE wants 48 hours in any 32 days, and these are 64.
 * https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions
 */
const MAINTENANCE = {
  startTime: "2026-01-03T00:00:00Z",
  endTime: "2026-01-03T08:00:00Z",
  recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
} as const;

/**
 * A regional GKE cluster whose nodes have no public addresses. Its API server answers, where nothing is said, by a name
 * that lets in nobody but Google identities with the right to it; to the ranges that the stack says; or inside the
 * network only. Secrets are encrypted with a key of our own, network policies are enforced by Dataplane V2, and pods have
 * identities of their own. Whoever deploys administers it by a role in the project (Kubernetes Engine Admin). It follows
 * the regular channel from the version of the stack on, in a window at the weekend. Or a cluster that exists, only read;
 * its nodes, add-ons and metrics are then its owner's business.
 *
 * The control plane costs 73 USD a month; nodes cost what their machine types cost.
 */
export class GcpCluster extends pulumi.ComponentResource implements Cluster {
  public readonly name: pulumi.Output<string>;
  public readonly provider: Provider;
  public readonly kubeconfig: pulumi.Output<string>;
  public readonly storageClasses: StorageClasses;
  public readonly provides = {
    metricsServer: true,
    nodeAutoscaling: true,
    nodeCertificates: true,
    loadBalancers: true,
  };
  public readonly credentialEndpoint = CREDENTIAL_ENDPOINT;
  public readonly ready: readonly pulumi.Resource[];
  public readonly deletedWith: pulumi.Resource | undefined;
  public readonly puller: pulumi.Output<string>;

  constructor(name: string, args: GcpClusterArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:gcp:Cluster", name, {}, opts);
    const { settings, network, stack, ground } = args;
    const cluster =
      settings.mode === "managed"
        ? createCluster(name, settings, network, stack, ground, { parent: this })
        : readCluster(name, settings, stack, ground, { parent: this });
    this.name = cluster.name;
    this.provider = cluster.provider;
    this.kubeconfig = cluster.kubeconfig;
    this.storageClasses = cluster.storageClasses;
    this.ready = cluster.ready;
    this.deletedWith = cluster.deletedWith;
    this.puller = cluster.puller;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }
}

type Parts = Omit<Cluster, "provides" | "credentialEndpoint">;

function createCluster(
  name: string,
  settings: Managed,
  network: Network,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): Parts {
  const identity = createNodeIdentity(`${name}-nodes`, stack, ground, opts);
  const cluster = createControlPlane(name, settings, network, identity, stack, ground, opts);
  for (const admin of settings.admins) admit(`${name}-admin-${asName(admin)}`, admin, cluster, stack, ground, opts);
  // Pods reach the internet by a road that no argument of their nodes mentions.
  const roads = pulumi.Resource.isInstance(network) ? [network] : [];
  const nodes = createNodePools(settings, cluster, identity, stack, ground, roads, opts);
  const kubeconfig = kubeconfigFor(cluster.name, endpointOf(cluster, settings.access));
  // By its name: how the API server is reached may change.
  const made = { cluster, kubeconfig, identifier: nameOf(cluster), disks: disksOf(stack) };
  const inside = insideMade(name, made, stack, opts);
  return {
    name: cluster.name,
    ...inside,
    ready: nodes,
    puller: identity.member,
  };
}

function createControlPlane(
  name: string,
  settings: Managed,
  network: Network,
  identity: NodeIdentity,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): GkeCluster {
  const purpose = `Kubernetes secrets of ${stack.prefix}`;
  const key = new GcpKey(`${name}-key`, { stack, ground, purpose, agent: "container" }, opts);
  return new GkeCluster(
    name,
    {
      project: ground.project("container", "compute"),
      name: stack.prefix,
      location: stack.region,
      ...(stack.zones.length === 0 ? {} : { nodeLocations: [...stack.zones] }),
      releaseChannel: { channel: "REGULAR" },
      minMasterVersion: settings.version,
      network: network.id,
      subnetwork: network.subnets.private.apply(([first]) => first ?? ""),
      networkingMode: "VPC_NATIVE",
      ipAllocationPolicy: addresses(settings, stack),
      datapathProvider: "ADVANCED_DATAPATH",
      enableL4IlbSubsetting: true,
      ...doorFor(settings, network),
      // Health checks alone are answered to nobody in particular.
      anonymousAuthenticationConfig: { mode: "LIMITED" },
      workloadIdentityConfig: { workloadPool: `${ground.id}.svc.id.goog` },
      databaseEncryption: { state: "ENCRYPTED", keyName: key.id },
      // It would overwrite the definitions that a gateway of the platform's own brings along.
      gatewayApiConfig: { channel: "CHANNEL_DISABLED" },
      loggingConfig: {
        enableComponents: [
          "SYSTEM_COMPONENTS",
          // Where somebody watches, what pods say goes where the settings say, and not here a second time.
          ...(stack.monitoring.mode === "none" ? ["WORKLOADS"] : []),
          "APISERVER",
          "CONTROLLER_MANAGER",
          "SCHEDULER",
        ],
      },
      monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: false } },
      maintenancePolicy: { recurringWindow: MAINTENANCE },
      // A pool of the cluster's own cannot be changed without it. GKE insists on one to begin with: it is made, as the
      // nodes' own account, and taken away.
      removeDefaultNodePool: true,
      initialNodeCount: 1,
      nodeConfig: { serviceAccount: identity.email, workloadMetadataConfig: { mode: "GKE_METADATA" } },
      deletionProtection: stack.deletionProtection,
      resourceLabels: tagsFor(stack, name),
    },
    {
      ...opts,
      dependsOn: [identity.grant],
      // It is of the pool that is gone.
      ignoreChanges: ["nodeConfig"],
      customTimeouts: { create: "60m", update: "90m", delete: "60m" },
    },
  );
}

/** By the ranges that the network of this program keeps for it; in another's GKE adds its own to the subnet. */
const addresses = (settings: Managed, { network }: Settings): container.ClusterIpAllocationPolicy =>
  network.mode === "managed"
    ? { clusterSecondaryRangeName: secondaryRanges.pods, servicesSecondaryRangeName: secondaryRanges.services }
    : { clusterIpv4CidrBlock: settings.podCidr, servicesIpv4CidrBlock: settings.serviceCidr };

type Access = Managed["access"];

/** Neither by ranges nor inside: by the name that only Google identities get in by. Settings let nobody say two of them. */
const byName = (access: Access): boolean => access?.private !== true && access?.cidrs === undefined;

/** Nodes reach it inside the network in any case. */
function doorFor({ access, podCidr }: Managed, network: Network) {
  const dnsEndpointConfig = {
    allowExternalTraffic: byName(access),
    // Tokens and certificates of the cluster's own would be a way past Google's identities.
    enableK8sTokensViaDns: false,
    enableK8sCertsViaDns: false,
  };
  if (byName(access)) {
    return {
      privateClusterConfig: { enablePrivateNodes: true },
      controlPlaneEndpointsConfig: { dnsEndpointConfig, ipEndpointsConfig: { enabled: false } },
    };
  }
  const inside = access?.private === true;
  // Pods are let in whatever is said, and their range may be of a kind that GKE does not take here.
  const innerCidrs = pulumi.all([...network.clientCidrs]).apply((all) => all.filter((cidr) => cidr !== podCidr));
  return {
    privateClusterConfig: { enablePrivateNodes: true, enablePrivateEndpoint: inside },
    controlPlaneEndpointsConfig: { dnsEndpointConfig, ipEndpointsConfig: { enabled: true } },
    masterAuthorizedNetworksConfig: {
      cidrBlocks: pulumi
        .output(inside ? innerCidrs : (access?.cidrs ?? []))
        .apply((cidrs) => cidrs.map((cidrBlock) => ({ cidrBlock }))),
      // Machines of Google's other customers would be let in with them.
      gcpPublicCidrsAccessEnabled: false,
    },
  };
}

/** Every cluster has a name of its own, whether that lets anybody in or not. It is known once the cluster is there. */
const nameOf = ({ id, controlPlaneEndpointsConfig }: GkeCluster): pulumi.Output<string> =>
  pulumi.all([id, controlPlaneEndpointsConfig]).apply(([, { dnsEndpointConfig }]) => dnsEndpointConfig?.endpoint ?? "");

/** The certificate for the name is signed by a public CA, the one for the address by the cluster's. */
const endpointOf = (cluster: GkeCluster, access: Access): Endpoint =>
  byName(access)
    ? { server: pulumi.interpolate`https://${nameOf(cluster)}`, ca: undefined }
    : {
        server: pulumi.interpolate`https://${cluster.endpoint}`,
        ca: cluster.masterAuth.clusterCaCertificate,
      };

/**
 * By a role in the project, as whoever deploys has it, but for this cluster alone: a binding inside the cluster would not
 * let anybody reach it.
 */
function admit(
  name: string,
  member: string,
  cluster: GkeCluster,
  stack: Settings,
  ground: GcpGround,
  opts: Options,
): IAMMember {
  const path = pulumi.interpolate`projects/${ground.id}/locations/${stack.region}/clusters/${cluster.name}`;
  return new IAMMember(
    name,
    {
      project: ground.project("cloudresourcemanager"),
      role: "roles/container.admin",
      member,
      condition: {
        title: `Only ${stack.prefix}`,
        // Objects in it have longer names, and so has a cluster whose name begins like this one's.
        expression: pulumi.interpolate`resource.name == "${path}" || resource.name.startsWith("${path}/")`,
      },
    },
    opts,
  );
}

/** `user:ana@example.com` -> `user-ana-example-com`. */
const asName = (member: string): string => member.replace(/[^A-Za-z0-9]+/g, "-");

/**
 * Of the kind that the node takes on which the pod is; the autoscaler adds only nodes that take it. Encrypted whatever is
 * said. New machines do not take the disks of GKE's own default class.
 */
const disksOf = (stack: Settings) => ({
  provisioner: "pd.csi.storage.gke.io",
  parameters: {
    type: "dynamic",
    "hyperdisk-type": "hyperdisk-balanced",
    "pd-type": "pd-balanced",
    "use-allowed-disk-topology": "true",
    // The disks that the driver makes carry no other labels.
    labels: Object.entries(tagsFor(stack, `${stack.prefix}-volume`))
      .map(([key, value]) => `${key}=${value}`)
      .join(","),
  },
});

/**
 * Somebody else's cluster: only read. Pods still get their rights by its workload identity, so it must have that on; and
 * its nodes pull images as its owner lets them.
 */
function readCluster(name: string, settings: Existing, stack: Settings, ground: GcpGround, opts: Options): Parts {
  const references = new References(name, opts.parent, settings.fromStack);
  const place = references.id(settings.id, "cluster.id").apply((said) => clusterPlace(said, stack.region));
  const inside = insideExisting(name, settings, () => ofTheCloud(place, ground, opts), opts);
  return {
    name: place.name,
    ...inside,
    ready: [],
    puller: pulumi.output(""),
  };
}

function ofTheCloud(place: pulumi.Output<ReturnType<typeof clusterPlace>>, ground: GcpGround, opts: Options) {
  const cluster = getClusterOutput({ project: ground.id, name: place.name, location: place.location }, opts);
  const endpoint = pulumi
    .all([cluster.controlPlaneEndpointsConfigs, cluster.endpoint, cluster.masterAuths])
    .apply(([[config], address, [auth]]) => {
      const named = config?.dnsEndpointConfigs[0];
      // By its name, where that lets in who deploys: its address may not be there at all.
      return named?.allowExternalTraffic === true
        ? { server: `https://${named.endpoint}`, ca: undefined }
        : { server: `https://${address}`, ca: auth?.clusterCaCertificate };
    });
  return {
    kubeconfig: kubeconfigFor(cluster.name, { server: endpoint.server, ca: endpoint.ca }),
    id: endpoint.server,
  };
}
