import { ServiceAccount } from "@pulumi/kubernetes/core/v1/serviceAccount.js";
import { ClusterRole } from "@pulumi/kubernetes/rbac/v1/clusterRole.js";
import { ClusterRoleBinding } from "@pulumi/kubernetes/rbac/v1/clusterRoleBinding.js";
import { Role } from "@pulumi/kubernetes/rbac/v1/role.js";
import { RoleBinding } from "@pulumi/kubernetes/rbac/v1/roleBinding.js";
import type * as pulumi from "@pulumi/pulumi";
import type { Cluster, Identity } from "../../../providers/contract.js";
import { inside } from "../../inside.js";
import { ANYWHERE, type Labels, type Policy, type podsIn, type Reach, tcp } from "../../peers.js";
import { HTTP_PORT } from "./config.js";

type Input<T> = pulumi.Input<T>;

/** Who the pods of one part are, and what they may ask of the API server. */
export interface Account {
  /** The service account's name; the role's has the stack's in front, where it is the cluster's. */
  readonly account: string;
  readonly namespace: Input<string>;
  readonly prefix: string;
  readonly rules: { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }[];
  /** Where; in the whole cluster where nothing is said. */
  readonly within: readonly Input<string>[];
  readonly identity: Pick<Identity, "serviceAccountAnnotations">;
}

export function createAccount(
  name: string,
  { account, namespace, prefix, rules, within, identity }: Account,
  cluster: Cluster,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
  const opts = inside(cluster, parent);
  const made = new ServiceAccount(
    name,
    {
      metadata: { name: account, namespace, annotations: { ...identity.serviceAccountAnnotations } },
      automountServiceAccountToken: false,
    },
    opts,
  );
  const subjects = [{ kind: "ServiceAccount", name: account, namespace }];
  const apiGroup = "rbac.authorization.k8s.io";
  if (within.length === 0) {
    const role = `${prefix}-${account}`;
    return [
      made,
      new ClusterRole(name, { metadata: { name: role }, rules }, opts),
      new ClusterRoleBinding(
        name,
        { metadata: { name: role }, roleRef: { apiGroup, kind: "ClusterRole", name: role }, subjects },
        opts,
      ),
    ];
  }
  return [
    made,
    ...within.flatMap((where, index) => [
      new Role(`${name}-${index}`, { metadata: { name: account, namespace: where }, rules }, opts),
      new RoleBinding(
        `${name}-${index}`,
        {
          metadata: { name: account, namespace: where },
          roleRef: { apiGroup, kind: "Role", name: account },
          subjects,
        },
        opts,
      ),
    ]),
  ];
}

export interface Callers {
  readonly name: string;
  readonly namespace: Input<string>;
  readonly labels: Labels;
  /** Who reads its own metrics. */
  readonly readers: readonly ReturnType<typeof podsIn>[];
  /** Where lines go, and where credentials come from. */
  readonly reaches: readonly Reach[];
}

/** The API server's address no policy knows; that of a log service neither. */
const API_SERVER: readonly Reach[] = [443, 6443].map((port) => ({ to: [{ ipBlock: ANYWHERE }], port }));

export const renderFluentBitPolicy = ({ name, namespace, labels, readers, reaches }: Callers): Policy => ({
  metadata: { name, namespace },
  spec: {
    podSelector: { matchLabels: { ...labels } },
    policyTypes: ["Ingress", "Egress"],
    ingress: readers.length === 0 ? [] : [{ from: [...readers], ports: tcp(HTTP_PORT) }],
    egress: [...API_SERVER, ...reaches].map(({ to, port }) => ({ to, ports: tcp(port) })),
  },
});
