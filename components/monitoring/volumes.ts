import { PersistentVolumeClaim } from "@pulumi/kubernetes/core/v1/persistentVolumeClaim.js";
import type * as pulumi from "@pulumi/pulumi";
import { inside } from "../inside.js";
import type { MonitoringScene } from "./scene.js";

/** The volume of each pod of a StatefulSet, as its template calls it. */
export const VOLUME = "data";

export interface Volumes {
  /** The StatefulSet's name. */
  readonly set: string;
  readonly count: number;
  /** GiB, each. */
  readonly size: number;
  /** Whether what is on them cannot be had again. */
  readonly precious: boolean;
}

/**
 * Claims of our own, by the names that a StatefulSet gives to its pods' claims: they grow in place, where those of the
 * set's template stay as small as they were, and they go with the stack.
 */
export const createVolumes = (
  { set, count, size, precious }: Volumes,
  { settings, cluster, namespace }: Pick<MonitoringScene, "settings" | "cluster" | "namespace">,
  parent: pulumi.Resource,
): readonly PersistentVolumeClaim[] =>
  Array.from({ length: count }, (_, ordinal) => {
    const name = `${VOLUME}-${set}-${ordinal}`;
    return new PersistentVolumeClaim(
      name,
      {
        // It is bound when its pod comes.
        metadata: { name, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: renderClaim(size, cluster.storageClasses.ssd),
      },
      { ...inside(cluster, parent), protect: precious && settings.deletionProtection },
    );
  });

export const renderClaim = (size: number, storageClassName: pulumi.Input<string> | undefined) => ({
  accessModes: ["ReadWriteOnce"],
  resources: { requests: { storage: `${size}Gi` } },
  ...(storageClassName === undefined ? {} : { storageClassName }),
});
