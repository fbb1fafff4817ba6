import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import { AzureGround } from "../../../providers/azure/ground.js";
import { AzureNetwork } from "../../../providers/azure/network.js";
import { all, deploy, inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { azureStack, settingsOf } from "../../support/settings.js";
import { azureComputeProviders, azureComputeStubs } from "../../support/stubs/azure-compute.js";
import { tagsOf } from "../../support/tags.js";

const NAME = "agents-development";
const GROUP = `${NAME}1a2b3c4d`;
const NETWORK = "azure-native:network:VirtualNetwork";
const SUBNET = "azure-native:network:Subnet";
const NSG = "azure-native:network:NetworkSecurityGroup";
const RULE = "azure-native:network:SecurityRule";
const NAT = "azure-native:network:NatGateway";
const ADDRESS = "azure-native:network:PublicIPAddress";
const LINK = "azure-native:privatedns:VirtualNetworkLink";

const theirs = "/subscriptions/s/resourceGroups/theirs/providers/Microsoft.Network/virtualNetworks/main";
const existing = { mode: "existing", id: theirs, subnets: { private: [`${theirs}/subnets/nodes`] } };

const networkOf = (said: Tree = {}, stubs: Stubs = {}) => {
  const stack = settingsOf({ ...azureStack, databases: {}, ...said });
  return deploy(
    () => {
      const opts = { providers: azureComputeProviders() };
      const ground = new AzureGround(NAME, { stack }, opts);
      return new AzureNetwork(NAME, { settings: stack.network, stack, ground }, opts);
    },
    { ...azureComputeStubs, ...stubs, calls: { ...azureComputeStubs.calls, ...stubs.calls } },
  );
};

/** Many tests look at the same stack: it is deployed once. */
let deployed: ReturnType<typeof networkOf> | undefined;
const plain = () => {
  deployed ??= networkOf();
  return deployed;
};

/** What the network makes, without the ground that it stands on. */
const madeBy = (resources: readonly RecordedResource[]) =>
  inventory(resources.filter(({ urn }) => urn.includes("agent-platform:azure:Network")));

const made = [
  ["agent-platform:azure:Network", NAME],
  [NAT, `${NAME}-nat`],
  [NSG, `${NAME}-data`],
  [NSG, `${NAME}-private`],
  [ADDRESS, `${NAME}-nat`],
  [RULE, `${NAME}-data-clients`],
  [RULE, `${NAME}-data-no-internet`],
  [RULE, `${NAME}-data-nobody-else`],
  [RULE, `${NAME}-data-standby`],
  [RULE, `${NAME}-data-storage`],
  [RULE, `${NAME}-private-gateway`],
  [SUBNET, `${NAME}-data`],
  [SUBNET, `${NAME}-private`],
  [NETWORK, NAME],
];

/** `in 100 Allow Tcp 10.0.0.0/18 -> 10.0.224.0/22:5432` */
const spoken = ({ inputs }: RecordedResource) =>
  [
    inputs["direction"] === "Inbound" ? "in" : "out",
    inputs["priority"],
    inputs["access"],
    inputs["protocol"],
    inputs["sourceAddressPrefix"],
    "->",
    `${inputs["destinationAddressPrefix"]}:${inputs["destinationPortRanges"]}`,
  ].join(" ");
const rulesOf = (resources: readonly RecordedResource[], subnet: string) =>
  all(resources, RULE)
    .filter(({ name }) => name.startsWith(`${NAME}-${subnet}-`))
    .map(spoken)
    .sort();

describe("providers/azure/network", () => {
  describe("managed, with nothing said", () => {
    it("makes a network with two subnets, their rules and one NAT gateway", async () => {
      const { resources } = await plain();
      assert.deepEqual(madeBy(resources), made);
    });

    it("the network has the range of the settings", async () => {
      const { resources } = await networkOf({ network: { cidr: "10.9.0.0/16" } });
      const network = only(resources, NETWORK);
      assert.deepEqual(network.inputs, {
        resourceGroupName: GROUP,
        location: "northeurope",
        addressSpace: { addressPrefixes: ["10.9.0.0/16"] },
        enableDdosProtection: false,
        enableVmProtection: false,
        tags: tagsOf(NAME),
      });
      assert.deepEqual(network.ignoreChanges, ["subnets"]);
    });

    it("nodes have no public way out but the NAT gateway, and rules hold for private endpoints too", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, SUBNET, `${NAME}-private`).inputs, {
        resourceGroupName: GROUP,
        virtualNetworkName: GROUP,
        addressPrefix: "10.0.0.0/18",
        defaultOutboundAccess: false,
        natGateway: { id: `${NAME}-nat-id` },
        networkSecurityGroup: { id: `${NAME}-private-id` },
        privateEndpointNetworkPolicies: "NetworkSecurityGroupEnabled",
        privateLinkServiceNetworkPolicies: "Enabled",
      });
    });

    it("the data subnet is for flexible servers alone and has no way out", async () => {
      const { resources } = await plain();
      assert.deepEqual(only(resources, SUBNET, `${NAME}-data`).inputs, {
        resourceGroupName: GROUP,
        virtualNetworkName: GROUP,
        addressPrefix: "10.0.224.0/22",
        defaultOutboundAccess: false,
        delegations: [{ name: "postgres", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }],
        serviceEndpoints: [{ service: "Microsoft.Storage" }],
        networkSecurityGroup: { id: `${NAME}-data-id` },
        privateEndpointNetworkPolicies: "Disabled",
        privateLinkServiceNetworkPolicies: "Enabled",
      });
    });

    it("databases are reached by nodes on one port, and reach nothing but their storage", async () => {
      const { resources } = await plain();
      assert.deepEqual(rulesOf(resources, "data"), [
        "in 100 Allow Tcp 10.0.0.0/18 -> 10.0.224.0/22:5432",
        "in 110 Allow * 10.0.224.0/22 -> 10.0.224.0/22:*",
        "in 4096 Deny * * -> *:*",
        "out 100 Allow Tcp * -> Storage:443",
        "out 4096 Deny * * -> Internet:*",
      ]);
    });

    it("from the internet comes only what the gateway's load balancer brings", async () => {
      const { resources } = await plain();
      assert.deepEqual(rulesOf(resources, "private"), ["in 100 Allow Tcp Internet -> *:80,443"]);
    });

    it("rules that others add stay", async () => {
      const { resources } = await plain();
      for (const group of all(resources, NSG)) {
        assert.equal("securityRules" in group.inputs, false);
        assert.deepEqual(group.ignoreChanges, ["securityRules"]);
      }
    });

    it("rules hold before anything stands in a subnet", async () => {
      const { resources } = await plain();
      for (const subnet of all(resources, SUBNET)) {
        const rules = all(resources, RULE).filter(({ name }) => name.startsWith(subnet.name));
        assert.ok(rules.every(({ urn }) => subnet.dependsOn.includes(urn)));
      }
    });

    it("a network and a group of rules change one thing at a time", async () => {
      const { resources } = await plain();
      const [first, second] = ["private", "data"].map((tier) => only(resources, SUBNET, `${NAME}-${tier}`));
      assert.ok(first !== undefined && second?.dependsOn.includes(first.urn));
      const data = all(resources, RULE).filter(({ name }) => name.startsWith(`${NAME}-data-`));
      for (const [index, rule] of data.entries()) {
        const before = data[index - 1];
        assert.equal(before === undefined || rule.dependsOn.includes(before.urn), true);
      }
    });

    it("the NAT gateway stands in the first zone and waits for slow answers", async () => {
      const { resources } = await plain();
      const common = {
        resourceGroupName: GROUP,
        location: "northeurope",
        sku: { name: "Standard" },
        zones: ["1"],
        tags: tagsOf(`${NAME}-nat`),
      };
      assert.deepEqual(only(resources, ADDRESS).inputs, { ...common, publicIPAllocationMethod: "Static" });
      assert.deepEqual(only(resources, NAT).inputs, {
        ...common,
        publicIpAddresses: [{ id: `${NAME}-nat-id` }],
        idleTimeoutInMinutes: 30,
      });
    });

    it("private services are found by their public names, which are the ground's", async () => {
      const { resources } = await plain();
      assert.deepEqual(
        all(resources, LINK).map(({ name }) => name),
        [`${NAME}-bucket`, `${NAME}-cache`, `${NAME}-secret-store`],
      );
      assert.equal(only(resources, LINK, `${NAME}-cache`).parent, only(resources, "agent-platform:azure:Ground").urn);
      assert.deepEqual(only(resources, LINK, `${NAME}-cache`).inputs, {
        resourceGroupName: GROUP,
        privateZoneName: "privatelink.redis.azure.net",
        location: "Global",
        virtualNetwork: { id: `${NAME}-id` },
        registrationEnabled: false,
        tags: tagsOf(`${NAME}-cache`),
      });
    });

    it("says what the rest of the platform needs", async () => {
      const { result } = await plain();
      const { id, subnets, clientCidrs, dataCidrs, egress } = result;
      assert.equal(await valueOf(id), `${NAME}-id`);
      assert.deepEqual(await valueOf(subnets), {
        public: [],
        private: [`${NAME}-private-id`],
        data: [`${NAME}-data-id`],
      });
      assert.deepEqual(await Promise.all(clientCidrs.map(valueOf)), ["10.0.0.0/18"]);
      assert.deepEqual(await valueOf(dataCidrs), ["10.0.0.0/18", "10.0.224.0/22"]);
      assert.deepEqual(await Promise.all(egress.map(valueOf)), ["198.51.100.7"]);
    });
  });

  it("where the way out survives a zone, it is the cluster's own", async () => {
    const { resources, result } = await networkOf({ network: { nat: "perZone" } });
    assert.deepEqual([...all(resources, NAT), ...all(resources, ADDRESS)], []);
    assert.equal("natGateway" in only(resources, SUBNET, `${NAME}-private`).inputs, false);
    assert.deepEqual(result.egress, []);
  });

  it("the smallest network still has a data subnet that Azure takes", async () => {
    const { resources } = await networkOf({ network: { cidr: "10.0.0.0/22" } });
    assert.equal(only(resources, SUBNET, `${NAME}-data`).inputs["addressPrefix"], "10.0.3.128/28");
  });

  describe("existing", () => {
    it("makes nothing, but is linked to the ground's private domains", async () => {
      const { resources } = await networkOf({ network: existing });
      assert.deepEqual(madeBy(resources), [["agent-platform:azure:Network", NAME]]);
      assert.deepEqual(
        all(resources, LINK).map(({ name, inputs }) => [name, inputs["virtualNetwork"]]),
        ["bucket", "cache", "secret-store"].map((service) => [`${NAME}-${service}`, { id: theirs }]),
      );
    });

    it("reads the ranges of the network and of the subnet that nodes stand in", async () => {
      const { calls, result } = await networkOf({ network: existing });
      assert.deepEqual(
        calls.filter(({ token }) => token.startsWith("azure-native:network:")),
        [
          {
            token: "azure-native:network:getVirtualNetwork",
            inputs: { resourceGroupName: "theirs", virtualNetworkName: "main" },
          },
          {
            token: "azure-native:network:getSubnet",
            inputs: { resourceGroupName: "theirs", virtualNetworkName: "main", subnetName: "nodes" },
          },
        ],
      );
      assert.deepEqual(await Promise.all(result.clientCidrs.map(valueOf)), ["10.42.8.0/21"]);
      assert.deepEqual(await valueOf(result.dataCidrs), ["10.42.0.0/16", "10.43.0.0/16"]);
      assert.deepEqual(await valueOf(result.subnets), {
        public: [],
        private: [`${theirs}/subnets/nodes`],
        data: [],
      });
    });

    it("takes a range under either of the names that Azure has for it", async () => {
      const read = () => ({ addressPrefixes: ["10.42.8.0/22"] });
      const { result } = await networkOf({ network: existing }, { calls: { "azure-native:network:getSubnet": read } });
      assert.deepEqual(await Promise.all(result.clientCidrs.map(valueOf)), ["10.42.8.0/22"]);
    });

    it("refuses a subnet without a range", async () => {
      await assert.rejects(
        networkOf({ network: existing }, { calls: { "azure-native:network:getSubnet": () => ({}) } }),
        /azure: the private subnet has no range$/,
      );
    });
  });

  it("a preview shows the same resources, and knows the ranges already", async () => {
    const { resources, result } = await networkOf({}, { preview: true });
    assert.deepEqual(madeBy(resources), made);
    assert.equal(await isKnown(result.id), false);
    assert.equal(await isKnown(result.dataCidrs), true);
  });
});
