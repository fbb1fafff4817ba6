import { Release } from "@pulumi/kubernetes/helm/v3/release.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings.js";
import { type Chart, charts } from "../../config/versions.js";
import type { Cluster } from "../../providers/contract.js";
import { inside } from "../inside.js";
import { createNamespace } from "../namespace.js";

export type ChartName = keyof typeof charts;

export interface ReleaseArgs {
  readonly stack: Pick<Settings, "mirror">;
  readonly cluster: Cluster;
  readonly chart: ChartName;
  /** By its name where it is the release's own: it is made, and goes with it. Otherwise what made it says it. */
  readonly namespace: string | pulumi.Output<string>;
  /** Only keys that `charts/<chart>.json` lists: Helm passes over a key that the chart does not know. */
  readonly values: pulumi.Inputs;
  /** What must be there first, beside nodes: the pods' identity, definitions. @default nothing */
  readonly after?: readonly pulumi.Resource[];
}

const TIMEOUT_SECONDS = 600;
/** Longer than Helm's own, so that Helm's error is the one that is seen. */
const PULUMI_TIMEOUT = "15m";

/**
 * A third-party chart as a real Helm release, since only Helm runs a chart's hooks. It is done when everything in it
 * is ready, webhooks included, so what depends on it may use its custom resources. A failed install leaves nothing
 * behind and a failed upgrade goes back to what worked: the next `up` begins from a known state.
 */
export const createRelease = (
  name: string,
  { stack, cluster, chart, namespace, values, after = [] }: ReleaseArgs,
  parent: pulumi.Resource,
): Release =>
  new Release(
    name,
    {
      name: chart,
      namespace: typeof namespace === "string" ? createNamespace(namespace, cluster, parent).metadata.name : namespace,
      version: charts[chart].version,
      ...locate(charts[chart], stack.mirror.charts),
      values,
      atomic: true,
      cleanupOnFail: true,
      skipAwait: false,
      timeout: TIMEOUT_SECONDS,
      maxHistory: 5,
    },
    {
      ...inside(cluster, parent),
      // Its pods run only once nodes and the network's add-ons are there, which no value of it tells.
      dependsOn: [...cluster.ready, ...after],
      customTimeouts: { create: PULUMI_TIMEOUT, update: PULUMI_TIMEOUT, delete: PULUMI_TIMEOUT },
    },
  );

export interface Location {
  readonly chart: string;
  readonly repositoryOpts?: { readonly repo: string };
}

const isOci = (address: string): boolean => address.startsWith("oci://");

/** Helm wants an OCI chart by its whole address and any other by its name and its repository. */
export function locate({ chart, repository }: Chart, mirror: string | undefined): Location {
  const from = mirror ?? repository;
  if (from === undefined) return { chart };
  const name = chart.slice(chart.lastIndexOf("/") + 1);
  return isOci(from) ? { chart: `${from}/${name}` } : { chart: name, repositoryOpts: { repo: from } };
}
