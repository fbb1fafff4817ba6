import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RecordedResource } from "../../../plan/record.js";
import { waitsFor } from "../../contract/graph.js";
import { planOf } from "../../support/stacks.js";
import { SUBSCRIPTION } from "./cloud/azure/arm.js";
import { azure } from "./cloud/azure/index.js";
import * as disk from "./cloud/disk.js";
import { CloudStandIn } from "./cloud/standin.js";
import { Store } from "./cloud/store.js";
import { HalfMade, type How, type Made, type Props } from "./serve.js";

const UP: How = { preview: false, timeoutSeconds: 0 };
const GROUP = "azure-native:resources:ResourceGroup";
const VNET = "azure-native:network:VirtualNetwork";
const SUBNET = "azure-native:network:Subnet";
const ZONE = "azure-native:privatedns:PrivateZone";
const LINK = "azure-native:privatedns:VirtualNetworkLink";
const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const ASSIGNMENT = "azure-native:authorization:RoleAssignment";
const LOCK = "azure-native:authorization:ManagementLockByScope";
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const SERVER = "azure-native:dbforpostgresql:Server";
const CONFIGURATION = "azure-native:dbforpostgresql:Configuration";
const VAULT = "azure-native:keyvault:Vault";
const SECRET = "azure-native:keyvault:Secret";
const ACCOUNT = "azure-native:storage:StorageAccount";
const ENDPOINT = "azure-native:network:PrivateEndpoint";
const BLOBS = "azure-native:storage:BlobServiceProperties";

describe("engine: the stand-in for Azure", () => {
  let directory: string;
  let cloud: CloudStandIn;
  let inGroup: Props;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "azure-"));
    cloud = open(0.5);
    await make(GROUP, "group", { resourceGroupName: "group", location: "northeurope" });
    inGroup = { resourceGroupName: "group", location: "northeurope" };
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function open(minuteMs: number): CloudStandIn {
    const opened = new CloudStandIn("azure-native", azure, {
      store: new Store(directory),
      minuteMs,
      crash: () => {
        throw new Error("crash");
      },
    });
    opened.configure({ subscriptionId: SUBSCRIPTION, location: "northeurope" });
    return opened;
  }

  const subject = (type: string, name: string) => ({ urn: `urn:pulumi:s::p::${type}::${name}`, type, name });

  /** As the engine does it: checked, then made. */
  async function make(type: string, name: string, given: Props, by = cloud): Promise<Made> {
    const { inputs, failures } = await by.check(subject(type, name), {}, given);
    assert.deepEqual(failures, []);
    return { ...subject(type, name), inputs, ...(await by.create(subject(type, name), inputs, UP)) };
  }
  const change = (made: Made, news: Props) => cloud.update(made, { ...made.inputs, ...news }, UP);

  const network = () => make(VNET, "net", { ...inGroup, virtualNetworkName: "net" });
  const subnetOf = (name: string, more: Props = {}): Parameters<typeof make> => [
    SUBNET,
    name,
    { resourceGroupName: "group", virtualNetworkName: "net", addressPrefix: `10.0.${name.length}.0/24`, ...more },
  ];
  const subnet = (name: string, more: Props = {}) => make(...subnetOf(name, more));
  const vault = (properties: Props = {}) =>
    make(VAULT, "vault", {
      ...inGroup,
      vaultName: "vault-1a2b",
      properties: { publicNetworkAccess: "Disabled", ...properties },
    });

  /** While the one is being made, the other is refused. */
  async function meet(one: Parameters<typeof make>, other: Parameters<typeof make>, says: RegExp): Promise<void> {
    const [type, name, given] = one;
    const making = make(type, name, given, open(500));
    await assert.rejects(make(...other), says);
    await making;
  }

  describe("names", () => {
    it("end in chance in a group, and are the logical ones in something else", async () => {
      const made = await make(VNET, "net", inGroup);
      assert.match(made.id, /\/resourceGroups\/group\/providers\/Microsoft\.Network\/virtualNetworks\/net[0-9a-f]{8}$/);
      const child = await make(SUBNET, "data", {
        resourceGroupName: "group",
        virtualNetworkName: made.inputs["virtualNetworkName"],
        addressPrefix: "10.0.0.0/24",
      });
      assert.equal(child.id, `${made.id}/subnets/data`);
    });

    it("are looked for in the group that is said", async () => {
      await network();
      await make(GROUP, "other", { resourceGroupName: "other", location: "northeurope" });
      await assert.rejects(
        make(SUBNET, "a", { resourceGroupName: "other", virtualNetworkName: "net", addressPrefix: "10.0.0.0/24" }),
        /^Error: ResourceNotFound: The virtual network '.*\/resourceGroups\/other\/.*\/virtualNetworks\/net' was not found\.$/,
      );
    });

    it("are as the service takes them", async () => {
      const { failures } = await cloud.check(subject(VAULT, "v"), {}, { vaultName: "agents--staging" });
      assert.equal(failures.length, 1);
    });

    it("of a deleted vault stay taken", async () => {
      await cloud.delete(await vault(), UP);
      await assert.rejects(vault(), /already exists in deleted state\. You need to either recover or purge it\.$/);
    });
  });

  describe("one change at a time", () => {
    it("is what a network takes of its subnets", async () => {
      await network();
      await meet(subnetOf("data"), subnetOf("nodes"), /^Error: AnotherOperationInProgress: /);
    });

    it("is what a server takes", async () => {
      await database();
      const parameter = (configurationName: string): Parameters<typeof make> => [
        CONFIGURATION,
        configurationName,
        { resourceGroupName: "group", serverName: "postgres", configurationName },
      ];
      await meet(parameter("work_mem"), parameter("log_temp_files"), /^Error: ServerIsBusy: /);
    });

    it("is what a storage account takes while it gets an endpoint", async () => {
      await network();
      const { id } = await subnet("data");
      const account = await make(ACCOUNT, "account", { ...inGroup, accountName: "account1" });
      const blobs = { resourceGroupName: "group", accountName: "account1", blobServicesName: "default" };
      const connection = { name: "blob", privateLinkServiceId: account.id, groupIds: ["blob"] };
      const endpoint = { ...inGroup, subnet: { id }, privateLinkServiceConnections: [connection] };
      await meet(
        [ENDPOINT, "endpoint", endpoint],
        [BLOBS, "blobs", blobs],
        /^Error: StorageAccountOperationInProgress: /,
      );
    });
  });

  async function database(more: Props = {}, linked = true) {
    const { id: networkId } = await network();
    const delegations = [{ name: "pg", serviceName: "Microsoft.DBforPostgreSQL/flexibleServers" }];
    const { id: subnetId } = await subnet("data", { delegations });
    const privateZoneName = "db.private.postgres.database.azure.com";
    const zone = await make(ZONE, "zone", { resourceGroupName: "group", privateZoneName, location: "Global" });
    if (linked)
      await make(LINK, "link", {
        resourceGroupName: "group",
        privateZoneName,
        location: "Global",
        virtualNetwork: { id: networkId },
      });
    const server = await make(SERVER, "db", {
      ...inGroup,
      serverName: "postgres",
      sku: { name: "Standard_B2s", tier: "Burstable" },
      storage: { storageSizeGB: 64 },
      network: { delegatedSubnetResourceId: subnetId, privateDnsZoneArmResourceId: zone.id },
      ...more,
    });
    return server;
  }

  describe("a server", () => {
    it("does not come before its zone is the network's", async () => {
      await assert.rejects(database({}, false), /^Error: VnetNotLinkedToPrivateDnsZone: /);
    });

    it("has no standby in the cheapest tier", async () => {
      await assert.rejects(database({ highAvailability: { mode: "ZoneRedundant" } }), /Burstable SKU\.$/);
    });

    it("is not made smaller, nor anew", async () => {
      const server = await database();
      const less = { ...server.inputs, storage: { storageSizeGB: 32 } };
      assert.deepEqual((await cloud.diff(server, less, [])).replaces, []);
      await assert.rejects(cloud.update(server, less, UP), /^Error: InvalidParameterValue: Storage size/);
    });
  });

  describe("a cluster", () => {
    const cluster = async ({ allowed = true, outboundType = "loadBalancer" } = {}) => {
      await network();
      const { id } = await subnet("data");
      const identity = await make(IDENTITY, "identity", { ...inGroup, resourceName: "identity" });
      if (allowed)
        await make(ASSIGNMENT, "role", {
          roleAssignmentName: "11111111-1111-1111-1111-111111111111",
          scope: id,
          principalId: identity.outputs["principalId"],
          roleDefinitionId: "/providers/Microsoft.Authorization/roleDefinitions/4d97b98b-1d4f-4787-a291-c67834d212e7",
        });
      return make(CLUSTER, "cluster", {
        ...inGroup,
        resourceName: "cluster",
        dnsPrefix: "agents",
        identity: { type: "UserAssigned", userAssignedIdentities: [identity.id] },
        networkProfile: { outboundType },
        agentPoolProfiles: [{ name: "system", vmSize: "Standard_D2pls_v6", vnetSubnetID: id }],
      });
    };

    it("does not come before its identity may work in the subnet", async () => {
      await assert.rejects(cluster({ allowed: false }), /^Error: LinkedAuthorizationFailed: /);
    });

    it("has the way out that it is told", async () => {
      await assert.rejects(
        cluster({ outboundType: "userAssignedNATGateway" }),
        /is not associated with a NAT gateway\.$/,
      );
    });

    it("is made anew by the provider's list alone, and changes no machine of its first pool", async () => {
      const made = await cluster();
      const anew = await cloud.diff(made, { ...made.inputs, dnsPrefix: "other", kubernetesVersion: "1.36" }, []);
      assert.deepEqual(anew.replaces, ["dnsPrefix"]);
      const [first] = made.inputs["agentPoolProfiles"] as readonly Props[];
      const larger = { ...made.inputs, agentPoolProfiles: [{ ...first, vmSize: "Standard_D4pls_v6" }] };
      assert.deepEqual((await cloud.diff(made, larger, [])).replaces, []);
      await assert.rejects(cloud.update(made, larger, UP), {
        message: "PropertyChangeNotAllowed: Changing property 'agentPoolProfile.vmSize' is not allowed.",
      });
    });

    it("takes its pools along", async () => {
      const made = await cluster();
      await make(POOL, "pool", { resourceGroupName: "group", resourceName: "cluster", agentPoolName: "apps1a2b" });
      await cloud.delete(made, UP);
      assert.deepEqual(
        disk.objectsOf(directory).filter(({ type }) => type === POOL),
        [],
      );
    });
  });

  describe("what is kept", () => {
    it("does not go while there is a lock on it or in it, and goes once that is lifted", async () => {
      const server = await database();
      const lock = await make(LOCK, "lock", { scope: server.id, level: "CanNotDelete" });
      const [group] = disk.objectsOf(directory).filter(({ type }) => type === GROUP);
      assert.ok(group);
      for (const one of [server, { ...subject(GROUP, "group"), ...group }])
        await assert.rejects(cloud.delete(one, UP), /^Error: ScopeLocked: /);
      await cloud.delete(lock, UP);
      await cloud.delete(server, UP);
    });

    it("in a vault with closed doors goes with the vault alone", async () => {
      const made = await vault();
      const entry = { resourceGroupName: "group", vaultName: "vault-1a2b", secretName: "entry-1a2b" };
      const secret = await make(SECRET, "entry", { ...entry, properties: { value: "hunter2" } });
      assert.equal(JSON.stringify(secret.outputs["properties"]).includes("hunter2"), false);
      await assert.rejects(cloud.delete(secret, UP), /^Error: Forbidden: Public network access is disabled/);
      await cloud.delete(made, UP);
      assert.deepEqual(
        disk.objectsOf(directory).map(({ type }) => type),
        [GROUP],
      );
    });

    it("stays guarded once it was", async () => {
      const properties = { enablePurgeProtection: true, softDeleteRetentionInDays: 30 };
      const made = await vault(properties);
      await assert.rejects(
        change(made, { properties: { ...properties, enablePurgeProtection: false } }),
        /irreversible action\.$/,
      );
      await assert.rejects(
        change(made, { properties: { ...properties, softDeleteRetentionInDays: 7 } }),
        /can't be modified\.$/,
      );
    });

    it("goes with its group", async () => {
      await database();
      const [group] = disk.objectsOf(directory).filter(({ type }) => type === GROUP);
      assert.ok(group);
      await cloud.delete({ ...subject(GROUP, "group"), ...group }, UP);
      assert.deepEqual(disk.objectsOf(directory), []);
    });
  });

  it("fails in its own words, and keeps what it began", async () => {
    disk.inject(directory, { op: "create", type: VNET, fault: "afterCreate", times: 1 });
    await assert.rejects(network(), (error: unknown) => {
      assert.ok(error instanceof HalfMade);
      return /Code="ProvisioningFailed"$/.test(error.message);
    });
  });
});

/** What takes one change at a time: the types, and the input that names the one that takes it. */
const oneByOne: readonly (readonly [noun: string, input: string, types: readonly string[]])[] = [
  ["a network's subnets", "virtualNetworkName", [SUBNET]],
  ["a group's rules", "networkSecurityGroupName", ["azure-native:network:SecurityRule"]],
  ["what is on a server", "serverName", [CONFIGURATION, "azure-native:dbforpostgresql:Database"]],
  ["a server's replicas", "sourceServerResourceId", [SERVER]],
  ["an identity's credentials", "resourceName", ["azure-native:managedidentity:FederatedIdentityCredential"]],
];

describe("engine: the program on Azure", () => {
  for (const stack of ["staging", "prod"] as const) {
    let resources: readonly RecordedResource[];
    before(async () => {
      ({ resources } = await planOf(stack, ["cloud=azure"]));
    });

    it(`has a row for every type in ${stack}`, () => {
      const types = new Set(resources.map(({ type }) => type).filter((type) => type.startsWith("azure-native:")));
      assert.ok(types.size > 25);
      assert.deepEqual(
        [...types].filter((type) => azure.kinds[type] === undefined),
        [],
      );
    });

    for (const [noun, input, types] of oneByOne) {
      it(`changes one by one in ${stack}: ${noun}`, () => {
        const ones = resources.filter((one) => types.includes(one.type) && one.propertyDependencies[input]);
        const pairs = ones.flatMap((one, index) => ones.slice(index + 1).map((other) => [one, other] as const));
        const loose = pairs.filter(
          ([one, other]) =>
            one.propertyDependencies[input]?.join() === other.propertyDependencies[input]?.join() &&
            !waitsFor(resources, one, other) &&
            !waitsFor(resources, other, one),
        );
        assert.deepEqual(
          loose.map((pair) => pair.map(({ name }) => name)),
          [],
        );
      });
    }
  }
});
