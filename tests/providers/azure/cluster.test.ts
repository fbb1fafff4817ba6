import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AzureCluster } from "../../../providers/azure/cluster.js";
import { AzureGround } from "../../../providers/azure/ground.js";
import { AzureNetwork } from "../../../providers/azure/network.js";
import { withoutOldTypes } from "../../../providers/azure/old-types.js";
import { firstPool } from "../../../providers/azure/pools.js";
import { all, deploy, inventory, isKnown, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";
import { assertStorageClass, CLASS, PROVIDER } from "../every-cloud/cluster.js";

const NAME = "agents-cluster";
const PREFIX = "agents-development";
const GROUP = "agents1a2b3c4d";
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const WINDOW = "azure-native:containerservice:MaintenanceConfiguration";
const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const ROLE = "azure-native:authorization:RoleAssignment";
const GUID = "random:index/randomUuid:RandomUuid";
const NAMES = "random:index/randomString:RandomString";
const SLEEP = "time:index/sleep:Sleep";

const theirNetwork = "/subscriptions/s/resourceGroups/theirs/providers/Microsoft.Network/virtualNetworks/main";
const theirs = "/subscriptions/s/resourceGroups/theirs/providers/Microsoft.ContainerService/managedClusters/theirs";
const existingNetwork = {
  mode: "existing",
  id: theirNetwork,
  subnets: { private: [`${theirNetwork}/subnets/nodes`] },
};

const clusterOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...azureStack, databases: {}, ...said });
  return deploy(
    () => {
      const opts = { providers: azureComputeProviders(), transformations: [withoutOldTypes] };
      const ground = new AzureGround("agents", { stack }, opts);
      const network = new AzureNetwork("agents", { settings: stack.network, stack, ground }, opts);
      return new AzureCluster(NAME, { settings: stack.cluster, network, stack, ground }, opts);
    },
    {
      ...azureComputeStubs,
      ...stubs,
      outputs: { ...azureComputeStubs.outputs, ...stubs.outputs },
      calls: { ...azureComputeStubs.calls, ...stubs.calls },
    },
  );
};

/** Many tests look at the same stack: it is deployed once. */
let deployed: ReturnType<typeof clusterOf> | undefined;
const plain = () => {
  deployed ??= clusterOf();
  return deployed;
};

const madeBy = (resources: readonly RecordedResource[]) =>
  inventory(resources.filter(({ urn }) => urn.includes("agent-platform:azure:Cluster")));

const made = [
  ["agent-platform:azure:Cluster", NAME],
  [ROLE, `${NAME}-deployer`],
  [ROLE, `${NAME}-network`],
  [ROLE, `${NAME}-nodes`],
  [POOL, `${PREFIX}-apps`],
  [POOL, `${PREFIX}-spot`],
  [WINDOW, `${NAME}-node-images`],
  [WINDOW, `${NAME}-patches`],
  [CLUSTER, NAME],
  [IDENTITY, `${NAME}-control-plane`],
  [IDENTITY, `${NAME}-nodes`],
  ["azure-native:monitor:DiagnosticSetting", `${NAME}-logs`],
  ["azure-native:operationalinsights:Workspace", `${NAME}-logs`],
  [CLASS, `${NAME}-ssd`],
  [PROVIDER, `${NAME}-kubernetes`],
  [NAMES, `${PREFIX}-apps`],
  [NAMES, `${PREFIX}-spot`],
  [GUID, `${NAME}-deployer`],
  [GUID, `${NAME}-network`],
  [GUID, `${NAME}-nodes`],
  [SLEEP, `${NAME}-deployer`],
  [SLEEP, `${NAME}-roles`],
];

const inputsOf = async (said: Tree = {}) => only((await clusterOf(said)).resources, CLUSTER).inputs;
const apiServer = async (said: Tree) => (await inputsOf(said))["apiServerAccessProfile"];
const wayOut = async (said: Tree, stubs: Stubs = {}) => {
  const { inputs } = only((await clusterOf(said, stubs)).resources, CLUSTER);
  return (inputs["networkProfile"] as Record<string, unknown>)["outboundType"];
};
const production = (said: Tree = {}): Tree => ({
  environment: "production",
  monitoring: { mode: "none" },
  cluster: { access: { private: true } },
  ...said,
});

/** `Network Contributor`'s id on `what` for `whom`. */
const spoken = ({ inputs }: RecordedResource) => [
  String(inputs["roleDefinitionId"]).split("/").at(-1),
  inputs["scope"],
  inputs["principalId"],
  inputs["principalType"],
];

const common = (key: string) => ({
  orchestratorVersion: "1.36",
  type: "VirtualMachineScaleSets",
  osType: "Linux",
  osSKU: "AzureLinux",
  osDiskType: "Managed",
  osDiskSizeGB: 50,
  availabilityZones: ["1", "2"],
  vnetSubnetID: "agents-private-id",
  enableNodePublicIP: false,
  enableAutoScaling: true,
  tags: tagsOf(`${PREFIX}-${key}`),
});
const systemPool = {
  ...common("system"),
  name: "system",
  mode: "System",
  vmSize: "Standard_D2pls_v6",
  minCount: 2,
  maxCount: 3,
  count: 2,
  nodeLabels: { role: "system" },
  nodeTaints: [],
  upgradeSettings: { maxSurge: "33%" },
};

describe("providers/azure/cluster", () => {
  describe("managed, with nothing said", () => {
    it("makes a control plane, its identities and roles, its windows and logs, and a pool for each pool", async () => {
      const { resources } = await plain();
      assert.deepEqual(madeBy(resources), made);
    });

    it("the control plane admits by Entra alone, and pods by workload identity", async () => {
      assert.deepEqual(only((await plain()).resources, CLUSTER).inputs, {
        resourceGroupName: GROUP,
        location: "northeurope",
        dnsPrefix: PREFIX,
        kubernetesVersion: "1.36",
        sku: { name: "Base", tier: "Free" },
        supportPlan: "KubernetesOfficial",
        identity: { type: "UserAssigned", userAssignedIdentities: [`${NAME}-control-plane-id`] },
        identityProfile: {
          kubeletidentity: {
            resourceId: `${NAME}-nodes-id`,
            clientId: `client of ${NAME}-nodes`,
            objectId: `principal of ${NAME}-nodes`,
          },
        },
        enableRBAC: true,
        aadProfile: { managed: true, enableAzureRBAC: true, tenantID: "tenant" },
        disableLocalAccounts: true,
        apiServerAccessProfile: { disableRunCommand: true },
        oidcIssuerProfile: { enabled: true },
        securityProfile: { workloadIdentity: { enabled: true } },
        networkProfile: {
          networkPlugin: "azure",
          networkPluginMode: "overlay",
          networkDataplane: "cilium",
          networkPolicy: "cilium",
          podCidr: "100.64.0.0/14",
          serviceCidr: "172.20.0.0/16",
          dnsServiceIP: "172.20.0.10",
          loadBalancerSku: "standard",
          outboundType: "userAssignedNATGateway",
        },
        agentPoolProfiles: [systemPool],
        autoUpgradeProfile: { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" },
        tags: tagsOf(NAME),
      });
    });

    it("each identity can do what its owner does and no more", async () => {
      const { resources } = await plain();
      const byName = Object.fromEntries(all(resources, ROLE).map((role) => [role.name, spoken(role)]));
      const principal = `principal of ${NAME}-control-plane`;
      assert.deepEqual(byName, {
        [`${NAME}-network`]: [
          "4d97b98b-1d4f-4787-a291-c67834d212e7",
          "agents-private-id",
          principal,
          "ServicePrincipal",
        ],
        [`${NAME}-nodes`]: ["f1a07417-d97a-45cb-824c-7a7467783830", `${NAME}-nodes-id`, principal, "ServicePrincipal"],
        [`${NAME}-deployer`]: ["b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", `${NAME}-id`, "deployer", undefined],
      });
    });

    it("the control plane waits until its roles act, and loses them after it is gone", async () => {
      const { resources } = await plain();
      const wait = only(resources, SLEEP, `${NAME}-roles`);
      assert.deepEqual(wait.inputs, {
        createDuration: "120s",
        triggers: { joins: `${NAME}-network-id`, hands: `${NAME}-nodes-id` },
      });
      assert.ok(only(resources, CLUSTER).dependsOn.includes(wait.urn));
      for (const role of [`${NAME}-network`, `${NAME}-nodes`])
        assert.ok(wait.dependsOn.includes(only(resources, ROLE, role).urn));
    });

    it("the Kubernetes provider waits until whoever deploys is let in", async () => {
      const { resources, result } = await plain();
      const wait = only(resources, SLEEP, `${NAME}-deployer`);
      assert.ok(wait.dependsOn.includes(only(resources, ROLE, `${NAME}-deployer`).urn));
      const provider = only(resources, PROVIDER);
      assert.ok(provider.dependsOn.includes(wait.urn));
      assert.deepEqual(provider.secretInputs, ["kubeconfig"]);
      assert.deepEqual(provider.inputs, {
        kubeconfig: await valueOf(result.kubeconfig),
        clusterIdentifier: `${NAME}-id`,
        deleteUnreachable: "true",
        enableConfigMapMutable: "true",
        enableSecretMutable: "true",
      });
    });

    it("the deployer's role does not follow whoever runs the program next", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, ROLE, `${NAME}-deployer`).ignoreChanges, ["principalId"]);
    });

    it("the kubeconfig is secret and holds no credentials", async () => {
      const { result } = await plain();
      assert.equal(await isSecret(result.kubeconfig), true);
      const name = `${NAME}1a2b3c4d`;
      assert.deepEqual(JSON.parse(await valueOf(result.kubeconfig)), {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name,
            cluster: {
              server: `https://${name}.hcp.northeurope.azmk8s.io:443`,
              "certificate-authority-data": "Q0E=",
            },
          },
        ],
        users: [
          {
            name,
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: "kubelogin",
                args: ["get-token", "--login", "azurecli", "--server-id", "6dae42f8-4368-4678-94ff-3960e28e3630"],
              },
            },
          },
        ],
        contexts: [{ name, context: { cluster: name, user: name } }],
        "current-context": name,
      });
    });

    it("the control plane's log is kept, without who read what", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, "azure-native:monitor:DiagnosticSetting").inputs, {
        resourceUri: `${NAME}-id`,
        workspaceId: `${NAME}-logs-id`,
        logAnalyticsDestinationType: "Dedicated",
        logs: [
          "kube-apiserver",
          "kube-audit-admin",
          "guard",
          "kube-controller-manager",
          "kube-scheduler",
          "cluster-autoscaler",
          "cloud-controller-manager",
        ].map((category) => ({ category, enabled: true })),
      });
      assert.equal(only(resources, "azure-native:operationalinsights:Workspace").inputs["retentionInDays"], 30);
    });

    it("Azure patches on Sunday mornings", async () => {
      const { resources } = await plain();
      const window = (configName: string) => ({
        resourceGroupName: GROUP,
        resourceName: `${NAME}1a2b3c4d`,
        configName,
        maintenanceWindow: {
          schedule: { weekly: { dayOfWeek: "Sunday", intervalWeeks: 1 } },
          startTime: "00:00",
          utcOffset: "+00:00",
          durationHours: 4,
        },
      });
      assert.deepEqual(
        all(resources, WINDOW).map(({ inputs }) => inputs),
        [window("aksManagedAutoUpgradeSchedule"), window("aksManagedNodeOSUpgradeSchedule")],
      );
    });

    it("pools are as the settings say", async () => {
      const { resources } = await plain();
      const pool = (key: string) => only(resources, POOL, `${PREFIX}-${key}`);
      const place = { resourceGroupName: GROUP, resourceName: `${NAME}1a2b3c4d`, mode: "User" };
      assert.deepEqual(pool("apps").inputs, {
        ...place,
        ...common("apps"),
        agentPoolName: "appsx7k2",
        vmSize: "Standard_D2ps_v6",
        minCount: 1,
        maxCount: 5,
        count: 1,
        nodeLabels: { role: "apps" },
        nodeTaints: [],
        upgradeSettings: { maxSurge: "33%" },
      });
      assert.deepEqual(pool("spot").inputs, {
        ...place,
        ...common("spot"),
        agentPoolName: "spotx7k2",
        vmSize: "Standard_D2ps_v6",
        minCount: 0,
        maxCount: 5,
        count: 0,
        scaleSetPriority: "Spot",
        scaleSetEvictionPolicy: "Delete",
        spotMaxPrice: -1,
        nodeLabels: { role: "spot", "kubernetes.azure.com/scalesetpriority": "spot" },
        nodeTaints: ["spot=true:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"],
      });
      assert.deepEqual(pool("apps").ignoreChanges, ["count"]);
    });

    it("another machine is another pool, made before the old one goes", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, NAMES, `${PREFIX}-apps`).inputs, {
        length: 4,
        special: false,
        upper: false,
        keepers: {
          vmSize: "Standard_D2ps_v6",
          osSKU: "AzureLinux",
          disk: "50",
          zones: "1,2",
          subnet: "agents-private-id",
          spot: "false",
        },
      });
      assert.equal(only(resources, POOL, `${PREFIX}-apps`).deleteBeforeReplace, false);
    });

    it("the storage class is encrypted by Azure, grows, goes with the cluster and tags its disks", async () => {
      const { resources } = await plain();
      assertStorageClass(resources, CLUSTER, {
        name: `${PREFIX}-ssd`,
        provisioner: "disk.csi.azure.com",
        parameters: {
          skuName: "Premium_LRS",
          tags: `Name=${PREFIX}-volume,platform=agents,environment=development,managed-by=pulumi`,
        },
      });
    });

    it("slow parts are given their time", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, CLUSTER).customTimeouts, { create: "45m", update: "120m", delete: "45m" });
      for (const pool of all(resources, POOL))
        assert.deepEqual(pool.customTimeouts, { create: "30m", update: "120m", delete: "30m" });
    });

    it("says what the rest of the platform needs", async () => {
      const { resources, result } = await plain();
      const { name, puller, issuer, nodeGroup } = result;
      assert.deepEqual(await Promise.all([name, puller, issuer, nodeGroup].map(valueOf)), [
        `${NAME}-id`,
        `principal of ${NAME}-nodes`,
        `https://northeurope.oic.prod-aks.azure.com/tenant/${NAME}1a2b3c4d/`,
        `MC_${NAME}1a2b3c4d`,
      ]);
      assert.deepEqual(result.provides, {
        metricsServer: true,
        nodeAutoscaling: true,
        nodeCertificates: true,
        loadBalancers: true,
      });
      assert.deepEqual(result.credentialEndpoint, [{ cidr: "0.0.0.0/0", ports: [443] }]);
      assert.equal(await valueOf(result.storageClasses.ssd ?? ""), `${PREFIX}-ssd`);
      const urns = await Promise.all(result.ready.map(({ urn }) => valueOf(urn)));
      assert.deepEqual(
        urns,
        [only(resources, CLUSTER), ...all(resources, POOL)].map(({ urn }) => urn),
      );
      assert.equal(await valueOf(result.deletedWith?.urn ?? ""), only(resources, CLUSTER).urn);
    });
  });

  describe("customised", () => {
    it("the API server answers the ranges that the stack says, and the nodes", async () => {
      assert.deepEqual(await apiServer({ cluster: { access: { cidrs: ["203.0.113.0/24"] } } }), {
        authorizedIPRanges: ["203.0.113.0/24", "198.51.100.7/32"],
        disableRunCommand: true,
      });
    });

    it("nodes that go out by the cluster's own load balancer are let in by Azure", async () => {
      const said = { network: { nat: "perZone" }, cluster: { access: { cidrs: ["203.0.113.0/24"] } } };
      assert.deepEqual(await apiServer(said), { authorizedIPRanges: ["203.0.113.0/24"], disableRunCommand: true });
      assert.equal(await wayOut(said), "loadBalancer");
    });

    it("a private API server has no public address and no public name", async () => {
      const { resources } = await clusterOf({ cluster: { access: { private: true } } });
      assert.deepEqual(only(resources, CLUSTER).inputs["apiServerAccessProfile"], {
        enablePrivateCluster: true,
        enablePrivateClusterPublicFQDN: false,
        privateDNSZone: "system",
        disableRunCommand: true,
      });
      // It links its own private domain to the network.
      assert.equal(only(resources, ROLE, `${NAME}-network`).inputs["scope"], "agents-id");
    });

    it("admins administer the cluster next to whoever deploys", async () => {
      const admin = "11111111-2222-4333-8444-555555555555";
      const { resources } = await clusterOf({ cluster: { admins: [admin] } });
      const role = only(resources, ROLE, `${NAME}-admin-${admin}`);
      assert.deepEqual(spoken(role), ["b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b", `${NAME}-id`, admin, undefined]);
      assert.deepEqual(role.ignoreChanges, []);
    });

    it("production has an SLA, three zones, logs for longer, and is protected", async () => {
      const { resources } = await clusterOf(production());
      const cluster = only(resources, CLUSTER);
      assert.deepEqual(cluster.inputs["sku"], { name: "Base", tier: "Standard" });
      assert.equal(cluster.protect, true);
      for (const pool of all(resources, POOL)) assert.deepEqual(pool.inputs["availabilityZones"], ["1", "2", "3"]);
      assert.equal(only(resources, "azure-native:operationalinsights:Workspace").inputs["retentionInDays"], 90);
      assert.equal(only(resources, PROVIDER).inputs["deleteUnreachable"], "false");
    });

    it("a stack whose locks are off has an unprotected cluster", async () => {
      const { resources } = await clusterOf(production({ deletionProtection: false }));
      assert.equal(only(resources, CLUSTER).protect, false);
    });

    it("ranges and version are the settings'", async () => {
      const said = { version: "1.35", serviceCidr: "10.100.0.0/16", podCidr: "10.64.0.0/14" };
      const { kubernetesVersion, networkProfile, agentPoolProfiles } = await inputsOf({ cluster: said });
      assert.equal(kubernetesVersion, "1.35");
      const { serviceCidr, dnsServiceIP, podCidr } = networkProfile as Record<string, unknown>;
      assert.deepEqual([serviceCidr, dnsServiceIP, podCidr], ["10.100.0.0/16", "10.100.0.10", "10.64.0.0/14"]);
      assert.equal((agentPoolProfiles as Record<string, unknown>[])[0]?.["orchestratorVersion"], "1.35");
    });

    it("a pool with accelerators, taints and a small disk", async () => {
      const taints = [{ key: "gpu", effect: "NoExecute" }];
      const gpu = { cpu: 4, memory: 16, arch: "amd64", gpu: 1, disk: 20, min: 0, max: 2, taints };
      const { resources } = await clusterOf({ cluster: { pools: { "gpu-jobs": gpu } } });
      const { inputs } = only(resources, POOL, `${PREFIX}-gpu-jobs`);
      assert.equal(inputs["agentPoolName"], "gpujobsx7k2");
      assert.equal(inputs["vmSize"], "Standard_NC4as_T4_v3");
      assert.equal(inputs["osSKU"], "Ubuntu");
      assert.equal(inputs["osDiskSizeGB"], 30);
      assert.deepEqual(inputs["nodeTaints"], ["gpu:NoExecute"]);
    });

    it("takes the native type that the stack names", async () => {
      const machineTypes = { "pools.apps": "Standard_D16ps_v6", "pools.system": "Standard_D8ps_v6" };
      const { resources } = await clusterOf({ azure: { ...azureStack.azure, machineTypes } });
      assert.equal(only(resources, POOL, `${PREFIX}-apps`).inputs["vmSize"], "Standard_D16ps_v6");
      const [first] = only(resources, CLUSTER).inputs["agentPoolProfiles"] as Record<string, unknown>[];
      assert.equal(first?.["vmSize"], "Standard_D8ps_v6");
    });

    it("the cluster's own pods go to the first pool that is always there and keeps nobody away", async () => {
      const { resources } = await clusterOf({ cluster: { pools: { system: { min: 0 } } } });
      const [first] = only(resources, CLUSTER).inputs["agentPoolProfiles"] as Record<string, unknown>[];
      assert.deepEqual([first?.["name"], first?.["nodeLabels"]], ["system", { role: "apps" }]);
      assert.deepEqual(
        all(resources, POOL).map(({ name }) => name),
        [`${PREFIX}-system`, `${PREFIX}-spot`],
      );
    });

    it("a pool of no nodes is left out", async () => {
      const { resources } = await clusterOf({ cluster: { pools: { spot: { max: 0 } } } });
      assert.deepEqual(
        all(resources, POOL).map(({ name }) => name),
        [`${PREFIX}-apps`],
      );
    });
  });

  describe("in a network that exists", () => {
    it("goes out as the subnet does", async () => {
      const read = (more: Record<string, unknown>) => ({
        calls: { "azure-native:network:getSubnet": () => ({ addressPrefix: "10.42.8.0/21", ...more }) },
      });
      const said = { network: existingNetwork };
      assert.equal(await wayOut(said), "loadBalancer");
      assert.equal(await wayOut(said, read({ natGateway: { id: "nat" } })), "userAssignedNATGateway");
      assert.equal(await wayOut(said, read({ routeTable: { id: "table" } })), "userDefinedRouting");
    });

    it("its owner may change the way out without a new cluster", async () => {
      const { resources } = await clusterOf({ network: existingNetwork });
      assert.deepEqual(only(resources, CLUSTER).ignoreChanges, ["networkProfile.outboundType"]);
      assert.deepEqual(only((await clusterOf()).resources, CLUSTER).ignoreChanges, []);
    });

    it("nodes are spread over the region's zones, or those that the stack names", async () => {
      const zonesOf = async (said: Tree) =>
        only((await clusterOf({ network: existingNetwork, ...said })).resources, POOL, `${PREFIX}-apps`).inputs[
          "availabilityZones"
        ];
      assert.deepEqual(await zonesOf({}), ["1", "2", "3"]);
      assert.deepEqual(await zonesOf({ azure: { ...azureStack.azure, zones: ["2", "3"] } }), ["2", "3"]);
    });
  });

  describe("existing", () => {
    const existing = { mode: "existing", id: theirs, storageClass: "fast" };

    it("makes nothing but a provider", async () => {
      const { resources } = await clusterOf({ cluster: existing });
      assert.deepEqual(madeBy(resources), [
        ["agent-platform:azure:Cluster", NAME],
        [PROVIDER, `${NAME}-kubernetes`],
      ]);
    });

    it("is read by its id, and opened as its own is", async () => {
      const { calls, resources, result } = await clusterOf({ cluster: existing });
      const place = { resourceGroupName: "theirs", resourceName: "theirs" };
      assert.deepEqual(
        calls.filter(({ token }) => token.startsWith("azure-native:containerservice:")),
        [
          { token: "azure-native:containerservice:getManagedCluster", inputs: place },
          {
            token: "azure-native:containerservice:listManagedClusterUserCredentials",
            inputs: { ...place, format: "exec" },
          },
        ],
      );
      const { name, puller, issuer, nodeGroup, storageClasses, ready, deletedWith, kubeconfig } = result;
      assert.deepEqual(await Promise.all([name, puller, issuer, nodeGroup, storageClasses.ssd ?? ""].map(valueOf)), [
        theirs,
        "their-nodes",
        "https://northeurope.oic.prod-aks.azure.com/tenant/theirs/",
        "MC_theirs",
        "fast",
      ]);
      assert.deepEqual([ready, deletedWith], [[], undefined]);
      assert.equal(await isSecret(kubeconfig), true);
      assert.equal(only(resources, PROVIDER).inputs["clusterIdentifier"], theirs);
    });

    it("by a kubeconfig of the runner's hands nothing of it out", async () => {
      const { calls, resources, result } = await clusterOf({
        cluster: { ...existing, kubeconfig: "/home/me/.kube/config", context: "theirs" },
      });
      assert.equal(await valueOf(result.kubeconfig), "");
      const { kubeconfig, context } = only(resources, PROVIDER).inputs;
      assert.deepEqual([kubeconfig, context], ["/home/me/.kube/config", "theirs"]);
      assert.equal(
        calls.some(({ token }) => token.endsWith("listManagedClusterUserCredentials")),
        false,
      );
    });

    it("refuses a cluster that vouches for no pod", async () => {
      const read = { calls: { "azure-native:containerservice:getManagedCluster": () => ({}) } };
      await assert.rejects(
        clusterOf({ cluster: existing }, read),
        /azure: the cluster has no OIDC issuer: enable it there first$/,
      );
    });
  });

  it("refuses pools of which none takes the cluster's own pods", () => {
    const { cluster } = settingsOf(azureStack);
    assert.ok(cluster.mode === "managed");
    const { apps, spot } = cluster.pools;
    assert.ok(apps !== undefined && spot !== undefined);
    for (const pool of [{ ...apps, min: 0 }, { ...apps, max: 0 }, { ...apps, taints: spot.taints }, spot])
      assert.throws(
        () => firstPool({ ...cluster, pools: { only: pool } }),
        new Error("azure: no pool is always there for the cluster's own pods"),
      );
  });

  it("refuses a kubeconfig without an address", async () => {
    const read = () => ({ kubeconfigs: [] });
    await assert.rejects(
      clusterOf({}, { calls: { "azure-native:containerservice:listManagedClusterUserCredentials": read } }),
      /azure: the cluster's kubeconfig has no address$/,
    );
  });

  it("a preview shows the same resources", async () => {
    const { resources, result } = await clusterOf({}, { preview: true });
    assert.deepEqual(madeBy(resources), made);
    assert.deepEqual(await Promise.all([result.name, result.kubeconfig, result.puller, result.issuer].map(isKnown)), [
      false,
      false,
      false,
      false,
    ]);
  });
});
