import type { Pod } from "kubernetes-types/core/v1.js";
import type { EndpointSlice } from "kubernetes-types/discovery/v1.js";
import type { Manifest } from "../../engine/cluster/api.js";
import { type ClusterStack, namespaces } from "./stack.js";
import { until } from "./until.js";

export type LivePod = Pod & Manifest;

/** What each part's pods are found by. */
const parts = {
  api: { namespace: namespaces.services, selector: "app.kubernetes.io/name=api,app.kubernetes.io/component=serve" },
  model: { namespace: namespaces.services, selector: "app.kubernetes.io/name=model" },
  database: { namespace: namespaces.data, selector: "cnpg.io/podRole=instance" },
  cache: { namespace: namespaces.data, selector: "app.kubernetes.io/name=valkey" },
} as const;
export type Part = keyof typeof parts;
export const partNames = Object.keys(parts) as readonly Part[];

export const podName = ({ metadata }: Manifest): string => metadata?.name ?? "";
export const podPath = ({ metadata }: Manifest): string =>
  `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;

/** Those that are meant to stay: what is told to go is left out, ready or not. */
export async function podsOf(stack: ClusterStack, part: Part): Promise<readonly LivePod[]> {
  const { namespace, selector } = parts[part];
  const pods = await stack.list<LivePod>(
    `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(selector)}`,
  );
  return pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
}

export const isReady = ({ status }: LivePod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

/** All that a part wants, and at least one: for who polls. */
export async function readyPodsOf(stack: ClusterStack, part: Part): Promise<readonly LivePod[] | undefined> {
  const pods = await podsOf(stack, part);
  return pods.length > 0 && pods.every(isReady) ? pods : undefined;
}

/** The service's, as many as its settings want at least: after the first `up` its autoscaler brings the second one. */
export const servicePods = (stack: ClusterStack): Promise<readonly LivePod[]> =>
  until("two ready pods of the service", async () => {
    const pods = await readyPodsOf(stack, "api");
    return pods === undefined || pods.length < 2 ? undefined : pods;
  });

export const uidsOf = (pods: readonly Manifest[]): ReadonlySet<string> =>
  new Set(pods.map(({ metadata }) => metadata?.uid ?? ""));

/** The pods that a Service sends calls to. */
export async function servingPods(stack: ClusterStack, service: string): Promise<ReadonlySet<string>> {
  const slices = await stack.list<EndpointSlice & Manifest>(
    `/apis/discovery.k8s.io/v1/namespaces/${namespaces.services}/endpointslices?labelSelector=kubernetes.io/service-name%3D${service}`,
  );
  const endpoints = slices.flatMap(({ endpoints }) => endpoints ?? []);
  return new Set(
    endpoints.filter(({ conditions }) => conditions?.ready === true).map(({ targetRef }) => targetRef?.name ?? ""),
  );
}

/** As `kubectl drain` does: with the pod's own grace, and refused where a budget does not allow it. */
export const evict = (stack: ClusterStack, pod: Manifest): Promise<void> =>
  stack.api.create(`${podPath(pod)}/eviction`, {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: pod.metadata?.name, namespace: pod.metadata?.namespace },
  });

/** No pod comes to any node while the work is done. */
export async function whileCordoned(stack: ClusterStack, work: () => Promise<void>): Promise<void> {
  const nodes = await stack.list<Manifest>("/api/v1/nodes");
  const mark = (unschedulable: boolean) =>
    Promise.all(
      nodes.map(({ metadata }) => stack.api.merge(`/api/v1/nodes/${metadata?.name}`, { spec: { unschedulable } })),
    );
  await mark(true);
  try {
    await work();
  } finally {
    await mark(false);
  }
}
