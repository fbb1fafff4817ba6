import type { Props } from "../serve.js";
import type { Path } from "./drift.js";

export interface Mutability {
  readonly enableConfigMapMutable: boolean;
  readonly enableSecretMutable: boolean;
}

const selector = ["spec.selector"];
const statefulSet = [
  "spec.podManagementPolicy",
  "spec.revisionHistoryLimit",
  "spec.selector",
  "spec.serviceName",
  "spec.volumeClaimTemplates",
];
const volumes =
  "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume";
const pod =
  "affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID hostname imagePullSecrets initContainers nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace subdomain terminationGracePeriodSeconds volumes";
const inSpec = (fields: string): readonly string[] => fields.split(" ").map((field) => `spec.${field}`);

/** The real provider's own list: what of a kind takes a new object. It is shorter than what the API server refuses. */
const fields: Readonly<Record<string, readonly string[]>> = {
  "apps/v1/DaemonSet": selector,
  "apps/v1/Deployment": selector,
  "apps/v1/StatefulSet": statefulSet,
  "batch/v1/Job": ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"],
  "rbac.authorization.k8s.io/v1/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/v1/RoleBinding": ["roleRef"],
  "storage.k8s.io/v1/StorageClass": ["parameters", "provisioner"],
  "v1/PersistentVolume": inSpec(volumes),
  "v1/PersistentVolumeClaim": inSpec("accessModes selector storageClassName volumeName"),
  "v1/Pod": inSpec(pod),
  "v1/ResourceQuota": ["spec.scopes"],
  "v1/Secret": ["type"],
  "v1/Service": ["spec.clusterIP"],
};

const identity = ["apiVersion", "kind", "metadata.name", "metadata.namespace"];

/** Their content counts as immutable unless the provider is told otherwise. */
const content = ({ immutable }: Props, settings: Mutability): Readonly<Record<string, readonly string[]>> => ({
  "v1/ConfigMap": settings.enableConfigMapMutable && immutable !== true ? [] : ["binaryData", "data"],
  "v1/Secret": settings.enableSecretMutable && immutable !== true ? [] : ["stringData", "data"],
});

/** Those of the changes that take a new object. */
export function replacing(changed: readonly Path[], object: Props, settings: Mutability): readonly Path[] {
  const kind = `${object["apiVersion"]}/${object["kind"]}`;
  const all = [...identity, ...(fields[kind] ?? []), ...(content(object, settings)[kind] ?? [])];
  return changed.filter((path) => all.some((field) => field.split(".").every((key, index) => path[index] === key)));
}
