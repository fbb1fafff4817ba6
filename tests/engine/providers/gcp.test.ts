import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as disk from "./cloud/disk.js";
import { gcp } from "./cloud/gcp/index.js";
import { CloudStandIn } from "./cloud/standin.js";
import { Store } from "./cloud/store.js";
import type { How, Made, Props } from "./serve.js";

const UP: How = { preview: false, timeoutSeconds: 0 };
const REGION = "europe-west1";
const SERVICE = "gcp:projects/service:Service";
const NETWORK = "gcp:compute/network:Network";
const SUBNET = "gcp:compute/subnetwork:Subnetwork";
const KEY = "gcp:kms/cryptoKey:CryptoKey";
const GRANT = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember";
const BUCKET = "gcp:storage/bucket:Bucket";
const DATABASE = "gcp:sql/databaseInstance:DatabaseInstance";
const CACHE = "gcp:memorystore/instance:Instance";
const POLICY = "gcp:networkconnectivity/serviceConnectionPolicy:ServiceConnectionPolicy";
const CLUSTER = "gcp:container/cluster:Cluster";
const POOL = "gcp:container/nodePool:NodePool";
const ACCOUNT = "gcp:serviceaccount/account:Account";
const MEMBER = "gcp:projects/iAMMember:IAMMember";

describe("engine: the stand-in for Google Cloud", () => {
  let directory: string;
  let cloud: CloudStandIn;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloud-"));
    cloud = open(0.01);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function open(minuteMs: number): CloudStandIn {
    const crash = () => {
      throw new Error("crash");
    };
    const standIn = new CloudStandIn("gcp", gcp, { store: new Store(directory), minuteMs, crash });
    standIn.configure({ project: "acme-agents", region: REGION });
    return standIn;
  }

  const subject = (type: string, name: string) => ({ urn: `urn:pulumi:s::p::${type}::${name}`, type, name });

  async function make(type: string, name: string, given: Props, by = cloud): Promise<Made> {
    const { inputs, failures } = await by.check(subject(type, name), {}, given);
    assert.deepEqual(failures, []);
    return { ...subject(type, name), inputs, ...(await by.create(subject(type, name), inputs, UP)) };
  }

  /** APIs that somebody turned on long ago. */
  function on(...apis: readonly string[]): void {
    for (const api of apis) {
      const service = `${api}.googleapis.com`;
      disk.plant(directory, SERVICE, `acme-agents/${service}`, { project: "acme-agents", service });
    }
  }

  const network = async () => {
    on("compute");
    return make(NETWORK, "net", {});
  };
  const key = async (location = REGION) => {
    on("cloudkms");
    const ring = await make("gcp:kms/keyRing:KeyRing", "ring", { location });
    return make(KEY, "key", { keyRing: ring.id });
  };
  const grant = (cryptoKeyId: string, agent: string) =>
    make(GRANT, "grant", {
      cryptoKeyId,
      role: "r",
      member: `serviceAccount:service-123456789012@${agent}.iam.gserviceaccount.com`,
    });
  const database = (name: string, more: Props = {}, settings: Props = {}) =>
    make(DATABASE, name, {
      region: REGION,
      deletionProtection: false,
      settings: {
        tier: "db-custom-2-4096",
        edition: "ENTERPRISE",
        backupConfiguration: { enabled: true },
        ...settings,
      },
      ...more,
    });

  it("refuses what needs an API that is off, or was turned on this minute", async () => {
    const slow = open(100);
    await assert.rejects(
      make(NETWORK, "net", {}, slow),
      /^Error: googleapi: Error 403: compute\.googleapis\.com has not been used/,
    );
    await make(SERVICE, "compute", { project: "acme-agents", service: "compute.googleapis.com" }, slow);
    await assert.rejects(make(NETWORK, "net", {}, slow), /, accessNotConfigured$/);
    await sleep(100);
    await make(NETWORK, "net", {}, slow);
  });

  it("leaves APIs on, and key rings where they are", async () => {
    on("cloudkms");
    const service = { project: "acme-agents", service: "dns.googleapis.com", disableOnDestroy: false };
    for (const made of [
      await make(SERVICE, "dns", service),
      await make("gcp:kms/keyRing:KeyRing", "ring", { location: REGION }),
    ])
      await cloud.delete(made, UP);
    assert.deepEqual(
      disk.remainsOf(directory).map(({ kind, name }) => [kind, name]),
      [
        ["leftover", "ring"],
        ["leftover", "dns"],
      ],
    );
    // Turned on again by the next stack.
    await make(SERVICE, "dns", service);
  });

  it("encrypts with a key of the same place, once the service may", async () => {
    on("storage");
    const { id } = await key();
    const bucket = (location: string) => make(BUCKET, "bucket", { location, encryption: { defaultKmsKeyName: id } });
    await assert.rejects(bucket("EUROPE-WEST1"), /Permission denied on Cloud KMS key/);
    await grant(id, "gs-project-accounts");
    await assert.rejects(bucket("US-EAST1"), /is in europe-west1, and what it should encrypt is in us-east1, invalid$/);
    await bucket("EUROPE-WEST1");
  });

  it("lets no two subnets have one range", async () => {
    const { id } = await network();
    const subnet = (name: string, more: Props) =>
      make(SUBNET, name, { network: id, region: REGION, ipCidrRange: "10.0.0.0/20", ...more });
    await subnet("a", { secondaryIpRanges: [{ rangeName: "pods", ipCidrRange: "10.4.0.0/14" }] });
    await assert.rejects(subnet("b", { ipCidrRange: "10.4.0.0/14" }), /Invalid IPCidrRange: 10\.4\.0\.0\/14 conflicts/);
  });

  describe("a database", () => {
    beforeEach(() => on("sqladmin"));

    it("has a tier of its edition, which is the dear one where nothing is said", async () => {
      await assert.rejects(
        database("db", {}, { edition: undefined }),
        /Invalid Tier \(db-custom-2-4096\) for \(ENTERPRISE_PLUS\) Edition/,
      );
      await assert.rejects(
        database("db", {}, { tier: "db-custom-3-4096" }),
        /custom machine type db-custom-3-4096 is not valid/,
      );
      await database("db");
    });

    it("is backed up where it has a standby or copies", async () => {
      await assert.rejects(
        database("db", {}, { availabilityType: "REGIONAL" }),
        /point-in-time recovery must be enabled/,
      );
      const source = await database("db", {}, { backupConfiguration: {} });
      const copy = { masterInstanceName: source.outputs["name"] };
      await assert.rejects(database("copy", copy, { backupConfiguration: {} }), /has no backups\., invalid$/);
    });

    it("takes no flag for the libraries that it loads", async () => {
      const databaseFlags = [{ name: "shared_preload_libraries", value: "pg_stat_statements" }];
      await assert.rejects(
        database("db", {}, { databaseFlags }),
        /Invalid flag for database engine: shared_preload_libraries/,
      );
    });

    it("grows where it is, and is made anew with a smaller disk", async () => {
      const made = await database("db", {}, { diskSize: 20 });
      const sized = (diskSize: number) => ({
        ...made.inputs,
        settings: { ...(made.inputs["settings"] as Props), diskSize },
      });
      assert.deepEqual((await cloud.diff(made, sized(40), [])).replaces, []);
      assert.deepEqual((await cloud.diff(made, sized(10), [])).replaces, ["settings"]);
      assert.deepEqual((await cloud.diff(made, sized(10), ["settings.diskSize"])).changed, []);
    });

    it("goes when both locks are off, after its copies, and keeps its name", async () => {
      const made = await database("db", { name: "db", deletionProtection: true }, { deletionProtectionEnabled: true });
      await assert.rejects(cloud.delete(made, UP), /deletion_protection is set to true/);
      const half = { ...made.inputs, deletionProtection: false };
      await cloud.update(made, half, UP);
      await assert.rejects(cloud.delete(made, UP), /The instance is protected\./);
      const open = { ...half, settings: { ...(made.inputs["settings"] as Props), deletionProtectionEnabled: false } };
      await cloud.update(made, open, UP);
      const copy = await database("copy", { masterInstanceName: "db" }, { backupConfiguration: {} });
      await assert.rejects(cloud.delete(made, UP), /is already being used by/);
      await cloud.delete(copy, UP);
      await cloud.delete(made, UP);
      await assert.rejects(database("db", { name: "db" }), /'.*db' was in use by one that was deleted lately/);
    });
  });

  it("gives a cache an address only where a policy of its network lets it, for as long as it is there", async () => {
    on("memorystore", "networkconnectivity", "serviceconsumermanagement");
    const { id } = await network();
    const cache = (mode: string, nodeType: string) =>
      make(CACHE, "kv", {
        instanceId: "kv-main",
        location: REGION,
        mode,
        nodeType,
        shardCount: 1,
        desiredAutoCreatedEndpoints: [{ network: id, projectId: "acme-agents" }],
        deletionProtectionEnabled: false,
      });
    await assert.rejects(cache("CLUSTER_DISABLED", "CUSTOM_PICO"), /No service connection policy for network/);
    const policy = await make(POLICY, "caches", { network: id, location: REGION, serviceClass: "gcp-memorystore" });
    await assert.rejects(cache("CLUSTER", "CUSTOM_PICO"), /Node type CUSTOM_PICO needs Cluster Mode Disabled/);
    const made = await cache("CLUSTER_DISABLED", "CUSTOM_PICO");
    await assert.rejects(cloud.delete(policy, UP), /is in use by .*kv-main, failedPrecondition$/);
    await cloud.delete(made, UP);
    await cloud.delete(policy, UP);
  });

  describe("a cluster", () => {
    const net = "projects/acme-agents/global/networks/net";
    const nodes = () => {
      on("container", "compute", "iam");
      disk.plant(directory, NETWORK, net, { name: "net" });
      return make(ACCOUNT, "nodes", { accountId: "agents-nodes" });
    };
    const mayRun = ({ outputs }: Made) =>
      make(MEMBER, "nodes", {
        project: "acme-agents",
        role: "roles/container.defaultNodeServiceAccount",
        member: outputs["member"],
      });
    const cluster = ({ outputs }: Made, more: Props = {}) =>
      make(CLUSTER, "c", {
        name: "c",
        location: REGION,
        network: net,
        workloadIdentityConfig: { workloadPool: "acme-agents.svc.id.goog" },
        nodeConfig: { serviceAccount: outputs["email"] },
        ...more,
      });

    it("has nodes that may be nodes, from its first pool on", async () => {
      const account = await nodes();
      await assert.rejects(cluster(account), /only 0 nodes out of 1 have registered; no roles\/container\.default/);
      await mayRun(account);
      const { outputs } = await cluster(account, { deletionProtection: false });
      const pool = (machineType: string, diskType: string) =>
        make(POOL, "p", {
          cluster: outputs["name"],
          location: REGION,
          nodeConfig: { machineType, diskType, serviceAccount: account.outputs["email"] },
        });
      await assert.rejects(
        pool("c4a-standard-4", "pd-balanced"),
        /pd-balanced disk type cannot be used by c4a-standard-4/,
      );
      await pool("c4a-standard-4", "hyperdisk-balanced");
    });

    it("does not go while it is locked, which it is where nothing is said", async () => {
      const account = await nodes();
      await mayRun(account);
      const made = await cluster(account);
      await assert.rejects(cloud.delete(made, UP), /Cannot destroy cluster because deletion_protection is set to true/);
    });

    it("brings the identities of pods: nobody is let in before", async () => {
      const account = await nodes();
      await mayRun(account);
      const member =
        "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/acme-agents.svc.id.goog/subject/ns/a/sa/b";
      const grant = () => make(MEMBER, "pods", { project: "acme-agents", role: "r", member });
      await assert.rejects(grant(), /Identity Pool does not exist \(acme-agents\.svc\.id\.goog\)/);
      await cluster(account);
      await grant();
    });
  });
});
