import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { GcpRegistry } from "../../../providers/gcp/registry.js";
import { all, inventory, only, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";
import { gcpProduction, gcpStack } from "../../support/settings.js";
import { dataCluster, dataNetwork, deployGcpPart, keyRows } from "../../support/stubs/gcp-data.js";
import { labelsOf } from "../../support/tags.js";

const COMPONENT = "agent-platform:gcp:Registry";
const REPOSITORY = "gcp:artifactregistry/repository:Repository";
const READER = "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember";
const NAME = "agents";

const registryOf = (said: Tree = gcpStack, services: readonly string[] = ["api", "worker"], stubs: Stubs = {}) =>
  deployGcpPart(
    COMPONENT,
    said,
    ({ stack, ground, opts }) => {
      const args = { settings: stack.registry, services, network: dataNetwork(), cluster: dataCluster() };
      return new GcpRegistry(NAME, { ...args, stack, ground }, opts);
    },
    stubs,
  );

const made: Rows = [
  [COMPONENT, NAME],
  ...keyRows(`${NAME}-images`),
  [REPOSITORY, `${NAME}-api`],
  [REPOSITORY, `${NAME}-worker`],
  [READER, `${NAME}-api`],
  [READER, `${NAME}-worker`],
];

describe("providers/gcp/registry", () => {
  it("makes a repository for each service, with one key", async () => {
    assert.deepEqual(inventory((await registryOf()).resources), sorted(made));
  });

  it("makes nothing where there are no services", async () => {
    const { resources, result } = await registryOf(gcpStack, []);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.equal(await valueOf(result.url), "");
  });

  it("encrypts images with a key of their own, and keeps the newest", async () => {
    const { resources } = await registryOf();
    const { inputs, protect } = only(resources, REPOSITORY, `${NAME}-api`);
    assert.equal(protect, false);
    assert.deepEqual(inputs, {
      cleanupPolicies: [
        { id: "newest-images", action: "KEEP", mostRecentVersions: { keepCount: 20 } },
        { id: "all-others", action: "DELETE", condition: { tagState: "ANY" } },
      ],
      cleanupPolicyDryRun: false,
      description: "Images of api in agents-development",
      format: "DOCKER",
      kmsKeyName: `${NAME}-images-id`,
      labels: labelsOf(`${NAME}-api`),
      location: "europe-west1",
      mode: "STANDARD_REPOSITORY",
      project: "acme-agents",
      repositoryId: "agents-development-api",
    });
    const grant = only(resources, "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember");
    assert.equal(grant.inputs["member"], "serviceAccount:agent of artifactregistry.googleapis.com");
  });

  it("lets the cluster's nodes read images, and nobody else", async () => {
    const { resources } = await registryOf();
    assert.deepEqual(only(resources, READER, `${NAME}-api`).inputs, {
      location: "europe-west1",
      member: "serviceAccount:nodes@acme-agents.iam.gserviceaccount.com",
      project: "acme-agents",
      repository: "agents-development-api",
      role: "roles/artifactregistry.reader",
    });
  });

  it("leaves the nodes of a cluster that exists to its owner", async () => {
    const { resources } = await registryOf({ ...gcpStack, cluster: { mode: "existing", id: "theirs" } });
    assert.deepEqual(all(resources, READER), []);
  });

  it("does not delete the images of a production stack", async () => {
    const { resources } = await registryOf(gcpProduction);
    assert.deepEqual(
      all(resources, REPOSITORY).map(({ protect }) => protect),
      [true, true],
    );
  });

  it("says where the images of a service are", async () => {
    const { result } = await registryOf();
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.repository("api"))],
      ["europe-west1-docker.pkg.dev/acme-agents", "europe-west1-docker.pkg.dev/acme-agents/agents-development-api/api"],
    );
  });

  it("takes a registry that exists as it is", async () => {
    const said = { ...gcpStack, registry: { mode: "existing", url: "registry.example.com/team" } };
    const { resources, result } = await registryOf(said);
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual(
      [await valueOf(result.url), await valueOf(result.repository("api"))],
      ["registry.example.com/team", "registry.example.com/team/api"],
    );
  });

  it("names images alone where there is no registry", async () => {
    const { resources, result } = await registryOf({ ...gcpStack, registry: { mode: "none" } });
    assert.deepEqual(inventory(resources), [[COMPONENT, NAME]]);
    assert.deepEqual([await valueOf(result.url), await valueOf(result.repository("api"))], ["", "api"]);
  });

  it("fails where a service is none of the stack's", async () => {
    const { result } = await registryOf();
    assert.throws(
      () => result.repository("ghost"),
      new Error("gcp: the registry was made without a repository for ghost"),
    );
  });

  it("shows every resource in a preview", async () => {
    const { resources } = await registryOf(gcpStack, ["api", "worker"], { preview: true });
    assert.deepEqual(inventory(resources), sorted(made));
  });
});
