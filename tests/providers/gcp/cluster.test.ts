import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import type { Network } from "../../../providers/contract.js";
import { GcpCluster } from "../../../providers/gcp/cluster.js";
import { GcpNetwork } from "../../../providers/gcp/network.js";
import { nodeType } from "../../../providers/gcp/sizes.js";
import { all, inventory, isKnown, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { sorted } from "../../support/rows.js";
import { gcpStack, settingsOf } from "../../support/settings.js";
import { deployGcpComputePart, gcpCareful } from "../../support/stubs/gcp-compute.js";
import { labelsOf } from "../../support/tags.js";
import { assertStorageClass, CLASS, inPlace, PROVIDER, pool, takesExisting, waitsFor } from "../every-cloud/cluster.js";

const NAME = "agents";
const PREFIX = "agents-development";
const COMPONENT = "agent-platform:gcp:Cluster";
const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const MEMBER = "gcp:projects/iAMMember:IAMMember";
const ACCOUNT = "gcp:serviceaccount/account:Account";

const network = (): Network => ({
  id: pulumi.output("net-1"),
  subnets: {
    public: pulumi.output<string[]>([]),
    private: pulumi.output(["subnet-a", "subnet-b"]),
    data: pulumi.output(["subnet-d"]),
  },
  clientCidrs: [pulumi.output("10.0.0.0/18"), pulumi.output("100.64.0.0/14")],
  dataCidrs: pulumi.output(["10.0.224.0/22"]),
});

/** What the cluster makes: the ground and the cloud's providers are others'. */
const clusterOf = (said: Tree = {}, stubs: Stubs = {}, settings?: ClusterSettings) =>
  deployGcpComputePart(
    COMPONENT,
    { ...gcpStack, ...said },
    ({ stack, ground, opts }) =>
      new GcpCluster(NAME, { settings: settings ?? stack.cluster, network: network(), stack, ground }, opts),
    stubs,
  );

const made: [type: string, name: string][] = [
  [COMPONENT, NAME],
  ["agent-platform:gcp:Key", `${NAME}-key`],
  [CLUSTER, NAME],
  [POOL, `${PREFIX}-apps`],
  [POOL, `${PREFIX}-spot`],
  [POOL, `${PREFIX}-system`],
  ["gcp:kms/cryptoKey:CryptoKey", `${NAME}-key`],
  ["gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", `${NAME}-key-agent`],
  [MEMBER, `${NAME}-nodes`],
  [ACCOUNT, `${NAME}-nodes`],
  [CLASS, `${NAME}-ssd`],
  [PROVIDER, `${NAME}-kubernetes`],
];

const inputsOf = async (said: Tree) => only((await clusterOf(said)).resources, CLUSTER).inputs;

describe("providers/gcp/cluster", () => {
  describe("managed, with nothing said", () => {
    it("makes a control plane, its key, an account for nodes and a pool of them for each of the stack's", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(inventory(resources), sorted(made));
    });

    it("the control plane encrypts secrets, logs everything and enforces network policies", async () => {
      assert.deepEqual(await inputsOf({}), {
        project: "acme-agents",
        name: PREFIX,
        location: "europe-west1",
        nodeLocations: ["europe-west1-b", "europe-west1-c"],
        releaseChannel: { channel: "REGULAR" },
        minMasterVersion: "1.36",
        network: "net-1",
        subnetwork: "subnet-a",
        networkingMode: "VPC_NATIVE",
        ipAllocationPolicy: { clusterSecondaryRangeName: "pods", servicesSecondaryRangeName: "services" },
        datapathProvider: "ADVANCED_DATAPATH",
        enableL4IlbSubsetting: true,
        privateClusterConfig: { enablePrivateNodes: true },
        controlPlaneEndpointsConfig: {
          dnsEndpointConfig: {
            allowExternalTraffic: true,
            enableK8sTokensViaDns: false,
            enableK8sCertsViaDns: false,
          },
          ipEndpointsConfig: { enabled: false },
        },
        anonymousAuthenticationConfig: { mode: "LIMITED" },
        workloadIdentityConfig: { workloadPool: "acme-agents.svc.id.goog" },
        databaseEncryption: { state: "ENCRYPTED", keyName: `${NAME}-key-id` },
        gatewayApiConfig: { channel: "CHANNEL_DISABLED" },
        loggingConfig: {
          enableComponents: ["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"],
        },
        monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: false } },
        maintenancePolicy: {
          recurringWindow: {
            startTime: "2026-01-03T00:00:00Z",
            endTime: "2026-01-03T08:00:00Z",
            recurrence: "FREQ=WEEKLY;BYDAY=SA,SU",
          },
        },
        removeDefaultNodePool: true,
        initialNodeCount: 1,
        nodeConfig: {
          serviceAccount: `${PREFIX}-nodes@acme-agents.iam.gserviceaccount.com`,
          workloadMetadataConfig: { mode: "GKE_METADATA" },
        },
        deletionProtection: false,
        resourceLabels: labelsOf(NAME),
      });
    });

    it("the window for maintenance is as long as GKE wants", async () => {
      const { maintenancePolicy } = await inputsOf({});
      const { recurringWindow } = maintenancePolicy as { recurringWindow: Record<string, string> };
      const hours =
        (Date.parse(recurringWindow["endTime"] ?? "") - Date.parse(recurringWindow["startTime"] ?? "")) / 36e5;
      const days = recurringWindow["recurrence"]?.split("BYDAY=")[1]?.split(",").length ?? 0;
      assert.ok(4 * days * hours >= 48 && hours >= 4);
      // Its first day is one of those on which it recurs.
      assert.equal(new Date(recurringWindow["startTime"] ?? "").getUTCDay(), 6);
    });

    it("the pool that is taken away again changes nothing", async () => {
      const cluster = only((await clusterOf()).resources, CLUSTER);
      assert.deepEqual(cluster.ignoreChanges, ["nodeConfig"]);
    });

    it("GKE encrypts with a key that only its own account may use", async () => {
      const { resources } = await clusterOf();
      const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
      assert.equal(grant.inputs["member"], "serviceAccount:service-123456789012@container.googleapis.com");
      waitsFor(only(resources, CLUSTER), [grant.urn]);
    });

    it("nodes may do what nodes must and no more, until the last of them is gone", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(only(resources, ACCOUNT).inputs, {
        project: "acme-agents",
        accountId: `${PREFIX}-nodes`,
        displayName: `Nodes of ${PREFIX}`,
      });
      const grant = only(resources, MEMBER);
      assert.deepEqual(grant.inputs, {
        project: "acme-agents",
        role: "roles/container.defaultNodeServiceAccount",
        member: `serviceAccount:${PREFIX}-nodes@acme-agents.iam.gserviceaccount.com`,
      });
      for (const user of [only(resources, CLUSTER), ...all(resources, POOL)]) waitsFor(user, [grant.urn]);
    });

    it("the name of the nodes' account is never too long", () => {
      const longest = settingsOf({ ...gcpStack, name: "agents12", environment: "development" });
      assert.ok(`${longest.prefix}-nodes`.length <= 30);
    });

    it("node pools are as the stack's say", async () => {
      const { resources } = await clusterOf();
      const stack = settingsOf(gcpStack);
      assert.ok(stack.cluster.mode === "managed");
      const { apps, spot } = stack.cluster.pools;
      assert.ok(apps !== undefined && spot !== undefined);
      const one = (key: string) => only(resources, POOL, `${PREFIX}-${key}`);
      const common = {
        project: "acme-agents",
        cluster: PREFIX,
        location: "europe-west1",
        nodeLocations: ["europe-west1-b", "europe-west1-c"],
        management: { autoRepair: true, autoUpgrade: true },
        upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
        networkConfig: { enablePrivateNodes: true },
      };
      const config = (key: string) => ({
        imageType: "COS_CONTAINERD",
        diskType: "hyperdisk-balanced",
        diskSizeGb: 50,
        serviceAccount: `${PREFIX}-nodes@acme-agents.iam.gserviceaccount.com`,
        oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
        workloadMetadataConfig: { mode: "GKE_METADATA" },
        metadata: { "disable-legacy-endpoints": "true" },
        shieldedInstanceConfig: { enableSecureBoot: false, enableIntegrityMonitoring: true },
        kubeletConfig: { insecureKubeletReadonlyPortEnabled: "FALSE" },
        labels: { role: key },
        resourceLabels: labelsOf(`${PREFIX}-${key}`),
      });
      assert.deepEqual(one("apps").inputs, {
        ...common,
        initialNodeCount: 1,
        autoscaling: { totalMinNodeCount: 1, totalMaxNodeCount: 5, locationPolicy: "BALANCED" },
        nodeConfig: { ...config("apps"), machineType: nodeType(apps), spot: false, taints: [] },
      });
      assert.deepEqual(one("spot").inputs, {
        ...common,
        initialNodeCount: 0,
        autoscaling: { totalMinNodeCount: 0, totalMaxNodeCount: 5, locationPolicy: "ANY" },
        nodeConfig: {
          ...config("spot"),
          machineType: nodeType(spot),
          spot: true,
          taints: [{ key: "spot", value: "true", effect: "NO_SCHEDULE" }],
        },
      });
    });

    it("the autoscaler's number of nodes does not replace a pool", async () => {
      const { resources } = await clusterOf();
      for (const one of all(resources, POOL)) assert.deepEqual(one.ignoreChanges, ["initialNodeCount"]);
    });

    it("nodes keep their credentials from pods, and have no public addresses", async () => {
      const { resources } = await clusterOf();
      for (const { inputs } of all(resources, POOL)) {
        const config = inputs["nodeConfig"] as Record<string, unknown>;
        assert.deepEqual(config["workloadMetadataConfig"], { mode: "GKE_METADATA" });
        assert.deepEqual(inputs["networkConfig"], { enablePrivateNodes: true });
      }
    });

    it("the kubeconfig is secret, goes by the public name and holds no credentials", async () => {
      const { result } = await clusterOf();
      assert.equal(await isSecret(result.kubeconfig), true);
      assert.deepEqual(JSON.parse(await valueOf(result.kubeconfig)), {
        apiVersion: "v1",
        kind: "Config",
        clusters: [{ name: PREFIX, cluster: { server: "https://gke-0a1b2c-123456789012.europe-west1.gke.goog" } }],
        users: [
          {
            name: PREFIX,
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: "gke-gcloud-auth-plugin",
                args: ["--use_application_default_credentials"],
                provideClusterInfo: true,
              },
            },
          },
        ],
        contexts: [{ name: PREFIX, context: { cluster: PREFIX, user: PREFIX } }],
        "current-context": PREFIX,
      });
    });

    it("another way to the API server is not another cluster", async () => {
      const identifier = async (said: Tree) =>
        only((await clusterOf(said)).resources, PROVIDER).inputs["clusterIdentifier"];
      const name = "gke-0a1b2c-123456789012.europe-west1.gke.goog";
      assert.equal(await identifier({}), name);
      assert.equal(await identifier({ cluster: { access: { cidrs: ["203.0.113.0/24"] } } }), name);
      assert.equal(await identifier({ cluster: { access: { private: true } } }), name);
    });

    it("a development stack goes even after its cluster was removed by hand", async () => {
      const { resources, result } = await clusterOf();
      const { inputs, secretInputs } = only(resources, PROVIDER);
      assert.equal(inputs["kubeconfig"], await valueOf(result.kubeconfig));
      assert.deepEqual(secretInputs, ["kubeconfig"]);
      assert.deepEqual(inputs, { ...inputs, deleteUnreachable: "true", ...inPlace });
    });

    it("the storage class takes the disks of any node, grows and goes with the cluster", async () => {
      const { resources } = await clusterOf();
      assertStorageClass(resources, CLUSTER, {
        name: `${PREFIX}-ssd`,
        provisioner: "pd.csi.storage.gke.io",
        parameters: {
          type: "dynamic",
          "hyperdisk-type": "hyperdisk-balanced",
          "pd-type": "pd-balanced",
          "use-allowed-disk-topology": "true",
          labels: `name=${PREFIX}-volume,platform=agents,environment=development,managed-by=pulumi`,
        },
      });
    });

    it("slow parts are given their time", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(only(resources, CLUSTER).customTimeouts, { create: "60m", update: "90m", delete: "60m" });
      for (const one of all(resources, POOL)) {
        assert.deepEqual(one.customTimeouts, { create: "45m", update: "60m", delete: "45m" });
      }
    });

    it("says what the rest of the platform needs", async () => {
      const { resources, result } = await clusterOf();
      assert.equal(await valueOf(result.name), PREFIX);
      assert.equal(await valueOf(result.storageClasses.ssd ?? ""), `${PREFIX}-ssd`);
      assert.deepEqual(result.provides, {
        metricsServer: true,
        nodeAutoscaling: true,
        nodeCertificates: true,
        loadBalancers: true,
      });
      assert.deepEqual(result.credentialEndpoint, [{ cidr: "169.254.169.254/32", ports: [80, 8080] }]);
      const ready = await Promise.all(result.ready.map(({ urn }) => valueOf(urn)));
      assert.deepEqual(
        ready,
        ["system", "apps", "spot"].map((key) => only(resources, POOL, `${PREFIX}-${key}`).urn),
      );
      assert.equal(await valueOf(result.puller), `serviceAccount:${PREFIX}-nodes@acme-agents.iam.gserviceaccount.com`);
      assert.ok(result.deletedWith !== undefined);
      assert.equal(await valueOf(result.deletedWith.urn), only(resources, CLUSTER).urn);
    });

    it("where nobody watches GKE collects what pods say by itself", async () => {
      const { resources } = await clusterOf({ monitoring: { mode: "none" } });
      assert.deepEqual(only(resources, CLUSTER).inputs["loggingConfig"], {
        enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"],
      });
    });

    it("a preview shows the same cluster", async () => {
      const { resources, result } = await clusterOf({}, { preview: true });
      assert.deepEqual(inventory(resources), sorted(made));
      assert.equal(await isKnown(result.kubeconfig), false);
    });
  });

  describe("managed, customised", () => {
    it("production is guarded against deletion and open to its addresses only", async () => {
      const { resources } = await clusterOf(gcpCareful);
      const { inputs } = only(resources, CLUSTER);
      assert.equal(inputs["deletionProtection"], true);
      assert.deepEqual(inputs["privateClusterConfig"], { enablePrivateNodes: true, enablePrivateEndpoint: false });
      assert.deepEqual(inputs["masterAuthorizedNetworksConfig"], {
        cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }],
        gcpPublicCidrsAccessEnabled: false,
      });
      assert.deepEqual(inputs["controlPlaneEndpointsConfig"], {
        dnsEndpointConfig: { allowExternalTraffic: false, enableK8sTokensViaDns: false, enableK8sCertsViaDns: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.equal(only(resources, "gcp:kms/cryptoKey:CryptoKey").protect, true);
      assert.equal(only(resources, PROVIDER).inputs["deleteUnreachable"], "false");
    });

    it("where ranges are let in, the kubeconfig goes by the address and trusts the cluster's own CA", async () => {
      const { result } = await clusterOf(gcpCareful);
      assert.deepEqual(JSON.parse(await valueOf(result.kubeconfig)).clusters, [
        {
          name: "agents-production",
          cluster: { server: "https://203.0.113.7", "certificate-authority-data": "Q0E=" },
        },
      ]);
    });

    it("a private API server has no public address and no public name", async () => {
      const inputs = await inputsOf({ cluster: { access: { private: true } } });
      assert.deepEqual(inputs["privateClusterConfig"], { enablePrivateNodes: true, enablePrivateEndpoint: true });
      assert.deepEqual(inputs["controlPlaneEndpointsConfig"], {
        dnsEndpointConfig: { allowExternalTraffic: false, enableK8sTokensViaDns: false, enableK8sCertsViaDns: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.deepEqual(inputs["masterAuthorizedNetworksConfig"], {
        cidrBlocks: [{ cidrBlock: "10.0.0.0/18" }],
        gcpPublicCidrsAccessEnabled: false,
      });
    });

    it("the name is the same as saying nothing", async () => {
      assert.deepEqual(await inputsOf({ cluster: { access: { dns: true } } }), await inputsOf({}));
    });

    it("admins administer this cluster and no other, next to whoever deploys", async () => {
      const { resources } = await clusterOf({ cluster: { admins: ["user:ana@example.com"] } });
      const path = `projects/acme-agents/locations/europe-west1/clusters/${PREFIX}`;
      assert.deepEqual(only(resources, MEMBER, `${NAME}-admin-user-ana-example-com`).inputs, {
        project: "acme-agents",
        role: "roles/container.admin",
        member: "user:ana@example.com",
        condition: {
          title: `Only ${PREFIX}`,
          expression: `resource.name == "${path}" || resource.name.startsWith("${path}/")`,
        },
      });
    });

    it("a pool of at most no nodes is left out", async () => {
      const { resources } = await clusterOf({ cluster: { pools: { spot: { min: 0, max: 0 } } } });
      assert.deepEqual(
        all(resources, POOL).map(({ name }) => name),
        [`${PREFIX}-system`, `${PREFIX}-apps`],
      );
    });

    it("a pool begins with no more nodes than it may have", async () => {
      const pools = { tiny: { ...pool, min: 1, max: 1 }, wide: { ...pool, min: 7, max: 9 } };
      const { resources } = await clusterOf({ cluster: { pools } });
      const begins = (key: string) => {
        const { inputs } = only(resources, POOL, `${PREFIX}-${key}`);
        return [inputs["nodeLocations"], inputs["initialNodeCount"]];
      };
      assert.deepEqual(begins("tiny"), [["europe-west1-b"], 1]);
      assert.deepEqual(begins("wide"), [["europe-west1-b", "europe-west1-c"], 3]);
    });

    it("Intel nodes boot only what is signed", async () => {
      const { resources } = await clusterOf({ cluster: { pools: { intel: { ...pool, arch: "amd64" } } } });
      const config = only(resources, POOL, `${PREFIX}-intel`).inputs["nodeConfig"] as Record<string, unknown>;
      assert.deepEqual(config["shieldedInstanceConfig"], { enableSecureBoot: true, enableIntegrityMonitoring: true });
    });

    it("accelerators come with their driver, as many as the machine has", async () => {
      const pools = { cuda: { ...pool, arch: "amd64", gpu: 3 } };
      const { resources } = await clusterOf({ cluster: { pools } });
      const config = only(resources, POOL, `${PREFIX}-cuda`).inputs["nodeConfig"] as Record<string, unknown>;
      assert.equal(config["machineType"], "g2-standard-48");
      assert.equal(config["diskType"], "pd-balanced");
      assert.deepEqual(config["guestAccelerators"], [
        { type: "nvidia-l4", count: 4, gpuDriverInstallationConfig: { gpuDriverVersion: "DEFAULT" } },
      ]);
    });

    it("a native machine type takes the place of the chosen one, with the disk that it takes", async () => {
      const { resources } = await clusterOf({
        gcp: { project: "acme-agents", machineTypes: { "pools.apps": "e2-standard-4" } },
      });
      const config = only(resources, POOL, `${PREFIX}-apps`).inputs["nodeConfig"] as Record<string, unknown>;
      assert.deepEqual([config["machineType"], config["diskType"]], ["e2-standard-4", "pd-balanced"]);
    });

    it("taints are said in the words of GKE", async () => {
      const taints = [
        { key: "dedicated", value: "gpu", effect: "NoSchedule" },
        { key: "rare", effect: "PreferNoSchedule" },
        { key: "full", effect: "NoExecute" },
      ];
      const { resources } = await clusterOf({ cluster: { pools: { apps: { taints } } } });
      const config = only(resources, POOL, `${PREFIX}-apps`).inputs["nodeConfig"] as Record<string, unknown>;
      assert.deepEqual(config["taints"], [
        { key: "dedicated", value: "gpu", effect: "NO_SCHEDULE" },
        { key: "rare", value: "", effect: "PREFER_NO_SCHEDULE" },
        { key: "full", value: "", effect: "NO_EXECUTE" },
      ]);
    });

    it("in somebody else's network the cluster brings its own ranges, and its zones are the region's", async () => {
      const inputs = await inputsOf({
        network: { mode: "existing", id: "theirs", subnets: { private: ["inner"] } },
        cluster: { podCidr: "10.64.0.0/12", serviceCidr: "10.200.0.0/20" },
      });
      assert.deepEqual(inputs["ipAllocationPolicy"], {
        clusterIpv4CidrBlock: "10.64.0.0/12",
        servicesIpv4CidrBlock: "10.200.0.0/20",
      });
      assert.equal("nodeLocations" in inputs, false);
    });

    it("nodes wait for the network's way out", async () => {
      const { resources, everything } = await deployGcpComputePart(COMPONENT, gcpStack, ({ stack, ground, opts }) => {
        const net = new GcpNetwork("agents-network", { settings: stack.network, stack, ground }, opts);
        return new GcpCluster(NAME, { settings: stack.cluster, network: net, stack, ground }, opts);
      });
      const nat = only(everything, "gcp:compute/routerNat:RouterNat").urn;
      for (const one of all(resources, POOL)) waitsFor(one, [nat]);
    });
  });

  describe("existing", () => {
    const theirs = { mode: "existing", id: "theirs" } as const;

    takesExisting({
      clusterOf,
      name: NAME,
      reads: [
        [COMPONENT, NAME],
        [PROVIDER, `${NAME}-kubernetes`],
      ],
      asked: {
        prefix: "gcp:container",
        calls: [
          {
            token: "gcp:container/getCluster:getCluster",
            inputs: { project: "acme-agents", name: "theirs", location: "europe-west1" },
          },
        ],
      },
      server: "https://203.0.113.9",
      credentialEndpoint: [{ cidr: "169.254.169.254/32", ports: [80, 8080] }],
    });

    it("one of a single zone is named by its path", async () => {
      const id = "projects/acme-agents/locations/europe-west1-b/clusters/theirs";
      const { calls, result } = await clusterOf({ cluster: { ...theirs, id } });
      assert.deepEqual(
        calls.filter(({ token }) => token.startsWith("gcp:container")).map(({ inputs }) => inputs),
        [{ project: "acme-agents", name: "theirs", location: "europe-west1-b" }],
      );
      assert.equal(await valueOf(result.name), "theirs");
    });

    it("it is reached by its name where that lets in who deploys", async () => {
      const { result } = await clusterOf(
        { cluster: theirs },
        {
          calls: {
            "gcp:container/getCluster:getCluster": ({ inputs }) => ({
              ...inputs,
              endpoint: "",
              masterAuths: [],
              controlPlaneEndpointsConfigs: [
                { dnsEndpointConfigs: [{ endpoint: "gke-9z8y7x.europe-west1.gke.goog", allowExternalTraffic: true }] },
              ],
            }),
          },
        },
      );
      assert.deepEqual(JSON.parse(await valueOf(result.kubeconfig)).clusters, [
        { name: "theirs", cluster: { server: "https://gke-9z8y7x.europe-west1.gke.goog" } },
      ]);
    });
  });
});
