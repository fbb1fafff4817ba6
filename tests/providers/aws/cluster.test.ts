import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterSettings } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AwsCluster } from "../../../providers/aws/cluster.js";
import { AwsNetwork } from "../../../providers/aws/network.js";
import { nodeType } from "../../../providers/aws/sizes.js";
import type { Network } from "../../../providers/contract.js";
import { all, deploy, inventory, isKnown, isSecret, only, type Stubs, valueOf } from "../../support/deploy.js";
import { sorted } from "../../support/rows.js";
import { awsProduction, awsStack, settingsOf } from "../../support/settings.js";
import { awsComputeStubs } from "../../support/stubs/aws-compute.js";
import { tagsOf } from "../../support/tags.js";
import { assertStorageClass, CLASS, inPlace, PROVIDER, pool, takesExisting, waitsFor } from "../every-cloud/cluster.js";

const NAME = "agents-cluster";
const PREFIX = "agents-development";
const CLUSTER = "aws:eks/cluster:Cluster";
const ADDON = "aws:eks/addon:Addon";
const GROUP = "aws:eks/nodeGroup:NodeGroup";
const ENTRY = "aws:eks/accessEntry:AccessEntry";
const ASSOCIATION = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
const ROLE = "aws:iam/role:Role";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

const network = (): Network => ({
  id: pulumi.output("vpc-1"),
  subnets: {
    public: pulumi.output(["subnet-p"]),
    private: pulumi.output(["subnet-a", "subnet-b"]),
    data: pulumi.output(["subnet-d"]),
  },
  clientCidrs: [pulumi.output("10.0.0.0/18")],
  dataCidrs: pulumi.output(["10.0.224.0/22"]),
});

const clusterOf = (said: Tree = {}, stubs: Stubs = {}, settings?: ClusterSettings) => {
  const stack = settingsOf({ ...awsStack, ...said });
  return deploy(
    () => {
      const provider = new aws.Provider("aws", { region: "eu-west-1" });
      const args = { settings: settings ?? stack.cluster, network: network(), stack };
      return new AwsCluster(NAME, args, { providers: [provider] });
    },
    { ...awsComputeStubs, ...stubs, outputs: { ...awsComputeStubs.outputs, ...stubs.outputs } },
  );
};

const made: [type: string, name: string][] = [
  ["agent-platform:aws:Cluster", NAME],
  ["agent-platform:aws:Key", `${NAME}-key`],
  ["aws:cloudwatch/logGroup:LogGroup", `${NAME}-logs`],
  [TEMPLATE, `${PREFIX}-apps`],
  [TEMPLATE, `${PREFIX}-spot`],
  [TEMPLATE, `${PREFIX}-system`],
  [ENTRY, `${NAME}-deployer`],
  [ASSOCIATION, `${NAME}-deployer`],
  [ADDON, `${NAME}-aws-ebs-csi-driver`],
  [ADDON, `${NAME}-coredns`],
  [ADDON, `${NAME}-eks-pod-identity-agent`],
  [ADDON, `${NAME}-kube-proxy`],
  [ADDON, `${NAME}-vpc-cni`],
  [CLUSTER, NAME],
  [GROUP, `${PREFIX}-apps`],
  [GROUP, `${PREFIX}-spot`],
  [GROUP, `${PREFIX}-system`],
  [ROLE, `${NAME}-aws-ebs-csi-driver`],
  [ROLE, `${NAME}-control-plane`],
  [ROLE, `${NAME}-nodes`],
  [ROLE, `${NAME}-vpc-cni`],
  [ATTACHMENT, `${NAME}-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicyV2`],
  [ATTACHMENT, `${NAME}-control-plane-AmazonEKSClusterPolicy`],
  [ATTACHMENT, `${NAME}-nodes-AmazonEC2ContainerRegistryPullOnly`],
  [ATTACHMENT, `${NAME}-nodes-AmazonEKSWorkerNodePolicy`],
  [ATTACHMENT, `${NAME}-vpc-cni-AmazonEKS_CNI_Policy`],
  ["aws:kms/alias:Alias", `${NAME}-key`],
  ["aws:kms/key:Key", `${NAME}-key`],
  [CLASS, `${NAME}-ssd`],
  ["pulumi:providers:aws", "aws"],
  [PROVIDER, `${NAME}-kubernetes`],
];

const urnsOf = (resources: readonly RecordedResource[], type: string, ...names: string[]) =>
  names.map((name) => only(resources, type, name).urn);
const trust = (resource: RecordedResource): unknown => JSON.parse(String(resource.inputs["assumeRolePolicy"]));
const trustOf = (service: string, ...actions: string[]) => ({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: actions }],
});

describe("providers/aws/cluster", () => {
  describe("managed, with nothing said", () => {
    it("makes a control plane, its key, its roles, its add-ons and a node group for each pool", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(inventory(resources), sorted(made));
    });

    it("the control plane encrypts secrets, logs everything and admits by IAM alone", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(only(resources, CLUSTER).inputs, {
        name: PREFIX,
        version: "1.36",
        upgradePolicy: { supportType: "STANDARD" },
        roleArn: `arn:aws:iam::123456789012:${NAME}-control-plane`,
        accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: false },
        vpcConfig: {
          subnetIds: ["subnet-a", "subnet-b"],
          endpointPrivateAccess: true,
          endpointPublicAccess: true,
          publicAccessCidrs: ["0.0.0.0/0"],
        },
        encryptionConfig: {
          provider: { keyArn: `arn:aws:kms:eu-west-1:123456789012:${NAME}-key` },
          resources: ["secrets"],
        },
        kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16", ipFamily: "ipv4" },
        enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
        bootstrapSelfManagedAddons: false,
        deletionProtection: false,
        tags: tagsOf(NAME),
      });
    });

    it("the control plane's log group exists before it and forgets", async () => {
      const { resources } = await clusterOf();
      const logs = only(resources, "aws:cloudwatch/logGroup:LogGroup");
      assert.deepEqual(logs.inputs, {
        name: `/aws/eks/${PREFIX}/cluster`,
        retentionInDays: 7,
        tags: tagsOf(`${NAME}-logs`),
      });
      waitsFor(only(resources, CLUSTER), [logs.urn]);
    });

    it("each role can do what its owner does and no more", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(Object.fromEntries(all(resources, ROLE).map((role) => [role.name, trust(role)])), {
        [`${NAME}-control-plane`]: trustOf("eks.amazonaws.com", "sts:AssumeRole"),
        [`${NAME}-nodes`]: trustOf("ec2.amazonaws.com", "sts:AssumeRole"),
        [`${NAME}-vpc-cni`]: trustOf("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"),
        [`${NAME}-aws-ebs-csi-driver`]: trustOf("pods.eks.amazonaws.com", "sts:AssumeRole", "sts:TagSession"),
      });
      assert.deepEqual(
        all(resources, ATTACHMENT)
          .map(({ inputs }) => [inputs["role"], inputs["policyArn"]])
          .sort(),
        [
          [`${NAME}-aws-ebs-csi-driver-1a2b3c4`, "arn:aws:iam::aws:policy/AmazonEBSCSIDriverPolicyV2"],
          [`${NAME}-control-plane-1a2b3c4`, "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"],
          [`${NAME}-nodes-1a2b3c4`, "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"],
          [`${NAME}-nodes-1a2b3c4`, "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"],
          [`${NAME}-vpc-cni-1a2b3c4`, "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"],
        ],
      );
    });

    it("roles keep their policies until the cluster and its nodes are gone", async () => {
      const { resources } = await clusterOf();
      const attachments = (...names: string[]) => urnsOf(resources, ATTACHMENT, ...names);
      waitsFor(only(resources, CLUSTER), attachments(`${NAME}-control-plane-AmazonEKSClusterPolicy`));
      for (const group of all(resources, GROUP)) {
        waitsFor(
          group,
          attachments(`${NAME}-nodes-AmazonEKSWorkerNodePolicy`, `${NAME}-nodes-AmazonEC2ContainerRegistryPullOnly`),
        );
      }
      waitsFor(only(resources, ADDON, `${NAME}-vpc-cni`), attachments(`${NAME}-vpc-cni-AmazonEKS_CNI_Policy`));
      waitsFor(
        only(resources, ADDON, `${NAME}-aws-ebs-csi-driver`),
        attachments(`${NAME}-aws-ebs-csi-driver-AmazonEBSCSIDriverPolicyV2`),
      );
    });

    it("whoever deploys administers the cluster, by the role behind the session", async () => {
      const { resources } = await clusterOf();
      const entry = only(resources, ENTRY);
      assert.deepEqual(entry.inputs, {
        clusterName: PREFIX,
        principalArn: "arn:aws:iam::123456789012:role/deployer",
        type: "STANDARD",
        tags: tagsOf(`${NAME}-deployer`),
      });
      assert.deepEqual(only(resources, ASSOCIATION).inputs, {
        clusterName: PREFIX,
        principalArn: "arn:aws:iam::123456789012:role/deployer",
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      });
    });

    it("the deployer's entry does not follow whoever runs the program next", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(only(resources, ENTRY).ignoreChanges, ["principalArn"]);
    });

    it("add-ons follow the cluster's version", async () => {
      const { resources } = await clusterOf({ cluster: { version: "1.35" } });
      assert.deepEqual(
        Object.fromEntries(all(resources, ADDON).map(({ inputs }) => [inputs["addonName"], inputs["addonVersion"]])),
        {
          "eks-pod-identity-agent": "v1.0.0-eks-pod-identity-agent-for-1.35",
          "kube-proxy": "v1.0.0-kube-proxy-for-1.35",
          "vpc-cni": "v1.0.0-vpc-cni-for-1.35",
          coredns: "v1.0.0-coredns-for-1.35",
          "aws-ebs-csi-driver": "v1.0.0-aws-ebs-csi-driver-for-1.35",
        },
      );
    });

    it("network policies are enforced", async () => {
      const { resources } = await clusterOf();
      const { configurationValues, ...rest } = only(resources, ADDON, `${NAME}-vpc-cni`).inputs;
      assert.deepEqual(JSON.parse(String(configurationValues)), {
        enableNetworkPolicy: "true",
        env: { ENABLE_PREFIX_DELEGATION: "true", WARM_PREFIX_TARGET: "1" },
      });
      assert.deepEqual(rest, {
        clusterName: PREFIX,
        addonName: "vpc-cni",
        addonVersion: "v1.0.0-vpc-cni-for-1.36",
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
        podIdentityAssociations: [{ roleArn: `arn:aws:iam::123456789012:${NAME}-vpc-cni`, serviceAccount: "aws-node" }],
        tags: tagsOf(`${NAME}-vpc-cni`),
      });
    });

    it("volumes that the cluster makes carry the stack's tags", async () => {
      const { resources } = await clusterOf({ tags: { owner: "team-a" } });
      const { inputs } = only(resources, ADDON, `${NAME}-aws-ebs-csi-driver`);
      assert.deepEqual(JSON.parse(String(inputs["configurationValues"])), {
        controller: { extraVolumeTags: { owner: "team-a", ...tagsOf(`${PREFIX}-volume`) } },
      });
      assert.deepEqual(inputs["podIdentityAssociations"], [
        { roleArn: `arn:aws:iam::123456789012:${NAME}-aws-ebs-csi-driver`, serviceAccount: "ebs-csi-controller-sa" },
      ]);
    });

    it("nodes come after what they cannot start without, and pods after nodes", async () => {
      const { resources } = await clusterOf();
      const addons = (...names: string[]) => urnsOf(resources, ADDON, ...names.map((name) => `${NAME}-${name}`));
      waitsFor(only(resources, ADDON, `${NAME}-vpc-cni`), addons("eks-pod-identity-agent"));
      for (const group of all(resources, GROUP)) {
        waitsFor(group, addons("eks-pod-identity-agent", "vpc-cni", "kube-proxy"));
      }
      const groups = all(resources, GROUP).map(({ urn }) => urn);
      waitsFor(only(resources, ADDON, `${NAME}-coredns`), groups);
      waitsFor(only(resources, ADDON, `${NAME}-aws-ebs-csi-driver`), groups);
    });

    it("node groups are as the pools say", async () => {
      const { resources } = await clusterOf();
      const stack = settingsOf(awsStack);
      assert.ok(stack.cluster.mode === "managed");
      const { apps, spot } = stack.cluster.pools;
      assert.ok(apps !== undefined && spot !== undefined);
      const group = (key: string) => only(resources, GROUP, `${PREFIX}-${key}`);
      const common = (key: string) => ({
        clusterName: PREFIX,
        version: "1.36",
        nodeRoleArn: `arn:aws:iam::123456789012:${NAME}-nodes`,
        subnetIds: ["subnet-a", "subnet-b"],
        amiType: "AL2023_ARM_64_STANDARD",
        launchTemplate: { id: `${PREFIX}-${key}-id`, version: "7" },
        updateConfig: { maxUnavailablePercentage: 33 },
        nodeRepairConfig: { enabled: true },
        labels: { role: key },
        tags: tagsOf(`${PREFIX}-${key}`),
      });
      assert.deepEqual(group("apps").inputs, {
        ...common("apps"),
        instanceTypes: [nodeType(apps)],
        capacityType: "ON_DEMAND",
        scalingConfig: { minSize: 1, maxSize: 5, desiredSize: 1 },
        taints: [],
      });
      assert.deepEqual(group("spot").inputs, {
        ...common("spot"),
        instanceTypes: [nodeType(spot)],
        capacityType: "SPOT",
        scalingConfig: { minSize: 0, maxSize: 5, desiredSize: 0 },
        taints: [{ key: "spot", value: "true", effect: "NO_SCHEDULE" }],
      });
      assert.deepEqual(group("apps").ignoreChanges, ["scalingConfig.desiredSize"]);
    });

    it("nodes have encrypted disks and keep their credentials from pods", async () => {
      const { resources } = await clusterOf();
      const name = `${PREFIX}-apps`;
      assert.deepEqual(only(resources, TEMPLATE, name).inputs, {
        updateDefaultVersion: true,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: "/dev/xvda",
            ebs: { volumeSize: 50, volumeType: "gp3", encrypted: "true", deleteOnTermination: "true" },
          },
        ],
        monitoring: { enabled: true },
        tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
          resourceType,
          tags: tagsOf(name),
        })),
        tags: tagsOf(name),
      });
    });

    it("the kubeconfig is secret and holds no credentials", async () => {
      const { result } = await clusterOf();
      assert.equal(await isSecret(result.kubeconfig), true);
      assert.deepEqual(JSON.parse(await valueOf(result.kubeconfig)), {
        apiVersion: "v1",
        kind: "Config",
        clusters: [
          {
            name: PREFIX,
            cluster: {
              server: "https://0A1B2C.gr7.eu-west-1.eks.amazonaws.com",
              "certificate-authority-data": "Q0E=",
            },
          },
        ],
        users: [
          {
            name: PREFIX,
            user: {
              exec: {
                apiVersion: "client.authentication.k8s.io/v1beta1",
                command: "aws",
                args: ["eks", "get-token", "--cluster-name", PREFIX, "--region", "eu-west-1", "--output", "json"],
              },
            },
          },
        ],
        contexts: [{ name: PREFIX, context: { cluster: PREFIX, user: PREFIX } }],
        "current-context": PREFIX,
      });
    });

    it("the Kubernetes provider waits until whoever deploys is let in", async () => {
      const { resources, result } = await clusterOf();
      const provider = only(resources, PROVIDER);
      waitsFor(provider, urnsOf(resources, ASSOCIATION, `${NAME}-deployer`));
      assert.deepEqual(provider.secretInputs, ["kubeconfig"]);
      assert.equal(provider.inputs["kubeconfig"], await valueOf(result.kubeconfig));
      assert.equal(provider.inputs["clusterIdentifier"], "https://0A1B2C.gr7.eu-west-1.eks.amazonaws.com");
    });

    it("a development stack goes even after its cluster was removed by hand", async () => {
      const { resources } = await clusterOf();
      const { inputs } = only(resources, PROVIDER);
      assert.deepEqual(inputs, { ...inputs, deleteUnreachable: "true", ...inPlace });
    });

    it("the storage class encrypts, grows and goes with the cluster", async () => {
      const { resources } = await clusterOf();
      assertStorageClass(resources, CLUSTER, {
        name: `${PREFIX}-ssd`,
        provisioner: "ebs.csi.aws.com",
        parameters: { type: "gp3", encrypted: "true" },
      });
    });

    it("slow parts are given their time", async () => {
      const { resources } = await clusterOf();
      assert.deepEqual(only(resources, CLUSTER).customTimeouts, { create: "30m", update: "60m", delete: "30m" });
      for (const group of all(resources, GROUP)) {
        assert.deepEqual(group.customTimeouts, { create: "30m", update: "60m", delete: "30m" });
      }
      for (const addon of all(resources, ADDON)) {
        assert.deepEqual(addon.customTimeouts, { create: "20m", update: "20m", delete: "20m" });
      }
    });

    it("says what the rest of the platform needs", async () => {
      const { resources, result } = await clusterOf();
      assert.equal(await valueOf(result.name), PREFIX);
      assert.equal(await valueOf(result.storageClasses.ssd ?? ""), `${PREFIX}-ssd`);
      assert.deepEqual(result.provides, {
        metricsServer: false,
        nodeAutoscaling: false,
        nodeCertificates: true,
        loadBalancers: false,
      });
      assert.deepEqual(result.credentialEndpoint, [{ cidr: "169.254.170.23/32", ports: [80] }]);
      const ready = await Promise.all(result.ready.map(({ urn }) => valueOf(urn)));
      assert.deepEqual(ready, [
        ...urnsOf(resources, GROUP, `${PREFIX}-system`, `${PREFIX}-apps`, `${PREFIX}-spot`),
        ...urnsOf(resources, ADDON, `${NAME}-coredns`, `${NAME}-aws-ebs-csi-driver`),
      ]);
      assert.ok(result.deletedWith !== undefined);
      assert.equal(await valueOf(result.deletedWith.urn), only(resources, CLUSTER).urn);
    });

    it("a preview shows the same cluster", async () => {
      const { resources, result } = await clusterOf({}, { preview: true });
      assert.deepEqual(inventory(resources), sorted(made));
      assert.equal(await isKnown(result.kubeconfig), false);
    });
  });

  describe("managed, customised", () => {
    it("production is guarded against deletion and open to its addresses only", async () => {
      const { resources } = await clusterOf(awsProduction);
      const { inputs } = only(resources, CLUSTER);
      assert.equal(inputs["deletionProtection"], true);
      assert.deepEqual(inputs["vpcConfig"], {
        subnetIds: ["subnet-a", "subnet-b"],
        endpointPrivateAccess: true,
        endpointPublicAccess: true,
        publicAccessCidrs: ["203.0.113.0/24"],
      });
      assert.equal(only(resources, "aws:kms/key:Key").protect, true);
      assert.equal(only(resources, PROVIDER).inputs["deleteUnreachable"], "false");
    });

    it("a private API server has no public address", async () => {
      const { resources } = await clusterOf({ cluster: { access: { private: true, cidrs: ["203.0.113.0/24"] } } });
      assert.deepEqual(only(resources, CLUSTER).inputs["vpcConfig"], {
        subnetIds: ["subnet-a", "subnet-b"],
        endpointPrivateAccess: true,
        endpointPublicAccess: false,
      });
    });

    it("admins administer next to whoever deploys", async () => {
      const admin = "arn:aws:iam::123456789012:role/ops/admin";
      const { resources } = await clusterOf({ cluster: { admins: [admin] } });
      const name = `${NAME}-admin-123456789012-role-ops-admin`;
      const entry = only(resources, ENTRY, name);
      assert.equal(entry.inputs["principalArn"], admin);
      assert.deepEqual(entry.ignoreChanges, []);
      assert.deepEqual(only(resources, ASSOCIATION, name).inputs, {
        clusterName: PREFIX,
        principalArn: admin,
        policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        accessScope: { type: "cluster" },
      });
      assert.equal(all(resources, ENTRY).length, 2);
    });

    it("a pool of at most no nodes is left out", async () => {
      const { resources } = await clusterOf({ cluster: { pools: { spot: { min: 0, max: 0 } } } });
      assert.deepEqual(
        all(resources, GROUP).map(({ name }) => name),
        [`${PREFIX}-system`, `${PREFIX}-apps`],
      );
      assert.equal(all(resources, TEMPLATE).length, 2);
    });

    it("machine images fit the pool's processors and accelerators", async () => {
      const pools = {
        intel: { ...pool, arch: "amd64" },
        cuda: { ...pool, arch: "amd64", gpu: 1 },
        arm: pool,
      };
      const { resources } = await clusterOf({ cluster: { pools } });
      const images = (key: string) => only(resources, GROUP, `${PREFIX}-${key}`).inputs["amiType"];
      assert.equal(images("intel"), "AL2023_x86_64_STANDARD");
      assert.equal(images("cuda"), "AL2023_x86_64_NVIDIA");
      assert.equal(images("arm"), "AL2023_ARM_64_STANDARD");
    });

    it("a native machine type takes the place of the chosen one", async () => {
      const { resources } = await clusterOf({ aws: { machineTypes: { "pools.apps": "m8g.2xlarge" } } });
      assert.deepEqual(only(resources, GROUP, `${PREFIX}-apps`).inputs["instanceTypes"], ["m8g.2xlarge"]);
    });

    it("taints are said in the words of EKS", async () => {
      const taints = [
        { key: "dedicated", value: "gpu", effect: "NoSchedule" },
        { key: "rare", effect: "PreferNoSchedule" },
        { key: "full", effect: "NoExecute" },
      ];
      const { resources } = await clusterOf({ cluster: { pools: { apps: { taints } } } });
      assert.deepEqual(only(resources, GROUP, `${PREFIX}-apps`).inputs["taints"], [
        { key: "dedicated", value: "gpu", effect: "NO_SCHEDULE" },
        { key: "rare", effect: "PREFER_NO_SCHEDULE" },
        { key: "full", effect: "NO_EXECUTE" },
      ]);
    });

    it("nodes wait for the network's routes and endpoints", async () => {
      const stack = settingsOf(awsStack);
      const { resources } = await deploy(() => {
        const providers = [new aws.Provider("aws", { region: "eu-west-1" })];
        const net = new AwsNetwork("agents-network", { settings: stack.network, stack }, { providers });
        return new AwsCluster(NAME, { settings: stack.cluster, network: net, stack }, { providers });
      }, awsComputeStubs);
      const roads = all(resources, "aws:ec2/route:Route").map(({ urn }) => urn);
      assert.equal(roads.length, 3);
      for (const group of all(resources, GROUP)) waitsFor(group, roads);
    });
  });

  describe("existing", () => {
    takesExisting({
      clusterOf,
      name: NAME,
      reads: [
        ["agent-platform:aws:Cluster", NAME],
        ["pulumi:providers:aws", "aws"],
        [PROVIDER, `${NAME}-kubernetes`],
      ],
      asked: { prefix: "", calls: [{ token: "aws:eks/getCluster:getCluster", inputs: { name: "theirs" } }] },
      server: "https://9Z8Y7X.gr7.eu-west-1.eks.amazonaws.com",
      credentialEndpoint: [{ cidr: "169.254.170.23/32", ports: [80] }],
    });
  });
});
