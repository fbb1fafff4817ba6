import assert from "node:assert/strict";
import { archiveEntries, archiveReaches, createArchive } from "../../../components/monitoring/archive.js";
import { renderConfig } from "../../../components/monitoring/archive-config.js";
import { createPrometheus } from "../../../components/monitoring/prometheus.js";
import type { Bucket } from "../../../providers/contract.js";
import { all, deploy, inventory, only, valueOf } from "../../support/deploy.js";
import { bucketAt, entry, staged } from "../../support/scene.js";
import { awsProduction, awsStack, receivers, settingsOf } from "../../support/settings.js";

const SET = "kubernetes:apps/v1:StatefulSet";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
const SECRET = "kubernetes:core/v1:Secret";
const EXTERNAL = "kubernetes:external-secrets.io/v1:ExternalSecret";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const archive = { bucket: "main", retention: 400 };
const settings = settingsOf({ ...awsStack, monitoring: { archive } });
const careful = settingsOf({ ...awsProduction, monitoring: { receivers, archive } });

const run = (bucket: Bucket, { stack = settings, preview = false } = {}) =>
  deploy(
    () => {
      const { scene, parent, identities } = staged(stack, { buckets: { main: bucket } });
      const made = createArchive("test-archive", scene, parent);
      assert.ok(made !== undefined);
      createPrometheus(
        "test",
        scene,
        { alertmanager: undefined, grafana: undefined, archive: made.values, forwarding: undefined, after: [] },
        parent,
      );
      return { url: made.url, identities, entries: archiveEntries(scene).map(({ label }) => label) };
    },
    { preview },
  );

const where = (url: string, over: Partial<Parameters<typeof renderConfig>[0]> = {}) =>
  JSON.parse(renderConfig({ url, region: "eu-west-1", endpoint: undefined, keys: false, ...over })) as object;

interface Pods {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName?: string;
        readonly securityContext: object;
        readonly containers: readonly [{ readonly args: readonly string[]; readonly securityContext: object }];
      };
    };
  };
}

describe("the archive of measurements", () => {
  it("is a store, a compactor and a query beside Prometheus, in a preview too", async () => {
    for (const preview of [false, true]) {
      const { resources } = await run(bucketAt("s3://objects"), { preview });
      const own = resources.filter(({ name }) => name.startsWith("test-archive") || name.includes("thanos"));
      assert.deepEqual(inventory(own), [
        ["agent-platform:monitoring:Archive", "test-archive"],
        [DEPLOYMENT, "test-archive-query"],
        [SET, "test-archive-compact"],
        [SET, "test-archive-store"],
        ["kubernetes:core/v1:ConfigMap", "test-archive-endpoints"],
        ["kubernetes:core/v1:PersistentVolumeClaim", "data-thanos-compact-0"],
        [SECRET, "test-archive-config"],
        ["kubernetes:core/v1:Service", "test-archive-prometheus-sidecars"],
        ["kubernetes:core/v1:Service", "test-archive-thanos-query"],
        ["kubernetes:core/v1:Service", "test-archive-thanos-store"],
        ["kubernetes:core/v1:ServiceAccount", "test-archive"],
      ]);
    }
  });

  it("uploads as Prometheus' own identity, and opens nothing but its bucket", async () => {
    const { resources, result } = await run(bucketAt("s3://objects"));
    assert.deepEqual(
      Object.entries(result.identities).map(([name, { namespace, serviceAccount, buckets, secrets }]) => [
        name,
        namespace,
        serviceAccount,
        Object.keys(buckets),
        secrets,
      ]),
      [
        ["test-archive-uploads", "agents-development-monitoring", "prometheus", ["main"], []],
        ["test-archive-keeps", "agents-development-monitoring", "thanos", ["main"], []],
      ],
    );
    const values = only(resources, RELEASE).inputs["values"] as {
      prometheus: {
        serviceAccount: { annotations: object };
        prometheusSpec: { podMetadata: object; thanos: { objectStorageConfig: object; image: string } };
      };
    };
    const { metadata } = only(resources, SECRET, "test-archive-config").inputs as { metadata: { name: string } };
    assert.deepEqual(values.prometheus.serviceAccount.annotations, { "example.com/role": "test-archive-uploads" });
    assert.deepEqual(values.prometheus.prometheusSpec.podMetadata, { labels: { "example.com/identity": "yes" } });
    assert.deepEqual(values.prometheus.prometheusSpec.thanos.objectStorageConfig, {
      existingSecret: { name: metadata.name, key: "objstore.yaml" },
    });
    const store = only(resources, SET, "test-archive-store").inputs as unknown as Pods;
    assert.equal(store.spec.template.spec.serviceAccountName, "thanos");
    assert.equal(store.spec.template.metadata.labels["example.com/identity"], "yes");
  });

  it("keeps each resolution for as long as the stack says", async () => {
    const { resources } = await run(bucketAt("s3://objects"));
    const compact = only(resources, SET, "test-archive-compact").inputs as unknown as Pods;
    assert.deepEqual(compact.spec.template.spec.containers[0].args, [
      "compact",
      "--wait",
      "--data-dir=/data",
      "--objstore.config-file=/etc/thanos/config/objstore.yaml",
      "--retention.resolution-raw=400d",
      "--retention.resolution-5m=400d",
      "--retention.resolution-1h=400d",
      "--log.format=json",
    ]);
  });

  it("answers for bucket and disk in one, and for two copies as for one", async () => {
    const { resources, result } = await run(bucketAt("s3://objects"), { stack: careful });
    assert.equal(result.url, "http://thanos-query.agents-production-monitoring.svc:10902");
    const query = only(resources, DEPLOYMENT).inputs as unknown as Pods;
    assert.deepEqual(query.spec.template.spec.containers[0].args, [
      "query",
      "--endpoint.sd-config-file=/etc/thanos/endpoints/endpoints.yaml",
      "--query.replica-label=prometheus_replica",
      "--query.auto-downsampling",
      "--log.format=json",
    ]);
    const { data } = only(resources, "kubernetes:core/v1:ConfigMap").inputs as { data: Record<string, string> };
    assert.deepEqual(JSON.parse(data["endpoints.yaml"] ?? ""), {
      endpoints: ["prometheus-sidecars", "thanos-store"].map((service) => ({
        address: `dns+${service}.agents-production-monitoring.svc:10901`,
      })),
    });
  });

  it("has two of what answers in production, and one compactor for ever", async () => {
    const { resources } = await run(bucketAt("s3://objects"), { stack: careful });
    const replicas = [...all(resources, SET), ...all(resources, DEPLOYMENT)].map(({ name, inputs }) => [
      name,
      (inputs as unknown as Pods).spec.replicas,
    ]);
    assert.deepEqual(replicas, [
      ["test-archive-store", 2],
      ["test-archive-compact", 1],
      ["test-archive-query", 2],
    ]);
    assert.deepEqual(
      all(resources, "kubernetes:policy/v1:PodDisruptionBudget").map(({ name }) => name),
      ["test-archive-store", "test-archive-query"],
    );
  });

  it("holds its pods to the restricted standard", async () => {
    const { resources } = await run(bucketAt("s3://objects"));
    for (const { inputs } of [...all(resources, SET), ...all(resources, DEPLOYMENT)]) {
      const pod = (inputs as unknown as Pods).spec.template.spec;
      assert.deepEqual(pod.containers[0].securityContext, {
        allowPrivilegeEscalation: false,
        privileged: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.equal((pod.securityContext as { runAsNonRoot: boolean }).runAsNonRoot, true);
    }
  });

  it("finds the bucket of each cloud, as the pod's identity", () => {
    assert.deepEqual(where("s3://objects"), {
      type: "S3",
      config: {
        bucket: "objects",
        endpoint: "s3.eu-west-1.amazonaws.com",
        region: "eu-west-1",
        aws_sdk_auth: true,
      },
      prefix: "metrics",
    });
    assert.deepEqual(where("gs://objects"), { type: "GCS", config: { bucket: "objects" }, prefix: "metrics" });
    assert.deepEqual(where("azblob://account/container"), {
      type: "AZURE",
      config: { storage_account: "account", container: "container" },
      prefix: "metrics",
    });
    assert.throws(() => where("ftp://objects"), { message: "no archive is known for ftp://objects" });
  });

  it("opens a store that only speaks S3 by keys, which the configuration gets from the secret store", async () => {
    const bucket = bucketAt("s3://objects", entry("keys"), "http://objects.tools.svc:9000");
    const { resources, result } = await run(bucket);
    assert.deepEqual(result.entries, ["keys"]);
    assert.deepEqual(
      Object.values(result.identities).map(({ buckets }) => buckets),
      [{}, {}],
    );
    assert.deepEqual(
      all(resources, SECRET).filter(({ name }) => name.includes("archive")),
      [],
    );
    const { spec } = only(resources, EXTERNAL).inputs as {
      spec: { data: object; target: { template: { data: Record<string, string> } } };
    };
    assert.deepEqual(JSON.parse(spec.target.template.data["objstore.yaml"] ?? ""), {
      type: "S3",
      config: {
        bucket: "objects",
        endpoint: "objects.tools.svc:9000",
        region: "eu-west-1",
        insecure: true,
        access_key: "{{ .id }}",
        secret_key: "{{ .key }}",
      },
      prefix: "metrics",
    });
    assert.deepEqual(spec.data, [
      { secretKey: "id", remoteRef: { key: "keys", property: "accessKeyId" } },
      { secretKey: "key", remoteRef: { key: "keys", property: "secretAccessKey" } },
    ]);
  });

  it("calls the bucket, and what gives an identity its credentials", async () => {
    const { result } = await deploy(() => {
      const { scene } = staged(settings);
      const cluster = { ...scene.cluster, credentialEndpoint: [{ cidr: "169.254.170.23/32", ports: [80] }] };
      return {
        identity: archiveReaches(bucketAt("s3://objects"), { cluster }),
        keys: archiveReaches(bucketAt("s3://objects", entry("keys"), "http://objects.tools.svc:9000"), { cluster }),
      };
    });
    const ports = (reaches: typeof result.keys) => Promise.all(reaches.map(({ port }) => valueOf(port)));
    assert.deepEqual([await ports(result.identity), await ports(result.keys)], [[443, 80], [9000]]);
  });

  it("is not there unless the stack asks for it", async () => {
    const { result } = await deploy(() => {
      const { scene, parent } = staged(settingsOf({ ...awsStack }));
      return createArchive("test-archive", scene, parent);
    });
    assert.equal(result, undefined);
  });
});
