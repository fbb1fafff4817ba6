import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { clusterPlace } from "../../../providers/gcp/cluster-place.js";
import { GcpObserve } from "../../../providers/gcp/observe.js";
import { inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { gcpStack } from "../../support/settings.js";
import { deployGcpComputePart } from "../../support/stubs/gcp-compute.js";

const OBSERVE = "agent-platform:gcp:Observe";
const BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig";
const SINK = "gcp:logging/projectSink:ProjectSink";

const observeOf = (said: Tree = {}, stubs: Stubs = {}) =>
  deployGcpComputePart(
    OBSERVE,
    { ...gcpStack, ...said },
    ({ stack, ground, opts }) => new GcpObserve("agents", { stack, ground }, opts),
    stubs,
  );

const made: [type: string, name: string][] = [
  [OBSERVE, "agents"],
  [BUCKET, "agents-logs"],
  [SINK, "agents-logs"],
  ["random:index/randomId:RandomId", "agents-logs"],
];

describe("providers/gcp/observe", () => {
  it("keeps the cluster's logs as long as its settings say", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(inventory(resources), made);
    assert.deepEqual(only(resources, BUCKET).inputs, {
      bucketId: "agents-logs-0a1b2c3d",
      project: "acme-agents",
      location: "europe-west1",
      description: "Logs of the cluster of agents-development",
      retentionDays: 7,
    });
    const { resources: longer } = await observeOf({ cluster: { logRetentionDays: 365 } });
    assert.equal(only(longer, BUCKET).inputs["retentionDays"], 365);
  });

  it("takes the logs of this cluster and of no other", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(only(resources, SINK).inputs, {
      project: "acme-agents",
      description: "Logs of the cluster of agents-development",
      destination: "logging.googleapis.com/agents-logs-id",
      filter: 'resource.labels.cluster_name="agents-development" AND resource.labels.location="europe-west1"',
      uniqueWriterIdentity: true,
    });
  });

  it("logs of a cluster that exists stay for 30 days", async () => {
    const { resources } = await observeOf({ cluster: { mode: "existing", id: "theirs" } });
    assert.equal(only(resources, BUCKET).inputs["retentionDays"], 30);
    assert.equal(
      only(resources, SINK).inputs["filter"],
      'resource.labels.cluster_name="theirs" AND resource.labels.location="europe-west1"',
    );
  });

  it("a cluster may be named alone or by its path", () => {
    assert.deepEqual(clusterPlace("theirs", "europe-west1"), { name: "theirs", location: "europe-west1" });
    assert.deepEqual(clusterPlace("projects/p/locations/europe-west1-b/clusters/theirs", "europe-west1"), {
      name: "theirs",
      location: "europe-west1-b",
    });
  });

  it("says the bucket's id", async () => {
    assert.equal(await valueOf((await observeOf()).result.logs), "agents-logs-id");
  });

  it("a preview shows the same bucket", async () => {
    const { resources, result } = await observeOf({}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.equal(await isKnown(result.logs), false);
  });
});
