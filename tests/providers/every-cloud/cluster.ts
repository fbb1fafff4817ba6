import assert from "node:assert/strict";
import type { ClusterSettings } from "../../../config/schema.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedCall, RecordedResource, Recording } from "../../../plan/record.js";
import type { Cluster } from "../../../providers/contract.js";
import { inventory, isSecret, only, otherStack, type Stubs, valueOf } from "../../support/deploy.js";
import { type Rows, sorted } from "../../support/rows.js";

export const PROVIDER = "pulumi:providers:kubernetes";
export const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";

/** What changes in a Secret or ConfigMap is changed: by default the provider would delete it first. */
export const inPlace = { enableConfigMapMutable: "true", enableSecretMutable: "true" };

export const pool = {
  cpu: 4,
  memory: 16,
  arch: "arm64",
  gpu: 0,
  spot: false,
  min: 1,
  max: 5,
  disk: 50,
  labels: { role: "apps" },
  taints: [],
} as const;

export const waitsFor = (resource: RecordedResource, urns: readonly string[]) =>
  assert.deepEqual(
    urns.filter((urn) => !resource.dependsOn.includes(urn)),
    [],
  );

/** Only what makes volumes, and of what kind, is the cloud's own. */
export function assertStorageClass(
  resources: readonly RecordedResource[],
  cluster: string,
  made: { readonly name: string; readonly provisioner: string; readonly parameters: Readonly<Record<string, string>> },
): void {
  const { name, provisioner, parameters } = made;
  const storage = only(resources, CLASS);
  assert.deepEqual(storage.inputs, {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner,
    parameters,
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    reclaimPolicy: "Delete",
  });
  assert.equal(storage.deletedWith, only(resources, cluster).urn);
  assert.equal(storage.provider, only(resources, PROVIDER).urn);
}

export interface Existing {
  /** The cluster of a stack; of these settings, where they are said. */
  readonly clusterOf: (said: Tree, stubs?: Stubs, settings?: ClusterSettings) => Promise<Recording<Cluster>>;
  readonly name: string;
  /** All that is there of it in the stack. */
  readonly reads: Rows;
  /** How it is asked for, among calls that begin with this. */
  readonly asked: { readonly prefix: string; readonly calls: readonly RecordedCall[] };
  readonly server: string;
  readonly credentialEndpoint: Cluster["credentialEndpoint"];
}

/** What is the same of clusters that exist where their name is their id. */
export function takesExisting(existing: Existing): void {
  const { clusterOf, name, reads, asked, server, credentialEndpoint } = existing;
  const theirs = { mode: "existing", id: "theirs" } as const;
  const asking = (calls: readonly RecordedCall[]) => calls.filter(({ token }) => token.startsWith(asked.prefix));

  it("an existing cluster is only read", async () => {
    const { resources, calls } = await clusterOf({ cluster: theirs });
    assert.deepEqual(inventory(resources), reads);
    assert.deepEqual(asking(calls), asked.calls);
  });

  it("it stays when the stack goes, and keeps what it has", async () => {
    const { result } = await clusterOf({ cluster: theirs });
    assert.equal(await valueOf(result.name), "theirs");
    assert.equal(result.deletedWith, undefined);
    assert.deepEqual(result.ready, []);
    assert.deepEqual(result.provides, {
      metricsServer: true,
      nodeAutoscaling: true,
      nodeCertificates: true,
      loadBalancers: true,
    });
    assert.deepEqual(result.credentialEndpoint, credentialEndpoint);
    assert.equal(result.storageClasses.ssd, undefined);
    assert.equal(await valueOf(result.puller), "");
  });

  it("its kubeconfig is made from what was read, secret", async () => {
    const { resources, result } = await clusterOf({ cluster: { ...theirs, storageClass: "fast" } });
    assert.equal(await isSecret(result.kubeconfig), true);
    const { clusters, users } = JSON.parse(await valueOf(result.kubeconfig));
    assert.deepEqual(clusters, [{ name: "theirs", cluster: { server, "certificate-authority-data": "RVg=" } }]);
    assert.deepEqual(Object.keys(users[0].user), ["exec"]);
    const { inputs, secretInputs } = only(resources, PROVIDER);
    assert.deepEqual(secretInputs, ["kubeconfig"]);
    assert.equal(inputs["clusterIdentifier"], server);
    assert.equal("deleteUnreachable" in inputs, false);
    assert.deepEqual(inputs, { ...inputs, ...inPlace });
    assert.equal(await valueOf(result.storageClasses.ssd ?? ""), "fast");
  });

  it("a kubeconfig of one's own is used where it lies and not handed out", async () => {
    const cluster = { ...theirs, kubeconfig: "/home/me/.kube/config", context: "admin@theirs" };
    const { resources, result, calls } = await clusterOf({ cluster });
    assert.deepEqual(only(resources, PROVIDER).inputs, {
      kubeconfig: "/home/me/.kube/config",
      context: "admin@theirs",
      ...inPlace,
    });
    assert.deepEqual(asking(calls), []);
    assert.equal(await valueOf(result.kubeconfig), "");
    assert.equal(await valueOf(result.name), "theirs");
  });

  it("another stack says which cluster", async () => {
    const { resources, result } = await clusterOf(
      { cluster: { mode: "existing", fromStack: "base" } },
      otherStack({ cluster: { id: "of-base" } }),
    );
    assert.equal(await valueOf(result.name), "of-base");
    assert.deepEqual(
      inventory(resources),
      sorted([...reads, ["pulumi:pulumi:StackReference", `${name}-from-acme-agent-platform-base`]]),
    );
  });

  it("a preview of an existing cluster shows the same", async () => {
    const { resources } = await clusterOf({ cluster: theirs }, { preview: true });
    assert.deepEqual(inventory(resources), reads);
  });

  it("an existing cluster must say which", async () => {
    await assert.rejects(clusterOf({ cluster: theirs }, {}, { mode: "existing" }), {
      message: `${name}: neither cluster.id nor fromStack is said`,
    });
  });
}
