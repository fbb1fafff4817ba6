import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { all, only } from "../../support/deploy.js";
import { accountsWithIdentity, type Evidence } from "./properties.js";

const SUBNET = "azure-native:network:Subnet";
const RULE = "azure-native:network:SecurityRule";
const CLUSTER = "azure-native:containerservice:ManagedCluster";
const POOL = "azure-native:containerservice:AgentPool";
const SERVER = "azure-native:dbforpostgresql:Server";
const REDIS = "azure-native:redisenterprise:RedisEnterprise";
const ACCOUNT = "azure-native:storage:StorageAccount";
const CONTAINER = "azure-native:storage:BlobContainer";
const VAULT = "azure-native:keyvault:Vault";
const SECRET = "azure-native:keyvault:Secret";
const ROLE = "azure-native:authorization:RoleAssignment";
const REGISTRY = "azure-native:containerregistry:Registry";

type Tree = Readonly<Record<string, unknown>>;

const treeOf = ({ inputs }: RecordedResource, key: string): Tree => inputs[key] as Tree;

/** The one door of a part whose public ones are closed. */
const endpointsOf = (part: readonly RecordedResource[]) => all(part, "azure-native:network:PrivateEndpoint");

export const evidenceOnAzure: Evidence = {
  network: {
    "gives no machine a public address": ({ part, everything }) => {
      for (const { inputs, name } of all(everything, POOL)) assert.equal(inputs["enableNodePublicIP"], false, name);
      const subnets = all(part, SUBNET);
      assert.equal(subnets.length, 2);
      for (const { inputs, name } of subnets) assert.equal(inputs["defaultOutboundAccess"], false, name);
      // The only public address is the NAT gateway's.
      const addresses = all(everything, "azure-native:network:PublicIPAddress");
      assert.ok(addresses.every(({ name }) => name.endsWith("-nat")));
    },
    "has no way out of the data subnets": ({ part, settings }) => {
      const data = only(part, SUBNET, `${settings.prefix}-data`);
      assert.equal("natGateway" in data.inputs, false);
      const out = only(part, RULE, `${settings.prefix}-data-no-internet`);
      assert.deepEqual(
        ["direction", "access", "destinationAddressPrefix", "protocol"].map((key) => out.inputs[key]),
        ["Outbound", "Deny", "Internet", "*"],
      );
    },
    "lets nobody in who is not named": ({ part, settings }) => {
      const last = only(part, RULE, `${settings.prefix}-data-nobody-else`);
      assert.deepEqual(
        ["direction", "access", "sourceAddressPrefix", "destinationPortRanges"].map((key) => last.inputs[key]),
        ["Inbound", "Deny", "*", ["*"]],
      );
      const inbound = all(part, RULE).filter(
        ({ inputs }) => inputs["direction"] === "Inbound" && inputs["access"] === "Allow",
      );
      // From the internet by the gateway's two ports alone; to the databases from the private subnet alone.
      assert.deepEqual(inbound.map(({ name }) => name).sort(), [
        `${settings.prefix}-data-clients`,
        `${settings.prefix}-data-standby`,
        `${settings.prefix}-private-gateway`,
      ]);
      for (const { inputs, name } of inbound) {
        const fromOutside = name.endsWith("-private-gateway");
        assert.deepEqual(
          inputs["destinationPortRanges"],
          fromOutside ? ["80", "443"] : inputs["destinationPortRanges"],
        );
        if (!fromOutside) assert.match(String(inputs["sourceAddressPrefix"]), /^10\./, name);
      }
    },
  },
  cluster: {
    // With keys of Azure's: there is no way to make a cluster that keeps them otherwise.
    "keeps its secrets encrypted": ({ part }) => {
      assert.equal("azureKeyVaultKms" in treeOf(only(part, CLUSTER), "securityProfile"), false);
    },
    "admits by the cloud's own identities only": ({ part }) => {
      const { inputs } = only(part, CLUSTER);
      assert.equal(inputs["disableLocalAccounts"], true);
      const { managed, enableAzureRBAC } = inputs["aadProfile"] as Tree;
      assert.deepEqual([managed, enableAzureRBAC], [true, true]);
      assert.deepEqual(inputs["oidcIssuerProfile"], { enabled: true });
    },
    "is reached from the internet by the stack's own ranges only": ({ part, settings, outputs: _ }) => {
      const profile = treeOf(only(part, CLUSTER), "apiServerAccessProfile");
      const { access } = settings.cluster;
      assert.equal(profile["enablePrivateCluster"] === true, access?.private === true);
      const ranges = profile["authorizedIPRanges"] as string[] | undefined;
      for (const cidr of access?.cidrs ?? []) assert.ok(ranges?.includes(cidr), cidr);
      // Beside them only the addresses by which the nodes themselves go out.
      const others = (ranges ?? []).filter((cidr) => access?.cidrs?.includes(cidr) !== true);
      assert.ok(others.length <= 1 && !others.includes("0.0.0.0/0"), others.join());
      if (settings.environment === "production") assert.ok(ranges?.includes("203.0.113.0/24"));
    },
    "stays in support": ({ part }) => {
      const { inputs } = only(part, CLUSTER);
      assert.equal(inputs["supportPlan"], "KubernetesOfficial");
      assert.deepEqual(inputs["autoUpgradeProfile"], { upgradeChannel: "patch", nodeOSUpgradeChannel: "NodeImage" });
    },
    "its machines keep their credentials from pods, and their disks encrypted": ({ part }) => {
      const [first] = only(part, CLUSTER).inputs["agentPoolProfiles"] as Tree[];
      const pools = [first ?? {}, ...all(part, POOL).map(({ inputs }) => inputs)];
      assert.equal(pools.length, 3);
      // Managed disks are always encrypted; pods get tokens of their own accounts by workload identity.
      for (const pool of pools) assert.equal(pool["osDiskType"], "Managed");
      assert.deepEqual(treeOf(only(part, CLUSTER), "securityProfile")["workloadIdentity"], { enabled: true });
    },
  },
  databases: {
    "has no public address": ({ part, outputs }) => {
      const servers = all(part, SERVER);
      assert.ok(servers.length > 0);
      for (const server of servers) {
        const { delegatedSubnetResourceId, publicNetworkAccess } = treeOf(server, "network");
        // Azure refuses to say both; a delegated subnet has no public address.
        assert.equal(publicNetworkAccess, undefined, server.name);
        assert.ok(outputs.network.subnets.data.includes(String(delegatedSubnetResourceId)), server.name);
      }
    },
    "is in the data subnets": ({ part, outputs }) => {
      for (const server of all(part, SERVER))
        assert.equal(treeOf(server, "network")["delegatedSubnetResourceId"], outputs.network.subnets.data[0]);
      // Its names are known in the network alone.
      const databases = all(part, "agent-platform:azure:Database").length;
      assert.equal(all(part, "azure-native:privatedns:PrivateZone").length, databases);
      assert.equal(all(part, "azure-native:privatedns:VirtualNetworkLink").length, databases);
    },
    // With keys of Azure's: a server that keeps its data open cannot be made.
    "is encrypted at rest": ({ part }) => {
      for (const { inputs, name } of all(part, SERVER)) assert.equal("dataEncryption" in inputs, false, name);
    },
    "refuses connections without TLS": ({ part }) => {
      const primaries = all(part, SERVER).filter(({ inputs }) => inputs["createMode"] === undefined);
      const switches = all(part, "azure-native:dbforpostgresql:Configuration").filter(
        ({ inputs }) => inputs["configurationName"] === "require_secure_transport",
      );
      assert.deepEqual(
        switches.map(({ inputs }) => inputs["value"]),
        primaries.map(() => "on"),
      );
    },
  },
  caches: {
    "has no public address": ({ part, outputs }) => {
      const caches = all(part, REDIS);
      assert.ok(caches.length > 0);
      for (const { inputs, name } of caches) assert.equal(inputs["publicNetworkAccess"], "Disabled", name);
      const doors = endpointsOf(part);
      assert.equal(doors.length, caches.length);
      for (const door of doors) assert.equal(treeOf(door, "subnet")["id"], outputs.network.subnets.private[0]);
    },
    "is encrypted at rest and on the way": ({ part }) => {
      for (const { inputs, name } of all(part, REDIS)) assert.equal(inputs["minimumTlsVersion"], "1.2", name);
      for (const { inputs, name } of all(part, "azure-native:redisenterprise:Database")) {
        assert.equal(inputs["clientProtocol"], "Encrypted", name);
        // And wants its key.
        assert.equal(inputs["accessKeysAuthentication"], "Enabled", name);
      }
    },
  },
  buckets: {
    "is closed to the public in every way": ({ part }) => {
      const accounts = all(part, ACCOUNT);
      assert.ok(accounts.length > 0);
      for (const { inputs, name } of accounts) {
        const { allowBlobPublicAccess, allowSharedKeyAccess, publicNetworkAccess, networkRuleSet } = inputs;
        assert.deepEqual(
          [allowBlobPublicAccess, allowSharedKeyAccess, publicNetworkAccess],
          [false, false, "Disabled"],
        );
        assert.deepEqual(networkRuleSet, { defaultAction: "Deny", bypass: "None" }, name);
      }
      for (const { inputs, name } of all(part, CONTAINER)) assert.equal(inputs["publicAccess"], "None", name);
      assert.equal(endpointsOf(part).length, accounts.length);
    },
    "refuses requests without TLS": ({ part }) => {
      for (const { inputs, name } of all(part, ACCOUNT)) {
        assert.equal(inputs["minimumTlsVersion"], "TLS1_2", name);
        assert.equal(inputs["enableHttpsTrafficOnly"], true, name);
      }
    },
    "is encrypted at rest": ({ part }) => {
      for (const account of all(part, ACCOUNT)) {
        const { keySource, services } = treeOf(account, "encryption");
        assert.equal(keySource, "Microsoft.Storage");
        assert.deepEqual(services, { blob: { enabled: true, keyType: "Account" } });
      }
    },
  },
  secretStore: {
    "marks every value secret": ({ everything }) => {
      const entries = all(everything, SECRET);
      assert.ok(entries.length > 0);
      for (const { secretInputs, name } of entries) assert.deepEqual(secretInputs, ["properties.value"], name);
    },
    "keeps what is deleted as long as the stack says": ({ everything, settings }) => {
      const vaults = all(everything, VAULT);
      assert.equal(vaults.length, settings.secretStore.mode === "managed" ? 1 : 0);
      for (const vault of vaults) {
        const properties = treeOf(vault, "properties");
        const { enableRbacAuthorization, publicNetworkAccess, enableSoftDelete } = properties;
        assert.deepEqual([enableRbacAuthorization, publicNetworkAccess, enableSoftDelete], [true, "Disabled", true]);
        const days = settings.secretStore.mode === "managed" ? settings.secretStore.recoveryDays : 0;
        assert.equal(properties["softDeleteRetentionInDays"], days);
        const careful = ["production", "dr"].includes(settings.environment);
        assert.equal(properties["enablePurgeProtection"], careful ? true : undefined);
      }
    },
  },
  identity: {
    "is taken by that one account's pods only": ({ part, outputs, settings }) => {
      const credentials = all(part, "azure-native:managedidentity:FederatedIdentityCredential");
      assert.deepEqual(
        credentials.map(({ inputs }) => inputs["subject"]).sort(),
        accountsWithIdentity(outputs.namespaces.services, settings)
          .map(({ namespace, name }) => `system:serviceaccount:${namespace}:${name}`)
          .sort(),
      );
      for (const { inputs } of credentials) {
        assert.deepEqual(inputs["audiences"], ["api://AzureADTokenExchange"]);
        assert.match(String(inputs["issuer"]), /^https:\/\//);
      }
    },
    "names everything that it may touch, and nothing else": ({ part }) => {
      const roles = all(part, ROLE);
      assert.ok(roles.length > 0);
      const narrow: Readonly<Record<string, RegExp>> = {
        // Storage Blob Data Contributor, Key Vault Secrets User, DNS Zone Contributor, Monitoring Metrics Publisher (of one
        // rule of lines), Monitoring Reader.
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe": /\/blobServices\/default\/containers\/[^/]+$|-bucket-[^/]+-id$/,
        "4633458b-17de-408a-b874-0445c86b69e6": /\/secrets\/[^/]+$/,
        "befefa01-2a29-4197-83a8-272ff33ce314": /\/dnszones\/[^/]+$/i,
        "3913510d-42f4-4e42-8a64-420c390055eb": /\/dataCollectionRules\/[^/]+$|-pods-id$/,
        "43d0d8ad-25c7-4714-9337-8ba259a9fe05": /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/,
      };
      for (const { inputs, name } of roles) {
        const role = String(inputs["roleDefinitionId"]).split("/").at(-1) ?? "";
        assert.match(String(inputs["scope"]), narrow[role] ?? /^no other role$/, name);
        assert.equal(inputs["principalType"], "ServicePrincipal", name);
      }
    },
  },
  registry: {
    "has a place for each service's images, closed to strangers": ({ part, settings }) => {
      const { inputs } = only(part, REGISTRY);
      assert.equal(inputs["adminUserEnabled"], false);
      assert.notEqual(inputs["anonymousPullEnabled"], true);
      const pulls = all(part, ROLE);
      assert.equal(pulls.length, 1);
      assert.match(String(pulls[0]?.inputs["roleDefinitionId"]), /7f951dda-4ed3-4680-a7ca-43fe172d538d$/);
      assert.ok(Object.keys(settings.services).length > 0);
    },
    // With keys of Azure's, which every registry is.
    "encrypts images at rest": ({ part }) => {
      assert.equal("encryption" in only(part, REGISTRY).inputs, false);
    },
  },
  domain: {
    "is one public zone": ({ part }) => {
      const { inputs } = only(part, "azure-native:dns:Zone");
      assert.equal(inputs["zoneName"], "agents.example.com");
      assert.notEqual(inputs["zoneType"], "Private");
    },
  },
  observe: {
    "keeps logs for a time only": ({ everything, outputs }) => {
      assert.notEqual(outputs.logs, "");
      const workspaces = all(everything, "azure-native:operationalinsights:Workspace");
      assert.ok(workspaces.length > 0);
      for (const { inputs, name } of workspaces) assert.ok(Number(inputs["retentionInDays"]) >= 30, name);
    },
  },
};
