import assert from "node:assert/strict";
import type { ComponentResource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { PodIdentity } from "../../../components/addons/pod-identity.js";
import type { Settings } from "../../../config/settings.js";
import type { Tree } from "../../../config/walk.js";
import type { RecordedResource } from "../../../plan/record.js";
import type { Cluster, ServiceAccountName } from "../../../providers/contract.js";
import { deploy, inventory, only } from "../../support/deploy.js";
import { ground, madeCluster } from "../../support/inside.js";
import { type Rows, sorted } from "../../support/rows.js";
import { settingsOf } from "../../support/settings.js";

export const RELEASE = "kubernetes:helm.sh/v3:Release";
const NAMESPACE = "kubernetes:core/v1:Namespace";
const RANDOM_ID = "random:index/randomId:RandomId";

export interface AddonGround {
  readonly stack: Settings;
  readonly cluster: Cluster;
  readonly parent: ComponentResource;
}
type Make = (ground: AddonGround) => void;
type Values = Readonly<Record<string, unknown>>;

interface Addon {
  /** Makes it in the cluster, and what it waits for. */
  readonly make: Make;
  /** Its component, whose name its release has too. */
  readonly component: readonly [type: string, name: string];
  readonly namespace: string;
  /** What it makes beside its namespace and its release. */
  readonly beside?: Rows;
  /** What its release says of the chart. */
  readonly release: {
    readonly name: string;
    readonly chart: string;
    readonly repositoryOpts?: { readonly repo: string };
    readonly version: string;
  };
  /** What is said of its values, and all of them. */
  readonly pinned: readonly [title: string, values: object];
  readonly inProduction: readonly [title: string, values: object];
}

/** What holds for every add-on, then what is particular to this one. */
export function describeAddon(title: string, addon: Addon, particular: () => void = () => undefined): void {
  const { make, component, namespace, beside = [], release, pinned, inProduction } = addon;
  describe(title, () => {
    it("is one release in a namespace of its own, in a preview too", async () => {
      const own: Rows = [component, [NAMESPACE, namespace], [RELEASE, component[1]], ...beside];
      const expected = sorted([...around, ...own]);
      for (const preview of [false, true])
        assert.deepEqual(inventory((await runAddon(make, {}, { preview })).resources), expected);
    });

    it(pinned[0], async () => {
      const { inputs, customTimeouts } = releaseIn((await runAddon(make, {}, { own: true })).resources);
      assert.deepEqual(inputs, { ...always, ...release, namespace, values: pinned[1] });
      assert.deepEqual(customTimeouts, { create: "15m", update: "15m", delete: "15m" });
    });

    it(inProduction[0], async () => {
      assert.deepEqual(
        await valuesOn(make, { environment: "production", monitoring: { mode: "none" } }, { own: true }),
        inProduction[1],
      );
    });

    it("comes from the mirror of charts", async () => {
      const mirror = { charts: "oci://registry.example.com/charts" };
      const { inputs } = releaseIn((await runAddon(make, { mirror })).resources);
      assert.equal(inputs["chart"], `${mirror.charts}/${release.name}`);
      assert.equal(inputs["repositoryOpts"], undefined);
    });

    it("runs restricted, after the cluster's nodes, and goes with the cluster", async () => {
      const { resources } = await runAddon(make, {}, { own: true });
      const cluster = only(resources, RANDOM_ID, "made-cluster").urn;
      const { dependsOn, deletedWith, provider, inputs } = releaseIn(resources);
      assert.ok(dependsOn.includes(cluster));
      assert.equal(deletedWith, cluster);
      assert.match(provider ?? "", /::made-kubernetes$/);
      assert.equal(inputs["namespace"], namespace);
      const { metadata } = only(resources, NAMESPACE, namespace).inputs as {
        metadata: { labels: Readonly<Record<string, string>> };
      };
      assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    });

    particular();
  });
}

/** An add-on on a cluster that is there already or, where `own`, on one that the platform makes. */
export const runAddon = (
  make: Make,
  said: Tree = {},
  { own = false, preview = false }: { readonly own?: boolean; readonly preview?: boolean } = {},
) =>
  deploy(
    () => {
      const stack = settingsOf({ cloud: "local", ...said });
      const { cluster, parent } = ground(stack);
      make({ stack, cluster: own ? madeCluster(parent) : cluster, parent });
    },
    { preview },
  );

/** What an add-on stands on. */
const around: Rows = [
  ["agent-platform:local:Cluster", "platform"],
  ["agent-platform:local:SecretStore", "platform"],
  [NAMESPACE, "agents-development-secrets"],
  ["pulumi:providers:kubernetes", "platform-kubernetes"],
  ["pulumi:providers:random", "random"],
  ["test:index:Platform", "platform"],
];

/** What every release says beside its chart, namespace and values. */
const always = {
  compat: "true",
  atomic: true,
  cleanupOnFail: true,
  skipAwait: false,
  timeout: 600,
  maxHistory: 5,
} as const;

export const releaseIn = (resources: readonly RecordedResource[]) => only(resources, RELEASE);

export const valuesIn = (resources: readonly RecordedResource[]) => releaseIn(resources).inputs["values"] as Values;

export const valuesOn = async (...run: Parameters<typeof runAddon>) => valuesIn((await runAddon(...run)).resources);

/** What stands for a thing that an add-on waits for. */
export const standIn = (name: string, { parent }: AddonGround) =>
  new random.RandomId(name, { byteLength: 4 }, { parent });

/** The release comes after that stand-in. */
export const assertAfter = (resources: readonly RecordedResource[], name: string): void =>
  assert.ok(releaseIn(resources).dependsOn.includes(only(resources, RANDOM_ID, name).urn));

/** The account that the identity is made for, and its pods, carry the identity's marks; the release waits for it. */
export async function assertActsBy(
  as: (identity: PodIdentity) => Make,
  { namespace, name }: ServiceAccountName,
  accountIn: (values: Values) => unknown = ({ serviceAccount }) => serviceAccount,
): Promise<void> {
  const annotations = { "example.com/role": "theirs" };
  const podLabels = { "example.com/use": "true" };
  const { resources } = await runAddon((ground) =>
    as({ serviceAccountAnnotations: annotations, podLabels, ready: [standIn("association", ground)] })(ground),
  );
  const values = valuesIn(resources);
  assert.deepEqual(accountIn(values), { create: true, name, annotations });
  assert.deepEqual(values["podLabels"], podLabels);
  assert.equal(releaseIn(resources).inputs["namespace"], namespace);
  assertAfter(resources, "association");
}

/** What a pod is to be given, as charts take it. */
export const resourcesOf = (cpu: string, memory: string) => ({
  requests: { cpu, memory, "ephemeral-storage": "128Mi" },
  limits: { memory, "ephemeral-storage": "128Mi" },
});
