import { LogGroup } from "@pulumi/aws/cloudwatch/logGroup.js";
import { LaunchTemplate } from "@pulumi/aws/ec2/launchTemplate.js";
import { AccessEntry } from "@pulumi/aws/eks/accessEntry.js";
import { AccessPolicyAssociation } from "@pulumi/aws/eks/accessPolicyAssociation.js";
import { Addon } from "@pulumi/aws/eks/addon.js";
import { Cluster as EksCluster } from "@pulumi/aws/eks/cluster.js";
import { getAddonVersionOutput } from "@pulumi/aws/eks/getAddonVersion.js";
import { getClusterOutput } from "@pulumi/aws/eks/getCluster.js";
import { NodeGroup } from "@pulumi/aws/eks/nodeGroup.js";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity.js";
import { getSessionContextOutput } from "@pulumi/aws/iam/getSessionContext.js";
import { Role as IamRole } from "@pulumi/aws/iam/role.js";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment.js";
import type { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings, InMode, PoolSettings } from "../../config/schema.js";
import type { Settings } from "../../config/settings.js";
import type { Cluster, ClusterArgs, EgressRule, Network, StorageClasses } from "../contract.js";
import { insideExisting, insideMade } from "../inside-cluster.js";
import { partName } from "../naming.js";
import { References } from "../references.js";
import { AwsKey } from "./key.js";
import { kubeconfigFor } from "./kubeconfig.js";
import { nodeType } from "./sizes.js";
import { tagsFor } from "./tags.js";

export interface AwsClusterArgs extends ClusterArgs {
  readonly stack: Settings;
}

type Managed = InMode<ClusterSettings, "managed">;
type Existing = InMode<ClusterSettings, "existing">;
type Options = pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource };

/** The pod identity agent on every node. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const CREDENTIAL_ENDPOINT: readonly EgressRule[] = [{ cidr: "169.254.170.23/32", ports: [80] }];

/**
 * EKS with managed node groups: the API server answers inside the network always and outside only to the ranges that
 * the stack says; secrets are encrypted with a key of our own; access is by IAM alone, and pods get theirs by pod
 * identity. Or a cluster that exists, only read; its nodes, add-ons and metrics are then its owner's business.
 *
 * The control plane costs 73 USD a month (438 USD out of standard support, which the upgrade policy rules out); nodes
 * cost what their machine types cost, plus 2 USD a month each for metrics by the minute.
 */
export class AwsCluster extends pulumi.ComponentResource implements Cluster {
  public readonly name: pulumi.Output<string>;
  public readonly provider: Provider;
  public readonly kubeconfig: pulumi.Output<string>;
  public readonly storageClasses: StorageClasses;
  public readonly provides: Cluster["provides"];
  public readonly credentialEndpoint: readonly EgressRule[];
  public readonly ready: readonly pulumi.Resource[];
  public readonly deletedWith: pulumi.Resource | undefined;
  /** The role of the nodes may pull from every repository of the account. */
  public readonly puller = pulumi.output("");

  constructor(name: string, { settings, network, stack }: AwsClusterArgs, opts: pulumi.ComponentResourceOptions) {
    super("agent-platform:aws:Cluster", name, {}, opts);
    const cluster =
      settings.mode === "managed"
        ? createCluster(name, settings, network, stack, { parent: this })
        : readCluster(name, settings, stack, { parent: this });
    this.name = cluster.name;
    this.provider = cluster.provider;
    this.kubeconfig = cluster.kubeconfig;
    this.storageClasses = cluster.storageClasses;
    this.provides = cluster.provides;
    this.credentialEndpoint = cluster.credentialEndpoint;
    this.ready = cluster.ready;
    this.deletedWith = cluster.deletedWith;
    this.registerOutputs({ name: this.name, kubeconfig: this.kubeconfig });
  }
}

type Parts = Omit<Cluster, "puller">;

function createCluster(name: string, settings: Managed, network: Network, stack: Settings, opts: Options): Parts {
  const cluster = createControlPlane(name, settings, network, stack, opts);
  const deployer = admitDeployer(name, cluster, stack, opts);
  for (const admin of settings.admins) admit(`${name}-admin-${lastWords(admin)}`, admin, cluster, stack, opts);
  const agent = createAddon(name, addons.podIdentity, settings, cluster, stack, [], opts);
  // They get their credentials from the agent.
  const cni = createAddon(name, addons.network, settings, cluster, stack, [agent], opts);
  const proxy = createAddon(name, addons.proxy, settings, cluster, stack, [], opts);
  // Without these a node does not become ready, and its group fails.
  const nodes = createNodeGroups(name, settings, network, cluster, stack, [agent, cni, proxy], opts);
  // These two report success only once their pods run.
  const dns = createAddon(name, addons.dns, settings, cluster, stack, nodes, opts);
  const volumes = createAddon(name, addons.volumes(stack), settings, cluster, stack, [agent, ...nodes], opts);
  const kubeconfig = kubeconfigFor(cluster.name, cluster.endpoint, cluster.certificateAuthority.data, stack);
  const disks = { provisioner: "ebs.csi.aws.com", parameters: { type: "gp3", encrypted: "true" } };
  // By its endpoint: another cluster may have the same name.
  const made = { cluster, kubeconfig, identifier: cluster.endpoint, admission: deployer, disks };
  const inside = insideMade(name, made, stack, opts);
  return {
    name: cluster.name,
    ...inside,
    // Add-ons do the rest. What EKS itself makes of a Service is a classic load balancer in front of nodes.
    provides: { metricsServer: false, nodeAutoscaling: false, nodeCertificates: true, loadBalancers: false },
    credentialEndpoint: CREDENTIAL_ENDPOINT,
    ready: [...nodes, dns, volumes],
  };
}

function createControlPlane(
  name: string,
  settings: Managed,
  network: Network,
  stack: Settings,
  opts: Options,
): EksCluster {
  const clusterName = stack.prefix;
  const role = createRole(`${name}-control-plane`, trustOf("eks"), ["AmazonEKSClusterPolicy"], stack, opts);
  const key = new AwsKey(`${name}-key`, { stack, purpose: `Kubernetes secrets of ${clusterName}` }, opts);
  // EKS writes to this name whatever happens, and would make the group itself: without an age limit, and for ever.
  const logs = new LogGroup(
    `${name}-logs`,
    {
      name: `/aws/eks/${clusterName}/cluster`,
      retentionInDays: settings.logRetentionDays,
      tags: tagsFor(stack, `${name}-logs`),
    },
    opts,
  );
  return new EksCluster(
    name,
    {
      name: clusterName,
      version: settings.version,
      upgradePolicy: { supportType: "STANDARD" },
      roleArn: role.arn,
      accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
      vpcConfig: { subnetIds: network.subnets.private, ...endpointAccess(settings.access) },
      encryptionConfig: { provider: { keyArn: key.arn }, resources: ["secrets"] },
      kubernetesNetworkConfig: { serviceIpv4Cidr: settings.serviceCidr, ipFamily: "ipv4" },
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      // EKS's own copies would be outside of every stack; the add-ons below take their place.
      bootstrapSelfManagedAddons: false,
      deletionProtection: stack.deletionProtection,
      tags: tagsFor(stack, name),
    },
    {
      ...opts,
      // EKS cannot remove its network interfaces, and the subnets stay, once the role has lost its policy.
      dependsOn: [logs, ...role.attachments],
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    },
  );
}

/** Inside the network always, so that nodes never go by the internet. */
function endpointAccess(access: Managed["access"]) {
  if (access?.private === true) return { endpointPrivateAccess: true, endpointPublicAccess: false };
  return {
    endpointPrivateAccess: true,
    endpointPublicAccess: true,
    publicAccessCidrs: access?.cidrs ?? ["0.0.0.0/0"],
  };
}

/**
 * Whoever runs the first `up` administers the cluster: the platform's own objects need it. Who comes later stands in
 * `cluster.admins`: if the entry followed whoever runs the program, it would leave the former out in the cold, and
 * collide with the entry of an admin who deploys.
 */
function admitDeployer(name: string, cluster: EksCluster, stack: Settings, opts: Options) {
  const { arn } = getCallerIdentityOutput({}, opts);
  // A session's ARN is of one run; EKS wants the role behind it.
  const { issuerArn } = getSessionContextOutput({ arn }, opts);
  return admit(`${name}-deployer`, issuerArn, cluster, stack, { ...opts, ignoreChanges: ["principalArn"] });
}

function admit(
  name: string,
  principalArn: pulumi.Input<string>,
  cluster: EksCluster,
  stack: Settings,
  opts: Options,
): AccessPolicyAssociation {
  const { ignoreChanges, ...rest } = opts;
  const entry = new AccessEntry(
    name,
    { clusterName: cluster.name, principalArn, type: "STANDARD", tags: tagsFor(stack, name) },
    { ...rest, ignoreChanges: ignoreChanges ?? [] },
  );
  return new AccessPolicyAssociation(
    name,
    {
      clusterName: cluster.name,
      principalArn: entry.principalArn,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
      accessScope: { type: "cluster" },
    },
    rest,
  );
}

/** `arn:aws:iam::123456789012:role/ops/admin` -> `123456789012-role-ops-admin`. */
const lastWords = (arn: string): string => arn.split(":").slice(4).join("-").replaceAll("/", "-");

interface AddonSpec {
  readonly addon: string;
  readonly values?: Readonly<Record<string, unknown>>;
  readonly identity?: { readonly serviceAccount: string; readonly policy: string };
}

const addons = {
  podIdentity: { addon: "eks-pod-identity-agent" },
  proxy: { addon: "kube-proxy" },
  dns: { addon: "coredns" },
  network: {
    addon: "vpc-cni",
    identity: { serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy" },
    values: {
      // The add-on's schema takes texts, not booleans.
      enableNetworkPolicy: "true",
      // Addresses by blocks of sixteen: a small node would otherwise run out of them before it runs out of memory.
      env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
    },
  },
  volumes: (stack) => ({
    addon: "aws-ebs-csi-driver",
    identity: { serviceAccount: "ebs-csi-controller-sa", policy: "AmazonEBSCSIDriverPolicyV2" },
    // The driver makes volumes by itself: no other tags reach them.
    values: { controller: { extraVolumeTags: tagsFor(stack, `${stack.prefix}-volume`) } },
  }),
} as const satisfies Record<string, AddonSpec | ((stack: Settings) => AddonSpec)>;

function createAddon(
  name: string,
  { addon, values, identity }: AddonSpec,
  settings: Managed,
  cluster: EksCluster,
  stack: Settings,
  after: readonly pulumi.Resource[],
  opts: Options,
): Addon {
  const addonName = `${name}-${addon}`;
  const role =
    identity === undefined ? undefined : createRole(addonName, trustOf("pods.eks"), [identity.policy], stack, opts);
  // The default of the cluster's own version, so that an upgrade takes the add-on along.
  const { version } = getAddonVersionOutput({ addonName: addon, kubernetesVersion: settings.version }, opts);
  return new Addon(
    addonName,
    {
      clusterName: cluster.name,
      addonName: addon,
      addonVersion: version,
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
      ...(values === undefined ? {} : { configurationValues: JSON.stringify(values) }),
      ...(identity === undefined || role === undefined
        ? {}
        : { podIdentityAssociations: [{ roleArn: role.arn, serviceAccount: identity.serviceAccount }] }),
      tags: tagsFor(stack, addonName),
    },
    {
      ...opts,
      // Its pods must be able to work from their start to their end.
      dependsOn: [...(role?.attachments ?? []), ...after],
      customTimeouts: { create: "20m", update: "20m", delete: "20m" },
    },
  );
}

function createNodeGroups(
  name: string,
  settings: Managed,
  network: Network,
  cluster: EksCluster,
  stack: Settings,
  after: readonly pulumi.Resource[],
  opts: Options,
): readonly NodeGroup[] {
  // No CNI policy: that add-on has a role of its own.
  const policies = ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"];
  const role = createRole(`${name}-nodes`, trustOf("ec2"), policies, stack, opts);
  // Nodes join by routes and endpoints that no argument of theirs mentions.
  const roads = pulumi.Resource.isInstance(network) ? [network] : [];
  const dependsOn = [...after, ...role.attachments, ...roads];
  return Object.entries(settings.pools)
    .filter(([, pool]) => pool.max > 0)
    .map(([key, pool]) => createNodeGroup(key, pool, settings, network, cluster, role, stack, { ...opts, dependsOn }));
}

function createNodeGroup(
  key: string,
  pool: PoolSettings,
  settings: Managed,
  network: Network,
  cluster: EksCluster,
  role: Role,
  stack: Settings,
  opts: Options,
): NodeGroup {
  const groupName = partName(stack.prefix, "pool", key);
  const template = createLaunchTemplate(groupName, pool, stack, { parent: opts.parent });
  return new NodeGroup(
    groupName,
    {
      clusterName: cluster.name,
      version: settings.version,
      nodeRoleArn: role.arn,
      subnetIds: network.subnets.private,
      amiType: amiTypes[pool.arch][pool.gpu > 0 ? "gpu" : "plain"],
      instanceTypes: [stack.aws.machineTypes[`pools.${key}`] ?? nodeType(pool)],
      capacityType: pool.spot ? "SPOT" : "ON_DEMAND",
      // `$Latest` never settles: every preview would show a change.
      launchTemplate: { id: template.id, version: pulumi.interpolate`${template.latestVersion}` },
      scalingConfig: { minSize: pool.min, maxSize: pool.max, desiredSize: pool.min },
      updateConfig: { maxUnavailablePercentage: 33 },
      nodeRepairConfig: { enabled: true },
      labels: pool.labels,
      taints: pool.taints.map(({ key, value, effect }) => ({ key, value, effect: taintEffects[effect] })),
      tags: tagsFor(stack, groupName),
    },
    {
      ...opts,
      // How many nodes there are is the autoscaler's to say, which finds the group by tags that EKS itself sets.
      ignoreChanges: ["scalingConfig.desiredSize"],
      customTimeouts: { create: "30m", update: "60m", delete: "30m" },
    },
  );
}

const amiTypes: Readonly<Record<PoolSettings["arch"], Readonly<Record<"plain" | "gpu", string>>>> = {
  arm64: { plain: "AL2023_ARM_64_STANDARD", gpu: "AL2023_ARM_64_NVIDIA" },
  amd64: { plain: "AL2023_x86_64_STANDARD", gpu: "AL2023_x86_64_NVIDIA" },
};

const taintEffects: Readonly<Record<PoolSettings["taints"][number]["effect"], string>> = {
  NoSchedule: "NO_SCHEDULE",
  PreferNoSchedule: "PREFER_NO_SCHEDULE",
  NoExecute: "NO_EXECUTE",
};

function createLaunchTemplate(
  templateName: string,
  pool: PoolSettings,
  stack: Settings,
  opts: Options,
): LaunchTemplate {
  const tags = tagsFor(stack, templateName);
  return new LaunchTemplate(
    templateName,
    {
      updateDefaultVersion: true,
      // One hop ends at the node: no pod but those of its own network reaches the node's credentials.
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeSize: pool.disk, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      monitoring: { enabled: true },
      // A node group's own tags reach neither its machines nor their disks.
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({ resourceType, tags })),
      tags,
    },
    opts,
  );
}

/** Somebody else's cluster: only read. Pods still get their rights by pod identity, so it is named and has the agent. */
function readCluster(name: string, settings: Existing, stack: Settings, opts: Options): Parts {
  const references = new References(name, opts.parent, settings.fromStack);
  const clusterName = references.id(settings.id, "cluster.id");
  const inside = insideExisting(name, settings, () => ofTheCloud(clusterName, stack, opts), opts);
  return {
    name: clusterName,
    ...inside,
    provides: {
      metricsServer: settings.metricsServer ?? true,
      nodeAutoscaling: true,
      nodeCertificates: true,
      loadBalancers: true,
    },
    credentialEndpoint: CREDENTIAL_ENDPOINT,
    ready: [],
  };
}

function ofTheCloud(clusterName: pulumi.Output<string>, stack: Settings, opts: Options) {
  const { name, endpoint, certificateAuthorities } = getClusterOutput({ name: clusterName }, opts);
  const ca = certificateAuthorities.apply((all) => all.map(({ data }) => data).join(""));
  return { kubeconfig: kubeconfigFor(name, endpoint, ca, stack), id: endpoint };
}

interface Role {
  readonly arn: pulumi.Output<string>;
  /** What whoever uses the role depends on, so that it has its policies from first to last. */
  readonly attachments: readonly pulumi.Resource[];
}

function createRole(
  name: string,
  assumeRolePolicy: string,
  policies: readonly string[],
  stack: Settings,
  opts: Options,
): Role {
  const role = new IamRole(name, { assumeRolePolicy, tags: tagsFor(stack, name) }, opts);
  const attachments = policies.map(
    (policy) =>
      new RolePolicyAttachment(
        `${name}-${policy}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        opts,
      ),
  );
  return { arn: role.arn, attachments };
}

/** Pods' sessions are tagged with their names, which takes a permission of its own. */
const trustOf = (service: "eks" | "ec2" | "pods.eks"): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: service === "pods.eks" ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"],
      },
    ],
  });
