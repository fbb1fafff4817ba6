import type { Api } from "../../engine/cluster/api.js";

export interface NodeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The kinds that the node's own objects are of, as the API server's paths have them. */
const plurals: Readonly<Record<string, string>> = {
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ConfigMap: "configmaps",
  Deployment: "deployments",
  Namespace: "namespaces",
  Role: "roles",
  RoleBinding: "rolebindings",
  Service: "services",
  ServiceAccount: "serviceaccounts",
  StorageClass: "storageclasses",
};

export async function create(api: Api, objects: readonly NodeObject[]): Promise<void> {
  for (const object of objects) await api.create(pathOf(object), object);
}

function pathOf({ apiVersion, kind, metadata: { namespace } }: NodeObject): string {
  const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${group}${within}/${plurals[kind]}`;
}

/** An account that may do what the rules say, everywhere. */
export function account(name: string, namespace: string, rules: readonly object[]): readonly NodeObject[] {
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      ...bind(name, namespace),
    },
  ];
}

/** One pod, by the labels that it is found by. */
export const deployment = (name: string, namespace: string, labels: object, pod: object): NodeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: pod },
  },
});

const bind = (name: string, namespace: string): object => ({
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
  subjects: [{ kind: "ServiceAccount", name, namespace }],
});
