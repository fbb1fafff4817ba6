import type { Node, PersistentVolume, PersistentVolumeClaim } from "kubernetes-types/core/v1.js";
import type { StorageClass } from "kubernetes-types/storage/v1.js";
import { minutes } from "./minutes.js";
import type { Role, World } from "./stage.js";

const VOLUMES = "/api/v1/persistentvolumes";
const ZONE = "topology.kubernetes.io/zone";
/** A controller writes it once a volume is to be made: after the pod has a node, where the class wants it so. */
const PROVISIONER = "volume.kubernetes.io/storage-provisioner";

/** What a storage driver does for a claim. It is a controller that binds the two. */
export const claimRole: Role<PersistentVolumeClaim> = {
  path: "/api/v1/persistentvolumeclaims",
  next: (claim, world) => {
    const { metadata, spec, status } = claim;
    const asked = spec?.resources?.requests?.["storage"];
    if (metadata?.annotations?.[PROVISIONER] === undefined || metadata.deletionTimestamp !== undefined)
      return undefined;
    if (spec?.volumeName === undefined)
      return { name: "provision", minutes: minutes.volume, run: () => provision(claim, world) };
    if (status?.phase === "Bound" && status.capacity?.["storage"] !== asked)
      return { name: "expand", minutes: minutes.volume, run: () => expand(claim, world) };
    return undefined;
  },
};

export const volumeRole: Role<PersistentVolume> = {
  path: VOLUMES,
  next: ({ metadata, spec, status }, { api }) =>
    status?.phase === "Released" &&
    spec?.persistentVolumeReclaimPolicy === "Delete" &&
    metadata?.deletionTimestamp === undefined
      ? { name: "delete", minutes: minutes.volume, run: () => api.remove(`${VOLUMES}/${metadata?.name}`) }
      : undefined,
};

async function provision({ metadata, spec }: PersistentVolumeClaim, { api }: World): Promise<void> {
  const { name = "", namespace = "", uid = "", annotations = {} } = metadata ?? {};
  const type = await api.get<StorageClass>(`/apis/storage.k8s.io/v1/storageclasses/${spec?.storageClassName}`);
  const node = await api.get<Node>(`/api/v1/nodes/${annotations["volume.kubernetes.io/selected-node"]}`);
  const zone = node?.metadata?.labels?.[ZONE];
  await api.create(VOLUMES, {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `pvc-${uid}`, annotations: { "pv.kubernetes.io/provisioned-by": type?.provisioner } },
    spec: {
      capacity: { storage: spec?.resources?.requests?.["storage"] },
      accessModes: spec?.accessModes,
      volumeMode: spec?.volumeMode,
      storageClassName: spec?.storageClassName,
      persistentVolumeReclaimPolicy: type?.reclaimPolicy ?? "Delete",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace, uid },
      csi: { driver: "disk.played.example.com", volumeHandle: uid },
      // A disk is in one zone.
      ...(zone === undefined
        ? {}
        : {
            nodeAffinity: {
              required: {
                nodeSelectorTerms: [{ matchExpressions: [{ key: ZONE, operator: "In", values: [zone] }] }],
              },
            },
          }),
    },
  });
}

async function expand({ metadata, spec }: PersistentVolumeClaim, { api }: World): Promise<void> {
  const capacity = { storage: spec?.resources?.requests?.["storage"] };
  await api.merge(`${VOLUMES}/${spec?.volumeName}`, { spec: { capacity } });
  await api.merge(`/api/v1/namespaces/${metadata?.namespace}/persistentvolumeclaims/${metadata?.name}/status`, {
    status: { capacity },
  });
}
