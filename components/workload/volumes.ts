import type * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceSettings } from "../../config/service-schema.js";
import { metadataOf } from "./manifests.js";
import { GIB, volumeName, type WorkloadSpec } from "./pod.js";

/** A disk that outlives the pods of a service; one pod's at a time. */
export const renderVolume = (
  spec: WorkloadSpec,
  key: string,
  { size, storageClass }: ServiceSettings["volumes"][string],
  ssd: pulumi.Input<string> | undefined,
): kubernetes.types.input.core.v1.PersistentVolumeClaim => {
  const wanted = storageClass ?? ssd;
  return {
    // It is bound when the first pod wants it, and the pod comes after it.
    metadata: { ...metadataOf(spec, volumeName(spec.service, key)), annotations: { "pulumi.com/skipAwait": "true" } },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(wanted === undefined ? {} : { storageClassName: wanted }),
      resources: { requests: { storage: GIB(size) } },
    },
  };
};
