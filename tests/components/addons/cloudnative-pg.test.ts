import assert from "node:assert/strict";
import { CloudNativePg } from "../../../components/addons/cloudnative-pg.js";
import type { Tree } from "../../../config/walk.js";
import { deploy, inventory, only, type Stubs } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { settingsOf } from "../../support/settings.js";

const RELEASE = "kubernetes:helm.sh/v3:Release";

const run = (said: Tree = {}, stubs: Stubs = {}, own = false) =>
  deploy(() => {
    const stack = settingsOf({ cloud: "local", ...said });
    const { cluster, parent } = ground(stack);
    new CloudNativePg("pg", { stack, cluster: own ? madeCluster(parent) : cluster }, { parent });
  }, stubs);

const made = [
  ["agent-platform:addons:CloudNativePg", "pg"],
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  ["kubernetes:core/v1:Namespace", "agents-development-secrets"],
  ["kubernetes:core/v1:Namespace", "cnpg-system"],
  [RELEASE, "pg"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["test:index:Platform", "platform"],
];

describe("the CloudNativePG operator", () => {
  it("is one release in a namespace of its own", async () => {
    assert.deepEqual(inventory((await run()).resources), made);
  });

  it("shows the same resources in a preview", async () => {
    assert.deepEqual(inventory((await run({}, { preview: true })).resources), made);
  });

  it("is pinned, waits until it is ready and leaves nothing half done", async () => {
    const { resources } = await run();
    assert.deepEqual(only(resources, RELEASE).inputs, {
      name: "cloudnative-pg",
      chart: "cloudnative-pg",
      repositoryOpts: { repo: "https://cloudnative-pg.github.io/charts" },
      version: "0.29.1",
      namespace: "cnpg-system",
      compat: "true",
      atomic: true,
      cleanupOnFail: true,
      skipAwait: false,
      timeout: 600,
      maxHistory: 5,
      values: {
        replicaCount: 1,
        image: { repository: "ghcr.io/cloudnative-pg/cloudnative-pg", tag: "1.30.1", pullPolicy: "IfNotPresent" },
        crds: { create: true },
        resources: {
          requests: { cpu: "100m", memory: "256Mi", "ephemeral-storage": "128Mi" },
          limits: { memory: "256Mi", "ephemeral-storage": "128Mi" },
        },
      },
    });
    assert.deepEqual(only(resources, RELEASE).customTimeouts, { create: "15m", update: "15m", delete: "15m" });
  });

  it("runs in a namespace of the restricted standard", async () => {
    const { metadata } = only((await run()).resources, "kubernetes:core/v1:Namespace", "cnpg-system").inputs as {
      metadata: { labels: Record<string, string> };
    };
    assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("has a second replica in production", async () => {
    const production = only((await run({ environment: "production" })).resources, RELEASE);
    assert.equal((production.inputs["values"] as { replicaCount: number }).replicaCount, 2);
  });

  it("comes from the mirrors, chart and image", async () => {
    const mirror = { charts: "oci://registry.example.com/charts", images: "registry.example.com" };
    const { inputs } = only((await run({ mirror })).resources, RELEASE);
    assert.equal(inputs["chart"], "oci://registry.example.com/charts/cloudnative-pg");
    assert.equal(inputs["repositoryOpts"], undefined);
    assert.equal(
      (inputs["values"] as { image: { repository: string } }).image.repository,
      "registry.example.com/ghcr.io/cloudnative-pg/cloudnative-pg",
    );
  });

  it("waits for the cluster's nodes and goes with the cluster", async () => {
    const { resources } = await run({}, {}, true);
    const cluster = only(resources, "random:index/randomId:RandomId", "made-cluster").urn;
    const release = only(resources, RELEASE);
    assert.ok(release.dependsOn.includes(cluster));
    assert.equal(release.deletedWith, cluster);
    assert.match(release.provider ?? "", /::made-kubernetes$/);
  });
});
