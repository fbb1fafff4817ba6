import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { Tree } from "../../../config/walk.js";
import type { Cluster, Dns, Duty, LogOutput, SecretRef, SecretStore } from "../../../providers/contract.js";
import { GcpBucket } from "../../../providers/gcp/bucket.js";
import { GcpIdentity } from "../../../providers/gcp/identity.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpStack } from "../../support/settings.js";
import { dataCluster, dataNetwork, dataStore, deployGcpPart } from "../../support/stubs/gcp-data.js";

const COMPONENT = "agent-platform:gcp:Identity";
const USES = "gcp:storage/bucketIAMMember:BucketIAMMember";
const READS = "gcp:secretmanager/secretIamMember:SecretIamMember";
const WRITES = "gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember";
const NAME = "agents-api";
const PRINCIPAL =
  "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/" +
  "acme-agents.svc.id.goog/subject/ns/agents-development/sa/api";

const petProvider = () => new random.Provider("pets");

const zoneOf = (domain: string): Dns => ({
  domain,
  zone: pulumi.output("theirs"),
  nameServers: pulumi.output<string[]>([]),
  solver: {},
  point: () => assert.fail("an identity writes no records itself"),
});

const placeOf = (identity: string): LogOutput => ({
  section: {},
  tokens: undefined,
  identity: pulumi.output(identity),
  collected: { namespaces: [], events: false },
});

interface Touches {
  /** Keys of the stack's buckets. */
  readonly buckets?: readonly string[];
  readonly secrets?: (store: SecretStore) => readonly SecretRef[];
  readonly cluster?: () => Cluster;
  readonly zones?: readonly Dns[];
  readonly duties?: readonly Duty[];
  readonly logs?: LogOutput;
}

const existing = { mode: "existing", id: "theirs" };
const s3 = { ...existing, endpoint: "https://s3.example.com", credentialsSecret: "team-s3" };
const said: Tree = { ...gcpStack, buckets: { docs: {}, theirs: existing, s3 } };

const identityOf = (touches: Touches = {}, stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const cluster = touches.cluster?.() ?? dataCluster();
      const store = dataStore(stack, ground, opts, cluster);
      const bucketOf = (key: string) => {
        const settings = stack.buckets[key];
        if (settings === undefined) throw new Error(`the stack has no bucket ${key}`);
        return new GcpBucket(key, { key, settings, network: dataNetwork(), secrets: store, stack, ground }, opts);
      };
      const args = {
        stack,
        ground,
        cluster,
        namespace: "agents-development",
        serviceAccount: "api",
        buckets: Object.fromEntries((touches.buckets ?? []).map((key) => [key, bucketOf(key)])),
        secrets: touches.secrets?.(store) ?? [],
        store,
        ...(touches.zones === undefined ? {} : { zones: touches.zones }),
        ...(touches.duties === undefined ? {} : { duties: touches.duties }),
        logs: touches.logs,
      };
      return new GcpIdentity(NAME, args, opts);
    },
    stubs,
  );

const everything: Touches = {
  buckets: ["docs", "theirs"],
  secrets: (store) => [store.put("agents-api", { password: "x" }, {}), store.existing("team-openai")],
};
const made: Rows = [
  [COMPONENT, NAME],
  [USES, `${NAME}-uses-docs`],
  [USES, `${NAME}-uses-theirs`],
  [READS, `${NAME}-reads-agents-api`],
  [READS, `${NAME}-reads-team-openai`],
];

describe("providers/gcp/identity", () => {
  it("makes nothing where it is given nothing", async () => {
    assert.deepEqual(inventory((await identityOf()).resources), [[COMPONENT, NAME]]);
  });

  it("makes a grant for each thing that it is given", async () => {
    assert.deepEqual(inventory((await identityOf(everything)).resources), sorted(made));
  });

  it("is the pods of one service account in one namespace, with no key and no account in between", async () => {
    const { result } = await identityOf();
    assert.equal(await valueOf(result.principal), PRINCIPAL);
    assert.deepEqual([result.serviceAccountAnnotations, result.podLabels], [{}, {}]);
  });

  it("lets pods use exactly their buckets and their secrets", async () => {
    const { resources } = await identityOf(everything);
    assert.deepEqual(
      Object.fromEntries([...all(resources, USES), ...all(resources, READS)].map(({ name, inputs }) => [name, inputs])),
      {
        [`${NAME}-uses-docs`]: { bucket: "docs-1a2b3c4", role: "roles/storage.objectUser", member: PRINCIPAL },
        [`${NAME}-uses-theirs`]: { bucket: "theirs", role: "roles/storage.objectUser", member: PRINCIPAL },
        [`${NAME}-reads-agents-api`]: {
          secretId: "agents-api-id",
          role: "roles/secretmanager.secretAccessor",
          member: PRINCIPAL,
        },
        [`${NAME}-reads-team-openai`]: {
          secretId: "projects/acme-agents/secrets/team-openai",
          role: "roles/secretmanager.secretAccessor",
          member: PRINCIPAL,
        },
      },
    );
  });

  it("lets pods write exactly their zones", async () => {
    const { resources } = await identityOf({ zones: [zoneOf("agents.example.com")] });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [WRITES, `${NAME}-writes-agents.example.com`],
    ]);
    assert.deepEqual(only(resources, WRITES).inputs, {
      project: "acme-agents",
      managedZone: "theirs",
      role: "roles/dns.admin",
      member: PRINCIPAL,
    });
  });

  it("lets pods write lines of logs, and read none", async () => {
    const { resources } = await identityOf({ logs: placeOf("a-bucket") });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      ["gcp:projects/iAMMember:IAMMember", `${NAME}-writes-logs`],
    ]);
    assert.deepEqual(only(resources, "gcp:projects/iAMMember:IAMMember").inputs, {
      project: "acme-agents",
      role: "roles/logging.logWriter",
      member: PRINCIPAL,
    });
  });

  it("lets pods read measurements, and nothing else of the project", async () => {
    const { resources } = await identityOf({ duties: ["read metrics"] });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      ["gcp:projects/iAMMember:IAMMember", `${NAME}-reads-metrics`],
    ]);
    assert.deepEqual(only(resources, "gcp:projects/iAMMember:IAMMember").inputs, {
      project: "acme-agents",
      role: "roles/monitoring.viewer",
      member: PRINCIPAL,
    });
  });

  it("refuses a duty, which no pod has there", async () => {
    await assert.rejects(identityOf({ duties: ["scale nodes", "make load balancers"] }), {
      message:
        "gcp: a pod is to scale nodes and make load balancers, which no pod does there; expected none where `cluster.provides` says true",
    });
  });

  it("names grants by what they open, so that a longer list moves none", async () => {
    const name = async (buckets: readonly string[]) =>
      all((await identityOf({ buckets })).resources, USES).find(({ inputs }) => inputs["bucket"] === "docs-1a2b3c4")
        ?.name;
    assert.deepEqual(
      [await name(["docs"]), await name(["theirs", "docs"])],
      [`${NAME}-uses-docs`, `${NAME}-uses-docs`],
    );
  });

  it("grants an entry once that several parts name", async () => {
    const { resources } = await identityOf({ secrets: (store) => [store.existing("team"), store.existing("team")] });
    assert.deepEqual(
      all(resources, READS).map(({ name }) => name),
      [`${NAME}-reads-team`],
    );
  });

  it("gives no permission on a bucket that is opened with keys from the store", async () => {
    assert.deepEqual(inventory((await identityOf({ buckets: ["s3"] })).resources), [[COMPONENT, NAME]]);
  });

  it("lets pods read exactly the entries that another stack's outputs name", async () => {
    const theirs = (project: string, key: string): SecretRef => ({
      store: pulumi.output(project),
      key: pulumi.output(key),
      identity: pulumi.output(`projects/${project}/secrets/${key}-1`),
      label: `agents-${key}`,
      version: pulumi.output(""),
    });
    const { resources } = await identityOf({ secrets: () => [theirs("acme-a", "kv"), theirs("acme-b", "db")] });
    assert.deepEqual(inventory(resources), [
      [COMPONENT, NAME],
      [READS, `${NAME}-reads-agents-db`],
      [READS, `${NAME}-reads-agents-kv`],
    ]);
    const role = "roles/secretmanager.secretAccessor";
    assert.deepEqual(
      all(resources, READS).map(({ inputs }) => inputs),
      [
        { secretId: "projects/acme-a/secrets/kv-1", role, member: PRINCIPAL },
        { secretId: "projects/acme-b/secrets/db-1", role, member: PRINCIPAL },
      ],
    );
  });

  it("waits for the cluster, without which there are no identities", async () => {
    const { resources } = await identityOf({
      buckets: ["docs"],
      cluster: () => ({ ...dataCluster(), name: new random.RandomPet("cluster", {}, { provider: petProvider() }).id }),
    });
    const waits = only(resources, USES).propertyDependencies["member"];
    assert(waits?.some((urn) => urn.endsWith("::cluster")));
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await identityOf(everything, { preview: true })).resources), sorted(made));
  });
});
