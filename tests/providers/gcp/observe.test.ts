import assert from "node:assert/strict";
import type { Tree } from "../../../config/walk.js";
import { clusterPlace } from "../../../providers/gcp/cluster-place.js";
import { GcpObserve } from "../../../providers/gcp/observe.js";
import { inventory, isKnown, only, type Stubs, valueOf } from "../../support/deploy.js";
import { unknownToPlugin } from "../../support/fluent-bit.js";
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

const unwatched = { monitoring: { mode: "none" } };
const rowsOf = (noun: string): [type: string, name: string][] => [
  [BUCKET, `agents-${noun}`],
  [SINK, `agents-${noun}`],
  ["random:index/randomId:RandomId", `agents-${noun}`],
];
const sorted = (rows: [type: string, name: string][]) => rows.sort((a, b) => (a.join() < b.join() ? -1 : 1));
const ofCluster = sorted([[OBSERVE, "agents"], ...rowsOf("logs")]);
const made = sorted([[OBSERVE, "agents"], ...rowsOf("logs"), ...rowsOf("pods")]);

const here = 'resource.labels.cluster_name="agents-development" AND resource.labels.location="europe-west1"';

describe("providers/gcp/observe", () => {
  it("keeps the cluster's logs as long as its settings say, and what pods say as long as those of logs say", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(inventory(resources), made);
    const bucket = { project: "acme-agents", location: "europe-west1" };
    assert.deepEqual(only(resources, BUCKET, "agents-logs").inputs, {
      ...bucket,
      bucketId: "agents-logs-0a1b2c3d",
      description: "Logs of the cluster of agents-development",
      retentionDays: 7,
    });
    assert.deepEqual(only(resources, BUCKET, "agents-pods").inputs, {
      ...bucket,
      bucketId: "agents-pods-0a1b2c3d",
      description: "Logs of the pods of agents-development",
      retentionDays: 30,
    });
    const { resources: longer } = await observeOf({
      cluster: { logRetentionDays: 365 },
      monitoring: { logs: { retention: 90 } },
    });
    assert.equal(only(longer, BUCKET, "agents-logs").inputs["retentionDays"], 365);
    assert.equal(only(longer, BUCKET, "agents-pods").inputs["retentionDays"], 90);
  });

  it("takes the logs of this cluster and of no other, and each line once", async () => {
    const { resources } = await observeOf();
    assert.deepEqual(only(resources, SINK, "agents-logs").inputs, {
      project: "acme-agents",
      description: "Logs of the cluster of agents-development",
      destination: "logging.googleapis.com/agents-logs-id",
      filter: `${here} AND NOT log_id("agents-development")`,
      uniqueWriterIdentity: true,
    });
    assert.deepEqual(only(resources, SINK, "agents-pods").inputs, {
      project: "acme-agents",
      description: "Logs of the pods of agents-development",
      destination: "logging.googleapis.com/agents-pods-id",
      filter: `${here} AND log_id("agents-development")`,
      uniqueWriterIdentity: true,
    });
  });

  it("where nobody watches, or lines go elsewhere, all that GKE takes is in one bucket", async () => {
    for (const said of [
      unwatched,
      { monitoring: { logs: { to: "openSearch" } } },
      { monitoring: { logs: { to: "none" } } },
    ]) {
      const { resources, result } = await observeOf(said);
      assert.deepEqual(inventory(resources), ofCluster);
      assert.equal(only(resources, SINK).inputs["filter"], here);
      assert.equal(result.logOutput, undefined);
      assert.equal(await valueOf(result.logs), "agents-logs-id");
    }
  });

  it("tells Fluent Bit whose container a line is of, and which fields Cloud Logging has names for", async () => {
    const { result } = await observeOf();
    assert.ok(result.logOutput !== undefined);
    const { section, identity, ...rest } = result.logOutput;
    assert.deepEqual(unknownToPlugin("outputs", section), []);
    assert.deepEqual(await valueOf(section), {
      name: "stackdriver",
      export_to_project_id: "acme-agents",
      resource: "k8s_container",
      k8s_cluster_name: "agents-development",
      k8s_cluster_location: "europe-west1",
      resource_labels:
        "cluster_name=agents-development,location=europe-west1,namespace_name=$namespace,pod_name=$pod,container_name=$container",
      log_name_key: "stack",
      severity_key: "level",
      trace_key: "traceId",
      span_id_key: "spanId",
      autoformat_stackdriver_trace: "on",
    });
    assert.equal(await valueOf(identity), "agents-pods-id");
    assert.deepEqual(rest, {
      tokens: undefined,
      collected: { namespaces: ["kube-system", "gke-*", "gmp-*"], events: true },
    });
  });

  it("logs of a cluster that exists stay for 30 days", async () => {
    const { resources } = await observeOf({ ...unwatched, cluster: { mode: "existing", id: "theirs" } });
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

  it("says the id of the bucket with what pods say", async () => {
    assert.equal(await valueOf((await observeOf()).result.logs), "agents-pods-id");
  });

  it("a preview shows the same buckets", async () => {
    const { resources, result } = await observeOf({}, { preview: true });
    assert.deepEqual(inventory(resources), made);
    assert.equal(await isKnown(result.logs), false);
  });
});
