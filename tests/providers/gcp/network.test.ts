import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { GcpNetwork } from "../../../providers/gcp/network.js";
import { all, inventory, isKnown, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { sorted } from "../../support/rows.js";
import { gcpStack } from "../../support/settings.js";
import { deployGcpComputePart, gcpCareful } from "../../support/stubs/gcp-compute.js";
import { labelsOf } from "../../support/tags.js";

const NAME = "agents-development-network";
const NETWORK = "agent-platform:gcp:Network";
const VPC = "gcp:compute/network:Network";
const SUBNET = "gcp:compute/subnetwork:Subnetwork";
const ROUTER = "gcp:compute/router:Router";
const NAT = "gcp:compute/routerNat:RouterNat";
const POLICY = "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy";
const BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig";
const SINK = "gcp:logging/projectSink:ProjectSink";

/** What the network makes: the ground and the providers are others'. */
const networkOf = (said: Tree = {}, stubs: Stubs = {}) =>
  deployGcpComputePart(
    NETWORK,
    { ...gcpStack, ...said },
    ({ stack, ground, opts }) => new GcpNetwork(NAME, { settings: stack.network, stack, ground }, opts),
    stubs,
  );

const made: [type: string, name: string][] = [
  [NETWORK, NAME],
  [VPC, NAME],
  [ROUTER, `${NAME}-nat`],
  [NAT, `${NAME}-nat`],
  [SUBNET, `${NAME}-data`],
  [SUBNET, `${NAME}-private`],
  [BUCKET, `${NAME}-flow`],
  [SINK, `${NAME}-flow`],
  [POLICY, `${NAME}-caches`],
  ["random:index/randomId:RandomId", `${NAME}-flow`],
];

const logConfig = {
  aggregationInterval: "INTERVAL_10_MIN",
  flowSampling: 1,
  metadata: "INCLUDE_ALL_METADATA",
};
const sleepOf = (resources: readonly RecordedResource[], api: string) =>
  only(resources, "time:index/sleep:Sleep", `agents-${api}`).urn;

const existing = {
  mode: "existing",
  id: "their-network",
  subnets: { private: ["inner"], data: ["projects/theirs/regions/europe-west1/subnetworks/data"] },
} as const;

describe("providers/gcp/network", () => {
  describe("managed, with nothing said", () => {
    it("makes a VPC of two regional subnets with one way out", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(inventory(resources), sorted(made));
    });

    it("everything belongs to the network and waits for its API", async () => {
      const { resources, everything } = await networkOf();
      const urn = only(resources, NETWORK).urn;
      const others = resources.filter(({ type }) => type !== NETWORK);
      assert.deepEqual([...new Set(others.map(({ parent }) => parent))], [urn]);
      for (const one of others.filter(({ type }) => type.startsWith("gcp:compute/")))
        assert.ok(one.dependsOn.includes(sleepOf(everything, "compute")), one.urn);
    });

    it("the VPC has no subnet that nobody asked for, and no rule that lets anything in", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, VPC).inputs, {
        project: "acme-agents",
        autoCreateSubnetworks: false,
        routingMode: "REGIONAL",
      });
      assert.deepEqual(all(resources, "gcp:compute/firewall:Firewall"), []);
    });

    it("nodes, pods and Services have ranges of their own, and Google's services are reached privately", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, SUBNET, `${NAME}-private`).inputs, {
        project: "acme-agents",
        region: "europe-west1",
        network: `${NAME}-id`,
        ipCidrRange: "10.0.0.0/18",
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: "pods", ipCidrRange: "100.64.0.0/14" },
          { rangeName: "services", ipCidrRange: "172.20.0.0/16" },
        ],
        logConfig,
      });
      assert.deepEqual(only(resources, SUBNET, `${NAME}-data`).inputs, {
        project: "acme-agents",
        region: "europe-west1",
        network: `${NAME}-id`,
        ipCidrRange: "10.0.224.0/22",
        privateIpGoogleAccess: true,
        logConfig,
      });
    });

    it("the data subnet has no way out", async () => {
      const { resources } = await networkOf();
      const nat = only(resources, NAT).inputs;
      assert.equal(nat["sourceSubnetworkIpRangesToNat"], "LIST_OF_SUBNETWORKS");
      assert.deepEqual(nat["subnetworks"], [{ name: `${NAME}-private-id`, sourceIpRangesToNats: ["ALL_IP_RANGES"] }]);
    });

    it("the way out has ports for many pods on a node", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, ROUTER).inputs, {
        project: "acme-agents",
        region: "europe-west1",
        network: `${NAME}-id`,
      });
      const { subnetworks: _, sourceSubnetworkIpRangesToNat: __, ...rest } = only(resources, NAT).inputs;
      assert.deepEqual(rest, {
        project: "acme-agents",
        region: "europe-west1",
        router: `${NAME}-nat-1a2b3c4`,
        natIpAllocateOption: "AUTO_ONLY",
        enableDynamicPortAllocation: true,
        minPortsPerVm: 128,
        maxPortsPerVm: 32768,
        enableEndpointIndependentMapping: false,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      });
    });

    it("all traffic is recorded, and forgotten when the stack says", async () => {
      const { resources } = await networkOf();
      assert.deepEqual(only(resources, BUCKET).inputs, {
        bucketId: `${NAME}-flow-0a1b2c3d`,
        project: "acme-agents",
        location: "europe-west1",
        description: "Who talked to whom in the network of agents-development",
        retentionDays: 7,
      });
      assert.deepEqual(only(resources, SINK).inputs, {
        project: "acme-agents",
        description: "Who talked to whom in the network of agents-development",
        destination: `logging.googleapis.com/${NAME}-flow-id`,
        filter: `log_id("compute.googleapis.com/vpc_flows") AND resource.labels.subnetwork_name=("${NAME}-private-1a2b3c4" OR "${NAME}-data-1a2b3c4")`,
        uniqueWriterIdentity: true,
      });
    });

    it("caches may put their addresses into the data subnet, and that permission is part of the network", async () => {
      const { resources, everything } = await networkOf();
      const policy = only(resources, POLICY);
      assert.deepEqual(policy.inputs, {
        project: "acme-agents",
        location: "europe-west1",
        network: `${NAME}-id`,
        serviceClass: "gcp-memorystore",
        pscConfig: { subnetworks: [`${NAME}-data-id`] },
        labels: labelsOf(`${NAME}-caches`),
      });
      for (const api of ["networkconnectivity", "serviceconsumermanagement"])
        assert.ok(policy.dependsOn.includes(sleepOf(everything, api)));
      assert.deepEqual(policy.customTimeouts, { create: "15m", delete: "30m" });
    });

    it("says what other parts need", async () => {
      const { result } = await networkOf();
      assert.equal(await valueOf(result.id), `${NAME}-id`);
      assert.deepEqual(await valueOf(result.subnets), {
        public: [],
        private: [`${NAME}-private-id`],
        data: [`${NAME}-data-id`],
      });
      assert.deepEqual(await Promise.all(result.clientCidrs.map((cidr) => valueOf(cidr))), [
        "10.0.0.0/18",
        "100.64.0.0/14",
      ]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.0.224.0/22"]);
    });

    it("a preview shows the same network", async () => {
      const { resources, result } = await networkOf({}, { preview: true });
      assert.deepEqual(inventory(resources), sorted(made));
      assert.equal(await isKnown(result.id), false);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.0.224.0/22"]);
    });
  });

  describe("managed, as the stack says", () => {
    it("one gateway survives a zone, so one a zone is the same", async () => {
      const { resources } = await networkOf(gcpCareful);
      assert.deepEqual(inventory(resources), sorted(made));
    });

    it("nothing leaves a network without NAT, which has its own services still", async () => {
      const { resources } = await networkOf({ network: { nat: "none", privateEndpoints: true } });
      assert.deepEqual([all(resources, ROUTER), all(resources, NAT)], [[], []]);
      for (const subnet of all(resources, SUBNET)) assert.equal(subnet.inputs["privateIpGoogleAccess"], true);
    });

    it("a stack without caches makes no permission for them", async () => {
      for (const caches of [{}, { main: { mode: "inCluster" } }])
        assert.deepEqual(all((await networkOf({ caches })).resources, POLICY), []);
    });

    it("records nothing where the stack does not want it", async () => {
      const { resources } = await networkOf({ network: { flowLogs: { enabled: false } } });
      assert.deepEqual([all(resources, BUCKET), all(resources, SINK)], [[], []]);
      for (const subnet of all(resources, SUBNET)) assert.equal("logConfig" in subnet.inputs, false);
    });

    it("records stay as long as the stack says", async () => {
      const { resources } = await networkOf({ network: { flowLogs: { retentionDays: 365 } } });
      assert.equal(only(resources, BUCKET).inputs["retentionDays"], 365);
    });

    it("takes its ranges from the stack", async () => {
      const { resources, result } = await networkOf({
        network: { cidr: "192.168.0.0/20" },
        cluster: { podCidr: "10.64.0.0/12", serviceCidr: "10.200.0.0/20" },
      });
      const subnet = only(resources, SUBNET, `${NAME}-private`).inputs;
      assert.equal(subnet["ipCidrRange"], "192.168.0.0/22");
      assert.deepEqual(subnet["secondaryIpRanges"], [
        { rangeName: "pods", ipCidrRange: "10.64.0.0/12" },
        { rangeName: "services", ipCidrRange: "10.200.0.0/20" },
      ]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["192.168.14.0/26"]);
    });

    it("a network for somebody else's cluster has no ranges for pods", async () => {
      const { resources, result } = await networkOf({ cluster: { mode: "existing", id: "theirs" } });
      assert.equal("secondaryIpRanges" in only(resources, SUBNET, `${NAME}-private`).inputs, false);
      assert.equal(result.clientCidrs.length, 1);
    });
  });

  describe("existing", () => {
    it("is only read", async () => {
      const { resources, calls } = await networkOf({ network: existing });
      assert.deepEqual(inventory(resources), [[NETWORK, NAME]]);
      assert.deepEqual(
        calls.filter(({ token }) => token !== "gcp:organizations/getProject:getProject").map(({ token }) => token),
        ["gcp:compute/getSubnetwork:getSubnetwork", "gcp:compute/getSubnetwork:getSubnetwork"],
      );
    });

    it("names are completed, and paths are kept", async () => {
      const { result } = await networkOf({ network: existing });
      assert.equal(await valueOf(result.id), "projects/acme-agents/global/networks/their-network");
      assert.deepEqual(await valueOf(result.subnets), {
        public: [],
        private: ["projects/acme-agents/regions/europe-west1/subnetworks/inner"],
        data: ["projects/theirs/regions/europe-west1/subnetworks/data"],
      });
    });

    it("a link is taken for the path in it", async () => {
      const id = "https://www.googleapis.com/compute/v1/projects/theirs/global/networks/main";
      const { result } = await networkOf({ network: { ...existing, id } });
      assert.equal(await valueOf(result.id), "projects/theirs/global/networks/main");
    });

    it("reads its ranges, to which the cluster adds one for pods", async () => {
      const { result } = await networkOf({ network: existing });
      assert.deepEqual(await Promise.all(result.clientCidrs.map((cidr) => valueOf(cidr))), [
        "10.42.0.0/20",
        "100.64.0.0/14",
      ]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.42.16.0/24"]);
    });

    it("data is in the private subnets where there are no others", async () => {
      const { result } = await networkOf({ network: { ...existing, subnets: { private: ["inner"] } } });
      assert.deepEqual((await valueOf(result.subnets)).data, (await valueOf(result.subnets)).private);
    });

    it("another stack's network is taken whole", async () => {
      const { result } = await networkOf(
        { network: { mode: "existing", fromStack: "base" } },
        otherStack({
          network: {
            id: "projects/acme-agents/global/networks/base",
            subnets: {
              public: [],
              private: ["projects/acme-agents/regions/europe-west1/subnetworks/base-private"],
              data: ["projects/acme-agents/regions/europe-west1/subnetworks/base-data"],
            },
          },
        }),
      );
      assert.equal(await valueOf(result.id), "projects/acme-agents/global/networks/base");
      assert.deepEqual((await valueOf(result.subnets)).public, []);
      assert.equal(result.clientCidrs.length, 2);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.42.16.0/24"]);
    });
  });

  it("refuses to be without one", async () => {
    await assert.rejects(
      deployGcpComputePart(
        NETWORK,
        gcpStack,
        ({ stack, ground, opts }) => new GcpNetwork(NAME, { settings: { mode: "none" }, stack, ground }, opts),
      ),
      /^Error: gcp: no network\.none: /,
    );
  });
});
