import {
  type GetManagedClusterResult,
  getManagedClusterOutput,
} from "@pulumi/azure-native/containerservice/getManagedCluster.js";
import { listManagedClusterUserCredentialsOutput } from "@pulumi/azure-native/containerservice/listManagedClusterUserCredentials.js";
import { MaintenanceConfiguration } from "@pulumi/azure-native/containerservice/maintenanceConfiguration.js";
import { ManagedCluster } from "@pulumi/azure-native/containerservice/managedCluster.js";
import { UserAssignedIdentity } from "@pulumi/azure-native/managedidentity/userAssignedIdentity.js";
import { DiagnosticSetting } from "@pulumi/azure-native/monitor/diagnosticSetting.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { Sleep } from "@pulumiverse/time/sleep.js";
import { format, parseCidr, subrange } from "../../config/cidr.js";
import { isCareful } from "../../config/names.js";
import type { ClusterSettings, InMode } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Cluster, ClusterArgs, EgressRule, Network, StorageClasses } from "../contract.js";
import { insideExisting, insideMade } from "../inside-cluster.js";
import { References } from "../references.js";
import { parseArmId } from "./arm-id.js";
import type { AzureGround } from "./ground.js";
import { kubeconfigFor } from "./kubeconfig.js";
import { AzureNetwork } from "./network.js";
import { createWorkspace } from "./observe.js";
import { createPools, firstProfile, type PoolsArgs } from "./pools.js";
import { assign } from "./roles.js";
import { firstOf, readSubnet } from "./subnets.js";
import { tagsFor, tagText } from "./tags.js";

export interface AzureClusterArgs extends ClusterArgs {
  readonly stack: Settings;
  readonly ground: AzureGround;
}

type Managed = InMode<ClusterSettings, "managed">;
type Existing = InMode<ClusterSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** Entra, whose addresses nobody can list. */
const CREDENTIAL_ENDPOINT: readonly EgressRule[] = [{ cidr: "0.0.0.0/0", ports: [443] }];

const CLUSTER = "Microsoft.ContainerService/managedClusters";

/** Azure says that a role acts within ten minutes; it is one or two. */
const SETTLED = "120s";

/**
 * AKS with node pools that scale by themselves: access is by Entra alone and without local accounts, pods get theirs by
 * workload identity, network policies are enforced by Cilium. The API server answers the ranges that the stack says, or
 * inside the network alone. Secrets are encrypted with Azure's keys. Azure patches control plane and nodes on Sunday
 * mornings. Or a cluster that exists, only read; its nodes are then its owner's business.
 *
 * In a network that exists, nodes call the API server from its own NAT gateway or firewall: where `access.cidrs` is
 * said, that address has to be among them.
 *
 * The control plane costs 73 USD a month with an SLA, in production, and nothing without; nodes cost what their machine
 * types cost, and the log of the control plane 2.30 to 2.80 USD a GiB.
 */
export class AzureCluster extends pulumi.ComponentResource implements Cluster {
  /** The ARM id: by it alone another stack finds the cluster. */
  public readonly name: pulumi.Output<string>;
  public readonly provider: Provider;
  public readonly kubeconfig: pulumi.Output<string>;
  public readonly storageClasses: StorageClasses;
  public readonly provides: Cluster["provides"] = {
    metricsServer: true,
    nodeAutoscaling: true,
    nodeCertificates: true,
    loadBalancers: true,
  };
  public readonly credentialEndpoint = CREDENTIAL_ENDPOINT;
  public readonly ready: readonly pulumi.Resource[];
  public readonly deletedWith: pulumi.Resource | undefined;
  /** The object id of the identity that all nodes have. */
  public readonly puller: pulumi.Output<string>;
  /** Who vouches for the pods' service accounts. */
  public readonly issuer: pulumi.Output<string>;
  /** The resource group that AKS keeps its machines and load balancers in. */
  public readonly nodeGroup: pulumi.Output<string>;

  constructor(name: string, args: AzureClusterArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:azure:Cluster", name, {}, opts);
    const { settings } = args;
    const cluster =
      settings.mode === "managed"
        ? createCluster(name, settings, args, { parent: this })
        : readCluster(name, settings, { parent: this });
    this.name = cluster.name;
    this.provider = cluster.provider;
    this.kubeconfig = cluster.kubeconfig;
    this.storageClasses = cluster.storageClasses;
    this.ready = cluster.ready;
    this.deletedWith = cluster.deletedWith;
    this.puller = cluster.puller;
    this.issuer = cluster.issuer;
    this.nodeGroup = cluster.nodeGroup;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }
}

type Parts = Omit<Pick<AzureCluster, keyof Cluster | "issuer" | "nodeGroup">, "provides" | "credentialEndpoint">;

function createCluster(name: string, settings: Managed, args: AzureClusterArgs, opts: Options): Parts {
  const { network, stack, ground } = args;
  const pools: PoolsArgs = { settings, subnet: firstOf(network.subnets.private, "nodes"), stack };
  const nodes = createIdentity(`${name}-nodes`, args, opts);
  const identity = createIdentity(`${name}-control-plane`, args, opts);
  const roles = allow(name, identity, nodes, pools, args, opts);
  const cluster = createControlPlane(name, { identity, nodes, roles }, pools, args, opts);
  keepLogs(name, cluster, settings, args, opts);
  for (const kind of maintained) createWindow(name, kind, cluster, ground, opts);
  const deployer = admitDeployer(name, cluster, ground, opts);
  for (const admin of settings.admins) admit(`${name}-admin-${admin}`, admin, cluster, ground, opts);
  const others = createPools(cluster, pools, ground, opts);
  const kubeconfig = kubeconfigFor(cluster.name, credentialsOf(cluster.name, ground.resourceGroup, opts));
  const disks = {
    provisioner: "disk.csi.azure.com",
    // The driver makes disks by itself: no other tags reach them.
    parameters: { skuName: "Premium_LRS", tags: tagText(stack, `${stack.prefix}-volume`) },
  };
  const made = { cluster, kubeconfig, identifier: cluster.id, admission: deployer, disks };
  const inside = insideMade(name, made, stack, opts);
  const read = readManagedCluster(cluster.name, ground.resourceGroup, opts);
  return {
    name: cluster.id,
    ...inside,
    ready: [cluster, ...others],
    puller: nodes.principalId,
    issuer: issuerOf(read),
    nodeGroup: read.apply(({ nodeResourceGroup = "" }) => nodeResourceGroup),
  };
}

function createIdentity(name: string, { stack, ground }: AzureClusterArgs, opts: Options): UserAssignedIdentity {
  return new UserAssignedIdentity(
    name,
    { resourceGroupName: ground.resourceGroup, location: ground.location, tags: tagsFor(stack, name) },
    opts,
  );
}

/** What the control plane must be able to do before it is there: Azure tries, and refuses to make it. */
function allow(
  name: string,
  identity: UserAssignedIdentity,
  nodes: UserAssignedIdentity,
  { settings, subnet }: PoolsArgs,
  { network, ground }: AzureClusterArgs,
  opts: Options,
): Sleep {
  const principal = identity.principalId;
  // A private cluster has a private domain of its own, which it links to the network.
  const scope = settings.access?.private === true ? network.id : subnet;
  const joins = assign(`${name}-network`, { ground, role: "Network Contributor", scope, principal }, opts);
  const hands = assign(
    `${name}-nodes`,
    { ground, role: "Managed Identity Operator", scope: nodes.id, principal },
    opts,
  );
  return settle(`${name}-roles`, { joins: joins.id, hands: hands.id }, opts);
}

/** Waits until new roles act; other roles, another wait. */
const settle = (name: string, triggers: Record<string, pulumi.Output<string>>, opts: Options): Sleep =>
  new Sleep(name, { createDuration: SETTLED, triggers }, opts);

interface Identities {
  readonly identity: UserAssignedIdentity;
  readonly nodes: UserAssignedIdentity;
  readonly roles: Sleep;
}

function createControlPlane(
  name: string,
  { identity, nodes, roles }: Identities,
  pools: PoolsArgs,
  { network, stack, ground }: AzureClusterArgs,
  opts: Options,
): ManagedCluster {
  const { settings } = pools;
  return new ManagedCluster(
    name,
    {
      resourceGroupName: ground.resourceGroup,
      location: ground.location,
      dnsPrefix: stack.prefix,
      kubernetesVersion: settings.version,
      sku: { name: "Base", tier: isCareful(stack.environment) ? "Standard" : "Free" },
      supportPlan: "KubernetesOfficial",
      identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
      identityProfile: {
        kubeletidentity: { resourceId: nodes.id, clientId: nodes.clientId, objectId: nodes.principalId },
      },
      enableRBAC: true,
      aadProfile: { managed: true, enableAzureRBAC: true, tenantID: ground.tenant },
      disableLocalAccounts: true,
      apiServerAccessProfile: apiServerAccess(settings.access, network),
      oidcIssuerProfile: { enabled: true },
      securityProfile: { workloadIdentity: { enabled: true } },
      networkProfile: {
        // Pods have a range of their own, so that the network need not be large enough for them.
        networkPlugin: "azure",
        networkPluginMode: "overlay",
        networkDataplane: "cilium",
        networkPolicy: "cilium",
        podCidr: settings.podCidr,
        serviceCidr: settings.serviceCidr,
        dnsServiceIP: dnsAddress(settings.serviceCidr),
        loadBalancerSku: "standard",
        outboundType: wayOut(pools.subnet, stack, opts),
      },
      agentPoolProfiles: [firstProfile(pools)],
      autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
      tags: tagsFor(stack, name),
    },
    {
      ...opts,
      // AKS itself has no lock, and several settings would replace the cluster, with all volumes in it.
      protect: stack.deletionProtection,
      // In a network that exists its owner may change the way out: that must not make a new cluster.
      ignoreChanges: stack.network.mode === "existing" ? ["networkProfile.outboundType"] : [],
      dependsOn: [roles],
      customTimeouts: { create: "45m", update: "120m", delete: "45m" },
    },
  );
}

/** Azure itself adds the cluster's load balancer to the ranges, but no NAT gateway: nodes would not get in. */
function apiServerAccess(access: Managed["access"], network: Network) {
  if (access?.private === true) {
    return {
      enablePrivateCluster: true,
      enablePrivateClusterPublicFQDN: false,
      privateDNSZone: "system",
      disableRunCommand: true,
    };
  }
  if (access?.cidrs === undefined) return { disableRunCommand: true };
  const egress = network instanceof AzureNetwork ? network.egress : [];
  return {
    authorizedIPRanges: [...access.cidrs, ...egress.map((address) => pulumi.interpolate`${address}/32`)],
    // A way to run commands from outside of the ranges.
    disableRunCommand: true,
  };
}

/** The tenth address of the range, where Azure would take it from another one. */
const dnsAddress = (serviceCidr: string): string => format(subrange(parseCidr(serviceCidr), 32, 10)).replace("/32", "");

/** As the subnet has it: what is not there yet, the cluster makes. */
function wayOut(subnet: pulumi.Output<string>, { network }: Settings, opts: Options): pulumi.Input<string> {
  if (network.mode === "managed") return network.nat === "single" ? "userAssignedNATGateway" : "loadBalancer";
  return readSubnet(subnet, opts).apply(({ natGateway, routeTable }) => {
    if (natGateway !== undefined) return "userAssignedNATGateway";
    return routeTable === undefined ? "loadBalancer" : "userDefinedRouting";
  });
}

/** What says who did what, and why something did not start. Reads are left out: they would be most of the bill. */
const logCategories = [
  "kube-apiserver",
  "kube-audit-admin",
  "guard",
  "kube-controller-manager",
  "kube-scheduler",
  "cluster-autoscaler",
  "cloud-controller-manager",
] as const;

function keepLogs(
  name: string,
  cluster: ManagedCluster,
  { logRetentionDays }: Managed,
  { stack, ground }: AzureClusterArgs,
  opts: Options,
): void {
  const workspace = createWorkspace(`${name}-logs`, logRetentionDays, stack, ground, opts);
  new DiagnosticSetting(
    `${name}-logs`,
    {
      resourceUri: cluster.id,
      workspaceId: workspace.id,
      // Tables with columns of their own cost less to search.
      logAnalyticsDestinationType: "Dedicated",
      logs: logCategories.map((category) => ({ category, enabled: true })),
    },
    opts,
  );
}

interface Maintained {
  readonly noun: string;
  /** Azure's own names for what is done in the window. */
  readonly config: string;
}

const maintained: readonly Maintained[] = [
  { noun: "patches", config: "aksManagedAutoUpgradeSchedule" },
  { noun: "node-images", config: "aksManagedNodeOSUpgradeSchedule" },
];

/** The shortest window that Azure takes, before the databases and caches have theirs. */
function createWindow(
  name: string,
  { noun, config }: Maintained,
  cluster: ManagedCluster,
  ground: AzureGround,
  opts: Options,
): MaintenanceConfiguration {
  return new MaintenanceConfiguration(
    `${name}-${noun}`,
    {
      resourceGroupName: ground.resourceGroup,
      resourceName: cluster.name,
      configName: config,
      maintenanceWindow: {
        schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
        startTime: "00:00",
        utcOffset: "+00:00",
        durationHours: 4,
      },
    },
    opts,
  );
}

/**
 * Whoever runs the first `up` administers the cluster: the platform's own objects need it. Who comes later stands in
 * `cluster.admins`: if the role followed whoever runs the program, it would leave the former out in the cold.
 */
function admitDeployer(name: string, cluster: ManagedCluster, ground: AzureGround, opts: Options): Sleep {
  const role = admit(`${name}-deployer`, ground.deployer, cluster, ground, {
    ...opts,
    ignoreChanges: ["principalId"],
  });
  return settle(`${name}-deployer`, { role: role.id }, opts);
}

const admit = (
  name: string,
  principal: pulumi.Input<string>,
  cluster: ManagedCluster,
  ground: AzureGround,
  opts: Options,
) =>
  assign(
    name,
    { ground, role: "Azure Kubernetes Service RBAC Cluster Admin", scope: cluster.id, principal, who: "anybody" },
    opts,
  );

const credentialsOf = (
  resourceName: pulumi.Output<string>,
  resourceGroupName: pulumi.Output<string>,
  opts: pulumi.InvokeOutputOptions,
) => listManagedClusterUserCredentialsOutput({ resourceGroupName, resourceName, format: "exec" }, opts);

/** Somebody else's cluster: only read. Pods still get their rights by workload identity, so it must have an issuer. */
function readCluster(name: string, settings: Existing, opts: Options): Parts {
  const references = new References(name, opts.parent, settings.fromStack);
  const id = references.id(settings.id, "cluster.id");
  const parts = id.apply((one) => parseArmId(one, CLUSTER));
  const resourceName = parts.names.apply(([cluster = ""]) => cluster);
  const read = readManagedCluster(resourceName, parts.resourceGroup, opts);
  const ofTheCloud = () => ({
    kubeconfig: kubeconfigFor(resourceName, credentialsOf(resourceName, parts.resourceGroup, opts)),
    id,
  });
  const inside = insideExisting(name, settings, ofTheCloud, opts);
  return {
    name: id,
    ...inside,
    ready: [],
    puller: read.apply(({ identityProfile }) => identityProfile?.["kubeletidentity"]?.objectId ?? ""),
    issuer: issuerOf(read),
    nodeGroup: read.apply(({ nodeResourceGroup = "" }) => nodeResourceGroup),
  };
}

const readManagedCluster = (
  resourceName: pulumi.Output<string>,
  resourceGroupName: pulumi.Output<string>,
  opts: pulumi.InvokeOutputOptions,
) => getManagedClusterOutput({ resourceGroupName, resourceName }, opts);

/** Read, since a preview shows the part of the cluster that it is in as it was asked for: without the issuer. */
const issuerOf = (cluster: pulumi.Output<GetManagedClusterResult>): pulumi.Output<string> =>
  cluster.apply(({ oidcIssuerProfile }) => {
    const issuer = oidcIssuerProfile?.issuerURL;
    if (issuer === undefined) throw new Error("azure: the cluster has no OIDC issuer: enable it there first");
    return issuer;
  });

/** What a cluster of Azure tells beyond the contract. */
const keepsNodes = (cluster: Cluster): cluster is Cluster & Pick<AzureCluster, "nodeGroup"> => "nodeGroup" in cluster;

export function nodeGroupOf(cluster: Cluster): pulumi.Output<string> {
  if (!keepsNodes(cluster)) throw new Error("azure: a cluster of Azure is needed, which says where its machines are");
  return cluster.nodeGroup;
}
