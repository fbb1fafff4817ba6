import assert from "node:assert/strict";
import type { RecordedResource } from "../../../plan/record.js";
import { all, only } from "../../support/deploy.js";
import { accountsWithIdentity, type Evidence, type Given } from "./properties.js";

const SUBNET = "gcp:compute/subnetwork:Subnetwork";
const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const INSTANCE = "gcp:sql/databaseInstance:DatabaseInstance";
const CACHE = "gcp:memorystore/instance:Instance";
const BUCKET = "gcp:storage/bucket:Bucket";
const SECRET = "gcp:secretmanager/secret:Secret";
const REPOSITORY = "gcp:artifactregistry/repository:Repository";

type Tree = Readonly<Record<string, unknown>>;

/** Every key of the part is new each quarter, and only one service may use it. */
function keysRotate(part: readonly RecordedResource[]): void {
  const keys = all(part, "gcp:kms/cryptoKey:CryptoKey");
  assert.ok(keys.length > 0);
  for (const { inputs, name } of keys) assert.equal(inputs["rotationPeriod"], "7776000s", name);
  const grants = all(part, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
  assert.equal(grants.length, keys.length);
  for (const { inputs, name } of grants) {
    assert.equal(inputs["role"], "roles/cloudkms.cryptoKeyEncrypterDecrypter", name);
    assert.match(String(inputs["member"]), /^serviceAccount:/, name);
  }
}

/** Names a key that the platform made. */
const isOurKey = (value: unknown): boolean => /-(key|secrets|images)-id$|cryptoKeys\//.test(String(value));

const settingsOf = ({ inputs }: RecordedResource): Tree => inputs["settings"] as Tree;

/** Addresses of the part, which are all in the data subnets. */
function inDataSubnets({ part, outputs }: Given): void {
  const addresses = all(part, "gcp:compute/address:Address");
  assert.ok(addresses.length > 0);
  for (const { inputs, name } of addresses) {
    assert.equal(inputs["addressType"], "INTERNAL", name);
    assert.ok(outputs.network.subnets.data.includes(String(inputs["subnetwork"])), name);
  }
}

export const evidenceOnGcp: Evidence = {
  network: {
    "gives no machine a public address": ({ everything }) => {
      for (const { inputs, name } of all(everything, POOL))
        assert.deepEqual(inputs["networkConfig"], { enablePrivateNodes: true }, name);
      assert.deepEqual(
        all(everything, "gcp:compute/address:Address").filter(({ inputs }) => inputs["addressType"] !== "INTERNAL"),
        [],
      );
    },
    "has no way out of the data subnets": ({ part, settings }) => {
      const subnets = all(part, SUBNET).map(({ name }) => name);
      assert.ok(subnets.some((name) => name.endsWith("-data")));
      const nat = settings.network.mode === "managed" && settings.network.nat !== "none";
      const gateways = all(part, "gcp:compute/routerNat:RouterNat");
      assert.equal(gateways.length, nat ? 1 : 0);
      for (const { inputs } of gateways) {
        assert.equal(inputs["sourceSubnetworkIpRangesToNat"], "LIST_OF_SUBNETWORKS");
        const listed = (inputs["subnetworks"] as { name: string }[]).map(({ name }) => name);
        assert.deepEqual(listed, [`${settings.prefix}-private-id`]);
      }
    },
    "lets nobody in who is not named": ({ part, everything }) => {
      // Nothing comes in where no rule lets it, and there is none.
      assert.deepEqual(
        everything.filter(({ type }) => /^gcp:compute\/(firewall|networkFirewall|regionNetworkFirewall)/.test(type)),
        [],
      );
      assert.equal(only(part, "gcp:compute/network:Network").inputs["autoCreateSubnetworks"], false);
    },
  },
  cluster: {
    "keeps its secrets encrypted": ({ part }) => {
      const { state, keyName } = only(part, CLUSTER).inputs["databaseEncryption"] as Tree;
      assert.equal(state, "ENCRYPTED");
      assert.ok(isOurKey(keyName), String(keyName));
      keysRotate(part);
    },
    "admits by the cloud's own identities only": ({ part, settings }) => {
      const { inputs } = only(part, CLUSTER);
      assert.deepEqual(inputs["workloadIdentityConfig"], {
        workloadPool: `${settings.gcp.project}.svc.id.goog`,
      });
      const { dnsEndpointConfig } = inputs["controlPlaneEndpointsConfig"] as { dnsEndpointConfig: Tree };
      assert.equal(dnsEndpointConfig["enableK8sTokensViaDns"], false);
      assert.equal(dnsEndpointConfig["enableK8sCertsViaDns"], false);
      assert.equal("masterAuth" in inputs, false);
    },
    "is reached from the internet by the stack's own ranges only": ({ part, settings }) => {
      const { inputs } = only(part, CLUSTER);
      const { access } = settings.cluster;
      const { dnsEndpointConfig, ipEndpointsConfig } = inputs["controlPlaneEndpointsConfig"] as Record<string, Tree>;
      const byName = access?.private !== true && access?.cidrs === undefined;
      assert.equal(dnsEndpointConfig?.["allowExternalTraffic"], byName);
      assert.equal(ipEndpointsConfig?.["enabled"], !byName);
      const ranges = inputs["masterAuthorizedNetworksConfig"] as
        | { cidrBlocks: { cidrBlock: string }[]; gcpPublicCidrsAccessEnabled: boolean }
        | undefined;
      assert.equal(ranges === undefined, byName);
      if (ranges === undefined) return;
      assert.equal(ranges.gcpPublicCidrsAccessEnabled, false);
      if (access?.private !== true)
        assert.deepEqual(
          ranges.cidrBlocks.map(({ cidrBlock }) => cidrBlock),
          access?.cidrs,
        );
    },
    "stays in support": ({ part }) => {
      assert.deepEqual(only(part, CLUSTER).inputs["releaseChannel"], { channel: "REGULAR" });
      for (const { inputs } of all(part, POOL))
        assert.deepEqual(inputs["management"], { autoRepair: true, autoUpgrade: true });
    },
    "its machines keep their credentials from pods, and their disks encrypted": ({ part }) => {
      const pools = all(part, POOL);
      assert.equal(pools.length, 3);
      for (const { inputs, name } of pools) {
        const node = inputs["nodeConfig"] as Tree;
        assert.deepEqual(node["workloadMetadataConfig"], { mode: "GKE_METADATA" }, name);
        // Every disk of Google's is encrypted, whatever is said. Of the account that nodes are only a small one is left.
        assert.match(String(node["serviceAccount"]), /-nodes/, name);
      }
      const grants = all(part, "gcp:projects/iAMMember:IAMMember");
      assert.deepEqual(
        grants.map(({ inputs }) => inputs["role"]),
        ["roles/container.defaultNodeServiceAccount"],
      );
    },
  },
  databases: {
    "has no public address": ({ part }) => {
      const instances = all(part, INSTANCE);
      assert.ok(instances.length > 0);
      for (const instance of instances) {
        const { ipv4Enabled, privateNetwork } = settingsOf(instance)["ipConfiguration"] as Tree;
        assert.deepEqual([ipv4Enabled, privateNetwork], [false, undefined], instance.name);
      }
    },
    "is in the data subnets": (given) => {
      inDataSubnets(given);
      const { part } = given;
      const rules = all(part, "gcp:compute/forwardingRule:ForwardingRule");
      assert.equal(rules.length, all(part, INSTANCE).length);
      for (const { inputs } of rules) assert.equal(inputs["loadBalancingScheme"], "");
    },
    "is encrypted at rest": ({ part }) => {
      for (const { inputs, name } of all(part, INSTANCE))
        if (!name.includes("-replica-")) assert.ok(isOurKey(inputs["encryptionKeyName"]), name);
      keysRotate(part);
    },
    "refuses connections without TLS": ({ part }) => {
      for (const instance of all(part, INSTANCE)) {
        const { sslMode } = settingsOf(instance)["ipConfiguration"] as Tree;
        assert.equal(sslMode, "ENCRYPTED_ONLY", instance.name);
      }
    },
  },
  caches: {
    "has no public address": ({ part, outputs }) => {
      const caches = all(part, CACHE);
      assert.ok(caches.length > 0);
      for (const { inputs, name } of caches) {
        const endpoints = inputs["desiredAutoCreatedEndpoints"] as { network: string }[];
        assert.deepEqual(
          endpoints.map(({ network }) => network),
          [outputs.network.id],
          name,
        );
      }
    },
    "is encrypted at rest and on the way": ({ part }) => {
      for (const { inputs, name } of all(part, CACHE)) {
        assert.equal(inputs["transitEncryptionMode"], "SERVER_AUTHENTICATION", name);
        assert.ok(isOurKey(inputs["kmsKey"]), name);
      }
      keysRotate(part);
    },
  },
  buckets: {
    "is closed to the public in every way": ({ part }) => {
      const buckets = all(part, BUCKET);
      assert.ok(buckets.length > 0);
      for (const { inputs, name } of buckets) {
        assert.equal(inputs["publicAccessPrevention"], "enforced", name);
        assert.equal(inputs["uniformBucketLevelAccess"], true, name);
      }
    },
    // No bucket of Google's can refuse it; its own clients and addresses (gs://) know nothing else.
    "refuses requests without TLS": ({ outputs }) => {
      for (const { url } of Object.values(outputs.buckets)) assert.match(url, /^gs:/);
    },
    "is encrypted at rest": ({ part }) => {
      for (const { inputs, name } of all(part, BUCKET))
        assert.ok(isOurKey((inputs["encryption"] as Tree)["defaultKmsKeyName"]), name);
      keysRotate(part);
    },
  },
  secretStore: {
    "marks every value secret": ({ everything }) => {
      const versions = all(everything, "gcp:secretmanager/secretVersion:SecretVersion");
      assert.ok(versions.length > 0);
      for (const { secretInputs, name } of versions) assert.deepEqual(secretInputs, ["secretData"], name);
    },
    "keeps what is deleted as long as the stack says": ({ everything, settings }) => {
      const store = settings.secretStore;
      const days = store.mode === "existing" ? 7 : store.recoveryDays;
      for (const { inputs, name } of all(everything, SECRET)) {
        assert.equal(inputs["versionDestroyTtl"], days === 0 ? undefined : `${days * 86_400}s`, name);
        const { userManaged } = inputs["replication"] as { userManaged: { replicas: Tree[] } };
        for (const { location, customerManagedEncryption } of userManaged.replicas) {
          assert.equal(location, settings.region, name);
          assert.equal(customerManagedEncryption === undefined, store.mode === "existing", name);
        }
        // The name is Pulumi's to end, so that a second stack of the same name is not refused.
        assert.equal("secretId" in inputs, false, name);
      }
    },
  },
  identity: {
    "is taken by that one account's pods only": ({ outputs, settings }) => {
      const principal = outputs.services["api"]?.principal ?? "";
      const pool = `${settings.gcp.project}.svc.id.goog`;
      assert.match(principal, /^principal:\/\/iam\.googleapis\.com\/projects\/[^/]+\/locations\/global\//);
      assert.ok(
        principal.endsWith(`/workloadIdentityPools/${pool}/subject/ns/${outputs.namespaces.services}/sa/api`),
        principal,
      );
    },
    "names everything that it may touch, and nothing else": ({ part, everything, outputs, settings }) => {
      const accounts = accountsWithIdentity(outputs.namespaces.services, settings);
      const isTheirs = (member: unknown) =>
        accounts.some(({ namespace, name }) => String(member).endsWith(`/subject/ns/${namespace}/sa/${name}`));
      const grants = everything.filter(({ inputs }) => isTheirs(inputs["member"]));
      assert.ok(grants.length > 0);
      const roles: Readonly<Record<string, string>> = {
        "gcp:storage/bucketIAMMember:BucketIAMMember": "roles/storage.objectUser",
        "gcp:secretmanager/secretIamMember:SecretIamMember": "roles/secretmanager.secretAccessor",
        "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": "roles/dns.admin",
      };
      // Measurements and lines of logs are a project's, and have no narrower place.
      const ofProject: Readonly<Record<string, string>> = {
        "reads-metrics": "roles/monitoring.viewer",
        "writes-logs": "roles/logging.logWriter",
      };
      for (const { type, inputs, name } of grants) {
        if (type === "gcp:projects/iAMMember:IAMMember") {
          const [ending = ""] = Object.keys(ofProject).filter((one) => name.endsWith(one));
          assert.equal(inputs["role"], ofProject[ending], name);
          continue;
        }
        assert.equal(inputs["role"], roles[type], name);
        assert.ok(Boolean(inputs["bucket"] ?? inputs["secretId"] ?? inputs["managedZone"]), name);
      }
      assert.deepEqual(
        grants.map(({ urn }) => urn).sort(),
        part
          .filter(({ custom }) => custom)
          .map(({ urn }) => urn)
          .sort(),
      );
    },
  },
  registry: {
    "has a place for each service's images, closed to strangers": ({ part, settings }) => {
      const repositories = all(part, REPOSITORY);
      assert.deepEqual(
        repositories.map(({ inputs }) => inputs["repositoryId"]),
        Object.keys(settings.services).map((service) => `${settings.prefix}-${service}`),
      );
      const readers = all(part, "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember");
      assert.equal(readers.length, settings.cluster.mode === "managed" ? repositories.length : 0);
      for (const { inputs } of readers) {
        assert.equal(inputs["role"], "roles/artifactregistry.reader");
        assert.match(String(inputs["member"]), /^serviceAccount:/);
      }
    },
    "encrypts images at rest": ({ part }) => {
      for (const { inputs, name } of all(part, REPOSITORY)) assert.ok(isOurKey(inputs["kmsKeyName"]), name);
      keysRotate(part);
    },
  },
  domain: {
    "is one public zone": ({ part }) => {
      const { inputs } = only(part, "gcp:dns/managedZone:ManagedZone");
      assert.deepEqual([inputs["dnsName"], inputs["visibility"]], ["agents.example.com.", "public"]);
    },
  },
  observe: {
    "keeps logs for a time only": ({ everything, outputs }) => {
      assert.notEqual(outputs.logs, "");
      const buckets = all(everything, "gcp:logging/projectBucketConfig:ProjectBucketConfig");
      assert.ok(buckets.length > 0);
      for (const { inputs, name } of buckets) assert.ok(Number(inputs["retentionDays"]) > 0, name);
    },
  },
};
