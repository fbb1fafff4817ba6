import type * as kubernetes from "@pulumi/kubernetes";
import { metadataOf } from "./manifests.js";
import type { WorkloadSpec } from "./pod.js";

/** What pods of a service may do with objects of their namespace: exactly what the settings say. */

export const renderRole = (spec: WorkloadSpec): kubernetes.types.input.rbac.v1.Role => ({
  metadata: metadataOf(spec),
  rules: spec.settings.permissions.map(({ groups, resources, names, verbs }) => ({
    apiGroups: [...groups],
    resources: [...resources],
    ...(names.length === 0 ? {} : { resourceNames: [...names] }),
    verbs: [...verbs],
  })),
});

export const renderRoleBinding = (spec: WorkloadSpec): kubernetes.types.input.rbac.v1.RoleBinding => ({
  metadata: metadataOf(spec),
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: spec.service },
  subjects: [{ kind: "ServiceAccount", name: spec.serviceAccount, namespace: spec.namespace }],
});
