import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../../config/settings.js";
import { AzureBucket } from "../../../providers/azure/bucket.js";
import type { AzureGround } from "../../../providers/azure/ground.js";
import { AzureIdentity } from "../../../providers/azure/identity.js";
import type { AzureSecretStore } from "../../../providers/azure/secrets.js";
import type { Bucket, Cluster, Dns, Duty, LogOutput, SecretRef } from "../../../providers/contract.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { azureStack } from "../../support/settings.js";
import {
  armId,
  dataCluster,
  dataNetwork,
  dataStore,
  deployAzurePart,
  GROUP,
  SUBSCRIPTION,
} from "../../support/stubs/azure-data.js";
import { tagsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:azure:Identity";
const IDENTITY = "azure-native:managedidentity:UserAssignedIdentity";
const CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential";
const ROLE = "azure-native:authorization:RoleAssignment";
const NAME = "agents-api";

const READ = "4633458b-17de-408a-b874-0445c86b69e6";
const USE = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
const THEIRS = armId("Microsoft.Storage", "storageAccounts", "theirs", "blobServices/default/containers", "documents");

const ZONE = armId("Microsoft.Network", "dnszones", "example.com");
const zoneOf = (domain: string): Dns => ({
  domain,
  zone: pulumi.output(ZONE),
  nameServers: pulumi.output<string[]>([]),
  solver: {},
  point: () => assert.fail("an identity writes no records itself"),
});

interface Parts {
  readonly stack: Settings;
  readonly ground: AzureGround;
  readonly store: AzureSecretStore;
  readonly opts: pulumi.ComponentResourceOptions;
}
const placeOf = (identity: string): LogOutput => ({
  section: {},
  tokens: undefined,
  identity: pulumi.output(identity),
  collected: { namespaces: [], events: false },
});

interface Touches {
  readonly buckets?: (parts: Parts) => Readonly<Record<string, Bucket>>;
  readonly secrets?: (parts: Parts) => readonly SecretRef[];
  readonly cluster?: (cluster: Cluster) => Cluster;
  readonly zones?: readonly Dns[];
  readonly duties?: readonly Duty[];
  readonly logs?: LogOutput;
}

const bucketOf = (key: string, { stack, ground, store, opts }: Parts): AzureBucket =>
  new AzureBucket(
    `agents-bucket-${key}`,
    { key, settings: { mode: "existing", id: THEIRS }, network: dataNetwork(), secrets: store, stack, ground },
    opts,
  );

const identityOf = (touches: Touches = {}, stubs: Stubs = {}) =>
  deployAzurePart(
    COMPONENT,
    azureStack,
    ({ stack, ground, opts }) => {
      const cluster = dataCluster();
      const store = dataStore(stack, ground, opts, cluster);
      const parts = { stack, ground, store, opts };
      const args = {
        stack,
        ground,
        cluster: touches.cluster?.(cluster) ?? cluster,
        namespace: "agents",
        serviceAccount: "api",
        buckets: touches.buckets?.(parts) ?? {},
        secrets: touches.secrets?.(parts) ?? [],
        store,
        ...(touches.zones === undefined ? {} : { zones: touches.zones }),
        ...(touches.duties === undefined ? {} : { duties: touches.duties }),
        logs: touches.logs,
      };
      return new AzureIdentity(NAME, args, opts);
    },
    stubs,
  );

const everything: Touches = {
  buckets: (parts) => ({ documents: bucketOf("documents", parts) }),
  secrets: ({ store }) => [store.put("agents-api-db-main", { password: "x" }, {}), store.existing("team-openai")],
};

const base: Rows = [
  [COMPONENT, NAME],
  [IDENTITY, NAME],
  [CREDENTIAL, NAME],
];
const role = (name: string): Rows => [
  [ROLE, `${NAME}-${name}`],
  ["random:index/randomUuid:RandomUuid", `${NAME}-${name}`],
];
const made: Rows = [
  ...base,
  ...role("bucket-documents"),
  ...role("secret-agents-api-db-main"),
  ...role("secret-team-openai"),
];

describe("providers/azure/identity", () => {
  it("makes an identity that may do nothing where it is given nothing", async () => {
    assert.deepEqual(inventory((await identityOf()).resources), sorted(base));
  });

  it("makes a permission for each thing that it is given", async () => {
    assert.deepEqual(inventory((await identityOf(everything)).resources), sorted(made));
  });

  it("trusts only the pods of one service account of one cluster", async () => {
    const { resources } = await identityOf();
    assert.deepEqual(only(resources, IDENTITY).inputs, {
      location: "northeurope",
      resourceGroupName: GROUP,
      tags: tagsOf(NAME),
    });
    assert.deepEqual(only(resources, CREDENTIAL).inputs, {
      audiences: ["api://AzureADTokenExchange"],
      issuer: "https://northeurope.oic.prod-aks.azure.com/tenant/cluster/",
      resourceGroupName: GROUP,
      resourceName: `${NAME}1a2b3c4d`,
      subject: "system:serviceaccount:agents:api",
    });
  });

  it("lets pods use exactly their buckets and read exactly their secrets", async () => {
    const { resources } = await identityOf(everything);
    const definition = (id: string) =>
      `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
    const roles = all(resources, ROLE).map(({ name, inputs }) => ({ name, ...inputs }));
    const one = (thing: string, scope: string, id: string) => ({
      name: `${NAME}-${thing}`,
      principalId: `principal of ${NAME}`,
      principalType: "ServicePrincipal",
      roleAssignmentName: `uuid of ${NAME}-${thing}`,
      roleDefinitionId: definition(id),
      scope,
    });
    assert.deepEqual(
      roles.sort((a, b) => (a.name < b.name ? -1 : 1)),
      [
        one("bucket-documents", THEIRS, USE),
        one("secret-agents-api-db-main", "agents-id/secrets/agents-api-db-main-0a1b2c3d", READ),
        one("secret-team-openai", "agents-id/secrets/team-openai", READ),
      ],
    );
  });

  it("lets pods write exactly their zones", async () => {
    const { resources } = await identityOf({ zones: [zoneOf("agents.example.com")] });
    assert.deepEqual(inventory(resources), sorted([...base, ...role("zone-agents.example.com")]));
    const { scope, roleDefinitionId } = only(resources, ROLE).inputs;
    assert.equal(scope, ZONE);
    // DNS Zone Contributor.
    assert.match(String(roleDefinitionId), /\/roleDefinitions\/befefa01-2a29-4197-83a8-272ff33ce314$/);
  });

  it("lets pods write lines by their rule, and read none", async () => {
    const { resources } = await identityOf({ logs: placeOf("the-rule") });
    assert.deepEqual(inventory(resources), sorted([...base, ...role("logs")]));
    const { scope, roleDefinitionId } = only(resources, ROLE).inputs;
    assert.equal(scope, "the-rule");
    // Monitoring Metrics Publisher.
    assert.match(String(roleDefinitionId), /\/roleDefinitions\/3913510d-42f4-4e42-8a64-420c390055eb$/);
  });

  it("lets pods read measurements of the stack's group and of its machines'", async () => {
    const { resources } = await identityOf({ duties: ["read metrics"] });
    assert.deepEqual(inventory(resources), sorted([...base, ...role("metrics"), ...role("balancer-metrics")]));
    const given = all(resources, ROLE).map(({ inputs: { scope, roleDefinitionId } }) => [scope, roleDefinitionId]);
    const reader = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/43d0d8ad-25c7-4714-9337-8ba259a9fe05`;
    assert.deepEqual(given.sort(), [
      [`/subscriptions/${SUBSCRIPTION}/resourceGroups/MC_agents`, reader],
      [`/subscriptions/${SUBSCRIPTION}/resourceGroups/${GROUP}`, reader],
    ]);
  });

  it("refuses a duty, which no pod has there", async () => {
    await assert.rejects(identityOf({ duties: ["make load balancers"] }), {
      message:
        "azure: a pod is to make load balancers, which no pod does there; expected none where `cluster.provides` says true",
    });
  });

  it("gives one permission on what is given twice", async () => {
    const { resources } = await identityOf({
      secrets: ({ store }) => [store.existing("team-s3"), store.existing("team-s3")],
    });
    assert.deepEqual(inventory(resources), sorted([...base, ...role("secret-team-s3")]));
  });

  it("gives no permission on a bucket that is opened with keys from the store", async () => {
    const { resources } = await identityOf({
      buckets: ({ store, ...parts }) => ({
        s3: { ...bucketOf("s3", { store, ...parts }), access: store.existing("team-s3") },
      }),
    });
    assert.deepEqual(inventory(resources), sorted(base));
  });

  it("tells the account and its pods whose they are", async () => {
    const { result } = await identityOf();
    assert.equal(await valueOf(result.principal), `client of ${NAME}`);
    const annotation = result.serviceAccountAnnotations["azure.workload.identity/client-id"];
    assert(annotation);
    assert.equal(await valueOf(annotation), `client of ${NAME}`);
    assert.deepEqual(result.podLabels, { "azure.workload.identity/use": "true" });
  });

  it("needs a cluster that vouches for its pods", async () => {
    const cluster = ({ name, provider, kubeconfig, puller, ...rest }: Cluster): Cluster => ({
      name,
      provider,
      kubeconfig,
      puller,
      storageClasses: rest.storageClasses,
      provides: rest.provides,
      credentialEndpoint: rest.credentialEndpoint,
      ready: rest.ready,
      deletedWith: rest.deletedWith,
    });
    await assert.rejects(
      identityOf({ cluster }),
      /azure: an identity needs a cluster of Azure, which vouches for its pods/,
    );
  });

  it("shows every resource in a preview", async () => {
    assert.deepEqual(inventory((await identityOf(everything, { preview: true })).resources), sorted(made));
  });
});
